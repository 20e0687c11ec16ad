"""The outbox's way into Slack."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.slack import posting
from bot.chat.slack.blocks import Payload, rendered, with_channel
from bot.chat.slack.charts import with_chart
from bot.chat.slack.clients import Clients
from bot.chat.slack.failures import error_of, translated
from bot.chat.slack.organisers import People
from bot.chat.slack.posting import Mark, Seen
from bot.core.charts import StandingChart
from bot.core.houserules import Rulebook, notes_channel
from bot.core.language import say
from bot.core.messages import Charted
from bot.core.outbox import ANSWER, ORGANISERS, Guard, Post
from bot.errors import Departed, OutcomeUnknown, RateLimited, Refused

log = logging.getLogger(__name__)

SHOWS_WITHIN: Final = 90.0
"""Seconds from the end of a try until its post is in the history. A generous guess: it only delays what is in doubt."""
TRY_SECONDS: Final = 30.0
"""How long after one part of a post a try may still send the next."""

_MEMBER: Final = ("U", "W")
"""How the ids of members begin; those of channels begin with C or G, and of direct messages with one member with D."""
_DIRECT: Final = "D"

_STALE: Final = ("user_disabled", "user_not_found")

ChartOf = Callable[[str, Charted], Awaitable[StandingChart | None]]
"""The figures of a workspace's digest; None where it has none that may be shown."""


Gone = Callable[[str, str], Awaitable[None]]
"""Notes that a workspace has a member no longer."""


class SlackMessenger:
    """A `bot.core.outbox.Messenger`. Slack knows no nonce: a post carries a marker, which is looked for."""

    def __init__(self, clients: Clients, people: People, chart_of: ChartOf, gone: Gone, rulebook: Rulebook) -> None:
        self._clients = clients
        self._people = people
        self._chart_of = chart_of
        self._gone = gone
        self._rulebook = rulebook

    def guard(self, post: Post) -> Guard:
        return Guard(shows_within=SHOWS_WITHIN)

    async def send(self, post: Post) -> str:
        try:
            return await self._send(post)
        except Refused as refusal:
            if post.kind == ANSWER and post.channel.startswith(_DIRECT) and _is_gone(refusal):
                raise Departed(say("That direct message is no longer there.")) from refusal
            raise

    async def _send(self, post: Post) -> str:
        client = await self._clients.of(post.workspace)
        chosen = await self._chosen(post)
        if chosen is not None:
            try:
                return await self._post(client, post, chosen)
            except Refused as refusal:
                log.warning("what is for organisers can't be posted in their channel: %s", refusal.message)
        channel = await self._channel(client, post)
        if post.kind == ANSWER:
            begun = await self._begun(client, post, channel)
            if begun is not None:
                return begun
        return await self._post(client, post, channel)

    async def _post(self, client: AsyncWebClient, post: Post, channel: str) -> str:
        mark = Mark(post.nonce, post.kind)
        payloads = self._payloads(post)
        charted = await self._charted(post, payloads)
        try:
            ts = await posting.post(client, channel, charted, mark, post.thread)
        except Refused:
            if charted is payloads:
                raise
            # A workspace that doesn't know the chart block yet takes the post without it.
            ts = await posting.post(client, channel, payloads, mark, post.thread)
            charted = payloads
        if post.picture is not None and charted is payloads:
            await posting.illustrate(client, channel, post.thread or ts, post.picture, post.message.title or "")
        return ts

    async def find(self, post: Post) -> str | None:
        client = await self._clients.of(post.workspace)
        chosen = await self._chosen(post)
        if chosen is not None:
            with suppress(Refused):  # then nothing could be posted there either
                seen = await posting.found(client, chosen, post.nonce, post.created_at, post.thread)
                if seen is not None:
                    return await self._made_whole(client, post, chosen, seen)
        channel = await self._channel(client, post)
        seen = await posting.found(client, channel, post.nonce, post.created_at, post.thread)
        return None if seen is None else await self._made_whole(client, post, channel, seen)

    async def _chosen(self, post: Post) -> str | None:
        """The channel that organisers chose for what is for them; None where they chose none, and for other posts."""
        return await notes_channel(self._rulebook, post.workspace) if post.kind == ORGANISERS else None

    async def _channel(self, client: AsyncWebClient, post: Post) -> str:
        """Where a post goes: its channel, or a direct message with the organisers, or with one member.

        Raises:
            Departed: the member's account is deactivated.
            MessengerError: it can't be opened.
        """
        if post.kind == ORGANISERS:
            return await self._organisers(client, post)
        if not post.channel.startswith(_MEMBER):
            return post.channel
        try:
            with translated():
                return str((await client.conversations_open(users=post.channel))["channel"]["id"])
        except Departed:
            await self._gone(post.workspace, post.channel)
            raise

    async def _begun(self, client: AsyncWebClient, post: Post, channel: str) -> str | None:
        """What a process that died had begun to write in an answer's place, made the answer; None where there is none.

        Where Slack doesn't say, the answer matters more than what may be left standing of its beginning.
        """
        if post.begun is not None:
            return await self._streamed(client, post, post.begun)
        try:
            seen = await posting.found(client, channel, post.nonce, post.created_at, post.thread)
        except (Refused, OutcomeUnknown) as failure:
            log.info("an answer's beginning could not be looked for: %s", failure.message)
            return None
        try:
            return None if seen is None else await self._made_whole(client, post, channel, seen)
        except Refused:  # it was deleted meanwhile
            return None

    async def _streamed(self, client: AsyncWebClient, post: Post, ts: str) -> str | None:
        """The same of a stream, which has no marker to look for."""
        try:
            with translated():
                await client.chat_stopStream(channel=post.channel, ts=ts)
        except Refused as refusal:  # as when its time was up, or the process that died had ended it
            log.info("a stream that was cut is over: %s", refusal.message)
        try:
            return await self._become(client, post, post.channel, ts)
        except Refused:
            return None

    async def _made_whole(self, client: AsyncWebClient, post: Post, channel: str, seen: Seen) -> str:
        """Finish what a process that died had begun to write, or add what is missing below it.

        Raises:
            RateLimited: what is missing may be on its way; look again after the pause.
        """
        if not seen.whole:
            return await self._become(client, post, channel, seen.ts)
        if seen.parts == 1:
            return seen.ts
        thread = post.thread or seen.ts
        there = await posting.parts_of(client, channel, post.nonce, seen.ts, thread)
        _, *rest = self._payloads(post)
        if len(there) < len(rest) == seen.parts - 1:  # another version may cut it otherwise
            newest = max(map(float, (seen.ts, *there.values())))
            pause = min(newest - time.time(), 0.0) + SHOWS_WITHIN + TRY_SECONDS
            if pause > 0:
                raise RateLimited(pause, say("A part of it is there, and the rest is looked for."))
            await posting.post_rest(client, channel, rest, Mark(post.nonce, post.kind), thread, there)
        return seen.ts

    async def _become(self, client: AsyncWebClient, post: Post, channel: str, ts: str) -> str:
        """Put a post into the place of a message that was being written when its process died."""
        first, *rest = self._payloads(post)
        mark = Mark(post.nonce, post.kind)
        await posting.update(client, channel, ts, first, mark.whole(1 + len(rest)))
        await posting.post_rest(client, channel, rest, mark, post.thread or ts)
        return ts

    def _payloads(self, post: Post) -> list[Payload]:
        payloads = rendered(post.message)
        return with_channel(payloads, post.channel) if post.kind == ORGANISERS else payloads

    async def _charted(self, post: Post, payloads: list[Payload]) -> list[Payload]:
        """The payloads with Slack's own chart in the first; the same object where there is none to draw."""
        if post.message.charted is None:
            return payloads
        try:
            chart = await self._chart_of(post.workspace, post.message.charted)
        except Exception:  # whatever it was: the figures are in the text
            log.exception("a digest's chart could not be made")
            return payloads
        return payloads if chart is None else with_chart(payloads, chart)

    async def _organisers(self, client: AsyncWebClient, post: Post) -> str:
        """A conversation with the organisers of a workspace: a direct message to all of them, up to eight.

        Raises:
            MessengerError: there is nobody, or Slack doesn't say.
        """
        with translated():
            try:
                return await self._opened(client, post.workspace)
            except SlackApiError as failure:
                if error_of(failure) not in _STALE:
                    raise
            self._people.forget(post.workspace)  # one of them left since Slack was asked who they are
            return await self._opened(client, post.workspace)

    async def _opened(self, client: AsyncWebClient, workspace: str) -> str:
        people = await self._people.organisers(client, workspace)
        if not people:
            raise Refused(say("There is no organiser to tell; make somebody an admin, or choose a group."))
        opened = await client.conversations_open(users=",".join(people[:8]))
        return str(opened["channel"]["id"])


def _is_gone(refusal: Refused) -> bool:
    """Whether Slack says that a conversation is not there any longer."""
    cause = refusal.__cause__
    return isinstance(cause, SlackApiError) and error_of(cause) in ("channel_not_found", "is_archived")

"""The outbox's way into Slack."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.slack import posting
from bot.chat.slack.blocks import Payload, rendered, with_channel
from bot.chat.slack.charts import with_chart
from bot.chat.slack.clients import Clients
from bot.chat.slack.failures import translated
from bot.chat.slack.organisers import People
from bot.core.charts import StandingChart
from bot.core.houserules import Rulebook, notes_channel
from bot.core.language import say
from bot.core.messages import Charted
from bot.core.outbox import ANSWER, ORGANISERS, Guard, Post
from bot.errors import OutcomeUnknown, Refused

log = logging.getLogger(__name__)

SHOWS_WITHIN: Final = 90.0
"""Seconds from the end of a try until its post is in the history. A generous guess: it only delays what is in doubt."""

_MEMBER: Final = ("U", "W")
"""How the ids of members begin; those of channels begin with C, G or D."""

ChartOf = Callable[[str, Charted], Awaitable[StandingChart | None]]
"""The figures of a workspace's digest; None where it has none that may be shown."""


class SlackMessenger:
    """A `bot.core.outbox.Messenger`. Slack knows no nonce: a post carries a marker, which is looked for."""

    def __init__(self, clients: Clients, people: People, chart_of: ChartOf, rulebook: Rulebook) -> None:
        self._clients = clients
        self._people = people
        self._chart_of = chart_of
        self._rulebook = rulebook

    def guard(self, post: Post) -> Guard:
        return Guard(shows_within=SHOWS_WITHIN)

    async def send(self, post: Post) -> str:
        client = await self._clients.of(post.workspace)
        if post.kind == ANSWER:
            begun = await self._begun(client, post)
            if begun is not None:
                return begun
        if post.kind != ORGANISERS:
            return await self._post(client, post, post.channel)
        chosen = await notes_channel(self._rulebook, post.workspace)
        if chosen is not None:
            try:
                return await self._post(client, post, chosen)
            except Refused as refusal:
                log.warning("what is for organisers can't be posted in their channel: %s", refusal.message)
        return await self._post(client, post, await self._organisers(client, post))

    async def _post(self, client: AsyncWebClient, post: Post, channel: str) -> str:
        mark = posting.marker(post.nonce, post.kind)
        payloads = rendered(post.message)
        if post.kind == ORGANISERS:
            payloads = with_channel(payloads, post.channel)
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
        found = await self._found(client, post)
        return None if found is None else await self._whole(client, post, *found)

    async def _begun(self, client: AsyncWebClient, post: Post) -> str | None:
        """What a process that died had begun to write in an answer's place, made the answer; None where there is none.

        Where Slack doesn't say, the answer matters more than what may be left standing of its beginning.
        """
        try:
            found = await self._found(client, post)
        except (Refused, OutcomeUnknown) as failure:
            log.info("an answer's beginning could not be looked for: %s", failure.message)
            return None
        try:
            return None if found is None else await self._whole(client, post, *found)
        except Refused:  # it was deleted meanwhile
            return None

    async def _found(self, client: AsyncWebClient, post: Post) -> tuple[str, str, bool] | None:
        """The channel and ts of the message with a post's marker, and whether it is whole."""
        channel = post.channel
        if post.kind == ORGANISERS:
            found = await self._found_in_chosen(client, post)
            if found is not None:
                return found
            channel = await self._organisers(client, post)
        if channel.startswith(_MEMBER):  # a press in the Home tab is answered by direct message
            with translated():
                channel = str((await client.conversations_open(users=channel))["channel"]["id"])
        seen = await posting.found(client, channel, post.nonce, post.created_at, post.thread)
        return None if seen is None else (channel, *seen)

    async def _found_in_chosen(self, client: AsyncWebClient, post: Post) -> tuple[str, str, bool] | None:
        """The same of what is for organisers, in the channel that they chose for it."""
        chosen = await notes_channel(self._rulebook, post.workspace)
        if chosen is None:
            return None
        try:
            seen = await posting.found(client, chosen, post.nonce, post.created_at, post.thread)
        except Refused:  # then nothing could be posted there either
            return None
        return None if seen is None else (chosen, *seen)

    async def _whole(self, client: AsyncWebClient, post: Post, channel: str, ts: str, whole: bool) -> str:
        if not whole:  # a process died while it was being written: what it became takes its place
            first, *rest = rendered(post.message)
            await posting.update(client, channel, ts, first, posting.marker(post.nonce, post.kind))
            await posting.post_rest(client, channel, rest, post.thread or ts)
        return ts

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
            people = await self._people.organisers(client, post.workspace)
            if not people:
                raise Refused(say("There is no organiser to tell; make somebody an admin, or choose a group."))
            opened = await client.conversations_open(users=",".join(people[:8]))
        return str(opened["channel"]["id"])

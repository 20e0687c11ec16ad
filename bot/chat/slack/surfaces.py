"""Where one answer appears: a message in a channel that grows, a stream in a thread, or what one member alone sees."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.chat.slack import posting
from bot.chat.slack.blocks import Payload, growing, rendered, tail_of, with_channel, working
from bot.chat.slack.failures import FAILURES, reason_of, translated
from bot.chat.slack.posting import Mark
from bot.chat.slack.text import markdown_escaped
from bot.core.language import say
from bot.core.messages import Message, Picture
from bot.errors import MessengerError, Refused

log = logging.getLogger(__name__)

LONGEST_STREAM: Final = 10_000
"""Characters that a stream is given; what is longer is posted as a message."""

Illustrate = Callable[[Message], Awaitable[Picture | None]]
"""Draws what a message charts."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer belongs.

    Args:
        thread: the ts of the message in whose thread it is.
        direct: a direct message, in which everything is for one's own eyes.
        hook: the address that Slack gave to answer a command or press by, for half an hour and five uses.
        replaces: whether what was said first by the hook can be replaced: a command's. A press's would replace the
            message with the button.
        at_home: it was asked for in the Home tab, which shows other things after it.
        about: the channel that an answer is about, where it is not given there.
    """

    team: str
    channel: str
    member: str
    thread: str | None = None
    direct: bool = False
    hook: str | None = None
    replaces: bool = False
    at_home: bool = False
    about: str | None = None


@dataclass
class SlackSurface:
    """A `bot.chat.desk.Surface`.

    Args:
        mark: what the answer's post is known by.
        private: it is known before that only its member will see it.
        stream: whether Slack's streams are used where it has them, which is in threads.
        shown: called when the answer is there.
        begun: notes the ts of a stream, which has no marker until it ends.
    """

    client: AsyncWebClient
    place: Place
    mark: Mark
    illustrate: Illustrate
    private: bool = False
    stream: bool = True
    shown: Callable[[], None] | None = None
    begun: Callable[[str], Awaitable[None]] | None = None
    _title: str = ""
    _ts: str | None = None
    _streamed: str | None = field(default=None, init=False)
    """What was said in a stream; None where there is none."""
    _noticed: bool = field(default=False, init=False)
    """Whether the member reads that their answer is being written; it takes that notice's place."""
    _told: int = field(default=0, init=False)
    """How many parts of a private answer its member has: `finish` may be called again after a pause."""

    async def begin(self, title: str) -> None:
        self._title = title
        if self.private:
            self._noticed = self.place.replaces and await self._hooked(working(title))
            await self._status(say("is writing …"))
            return
        if self.stream and self.place.thread is not None:
            await self._status(say("is writing …"))
            return  # the stream begins with the first words
        self._ts = await posting.begin(self.client, self.place.channel, working(title), self.mark, self.place.thread)

    async def grow(self, text: str) -> None:
        if self.private:
            return
        if self._ts is None and self.stream and self.place.thread is not None:
            await self._start_stream(text)
        elif self._streamed is not None:
            await self._append(text)
        elif self._ts is not None:
            await posting.update(self.client, self.place.channel, self._ts, growing(self._title, text))

    async def finish(self, message: Message) -> str | None:
        reference = await self._finish(message)
        if self.shown is not None:
            self.shown()
        return reference

    async def _finish(self, message: Message) -> str | None:
        if message.private and not self.place.direct:
            await self._withdraw_from_channel()
            await self._to_member(message)
            return None
        if self._streamed is not None:
            return await self._end_stream(message)
        try:
            ts = await self._whole(message)
        except Refused as refusal:
            # The member waits: what can't be said in the channel is said to them, with what to do about it.
            await self._to_member(message.with_notes(say("Only you see this."), refusal.message))
            return None
        await self._picture(message, ts)
        return ts

    async def withdraw(self) -> None:
        if await self._is_answer():
            self._ts = self._streamed = None
        await self._withdraw_from_channel()
        if self._noticed:
            self._noticed = False
            await self._hooked(Payload(say("Another process answers this."), ()), instead=True)

    async def _is_answer(self) -> bool:
        """Whether another process has made its answer of what this one began; where Slack doesn't say, it may have."""
        if self._ts is None:
            return False
        try:
            return await posting.is_whole(self.client, self.place.channel, self._ts, self.place.thread)
        except MessengerError as failure:
            log.info("what was begun is left as it is: %s", failure.message)
            return True

    async def _withdraw_from_channel(self) -> None:
        if self._streamed is not None:
            await self._stop_stream(())
        if self._ts is not None:
            await posting.delete(self.client, self.place.channel, self._ts)
            self._ts = None

    # -- in the channel -----------------------------------------------------------------------------------------------

    async def _whole(self, message: Message) -> str:
        place = self.place
        first, *rest = rendered(message) if place.about is None else with_channel(rendered(message), place.about)
        if self._ts is None:
            self._ts = await posting.post(self.client, place.channel, [first, *rest], self.mark, place.thread)
            return self._ts
        try:
            await posting.update(self.client, place.channel, self._ts, first, self.mark.whole(1 + len(rest)))
        except Refused:  # as when somebody has deleted it meanwhile
            self._ts = await posting.post(self.client, place.channel, [first, *rest], self.mark, place.thread)
            return self._ts
        await posting.post_rest(self.client, place.channel, rest, self.mark, place.thread or self._ts)
        return self._ts

    async def _picture(self, message: Message, ts: str) -> None:
        if message.charted is not None:
            picture = await self.illustrate(message)
            if picture is not None:
                thread = self.place.thread or ts
                await posting.illustrate(self.client, self.place.channel, thread, picture, message.title or "")
        if message.attachment is not None:
            await self._file(message)

    # -- in a stream --------------------------------------------------------------------------------------------------

    async def _start_stream(self, text: str) -> None:
        lead = f"**{markdown_escaped(self._title)}**\n\n" if self._title else ""
        try:
            with translated():
                answer = await self.client.chat_startStream(
                    channel=self.place.channel,
                    thread_ts=self.place.thread or "",
                    markdown_text=lead + markdown_escaped(text),
                    recipient_team_id=self.place.team,
                    recipient_user_id=self.place.member,
                )
        except Refused:  # a workspace or a member without streams: a message that is updated does
            self.stream = False
            await self.begin(self._title)
            await self.grow(text)
            return
        self._ts, self._streamed = str(answer["ts"]), text
        if self.begun is not None:
            await self.begun(self._ts)

    async def _append(self, text: str) -> None:
        assert self._streamed is not None
        if not text.startswith(self._streamed) or len(text) > LONGEST_STREAM:
            return  # what was said is withdrawn, which a stream can't: the end puts it right
        more = text[len(self._streamed) :]
        if not more:
            return
        with translated():
            await self.client.chat_appendStream(
                channel=self.place.channel, ts=self._ts or "", markdown_text=markdown_escaped(more)
            )
        self._streamed = text

    async def _end_stream(self, message: Message) -> str:
        """Close the stream with sources, notes and buttons; the message takes its place where it has said otherwise."""
        assert self._ts is not None
        assert self._streamed is not None
        ts, body, said = self._ts, "\n\n".join(message.text.split("\n")), self._streamed
        same = body.startswith(said) or message.text.startswith(said)
        rest = (body if body.startswith(said) else message.text)[len(said) :] if same else ""
        if same and len(body) <= LONGEST_STREAM and await self._stop_stream(tail_of(message), rest):
            return ts
        await self._stop_stream(())
        return await self._whole(message)

    async def _stop_stream(self, blocks: tuple[dict[str, object], ...], rest: str = "") -> bool:
        """End the stream; whether it ended with what was to be said."""
        self._streamed = None
        more: dict[str, Any] = {"markdown_text": markdown_escaped(rest)} if rest.strip() else {}
        ends: dict[str, Any] = {"blocks": list(blocks), "metadata": self.mark.whole()} if blocks else {}
        try:
            with translated():
                await self.client.chat_stopStream(channel=self.place.channel, ts=self._ts or "", **more, **ends)
        except MessengerError as error:
            log.info("a stream could not be ended: %s", error.message)
            return False
        return True

    async def _status(self, status: str) -> None:
        if self.place.thread is None:
            return
        try:
            await self.client.assistant_threads_setStatus(
                channel_id=self.place.channel, thread_ts=self.place.thread, status=status
            )
        except FAILURES as failure:
            log.debug("no status is shown (%s)", reason_of(failure))

    # -- to the member alone ------------------------------------------------------------------------------------------

    async def _to_member(self, message: Message) -> None:
        """Show a message to the member alone: where they asked, else in a direct message.

        Raises:
            MessengerError: neither can be done.
        """
        payloads = rendered(message)
        for payload in payloads[self._told :]:
            if not await self._hooked(payload, instead=self._noticed and self._told == 0) and not await self._ephemeral(
                payload
            ):
                await _direct(self.client, self.place.member, payload, self.mark if len(payloads) == 1 else None)
            self._told += 1
        if message.attachment is not None:
            await self._file(message)

    async def _hooked(self, payload: Payload, *, instead: bool = False) -> bool:
        if self.place.hook is None or self.place.thread is not None:  # in a thread, a hook answers in the channel
            return False
        hook = AsyncWebhookClient(self.place.hook, timeout=10, retry_handlers=[])
        try:
            said = await hook.send(
                text=payload.text, blocks=list(payload.blocks), response_type="ephemeral", replace_original=instead
            )
        except FAILURES as failure:
            log.info("a private answer's address failed (%s)", reason_of(failure))
            return False
        return said.status_code == 200

    async def _ephemeral(self, payload: Payload) -> bool:
        try:
            await self.client.chat_postEphemeral(
                channel=self.place.channel,
                user=self.place.member,
                text=payload.text,
                blocks=list(payload.blocks),
                thread_ts=self.place.thread,
            )
        except FAILURES as failure:
            log.info("a private answer goes by direct message (%s)", reason_of(failure))
            return False
        return True

    async def _file(self, message: Message) -> None:
        assert message.attachment is not None
        with translated():
            opened = await self.client.conversations_open(users=self.place.member)
            await self.client.files_upload_v2(
                channel=str(opened["channel"]["id"]),
                content=message.attachment.text,
                filename=message.attachment.name,
                title=message.attachment.name,
            )


async def _direct(client: AsyncWebClient, member: str, payload: Payload, mark: Mark | None) -> None:
    """Post to a member; with a mark where it is all of an answer, so that the outbox finds it before it tries again."""
    with translated():
        await client.chat_postMessage(
            channel=member,
            text=payload.text,
            blocks=list(payload.blocks),
            metadata=None if mark is None or not mark.nonce else mark.whole(),
            unfurl_links=False,
        )


async def deliver(client: AsyncWebClient, place: Place, message: Message, mark: Mark) -> None:
    """Show a private message to a member some time after they asked.

    Raises:
        MessengerError: it can't be shown.
    """
    surface = SlackSurface(client, place, mark, illustrate=_nothing, private=True)
    await surface.finish(message)


async def _nothing(_: Message) -> None:
    return None


__all__ = ["Illustrate", "Place", "SlackSurface", "deliver"]

"""Posting to a channel: with a marker that can be looked for, and the picture after it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.slack.blocks import Block, Payload
from bot.chat.slack.failures import FAILURES, reason_of, translated
from bot.core.language import say
from bot.core.messages import Picture
from bot.errors import MessengerError, OutcomeUnknown, RateLimited

log = logging.getLogger(__name__)

SHOWN: Final = "crux_post"
"""Event type of the metadata of a post that is whole; its payload has the nonce, and into how many parts it was cut."""
WORKING: Final = "crux_working"
"""Of one that is still being written."""
PART: Final = "crux_part"
"""Of what did not fit into a post and stands below it; its payload has the post's nonce, and which part it is."""
PAUSES: Final = 3
LONGEST_PAUSE: Final = 5.0
"""Of those that Slack asks for between the parts of a long post: together well within the time of one try."""
LOOKED_AT: Final = 1_000
"""Messages of a channel or thread that are looked through for a marker."""
EARLIER: Final = timedelta(minutes=5)
"""How long before its row in the outbox a message may have begun to be written, with clocks apart."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a post is known by in Slack: the metadata of its messages."""

    nonce: str
    kind: str

    def working(self) -> dict[str, Any]:
        return {"event_type": WORKING, "event_payload": {"nonce": self.nonce, "kind": self.kind}}

    def whole(self, parts: int = 1) -> dict[str, Any]:
        payload = {"nonce": self.nonce, "kind": self.kind}
        return {"event_type": SHOWN, "event_payload": payload if parts == 1 else {**payload, "parts": parts}}

    def part(self, number: int) -> dict[str, Any]:
        return {"event_type": PART, "event_payload": {"nonce": self.nonce, "part": number}}


@dataclass(frozen=True, slots=True)
class Seen:
    """A post as it is found. `parts` is into how many it was cut; those below the first may be missing."""

    ts: str
    whole: bool
    parts: int = 1


async def post(
    client: AsyncWebClient, channel: str, payloads: Sequence[Payload], mark: Mark, thread: str | None = None
) -> str:
    """Post a message in one or several parts, each with its marker; the ts of the first.

    Raises:
        MessengerError: what became of the first part; OutcomeUnknown where it is there and others may not be.
    """
    first, *rest = payloads
    ts = await _post(client, channel, first, mark.whole(len(payloads)), thread)
    await post_rest(client, channel, rest, mark, thread or ts)
    return ts


async def begin(client: AsyncWebClient, channel: str, payload: Payload, mark: Mark, thread: str | None = None) -> str:
    """Post what stands in a message's place while it is being written; its ts.

    Raises:
        MessengerError: what became of it.
    """
    return await _post(client, channel, payload, mark.working(), thread)


async def _post(
    client: AsyncWebClient, channel: str, payload: Payload, metadata: Mapping[str, Any], thread: str | None
) -> str:
    with translated():
        answer = await client.chat_postMessage(
            channel=channel,
            text=payload.text,
            blocks=list(payload.blocks),
            metadata=dict(metadata),
            thread_ts=thread,
            unfurl_links=False,
            unfurl_media=False,
        )
    return str(answer["ts"])


async def update(
    client: AsyncWebClient, channel: str, ts: str, payload: Payload, metadata: Mapping[str, Any] | None = None
) -> None:
    """Put something else in a message's place.

    Raises:
        MessengerError: it may not have been changed.
    """
    with translated():
        await client.chat_update(
            channel=channel,
            ts=ts,
            text=payload.text,
            blocks=list(payload.blocks),
            metadata=None if metadata is None else dict(metadata),
        )


async def post_rest(
    client: AsyncWebClient,
    channel: str,
    rest: Sequence[Payload],
    mark: Mark,
    thread: str,
    there: Collection[int] = (),
) -> None:
    """Post what did not fit into a message below it, in its thread; parts that are there already are left out.

    Raises:
        OutcomeUnknown: some of it may be missing; who looks for the post later adds that.
    """
    for number, payload in enumerate(rest, 2):
        if number in there:
            continue
        try:
            await _post_patiently(client, channel, payload, mark.part(number), thread)
        except MessengerError as error:
            raise OutcomeUnknown(say("The rest of a long post could not be sent yet.")) from error


async def _post_patiently(
    client: AsyncWebClient, channel: str, payload: Payload, metadata: Mapping[str, Any], thread: str
) -> None:
    for tried in range(PAUSES + 1):
        try:
            await _post(client, channel, payload, metadata, thread)
        except RateLimited as limit:
            if tried == PAUSES or limit.retry_after > LONGEST_PAUSE:
                raise
            await asyncio.sleep(limit.retry_after)
        else:
            return


async def delete(client: AsyncWebClient, channel: str, ts: str) -> None:
    """Take a message of ours away; one that is gone already is no error."""
    try:
        await client.chat_delete(channel=channel, ts=ts)
    except FAILURES as failure:
        log.info("a message could not be taken back (%s)", reason_of(failure))


async def illustrate(client: AsyncWebClient, channel: str, thread: str, picture: Picture, title: str) -> None:
    """Upload a picture with what it says below a post; a failure is logged, and the post stays as it is."""
    try:
        await client.files_upload_v2(
            channel=channel,
            thread_ts=thread,
            content=picture.data,
            filename="standing.png",
            title=title[:150] or say("Standing"),
            alt_txt=picture.alt[:1000],
        )
    except Exception:  # whatever it was: the figures are in the text
        log.exception("a picture could not be uploaded")


async def found(
    client: AsyncWebClient, channel: str, nonce: str, since: datetime, thread: str | None = None
) -> Seen | None:
    """The message that carries a nonce, the first of several; None when there is none (yet).

    Raises:
        MessengerError: Slack didn't say.
    """
    oldest = f"{(since - EARLIER).timestamp():.6f}"
    async with aclosing(_messages(client, channel, oldest, thread)) as messages:
        async for message in messages:
            kind, payload = _marked(message)
            if payload.get("nonce") == nonce and kind in (SHOWN, WORKING):
                return Seen(str(message["ts"]), kind == SHOWN, int(payload.get("parts") or 1))
    return None


async def parts_of(client: AsyncWebClient, channel: str, nonce: str, ts: str, thread: str) -> dict[int, str]:
    """The parts of a post that stand below its first message, with the ts of each.

    Raises:
        MessengerError: Slack didn't say.
    """
    there: dict[int, str] = {}
    async for message in _messages(client, channel, ts, thread):
        kind, payload = _marked(message)
        if payload.get("nonce") == nonce and kind == PART:
            there[int(payload["part"])] = str(message["ts"])
    return there


async def is_whole(client: AsyncWebClient, channel: str, ts: str, thread: str | None) -> bool:
    """Whether a message that was begun is one that is whole by now.

    Raises:
        MessengerError: Slack didn't say.
    """
    async with aclosing(_messages(client, channel, ts, thread, latest=ts)) as messages:
        async for message in messages:
            if message.get("ts") == ts:
                return _marked(message)[0] == SHOWN
    return False


def _marked(message: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    metadata = message.get("metadata") or {}
    return str(metadata.get("event_type") or ""), metadata.get("event_payload") or {}


async def _messages(
    client: AsyncWebClient, channel: str, oldest: str, thread: str | None, latest: str | None = None
) -> AsyncGenerator[Block]:
    """The messages of a channel or thread from a ts on, that included; a thread's first comes whatever its ts."""
    cursor, looked = None, 0
    while looked < LOOKED_AT:
        common: dict[str, Any] = {
            "channel": channel,
            "include_all_metadata": True,
            "limit": 100,
            "cursor": cursor,
            "oldest": oldest,
            "latest": latest,
            "inclusive": True,
        }
        with translated():
            if thread is None:
                page = await client.conversations_history(**common)
            else:
                page = await client.conversations_replies(ts=thread, **common)
        messages: list[Block] = page.get("messages") or []
        for message in messages:
            yield message
        looked += len(messages)
        cursor = (page.get("response_metadata") or {}).get("next_cursor")
        if not messages or not cursor:
            return
    raise OutcomeUnknown(say("The channel is too busy to look through."))

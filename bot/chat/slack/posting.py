"""Posting to a channel: with a marker that can be looked for, and the picture after it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.slack.blocks import Block, Payload
from bot.chat.slack.failures import FAILURES, reason_of, translated
from bot.core.messages import Picture
from bot.errors import OutcomeUnknown, RateLimited

log = logging.getLogger(__name__)

SHOWN: Final = "crux_post"
"""Event type of the metadata of a post that is whole; its payload has the nonce."""
WORKING: Final = "crux_working"
"""Of one that is still being written."""
PAUSES: Final = 3
LONGEST_PAUSE: Final = 5.0
"""Of those that Slack asks for between the parts of a long post: together well within the time of one try."""
LOOKED_AT: Final = 1_000
"""Messages of a channel or thread that are looked through for a marker."""
EARLIER: Final = timedelta(minutes=5)
"""How long before its row in the outbox a message may have begun to be written, with clocks apart."""


def marker(nonce: str, kind: str, *, whole: bool = True) -> dict[str, Any]:
    """A post's metadata."""
    return {"event_type": SHOWN if whole else WORKING, "event_payload": {"nonce": nonce, "kind": kind}}


async def post(
    client: AsyncWebClient,
    channel: str,
    payloads: Sequence[Payload],
    metadata: Mapping[str, Any],
    thread: str | None = None,
) -> str:
    """Post a message in one or several parts, the first with the marker; the ts of the first.

    Parts after the first that fail are logged: the post is there, and posting it again would double it.

    Raises:
        MessengerError: what became of the first part.
    """
    first, *rest = payloads
    with translated():
        answer = await client.chat_postMessage(
            channel=channel,
            text=first.text,
            blocks=list(first.blocks),
            metadata=dict(metadata),
            thread_ts=thread,
            unfurl_links=False,
            unfurl_media=False,
        )
    ts = str(answer["ts"])
    await post_rest(client, channel, rest, thread or ts)
    return ts


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


async def post_rest(client: AsyncWebClient, channel: str, rest: Sequence[Payload], thread: str) -> None:
    """Post what did not fit into a message below it, in its thread."""
    for payload in rest:
        try:
            await _post_patiently(client, channel, payload, thread)
        except Exception:  # the post itself is there
            log.exception("the rest of a long post could not be posted")
            return


async def _post_patiently(client: AsyncWebClient, channel: str, payload: Payload, thread: str) -> None:
    for tried in range(PAUSES + 1):
        try:
            with translated():
                await client.chat_postMessage(
                    channel=channel,
                    text=payload.text,
                    blocks=list(payload.blocks),
                    thread_ts=thread,
                    unfurl_links=False,
                )
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
            title=title[:150] or "Standing",
            alt_txt=picture.alt[:1000],
        )
    except Exception:  # whatever it was: the figures are in the text
        log.exception("a picture could not be uploaded")


async def found(
    client: AsyncWebClient, channel: str, nonce: str, since: datetime, thread: str | None = None
) -> tuple[str, bool] | None:
    """The ts of the message that carries a nonce, and whether it is whole; None when there is none (yet).

    Raises:
        MessengerError: Slack didn't say.
    """
    oldest = f"{(since - EARLIER).timestamp():.6f}"
    cursor, looked = None, 0
    while looked < LOOKED_AT:
        common: dict[str, Any] = {
            "channel": channel,
            "include_all_metadata": True,
            "limit": 100,
            "cursor": cursor,
            "oldest": oldest,
        }
        with translated():
            if thread is None:
                page = await client.conversations_history(**common)
            else:
                page = await client.conversations_replies(ts=thread, **common)
        messages: list[Block] = page.get("messages") or []
        for message in messages:
            metadata = message.get("metadata") or {}
            if (metadata.get("event_payload") or {}).get("nonce") == nonce:
                return str(message["ts"]), metadata.get("event_type") == SHOWN
        looked += len(messages)
        cursor = (page.get("response_metadata") or {}).get("next_cursor")
        if not messages or not cursor:
            return None
    raise OutcomeUnknown("The channel is too busy to look through.")

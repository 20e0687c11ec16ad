"""chat.*: posting, changing, deleting."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.slack import blocks as kit
from tests.slack import posting
from tests.slack.state import Channel, Json, Message
from tests.slack.web_api.calling import ApiError, Request, method

TRUNCATED = 40_000
UPDATE = 4_000
METADATA = 16_000
"""Bytes of a message's metadata."""


def blocks_of(request: Request) -> list[Json]:
    """The blocks of a call, refused as Slack refuses them."""
    blocks = request.structure("blocks", "invalid_blocks_format")
    if blocks is None or blocks == []:
        return []
    refuse_bad_blocks(request, blocks)
    return list(blocks)


def refuse_bad_blocks(request: Request, blocks: Any) -> None:
    errors = kit.message_errors(blocks, charts_known=request.hub.charts)
    if errors:
        messages = [f"[ERROR] {error}" for error in errors]
        raise ApiError("invalid_blocks", errors=errors, response_metadata={"messages": messages})


def metadata_of(request: Request) -> Json | None:
    metadata = request.structure("metadata", "invalid_metadata_format")
    if metadata is None:
        return None
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_payload"), dict):
        raise ApiError("invalid_metadata_format")
    if not re.fullmatch(r"\w{1,255}", str(metadata.get("event_type", ""))):
        raise ApiError("invalid_metadata_format")
    if len(json.dumps(metadata).encode()) > METADATA:
        raise ApiError("metadata_too_large")
    return metadata


def content_of(request: Request, blocks: list[Json]) -> tuple[str, list[Json]]:
    """Text and blocks of a call: one of text, blocks, attachments and markdown_text must be there."""
    text = request.text("text") or ""
    markdown = request.text("markdown_text")
    if markdown is not None:
        if text or blocks:
            raise ApiError("markdown_text_conflict")
        if len(markdown) > kit.MARKDOWN:
            raise ApiError("msg_too_long")
        return "", [{"type": "markdown", "text": markdown}]
    if not text.strip() and not blocks and not request.structure("attachments", "invalid_attachments"):
        raise ApiError("no_text")
    return text, blocks


def thread_of(request: Request, channel: Channel) -> str | None:
    """The thread to reply in: its parent's ts, never a reply's."""
    thread_ts = request.text("thread_ts")
    if thread_ts is None:
        return None
    if not re.fullmatch(r"\d+\.\d+", thread_ts):
        raise ApiError("invalid_thread_ts")
    parent = request.hub.state.messages.get((channel.id, thread_ts))
    if parent is None or parent.ephemeral_to is not None:
        raise ApiError("thread_not_found")
    if parent.deleted_at is not None and not request.hub.state.replies(channel.id, thread_ts):
        raise ApiError("thread_not_found")
    if parent.is_reply:
        raise ApiError("cannot_reply_to_message")
    return thread_ts


def destination(request: Request) -> Channel:
    """Where a post goes: a channel, or by a user's id their direct messages."""
    given = request.text("channel") or ""
    user = request.hub.state.users.get(given)
    if user is not None and request.knows(user):
        if user.deleted:
            raise ApiError("user_disabled")
        return request.hub.state.dm(request.team.id, request.token.user, user.id)
    channel = request.channel(live=True)
    inside = request.token.user in channel.members
    if not inside and "chat:write.public" not in request.token.scopes:
        raise ApiError("not_in_channel")
    if not inside:
        request.scopes("chat:write.public")
    return channel


def bots_message(request: Request, channel: Channel, **fields: Any) -> Message:
    return Message(
        channel=channel.id,
        ts=request.hub.state.new_ts(),
        team=request.team.id,
        user=request.token.user,
        bot_id=request.team.bot_id,
        app_id=request.hub.app.id,
        **fields,
    )


@method("chat.postMessage")
def post_message(request: Request) -> Json:
    channel = destination(request)
    text, blocks = content_of(request, blocks_of(request))
    message = bots_message(
        request,
        channel,
        text=text[:TRUNCATED],
        blocks=blocks,
        attachments=request.structure("attachments", "invalid_attachments") or [],
        thread_ts=thread_of(request, channel),
        broadcast=request.flag("reply_broadcast"),
        metadata=metadata_of(request),
        link_names=request.flag("link_names") or request.text("parse") == "full",
    )
    posting.post(request.hub, message)
    answer: Json = {"channel": channel.id, "ts": message.ts, "message": posting.message_json(message, metadata=True)}
    return answer | ({"warning": "message_truncated"} if len(text) > TRUNCATED else {})


@method("chat.postEphemeral")
def post_ephemeral(request: Request) -> Json:
    user = request.hub.state.users.get(request.need("user"))
    channel = request.channel(live=True, member=True)
    if user is None or user.deleted or user.id not in channel.members:
        raise ApiError("user_not_in_channel")
    text, blocks = content_of(request, blocks_of(request))
    thread = thread_of(request, channel)
    message = bots_message(
        request, channel, text=text[:TRUNCATED], blocks=blocks, thread_ts=thread, ephemeral_to=user.id
    )
    posting.post(request.hub, message)
    return {"message_ts": message.ts}


def own_message(request: Request, channel: Channel, error: str) -> Message:
    message = request.message(channel, request.text("ts"))
    if message.user != request.token.user:
        raise ApiError(error)
    return message


@method("chat.update")
def update(request: Request) -> Json:
    channel = request.channel(live=True)
    message = own_message(request, channel, "cant_update_message")
    if message.stream == "streaming" and message.stream_started + request.hub.timings.stream > request.hub.clock.now():
        raise ApiError("streaming_state_conflict")
    given = blocks_of(request)
    metadata = request.structure("metadata", "invalid_metadata_format")
    if metadata is not None:
        message.metadata = metadata_of(request) if metadata else None
    if metadata is not None and not given and not request.text("text") and request.text("markdown_text") is None:
        text, blocks = message.text, message.blocks  # without a text, the blocks stay
    else:
        text, blocks = content_of(request, given)
    if len(text) > UPDATE:
        raise ApiError("msg_too_long")
    posting.edit(request.hub, message, text=text, blocks=blocks, marked=not blocks)
    shown = posting.message_json(message, metadata=True)
    return {"channel": channel.id, "ts": message.ts, "text": text, "message": shown}


@method("chat.delete")
def delete(request: Request) -> Json:
    channel = request.channel(live=True)
    message = own_message(request, channel, "cant_delete_message")
    posting.delete(request.hub, message)
    return {"channel": channel.id, "ts": message.ts}


@method("chat.getPermalink")
def get_permalink(request: Request) -> Json:
    channel = request.channel()
    message = request.message(channel, request.text("message_ts"))
    domain = request.hub.state.teams[channel.team].domain
    link = f"https://{domain}.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


@method("reactions.add")
def react(request: Request) -> Json:
    channel = request.channel()
    users = request.message(channel, request.text("timestamp")).reactions.setdefault(request.need("name"), set())
    if request.token.user in users:
        raise ApiError("already_reacted")
    users.add(request.token.user)
    return {}

"""chat.startStream, appendStream, stopStream: text that grows under its readers' eyes, for a limited time."""

from __future__ import annotations

from tests.slack import posting
from tests.slack.blocks import MARKDOWN
from tests.slack.state import Channel, Json, Message
from tests.slack.web_api.calling import ApiError, Request, method
from tests.slack.web_api.messages import (
    blocks_of,
    bots_message,
    destination,
    metadata_of,
    own_message,
    refuse_bad_blocks,
    thread_of,
)


@method("chat.startStream")
def start(request: Request) -> Json:
    channel = destination(request)
    if channel.kind in {"im", "mpim"}:
        if request.text("thread_ts") is None:
            raise ApiError("invalid_thread_ts")
    else:
        _check_recipient(request, channel)
    message = bots_message(
        request,
        channel,
        thread_ts=thread_of(request, channel),
        stream="streaming",
        stream_started=request.hub.clock.now(),
    )
    _append(request, message)
    posting.post(request.hub, message, tell=False)
    return {"channel": channel.id, "ts": message.ts}


def _check_recipient(request: Request, channel: Channel) -> None:
    for name in ("recipient_user_id", "recipient_team_id"):
        if request.text(name) is None:
            raise ApiError(f"missing_{name}")
    user = request.hub.state.users.get(request.need("recipient_user_id"))
    if user is None or user.team != request.text("recipient_team_id"):
        raise ApiError("user_not_found")
    if user.id not in channel.members:
        raise ApiError("user_not_in_channel")


@method("chat.appendStream")
def append(request: Request) -> Json:
    channel, message = _running(request)
    if not _append(request, message):
        raise ApiError("no_text")
    return {"channel": channel.id, "ts": message.ts}


@method("chat.stopStream")
def stop(request: Request) -> Json:
    channel, message = _running(request)
    blocks = blocks_of(request)
    message.metadata = metadata_of(request)
    _append(request, message)
    message.blocks += posting.with_ids(request.hub, blocks)
    message.stream = "stopped"
    posting.post(request.hub, message)
    return {"channel": channel.id, "ts": message.ts, "message": posting.message_json(message, metadata=True)}


def _running(request: Request) -> tuple[Channel, Message]:
    """The stream of a call; its time is up some minutes after its start, whatever was appended since."""
    channel = request.channel(live=True)
    message = own_message(request, channel, "message_not_owned_by_app")
    if message.stream == "streaming" and message.stream_started + request.hub.timings.stream <= request.hub.clock.now():
        message.stream = "stopped"
    if message.stream != "streaming":
        raise ApiError("message_not_in_streaming_state")
    return channel, message


def _append(request: Request, message: Message) -> bool:
    """Adds markdown_text and chunks; False when there was nothing to add."""
    markdown = request.text("markdown_text")
    chunks = request.structure("chunks", "invalid_chunks") or []
    texts = [markdown] if markdown is not None else []
    tasks, blocks = {}, []
    for chunk in chunks:
        match chunk:
            case {"type": "markdown_text", "text": str(text)}:
                texts.append(text)
            case {"type": "task_update", "id": str(task), "title": str()}:
                tasks[task] = chunk
            case {"type": "plan_update", "title": str()}:
                tasks["plan"] = chunk
            case {"type": "blocks", "blocks": list(more)}:
                refuse_bad_blocks(request, more)
                blocks += more
            case _:
                raise ApiError("invalid_chunks")
    if any(len(text) > MARKDOWN for text in texts):
        raise ApiError("msg_too_long")
    message.streamed += "".join(texts)
    message.chunks += texts
    message.blocks += posting.with_ids(request.hub, blocks)
    for task, chunk in tasks.items():
        before = message.tasks.get(task, {})
        details = str(before.get("details", "")) + str(chunk.get("details", ""))
        message.tasks[task] = {**before, **chunk} | ({"details": details} if details else {})
    return bool(texts or tasks or blocks)

"""conversations.*: reading channels and threads, opening direct messages."""

from __future__ import annotations

from tests.slack import posting
from tests.slack.state import Channel, Json, Message
from tests.slack.web_api.calling import ApiError, Request, method


def channel_json(request: Request, channel: Channel) -> Json:
    shown: Json = {
        "id": channel.id,
        "is_channel": channel.kind == "channel",
        "is_group": channel.kind == "group",
        "is_im": channel.kind == "im",
        "is_mpim": channel.kind == "mpim",
        "is_private": channel.kind != "channel",
        "is_archived": channel.archived,
        "is_ext_shared": bool(channel.shared_with),
        "is_shared": bool(channel.shared_with),
        "shared_team_ids": sorted({channel.team, *channel.shared_with}),
        "context_team_id": request.team.id,
    }
    if channel.kind == "im":
        others = channel.members - {request.token.user}
        return shown | {"user": next(iter(others), ""), "is_open": True}
    shown |= {"name": channel.name, "name_normalized": channel.name, "is_member": request.token.user in channel.members}
    return shown | ({"num_members": len(channel.members)} if request.flag("include_num_members") else {})


@method("conversations.info")
def info(request: Request) -> Json:
    channel = request.channel()
    request.scope_for(channel)
    return {"channel": channel_json(request, channel)}


@method("conversations.history")
def history(request: Request) -> Json:
    channel = request.channel(member=True)
    request.scope_for(channel)
    standing = [m for m in request.hub.state.in_channel(channel.id) if not m.is_reply or m.broadcast]
    return _page(request, list(reversed(_between(request, standing))))


@method("conversations.replies")
def replies(request: Request) -> Json:
    channel = request.channel(member=True)
    request.scope_for(channel)
    thread_ts = request.need("ts")
    named = request.hub.state.messages.get((channel.id, thread_ts))
    if named is None or named.ephemeral_to is not None:
        raise ApiError("thread_not_found")
    thread_ts = named.thread_ts or thread_ts
    parent = request.hub.state.messages[channel.id, thread_ts]
    standing = request.hub.state.replies(channel.id, thread_ts)
    if parent.deleted_at is not None and not standing:
        raise ApiError("thread_not_found")
    first = [parent] if parent.deleted_at is None else []
    return _page(request, first + _between(request, standing))


def _between(request: Request, messages: list[Message]) -> list[Message]:
    oldest, latest = request.text("oldest") or "0", request.text("latest")
    inclusive = request.flag("inclusive")
    try:
        low, high = float(oldest), float(latest) if latest else None
    except ValueError:
        raise ApiError("invalid_ts_oldest") from None
    return [
        m
        for m in messages
        if (float(m.ts) > low or (inclusive and float(m.ts) == low))
        and (high is None or float(m.ts) < high or (inclusive and float(m.ts) == high))
    ]


def _page(request: Request, messages: list[Message]) -> Json:
    limit = request.number("limit", 100)
    if not 1 <= limit <= 1000:
        raise ApiError("invalid_limit")
    cursor = request.text("cursor")
    start = 0
    if cursor is not None:
        if not cursor.startswith("next:") or not cursor[5:].isdigit():
            raise ApiError("invalid_cursor")
        start = int(cursor[5:])
    page = messages[start : start + limit]
    more = start + limit < len(messages)
    metadata = request.flag("include_all_metadata")
    answer: Json = {"messages": [_shown(request, message, metadata=metadata) for message in page], "has_more": more}
    return answer | ({"response_metadata": {"next_cursor": f"next:{start + limit}"}} if more else {})


def _shown(request: Request, message: Message, *, metadata: bool) -> Json:
    shown = posting.message_json(message, metadata=metadata)
    below = request.hub.state.replies(message.channel, message.ts)
    if below:
        shown |= {"reply_count": len(below), "latest_reply": below[-1].ts}
    return shown


@method("conversations.open")
def open_dm(request: Request) -> Json:
    if request.text("channel") is not None:
        return {"channel": {"id": request.channel().id}}
    ids = [one for one in (request.text("users") or "").split(",") if one]
    if not ids:
        raise ApiError("users_list_not_supplied")
    if len(ids) > 8:
        raise ApiError("too_many_users")
    request.scopes("im:write" if len(ids) == 1 else "mpim:write")
    for one in ids:
        user = request.hub.state.users.get(one)
        if user is None or not request.knows(user):
            raise ApiError("user_not_found")
        if user.deleted:
            raise ApiError("user_disabled")
        if user.bot:
            raise ApiError("cannot_dm_bot")
    channel = request.hub.state.dm(request.team.id, request.token.user, *ids)
    return {"channel": {"id": channel.id}}


@method("conversations.join")
def join(request: Request) -> Json:
    channel = request.channel(live=True)
    if channel.kind != "channel":
        raise ApiError("method_not_supported_for_channel_type")
    already = request.token.user in channel.members
    channel.members.add(request.token.user)
    warning = {"warning": "already_in_channel"} if already else {}
    return {"channel": channel_json(request, channel), **warning}

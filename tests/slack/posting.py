"""How messages come to be, change and go, with the events that tell the bot so."""

from __future__ import annotations

import copy
import re
from typing import Any

from tests.slack.elements import KNOWN
from tests.slack.hub import Hub
from tests.slack.scopes import KINDS
from tests.slack.state import Channel, Json, Message, Team, Version


def message_json(message: Message, *, metadata: bool = False) -> Json:
    """A message as the Web API and events show it."""
    shown: Json = {
        "type": "message",
        "user": message.user,
        "ts": message.ts,
        "text": message.text or message.streamed,
        "team": message.team,
    }
    if message.blocks or message.streamed:
        streamed = [{"type": "markdown", "block_id": "streamed", "text": message.streamed}] if message.streamed else []
        shown["blocks"] = copy.deepcopy([*streamed, *message.blocks])
    if message.attachments:
        shown["attachments"] = message.attachments
    if message.bot_id:
        shown |= {"bot_id": message.bot_id, "app_id": message.app_id}
    if message.thread_ts:
        shown["thread_ts"] = message.thread_ts
    if message.broadcast:
        shown["subtype"] = "thread_broadcast"
    if message.files:
        shown["files"] = [{"id": file.id, "name": file.name, "title": file.title} for file in message.files]
    if message.marked_edited:
        shown["edited"] = {"user": message.user, "ts": f"{message.edits[-1].at:.6f}"}
    if message.metadata is not None and metadata:
        shown["metadata"] = message.metadata
    if message.ephemeral_to:
        shown["is_ephemeral"] = True
    return shown


def with_ids(hub: Hub, blocks: list[Json]) -> list[Json]:
    """Blocks with the block and action ids that Slack makes up where they are missing."""
    kept = copy.deepcopy(blocks)
    for block in kept:
        block["block_id"] = block.get("block_id") or hub.state.new_id("b")
        for part in [*block.get("elements", []), block.get("accessory"), block.get("element")]:
            if isinstance(part, dict) and part.get("type") in KNOWN - {"image"}:
                part["action_id"] = part.get("action_id") or hub.state.new_id("a")
    return kept


def post(hub: Hub, message: Message, *, tell: bool = True) -> Message:
    """Puts a message into its channel; a reply makes its thread's parent one, and clears the thread's status."""
    message.blocks = with_ids(hub, message.blocks)
    hub.state.messages[message.channel, message.ts] = message
    if message.thread_ts and message.bot_id:
        clear_status(hub, message.channel, message.thread_ts)
    if message.is_reply and message.ephemeral_to is None:
        parent = hub.state.messages.get((message.channel, message.thread_ts or ""))
        if parent is not None:
            parent.thread_ts = parent.ts
    if message.ephemeral_to is None and tell:
        _tell(hub, message, {**message_json(message), "event_ts": message.ts})
    return message


def clear_status(hub: Hub, channel: str, thread_ts: str) -> None:
    statuses = hub.state.statuses.get((channel, thread_ts))
    if statuses and statuses[-1]:
        statuses.append("")


def edit(hub: Hub, message: Message, *, text: str, blocks: list[Json], marked: bool = True) -> None:
    """Changes a message; readers see `(edited)` only where it is `marked`: Slack spares an app's edit by blocks."""
    before = message_json(message)
    message.edits.append(Version(hub.clock.now(), message.text or message.streamed, message.blocks))
    message.marked_edited = message.marked_edited or marked
    message.text, message.blocks, message.streamed = text, with_ids(hub, blocks), ""
    if message.ephemeral_to is None:
        _tell(hub, message, _change(hub, "message_changed", message=message_json(message), previous_message=before))


def delete(hub: Hub, message: Message) -> None:
    message.deleted_at = hub.clock.now()
    if message.ephemeral_to is None:
        gone = {"deleted_ts": message.ts, "previous_message": message_json(message)}
        _tell(hub, message, _change(hub, "message_deleted", **gone))


def _change(hub: Hub, subtype: str, **what: Any) -> Json:
    ts = hub.state.new_ts()
    return {"type": "message", "subtype": subtype, "hidden": True, "ts": ts, "event_ts": ts, **what}


def _tell(hub: Hub, message: Message, event: Json) -> None:
    channel = hub.state.channels[message.channel]
    own = message.bot_id is not None and message.app_id == hub.app.id
    if own and not hub.echoes:
        return
    for team in hub.teams_of(channel):
        if hub.has_bot(channel, team):
            _tell_team(hub, team, channel, message, event, own=own)


def _tell_team(hub: Hub, team: Team, channel: Channel, message: Message, event: Json, *, own: bool) -> None:
    kind = channel.kind
    told = {**event, "channel": channel.id, "channel_type": kind}
    user = hub.state.users.get(message.user)
    if user is not None and user.team != team.id:
        told |= {"user_team": user.team, "source_team": user.team, "user_profile": {"name": user.name}}
    hub.emit(team, f"message.{KINDS[kind]}", told)
    fresh = "subtype" not in event or event["subtype"] == "thread_broadcast"
    if fresh and not own and kind != "im" and team.bot is not None and f"<@{team.bot.id}" in message.text:
        mention = {key: value for key, value in told.items() if key != "channel_type"}
        hub.emit(team, "app_mention", {**mention, "type": "app_mention"})


def typed(hub: Hub, text: str, team: str, *, command: str = "") -> str:
    """What Slack makes of what a member types: `@name` becomes a mention, `& < >` are escaped.

    In the text of a command a name stays a name, unless the app asked for escaping; then it is `<@U1|name>`.
    """

    def mention(match: re.Match[str]) -> str:
        user = hub.user_named(match[1], team)
        if user is None or (command and command not in hub.app.escaping):
            return match[0]
        return f"<@{user.id}|{user.name}>" if command else f"<@{user.id}>"

    parts = re.split(r"(<(?:[@#!][^<>]+|https?://[^<>]+)>)", text)
    for index in range(0, len(parts), 2):
        escaped = parts[index].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        parts[index] = re.sub(r"(?<!\w)@([\w.-]*\w)", mention, escaped)
    return "".join(parts)


def scope_word(channel: Channel) -> str:
    return KINDS[channel.kind]

"""What Slack sends, read: is it for the bot, and what is asked. Pure functions of payloads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, TypeAlias

from bot.chat.slack.clients import workspace_of
from bot.chat.slack.surfaces import Place
from bot.chat.slack.text import mentions, typed
from bot.chat.slack.views import channel_of
from bot.core.parsing import MAX_LENGTH
from bot.core.requests import Request

Payload: TypeAlias = Mapping[str, Any]

SHORTCUTS: Final = {"steelman_this": "/steelman", "counter_this": "/counter"}
"""Callback ids of message shortcuts, with the command that each stands for."""
STAND_SHORTCUT: Final = "stand_on_this"


@dataclass(frozen=True, slots=True)
class Heard:
    """Something that was said to the bot: the request, without what Slack has to tell of its member, and its place."""

    request: Request
    place: Place


def organisation(payload: Payload) -> str | None:
    """The organisation whose installation serves the workspace that something comes from; None for its own."""
    authorizations = payload.get("authorizations") or [payload]
    if str(authorizations[0].get("is_enterprise_install")).lower() != "true":
        return None
    return enterprise_of(payload)


def team_of(payload: Payload) -> str:
    """The workspace in which the bot hears something.

    For what is said in a shared channel that is the one with the installation; for an organisation's, which may leave a
    press without a workspace, the member's.
    """
    authorization: Payload = next(iter(payload.get("authorizations") or []), {})
    return str(
        authorization.get("team_id")
        or payload.get("team_id")
        or (payload.get("team") or {}).get("id")
        or payload["user"]["team_id"]
    )


def changed(payload: Payload) -> tuple[str, bool]:
    """The member whose account changed, and whether it is deactivated."""
    user = payload["event"].get("user") or {}
    return str(user.get("id") or ""), bool(user.get("deleted"))


def from_elsewhere(payload: Payload) -> bool:
    """Whether what was sent itself says that its member is of another organisation."""
    event = payload.get("event") or {}
    theirs = event.get("user_team") or event.get("source_team") or (payload.get("user") or {}).get("team_id")
    return theirs is not None and theirs not in (team_of(payload), enterprise_of(payload))


def enterprise_of(payload: Payload) -> str | None:
    """The organisation that the workspace belongs to, whoever installed the bot; None for a workspace by itself."""
    return payload.get("enterprise_id") or (payload.get("enterprise") or {}).get("id")


def command(payload: Payload, now: datetime) -> Heard:
    """A slash command."""
    name, text = str(payload["command"]), typed(str(payload.get("text") or ""))
    heard = _heard(
        payload["team_id"],
        payload["channel_id"],
        payload["user_id"],
        f"{name} {text}".strip(),
        f"command:{payload['trigger_id']}",
        now,
        hook=payload.get("response_url"),
        direct=payload.get("channel_name") == "directmessage",
        name=str(payload.get("user_name") or ""),
    )
    return replace(heard, place=replace(heard.place, replaces=True))


def message(event: Payload, team: str, bot: str, now: datetime) -> Heard | None:
    """A message that is for the bot: it mentions it, or is sent to it directly; None for any other.

    One that comes twice, as a mention and as a message, or again after an acknowledgement was lost, has one event id.
    """
    subtype = event.get("subtype")
    if subtype not in (None, "file_share", "thread_broadcast") or event.get("bot_id") or not event.get("user"):
        return None
    text, direct = str(event.get("text") or ""), event.get("channel_type") == "im"
    if not direct and not mentions(text, bot):
        return None
    return _said(event, team, bot, now, direct=direct)


def in_own_thread(event: Payload, team: str, bot: str, now: datetime) -> Heard | None:
    """A plain message in a thread, to be answered if the thread is one that the bot opened with an answer."""
    if event.get("subtype") is not None or event.get("bot_id") or not event.get("user") or not event.get("thread_ts"):
        return None
    if event.get("thread_ts") == event.get("ts") or mentions(str(event.get("text") or ""), bot):
        return None
    return _said(event, team, bot, now, direct=False)


def _said(event: Payload, team: str, bot: str, now: datetime, *, direct: bool) -> Heard:
    ts = str(event["ts"])
    return _heard(
        team,
        event["channel"],
        event["user"],
        typed(str(event.get("text") or ""), bot) or "/crux help",
        f"message:{event['channel']}:{ts}",
        now,
        thread=str(event.get("thread_ts") or ts),
        within=_within(event.get("thread_ts"), ts),
        direct=direct,
    )


def press(payload: Payload, now: datetime) -> Heard | None:
    """A press of a button of ours in a message or in the Home tab; None for anything else that can be pressed."""
    action = payload["actions"][0]
    value = action.get("value")
    if not value:
        return None
    container = payload.get("container") or {}
    if container.get("type") == "view":
        return _press_at_home(payload, action, now)
    channel = container.get("channel_id")
    shown = payload.get("message") or {}
    # What is pressed under a message is answered in its thread.
    thread = container.get("thread_ts") or shown.get("thread_ts") or container.get("message_ts")
    if container.get("is_ephemeral") and not container.get("thread_ts"):
        thread = None
    text = str(value) if str(value).startswith("/") else f"/press {value}"
    return _heard(
        team_of(payload),
        channel or payload["user"]["id"],
        payload["user"]["id"],
        text,
        f"press:{payload['trigger_id']}",
        now,
        thread=None if channel is None else thread,
        within=_within(container.get("thread_ts") or shown.get("thread_ts"), container.get("message_ts")),
        hook=payload.get("response_url"),
        direct=channel is None or (payload.get("channel") or {}).get("name") == "directmessage",
        name=str(payload["user"].get("name") or ""),
    )


def _press_at_home(payload: Payload, action: Payload, now: datetime) -> Heard:
    """A press in the Home tab, on what is in a direct message or, for organisers, in a channel; answered directly."""
    member = str(payload["user"]["id"])
    channel = channel_of(str(action.get("block_id") or "")) or member
    value = str(action["value"])
    heard = _heard(
        team_of(payload),
        channel,
        member,
        value if value.startswith("/") else f"/press {value}",
        f"press:{payload['trigger_id']}",
        now,
        direct=channel == member or channel.startswith("D"),
        name=str(payload["user"].get("name") or ""),
    )
    if heard.request.direct:
        return replace(heard, place=replace(heard.place, at_home=True))
    return replace(heard, place=replace(heard.place, channel=member, direct=True, at_home=True, about=channel))


def shortcut(payload: Payload, now: datetime) -> Heard:
    """A message shortcut that argues what the message says."""
    said = payload.get("message") or {}
    text = typed(str(said.get("text") or ""))[: MAX_LENGTH - 20]
    ts = str(said.get("thread_ts") or payload["message_ts"])
    return _heard(
        team_of(payload),
        payload["channel"]["id"],
        payload["user"]["id"],
        f"{SHORTCUTS[payload['callback_id']]} {text}".strip(),
        f"shortcut:{payload['trigger_id']}",
        now,
        thread=ts,
        within=_within(said.get("thread_ts"), payload["message_ts"]),
        hook=payload.get("response_url"),
        direct=payload["channel"].get("name") == "directmessage",
        name=str(payload["user"].get("name") or ""),
    )


def submitted(payload: Payload, channel: str, text: str, now: datetime, thread: str | None = None) -> Heard:
    """A modal that was sent off from a channel; its answer is for the member."""
    return _heard(
        team_of(payload),
        channel,
        payload["user"]["id"],
        text,
        f"view:{payload['view']['id']}:{payload['view'].get('hash', '')}",
        now,
        thread=thread,
        within=thread,
        name=str(payload["user"].get("name") or ""),
        direct=channel == payload["user"]["id"],
    )


def set_at_home(payload: Payload, name: str, text: str, now: datetime) -> Heard:
    """One field of the modal for the workspace's settings, which is opened from the Home tab."""
    member = str(payload["user"]["id"])
    event_id = f"view:{payload['view']['id']}:{payload['view'].get('hash', '')}:{name}"
    heard = _heard(team_of(payload), member, member, text, event_id, now, direct=True)
    return replace(heard, place=replace(heard.place, at_home=True))


def _heard(
    team: str,
    channel: str,
    member: str,
    text: str,
    event_id: str,
    now: datetime,
    *,
    thread: str | None = None,
    within: str | None = None,
    hook: str | None = None,
    direct: bool = False,
    name: str = "",
) -> Heard:
    request = Request(
        workspace_of(team),
        channel,
        member,
        text,
        event_id,
        now,
        thread=thread,
        member_name=name,
        within=within,
        direct=direct,
    )
    return Heard(request, Place(team, channel, member, thread, direct, hook))


def _within(thread: str | None, ts: str | None) -> str | None:
    """The thread that a message is in; None for one at the channel's top level, also where a thread hangs from it."""
    return None if thread is None or str(thread) == str(ts) else str(thread)


def known(heard: Heard, name: str, *, organiser: bool, stranger: bool) -> Heard:
    """What was heard, with what Slack tells of its member."""
    name = name or heard.request.member_name
    request = replace(heard.request, member_name=name, organiser=organiser, stranger=stranger)
    return replace(heard, request=request)

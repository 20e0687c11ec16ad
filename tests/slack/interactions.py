"""What Slack sends the bot when a member uses it: commands, presses, shortcuts, submitted modals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.slack.hub import Hub
from tests.slack.posting import message_json
from tests.slack.seeing import mrkdwn
from tests.slack.state import Channel, Json, Message, Team, User, View
from tests.slack.web_api.views import view_json

TOKEN = "verification-token"


class NotPossible(Exception):
    """Slack's client would not let a member do this."""


def channel_name(channel: Channel) -> str:
    return {"im": "directmessage", "group": "privategroup", "mpim": "privategroup"}.get(channel.kind, channel.name)


def _common(hub: Hub, team: Team, user: User) -> Json:
    token = hub.state.tokens.get(team.bot_token)
    return {
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team},
        "team": {"id": team.id, "domain": team.domain},
        "api_app_id": hub.app.id,
        "token": TOKEN,
        "enterprise": {"id": team.enterprise, "name": "Organisation"} if team.enterprise else None,
        "is_enterprise_install": token is not None and token.team is None,
    }


def command(hub: Hub, team: Team, user: User, channel: Channel, name: str, text: str) -> Json:
    token = hub.state.tokens.get(team.bot_token)
    return {
        "token": TOKEN,
        "team_id": team.id,
        "team_domain": team.domain,
        "enterprise_id": team.enterprise,
        "channel_id": channel.id,
        "channel_name": channel_name(channel),
        "user_id": user.id,
        "user_name": user.name,
        "command": name,
        "text": text,
        "api_app_id": hub.app.id,
        "is_enterprise_install": "true" if token is not None and token.team is None else "false",
        "response_url": hub.new_hook(team.id, channel.id, user.id),
        "trigger_id": hub.state.new_trigger(team.id, user.id),
    }


def message_action(hub: Hub, team: Team, user: User, message: Message, callback_id: str) -> Json:
    channel = hub.state.channels[message.channel]
    return {
        **_common(hub, team, user),
        "type": "message_action",
        "callback_id": callback_id,
        "action_ts": hub.state.new_ts(),
        "trigger_id": hub.state.new_trigger(team.id, user.id),
        "response_url": hub.new_hook(team.id, channel.id, user.id),
        "channel": {"id": channel.id, "name": channel_name(channel)},
        "message_ts": message.ts,
        "message": message_json(message),
    }


def shortcut(hub: Hub, team: Team, user: User, callback_id: str) -> Json:
    trigger = hub.state.new_trigger(team.id, user.id)
    action = {"type": "shortcut", "callback_id": callback_id, "action_ts": hub.state.new_ts(), "trigger_id": trigger}
    return {**_common(hub, team, user), **action}


def press(hub: Hub, team: Team, user: User, where: Message | View, action: Json) -> Json:
    """block_actions from a message or a view; an ephemeral message is not in the payload, as on Slack."""
    body = {**_common(hub, team, user), "type": "block_actions", "actions": [action]}
    if isinstance(where, View):
        trigger = hub.state.new_trigger(team.id, user.id, where.id)
        shown = {"container": {"type": "view", "view_id": where.id}, "view": view_json(hub, where)}
        return {**body, **shown, "trigger_id": trigger}
    channel = hub.state.channels[where.channel]
    container: Json = {
        "type": "message",
        "message_ts": where.ts,
        "channel_id": channel.id,
        "is_ephemeral": where.ephemeral_to is not None,
        **({"thread_ts": where.thread_ts} if where.thread_ts else {}),
    }
    return {
        **body,
        "container": container,
        "trigger_id": hub.state.new_trigger(team.id, user.id),
        "channel": {"id": channel.id, "name": channel_name(channel)},
        **({"message": message_json(where)} if where.ephemeral_to is None else {}),
        "state": {"values": {}},
        "response_url": hub.new_hook(team.id, channel.id, user.id, where),
    }


def submission(hub: Hub, team: Team, user: User, view: View, kind: str = "view_submission") -> Json:
    more: Json = {"trigger_id": hub.state.new_trigger(team.id, user.id, view.id), "response_urls": []}
    if kind == "view_closed":
        more = {"is_cleared": False}
    return {**_common(hub, team, user), "type": kind, "view": view_json(hub, view), **more}


def elements(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Each interactive element with the block that it is in."""
    for block in blocks:
        for part in [*block.get("elements", []), block.get("accessory"), block.get("element")]:
            if isinstance(part, dict) and "action_id" in part:
                yield block, part
        for child in [*block.get("child_blocks", []), *block.get("actions", [])]:
            yield from elements([child])


def _label(part: Mapping[str, Any]) -> str:
    return str((part.get("text") or part.get("placeholder") or {}).get("text", ""))


def find_action(hub: Hub, blocks: list[Json], which: str, choice: object = None) -> Json:
    """The action of pressing what has this action id or label; `choice` is what is picked in a menu."""
    for block, part in elements(blocks):
        base = {"action_id": part["action_id"], "block_id": block.get("block_id"), "type": part["type"]}
        base["action_ts"] = hub.state.new_ts()
        if part["type"] == "feedback_buttons":
            for side in ("positive_button", "negative_button"):
                if which in {_label(part[side]), part[side].get("value")}:
                    return base | {"text": part[side]["text"], "value": part[side].get("value")}
        elif which in {part["action_id"], _label(part)}:
            return base | _picked(part, choice)
    labels = [(part["action_id"], _label(part)) for _, part in elements(blocks)]
    raise NotPossible(f"nothing called {which!r}; there are {labels}")


def _picked(part: Json, choice: object) -> Json:
    if part["type"] in {"button", "workflow_button", "icon_button"}:
        return {name: part[name] for name in ("text", "value", "url") if name in part}
    return state_of(part, choice)


def option_named(part: Json, choice: object) -> Json:
    """The option with this text or value."""
    offered: list[Json] = [*part.get("options", [])]
    for group in part.get("option_groups", []):
        offered += group["options"]
    for option in offered:
        if choice in {option.get("value"), option["text"]["text"], mrkdwn(option["text"]["text"])[0]}:
            return option
    raise NotPossible(f"no option {choice!r} among {[option['text']['text'] for option in offered]}")


def state_of(part: Json, choice: object) -> Json:
    """An element's state after a member filled in `choice`: a text, one option, or a list of options."""
    kind = str(part["type"])
    match kind:
        case "static_select" | "radio_buttons" | "overflow":
            return {"selected_option": option_named(part, choice) if choice is not None else None}
        case "multi_static_select" | "checkboxes":
            chosen = choice if isinstance(choice, list | tuple) else [choice] if choice is not None else []
            return {"selected_options": [option_named(part, one) for one in chosen]}
        case "users_select" | "channels_select" | "conversations_select":
            return {f"selected_{kind.split('_', 1)[0].removesuffix('s')}": choice}
        case "datepicker" | "timepicker":
            return {f"selected_{kind.removesuffix('picker')}": choice}
        case "datetimepicker":
            return {"selected_date_time": choice}
        case _ if kind.startswith("multi_"):
            return {f"selected_{kind.removeprefix('multi_').removesuffix('_select')}": list(choice or [])}  # type: ignore[call-overload]
        case _:
            return {"value": choice}


_INITIAL = ("initial_value", "initial_option", "initial_options", "initial_user", "initial_channel", "initial_date")


def _start(part: Json) -> object:
    """What an element holds before a member touched it, as `state_of` takes it."""
    given: Any = next((part[name] for name in _INITIAL if name in part), None)
    if isinstance(given, dict):
        return given["value"]
    return [one["value"] for one in given] if isinstance(given, list) else given


def fill(view: View, values: Mapping[str, object]) -> None:
    """Fills in a modal; `values` by block id, action id or label. What Slack's client refuses raises NotPossible."""
    left = dict(values)
    state: Json = {}
    for block, part in elements(view.blocks):
        if block["type"] != "input" and part["type"] in {"button", "overflow"}:
            continue
        names = [block.get("block_id", ""), part["action_id"], (block.get("label") or {}).get("text", "")]
        name = next((name for name in names if name in left), None)
        choice = left.pop(name) if name is not None else _start(part)
        empty = choice is None or choice in ("", [])
        if block["type"] == "input" and empty and not block.get("optional"):
            raise NotPossible(f"{names[2]!r} must be filled in")
        typed = len(choice) if isinstance(choice, str) and not empty and part["type"] == "plain_text_input" else None
        if typed is not None and not part.get("min_length", 0) <= typed <= part.get("max_length", 3000):
            raise NotPossible(f"{names[2]!r} is too short or too long")
        held = {"type": part["type"], **state_of(part, None if empty else choice)}
        state.setdefault(block["block_id"], {})[part["action_id"]] = held
    if left:
        raise NotPossible(f"the modal has no {sorted(left)}")
    view.state = {"values": state}

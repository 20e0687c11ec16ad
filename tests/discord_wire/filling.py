"""How a Discord client turns what a member types into an interaction's data, and what it would not let them do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.discord_wire.component_limits import (
    CHECKBOX,
    CHECKBOXES,
    LABEL,
    RADIO,
    ROW,
    SELECT,
    TEXT,
    TEXT_INPUT,
    Component,
    walk,
)
from tests.discord_wire.errors import Impossible
from tests.discord_wire.payloads import channel_json, user_json
from tests.discord_wire.state import Channel, Json, Message, User


def leaf(command: Json, path: Sequence[str]) -> tuple[Json, list[Json]]:
    """The subcommand at the path's end, and the empty shells around its options, outermost first."""
    here, shells = command, []
    for name in path:
        here = next((o for o in here.get("options") or [] if o["name"] == name and o["type"] in {1, 2}), {})
        if not here:
            raise Impossible(f"/{command['name']} has no subcommand {' '.join(path)!r}")
        shells.append({"name": name, "type": here["type"]})
    if any(option["type"] in {1, 2} for option in here.get("options") or []):
        raise Impossible(f"/{' '.join([command['name'], *path])} needs a subcommand")
    return here, shells


def command_data(command: Json, path: Sequence[str], given: Mapping[str, object], typed: str | None = None) -> Json:
    """The data of a slash command, or of its autocompletion when one option is being `typed`."""
    place, shells = leaf(command, path)
    known = {option["name"]: option for option in place.get("options") or []}
    resolved: Json = {}
    values = []
    for name, value in given.items():
        if name not in known:
            raise Impossible(f"/{command['name']} has no option {name!r}, but {sorted(known)}")
        if name == typed:
            if not known[name].get("autocomplete"):
                raise Impossible(f"option {name!r} completes nothing")
            values.append({"name": name, "type": known[name]["type"], "value": value, "focused": True})
        else:
            wire = option_value(known[name], value, resolved)
            values.append({"name": name, "type": known[name]["type"], "value": wire})
    missing = [name for name, option in known.items() if option.get("required") and name not in given]
    if missing and typed is None:
        raise Impossible(f"/{command['name']} needs {missing}")
    inner: list[Json] = list(values)
    for shell in reversed(shells):
        inner = [{**shell, "options": inner}]
    found: Json = {"id": command["id"], "name": command["name"], "type": 1, "options": inner}
    found |= {"resolved": resolved} if resolved else {}
    return found | ({"guild_id": command["guild_id"]} if "guild_id" in command else {})


KINDS: dict[int, tuple[type, ...]] = {3: (str,), 4: (int,), 5: (bool,), 6: (User,), 7: (Channel,), 10: (int, float)}


def option_value(option: Json, value: object, resolved: Json) -> object:
    """A value as it goes over the wire, refused where the client would not send it."""
    name = option["name"]
    if not isinstance(value, KINDS.get(option["type"], ())) or (option["type"] == 4 and isinstance(value, bool)):
        raise Impossible(f"option {name!r} can't be {value!r}")
    if option.get("choices"):
        chosen = [choice for choice in option["choices"] if value in (choice["name"], choice["value"])]
        if not chosen:
            raise Impossible(f"{value!r} is none of the choices of {name!r}")
        return chosen[0]["value"]
    if isinstance(value, User):
        resolved.setdefault("users", {})[str(value.id)] = user_json(value)
        return str(value.id)
    if isinstance(value, Channel):
        resolved.setdefault("channels", {})[str(value.id)] = channel_json(value) | {"permissions": "0"}
        return str(value.id)
    size = len(value) if isinstance(value, str) else value
    low, high = ("min_length", "max_length") if isinstance(value, str) else ("min_value", "max_value")
    assert isinstance(size, int | float)
    most = option.get(high) or (6000 if isinstance(value, str) else 2**53)
    if not option.get(low, -(2**53)) <= size <= most:
        raise Impossible(f"option {name!r} is out of its bounds")
    return value


def find(message: Message, wanted: str | None, kinds: frozenset[int]) -> Component:
    """The one usable component of a message with that label or custom id."""
    every = [c for _, c in walk(message.components) if c.get("type") in kinds]
    found = [c for c in every if wanted is None or wanted in (c.get("custom_id"), c.get("label"))]
    if len(found) != 1:
        raise Impossible(f"{len(found)} components are {wanted!r} among {[c.get('label') for c in every]}")
    if found[0].get("disabled"):
        raise Impossible(f"{wanted!r} is disabled")
    if not found[0].get("custom_id"):
        raise Impossible(f"{wanted!r} is a link")
    return found[0]


def submission(modal: Json, values: Mapping[str, object]) -> Json:
    """The data of a filled-in modal; values are by custom id or by label."""
    left = dict(values)
    components: list[Json] = []
    for n, field in enumerate(modal["components"], 1):
        if field["type"] == TEXT:
            components.append({"type": TEXT, "id": n})
        elif field["type"] == ROW:
            child = field["components"][0]
            filled = fill(child, taken(left, child["custom_id"], child.get("label")))
            components.append({"type": ROW, "id": n, "components": [{**filled, "id": n + 100}]})
        else:
            child = field["component"]
            filled = fill(child, taken(left, child["custom_id"], field["label"]))
            components.append({"type": LABEL, "id": n, "component": {**filled, "id": n + 100}})
    if left:
        raise Impossible(f"the modal asks for none of {sorted(left)}")
    return {"custom_id": modal["custom_id"], "components": components}


def taken(values: dict[str, object], *names: str | None) -> object:
    """The value under one of these names, taken out; None if there is none."""
    return next((values.pop(name) for name in names if name in values), None)


def fill(field: Component, value: object) -> Json:
    """One input as filled in; what was left alone has its default."""
    kind, custom_id = field["type"], field["custom_id"]
    found: Json = {"type": kind, "custom_id": custom_id}
    required = field.get("required", kind != CHECKBOX)
    if kind == TEXT_INPUT:
        text = field.get("value") or "" if value is None else value
        low = field.get("min_length") or (1 if required else 0)
        if not isinstance(text, str) or not (
            low <= len(text) <= (field.get("max_length") or 4000) or not (text or required)
        ):
            raise Impossible(f"{custom_id!r} can't be {text!r}")
        return found | {"value": text}
    if kind == CHECKBOX:
        return found | {"value": bool(field.get("default", False)) if value is None else bool(value)}
    if kind not in {RADIO, CHECKBOXES, SELECT}:
        raise Impossible(f"this simulation can't fill in a component of type {kind}")
    options = field["options"]
    wanted = [value] if isinstance(value, str) else value
    if wanted is None:
        wanted = [option["value"] for option in options if option.get("default")]
    assert isinstance(wanted, list | tuple | set | frozenset)
    chosen = [option["value"] for option in options if {option["value"], option["label"]} & set(wanted)]
    default_most = len(options) if kind == CHECKBOXES else 1
    least, most = field.get("min_values", 1) if required else 0, field.get("max_values") or default_most
    if len(chosen) != len(wanted) or not least <= len(chosen) <= most:
        raise Impossible(f"{custom_id!r} can't be {wanted!r}")
    return found | ({"value": chosen[0] if chosen else None} if kind == RADIO else {"values": chosen})

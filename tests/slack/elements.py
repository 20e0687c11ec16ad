"""Slack's limits for what blocks are made of: texts, options, confirmations, buttons, inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Json = Mapping[str, Any]
Errors = list[str]

SELECTS = frozenset(
    f"{prefix}{kind}_select"
    for prefix in ("", "multi_")
    for kind in ("static", "external", "users", "conversations", "channels")
)
PICKERS = frozenset({"datepicker", "timepicker", "datetimepicker"})
FIELDS = frozenset({"plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input"})
CHOICES = frozenset({"checkboxes", "radio_buttons"})
IN_SECTION = SELECTS | PICKERS | CHOICES | {"button", "image", "overflow", "workflow_button"}
IN_ACTIONS = (IN_SECTION - {"image"}) | {"rich_text_input"}
IN_INPUT = SELECTS | PICKERS | CHOICES | FIELDS | {"file_input"}
KNOWN = IN_SECTION | IN_ACTIONS | IN_INPUT | {"feedback_buttons", "icon_button"}


def length(value: object, least: int, most: int, where: str, *, needed: bool = True) -> Errors:
    if value is None:
        return [f"{where}: missing"] if needed else []
    if not isinstance(value, str):
        return [f"{where}: must be a string"]
    if len(value) < least:
        return [f"{where}: must be at least {least} characters"]
    return [f"{where}: must be at most {most} characters"] if len(value) > most else []


def text(thing: object, most: int, where: str, *, plain: bool = False, needed: bool = True) -> Errors:
    """A text object of 1 to `most` characters."""
    if thing is None:
        return [f"{where}: missing"] if needed else []
    if not isinstance(thing, Mapping):
        return [f"{where}: must be a text object"]
    kind = thing.get("type")
    if kind not in ({"plain_text"} if plain else {"plain_text", "mrkdwn"}):
        return [f"{where}: text object of type {kind!r} not allowed"]
    errors = length(thing.get("text"), 1, most, f"{where}.text")
    known = {"type", "text", "emoji"} if kind == "plain_text" else {"type", "text", "verbatim"}
    return errors + [f"{where}: unknown field {name!r}" for name in sorted(set(thing) - known)]


def option(thing: object, where: str, *, plain: bool = True) -> Errors:
    if not isinstance(thing, Mapping):
        return [f"{where}: must be an option"]
    errors = text(thing.get("text"), 75, f"{where}.text", plain=plain)
    errors += length(thing.get("value"), 1, 150, f"{where}.value")
    return errors + text(thing.get("description"), 75, f"{where}.description", plain=plain, needed=False)


def options(things: object, most: int, where: str, *, plain: bool = True, least: int = 1) -> Errors:
    if not isinstance(things, Sequence) or isinstance(things, str):
        return [f"{where}: must be a list of options"]
    errors = [] if least <= len(things) <= most else [f"{where}: must have {least} to {most} options"]
    for index, thing in enumerate(things):
        errors += option(thing, f"{where}[{index}]", plain=plain)
    values = [thing.get("value") for thing in things if isinstance(thing, Mapping)]
    return errors + ([f"{where}: values must be unique"] if len(set(map(str, values))) < len(values) else [])


def confirm(thing: object, where: str) -> Errors:
    if thing is None:
        return []
    if not isinstance(thing, Mapping):
        return [f"{where}: must be a confirmation dialog"]
    errors = text(thing.get("title"), 100, f"{where}.title", plain=True)
    errors += text(thing.get("text"), 300, f"{where}.text")
    errors += text(thing.get("confirm"), 30, f"{where}.confirm", plain=True)
    return errors + text(thing.get("deny"), 30, f"{where}.deny", plain=True)


def _style(thing: Json, where: str) -> Errors:
    style = thing.get("style")
    return [] if style in {None, "primary", "danger"} else [f"{where}.style: {style!r} not allowed"]


def _button(thing: Json, where: str) -> Errors:
    errors = text(thing.get("text"), 75, f"{where}.text", plain=True) + _style(thing, where)
    errors += length(thing.get("value"), 0, 2000, f"{where}.value", needed=False)
    errors += length(thing.get("url"), 1, 3000, f"{where}.url", needed=False)
    return errors + length(thing.get("accessibility_label"), 1, 75, f"{where}.accessibility_label", needed=False)


def image(thing: Json, where: str) -> Errors:
    errors = length(thing.get("alt_text"), 1, 2000, f"{where}.alt_text")
    if ("image_url" in thing) == ("slack_file" in thing):
        errors.append(f"{where}: exactly one of image_url and slack_file")
    return errors + length(thing.get("image_url"), 1, 3000, f"{where}.image_url", needed=False)


def _select(thing: Json, where: str) -> Errors:
    errors: Errors = []
    kind = str(thing["type"])
    if kind.endswith("static_select"):
        if ("options" in thing) == ("option_groups" in thing):
            return [f"{where}: exactly one of options and option_groups"]
        if "options" in thing:
            errors += options(thing["options"], 100, f"{where}.options")
        else:
            groups = thing["option_groups"]
            errors += [] if 1 <= len(groups) <= 100 else [f"{where}.option_groups: must have 1 to 100"]
            for index, group in enumerate(groups):
                errors += text(group.get("label"), 75, f"{where}.option_groups[{index}].label", plain=True)
                errors += options(group.get("options"), 100, f"{where}.option_groups[{index}].options")
    if not kind.startswith("multi_") and "initial_option" in thing:
        errors += _initial([thing["initial_option"]], thing, where)
    return errors


def _initial(chosen: Sequence[Any], thing: Json, where: str) -> Errors:
    offered = list(thing.get("options", []))
    for group in thing.get("option_groups", []):
        offered += group.get("options", [])
    return [f"{where}: the initial option is not among the options" for one in chosen if offered and one not in offered]


def _choices(thing: Json, where: str) -> Errors:
    errors = options(thing.get("options"), 10, f"{where}.options", plain=False)
    chosen = [thing["initial_option"]] if "initial_option" in thing else list(thing.get("initial_options", []))
    return errors + _initial(chosen, thing, where)


def _field(thing: Json, where: str) -> Errors:
    errors: Errors = []
    if thing["type"] == "number_input" and "is_decimal_allowed" not in thing:
        errors.append(f"{where}.is_decimal_allowed: missing")
    if thing["type"] == "plain_text_input":
        errors += length(thing.get("initial_value"), 0, 3000, f"{where}.initial_value", needed=False)
        least, most = thing.get("min_length", 0), thing.get("max_length", 3000)
        if not 0 <= least <= 3000 or not 1 <= most <= 3000 or least > most:
            errors.append(f"{where}: min_length and max_length must lie in 0..3000 and 1..3000")
    return errors


def _feedback(thing: Json, where: str) -> Errors:
    errors: Errors = []
    for name in ("positive_button", "negative_button"):
        choice = thing.get(name) or {}
        errors += text(choice.get("text"), 75, f"{where}.{name}.text", plain=True)
        errors += length(choice.get("value"), 1, 2000, f"{where}.{name}.value")
    return errors


def _icon(thing: Json, where: str) -> Errors:
    errors = text(thing.get("text"), 75, f"{where}.text", plain=True)
    return errors + ([] if thing.get("icon") == "trash" else [f"{where}.icon: only 'trash' is known"])


def element(thing: object, allowed: frozenset[str], where: str) -> Errors:
    """What Slack says to an element in a block that takes the `allowed` types."""
    if not isinstance(thing, Mapping):
        return [f"{where}: must be an element"]
    kind = thing.get("type")
    if kind not in allowed:
        return [f"{where}: element of type {kind!r} not allowed"]
    if kind == "image":
        return image(thing, where)
    errors = length(thing.get("action_id"), 1, 255, f"{where}.action_id", needed=False)
    errors += confirm(thing.get("confirm"), f"{where}.confirm")
    errors += text(thing.get("placeholder"), 150, f"{where}.placeholder", plain=True, needed=False)
    if kind in {"button", "workflow_button"}:
        errors += _button(thing, where)
    elif kind in SELECTS:
        errors += _select(thing, where)
    elif kind in CHOICES:
        errors += _choices(thing, where)
    elif kind == "overflow":
        errors += options(thing.get("options"), 5, f"{where}.options")
    elif kind in FIELDS:
        errors += _field(thing, where)
    elif kind == "feedback_buttons":
        errors += _feedback(thing, where)
    elif kind == "icon_button":
        errors += _icon(thing, where)
    return errors

"""What Discord refuses in modals and in application commands, as strings of `path: reason`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tests.discord_wire.component_limits import (
    CHECKBOX,
    CHECKBOXES,
    LABEL,
    RADIO,
    ROW,
    SELECTS,
    TEXT,
    TEXT_INPUT,
    UPLOAD,
    Component,
    bound_errors,
    custom_id_errors,
    one_errors,
    option_errors,
    repeated,
    select_errors,
    text_errors,
    walk,
)
from tests.discord_wire.limits import choice_errors, length

SLASH, USER_MENU, MESSAGE_MENU = 1, 2, 3
NAME = re.compile(r"[-_'\w]{1,32}")
MOST = {SLASH: 100, USER_MENU: 15, MESSAGE_MENU: 15}
INPUTS = SELECTS | {TEXT_INPUT, UPLOAD, RADIO, CHECKBOXES, CHECKBOX}


def modal_errors(modal: Mapping[str, Any]) -> list[str]:
    """Of a modal: its title, and up to five labels, texts or rows with one text input."""
    found = length("title", modal.get("title"), 1, 45) + custom_id_errors("modal", modal)
    components: Sequence[Component] = modal.get("components") or []
    if not 1 <= len(components) <= 5:
        found.append("components: Must be between 1 and 5 in length.")
    for n, component in enumerate(components):
        found += field_errors(f"components.{n}", component)
    return found + repeated(list(walk(components)), "custom_id")


def field_errors(path: str, field: Component) -> list[str]:
    """Of one thing in a modal."""
    kind = field.get("type")
    if kind == TEXT:
        return one_errors(path, field, ())
    if kind == ROW:
        children = field.get("components") or []
        if len(children) != 1 or children[0].get("type") != TEXT_INPUT:
            return [f"{path}.components: A row of a modal holds one text input."]
        return text_errors(f"{path}.components.0", children[0], "label", 1, 45) + input_errors(
            f"{path}.components.0", children[0]
        )
    if kind != LABEL:
        return [f"{path}.type: {kind} cannot stand in a modal."]
    child = field.get("component") or {}
    found = text_errors(path, field, "label", 1, 45) + text_errors(path, field, "description", 0, 100)
    if child.get("type") not in INPUTS:
        return [*found, f"{path}.component: {child.get('type')} cannot stand in a label."]
    if child.get("label"):
        found.append(f"{path}.component.label: Belongs to the label around it.")
    if child.get("disabled"):
        found.append(f"{path}.component.disabled: Nothing in a modal can be disabled.")
    return found + input_errors(f"{path}.component", child)


def input_errors(path: str, field: Component) -> list[str]:
    """Of what a member fills in."""
    kind = field.get("type")
    if kind in SELECTS:
        return select_errors(path, field)
    found = custom_id_errors(path, field)
    options = field.get("options") or []
    chosen = sum(bool(option.get("default")) for option in options)
    if kind == TEXT_INPUT:
        return found + text_input_errors(path, field)
    if kind == RADIO:
        found += [f"{path}.options: Only one can be chosen."] if chosen > 1 else []
        return found + option_errors(f"{path}.options", options, 2, 10)
    if kind == CHECKBOXES:
        most = field.get("max_values")
        most = len(options) if most is None else most
        found += option_errors(f"{path}.options", options, 1, 10)
        found += [f"{path}.options: More are chosen than may be."] if chosen > most else []
        if field.get("min_values") == 0 and field.get("required", True):
            found.append(f"{path}.required: Must be false where none may be chosen.")
        return found + bound_errors(path, {**field, "max_values": most}, 10)
    return found + bound_errors(path, field, 10) if kind == UPLOAD else found


def text_input_errors(path: str, field: Component) -> list[str]:
    """Of a line or a paragraph to type."""
    found = [] if field.get("style") in {1, 2} else [f"{path}.style: Must be 1 or 2."]
    least, most = field.get("min_length"), field.get("max_length")
    least, most = 0 if least is None else least, 4000 if most is None else most
    if not (0 <= least <= 4000 and 1 <= most <= 4000 and least <= most):
        found.append(f"{path}.min_length: Must be at most max_length, and both at most 4000.")
    found += text_errors(path, field, "placeholder", 0, 100)
    return found + text_errors(path, field, "value", 0, most)


def commands_errors(commands: Sequence[Mapping[str, Any]]) -> list[str]:
    """Of all commands of one scope: how many of each kind, no name twice, and each by itself."""
    found: list[str] = []
    for kind, most in MOST.items():
        names = [command.get("name") for command in commands if command.get("type", SLASH) == kind]
        found += [f"commands: Must be {most} or fewer of type {kind}."] if len(names) > most else []
        found += ["commands: Names must differ."] if len(set(names)) < len(names) else []
    for n, command in enumerate(commands):
        found += [f"{n}.{error}" for error in command_errors(command)]
    return found


def command_errors(command: Mapping[str, Any]) -> list[str]:
    """Of one application command with its options."""
    kind = command.get("type") or SLASH
    if kind != SLASH:
        found = length("name", command.get("name"), 1, 32)
        for wrong in ("description", "options"):
            found += [f"{wrong}: A context menu has none."] if command.get(wrong) else []
        return found
    found = named_errors("", command) + options_errors("options", command.get("options") or [], depth=0)
    if weight(command) > 8000:
        found.append(f"name: Must be 8000 or fewer characters together, these are {weight(command)}.")
    return found


def named_errors(path: str, thing: Mapping[str, Any]) -> list[str]:
    """Of a name in lower case and a description, in each language."""
    dot = f"{path}." if path else ""
    names = {f"{dot}name": thing.get("name")}
    names |= {f"{dot}name_localizations.{k}": v for k, v in (thing.get("name_localizations") or {}).items()}
    found = [
        f"{place}: Must be 1 to 32 lower-case letters, digits, dashes or underscores."
        for place, name in names.items()
        if not isinstance(name, str) or not NAME.fullmatch(name) or name != name.lower()
    ]
    found += length(f"{dot}description", thing.get("description"), 1, 100)
    for language, text in (thing.get("description_localizations") or {}).items():
        found += length(f"{dot}description_localizations.{language}", text, 1, 100)
    return found


def options_errors(path: str, options: Sequence[Mapping[str, Any]], depth: int) -> list[str]:
    """Of a command's options, or its subcommands and groups of them."""
    found = [f"{path}: Must be 25 or fewer."] if len(options) > 25 else []
    names = [option.get("name") for option in options]
    found += [f"{path}: Names must differ."] if len(set(names)) < len(names) else []
    kinds = [option.get("type") for option in options]
    if any(kind in {1, 2} for kind in kinds) and not all(kind in {1, 2} for kind in kinds):
        found.append(f"{path}: Subcommands and options cannot stand side by side.")
    needed = [bool(option.get("required")) for option in options]
    if needed != sorted(needed, reverse=True):
        found.append(f"{path}: Required options must come before those that are not.")
    for n, option in enumerate(options):
        found += named_errors(f"{path}.{n}", option) + option_shape_errors(f"{path}.{n}", option, depth)
    return found


def option_shape_errors(path: str, option: Mapping[str, Any], depth: int) -> list[str]:
    """Of one option: what stands in it, its choices, and whether it completes."""
    kind = option.get("type")
    if kind in {1, 2}:
        inner = option.get("options") or []
        deep = 2 if kind == 1 else depth + 1
        found = [f"{path}.type: Too deep."] if depth > (1 if kind == 1 else 0) else []
        if kind == 2 and not all(one.get("type") == 1 for one in inner):
            found.append(f"{path}.options: A group holds subcommands.")
        return found + options_errors(f"{path}.options", inner, deep)
    found = [] if kind in range(3, 12) else [f"{path}.type: Must be between 1 and 11."]
    choices = option.get("choices") or []
    found += [f"{path}.choices: Must be 25 or fewer."] if len(choices) > 25 else []
    if choices and option.get("autocomplete"):
        found.append(f"{path}.autocomplete: Cannot stand beside choices.")
    for n, choice in enumerate(choices):
        found += choice_errors(f"{path}.choices.{n}", choice)
    least, most = option.get("min_length"), option.get("max_length")
    if not (0 <= (least or 0) <= 6000 and 1 <= (6000 if most is None else most) <= 6000):
        found.append(f"{path}.min_length: Must be at most 6000.")
    return found


def weight(thing: Mapping[str, Any]) -> int:
    """Characters that count to a command's 8,000: names, descriptions and values, in the longest language of each."""
    total = 0
    for name in ("name", "description"):
        texts = [thing.get(name) or "", *(thing.get(f"{name}_localizations") or {}).values()]
        total += max(len(text) for text in texts)
    total += len(thing["value"]) if isinstance(thing.get("value"), str) else 0
    return total + sum(weight(inner) for inner in [*(thing.get("options") or []), *(thing.get("choices") or [])])

"""What Slack refuses in Block Kit: pure functions from a payload to its errors, empty when Slack would take it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from tests.slack import charts, elements
from tests.slack.elements import Errors

Json = Mapping[str, Any]

EVERYWHERE = frozenset({"section", "actions", "context", "divider", "header", "image", "rich_text", "video", "input"})
IN_MESSAGES = EVERYWHERE | {
    "markdown", "context_actions", "table", "data_table", "data_visualization", "plan", "task_card", "card",
    "carousel", "container", "alert",
}  # fmt: skip
"""`file` and `call` are Slack's own, or need calls: an app's message with one is refused."""
IN_VIEWS = EVERYWHERE | {"alert", "card", "carousel", "container"}
MARKDOWN = 12_000
"""Characters of all `markdown` blocks of a payload together."""
_SDK = frozenset(
    {
        "section", "divider", "image", "actions", "context", "context_actions", "input", "header", "markdown", "video",
        "rich_text", "table", "task_card", "plan", "alert", "card", "container", "carousel",
    }
)  # fmt: skip


def message_errors(blocks: object, *, charts_known: bool = True) -> Errors:
    """Why Slack would answer `invalid_blocks` to these blocks in a message.

    `charts_known` off: a workspace that does not have data_visualization and data_table yet.
    """
    allowed = IN_MESSAGES if charts_known else IN_MESSAGES - {"data_visualization", "data_table"}
    errors = _blocks(blocks, allowed, most=50)
    if errors or not isinstance(blocks, Sequence):
        return errors
    kinds = Counter(block["type"] for block in blocks)
    for kind, most in (("data_visualization", 2), ("table", 1)):
        if kinds[kind] > most:
            errors.append(f"blocks: at most {most} {kind} in a message")
    length = sum(len(block["text"]) for block in blocks if block["type"] == "markdown")
    if length > MARKDOWN:
        errors.append(f"blocks: markdown blocks together at most {MARKDOWN} characters")
    return errors


def view_errors(view: object) -> Errors:
    """Why Slack would answer `invalid_arguments` to this modal or home tab."""
    return _shaped(lambda: _view(view), "view")


def _view(view: object) -> Errors:
    if not isinstance(view, Mapping):
        return ["view: must be an object"]
    kind = view.get("type")
    if kind not in {"modal", "home"}:
        return [f"view.type: {kind!r} not allowed"]
    errors = elements.length(view.get("private_metadata"), 0, 3000, "view.private_metadata", needed=False)
    errors += elements.length(view.get("callback_id"), 0, 255, "view.callback_id", needed=False)
    errors += elements.length(view.get("external_id"), 0, 255, "view.external_id", needed=False)
    if kind == "modal":
        errors += elements.text(view.get("title"), 24, "view.title", plain=True)
        for name in ("submit", "close"):
            errors += elements.text(view.get(name), 24, f"view.{name}", plain=True, needed=False)
    else:
        errors += [f"view.{name}: not in a home tab" for name in ("title", "submit", "close") if name in view]
    errors += _blocks(view.get("blocks"), IN_VIEWS, most=100)
    if not errors and kind == "modal" and "submit" not in view and _inputs(view["blocks"]):
        errors.append("view.submit: needed where there are input blocks")
    if not errors:
        View(**view).validate_json()
    return errors


def _inputs(blocks: Sequence[Json]) -> bool:
    return any(block["type"] == "input" for block in blocks)


def _blocks(blocks: object, allowed: frozenset[str], *, most: int) -> Errors:
    if not isinstance(blocks, Sequence) or isinstance(blocks, str):
        return ["blocks: must be a list"]
    if not 1 <= len(blocks) <= most:
        return [f"blocks: must have 1 to {most}"]
    errors: Errors = []
    for index, block in enumerate(blocks):
        errors += _shaped(partial(_block, block, allowed, f"blocks[{index}]"), f"blocks[{index}]")
    if errors:
        return errors
    for name, counts in (
        ("block_id", Counter(block["block_id"] for block in blocks if block.get("block_id"))),
        *((f"action_id in blocks[{index}]", _action_ids(block)) for index, block in enumerate(blocks)),
    ):
        errors += [f"{name}: {value!r} is not unique" for value, count in counts.items() if count > 1]
    return errors


def _action_ids(block: Json) -> Counter[str]:
    if block["type"] not in {"actions", "context_actions"}:
        return Counter()
    return Counter(element["action_id"] for element in block["elements"] if element.get("action_id"))


def _block(block: object, allowed: frozenset[str], where: str) -> Errors:
    if not isinstance(block, Mapping):
        return [f"{where}: must be a block"]
    kind = block.get("type")
    if kind not in allowed:
        return [f"{where}: block of type {kind!r} not allowed"]
    errors = elements.length(block.get("block_id"), 0, 255, f"{where}.block_id", needed=False)
    errors += [f"{where}: unknown field {name!r}" for name in sorted(set(block) - _FIELDS.get(kind, set(block)))]
    if kind in _CHECKS:
        errors += _CHECKS[kind](block, where)
    if not errors and kind in _SDK:
        parsed = Block.parse(dict(block))
        if parsed is not None:
            parsed.validate_json()
    return errors


def _shaped(check: Callable[[], Errors], where: str) -> Errors:
    """A check's errors, with slack_sdk's opinion; what neither can make sense of is an error too."""
    try:
        return check()
    except (SlackObjectFormationError, TypeError, ValueError, AttributeError, LookupError) as error:
        return [f"{where}: {type(error).__name__} {error}"]


def _list(thing: object, least: int, most: int, where: str) -> Errors:
    if not isinstance(thing, Sequence) or isinstance(thing, str):
        return [f"{where}: must be a list"]
    return [] if least <= len(thing) <= most else [f"{where}: must have {least} to {most}"]


def _section(block: Json, where: str) -> Errors:
    if "text" not in block and "fields" not in block:
        return [f"{where}: text or fields needed"]
    errors = elements.text(block.get("text"), 3000, f"{where}.text", needed=False)
    if "fields" in block:
        errors += _list(block["fields"], 1, 10, f"{where}.fields")
        for index, part in enumerate(block["fields"] if not errors else []):
            errors += elements.text(part, 2000, f"{where}.fields[{index}]")
    if "accessory" in block:
        errors += elements.element(block["accessory"], elements.IN_SECTION, f"{where}.accessory")
    return errors


def _holding(allowed: frozenset[str], most: int) -> Callable[[Json, str], Errors]:
    def check(block: Json, where: str) -> Errors:
        errors = _list(block.get("elements"), 1, most, f"{where}.elements")
        for index, one in enumerate(block["elements"] if not errors else []):
            errors += elements.element(one, allowed, f"{where}.elements[{index}]")
        return errors

    return check


def _context(block: Json, where: str) -> Errors:
    errors = _list(block.get("elements"), 1, 10, f"{where}.elements")
    for index, one in enumerate(block["elements"] if not errors else []):
        here = f"{where}.elements[{index}]"
        if isinstance(one, Mapping) and one.get("type") == "image":
            errors += elements.image(one, here)
        else:
            errors += elements.text(one, 3000, here)
    return errors


def _image(block: Json, where: str) -> Errors:
    return elements.image(block, where) + elements.text(
        block.get("title"), 2000, f"{where}.title", plain=True, needed=False
    )


def _input(block: Json, where: str) -> Errors:
    errors = elements.text(block.get("label"), 2000, f"{where}.label", plain=True)
    errors += elements.text(block.get("hint"), 2000, f"{where}.hint", plain=True, needed=False)
    return errors + elements.element(block.get("element"), elements.IN_INPUT, f"{where}.element")


def _video(block: Json, where: str) -> Errors:
    errors = elements.text(block.get("title"), 199, f"{where}.title", plain=True)
    for name in ("alt_text", "thumbnail_url", "video_url"):
        errors += elements.length(block.get(name), 1, 3000, f"{where}.{name}")
    return errors


def _rich_text(block: Json, where: str) -> Errors:
    errors = _list(block.get("elements"), 0, 1000, f"{where}.elements")
    for index, one in enumerate(block["elements"] if not errors else []):
        here = f"{where}.elements[{index}]"
        kind = one["type"]
        if kind not in {"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"}:
            errors.append(f"{here}: {kind!r} not allowed")
        elif kind == "rich_text_list":
            errors += _rich_text(one, here)
        else:
            for inner in one["elements"]:
                needed = _RICH[inner["type"]]
                if not isinstance(inner[needed], int if needed == "timestamp" else str):
                    errors.append(f"{here}: {needed} of the wrong kind")
    return errors


def _container(block: Json, where: str) -> Errors:
    errors = _list(block.get("child_blocks"), 1, 10, f"{where}.child_blocks")
    for index, child in enumerate(block["child_blocks"] if not errors else []):
        errors += _block(child, IN_MESSAGES - {"container"}, f"{where}.child_blocks[{index}]")
    return errors


_CHECKS: dict[str, Callable[[Json, str], Errors]] = {
    "section": _section,
    "actions": _holding(elements.IN_ACTIONS, 25),
    "context": _context,
    "context_actions": _holding(frozenset({"feedback_buttons", "icon_button"}), 5),
    "header": lambda block, where: elements.text(block.get("text"), 150, f"{where}.text", plain=True),
    "image": _image,
    "input": _input,
    "markdown": lambda block, where: elements.length(block.get("text"), 1, MARKDOWN, f"{where}.text"),
    "rich_text": _rich_text,
    "video": _video,
    "container": _container,
    "data_visualization": charts.chart,
    "data_table": charts.data_table,
    "table": charts.table,
}
_RICH = {
    "text": "text",
    "link": "url",
    "emoji": "name",
    "user": "user_id",
    "usergroup": "usergroup_id",
    "broadcast": "range",
    "channel": "channel_id",
    "date": "timestamp",
    "color": "value",
}
"""What each part of a rich text must have."""
_COMMON = {"type", "block_id"}
_FIELDS: dict[str, set[str]] = {
    "section": _COMMON | {"text", "fields", "accessory", "expand"},
    "actions": _COMMON | {"elements"},
    "context": _COMMON | {"elements"},
    "context_actions": _COMMON | {"elements"},
    "divider": _COMMON,
    "header": _COMMON | {"text", "level"},
    "image": _COMMON | {"alt_text", "image_url", "slack_file", "title"},
    "input": _COMMON | {"label", "element", "dispatch_action", "hint", "optional"},
    "markdown": _COMMON | {"text"},
    "data_visualization": _COMMON | {"title", "chart"},
}

"""What a member sees of a message: its text, the buttons and pictures, and whom it calls."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Json = Mapping[str, Any]

_ANGLE = re.compile(r"<([^<>\n]+)>")
_BARE_MASS = re.compile(r"(?<![\w\\&;/.])@(channel|here|everyone)\b")
_MARKDOWN_MENTION = re.compile(r"(?<!\\)<(![^<>\n]+|@[UW][^<>\n]*|#C[^<>\n]*)>")
_STYLES = (
    re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])"),
    re.compile(r"(?<![\w_])_(?=\S)([^_\n]+?)(?<=\S)_(?![\w_])"),
    re.compile(r"(?<![\w~])~(?=\S)([^~\n]+?)(?<=\S)~(?![\w~])"),
)
_CODE = re.compile(r"```(.*?)```|`([^`\n]+)`", re.DOTALL)


@dataclass(frozen=True)
class Button:
    label: str
    action_id: str
    value: str = ""
    block_id: str = ""
    style: str = ""
    url: str = ""


@dataclass(frozen=True)
class Seen:
    """A message as read. `mentions` keeps each mention as it would notify: `<!channel>`, `<@U1>`, `@here`."""

    text: str
    mentions: tuple[str, ...] = ()
    buttons: tuple[Button, ...] = ()
    images: tuple[str, ...] = ()
    """The alternative texts."""
    charts: tuple[str, ...] = ()
    """The titles of charts and data tables."""
    inputs: tuple[str, ...] = ()
    """The labels of what can be filled in, or the placeholders where there is no label."""

    def __str__(self) -> str:
        return self.text

    def __contains__(self, words: str) -> bool:
        return words in self.text

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(button.label for button in self.buttons)


@dataclass
class _Reader:
    lines: list[str] = field(default_factory=list)
    mentions: list[str] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    charts: list[str] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)

    def say(self, *parts: str) -> None:
        if line := " ".join(part for part in parts if part):
            self.lines.append(line)

    def text(self, thing: Any) -> str:
        if isinstance(thing, str):
            return thing
        if not isinstance(thing, Mapping):
            return ""
        raw = str(thing.get("text", ""))
        if thing.get("type") != "mrkdwn":
            return html.unescape(raw)
        read, mentions = mrkdwn(raw)
        self.mentions += mentions
        return read


def _angle(inside: str, mentions: list[str]) -> str:
    target, _, label = inside.partition("|")
    if target.startswith("!date^"):
        return label
    if target[:1] in {"@", "#", "!"}:
        mentions.append(f"<{target}>")
        return label or ("@" + target.lstrip("!@") if target[0] != "#" else target)
    return f"{label} ({target})" if label and label != target else target.removeprefix("mailto:")


def mrkdwn(text: str, *, link_names: bool = False) -> tuple[str, list[str]]:
    """How Slack shows mrkdwn, and whom it mentions. Mentions work inside of code, too."""
    mentions: list[str] = []
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(match[1] if match[1] is not None else match[2])
        return f"\x00{len(kept) - 1}\x00"

    if link_names:
        mentions += [f"@{name}" for name in _BARE_MASS.findall(text)]
    shown = _ANGLE.sub(lambda match: _angle(match[1], mentions), text)
    shown = _CODE.sub(keep, shown)
    for style in _STYLES:
        shown = style.sub(r"\1", shown)
    shown = re.sub(r"\x00(\d+)\x00", lambda match: kept[int(match[1])], shown)
    return html.unescape(shown), mentions


def markdown(text: str) -> tuple[str, list[str]]:
    """How a `markdown` block reads. Whatever may be taken for a mention is one, in code as well, unless escaped."""
    mentions = [f"<{inside.partition('|')[0]}>" for inside in _MARKDOWN_MENTION.findall(text)]
    mentions += [f"@{name}" for name in _BARE_MASS.findall(text)]
    shown = re.sub(r"(?m)^#{1,6}\s+", "", text)
    shown = re.sub(r"(?<!\\)!?\[([^\]\n]*)\]\(([^)\s]+)\)", r"\1 (\2)", shown)
    shown = re.sub(r"(?<!\\)(\*\*|__)(?=\S)(.+?)(?<=\S)\1", r"\2", shown)
    shown = re.sub(r"(?<![\\\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?!\w)", r"\1", shown)
    shown = re.sub(r"(?<![\\\w])_(?=\S)([^_\n]+?)(?<=\S)_(?!\w)", r"\1", shown)
    shown = re.sub(r"(?<!\\)~~(.+?)~~", r"\1", shown)
    shown = re.sub(r"(?<!\\)(`+)([^`]+)\1", r"\2", shown)
    shown = re.sub(r"\\([\\`*_{}\[\]()#+.!~|<>@-])", r"\1", shown)
    return html.unescape(shown), mentions


def _rich(elements: Iterable[Json], reader: _Reader) -> str:
    shown = []
    for element in elements:
        match element.get("type"):
            case "text":
                shown.append(str(element["text"]))
            case "link":
                shown.append(f"{element['text']} ({element['url']})" if element.get("text") else str(element["url"]))
            case "emoji":
                shown.append(f":{element['name']}:")
            case "user":
                reader.mentions.append(f"<@{element['user_id']}>")
                shown.append(f"@{element['user_id']}")
            case "usergroup":
                reader.mentions.append(f"<!subteam^{element['usergroup_id']}>")
                shown.append(f"@{element['usergroup_id']}")
            case "broadcast":
                reader.mentions.append(f"<!{element['range']}>")
                shown.append(f"@{element['range']}")
            case "channel":
                reader.mentions.append(f"<#{element['channel_id']}>")
                shown.append(f"#{element['channel_id']}")
            case "rich_text_section" | "rich_text_preformatted" | "rich_text_quote":
                shown.append(_rich(element["elements"], reader) + "\n")
            case "rich_text_list":
                shown += [f"• {_rich([item], reader)}" for item in element["elements"]]
            case "date":
                shown.append(str(element.get("fallback", "")))
    return "".join(shown)


def _element(element: Json, reader: _Reader, block_id: str) -> None:
    match element.get("type"):
        case "button" | "workflow_button":
            given = {name: str(element.get(name, "")) for name in ("action_id", "value", "style", "url")}
            reader.buttons.append(Button(label=reader.text(element.get("text")), block_id=block_id, **given))
        case "image":
            reader.images.append(str(element.get("alt_text", "")))
        case "mrkdwn" | "plain_text":
            reader.say(reader.text(element))
        case "icon_button":
            reader.buttons.append(Button(reader.text(element.get("text")), str(element.get("action_id", ""))))
        case "feedback_buttons":
            action = str(element.get("action_id", ""))
            for name in ("positive_button", "negative_button"):
                choice = element.get(name, {})
                reader.buttons.append(
                    Button(reader.text(choice.get("text")), action, str(choice.get("value", "")), block_id)
                )
        case None:
            pass
        case _:
            reader.inputs.append(reader.text(element.get("placeholder")) or str(element.get("action_id", "")))
            for option in element.get("options", []):
                reader.text(option.get("text"))


def _section(block: Json, reader: _Reader) -> None:
    reader.say(reader.text(block.get("text")))
    for part in block.get("fields", []):
        reader.say(reader.text(part))
    if accessory := block.get("accessory"):
        _element(accessory, reader, str(block.get("block_id", "")))


def _elements(block: Json, reader: _Reader) -> None:
    for element in block.get("elements", []):
        _element(element, reader, str(block.get("block_id", "")))


def _markdown(block: Json, reader: _Reader) -> None:
    read, mentions = markdown(str(block.get("text", "")))
    reader.mentions += mentions
    reader.say(read)


def _image(block: Json, reader: _Reader) -> None:
    reader.images.append(str(block.get("alt_text", "")))
    reader.say(reader.text(block.get("title")))


def _input(block: Json, reader: _Reader) -> None:
    reader.inputs.append(reader.text(block.get("label")))
    reader.text(block.get("hint"))


def _chart(block: Json, reader: _Reader) -> None:
    title = reader.text(block.get("title") or block.get("caption"))
    reader.charts.append(title)
    reader.say(title)


def _table(block: Json, reader: _Reader) -> None:
    for row in block.get("rows", []):
        cells = [
            _rich(cell["elements"], reader) if cell.get("type") == "rich_text" else str(cell.get("text", ""))
            for cell in row
        ]
        reader.say(" | ".join(cell.strip() for cell in cells))


def _data_table(block: Json, reader: _Reader) -> None:
    _chart(block, reader)
    _table(block, reader)


def _other(block: Json, reader: _Reader) -> None:
    for name in ("title", "subtitle", "body", "text"):
        if name in block:
            reader.say(reader.text(block[name]))
    for name in ("child_blocks", "elements", "tasks"):
        for child in _objects(block.get(name)):
            _READERS.get(str(child.get("type")), _other)(child, reader)
    for action in _objects(block.get("actions")):
        _element(action, reader, str(block.get("block_id", "")))


def _objects(things: object) -> list[Json]:
    return [thing for thing in things if isinstance(thing, Mapping)] if isinstance(things, list) else []


_READERS: dict[str, Callable[[Json, _Reader], None]] = {
    "section": _section,
    "header": lambda block, reader: reader.say(reader.text(block.get("text"))),
    "context": _elements,
    "actions": _elements,
    "context_actions": _elements,
    "markdown": _markdown,
    "rich_text": lambda block, reader: reader.say(_rich(block.get("elements", []), reader).rstrip("\n")),
    "image": _image,
    "input": _input,
    "data_visualization": _chart,
    "data_table": _data_table,
    "table": _table,
    "divider": lambda block, reader: None,
}


def seen(
    *,
    text: str,
    blocks: Sequence[Json] = (),
    streamed: str = "",
    files: Sequence[tuple[str, str]] = (),
    link_names: bool = False,
) -> Seen:
    """A reader's view; `text` shows only where there are no blocks, but can mention either way."""
    reader = _Reader()
    read, mentions = mrkdwn(text, link_names=link_names)
    reader.mentions += mentions
    if streamed:
        _markdown({"text": streamed}, reader)
    for block in blocks:
        _READERS.get(str(block.get("type")), _other)(block, reader)
    if not blocks and not streamed:
        reader.say(read)
    for alt, title in files:
        reader.images.append(alt)
        reader.say(title)
    return Seen(
        "\n".join(reader.lines),
        tuple(_once(reader.mentions)),
        tuple(reader.buttons),
        tuple(reader.images),
        tuple(reader.charts),
        tuple(reader.inputs),
    )


def _once(names: Iterable[str]) -> Iterator[str]:
    yield from dict.fromkeys(names)

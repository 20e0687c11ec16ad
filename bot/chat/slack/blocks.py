"""A `Message` as Block Kit, within Slack's limits by construction."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from bot.chat.slack.text import escaped, pieces, with_channels
from bot.core.language import say
from bot.core.messages import Button, Listing, Message, Paragraph, SourceLine

Block: TypeAlias = dict[str, Any]

SECTION: Final = 2800
"""Characters of a section: Slack takes 3,000 after escaping, which `_sections` counts."""
HEADER: Final = 150
TEXT: Final = 3_500
"""Characters of the plain text beside the blocks, for notifications; an update takes 4,000."""
BLOCKS: Final = 45
"""Of a message; Slack takes 50."""
BUTTONS: Final = 25
LABEL: Final = 75
TOTAL: Final = 11_000
"""Characters of all sections of one message; longer ones are refused by some clients."""
PREFIX: Final = "crux:"
"""Begins the action ids of our buttons. What a button stands for is in its value."""


@dataclass(frozen=True, slots=True)
class Payload:
    """What one call posts: blocks, and the text that notifications and screen readers have in their place."""

    text: str
    blocks: tuple[Block, ...]


def rendered(message: Message) -> list[Payload]:
    """A message as one payload, or several where it is too long for one; the last has sources, notes and buttons."""
    parts = _parted(list(_body(message)))
    tail = list(_tail(message))
    if len(parts[-1]) + len(tail) > BLOCKS:
        parts.append([])
    parts[-1] += tail
    title = [_header(message.title)] if message.title else []
    first = [*title, *parts[0]] or [_section("…")]
    whole = [first, *parts[1:]]
    summary = plain(message)
    return [Payload(_cut(summary, TEXT) if n == 0 else "…", tuple(blocks)) for n, blocks in enumerate(whole)]


def with_channel(payloads: Sequence[Payload], channel: str) -> list[Payload]:
    """A note to organisers, with the channel that it is about as a link; of a direct message not whose it is."""
    *before, last = payloads
    about = (
        say("About <#{channel}>.", channel=channel)
        if channel[:1] in ("C", "G") and channel.isalnum()
        else say("About a direct message.")
    )
    block = {"type": "context", "elements": [_mrkdwn(about)]}
    return [*before, replace(last, blocks=(*last.blocks, block))]


def tail_of(message: Message) -> tuple[Block, ...]:
    """What stands below the body of a message: sources, notes, buttons."""
    return tuple(_tail(message))


def working(title: str) -> Payload:
    """What stands in an answer's place while it is being written."""
    waiting = say("Working on it …")
    blocks = (_header(title), {"type": "context", "elements": [_mrkdwn(f"_{waiting}_")]})
    return Payload(f"{_cut(escaped(title), TEXT)} …", blocks)


def growing(title: str, text: str) -> Payload:
    """An answer as far as it is written."""
    blocks, unfinished = [_header(title), *_sections(text)][: BLOCKS - 1], say("Being written …")
    return Payload(_cut(escaped(title), TEXT), (*blocks, {"type": "context", "elements": [_mrkdwn(f"_{unfinished}_")]}))


def plain(message: Message) -> str:
    """A message as text alone, escaped: title, body, notes."""
    return escaped("\n".join(part for part in (message.title, message.text, *message.notes) if part)).strip() or "…"


# -- parts ------------------------------------------------------------------------------------------------------------


def _body(message: Message) -> Iterator[Block]:
    for block in message.blocks:
        match block:
            case Paragraph(text):
                yield from _sections(text, message.channels)
            case Listing():
                yield from _listed(block, message.channels)


def _listed(listing: Listing, channels: Collection[str]) -> Iterator[Block]:
    """Items as lines with a bullet, as many a section as it takes."""
    indents = listing.indents or (0,) * len(listing.items)
    held: list[str] = []
    for item, indent in zip(listing.items, indents, strict=False):
        for n, shown in enumerate(_shown(item, channels)):
            line = "\u2003" * min(indent, 5) + ("• " if n == 0 else "\u2003") + shown
            if held and sum(map(len, held)) + len(held) + len(line) > SECTION:
                yield _raw_section("\n".join(held))
                held = []
            held.append(line)
    if held:
        yield _raw_section("\n".join(held))


def _sections(text: str, channels: Collection[str] = ()) -> Iterator[Block]:
    """A paragraph as sections that are shown whole."""
    return map(_raw_section, _shown(text, channels))


def _shown(text: str, channels: Collection[str], most: int = SECTION // 2) -> Iterator[str]:
    """A text in pieces, escaped, each short enough for a section though escaping may have made it five times longer."""
    for piece in pieces(text, most):
        shown = with_channels(escaped(piece), channels)
        if len(shown) <= SECTION - 10:
            yield shown
        else:
            yield from _shown(piece, channels, most // 2)


def _tail(message: Message) -> Iterator[Block]:
    if message.sources:
        yield from _sources(message.sources)
    for start in range(0, len(message.notes), 10):
        notes = message.notes[start : start + 10]
        yield {"type": "context", "elements": [_mrkdwn(_cut(escaped(note), 1_900)) for note in notes]}
    buttons = message.buttons[: BUTTONS * 2]
    for start in range(0, len(buttons), BUTTONS):
        some = buttons[start : start + BUTTONS]
        yield {"type": "actions", "elements": [_button(button, start + n) for n, button in enumerate(some)]}


def _sources(sources: Sequence[SourceLine]) -> Iterator[Block]:
    """The cited arguments in one section, which Slack folds behind "see more" where it is long."""
    heading = say("Sources")
    held, length = [f"*{heading}*"], len(heading) + 3
    for source in sources:
        line = f"*{escaped(source.argument_id)}* {escaped(source.claim)} ({escaped(source.origin)})"
        if source.address and _is_address(source.address):
            line += f" <{source.address.replace('&', '&amp;')}>"
        line = line if len(line) <= SECTION else _cut(line, SECTION)
        if length + len(line) > SECTION:
            yield _folded("\n".join(held))
            held, length = [], 0
        held.append(line)
        length += len(line) + 1
    yield _folded("\n".join(held))


def _is_address(text: str) -> bool:
    """Whether it can stand between angle brackets as a link that shows its address, and as nothing else."""
    return text.startswith(("https://", "http://")) and not set(text) & set("<>|` \n")


def _button(button: Button, number: int) -> Block:
    return {
        "type": "button",
        "text": {"type": "plain_text", "text": _cut(button.label, LABEL), "emoji": False},
        "action_id": f"{PREFIX}{number}",
        "value": button.action,
    }


def _parted(blocks: list[Block]) -> list[list[Block]]:
    """Blocks in groups that one message can hold; there is always one, which may be empty."""
    parts: list[list[Block]] = [[]]
    length = 0
    for block in blocks:
        size = len(block["text"]["text"])
        if parts[-1] and (len(parts[-1]) >= BLOCKS - 1 or length + size > TOTAL):
            parts.append([])
            length = 0
        parts[-1].append(block)
        length += size
    return parts


def _header(title: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": _cut(title, HEADER), "emoji": False}}


def _section(text: str) -> Block:
    return _raw_section(escaped(text))


def _raw_section(shown: str) -> Block:
    return {"type": "section", "expand": True, "text": _mrkdwn(shown)}


def _folded(shown: str) -> Block:
    return {"type": "section", "text": _mrkdwn(shown)}


def _mrkdwn(shown: str) -> Block:
    return {"type": "mrkdwn", "text": shown, "verbatim": True}


_HALF_ENTITY: Final = re.compile(r"&[a-z]{0,3}$")


def _cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    return _HALF_ENTITY.sub("", text[: most - 1]).rstrip() + "…"


def sections(texts: Iterable[str], channels: Collection[str] = ()) -> Iterator[Block]:
    """Paragraphs as sections, for views."""
    for text in texts:
        yield from _sections(text, channels)

"""A Message as lines of a terminal: pure functions of the message, the width and the buttons' numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from bot.chat.console.layout import MAX_WIDTH, MIN_WIDTH, Piece, Style, Word, cells, harmless, words, wrap
from bot.core.language import say
from bot.core.messages import Attachment, Button, Listing, Message, Paragraph, SourceLine

Line = list[Piece]

SHORT_LABEL: Final = 26
"""Columns of a label up to which buttons share a line."""
MAX_INDENT: Final = 5
"""Levels of a tree that are indented; deeper ones stay at the last."""


def usable(columns: int) -> int:
    """The width to lay out for in a terminal of so many columns."""
    return max(MIN_WIDTH, min(columns, MAX_WIDTH))


def rendered(message: Message, width: int, numbers: Sequence[int] = ()) -> list[Line]:
    """All lines of a message; `numbers` are those of its buttons, none of which is shown without."""
    groups = [
        titled(message.title, width) if message.title else [],
        body(message, width),
        _attached(message.attachment),
        _sources(message.sources, width),
        [line for note in message.notes for line in wrap(words(note, Style.DIM), width, "  ", "  ")],
        _buttons(message.buttons, numbers, width),
    ]
    return _spaced(groups)


def titled(title: str, width: int) -> list[Line]:
    return wrap(words(title, Style.BOLD), width)


def streamed(title: str | None, text: str, width: int, status: str = "") -> list[Line]:
    """What is shown of a reply while it is written."""
    groups = [
        titled(title, width) if title else [],
        paragraphs(text, width),
        wrap(words(status, Style.DIM), width) if status else [],
    ]
    return _spaced(groups)


def body(message: Message, width: int) -> list[Line]:
    groups = []
    for block in message.blocks:
        match block:
            case Paragraph(text):
                groups.append(paragraphs(text, width))
            case Listing(items, indents):
                levels = [*indents, *([0] * (len(items) - len(indents)))]
                groups.append(list(_listing(zip(items, levels, strict=False), width)))
    return _spaced(groups)


def paragraphs(text: str, width: int) -> list[Line]:
    """Wrapped paragraphs, an empty line between them; a single line break counts as a space."""
    return _spaced([wrap(words(part), width) for part in text.replace("\r\n", "\n").split("\n\n")])


def _listing(items: Iterable[tuple[str, int]], width: int) -> Iterable[Line]:
    for item, level in items:
        indent = "  " * min(max(0, level), MAX_INDENT, (width - MIN_WIDTH) // 2)
        yield from wrap(words(item), width, f"{indent}- ", f"{indent}  ")


def _attached(attachment: Attachment | None) -> list[Line]:
    """A file's lines as they are, so that they can be copied."""
    if attachment is None:
        return []
    return [[Piece(line)] for line in harmless(attachment.text).split("\n")]


def _sources(sources: Sequence[SourceLine], width: int) -> list[Line]:
    if not sources:
        return []
    widest = max(cells(source.argument_id) for source in sources)
    column = min(widest, width // 3)
    lines: list[Line] = [[Piece(say("Sources"), Style.DIM)]]
    for source in sources:
        said = words(source.claim) + words(f"({source.origin})", Style.DIM)
        if source.address:
            said += words(source.address, Style.DIM)
        name = words(source.argument_id, Style.ACCENT)
        padding = " " * max(0, column - cells(source.argument_id))
        lines += wrap(_padded(name, padding) + said, width, "  ", " " * (column + 3))
    return lines


def _padded(name: list[Word], padding: str) -> list[Word]:
    """An id as wide as the others, so that the claims stand in a column."""
    if not name or not padding:
        return name
    return [*name[:-1], (*name[-1], Piece(padding))]


def _buttons(buttons: Sequence[Button], numbers: Sequence[int], width: int) -> list[Line]:
    shown = list(zip(numbers, buttons, strict=False))
    labels = [(f"[{number}]", words(button.label)) for number, button in shown]
    if any(cells(button.label) > SHORT_LABEL for _, button in shown):
        return [
            line
            for number, label in labels
            for line in wrap([(Piece(number, Style.ACCENT),), *label], width, "", " " * (len(number) + 1))
        ]
    return wrap([_one_word(number, label) for number, label in labels], width)


def _one_word(number: str, label: Sequence[Word]) -> Word:
    """A button that is kept together on its line, and apart from the next."""
    spaced = [piece for word in label for piece in (Piece(" "), *word)]
    return (Piece(number, Style.ACCENT), *spaced, Piece(" "))


def _spaced(groups: Iterable[list[Line]]) -> list[Line]:
    """Groups of lines with an empty line between them; empty groups leave none."""
    lines: list[Line] = []
    for group in groups:
        if group and lines:
            lines.append([])
        lines += group
    return lines

"""A document as text: read, divided into pieces that know their lines, and into passages that fit a prompt."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.errors import BadInput

MOST_BYTES: Final = 400_000
"""About 65,000 words, or 80 passages."""
PASSAGE: Final = 6000
"""Characters of a passage, about 1,500 tokens: with the instructions and an answer it fits a context of 8,000."""
PIECE: Final = 1200
"""Characters of a piece. Each passage begins with the last piece of the one before, so this bounds the overlap."""

_HEADING: Final = re.compile(r" {0,3}#{1,6}[ \t]+(.*?)[ \t#]*$")
_FENCE: Final = re.compile(r" {0,3}(```|~~~)")
_BREAK: Final = re.compile(r"(?<=[.!?…])\s+|\n")
"""Where a long paragraph is best divided."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A paragraph, or a part of a long one. Lines count from 1; `heading` is the nearest one above it, or empty."""

    text: str
    first: int
    last: int
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """Pieces in a row, numbered from 1."""

    number: int
    pieces: tuple[Piece, ...]

    @property
    def first(self) -> int:
        return self.pieces[0].first

    @property
    def last(self) -> int:
        return self.pieces[-1].last

    @property
    def size(self) -> int:
        """Characters."""
        return sum(len(piece.text) for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Document:
    """A text with its name; `lines` without their ends."""

    name: str
    lines: tuple[str, ...]
    pieces: tuple[Piece, ...]

    @classmethod
    def of(cls, name: str, text: str) -> Document:
        lines = tuple(re.split(r"\r\n|\r|\n", text))  # as editors count them, which `splitlines` doesn't
        return cls(name, lines, tuple(_pieces(lines)))

    @property
    def headings(self) -> tuple[str, ...]:
        """All headings that have text under them, in order."""
        return tuple(dict.fromkeys(piece.heading for piece in self.pieces if piece.heading))

    @property
    def title(self) -> str:
        """The first heading with the file's name, or the name alone."""
        first = next((heading for line in self.lines if (heading := _heading(line))), "")
        return f"{first} ({self.name})" if first else self.name

    def passages(self, size: int = PASSAGE) -> tuple[Passage, ...]:
        """The whole document; `size` in characters, more than twice `PIECE`."""
        found: list[Passage] = []
        held: list[Piece] = []
        for piece in self.pieces:
            if held and sum(len(one.text) for one in held) + len(piece.text) > size:
                found.append(Passage(len(found) + 1, tuple(held)))
                held = held[-1:]  # an argument that runs over the cut is whole in one of the two
            held.append(piece)
        return (*found, Passage(len(found) + 1, tuple(held))) if held else ()

    def heading_at(self, line: int) -> str:
        """The nearest heading above a line."""
        return next((piece.heading for piece in reversed(self.pieces) if piece.first <= line), "")


def read_document(path: Path) -> Document:
    """Read a document.

    Raises:
        BadInput: it can't be read, is no text, is empty or too large; the message says what to do.
    """
    try:
        if path.is_dir():
            raise BadInput(f"{path} is a folder; name one file.")
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL
        reason = getattr(error, "strerror", None) or "not a path"
        raise BadInput(f"{path} can't be read ({reason}); check the path and the file's rights.") from error
    if len(data) > MOST_BYTES:
        raise BadInput(f"{path} has more than {MOST_BYTES // 1000} KB; draft from a part of it at a time.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise BadInput(f"{path} is not UTF-8 text; save the document as plain text or Markdown first.")
    document = Document.of(path.name, text)
    if not any(character.isalnum() for piece in document.pieces for character in piece.text):
        raise BadInput(f"{path} has no words; name a document with arguments in it.")
    return document


def _heading(line: str) -> str:
    found = _HEADING.match(line)
    return " ".join(found[1].split()) if found else ""


def _pieces(lines: Sequence[str]) -> Iterator[Piece]:
    """Paragraphs, divided by empty lines and headings; a heading is a paragraph of its own."""
    held: list[str] = []
    heading, fenced = "", False
    for number, line in enumerate(lines, start=1):
        fenced ^= bool(_FENCE.match(line))
        found = "" if fenced else _heading(line)
        if held and (found or not line.strip()):
            yield from _divided(held, number - len(held), heading)
            held = []
        if found:
            heading = found
            yield from _divided([line], number, heading)
        elif line.strip():
            held.append(line)
    if held:
        yield from _divided(held, len(lines) + 1 - len(held), heading)


def _divided(lines: Sequence[str], first: int, heading: str) -> Iterator[Piece]:
    """A paragraph as pieces of at most `PIECE` characters, cut after sentences where there are any."""
    text = "\n".join(lines)
    start = 0
    while start < len(text):
        end = len(text) if len(text) - start <= PIECE else _cut(text, start)
        part = text[start:end]
        if part.strip():
            leading = len(part) - len(part.lstrip())
            line = first + text.count("\n", 0, start + leading)
            yield Piece(part.strip(), line, line + part.strip().count("\n"), heading)
        start = end


def _cut(text: str, start: int) -> int:
    """Where to end a piece: after a sentence or line in its second half, else after a word, else anywhere."""
    window = text[start : start + PIECE]
    ends = [match.end() for match in _BREAK.finditer(window) if match.end() > PIECE // 2]
    ends = ends or [match.end() for match in re.finditer(r"\s+", window) if match.end() > PIECE // 2]
    return start + (ends[-1] if ends else PIECE)

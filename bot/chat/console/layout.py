"""Text laid out for a terminal: made harmless, wrapped to a width, painted.

Nothing that reaches the terminal bypasses `harmless`: a claim, a member's name or a model's sentence could carry an
escape sequence that moves the cursor, sets the window's title or types for the user.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from typing import Final

from wcwidth import wcwidth

from bot.core.messages import CITATION

MIN_WIDTH: Final = 20
MAX_WIDTH: Final = 96
"""Longer lines are hard to read, however wide the window."""


class Style(Enum):
    """How a piece of text is painted; the values are SGR parameters."""

    PLAIN = ""
    BOLD = "1"
    DIM = "2"
    ACCENT = "36"


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    style: Style = Style.PLAIN


Word = tuple[Piece, ...]
"""What is not broken across lines, unless it is wider than one."""


_SEQUENCE: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, the cursor
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"  # OSC and other strings
    r"|\x1b[ -/]*[0-~]"
)
"""Escape sequences by ECMA-48, whole, so that their parameters don't stay behind as rubbish."""


def harmless(text: str) -> str:
    """A text without control, bidi, surrogate and unassigned characters; line breaks of every kind become newlines."""
    kept = []
    for character in _SEQUENCE.sub("", text).replace("\r\n", "\n"):
        if character in "\n\r\v\f\x85\u2028\u2029":
            kept.append("\n")
        elif character == "\t":
            kept.append(" ")
        elif character == "\u200d" or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn"):
            kept.append(character)
    return "".join(kept)


def cells(text: str) -> int:
    """The columns that a text takes: wide characters two, combining ones none; never less than a terminal shows."""
    return sum(max(0, wcwidth(character)) for character in text)


def words(text: str, style: Style = Style.PLAIN) -> list[Word]:
    """A text's words, its citations dimmed."""
    pieces: list[Piece] = []
    last = 0
    clean = harmless(text)
    for found in CITATION.finditer(clean):
        pieces += [Piece(clean[last : found.start()], style), Piece(found[0], Style.DIM)]
        last = found.end()
    pieces.append(Piece(clean[last:], style))
    return list(_split(pieces))


def _split(pieces: Iterable[Piece]) -> Iterator[Word]:
    word: list[Piece] = []
    for piece in pieces:
        run = ""
        for character in piece.text:
            if not character.isspace():
                run += character
                continue
            if run:
                word.append(Piece(run, piece.style))
            if word:
                yield tuple(word)
            word, run = [], ""
        if run:
            word.append(Piece(run, piece.style))
    if word:
        yield tuple(word)


def wrap(text: Sequence[Word], width: int, first: str = "", rest: str = "") -> list[list[Piece]]:
    """Lines of at most `width` columns, filled greedily; `first` and `rest` indent the first line and the others."""
    lines: list[list[Piece]] = []
    line, used, empty = [Piece(first)], cells(first), True
    for whole in text:
        for word in _broken(whole, max(2, width - max(cells(first), cells(rest)))):
            size = sum(cells(piece.text) for piece in word)
            if not empty and used + 1 + size > width:
                lines.append(line)
                line, used, empty = [Piece(rest)], cells(rest), True
            if not empty:
                # Between words of one style the gap has it too, so that a run is painted once.
                line.append(Piece(" ", line[-1].style if line[-1].style is word[0].style else Style.PLAIN))
                used += 1
            line.extend(word)
            used += size
            empty = False
    if not empty:
        lines.append(line)
    return lines


def _broken(word: Word, width: int) -> Iterator[Word]:
    """A word, cut where it is wider than a line."""
    if sum(cells(piece.text) for piece in word) <= width:
        yield word
        return
    part: list[Piece] = []
    used = 0
    for piece in word:
        run = ""
        for character in piece.text:
            size = max(0, wcwidth(character))
            if used + size > width:
                if run:
                    part.append(Piece(run, piece.style))
                yield tuple(part)
                part, run, used = [], "", 0
            run += character
            used += size
        if run:
            part.append(Piece(run, piece.style))
    if part:
        yield tuple(part)


def paint(line: Iterable[Piece], colour: bool) -> str:
    """A line as the terminal gets it; without colour, its text alone."""
    if not colour:
        return "".join(piece.text for piece in line).rstrip()
    painted = []
    for style, pieces in groupby(line, key=lambda piece: piece.style):
        text = "".join(piece.text for piece in pieces)
        painted.append(text if style is Style.PLAIN or not text else f"\x1b[{style.value}m{text}\x1b[0m")
    return "".join(painted).rstrip()

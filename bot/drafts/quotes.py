"""Whether a document says what it is quoted with, on which lines, and whether a text is copied from it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bot.drafts.document import Document
from bot.writing.quoting import quoted

COPIED: Final = 12
"""Words in a row that a text may share with the document."""
SHORTEST: Final = 15
"""Letters and digits of a quote that can tell one passage from another."""

_DASHES: Final = str.maketrans({**dict.fromkeys("‐‑‒–—―−﹣－", "-"), "…": "..."})
_TOKEN: Final = re.compile(r"[^\W_]+|-+|[^\w\s]")
_LEFT_OUT: Final = frozenset("'\"*`‘’‚‛“”„‟«»‹›′″´ʼ")
"""Quotation marks, apostrophes and marks of emphasis; an apostrophe still divides a word in two."""
_EDGE: Final = frozenset(".,;:!?")
"""Marks that a model may add at a quote's end."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a quote stands; lines count from 1."""

    first: int
    last: int

    def __str__(self) -> str:
        return f"line {self.first}" if self.first == self.last else f"lines {self.first} to {self.last}"


class Quotable:
    """A document, prepared for looking quotes up.

    Quotes are compared word by word and mark by mark, whatever whitespace stands between, with all kinds of dashes
    taken for the same, and without quotation marks and Markdown's emphasis. A quote can't begin or end inside a word,
    since "able to" is no quote of "unable to".
    """

    def __init__(self, document: Document) -> None:
        self._lines: list[int] = []
        """The line of each token."""
        self._starts: list[int] = []
        """The offset in `_text` of each token."""
        tokens: list[str] = []
        for number, line in enumerate(document.lines, start=1):
            found = _tokens(line)
            tokens += found
            self._lines += [number] * len(found)
        offset = 1
        for token in tokens:
            self._starts.append(offset)
            offset += len(token) + 1
        self._text = f" {' '.join(tokens)} "
        words = [token.lower() for token in tokens if token[0].isalnum()]
        self._runs = set(_runs(words, COPIED + 1))

    def find(self, quote: str, near: Place | None = None) -> Place | None:
        """Where the document says it: the first place that touches `near`, else the first; None if nowhere."""
        wanted = _stripped(_tokens(quote))
        key = f" {' '.join(wanted)} "
        places = self._places(key, len(wanted)) if wanted else iter(())
        first = next(places, None)
        if first is None or near is None or _touch(first, near):
            return first
        return next((place for place in places if _touch(place, near)), first)

    def _places(self, key: str, tokens: int) -> Iterator[Place]:
        at = self._text.find(key)
        while at >= 0:
            index = bisect_right(self._starts, at + 1) - 1
            yield Place(self._lines[index], self._lines[index + tokens - 1])
            at = self._text.find(key, at + 1)

    def copied(self, text: str) -> int:
        """The longest run of words that a text shares with the document, 0 unless it is longer than `COPIED`."""
        words = [token.lower() for token in _tokens(text) if token[0].isalnum()]
        longest = current = 0
        for run in _runs(words, COPIED + 1):
            current = current + 1 if run in self._runs else 0
            longest = max(longest, current + COPIED if current else 0)
        return longest


def is_telling(quote: str) -> bool:
    """Whether a quote is long enough to tell one passage from another."""
    return sum(character.isalnum() for character in quote) >= SHORTEST


def _tokens(text: str) -> list[str]:
    # As the prompt shows a text, so that hidden characters and brackets compare equal too.
    found = _TOKEN.findall(quoted(text).translate(_DASHES))
    return ["-" if token[0] == "-" else token for token in found if token not in _LEFT_OUT]


def _stripped(tokens: list[str]) -> list[str]:
    start, end = 0, len(tokens)
    while start < end and tokens[start] in _EDGE:
        start += 1
    while end > start and tokens[end - 1] in _EDGE:
        end -= 1
    return tokens[start:end]


def _runs(words: Sequence[str], length: int) -> Iterator[tuple[str, ...]]:
    return (tuple(words[start : start + length]) for start in range(len(words) - length + 1))


def _touch(place: Place, near: Place) -> bool:
    return place.first <= near.last and near.first <= place.last

"""Long texts in pieces that each fit into a message: cut between sentences, else between words, never in a citation."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from bot.chat.discord.markup import escaped, units
from bot.core.messages import CITATION

_SENTENCE: Final = re.compile(r"(?<=[.!?…])[)\"”’\]]*\s+")
_SPACE: Final = re.compile(r"\s+")


def pieces(text: str, most: int) -> Iterator[str]:
    """The text in pieces of at most `most` characters each once they are escaped, all that is not space kept."""
    rest = text.strip()
    while rest:
        if len(rest) <= most and units(escaped(rest)) <= most:
            yield rest
            return
        cut = _cut(rest, most)
        yield rest[:cut].rstrip()
        rest = rest[cut:].lstrip()


def _cut(text: str, most: int) -> int:
    """Where the longest piece ends that may stand at the text's beginning."""
    whole = _whole(text[: most + 200])
    longest = _longest(text, most)
    for pattern in (_SENTENCE, _SPACE):
        ends = [found.end() for found in pattern.finditer(text, 0, longest + 1) if found.start() <= longest]
        fitting = [end for end in ends if end >= longest // 4 and _between(end, whole)]
        for end in reversed(fitting):
            if units(escaped(text[:end].rstrip())) <= most:
                return end
    cut = longest
    while cut > 1 and (not _between(cut, whole) or unicodedata.combining(text[cut]) or text[cut] in "\u200d\ufe0f"):
        cut -= 1
    return cut if cut > 1 else longest


def _longest(text: str, most: int) -> int:
    """The most characters from the beginning that fit, at least one."""
    low, high = 1, min(len(text) - 1, most)
    while low < high:
        middle = (low + high + 1) // 2
        if units(escaped(text[:middle])) <= most:
            low = middle
        else:
            high = middle - 1
    return low


def _whole(text: str) -> list[tuple[int, int]]:
    """What is not to be cut."""
    return [found.span() for found in CITATION.finditer(text)]


def _between(cut: int, whole: list[tuple[int, int]]) -> bool:
    return not any(start < cut < end for start, end in whole)

"""Typing errors put right, as far as one slip of a letter explains them.

A word that neither the map nor common English has is replaced by a word of the map, else by a common one, that differs
in one letter added, dropped, replaced or swapped, the first letter kept
(P. Norvig: How to write a spelling corrector, 2007).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

from bot.retrieval.encoders import vocabulary_words
from bot.retrieval.lexical import stem
from bot.retrieval.text import FILLERS, SHORTHAND, words

LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
SHORTEST: Final = 4
"""Shorter words have too many neighbours."""


class Spelling:
    """Knows the words of a map and, of BERT's vocabulary, the whole English words."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._map_words = frozenset(word for text in texts for word in words(text))
        self._map_stems = frozenset(stem(word) for word in self._map_words)

    def corrected(self, text: str) -> str:
        """The text in lower case with each unknown word put right, if one slip explains it."""
        corrected = text.lower()
        for word in dict.fromkeys(words(text)):
            better = self._better(word)
            if better != word:
                corrected = corrected.replace(word, better)
        return corrected

    def _better(self, word: str) -> str:
        common = common_words()
        if len(word) < SHORTEST or not word.isalpha() or not word.isascii():
            return word
        if word in common or word in SHORTHAND or word in FILLERS or stem(word) in self._map_stems:
            return word
        near = sorted({other for other in one_slip(word) if other[:1] == word[0]})
        in_map = [other for other in near if other in self._map_words and len(other) >= SHORTEST]
        if in_map:
            return min(in_map, key=lambda other: (common.get(other, len(common)), other))
        known = [other for other in near if other in common and len(other) >= SHORTEST]
        return min(known, key=lambda other: common[other], default=word)


def one_slip(word: str) -> Iterator[str]:
    """All strings that a slip of one letter turns into the word, or the word into."""
    for at in range(len(word) + 1):
        start, end = word[:at], word[at:]
        if end:
            yield start + end[1:]
        if len(end) > 1:
            yield start + end[1] + end[0] + end[2:]
        for letter in LETTERS:
            if end:
                yield start + letter + end[1:]
            yield start + letter + end


@cache
def common_words() -> dict[str, int]:
    """Whole English words of BERT's vocabulary with their rank, commoner first."""
    return {word: rank for rank, word in enumerate(vocabulary_words()) if word.isalpha() and len(word) > 1}

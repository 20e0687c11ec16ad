"""Which way a text leans by its runs of letters: naive Bayes over how often each group of sentences has them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import chain
from typing import Final

import numpy as np

from bot.retrieval.encoders import Floats
from bot.retrieval.text import letter_runs

SMOOTHING: Final = 0.3
"""Sentences that are taken to have any run of letters beside those that do; 0.1 to 1 do as well."""


class Letters:
    """Counts, for each argument, how many of its affirming and of its denying sentences have each run of four letters.

    Kept by run, so that reading a text takes as long as the text and not as the map.

    Args:
        affirming: each argument's sentences that affirm it.
        denying: likewise.
    """

    def __init__(self, affirming: Sequence[Sequence[str]], denying: Sequence[Sequence[str]]) -> None:
        self._sizes = np.array([[len(group) for group in both] for both in (affirming, denying)], dtype=np.float32)
        numbers: dict[str, int] = {}
        runs: list[int] = []
        having: list[int] = []
        kinds: list[int] = []
        for group in (*affirming, *denying):
            found = Counter(chain.from_iterable(map(letter_runs, group)))
            runs += [numbers.setdefault(run, len(numbers)) for run in found]
            having += found.values()
            kinds.append(len(found))
        run_of = np.array(runs, dtype=np.int64)
        order = np.argsort(run_of, kind="stable")
        self._numbers = numbers
        self._starts = np.concatenate([[0], np.cumsum(np.bincount(run_of, minlength=len(numbers)))])
        self._slots = np.repeat(np.arange(len(kinds), dtype=np.int32), kinds)[order]
        self._counts = np.array(having, dtype=np.float32)[order]

    def leaning(self, text: str) -> Floats:
        """Log odds that a text affirms each argument, of shape (arguments,): summed over its runs, over their root.

        The chance of a run in a group is smoothed, (sentences with it + s) / (sentences + 2s). As runs depend on each
        other, the sum overstates what is known, and more so for long texts: hence the root.
        """
        runs = letter_runs(text)
        totals = self._sizes + np.float32(2 * SMOOTHING)
        found = len(runs) * (np.float32(np.log(SMOOTHING)) - np.log(totals)).ravel()
        for run in runs:
            if (number := self._numbers.get(run)) is not None:
                having = slice(self._starts[number], self._starts[number + 1])
                found[self._slots[having]] += np.log1p(self._counts[having] / np.float32(SMOOTHING))
        affirms, denies = found.reshape(2, -1)
        odds: Floats = (affirms - denies) / np.float32(np.sqrt(len(runs) + 1))
        return odds

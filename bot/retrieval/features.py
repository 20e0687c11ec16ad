"""What is measured of a text against a map: how near arguments are, which way it leans, whether anything is near.

The measurements are combined by the coefficients in `data/calibration.json`, which were fitted on labelled lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from bot.retrieval.encoders import Floats, TokenVectors, unit
from bot.retrieval.index import Group, MapIndex, Places, top
from bot.retrieval.text import content_words, negations, rejections, sentences, spelled_out, words

MOST_PARTS: Final = 8
"""Sentences of a long text that are read one by one, the longest first."""


@dataclass(frozen=True, slots=True)
class Query:
    """A text in the forms in which it is read."""

    text: str
    wholes: tuple[str, ...]
    """The text as it is and, if that differs, with shorthand and slips put right."""
    parts: tuple[str, ...]
    """Its sentences, put right; none if there is only one."""

    @classmethod
    def of(cls, text: str, index: MapIndex) -> Query:
        right = index.spelling.corrected(spelled_out(text))
        parts = sentences(right)
        longest = sorted(parts, key=len, reverse=True)[:MOST_PARTS]
        kept = tuple(part for part in parts if part in longest) if len(parts) > 1 else ()
        return cls(text, tuple(dict.fromkeys((text, right))), kept)

    @property
    def right(self) -> str:
        return self.wholes[-1]

    @property
    def readings(self) -> tuple[str, ...]:
        return self.wholes + self.parts


@dataclass(frozen=True, slots=True)
class Nearness:
    """A text against every sentence of a map, each of shape (sentences,)."""

    words: Floats
    """BM25 of the words that carry meaning, b/(b+8)."""
    all_words: Floats
    """The same of all words."""
    words_whole: Floats
    """BM25 against whole arguments, b/(b+15); shape (arguments,)."""
    cosine: Floats | None
    centred: Floats | None
    """Cosine after the map's mean vector is taken off both."""
    covers: Floats | None
    """How much of the text the sentence covers, by late interaction."""
    covered: Floats | None
    """How much of the sentence the text covers."""
    vector: Floats | None
    """The whole text, shape (dimensions,)."""

    @classmethod
    def of(
        cls, index: MapIndex, query: Query, vectors: Floats | None, tokens: Sequence[TokenVectors] | None
    ) -> Nearness:
        """Compare; `vectors` and `tokens` belong to `query.readings`."""
        content = index.words.scores_of(content_words(query.right))
        every = index.words.scores_of(words(query.right))
        whole = index.words_whole.scores_of(content_words(query.right))
        wholes = len(query.wholes)
        cosine = centred = covers = covered = vector = None
        if index.vectors is not None and vectors is not None:
            cosines = vectors @ index.vectors.T
            cosine = _merged(cosines, wholes)
            vector = unit(vectors[:wholes].mean(axis=0))
            centred = _merged(index.centred(vectors, cosines), wholes)
        if index.tokens is not None and tokens is not None:
            covers, covered = (_merged(found, wholes) for found in index.tokens.compare(tokens))
        return cls(
            content / (content + 8), every / (every + 8), whole / (whole + 15), cosine, centred, covers, covered, vector
        )


def _merged(values: Floats, wholes: int) -> Floats:
    """One value a sentence: of the mean over the whole text's forms and of the best part, the higher."""
    merged: Floats = values[:wholes].mean(axis=0)
    return np.maximum(merged, values[wholes:].max(axis=0)) if len(values) > wholes else merged


def matching(index: MapIndex, near: Nearness) -> dict[str, Floats]:
    """How near each argument is, by name of the measurement; each of shape (arguments,)."""
    found = {
        "words whole": near.words_whole,
        "words 1": top(near.words, index.of_all, 1),
        "words 3": top(near.words, index.of_all, 3),
    }
    if near.cosine is not None and near.centred is not None:
        found["cosine 1"] = top(near.cosine, index.of_all, 1)
        found["cosine 3"] = top(near.cosine, index.of_all, 3)
        found["centred 3"] = top(near.centred, index.of_all, 3)
    if near.covers is not None and near.covered is not None:
        found["covers 1"] = top(near.covers, index.of_all, 1)
        found["covers 3"] = top(near.covers, index.of_all, 3)
        found["covered 1"] = top(near.covered, index.of_all, 1)
        found["covered 3"] = top(near.covered, index.of_all, 3)
    return found


def leaning(index: MapIndex, near: Nearness, query: Query, rows: Places) -> dict[str, Floats]:
    """Which way the text leans on some arguments: positive where it affirms, by name; each of shape (rows,)."""
    affirms, denies = index.of_group[Group.AFFIRMS][rows], index.of_group[Group.DENIES][rows]
    base = near.words if near.cosine is None else near.cosine
    odd = negations(query.right) % 2 == 1
    signs = np.where(index.parities == odd, 1.0, -1.0).astype(np.float32)
    found = {
        "words 3": top(near.words, affirms, 3) - top(near.words, denies, 3),
        "all words 3": top(near.all_words, affirms, 3) - top(near.all_words, denies, 3),
        "thesis": index.argument_sides[rows] * (_best(base, index.sides > 0, 5) - _best(base, index.sides < 0, 5)),
        "negation": top(signs, affirms, len(signs)) - top(signs, denies, len(signs)),
        "rejection": np.full(len(rows), -1.0 if rejections(query.right) else 0.0, dtype=np.float32),
    }
    if near.cosine is not None:
        found["cosine 3"] = top(near.cosine, affirms, 3) - top(near.cosine, denies, 3)
    if near.covered is not None:
        found["covered 3"] = top(near.covered, affirms, 3) - top(near.covered, denies, 3)
    if near.vector is not None and index.vectors is not None and index.spread is not None:
        found["discriminant"] = np.array(
            [
                index.spread.discriminant(near.vector, index.vectors[a[a >= 0]], index.vectors[d[d >= 0]])
                for a, d in zip(affirms, denies, strict=True)
            ],
            dtype=np.float32,
        )
    return found


def answering(near: Nearness, scores: Floats) -> dict[str, float]:
    """Whether anything in the map is near enough, and whether the nearest is the one, by name; `scores` by argument."""
    ordered = np.sort(scores)[::-1]
    found = {
        "score": float(ordered[0]),
        "lead": float(ordered[0] - ordered[1]) if len(ordered) > 1 else 0.0,
        "words": float(near.words.max()),
    }
    if near.cosine is not None:
        found["cosine"] = float(near.cosine.max())
    if near.covered is not None:
        found["covered"] = float(near.covered.max())
    return found


def _best(values: Floats, of: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], count: int) -> np.float32:
    chosen = values[of]
    if len(chosen) > count:
        chosen = np.partition(chosen, len(chosen) - count)[-count:]
    return np.float32(chosen.mean()) if len(chosen) else np.float32(0)

"""What is measured of a text against a map: how near arguments are, which way it leans, whether anything is near.

The measurements are combined by the coefficients in `data/calibration.json`, which were fitted on labelled lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from bot.retrieval.encoders import Floats, TokenVectors, unit
from bot.retrieval.index import Group, MapIndex, Places, soft_mean, soft_top, top, top_by_piece
from bot.retrieval.text import content_words, disputes, sentences, spelled_out, words

NEAR_WORDS: Final = np.float32(0.15)
"""How much nearer by words a sentence must be to count e times as much for what is disputed."""
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
    """A text against every sentence of a map: by words, of shape (sentences,), and by vectors, of shape (encoded,)."""

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
    pieces: Floats | None
    """How near each sentence comes to each word piece of the text, by weight; shape (encoded, pieces)."""
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
        cosine = centred = covers = covered = pieces = vector = None
        if index.vectors is not None and vectors is not None:
            cosines = vectors @ index.vectors.T
            cosine = _merged(cosines, wholes)
            vector = unit(vectors[:wholes].mean(axis=0))
            centred = _merged(index.centred(vectors, cosines), wholes)
        if index.tokens is not None and tokens is not None:
            *both, by_piece = index.tokens.compare(tokens)
            covers, covered = (_merged(found, wholes) for found in both)
            pieces = by_piece[wholes - 1]
        return cls(
            words=content / (content + 8),
            all_words=every / (every + 8),
            words_whole=whole / (whole + 15),
            cosine=cosine,
            centred=centred,
            covers=covers,
            covered=covered,
            pieces=pieces,
            vector=vector,
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
        found["cosine 1"] = top(near.cosine, index.encoded_of_all, 1)
        found["cosine 3"] = top(near.cosine, index.encoded_of_all, 3)
        found["centred 3"] = top(near.centred, index.encoded_of_all, 3)
    if near.covers is not None and near.covered is not None:
        found["covers 1"] = top(near.covers, index.encoded_of_all, 1)
        found["covers 3"] = top(near.covers, index.encoded_of_all, 3)
        found["covered 1"] = top(near.covered, index.encoded_of_all, 1)
        found["covered 3"] = top(near.covered, index.encoded_of_all, 3)
    return found


def leaning(index: MapIndex, near: Nearness, query: Query, rows: Places) -> dict[str, Floats]:
    """Which way the text leans on some arguments: positive where it affirms, by name; each of shape (rows,).

    "disputes" is whether the text negates or rejects anything, and "disputes alike" whether it does so as those
    sentences do that affirm the argument in its words, rather than as those that deny it.
    """
    affirms, denies = index.of_group[Group.AFFIRMS][rows], index.of_group[Group.DENIES][rows]
    near_ones = (index.encoded_of_group[Group.AFFIRMS][rows], index.encoded_of_group[Group.DENIES][rows])
    disputed = np.float32(disputes(query.right))
    by_those = [soft_mean(index.disputing, group, near.all_words, NEAR_WORDS) for group in (affirms, denies)]
    found = {
        "all words": soft_top(near.all_words, affirms) - soft_top(near.all_words, denies),
        "letters": index.letters.leaning(query.right)[rows],
        "disputes": np.full(len(rows), 1 - 2 * disputed, dtype=np.float32),
        "disputes alike": np.abs(disputed - by_those[1]) - np.abs(disputed - by_those[0]),
    }
    if near.covered is not None and near.pieces is not None:
        found["covered"] = np.subtract(*(soft_top(near.covered, group) for group in near_ones))
        found["pieces"] = np.subtract(*(top_by_piece(near.pieces, group, 3) for group in near_ones))
    if near.vector is not None and index.vectors is not None and index.spread is not None:
        found["discriminant"] = np.array(
            [
                index.spread.discriminant(near.vector, index.vectors[a[a >= 0]], index.vectors[d[d >= 0]])
                for a, d in zip(*near_ones, strict=True)
            ],
            dtype=np.float32,
        )
    return found


def answering(index: MapIndex, near: Nearness, scores: Floats) -> dict[str, float]:
    """Whether anything in the map is near enough, and whether the nearest is the one, by name; `scores` by argument.

    "covers together" is how much of the text the sentences of the nearest argument cover between them: what is on the
    topic is often said with the words of several.
    """
    ordered = np.sort(scores)[::-1]
    found = {
        "score": float(ordered[0]),
        "score 3": float(ordered[:3].mean()),
        "lead": float(ordered[0] - ordered[1]) if len(ordered) > 1 else 0.0,
        "words": float(near.words.max()),
        "all words": float(near.all_words.max()),
    }
    if near.cosine is not None:
        found["cosine"] = float(near.cosine.max())
    if near.covered is not None and near.pieces is not None:
        found["covered"] = float(near.covered.max())
        nearest = index.encoded_of_all[int(scores.argmax())]
        found["covers together"] = float(near.pieces[nearest[nearest >= 0]].max(axis=0).sum())
    return found

"""A map, ready to be searched: every sentence of every argument, by meaning and by words.

An argument has three groups of sentences: those that affirm it (claim, wordings), those that deny it (contrary,
denials) and those of its text. Search is exact: matrix products compare a text with all of them.

Further wordings and denials have no vectors: a text is compared with them by words and letters. So all arrays of
sentences begin with the encoded ones, and what is measured by vectors is of those alone.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.core.arguments import Argument, ArgumentMap
from bot.core.ports import Encoder
from bot.retrieval.encoders import Floats, TokenEncoder, TokenVectors
from bot.retrieval.letters import Letters
from bot.retrieval.lexical import Bm25
from bot.retrieval.spelling import Spelling
from bot.retrieval.text import disputes, sentences, words

Places = NDArray[np.int64]

BARE_BELOW: Final = 8
"""Sentences that affirm or deny the argument in the middle, below which a map is bare."""
TOKENS_UP_TO: Final = 8_000
"""Sentences above which a map is compared by whole vectors only: each takes about 8 kB of token vectors."""
SHRINKAGE: Final = 0.1
SOFTNESS: Final = np.float32(0.1)
"""t of `soft_top`; 0.05 and 0.3 tell leanings less well."""
SPREAD_OVER: Final = 2_000
"""Arguments from which a map's spread is estimated."""


class Group(IntEnum):
    """What a sentence does for its argument. The values order the sentences of one argument."""

    AFFIRMS = 0
    DENIES = 1
    TEXT = 2


@dataclass(frozen=True, slots=True)
class Tokens:
    """The word pieces of all sentences one after the other, for late interaction.

    Late interaction matches each word piece of one text with the nearest of the other (Khattab, Zaharia: ColBERT,
    SIGIR 2020), here in both directions, and a piece that n of N sentences have weighs
    ln(1 + (N - n + 0.5) / (n + 0.5)).
    """

    vectors: Floats
    """Unit vectors, shape (pieces, token dimensions)."""
    weights: Floats
    """Shape (pieces,)."""
    starts: Places
    """Where each sentence begins."""
    weight_of: Floats
    """Each piece number's weight; a piece that no sentence has weighs most."""

    @classmethod
    def of(cls, found: Sequence[TokenVectors]) -> Tokens:
        pieces = np.concatenate([one.pieces for one in found])
        size = max(30_522, int(pieces.max(initial=0)) + 1)
        having = np.bincount(np.concatenate([np.unique(one.pieces) for one in found]), minlength=size)
        weight_of = np.log1p((len(found) - having + 0.5) / (having + 0.5)).astype(np.float32)
        lengths = [len(one.pieces) for one in found]
        return cls(
            vectors=np.concatenate([one.tokens for one in found if len(one.pieces)]),
            weights=weight_of[pieces],
            starts=np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64),
            weight_of=weight_of,
        )

    def compare(self, readings: Sequence[TokenVectors]) -> tuple[Floats, Floats, list[Floats]]:
        """How much of each reading every sentence covers, and the reverse; both of shape (readings, sentences).

        Third, for each reading, how near the nearest piece of every sentence is to each of its own pieces, times that
        piece's share in the weight of the reading; shape (sentences, pieces).
        """
        totals = np.add.reduceat(self.weights, self.starts)
        covers = np.zeros((len(readings), len(self.starts)), dtype=np.float32)
        covered = np.zeros_like(covers)
        pieces: list[Floats] = []
        for row, reading in enumerate(readings):
            weights = self.weight_of[reading.pieces]
            if not len(weights):
                pieces.append(np.zeros((len(self.starts), 1), dtype=np.float32))
                continue
            near = self.vectors @ reading.tokens.T
            pieces.append(np.maximum.reduceat(near, self.starts, axis=0) * (weights / weights.sum()))
            covers[row] = pieces[-1].sum(axis=1)
            covered[row] = np.add.reduceat(near.max(axis=1) * self.weights, self.starts) / totals
        return covers, covered, pieces


@dataclass(frozen=True, slots=True)
class Spread:
    """How vectors of the same thing said in other words differ: what a leaning should not hang on."""

    precision: Floats
    """Inverse of the shrunk covariance within the groups of an argument, shape (dimensions, dimensions)."""

    @classmethod
    def of(cls, vectors: Floats, affirms: Places, denies: Places) -> Spread:
        dimensions = vectors.shape[1]
        products = np.zeros((dimensions, dimensions), dtype=np.float64)
        freedom = 0
        for places in (affirms, denies):
            for row in places[:SPREAD_OVER]:
                group = vectors[row[row >= 0]]
                rest = group - group.mean(axis=0)
                products += rest.T @ rest
                freedom += len(group) - 1
        covariance = products / max(freedom, 1)
        typical = max(float(np.trace(covariance)) / dimensions, 1 / dimensions if freedom == 0 else 1e-6)
        shrunk = (1 - SHRINKAGE) * covariance + SHRINKAGE * typical * np.eye(dimensions)
        return cls(np.linalg.inv(shrunk).astype(np.float32))

    def discriminant(self, text: Floats, claims: Floats, denials: Floats) -> float:
        """Fisher's linear discriminant between claims and denials, in standard deviations; positive towards claims."""
        mean_claim, mean_denial = claims.mean(axis=0), denials.mean(axis=0)
        difference = mean_claim - mean_denial
        direction = self.precision @ difference
        scale = float(np.sqrt(max(float(difference @ direction), 1e-12)))
        return float((text - (mean_claim + mean_denial) / 2) @ direction) / scale


@dataclass(frozen=True)
class MapIndex:
    """The searchable form of one map. Rows of `of_all` and `of_group` list an argument's sentences, padded with -1."""

    ids: tuple[str, ...]
    sentences: tuple[str, ...]
    encoded: int
    """How many of the sentences, from the first, have vectors where there is an encoder."""
    of_all: Places
    """Shape (arguments, most sentences)."""
    of_group: tuple[Places, Places, Places]
    """By `Group`, each of shape (arguments, most sentences)."""
    letters: Letters
    disputing: Floats
    """1 for a sentence that negates or rejects something, else 0; shape (sentences,)."""
    vectors: Floats | None
    """Unit vectors, shape (encoded, dimensions); None without an encoder."""
    spread: Spread | None
    tokens: Tokens | None
    words: Bm25
    words_whole: Bm25
    """Over arguments, all their sentences together."""
    spelling: Spelling

    @classmethod
    async def build(cls, argument_map: ArgumentMap, encoder: Encoder | None) -> MapIndex:
        """Read a map into an index.

        Raises:
            EncoderError: the encoder can't be used.
        """
        texts = [text for argument in argument_map for group in groups_of(argument) for text in group]
        found: list[TokenVectors] | None = None
        vectors: Floats | None = None
        if isinstance(encoder, TokenEncoder) and len(texts) <= TOKENS_UP_TO:
            found = await encoder.encode_tokens(texts)
        if found is not None:
            vectors = np.stack([one.whole for one in found])
        elif encoder is not None:
            vectors = await encoder.encode(texts)
        return await asyncio.to_thread(cls._of, argument_map, texts, vectors, found)

    @classmethod
    def _of(
        cls, argument_map: ArgumentMap, encoded: list[str], vectors: Floats | None, found: list[TokenVectors] | None
    ) -> MapIndex:
        texts: list[str] = []
        places: list[list[list[int]]] = [[[] for _ in argument_map] for _ in Group]
        for groups in (groups_of, further_of):
            for row, argument in enumerate(argument_map):
                for group, listed in zip(Group, groups(argument), strict=True):
                    places[group][row] += range(len(texts), len(texts) + len(listed))
                    texts += listed
        wholes = [[*a, *d, *t] for a, d, t in zip(*places, strict=True)]
        of_group = (_padded(places[0]), _padded(places[1]), _padded(places[2]))
        return cls(
            ids=tuple(argument.id for argument in argument_map),
            sentences=tuple(texts),
            encoded=len(encoded),
            of_all=_padded(wholes),
            of_group=of_group,
            letters=Letters(
                *([[texts[i] for i in row] for row in places[group]] for group in (Group.AFFIRMS, Group.DENIES))
            ),
            disputing=np.array([disputes(text) for text in texts], dtype=np.float32),
            vectors=vectors,
            spread=None
            if vectors is None
            else Spread.of(vectors, *(among_first(group, len(encoded)) for group in of_group[:2])),
            tokens=Tokens.of(found) if found is not None else None,
            words=Bm25(texts),
            words_whole=Bm25([" ".join(texts[i] for i in whole) for whole in wholes]),
            spelling=Spelling(texts),
        )

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def bare(self) -> bool:
        """Whether most arguments have few wordings and denials, as those that members write."""
        both = [(group >= 0).sum(axis=1) for group in (self.of_group[Group.AFFIRMS], self.of_group[Group.DENIES])]
        return float(np.median(both[0] + both[1])) < BARE_BELOW

    @cached_property
    def encoded_of_all(self) -> Places:
        """As `of_all`, with -1 for the sentences that have no vectors."""
        return among_first(self.of_all, self.encoded)

    @cached_property
    def encoded_of_group(self) -> tuple[Places, ...]:
        """As `of_group`, with -1 for the sentences that have no vectors."""
        return tuple(among_first(group, self.encoded) for group in self.of_group)

    @cached_property
    def place_of(self) -> dict[str, int]:
        """Where an argument is in `ids`."""
        return {name: place for place, name in enumerate(self.ids)}

    def centred(self, readings: Floats, cosines: Floats) -> Floats:
        """Cosines of readings and sentences after the map's mean vector is taken off both, (readings, sentences).

        From the cosines as they are, by (r - m)·(s - m) = r·s - r·m - s·m + m·m.
        """
        mean, along, lengths = self._middle
        rest = readings - mean
        products = cosines - (readings @ mean)[:, None] - along + mean @ mean
        scale = np.maximum(np.linalg.norm(rest, axis=1)[:, None] * lengths, np.float32(1e-6))
        found: Floats = products / scale
        return found

    @cached_property
    def _middle(self) -> tuple[Floats, Floats, Floats]:
        """The mean vector, each sentence's product with it, and each sentence's distance from it."""
        vectors = self.vectors if self.vectors is not None else np.zeros((1, 1), dtype=np.float32)
        mean: Floats = vectors.mean(axis=0)
        along: Floats = vectors @ mean
        squares = np.einsum("ij,ij->i", vectors, vectors) - 2 * along + mean @ mean
        return mean, along, np.sqrt(np.maximum(squares, 0)).astype(np.float32)

    @cached_property
    def stated(self) -> dict[tuple[str, ...], tuple[int, Group]]:
        """Which argument a sentence affirms or denies when it is said word for word; claims go before wordings."""
        found: dict[tuple[str, ...], tuple[int, Group]] = {}
        for group in (Group.AFFIRMS, Group.DENIES):
            for column in self.of_group[group].T:
                for row, place in enumerate(column):
                    if place >= 0:
                        found.setdefault(tuple(words(self.sentences[place])), (row, group))
        return found


def among_first(places: Places, count: int) -> Places:
    """Places below a number, -1 in place of the others."""
    return np.where(places < count, places, -1)


def top(values: Floats, places: Places, count: int) -> Floats:
    """The mean of the `count` highest values in each row of places, or of all where there are fewer; shape (rows,)."""
    held = np.where(places >= 0, values[places], -np.inf)
    if count < held.shape[1]:
        held = np.partition(held, held.shape[1] - count, axis=1)[:, -count:]
    there = np.isfinite(held)
    mean: Floats = np.where(there, held, 0).sum(axis=1) / there.sum(axis=1)
    return mean


def soft_top(values: Floats, places: Places) -> Floats:
    """t·ln of the mean of exp(value / t) in each row of places: between the highest value and the mean; shape (rows,).

    Many that are fairly near count like one that is very near, so that the author's favourite words weigh less.
    """
    held = np.where(places >= 0, values[places] / SOFTNESS, -np.inf)
    highest = held.max(axis=1, keepdims=True)
    sums = np.exp(held - highest).sum(axis=1) / (places >= 0).sum(axis=1)
    found: Floats = SOFTNESS * (highest[:, 0] + np.log(sums))
    return found


def soft_mean(values: Floats, places: Places, by: Floats, softness: np.float32) -> Floats:
    """The mean of values in each row of places, each weighed by exp(by / softness); shape (rows,)."""
    held = np.where(places >= 0, by[places] / softness, -np.inf)
    weights = np.exp(held - held.max(axis=1, keepdims=True))
    found: Floats = (weights * values[places]).sum(axis=1) / weights.sum(axis=1)
    return found


def top_by_piece(values: Floats, places: Places, count: int) -> Floats:
    """For each piece of a text the mean of its `count` highest values in a row of places, summed; shape (rows,).

    `values` has shape (sentences, pieces), as the third of `Tokens.compare`.
    """
    return np.array(
        [np.sort(values[row[row >= 0]], axis=0)[-count:].mean(axis=0).sum() for row in places], dtype=np.float32
    )


def groups_of(argument: Argument) -> Iterator[tuple[str, ...]]:
    """An argument's sentences by `Group`; none is empty, even if the argument has no text."""
    yield tuple(dict.fromkeys((argument.claim, *argument.wordings)))
    yield tuple(dict.fromkeys((argument.contrary, *argument.denials)))
    yield tuple(sentences(argument.text)) or (argument.claim,)


def further_of(argument: Argument) -> Iterator[tuple[str, ...]]:
    """An argument's sentences that are compared by words alone, by `Group`; those that `groups_of` has are left out."""
    known = {text for group in groups_of(argument) for text in group}
    for further in (argument.further_wordings, argument.further_denials, ()):
        yield tuple(text for text in dict.fromkeys(further) if text not in known)


def fingerprint(argument_map: ArgumentMap) -> str:
    """The same for maps whose arguments read the same, and for no others."""
    content = [(argument.id, argument.side, *groups_of(argument), *further_of(argument)) for argument in argument_map]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _padded(rows: Sequence[Sequence[int]]) -> Places:
    padded = np.full((len(rows), max(map(len, rows))), -1, dtype=np.int64)
    for row, listed in enumerate(rows):
        padded[row, : len(listed)] = listed
    return padded

"""The retriever: what a text is about in a map, which way it leans, and how sure that is."""

from __future__ import annotations

import asyncio
import logging
import math
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np

from bot.core.arguments import ArgumentMap
from bot.core.ports import Encoder
from bot.core.reading import Candidate, Leaning, Reading, Verdict
from bot.errors import EncoderError
from bot.retrieval.calibration import Calibration, Kind, calibration_of
from bot.retrieval.encoders import CachedEncoder, Floats, TokenEncoder, TokenVectors
from bot.retrieval.features import Nearness, Query, answering, leaning, matching
from bot.retrieval.index import Group, MapIndex, fingerprint
from bot.retrieval.text import claim_ids, content_words, denies, without_claim_ids, words

log = logging.getLogger(__name__)

KEPT_MAPS: Final = 64
LEFT_ALONE: Final = 60.0
"""Seconds for which an encoder that failed is not asked again."""


class MapRetriever:
    """Reads texts against maps; satisfies `bot.core.ports.Retriever`.

    Indexes are built on first use, once for each content of a map, and the last 64 are kept. When the encoder fails,
    texts are read by words alone for a minute, with the thresholds of that kind, and the log says why.

    Args:
        encoder: what compares meanings; None searches by words alone. Members' texts pass by a cache around it.
        sure_above: chance that the nearest argument is right from which the verdict is SURE; calibrated when None.
        nothing_below: chance that the map has something below which the verdict is NOTHING; calibrated when None.
        calibrations: the coefficients for each kind of search, and whether the map is bare.
        monotonic: tells seconds.
    """

    def __init__(
        self,
        encoder: Encoder | None,
        sure_above: float | None = None,
        nothing_below: float | None = None,
        *,
        calibrations: Callable[[Kind, bool], Calibration] = calibration_of,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._encoder = encoder
        self._live = encoder.uncached if isinstance(encoder, CachedEncoder) else encoder
        self._sure_above = sure_above
        self._nothing_below = nothing_below
        self._calibrations = calibrations
        self._monotonic = monotonic
        self._asleep_until = -math.inf
        self._fingerprints: dict[int, tuple[weakref.ref[ArgumentMap], str]] = {}
        self._indexes: OrderedDict[tuple[str, bool], asyncio.Task[MapIndex]] = OrderedDict()

    async def warm(self, argument_map: ArgumentMap) -> None:
        """Build a map's index now, so that the first text does not wait for it.

        Raises:
            EncoderError: the encoder can't be used.
        """
        await self._index(argument_map, self._encoder)

    async def aclose(self) -> None:
        """Give up the indexes that are still being built."""
        tasks = list(self._indexes.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def read(self, text: str, argument_map: ArgumentMap, limit: int = 10) -> Reading:
        """Find what a text is about in one map; what it names or says word for word comes first."""
        if self._encoder is not None and self._monotonic() >= self._asleep_until:
            try:
                return await self._read(text, await self._index(argument_map, self._encoder), limit)
            except EncoderError as error:
                self._asleep_until = self._monotonic() + LEFT_ALONE
                log.warning("Texts are read by words alone for %.0f s: %s", LEFT_ALONE, error)
        return await self._read(text, await self._index(argument_map, None), limit)

    async def _read(self, text: str, index: MapIndex, limit: int) -> Reading:
        query = Query.of(text, index)
        vectors: Floats | None = None
        tokens: list[TokenVectors] | None = None
        if index.vectors is not None and self._live is not None:
            if index.tokens is not None and isinstance(self._live, TokenEncoder):
                tokens = await self._live.encode_tokens(query.readings)
            if tokens is not None:
                vectors = np.stack([one.whole for one in tokens])
            else:
                vectors = await self._live.encode(query.readings)
        return await asyncio.to_thread(self._judge, index, query, vectors, tokens, limit)

    def _judge(
        self, index: MapIndex, query: Query, vectors: Floats | None, tokens: list[TokenVectors] | None, limit: int
    ) -> Reading:
        near = Nearness.of(index, query, vectors, tokens)
        calibration = self._calibrations(kind_of(near), index.bare)
        scores = calibration.matching(matching(index, near))
        named = [index.place_of[name] for name in claim_ids(query.text) if name in index.place_of]
        stated = None if named else index.stated.get(tuple(words(query.text)))
        first = named if stated is None else [stated[0]]
        nearest = np.argsort(-scores, kind="stable")[: limit + len(first)]
        order = np.array(list(dict.fromkeys([*first, *nearest.tolist()]))[:limit], dtype=np.int64)
        margins = np.tanh(calibration.leaning(leaning(index, near, query, order)) / 2)
        if named:
            margins[: len(named)] = [margin_of_named(query.text, float(margin)) for margin in margins[: len(named)]]
        elif stated is not None:
            margins[0] = 1.0 if stated[1] is Group.AFFIRMS else -1.0
        candidates = tuple(
            Candidate(index.ids[place], float(scores[place]), leaning_of(margin, calibration.unclear_within), margin)
            for place, margin in zip(order, margins.tolist(), strict=True)
        )
        verdict = Verdict.SURE if first else self._verdict(answering(index, near, scores), calibration)
        return Reading(query.text, verdict, candidates, by_words=vectors is None)

    def _verdict(self, measurements: dict[str, float], calibration: Calibration) -> Verdict:
        least = calibration.nothing_below if self._nothing_below is None else self._nothing_below
        enough = calibration.sure_above if self._sure_above is None else self._sure_above
        if calibration.there.probability(measurements) < least:
            return Verdict.NOTHING
        return Verdict.SURE if calibration.right.probability(measurements) >= enough else Verdict.UNSURE

    async def _index(self, argument_map: ArgumentMap, encoder: Encoder | None) -> MapIndex:
        key = (self._fingerprint(argument_map), encoder is not None)
        task = self._indexes.get(key)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = self._indexes[key] = asyncio.create_task(MapIndex.build(argument_map, encoder))
        self._indexes.move_to_end(key)
        while len(self._indexes) > KEPT_MAPS:
            self._indexes.popitem(last=False)
        return await asyncio.shield(task)

    def _fingerprint(self, argument_map: ArgumentMap) -> str:
        """A map's fingerprint, taken once for each object: maps never change, and a large one takes long to read."""
        reference, found = self._fingerprints.get(id(argument_map), (None, ""))
        if reference is None or reference() is not argument_map:
            found = fingerprint(argument_map)
            gone = partial(self._fingerprints.pop, id(argument_map), None)
            self._fingerprints[id(argument_map)] = (weakref.ref(argument_map, lambda _: gone()), found)
        return found


def kind_of(near: Nearness) -> Kind:
    if near.cosine is None:
        return Kind.WORDS
    return Kind.VECTORS if near.covered is None else Kind.TOKENS


def leaning_of(margin: float, unclear_within: float) -> Leaning:
    if abs(margin) < unclear_within:
        return Leaning.UNCLEAR
    return Leaning.AFFIRMS if margin > 0 else Leaning.DENIES


def margin_of_named(text: str, margin: float) -> float:
    """The margin for a claim that the text names: with few words beside the name, by negation alone.

    "MI-04", "steelman MI-04", "MI-04 isn't wrong" affirm; "not MI-04", "MI-04 is wrong" deny.
    """
    rest = without_claim_ids(text)
    if len(content_words(rest)) > 4:
        return margin
    return -1.0 if denies(rest) else 1.0

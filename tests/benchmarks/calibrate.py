"""Fits the retriever's coefficients and thresholds: `python -m tests.benchmarks.calibrate [--write]`.

Fitted on are the tuning halves and the fresh lines. `--write` puts what was fitted on all maps into
`bot/retrieval/data/calibration.json`; without it only the report on other lines is printed, with the coefficients for
each map fitted on the others and with those that ship.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.core.arguments import ArgumentMap
from bot.core.ports import Encoder
from bot.core.reading import Reading
from bot.retrieval.calibration import CALIBRATION, Calibration, Kind, Linear, calibration_from, calibration_of, set_name
from bot.retrieval.encoders import BundledEncoder, CachedEncoder, Floats, TokenEncoder
from bot.retrieval.features import Nearness, Query, answering, leaning, matching
from bot.retrieval.index import MapIndex
from bot.retrieval.retriever import MapRetriever
from bot.testing import MemoryStore
from tests.benchmarks.fitting import choice, logistic
from tests.benchmarks.lines import (
    UNSEEN,
    Figures,
    Line,
    bare_parts,
    figures,
    fits,
    fitted_on,
    lines_of,
    map_of,
    read_all,
    topics,
    unseen_lines_of,
)

MATCHING = {
    Kind.TOKENS: (
        "words whole", "words 1", "words 3", "cosine 1", "cosine 3", "covers 1", "covers 3", "covered 1", "covered 3",
    ),
    Kind.VECTORS: ("words whole", "words 1", "words 3", "cosine 1", "cosine 3", "centred 3"),
    Kind.WORDS: ("words whole", "words 1", "words 3"),
}  # fmt: skip
LEANING = {
    Kind.TOKENS: ("all words", "letters", "disputes", "disputes alike", "covered", "pieces", "discriminant"),
    Kind.VECTORS: ("all words", "letters", "disputes", "disputes alike", "discriminant"),
    Kind.WORDS: ("all words", "letters", "disputes", "disputes alike"),
}
MATCHING_BARE = {
    Kind.TOKENS: tuple(name for name in MATCHING[Kind.TOKENS] if name != "words 1"),
    Kind.VECTORS: tuple(name for name in MATCHING[Kind.VECTORS] if name != "words 1"),
    Kind.WORDS: ("words whole", "words 3"),
}
LEANING_BARE = {
    Kind.TOKENS: ("letters", "disputes", "disputes alike", "covered", "pieces"),
    Kind.VECTORS: ("letters", "disputes", "disputes alike"),
    Kind.WORDS: ("letters", "disputes", "disputes alike"),
}
"""An argument with claim and contrary alone: their stop words say nothing, nor does one vector less another."""
THERE = {
    Kind.TOKENS: ("score", "score 3", "all words", "covers together"),
    Kind.VECTORS: ("score", "score 3", "all words", "cosine"),
    Kind.WORDS: ("score", "score 3", "all words"),
}
RIGHT = {
    Kind.TOKENS: ("score", "lead", "covered"),
    Kind.VECTORS: ("score", "lead", "cosine"),
    Kind.WORDS: ("score", "lead", "words"),
}
PENALTY_MATCHING = 1.0
PENALTY = 4.0
ON_TOPIC_REFUSED = 0.03
OFF_TOPIC_ACCEPTED = 0.06
"""Shares aimed at, inside the targets of .04 and .10: of one such share, a wrong refusal and a wrong answer cost alike.

The lower threshold is the chance at which both cost the same. A quantile of the tuning lines would hang on the few that
are hardest.
"""
LEAST_UNCLEAR = 0.02
"""Odds of 51 to 49."""
CLEAR_RIGHT = 0.8
"""Share of tuning lines with a clear leaning whose leaning is right. Bare maps reach it by calling many unclear."""
SURE_RIGHT = 0.92
"""Share of tuning lines above the upper threshold whose nearest argument is right."""


@dataclass(frozen=True)
class Measured:
    """One labelled line with its measurements."""

    line: Line
    index: MapIndex
    near: Nearness
    matching: Mapping[str, Floats]
    leaning: Mapping[str, Floats]

    @property
    def right(self) -> list[int]:
        return sorted(self.index.place_of[name] for name in self.line.right if name in self.index.place_of)


async def measure(topic: str, kind: Kind, encoder: Encoder, *, bare: bool = False) -> list[Measured]:
    """Measure the lines that are fitted on; bare, against maps of several sizes without wordings and denials."""
    tuning = fitted_on(topic)
    if not bare:
        return await measure_lines(map_of(topic), tuning, kind, encoder)
    measured = []
    for part in bare_parts(topic):
        measured += await measure_lines(part, [line for line in tuning if fits(line, part)], kind, encoder)
    return measured


async def measure_lines(
    argument_map: ArgumentMap, lines: Sequence[Line], kind: Kind, encoder: Encoder
) -> list[Measured]:
    """Measure lines against one map."""
    index = await MapIndex.build(argument_map, encoder_for(kind, encoder))
    found = []
    for line in lines:
        query = Query.of(line.text, index)
        vectors = tokens = None
        if kind is Kind.TOKENS and isinstance(encoder, TokenEncoder):
            tokens = await encoder.encode_tokens(query.readings)
            vectors = np.stack([one.whole for one in tokens or ()])
        elif kind is Kind.VECTORS:
            vectors = await encoder.encode(query.readings)
        near = Nearness.of(index, query, vectors, tokens)
        rows = np.arange(len(index))
        found.append(Measured(line, index, near, matching(index, near), leaning(index, near, query, rows)))
    return found


def fit(lines: Sequence[Measured], kind: Kind, *, bare: bool = False) -> dict[str, Any]:
    """Coefficients and thresholds as they are written to the file."""
    on = [one for one in lines if one.line.argument]
    names = (MATCHING_BARE if bare else MATCHING)[kind]
    ways = (LEANING_BARE if bare else LEANING)[kind]
    weights = choice([(_columns(one.matching, names), one.right) for one in on], PENALTY_MATCHING)
    order = Linear(dict(zip(names, weights.tolist(), strict=True)))
    leans = [one for one in on if one.line.leans and str(one.line.argument) in one.index.place_of]
    sides = np.array([[one.leaning[name][_labelled(one)] for name in ways] for one in leans], dtype=np.float64)
    affirms = np.array([one.line.leans == "affirms" for one in leans])
    weights_of_sides, towards = logistic(sides, affirms, PENALTY)
    scores = [order(one.matching) for one in lines]
    answers = [answering(one.index, one.near, score) for one, score in zip(lines, scores, strict=True)]
    is_on = np.array([bool(one.line.argument) for one in lines])
    is_right = np.array([int(score.argmax()) in one.right for one, score in zip(lines, scores, strict=True)])
    there = _fitted(answers, THERE[kind], is_on)
    right = _fitted(answers, RIGHT[kind], is_right)
    rights = np.array([right.probability(answer) for answer in answers])
    return {
        "matching": {"weights": dict(order.weights)},
        "leaning": _written(ways, weights_of_sides, towards),
        "there": {"weights": dict(there.weights), "intercept": there.intercept},
        "right": {"weights": dict(right.weights), "intercept": right.intercept},
        "nothing_below": _even_costs(is_on),
        "sure_above": _least_sure(rights, is_right, SURE_RIGHT),
        "unclear_within": _unclear_within(np.tanh((sides @ weights_of_sides + towards) / 2), affirms),
    }


def _labelled(one: Measured) -> int:
    return one.index.place_of[str(one.line.argument)]


def _columns(measurements: Mapping[str, Floats], names: Sequence[str]) -> NDArray[np.float64]:
    return np.column_stack([measurements[name] for name in names]).astype(np.float64)


def _fitted(answers: Sequence[Mapping[str, float]], names: Sequence[str], labels: NDArray[np.bool_]) -> Linear:
    rows = np.array([[answer[name] for name in names] for answer in answers], dtype=np.float64)
    weights, intercept = logistic(rows, labels, PENALTY)
    return Linear(dict(zip(names, weights.tolist(), strict=True)), intercept)


def _written(names: Sequence[str], weights: NDArray[np.float64], intercept: float) -> dict[str, Any]:
    return {"weights": dict(zip(names, weights.tolist(), strict=True)), "intercept": intercept}


def _even_costs(is_on: NDArray[np.bool_]) -> float:
    """The chance of being on topic at which refusing and answering cost the same, given the mix that was fitted on."""
    odds = ON_TOPIC_REFUSED * is_on.sum() / (OFF_TOPIC_ACCEPTED * (~is_on).sum())
    return float(odds / (1 + odds))


def _unclear_within(margins: NDArray[np.float64], affirms: NDArray[np.bool_]) -> float:
    return max(LEAST_UNCLEAR, _least_sure(np.abs(margins), (margins > 0) == affirms, CLEAR_RIGHT))


def _least_sure(chances: NDArray[np.float64], is_right: NDArray[np.bool_], enough: float) -> float:
    """The lowest threshold from which on enough are right."""
    order = np.argsort(-chances)
    precise = np.cumsum(is_right[order]) / np.arange(1, len(order) + 1) >= enough
    return float(chances[order][np.flatnonzero(precise)[-1]]) if precise.any() else 1.0


def encoder_for(kind: Kind, encoder: Encoder) -> Encoder | None:
    match kind:
        case Kind.TOKENS:
            return encoder
        case Kind.VECTORS:
            return WholeVectors(encoder)
        case Kind.WORDS:
            return None


class WholeVectors:
    """An encoder without its token vectors: what an endpoint gives."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    @property
    def model_id(self) -> str:
        return self._encoder.model_id

    async def encode(self, texts: Sequence[str]) -> Floats:
        return await self._encoder.encode(texts)


def retriever_with(kind: Kind, encoder: Encoder, calibration: Calibration) -> MapRetriever:
    return MapRetriever(encoder_for(kind, encoder), calibrations=lambda *_: calibration)


async def left_out_bare(kind: Kind, encoder: Encoder) -> dict[str, Figures]:
    """As `left_out`, with bare maps of several sizes; of each line as many readings as there are maps that it fits."""
    measured = {topic: await measure(topic, kind, encoder, bare=True) for topic in topics()}
    found = {}
    for topic in topics():
        others = [one for other in topics() if other != topic for one in measured[other]]
        retriever = retriever_with(kind, encoder, calibration_from(fit(others, kind, bare=True)))
        held_out = lines_of(topic, tuning=False)
        read: list[tuple[Line, Reading]] = []
        for part in bare_parts(topic):
            read += [(line, await retriever.read(line.text, part)) for line in held_out if fits(line, part)]
        found[topic] = figures(read)
    return found


async def left_out(kind: Kind, encoder: Encoder, lines: Callable[[str], Sequence[Line]]) -> dict[str, Figures]:
    """Each topic's lines, with everything fitted on the other topics' lines that are fitted on."""
    measured = {topic: await measure(topic, kind, encoder) for topic in topics()}
    found = {}
    for topic in topics():
        others = [one for other in topics() if other != topic for one in measured[other]]
        retriever = retriever_with(kind, encoder, calibration_from(fit(others, kind)))
        found[topic] = figures(await read_all(retriever, topic, list(lines(topic))))
    return found


async def as_shipped(kind: Kind, encoder: Encoder, lines: Callable[[str], Sequence[Line]]) -> dict[str, Figures]:
    """Each topic's lines, with the coefficients that ship."""
    retriever = retriever_with(kind, encoder, calibration_of(kind, bare=False))
    return {topic: figures(await read_all(retriever, topic, list(lines(topic)))) for topic in topics()}


def table(title: str, found: Mapping[str, Figures]) -> str:
    """The figures as text, with their sum over topics last."""
    rows = {**found, "both": sum(list(found.values())[1:], start=next(iter(found.values())))}
    lines = [title]
    for topic, one in rows.items():
        lines.append(f"  {topic}")
        lines.extend(f"    {name.replace('_', ' '):12} {getattr(one, name)}" for name in Figures.__dataclass_fields__)
    return "\n".join(lines)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write what was fitted on all tuning halves")
    parser.add_argument("--kind", choices=list(Kind), action="append", help="only this kind of search")
    arguments = parser.parse_args()
    encoder = CachedEncoder(BundledEncoder(), MemoryStore())
    kinds = [Kind(kind) for kind in arguments.kind or Kind]
    if arguments.write:
        written = {
            set_name(kind, bare=bare): fit(
                [one for topic in topics() for one in await measure(topic, kind, encoder, bare=bare)], kind, bare=bare
            )
            for kind in Kind
            for bare in (False, True)
        }
        CALIBRATION.write_text(json.dumps(_rounded(written), indent=2) + "\n", encoding="utf-8")
    for kind in kinds:
        print(table(f"{kind}: fitted on the other map, unseen lines", await left_out(kind, encoder, unseen_lines_of)))
        print(table(f"{kind}: as shipped, unseen lines", await as_shipped(kind, encoder, unseen_lines_of)))
        for name, lines in UNSEEN.items():
            print(table(f"{kind}: as shipped, {name}", await as_shipped(kind, encoder, lines)))
        print(table(f"{kind}: bare maps, fitted on the other topic", await left_out_bare(kind, encoder)))


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    return round(value, 4) if isinstance(value, float) else value


if __name__ == "__main__":
    asyncio.run(main())

"""The labelled lines: which half each belongs to, how they are measured, and how well they are read."""

from __future__ import annotations

import hashlib
import json
import math
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from bot.core.arguments import ArgumentMap, Relation, RelationKind, Side
from bot.core.reading import Leaning, Reading, Verdict
from bot.maps import load_map, shipped
from bot.retrieval.retriever import MapRetriever

T = TypeVar("T")
DATA = Path(__file__).parent.parent / "data"
FOLDER = DATA / "lines"
FRESH = DATA / "fresh"
"""By another author, who saw neither maps nor other lines. Scored thrice, then fitted on with the tuning halves."""
BLIND = DATA / "blind"
"""By a third author, likewise. Nothing is fitted on them."""
LAST = DATA / "last"
"""By a fourth author, likewise; scored first when two measurements of dispute were in."""

NEWEST = DATA / "newest"
"""By a fifth author, who saw the document and the sentences of the claims."""


@dataclass(frozen=True)
class Line:
    """A line as a member might type it, with what it is about; no argument means that the map has nothing on it."""

    text: str
    argument: str | None
    also: tuple[str, ...]
    leans: str | None
    kind: str

    @property
    def right(self) -> frozenset[str]:
        """The arguments of which any counts as found."""
        return frozenset({self.argument, *self.also} - {None}) if self.argument else frozenset()

    @property
    def tuning(self) -> bool:
        """Whether the line is for choosing settings; the others are only for reporting. By hash, so it stays."""
        return hashlib.sha256(self.text.encode()).digest()[0] % 2 == 0


def topics() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.jsonl"))


def lines_of(topic: str, *, tuning: bool) -> list[Line]:
    """One half of a topic's lines."""
    return [line for line in _read(FOLDER / f"{topic}.jsonl") if line.tuning is tuning]


def fitted_on(topic: str) -> list[Line]:
    """The lines that settings are chosen and coefficients fitted on."""
    return lines_of(topic, tuning=True) + fresh_lines_of(topic)


def fresh_lines_of(topic: str) -> list[Line]:
    return _read(FRESH / f"{topic}.jsonl")


def blind_lines_of(topic: str) -> list[Line]:
    return _read(BLIND / f"{topic}.jsonl")


def last_lines_of(topic: str) -> list[Line]:
    return _read(LAST / f"{topic}.jsonl")


def newest_lines_of(topic: str) -> list[Line]:
    return _read(NEWEST / f"{topic}.jsonl")


UNSEEN: Mapping[str, Callable[[str], list[Line]]] = {
    "held-out halves": partial(lines_of, tuning=False),
    "blind lines": blind_lines_of,
    "last lines": last_lines_of,
    "newest lines": newest_lines_of,
}
"""Lines that nothing is fitted on, by what they are called."""


def unseen_lines_of(topic: str) -> list[Line]:
    return [line for lines in UNSEEN.values() for line in lines(topic)]


def _read(path: Path) -> list[Line]:
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [Line(r["text"], r["argument"], tuple(r["also"]), r["leans"], r["kind"]) for r in rows]


def map_of(topic: str) -> ArgumentMap:
    return load_map(shipped() / f"{topic}.yaml")


BARE_SIZES = (3, 8, 20, 1_000)
BARE_DRAWS = 4


def bare_parts(topic: str) -> list[ArgumentMap]:
    """A topic's map as members might have written it: claim, contrary and text alone; whole, and seeded parts of it."""
    whole = map_of(topic)
    arguments = [
        replace(argument, wordings=(), denials=(), further_wordings=(), further_denials=()) for argument in whole
    ]
    parts = []
    for size in BARE_SIZES:
        for draw in range(BARE_DRAWS if size < len(arguments) else 1):
            rest = random.Random(f"{topic} {size} {draw}").sample(arguments[1:], min(size, len(arguments)) - 1)
            relations = [
                Relation(
                    RelationKind.SUPPORTS
                    if argument.side is Side.PRO
                    else RelationKind.REBUTS
                    if argument.side is Side.CON
                    else RelationKind.BEARS_ON,
                    argument.id,
                    arguments[0].id,
                )
                for argument in rest
            ]
            parts.append(
                ArgumentMap(whole.id, whole.title, whole.question, arguments[0], tuple(rest), tuple(relations))
            )
    return parts


def fits(line: Line, part: ArgumentMap) -> bool:
    """Whether a line can be judged against a part of its map: it is off-topic, or what it is about is in it."""
    return line.argument is None or line.argument in part


@dataclass(frozen=True)
class Share:
    """Some of all, with Wilson's 95% interval."""

    hits: int
    of: int

    @property
    def share(self) -> float:
        return self.hits / self.of if self.of else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's score interval (E. B. Wilson, JASA 22, 1927) for 95%."""
        if not self.of:
            return 0.0, 1.0
        z = 1.959964
        middle = (self.share + z * z / (2 * self.of)) / (1 + z * z / self.of)
        half = z * math.sqrt(self.share * (1 - self.share) / self.of + z * z / (4 * self.of**2)) / (1 + z * z / self.of)
        return max(0.0, middle - half), min(1.0, middle + half)

    def __add__(self, other: Share) -> Share:
        return Share(self.hits + other.hits, self.of + other.of)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.share:.3f} [{low:.2f}, {high:.2f}] {self.hits}/{self.of}"


@dataclass(frozen=True)
class Figures:
    """How well lines were read."""

    first: Share
    first_three: Share
    """Of on-topic lines, those with a right argument among the first three candidates."""
    polarity: Share
    """Of lines that lean and whose argument was found there, those read the right way; unclear counts as wrong."""
    off_refused: Share
    on_refused: Share
    sure_right: Share
    """Of lines read with the verdict SURE, those whose first candidate is right."""
    sure: Share
    """Of on-topic lines, those with the verdict SURE."""

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(getattr(self, name) + getattr(other, name) for name in Figures.__dataclass_fields__))


def figures(read: Iterable[tuple[Line, Reading]]) -> Figures:
    """Score readings against labels."""
    pairs = list(read)
    on = [(line, reading) for line, reading in pairs if line.argument]
    off = [reading for line, reading in pairs if not line.argument]
    found = [(line, reading) for line, reading in on if _rank(line, reading) < 3]
    leaning = [(line, _leaning(line, reading)) for line, reading in found if line.leans]
    sure = [(line, reading) for line, reading in pairs if reading.verdict is Verdict.SURE]
    return Figures(
        first=_share(on, lambda pair: _rank(*pair) < 1),
        first_three=Share(len(found), len(on)),
        polarity=_share(leaning, lambda pair: pair[1].value == pair[0].leans),
        off_refused=_share(off, lambda reading: reading.verdict is Verdict.NOTHING),
        on_refused=_share(on, lambda pair: pair[1].verdict is Verdict.NOTHING),
        sure_right=_share(sure, lambda pair: bool(pair[0].argument) and _rank(*pair) < 1),
        sure=_share(on, lambda pair: pair[1].verdict is Verdict.SURE),
    )


async def read_all(retriever: MapRetriever, topic: str, lines: Sequence[Line]) -> list[tuple[Line, Reading]]:
    argument_map = map_of(topic)
    return [(line, await retriever.read(line.text, argument_map)) for line in lines]


def _share(items: Sequence[T], test: Callable[[T], bool]) -> Share:
    return Share(sum(map(test, items)), len(items))


def _rank(line: Line, reading: Reading) -> int:
    places = [place for place, one in enumerate(reading.candidates) if one.argument_id in line.right]
    return places[0] if places else len(reading.candidates) + 1


def _leaning(line: Line, reading: Reading) -> Leaning:
    """The leaning on the labelled argument or, if that wasn't found, on the one that counts as well."""
    by_id = {one.argument_id: one.leaning for one in reading.candidates}
    return by_id.get(str(line.argument)) or reading.candidates[_rank(line, reading)].leaning

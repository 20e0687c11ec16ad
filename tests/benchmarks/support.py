"""How well the support check tells good sentences from bad ones: `python -m tests.benchmarks.support [--fit]`.

`tests/data/support.jsonl` holds labelled sentences. Within each map and kind of fault every other pair belongs to the
tuning half, on which `--fit` fits the coefficients in `bot/writing/support.py`; the table is of the other half, and of
pairs marked `"fresh": true`, which were written after the coefficients had been fixed and belong to it whole.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bot.core.arguments import ArgumentMap
from bot.core.ports import Encoder
from bot.maps import load_folder, shipped
from bot.retrieval.encoders import BundledEncoder
from bot.writing import wording
from bot.writing.cited import Cited
from bot.writing.similarity import EncoderSimilarity, LexicalSimilarity, Similarity
from bot.writing.support import Measurements, Support, SupportCheck, SupportVerdict, fault_on_its_face, measure

PAIRS = Path(__file__).parent.parent / "data" / "support.jsonl"


@dataclass(frozen=True)
class Pair:
    sentence: str
    cites: tuple[str, ...]
    map: str
    supported: bool
    fault: str | None
    denied: tuple[str, ...] = ()
    fresh: bool = False
    tuning: bool = field(default=False, compare=False)

    def cited(self, argument_map: ArgumentMap) -> list[Cited]:
        return [Cited(argument_map[cite], cite not in self.denied) for cite in self.cites]


def load_pairs() -> list[Pair]:
    pairs = []
    seen: dict[tuple[str, str | None], int] = defaultdict(int)
    for line in PAIRS.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        row["cites"], row["denied"] = tuple(row["cites"]), tuple(row.get("denied", ()))
        pair = Pair(**row)
        if not pair.fresh:
            pair = Pair(**row, tuning=seen[pair.map, pair.fault] % 2 == 0)
            seen[pair.map, pair.fault] += 1
        pairs.append(pair)
    return pairs


def load_maps() -> dict[str, ArgumentMap]:
    return {argument_map.id: argument_map for argument_map in load_folder(shipped())}


async def verdicts(
    pairs: Sequence[Pair], maps: dict[str, ArgumentMap], encoder: Encoder | None
) -> list[SupportVerdict]:
    check = SupportCheck(encoder)
    return [await check.check(p.sentence, p.cited(maps[p.map]), maps[p.map]) for p in pairs]


def wilson(hits: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's 95% score interval of a proportion (Wilson, JASA 22, 1927)."""
    if of == 0:
        return 0.0, 1.0
    share, spread = hits / of, z * z / of
    middle = share + spread / 2
    half = z * math.sqrt(share * (1 - share) / of + spread / (4 * of))
    return (middle - half) / (1 + spread), (middle + half) / (1 + spread)


@dataclass(frozen=True)
class Figures:
    right: int
    total: int
    caught: int
    bad: int
    alarms: int
    good: int


def figures(pairs: Sequence[Pair], found: Sequence[SupportVerdict]) -> Figures:
    both = list(zip(pairs, found, strict=True))
    return Figures(
        right=sum(p.supported == v.leans for p, v in both),
        total=len(both),
        caught=sum(not v.leans for p, v in both if not p.supported),
        bad=sum(not p.supported for p, _ in both),
        alarms=sum(not v.leans for p, v in both if p.supported),
        good=sum(p.supported for p, _ in both),
    )


def row(name: str, hits: int, of: int) -> str:
    low, high = wilson(hits, of)
    return (
        f"| {name} | {hits} of {of} | {hits / of:.2f} | {low:.2f} to {high:.2f} |" if of else f"| {name} | - | - | - |"
    )


def table(title: str, pairs: Sequence[Pair], found: Sequence[SupportVerdict]) -> Iterable[str]:
    f = figures(pairs, found)
    yield f"\n{title}: {f.total} pairs\n"
    yield "| measure | count | share | 95% interval |"
    yield "|---|---|---|---|"
    yield row("accuracy", f.right, f.total)
    yield row("bad sentences caught", f.caught, f.bad)
    yield row("good sentences refused", f.alarms, f.good)
    for fault in sorted({p.fault for p in pairs if p.fault}):
        of_kind = [v for p, v in zip(pairs, found, strict=True) if p.fault == fault]
        yield row(f"caught: {fault}", sum(not v.leans for v in of_kind), len(of_kind))
    undecided = sum(v.support is Support.UNDECIDED for v in found)
    yield row("undecided (a judge may be asked)", undecided, len(found))
    sure = [(p, v) for p, v in zip(pairs, found, strict=True) if v.support is not Support.UNDECIDED]
    yield row("accuracy where decided", sum(p.supported == v.leans for p, v in sure), len(sure))


async def fit(pairs: Sequence[Pair], maps: dict[str, ArgumentMap], similarity: Similarity, ridge: float = 5.0) -> str:
    """Ridge logistic regression by Newton's method on the pairs that the rules let through; the code to paste."""
    rows, labels = [], []
    for pair in pairs:
        text, cited = wording.plain(pair.sentence), pair.cited(maps[pair.map])
        if not fault_on_its_face(text, cited, maps[pair.map]):
            rows.append(await measure(text, cited, maps[pair.map], similarity))
            labels.append(float(pair.supported))
    measured, wanted = np.array(rows), np.array(labels)
    mean, scale = measured.mean(axis=0), measured.std(axis=0)
    columns = np.c_[(measured - mean) / scale, np.ones(len(measured))]
    penalty = ridge * np.diag([1.0] * (columns.shape[1] - 1) + [0.0])
    weights = np.zeros(columns.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-columns @ weights))
        step = (columns * (p * (1 - p))[:, None]).T @ columns + penalty
        weights += np.linalg.solve(step, columns.T @ (wanted - p) - penalty @ weights)

    def shown(name: str, values: Iterable[float]) -> str:
        return f"    {name}=Measurements({', '.join(f'{value:.3f}' for value in values)}),"

    lines = [
        shown("mean", mean),
        shown("scale", scale),
        shown("weights", weights[:-1]),
        f"    intercept={weights[-1]:.3f},",
    ]
    return "\n".join(["Calibration(", *lines, ")", f"# {len(rows)} pairs; {Measurements._fields}"])


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--fit", action="store_true", help="fit the coefficients on the tuning half and print them")
    parser.add_argument("--tuning", action="store_true", help="show the tuning half too")
    options = parser.parse_args()
    pairs, maps, encoder = load_pairs(), load_maps(), BundledEncoder()
    tuning = [p for p in pairs if p.tuning]
    if options.fit:
        print(await fit(tuning, maps, EncoderSimilarity(encoder)))
        print(await fit(tuning, maps, LexicalSimilarity()))
        return
    parts = {
        "Held-out half": [p for p in pairs if not p.tuning and not p.fresh],
        "Fresh pairs": [p for p in pairs if p.fresh],
    }
    if options.tuning:
        parts["Tuning half"] = tuning
    for title, part in parts.items():
        for kind, used in (("with the bundled encoder", encoder), ("by words alone", None)):
            if part:
                print("\n".join(table(f"{title}, {kind}", part, await verdicts(part, maps, used))))


if __name__ == "__main__":
    asyncio.run(main())

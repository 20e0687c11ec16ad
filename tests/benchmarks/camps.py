"""False alarms and power of the camp test, by simulation.

    python -m tests.benchmarks.camps alarms [--groups 1000] [--replicates 199] [--only TEXT]
    python -m tests.benchmarks.camps power  [--groups 300]  [--replicates 199] [--only TEXT]
    python -m tests.benchmarks.camps time

Group g of a scenario is drawn from numpy's default_rng([crc32(name), g]); the test's own seed comes from the answers.
"Both" is the test as it stands; "bell" is what the normal null alone would have said. Intervals are Wilson's, 95%.
"""

from __future__ import annotations

import argparse
import sys
import time
import zlib
from collections.abc import Callable, Mapping
from math import sqrt
from statistics import median

import numpy as np
import numpy.typing as npt

from bot.core.camps import STANCES, CampTest, find_camps

Floats = npt.NDArray[np.float64]
Draw = Callable[[np.random.Generator], Floats]

EVEN, VARIED, SKEWED = "even", "varied", "skewed"


def wilson(hits: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's score interval for a proportion (1927)."""
    share, scale = hits / trials, 1 + z * z / trials
    middle = (share + z * z / (2 * trials)) / scale
    half = z * sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials)) / scale
    return max(0.0, middle - half), min(1.0, middle + half)


def answer(rng: np.random.Generator, latent: Floats, spread: Floats, thresholds: str, missing: float) -> Floats:
    """Cut standardised latents into four stances and blank out cells; never below 70% filled."""
    claims = latent.shape[1]
    cuts = np.tile([-0.8, 0.0, 0.8], (claims, 1))
    if thresholds == VARIED:
        cuts += rng.normal(0, 0.5, (claims, 1))
    elif thresholds == SKEWED:
        cuts = np.tile([-1.6, -1.0, 0.1], (claims, 1))
    standardised = latent / spread
    categories = (standardised[:, :, None] > cuts).sum(axis=2)
    stances: Floats = np.array(STANCES)[categories]
    blank = rng.permutation(stances.size)[: int(missing * stances.size)]
    stances.flat[blank] = np.nan
    return stances


def places(rng: np.random.Generator, members: int, spread: str) -> Floats:
    """Where members stand on a line without camps, with mean 0 and variance 1."""
    match spread:
        case "bell":
            return rng.standard_normal(members)
        case "flat":
            return rng.uniform(-sqrt(3), sqrt(3), members)
        case "ladder":
            return np.linspace(-1, 1, members) * sqrt(3)
        case "tails":
            return rng.standard_t(4, members) / sqrt(2)
        case "lopsided":
            return rng.exponential(1, members) - 1
    raise ValueError(spread)


def line(
    loading: float | tuple[float, float],
    *,
    spread: str = "bell",
    members: int | None = None,
    claims: int | None = None,
    thresholds: str | None = None,
    missing: float | None = None,
    second: float = 0.0,
) -> Draw:
    """A group without camps: one line (and, with `second`, an independent second one under the odd claims)."""

    def draw(rng: np.random.Generator) -> Floats:
        n = members or int(rng.integers(15, 51))
        m = claims or int(rng.integers(15, 41))
        size = rng.uniform(*loading, m) if isinstance(loading, tuple) else np.full(m, loading)
        sign = rng.choice([-1.0, 1.0], m)
        common = places(rng, n, spread)[:, None] * size * sign
        total = size**2
        if second:
            odd = np.arange(m) % 2
            common = common * (1 - odd) + rng.standard_normal((n, 1)) * second * sign * odd
            total = np.where(odd == 1, second**2, size**2)
        latent = common + np.sqrt(1 - total) * rng.standard_normal((n, m))
        kind = thresholds or (EVEN, VARIED, SKEWED)[int(rng.integers(3))]
        blank = float(rng.uniform(0.10, 0.25)) if missing is None else missing
        return answer(rng, latent, np.ones(m), kind, blank)

    return draw


def opposed(
    d: float, *, members: int, claims: int = 20, share: float = 0.5, on: float = 1.0, within: float = 0.0
) -> Draw:
    """Two camps with means +d and -d on the latent scale (sd 1 within a camp) of a share `on` of the claims.

    With `within`, members of a camp also differ along the line itself: place = ±1 + within * N(0, 1), times d.
    Thresholds vary between claims; 15% of the cells are blank.
    """

    def draw(rng: np.random.Generator) -> Floats:
        first = round(share * members)
        camp = np.where(np.arange(members) < first, 1.0, -1.0) + within * rng.standard_normal(members)
        split = np.where(np.arange(claims) < round(on * claims), d, 0.0) * rng.choice([-1.0, 1.0], claims)
        latent = camp[:, None] * split + rng.standard_normal((members, claims))
        return answer(rng, latent, np.sqrt(1 + split**2 * (1 + within**2)), VARIED, 0.15)

    return draw


def alarms() -> Mapping[str, Draw]:
    """Groups without camps. Mixed: 15-50 members, 15-40 claims, 10-25% blank, signs and thresholds mixed."""
    return {
        "independent, mixed": line(0.0),
        "bell, loadings .5, mixed": line(0.5),
        "bell, loadings .6, mixed": line(0.6),
        "bell, loadings .7, mixed": line(0.7),
        "bell, loadings .8, mixed": line(0.8),
        "bell, loadings .9, mixed": line(0.9),
        "bell, loadings 0 to .95, mixed": line((0.0, 0.95)),
        "independent, 15 x 15, full": line(0.0, members=15, claims=15, missing=0.0, thresholds=EVEN),
        "bell .5, 15 x 15, full": line(0.5, members=15, claims=15, missing=0.0, thresholds=EVEN),
        "bell .6, 15 x 40, 25% blank": line(0.6, members=15, claims=40, missing=0.25),
        "bell .6, 50 x 15": line(0.6, members=50, claims=15),
        "bell .8, skewed, 50 x 30": line(0.8, members=50, claims=30, thresholds=SKEWED),
        "flat, loadings .5, mixed": line(0.5, spread="flat"),
        "flat, loadings .6, mixed": line(0.6, spread="flat"),
        "flat, loadings .8, mixed": line(0.8, spread="flat"),
        "flat .6, 50 x 30": line(0.6, spread="flat", members=50, claims=30),
        "flat 0 to .95, 50 x 40": line((0.0, 0.95), spread="flat", members=50, claims=40),
        "ladder .6, 50 x 30": line(0.6, spread="ladder", members=50, claims=30),
        "heavy tails (t, 4 df) .6, mixed": line(0.6, spread="tails"),
        "lopsided (exponential) .6, mixed": line(0.6, spread="lopsided"),
        "lopsided (exponential) .8, 50 x 30": line(0.8, spread="lopsided", members=50, claims=30),
        "two independent lines .7, mixed": line(0.7, second=0.7),
    }


def power() -> Mapping[str, Draw]:
    """Two opposed camps, 20 claims unless said."""
    table: dict[str, Draw] = {}
    for d in (0.5, 0.75, 1.0, 1.5):
        for n in (15, 20, 30, 50):
            table[f"50/50 d={d} n={n}"] = opposed(d, members=n)
            table[f"70/30 d={d} n={n}"] = opposed(d, members=n, share=0.7)
            table[f"50/50 half the claims d={d} n={n}"] = opposed(d, members=n, on=0.5)
    for within in (0.25, 0.4, 0.6):
        for n in (15, 20, 30, 50):
            table[f"50/50 d=1 within-camp sd {within} n={n}"] = opposed(1.0, members=n, within=within)
    for n in (15, 20, 30, 50):
        table[f"50/50 d=0.5 40 claims n={n}"] = opposed(0.5, members=n, claims=40)
    return table


def run(scenarios: Mapping[str, Draw], groups: int, replicates: int, only: str) -> None:
    """Print a line a scenario as it ends."""
    sys.stdout.write("| groups | both | 95% | bell alone | placed right |\n|---|---|---|---|---|\n")
    for name, draw in scenarios.items():
        if only not in name:
            continue
        both, bell, right = 0, 0, []
        for g in range(groups):
            stances = draw(np.random.default_rng([zlib.crc32(name.encode()), g]))
            test = find_camps(stances, replicates=replicates)
            bell += test.p_bell is not None and test.p_bell <= 0.05
            if test.sizes:
                both += 1
                right.append(agreement(test, name))
        low, high = wilson(both, groups)
        placed = f"{np.mean(right):.2f}" if right and "d=" in name else ""
        sys.stdout.write(f"| {name} | {both / groups:.3f} | {low:.3f}-{high:.3f} | {bell / groups:.3f} | {placed} |\n")
        sys.stdout.flush()


def agreement(test: CampTest, name: str) -> float:
    """Of the placed members, the share whose camp is the one they were drawn from."""
    first = round((0.7 if name.startswith("70") else 0.5) * len(test.camps))
    hits = [camp == int(i >= first) for i, camp in enumerate(test.camps) if camp is not None]
    return max(sum(hits), len(hits) - sum(hits)) / len(hits)


def clock() -> None:
    """Print the median processor and wall time of one test."""
    for members, claims in ((15, 15), (30, 30), (50, 40), (100, 60), (200, 100)):
        stances = line(0.6, members=members, claims=claims, missing=0.15)(np.random.default_rng(1))
        for replicates in (199, 499):
            cpu, wall = [], []
            for _ in range(3 if members > 50 else 9):
                at, on = time.perf_counter(), time.process_time()
                find_camps(stances, replicates=replicates)
                cpu.append(time.process_time() - on)
                wall.append(time.perf_counter() - at)
            sys.stdout.write(f"| {members} x {claims} | {replicates} | {median(cpu):.3f} s | {median(wall):.3f} s |\n")
            sys.stdout.flush()


def main() -> None:
    """Read the command line and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", choices=["alarms", "power", "time"])
    parser.add_argument("--groups", type=int)
    parser.add_argument("--replicates", type=int, default=199)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    if options.table == "time":
        clock()
    elif options.table == "alarms":
        run(alarms(), options.groups or 1000, options.replicates, options.only)
    else:
        run(power(), options.groups or 300, options.replicates, options.only)


if __name__ == "__main__":
    main()

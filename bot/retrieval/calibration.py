"""The coefficients that turn measurements into a ranking, a leaning and a verdict.

`python -m tests.benchmarks.calibrate --write` fits them on the tuning halves of the labelled lines and writes
`data/calibration.json`, one set for each kind of search, and one more of each for *bare* maps, whose arguments have
little more than claim and contrary: so few sentences are near to less, and small maps know fewer rare words.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Final

import numpy as np

from bot.retrieval.encoders import DATA, Floats

CALIBRATION: Final = DATA / "calibration.json"


class Kind(StrEnum):
    """What a text is compared by."""

    TOKENS = "tokens"
    """Word pieces in context, whole vectors and words: the bundled encoder."""
    VECTORS = "vectors"
    """Whole vectors and words: an endpoint, or a map too large for word pieces."""
    WORDS = "words"
    """Words alone: no encoder."""


@dataclass(frozen=True, slots=True)
class Linear:
    """A weighted sum of measurements, read by name."""

    weights: Mapping[str, float]
    intercept: float = 0.0

    def __call__(self, measurements: Mapping[str, Floats]) -> Floats:
        total: Floats = sum(
            (np.float32(weight) * measurements[name] for name, weight in self.weights.items()),
            start=np.float32(self.intercept) * np.ones_like(next(iter(measurements.values()))),
        )
        return total

    def probability(self, measurements: Mapping[str, float]) -> float:
        """The logistic function of the sum, in (0, 1)."""
        total = self.intercept + sum(weight * measurements[name] for name, weight in self.weights.items())
        return 1 / (1 + math.exp(-max(-50.0, min(50.0, total))))


@dataclass(frozen=True, slots=True)
class Calibration:
    """All coefficients for one kind of search."""

    matching: Linear
    """Orders arguments."""
    leaning: Linear
    """The log odds that a text affirms."""
    there: Linear
    """The log odds that the map has something on a text."""
    right: Linear
    """The log odds that the nearest argument is what a text is about."""
    nothing_below: float
    sure_above: float
    unclear_within: float
    """Margin up to which a leaning is called unclear."""


@cache
def calibration_of(kind: Kind, bare: bool) -> Calibration:
    return calibration_from(json.loads(CALIBRATION.read_text(encoding="utf-8"))[set_name(kind, bare=bare)])


def set_name(kind: Kind, *, bare: bool) -> str:
    """What the coefficients of a kind of search are called in the file."""
    return f"{kind}, bare" if bare else str(kind)


def calibration_from(found: Mapping[str, Any]) -> Calibration:
    """Read one kind's part of the file."""

    def linear(name: str) -> Linear:
        return Linear(found[name]["weights"], found[name].get("intercept", 0.0))

    return Calibration(
        linear("matching"),
        linear("leaning"),
        linear("there"),
        linear("right"),
        nothing_below=found["nothing_below"],
        sure_above=found["sure_above"],
        unclear_within=found["unclear_within"],
    )

"""Logistic regression and conditional logit by Newton's method, with a quadratic penalty on standardised weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
MOST_STEPS = 40


def logistic(
    rows: Doubles, labels: NDArray[np.bool_], penalty: float, *, intercept: bool = True
) -> tuple[Doubles, float]:
    """Weights and intercept of the log odds of a label, from measurements of shape (samples, measurements).

    Without an intercept, measurements of nought mean even odds, and turning them around turns the odds around.
    """
    scale = rows.std(axis=0) + 1e-9
    padded = np.column_stack([rows / scale, np.full(len(rows), float(intercept))])
    ridge = np.diag([*[penalty] * rows.shape[1], 1e-3])
    weights = np.zeros(padded.shape[1])
    for _ in range(MOST_STEPS):
        chance = 1 / (1 + np.exp(-padded @ weights))
        slope = padded.T @ (labels - chance) - ridge @ weights
        curve = (padded * (chance * (1 - chance))[:, None]).T @ padded + ridge
        step = np.linalg.solve(curve, slope)
        weights = weights + step
        if np.abs(step).max() < 1e-8:
            break
    found: Doubles = weights[:-1] / scale
    return found, float(weights[-1])


def choice(samples: Sequence[tuple[Doubles, Sequence[int]]], penalty: float) -> Doubles:
    """Weights by which one of the right options, whichever is likeliest, is chosen among all.

    Each sample is the measurements of its options, shape (options, measurements), and the places of the right ones.
    (D. McFadden: Conditional logit analysis of qualitative choice behavior, 1974.)
    """
    count = samples[0][0].shape[1]
    weights = np.zeros(count, dtype=np.float64)
    for _ in range(MOST_STEPS):
        slope: Doubles = -penalty * weights
        curve: Doubles = penalty * np.eye(count)
        for options, right in samples:
            chance = _softmax(options @ weights)
            target = np.zeros(len(options))
            target[list(right)] = chance[list(right)]
            target /= target.sum()
            mean = chance @ options
            slope += target @ options - mean
            curve += (options * chance[:, None]).T @ options - np.outer(mean, mean)
        step = np.linalg.solve(curve, slope)
        longest = float(np.abs(step).max())
        weights += step * min(1.0, 3 / longest)
        if longest < 1e-6:
            break
    found: Doubles = weights
    return found


def _softmax(values: Doubles) -> Doubles:
    exponents = np.exp(values - values.max())
    found: Doubles = exponents / exponents.sum()
    return found

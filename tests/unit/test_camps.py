"""Properties of the camp test. Error rates are simulated by tests.benchmarks.camps, not here."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.camps import MIN_CAMP, STANCES, Verdict, find_camps
from tests.benchmarks.camps import line, opposed

KINDS = [
    "camps",
    "line",
    "random",
    "blocks",
    "mirrored",
    "few kinds",
    "one row differs",
    "unanimous camps",
    "circulant",
]


def group(kind: str, seed: int) -> npt.NDArray[np.float64]:
    """Tables from random to perfectly regular: symmetry is where an order-dependent step would show."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(15, 24)), int(rng.integers(15, 22))
    match kind:
        case "camps":
            return opposed(1.0, members=n, claims=m)(rng)
        case "line":
            return line(0.6, members=n, claims=m, missing=0.2)(rng)
        case "random":
            return rng.choice(STANCES, (n, m))
        case "blocks":
            return np.where((np.arange(n) < n // 2)[:, None] ^ (np.arange(m) < m // 2), 2.0, -1.0)
        case "mirrored":
            return np.where((np.arange(16) < 8)[:, None] ^ (np.arange(18) < 9), 2.0, -2.0)
        case "few kinds":
            return rng.choice(STANCES, (4, m))[rng.integers(0, 4, n)]
        case "one row differs":
            table = np.ones((n, m))
            table[0, :3] = -2
            return table
        case "unanimous camps":
            return np.where(np.arange(n)[:, None] < 7, 2.0, -2.0) * np.ones(m)
    table = np.ones((15, 15))
    for i in range(15):
        table[i, i] = -2
        table[i, (i + 3) % 15] = np.nan
    return table


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(KINDS), st.integers(0, 10**6), st.integers(0, 10**6))
def test_the_order_of_members_and_claims_never_matters(kind: str, seed: int, shuffle: int) -> None:
    table = group(kind, seed)
    rng = np.random.default_rng(shuffle)
    rows, columns = rng.permutation(table.shape[0]), rng.permutation(table.shape[1])
    one, other = find_camps(table, replicates=39), find_camps(table[np.ix_(rows, columns)], replicates=39)
    assert (one.verdict, one.sizes, one.statistic) == (other.verdict, other.sizes, other.statistic)
    assert (one.p_bell, one.p_flat) == (other.p_bell, other.p_flat)
    expected = [one.camps[row] for row in rows]
    if kind in {"blocks", "mirrored"} and one.sizes and one.sizes[0] == one.sizes[1]:
        # Each camp is the other's mirror image: who is with whom is settled, which is called 0 can't be.
        assert list(other.camps) in (expected, [None if camp is None else 1 - camp for camp in expected])
    else:
        assert list(other.camps) == expected


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_camps_are_announced_with_their_sizes_or_not_at_all(seed: int) -> None:
    test = find_camps(opposed(0.75, members=18, claims=16)(np.random.default_rng(seed)), replicates=39)
    assert test.p is not None
    assert (test.verdict is Verdict.CAMPS) == (test.p <= 0.05) == (test.sizes is not None)
    if test.sizes:
        assert test.sizes[0] >= test.sizes[1] >= MIN_CAMP
        assert (test.camps.count(0), test.camps.count(1)) == test.sizes
    else:
        assert set(test.camps) == {None}


@pytest.mark.parametrize(
    ("members", "claims", "verdict"),
    [(14, 20, Verdict.TOO_FEW), (20, 14, Verdict.TOO_FEW), (15, 15, Verdict.NO_CAMPS), (0, 0, Verdict.TOO_FEW)],
)
def test_floors(members: int, claims: int, verdict: Verdict) -> None:
    table = np.random.default_rng(0).choice(STANCES, (members, claims))
    assert find_camps(table).verdict is verdict


def test_seventy_percent_of_the_cells() -> None:
    table = np.random.default_rng(0).choice(STANCES, (20, 20))
    table[np.add.outer(np.arange(20), np.arange(20)) % 10 < 3] = np.nan
    assert find_camps(table).verdict is not Verdict.TOO_FEW
    table[1, 1 + int(np.flatnonzero(~np.isnan(table[1, 1:]))[0])] = np.nan
    assert find_camps(table).verdict is Verdict.TOO_FEW


def test_a_member_with_few_answers_is_not_placed() -> None:
    table = opposed(1.5, members=21, claims=20)(np.random.default_rng(0))
    table = np.where(np.isnan(table), 1.0, table)
    table[0, 1:] = np.nan
    table[1:, 0] = np.nan
    table[0, 0] = 1
    test = find_camps(table)
    assert test.verdict is Verdict.CAMPS
    assert test.camps[0] is None
    assert sum(test.sizes or ()) == 20


@pytest.mark.parametrize(("dissenters", "verdict"), [(8, Verdict.CAMPS), (3, Verdict.CAMPS), (2, Verdict.NO_CAMPS)])
def test_unanimous_camps_need_three_members(dissenters: int, verdict: Verdict) -> None:
    table = np.where(np.arange(16)[:, None] < dissenters, 2.0, -2.0) * np.ones(20)
    assert find_camps(table).verdict is verdict


def test_everybody_agreeing_is_no_camp() -> None:
    assert find_camps(np.ones((20, 20))).verdict is Verdict.NO_CAMPS


@pytest.mark.parametrize("table", [np.zeros((20, 20)), np.ones(20)])
def test_other_values_are_refused(table: npt.NDArray[np.float64]) -> None:
    with pytest.raises(ValueError, match="stance"):
        find_camps(table)

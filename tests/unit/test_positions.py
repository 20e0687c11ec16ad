"""What a change of mind is, and which may be credited."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.positions import Credit, Position, Stance, changes, creditable

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def held(*stances: Stance | None, claim_id: str = "MI-04") -> list[Position]:
    """A history on one claim, a second apart."""
    return [
        Position("w1", "t", claim_id, 1, "ada", stance, START + timedelta(seconds=n))
        for n, stance in enumerate(stances)
    ]


def credit(at: float, claim_id: str = "MI-04") -> Credit:
    return Credit("w1", "t", claim_id, "ada", "MI-07", "the replication", START + timedelta(seconds=at))


A, D, U = Stance.AGREE, Stance.DISAGREE, Stance.UNSURE


@pytest.mark.parametrize(
    ("stances", "steps", "of_mind"),
    [
        ((), [], 0),
        ((A,), [(None, A)], 0),
        ((A, A), [(None, A)], 0),
        ((A, D), [(None, A), (A, D)], 1),
        ((A, Stance.STRONGLY_AGREE), [(None, A), (A, Stance.STRONGLY_AGREE)], 1),
        ((A, U, D), [(None, A), (A, U), (U, D)], 2),
        ((A, None, D), [(None, A), (A, None), (None, D)], 0),
        ((None, A), [(None, A)], 0),
    ],
)
def test_changes_are_between_successive_stances(
    stances: tuple[Stance | None, ...], steps: list[tuple[Stance | None, Stance | None]], of_mind: int
) -> None:
    found = changes(held(*stances))
    assert [(each.before and each.before.stance, each.after.stance) for each in found] == steps
    assert sum(each.of_mind for each in found) == of_mind


@given(st.lists(st.tuples(st.sampled_from(["MI-01", "MI-02"]), st.none() | st.sampled_from(Stance)), max_size=12))
def test_changes_on_one_claim_do_not_depend_on_others(history: list[tuple[str, Stance | None]]) -> None:
    positions = [replace(held(stance, claim_id=claim)[0], at=START) for claim, stance in history]
    for claim in ("MI-01", "MI-02"):
        alone = changes([position for position in positions if position.claim_id == claim])
        assert alone == tuple(each for each in changes(positions) if each.after.claim_id == claim)


def test_the_newest_change_of_mind_is_the_one_to_credit() -> None:
    history = held(A, D, U, U)
    found = creditable(history, [], "t", "MI-04")
    assert found is not None
    assert (found.before, found.after) == (history[1], history[2])
    assert creditable(held(A), [], "t", "MI-04") is None
    assert creditable(history, [], "t", "MI-05") is None
    assert creditable(history, [], "other", "MI-04") is None


def test_a_change_is_credited_once() -> None:
    history = held(A, D)
    assert creditable(history, [credit(1)], "t", "MI-04") is None
    assert creditable(history, [replace(credit(1), undone_at=START)], "t", "MI-04") is not None
    assert creditable(history, [credit(1, "MI-05")], "t", "MI-04") is not None
    # What was credited before belongs to an earlier change.
    assert creditable(held(A, D, A), [credit(1)], "t", "MI-04") is not None

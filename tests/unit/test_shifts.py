from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.positions import Stance
from bot.core.shifts import Move, Shift, move, p_in_words, sign_test
from bot.core.standing import Tally

SD, D, A, SA, U = Stance.STRONGLY_DISAGREE, Stance.DISAGREE, Stance.AGREE, Stance.STRONGLY_AGREE, Stance.UNSURE
snapshots = st.dictionaries(st.sampled_from("abcdefghij"), st.none() | st.sampled_from(list(Stance)))


def shift(ups: int = 0, downs: int = 0, unchanged: int = 0, **others: int) -> Shift:
    counts = {Move.TOWARDS_AGREEMENT: ups, Move.TOWARDS_DISAGREEMENT: downs, Move.UNCHANGED: unchanged}
    return Shift("T-01", {**counts, **{Move[name.upper()]: count for name, count in others.items()}})


# -- moves ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (D, A, Move.TOWARDS_AGREEMENT),
        (SD, D, Move.TOWARDS_AGREEMENT),
        (A, SA, Move.TOWARDS_AGREEMENT),
        (SA, A, Move.TOWARDS_DISAGREEMENT),
        (SA, SD, Move.TOWARDS_DISAGREEMENT),
        (A, A, Move.UNCHANGED),
        (U, U, Move.UNCHANGED),
        (A, U, Move.TO_UNSURE),
        (U, SD, Move.FROM_UNSURE),
        (None, A, Move.JOINED),
        (None, U, Move.JOINED),
        (D, None, Move.LEFT),
        (U, None, Move.LEFT),
        (None, None, None),
    ],
)
def test_moves(before: Stance | None, after: Stance | None, expected: Move | None) -> None:
    assert move(before, after) is expected


def test_the_way_back_is_the_opposite_move() -> None:
    opposite = {
        Move.TOWARDS_AGREEMENT: Move.TOWARDS_DISAGREEMENT,
        Move.TO_UNSURE: Move.FROM_UNSURE,
        Move.JOINED: Move.LEFT,
        Move.UNCHANGED: Move.UNCHANGED,
        None: None,
    }
    opposite |= {back: there for there, back in opposite.items()}
    for before, after in product([*Stance, None], repeat=2):
        assert move(after, before) is opposite[move(before, after)]


def test_members_are_matched_by_name() -> None:
    before = {"ann": A, "bob": D, "cy": U, "dee": A, "eve": None}
    after = {"bob": A, "ann": D, "cy": SA, "dee": None, "eve": U, "fay": A, "gus": None}
    found = Shift.between("T-01", before, after)
    assert (found.towards_agreement, found.towards_disagreement) == (1, 1)  # the tallies alone would show no change
    assert found.counts[Move.FROM_UNSURE] == 1
    assert found.counts[Move.JOINED] == 2
    assert found.counts[Move.LEFT] == 1
    assert (found.voted_before, found.voted_after, found.changed) == (4, 5, 6)


def test_negative_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        shift(ups=-1)


@given(snapshots, snapshots)
def test_moves_add_up_and_their_order_never_matters(
    before: dict[str, Stance | None], after: dict[str, Stance | None]
) -> None:
    found = Shift.between("T-01", before, after)
    held_before = Tally.of("T-01", [stance for stance in before.values() if stance], 10)
    held_after = Tally.of("T-01", [stance for stance in after.values() if stance], 10)
    assert (found.voted_before, found.voted_after) == (held_before.voters, held_after.voters)
    assert found.changed == sum(before.get(member) is not after.get(member) for member in "abcdefghij")
    backwards = Shift.between("T-01", dict(reversed(before.items())), dict(reversed(after.items())))
    assert backwards == found


# -- the sign test ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ups", "downs", "p"),
    [(6, 0, 0.03125), (0, 6, 0.03125), (5, 0, 0.0625), (7, 1, 0.0703125), (8, 1, 0.0390625), (3, 3, 1.0), (0, 0, 1.0)],
)
def test_the_sign_test_by_hand(ups: int, downs: int, p: float) -> None:
    assert sign_test(ups, downs) == p


@pytest.mark.parametrize("moves", range(13))
def test_the_sign_test_agrees_with_tossing_every_sequence_of_coins(moves: int) -> None:
    tosses = [sum(toss) for toss in product((0, 1), repeat=moves)]
    for ups in range(moves + 1):
        off = abs(2 * ups - moves)
        extreme = sum(abs(2 * toss - moves) >= off for toss in tosses)
        assert sign_test(ups, moves - ups) == float(Fraction(extreme, 2**moves))


def test_the_sign_test_of_thousands_is_near_the_normal_approximation() -> None:
    assert sign_test(5100, 4900) == pytest.approx(0.0466, abs=1e-4)  # z = 1.99 with the continuity correction
    assert sign_test(10_000, 0) == 0.0


def test_negative_moves_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        sign_test(3, -1)


def test_fewer_than_six_moves_are_never_distinguishable_from_chance() -> None:
    assert not any(shift(ups, downs).distinguishable for ups in range(6) for downs in range(6 - ups))
    assert shift(6, 0).distinguishable


# -- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("p", "words"),
    [(0.03125, "p = .031"), (0.0625, "p = .063"), (0.05, "p = .050"), (0.0501, "p = .051"), (0.00099, "p < .001")],
)
def test_a_p_value_in_words(p: float, words: str) -> None:
    assert p_in_words(p) == words

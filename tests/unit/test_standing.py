from __future__ import annotations

import re
from itertools import product
from statistics import pvariance

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.core.positions import Stance
from bot.core.standing import FLOOR, TOO_FEW, Tally, common_ground, divisiveness, in_words, side, tallies_by_camp

SD, D, A, SA, U = Stance.STRONGLY_DISAGREE, Stance.DISAGREE, Stance.AGREE, Stance.STRONGLY_AGREE, Stance.UNSURE
stances = st.sampled_from(list(Stance))


def tally(agree: int = 0, disagree: int = 0, unsure: int = 0, members: int | None = None) -> Tally:
    counts = {A: agree, D: disagree, U: unsure}
    return Tally("T-01", counts, sum(counts.values()) if members is None else members)


@st.composite
def tallies(draw: st.DrawFn, most: int = 12) -> Tally:
    held = draw(st.lists(stances, max_size=most))
    return Tally.of("T-01", held, len(held) + draw(st.integers(0, most)))


# -- counting ---------------------------------------------------------------------------------------------------------


def test_strong_and_mild_stances_are_on_the_same_side_and_unsure_on_none() -> None:
    assert [side(stance) for stance in (SD, D, A, SA, U, None)] == [False, False, True, True, None, None]


def test_a_tally_counts_sides() -> None:
    found = Tally.of("T-01", [SA, A, A, D, SD, U], members=9)
    assert (found.voters, found.agree, found.disagree, found.unsure, found.sided, found.missing) == (6, 3, 2, 1, 5, 3)


def test_a_tally_from_counts_equals_one_from_stances() -> None:
    from_counts, from_stances = Tally("T-01", {A: 2, SA: 1, U: 1}, 5), Tally.of("T-01", [U, A, SA, A], 5)
    assert from_counts == from_stances
    assert hash(from_counts) == hash(from_stances)


def test_a_tally_keeps_its_counts_when_the_callers_change() -> None:
    counts = {A: 3}
    found = Tally("T-01", counts, 3)
    counts[A] = 1
    assert found.agree == 3


def test_more_voters_than_members_are_refused() -> None:
    with pytest.raises(ValueError, match="4 voters, but 3 members"):
        tally(agree=4, members=3)


def test_negative_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        tally(agree=4, disagree=-1)


@given(tallies())
def test_tallies_add_up(found: Tally) -> None:
    assert found.agree + found.disagree == found.sided
    assert found.sided + found.unsure == found.voters == sum(found.counts.values())
    assert found.voters + found.missing == found.members


@given(st.lists(stances, max_size=10).flatmap(lambda held: st.tuples(st.just(held), st.permutations(held))))
def test_the_order_of_stances_never_matters(orders: tuple[list[Stance], list[Stance]]) -> None:
    first, second = (Tally.of("T-01", held, 12) for held in orders)
    assert first == second
    assert in_words(first) == in_words(second)
    assert divisiveness(first) == divisiveness(second)


# -- bounds -----------------------------------------------------------------------------------------------------------


def test_bounds_by_hand() -> None:
    assert tally(agree=5, disagree=2, unsure=1, members=10).agreement_bounds == (0.5, 0.7)


def test_nothing_is_known_of_a_group_of_nobody() -> None:
    assert tally().agreement_bounds == (0.0, 1.0)


@given(st.lists(stances, max_size=4), st.integers(0, 3))
def test_bounds_contain_every_completion_and_both_ends_are_met(held: list[Stance], missing: int) -> None:
    found = Tally.of("T-01", held, len(held) + missing)
    assume(found.members > 0)
    # Those who are missing may take any stance or go on saying nothing.
    completions = [
        Tally.of("T-01", [*held, *(stance for stance in answers if stance is not None)], found.members)
        for answers in product([*Stance, None], repeat=missing)
    ]
    shares = [complete.agree / complete.members for complete in completions]
    assert (min(shares), max(shares)) == found.agreement_bounds
    assert found.majority_locked == all(2 * complete.agree > complete.members for complete in completions)
    assert found.opposition_locked == all(2 * complete.disagree > complete.members for complete in completions)


def test_half_is_no_majority() -> None:
    assert not tally(agree=5, members=10).majority_locked
    assert tally(agree=6, members=10).majority_locked
    assert tally(disagree=6, members=10).opposition_locked


# -- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (tally(agree=4, unsure=1, members=9), "5 of 9 voted: 4 agree, 1 unsure"),
        (tally(agree=7), "7 of 7 voted: 7 agree"),
        (tally(agree=7, members=12), "7 of 12 voted: 7 agree"),
        (tally(unsure=3), "3 of 3 voted: 3 unsure"),
        (tally(agree=2, members=9), TOO_FEW),
        (tally(members=9), TOO_FEW),
        (
            tally(agree=5, disagree=2, unsure=1, members=11),
            "8 of 11 voted: 5 agree, 2 disagree, 1 unsure; once all have voted, 5 to 8 of 11 agree (45% to 73%)",
        ),
        (
            tally(agree=6, disagree=2, members=11),
            "8 of 11 voted: 6 agree, 2 disagree; once all have voted, 6 to 9 of 11 agree (54% to 82%); majority locked",
        ),
        (
            tally(agree=1, disagree=7, members=9),
            "8 of 9 voted: 1 agree, 7 disagree; once all have voted, 1 to 2 of 9 agree (11% to 23%); "
            "majority against locked",
        ),
        (tally(agree=5, disagree=4), "9 of 9 voted: 5 agree, 4 disagree; majority locked"),
        (tally(agree=4, disagree=4), "8 of 8 voted: 4 agree, 4 disagree"),
    ],
)
def test_words(found: Tally, words: str) -> None:
    assert in_words(found) == words


@given(tallies())
def test_nobody_under_the_floor_shows(found: Tally) -> None:
    if found.voters < FLOOR:
        assert in_words(found) == TOO_FEW
        assert not re.search(r"\d", in_words(found))
        assert divisiveness(found) is None
        assert common_ground([found]) is None
    else:
        assert in_words(found).startswith(f"{found.voters} of {found.members} voted: ")


@given(tallies())
def test_percentages_and_bounds_show_from_eight_voters_only_and_hold_the_truth(found: Tally) -> None:
    words = in_words(found)
    if found.voters < 8:
        assert "%" not in words
        assert "locked" not in words
    elif found.missing:
        low, high = (int(number) for number in re.findall(r"(\d+)%", words))
        assert low / 100 <= found.agreement_bounds[0] < low / 100 + 0.01
        assert high / 100 - 0.01 < found.agreement_bounds[1] <= high / 100


# -- divisiveness -----------------------------------------------------------------------------------------------------


def test_divisiveness_by_hand() -> None:
    assert divisiveness(tally(agree=4, disagree=4)) == 1.0
    assert divisiveness(tally(agree=3, disagree=1)) == pytest.approx(0.75)
    assert divisiveness(tally(agree=3, disagree=1, unsure=4)) == pytest.approx(0.375)
    assert divisiveness(tally(agree=5)) == 0.0
    assert divisiveness(tally(unsure=5)) == 0.0
    assert divisiveness(tally(agree=1, disagree=1, members=9)) is None


@given(tallies())
def test_divisiveness_is_the_variance_of_sides_times_the_share_that_took_one(found: Tally) -> None:
    assume(found.shown and found.sided)
    sides = [1] * found.agree + [-1] * found.disagree
    assert divisiveness(found) == pytest.approx(pvariance(sides) * len(sides) / found.voters)


@given(tallies())
def test_divisiveness_is_the_same_for_the_contrary(found: Tally) -> None:
    mirrored = Tally("T-01", {A: found.disagree, D: found.agree, U: found.unsure}, found.members)
    assert divisiveness(mirrored) == divisiveness(found)


# -- common ground ----------------------------------------------------------------------------------------------------


def test_common_ground_by_hand() -> None:
    assert common_ground([tally(agree=3)]) == pytest.approx(0.6)
    assert common_ground([tally(agree=18)]) == pytest.approx(0.9)
    assert common_ground([tally(agree=4, disagree=1, unsure=1)]) == pytest.approx(3 / 8)
    assert common_ground([tally(agree=6), tally(agree=2, disagree=1)]) == pytest.approx(0.2)
    assert common_ground([tally(disagree=6), tally(disagree=3)], affirmed=False) == pytest.approx(0.6)


def test_agreement_of_one_camp_alone_is_not_common_ground() -> None:
    assert common_ground([tally(agree=20), tally(disagree=3)]) == pytest.approx(-0.6)
    assert common_ground([tally(agree=20), tally(agree=2, members=5)]) is None
    assert common_ground([tally(agree=20), tally(members=5)]) is None
    assert common_ground([]) is None


def test_common_ground_is_of_one_claim() -> None:
    with pytest.raises(ValueError, match="one claim"):
        common_ground([tally(agree=3), Tally("T-02", {A: 3}, 3)])


@given(st.lists(tallies(), min_size=1, max_size=3))
def test_common_ground_is_the_difference_of_the_smoothed_probabilities_in_the_least_agreeing_camp(
    camps: list[Tally],
) -> None:
    assume(all(camp.shown for camp in camps))
    smoothed = [(c.agree + 1) / (c.voters + 2) - (c.disagree + 1) / (c.voters + 2) for c in camps]
    assert common_ground(camps) == pytest.approx(min(smoothed))
    assert common_ground(camps[::-1]) == common_ground(camps)


def test_camps_are_tallied_apart() -> None:
    held = {"ann": A, "bob": D, "cy": SA, "dee": U, "eve": None, "fay": A}
    camps = {"ann": 0, "cy": 0, "eve": 0, "bob": 1, "dee": 1, "fay": None, "gus": 1}
    first, second = tallies_by_camp("T-01", held, camps)
    assert first == Tally("T-01", {A: 1, SA: 1}, 3)
    assert second == Tally("T-01", {D: 1, U: 1}, 3)


@given(st.dictionaries(st.text(max_size=2), st.tuples(st.none() | stances, st.integers(0, 2)), max_size=12))
def test_camps_add_up_to_the_group_in_any_order(group: dict[str, tuple[Stance | None, int]]) -> None:
    held = {member: stance for member, (stance, _) in group.items()}
    camps: dict[str, int | None] = {member: camp for member, (_, camp) in group.items()}
    found = tallies_by_camp("T-01", held, camps)
    whole = Tally.of("T-01", [stance for stance in held.values() if stance is not None], len(group))
    for stance in Stance:
        assert sum(camp.counts[stance] for camp in found) == whole.counts[stance]
    assert sum(camp.members for camp in found) == whole.members
    backwards = dict(reversed(camps.items()))
    assert tallies_by_camp("T-01", dict(reversed(held.items())), backwards) == found

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from fractions import Fraction
from itertools import permutations, product
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.core.cruxes import (
    Crux,
    DoubleCrux,
    Evidence,
    Table,
    candidate_cruxes,
    double_cruxes,
    fisher_test,
    gather,
    holm,
    in_words,
)
from bot.core.positions import Position, Stance
from bot.core.standing import TOO_FEW, Tally

SD, D, A, SA, U = Stance.STRONGLY_DISAGREE, Stance.DISAGREE, Stance.AGREE, Stance.STRONGLY_AGREE, Stance.UNSURE
THESIS = "T-00"
WHEN = datetime(2025, 1, 6, tzinfo=UTC)


def held(member: str, claim_id: str, stance: Stance, *, crux: bool = False, public: bool = False) -> Position:
    return Position("w", "t", claim_id, 1, member, stance, WHEN, crux=crux, public=public)


def votes(claim_id: str, stances: str, *, marks: str = "", public: str = "") -> list[Position]:
    """Positions of members a, b, c, ...: `+` agrees, `-` disagrees, `?` is unsure, a space holds none."""
    kinds = {"+": A, "-": D, "?": U}
    members = zip("abcdefghijklmnopqrstuvwxyz", stances, strict=False)
    return [
        held(member, claim_id, kinds[kind], crux=member in marks, public=member in public)
        for member, kind in members
        if kind != " "
    ]


@st.composite
def topics(draw: st.DrawFn) -> list[Position]:
    """Current positions of up to ten members on the thesis and up to four claims, in any order."""
    cells = product("abcdefghij"[: draw(st.integers(0, 10))], [f"T-{number:02}" for number in range(5)])
    kinds = st.none() | st.tuples(st.sampled_from(list(Stance)), st.booleans(), st.booleans())
    found = []
    for member, claim_id in cells:
        if (kind := draw(kinds)) is not None:
            found.append(held(member, claim_id, kind[0], crux=kind[1], public=kind[2]))
    return found


tables = st.builds(Table, *[st.integers(0, 5)] * 4)


# -- the exact test ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "p"),
    [
        (Table(4, 0, 0, 4), Fraction(2, 70)),
        (Table(0, 4, 4, 0), Fraction(2, 70)),
        (Table(3, 1, 1, 3), Fraction(34, 70)),  # the lady tasting tea: (1 + 16 + 16 + 1) / 70
        (Table(4, 0, 0, 3), Fraction(1, 35)),
        (Table(3, 0, 0, 3), Fraction(1, 10)),
        (Table(2, 2, 2, 2), Fraction(1)),
        (Table(5, 0, 3, 0), Fraction(1)),
        (Table(), Fraction(1)),
    ],
)
def test_fisher_by_hand(table: Table, p: Fraction) -> None:
    assert fisher_test(table) == float(p)


def by_permutation(table: Table) -> float:
    """The same p-value from dealing the sides on the thesis to the members in every way."""
    on_claim = [True] * (table.both + table.claim_only) + [False] * (table.thesis_only + table.neither)
    on_thesis = [True] * table.both + [False] * table.claim_only + [True] * table.thesis_only + [False] * table.neither
    deals = [sum(a and b for a, b in zip(on_claim, dealt, strict=True)) for dealt in permutations(on_thesis)]
    observed = deals.count(table.both)
    return float(Fraction(sum(deals.count(deal) <= observed for deal in deals), len(deals)))


@pytest.mark.parametrize("members", range(1, 7))
def test_fisher_agrees_with_every_permutation(members: int) -> None:
    for both, claim_only, thesis_only in product(range(members + 1), repeat=3):
        neither = members - both - claim_only - thesis_only
        if neither >= 0:
            table = Table(both, claim_only, thesis_only, neither)
            assert fisher_test(table) == by_permutation(table)


def test_below_seven_members_no_table_reaches_the_level() -> None:
    for cells in product(range(7), repeat=4):
        if sum(cells) < 7:
            assert fisher_test(Table(*cells)) > 0.05


@given(tables)
def test_fisher_is_the_same_whichever_is_called_claim_or_contrary(table: Table) -> None:
    p = fisher_test(table)
    assert 0 < p <= 1
    assert fisher_test(Table(table.both, table.thesis_only, table.claim_only, table.neither)) == p
    assert fisher_test(Table(table.neither, table.claim_only, table.thesis_only, table.both)) == p
    assert fisher_test(Table(table.claim_only, table.both, table.neither, table.thesis_only)) == p


@given(tables)
def test_what_cannot_be_tested_has_a_p_of_one(table: Table) -> None:
    if not table.testable:
        assert fisher_test(table) == 1


def test_false_alarms_of_the_whole_path_stay_within_the_level() -> None:
    """Twelve claims that have nothing to do with the thesis, in 300 groups: in 5% at most, a candidate goes with it."""
    random = Random(20250106)
    alarms = 0
    for _ in range(300):
        positions = []
        for number in range(13):
            stances = "".join(random.choice("++--?") for _ in range(26))
            positions += votes(f"T-{number:02}", stances, marks="abcdefghijklmnop")
        cruxes = candidate_cruxes(gather(positions, THESIS, 26))
        assert max(crux.tested for crux in cruxes) > 6
        alarms += any(crux.goes_with_thesis for crux in cruxes)
    assert 0 < alarms <= 15


def test_a_table_takes_who_took_a_side_on_both() -> None:
    on_claim = {"ann": A, "bob": SD, "cy": U, "dee": SA, "eve": D, "fay": A}
    on_thesis = {"ann": SA, "bob": D, "cy": A, "dee": D, "eve": A, "gus": A}
    assert Table.of(on_claim, on_thesis) == Table(both=1, claim_only=1, thesis_only=1, neither=1)


# -- Holm -------------------------------------------------------------------------------------------------------------


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm([0.5, 0.6]) == (1.0, 1.0)
    assert holm([0.04]) == (0.04,)
    assert holm([]) == ()


def step_down(p_values: Sequence[float], level: float) -> set[int]:
    """What Holm's procedure rejects, as he wrote it: smallest first, against level / (m - i), until one fails."""
    rejected: set[int] = set()
    for index in sorted(range(len(p_values)), key=lambda i: p_values[i]):
        if p_values[index] * (len(p_values) - len(rejected)) > level:
            break
        rejected.add(index)
    return rejected


@given(st.lists(st.floats(0, 1), max_size=8), st.sampled_from([0.01, 0.05, 0.2]))
def test_corrected_values_reject_what_the_procedure_rejects(p_values: list[float], level: float) -> None:
    assert {index for index, p in enumerate(holm(p_values)) if p <= level} == step_down(p_values, level)


@given(st.lists(st.sampled_from([0.001, 0.01, 0.02, 0.3]), max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_tests_never_matters(p_values: list[float], random: Random) -> None:
    order = list(range(len(p_values)))
    random.shuffle(order)
    shuffled = holm([p_values[index] for index in order])
    assert [shuffled[order.index(index)] for index in range(len(p_values))] == list(holm(p_values))


# -- candidates -------------------------------------------------------------------------------------------------------


def test_a_candidate_splits_the_group_and_is_marked() -> None:
    positions = [
        *votes(THESIS, "++++----", marks="abcdefgh"),
        *votes("T-01", "++++----", marks="abe"),
        *votes("T-02", "++++----", marks="a"),  # one mark
        *votes("T-03", "+++++++-", marks="abe"),  # 7 to 1 is no split
        *votes("T-04", "+-", marks="ab"),  # two voters
    ]
    (found,) = candidate_cruxes(gather(positions, THESIS, 8))
    assert found.evidence == Evidence(Tally("T-01", {A: 4, D: 4}, 8), marks=3, table=Table(both=4, neither=4))
    assert found.p == 2 * (2 / 70)  # T-02 was tested too
    assert found.tested == 2
    assert not found.goes_with_thesis
    assert in_words(found) == "marked by 3; 8 of 8 voted: 4 agree, 4 disagree"


@pytest.mark.parametrize(
    ("stances", "splits"),
    [
        ("+++++-", True),
        ("++++++-", False),
        ("+-----", True),
        ("++-", True),
        ("+-", False),
        ("++--????", True),
        ("++--?????", False),
        ("+++", False),
        ("???", False),
    ],
)
def test_a_split_is_half_of_the_most_that_a_group_can_be_divided(stances: str, splits: bool) -> None:
    (found,) = gather(votes("T-01", stances), THESIS, 9)
    assert found.splits is splits


def test_a_table_of_two_members_is_not_tested() -> None:
    positions = [*votes(THESIS, "+-"), *votes("T-01", "+-+-", marks="ab")]
    (found,) = candidate_cruxes(gather(positions, THESIS, 4))
    assert (found.p, found.tested) == (None, 0)


def test_what_goes_with_the_thesis_says_so() -> None:
    positions = [*votes(THESIS, "++++----"), *votes("T-01", "++++----", marks="abe")]
    (found,) = candidate_cruxes(gather(positions, THESIS, 8))
    assert found.goes_with_thesis
    assert in_words(found) == (
        "marked by 3; 8 of 8 voted: 4 agree, 4 disagree; goes with the thesis (p = .029, 1 claim tested)"
    )


def test_what_goes_against_the_thesis_says_so() -> None:
    positions = [*votes(THESIS, "++++----"), *votes("T-01", "----++++", marks="ae")]
    (found,) = candidate_cruxes(gather(positions, THESIS, 8))
    assert in_words(found).endswith("; goes against the thesis (p = .029, 1 claim tested)")


def test_claims_tested_are_counted_whether_marked_or_not() -> None:
    positions = [*votes(THESIS, "+++++-----"), *votes("T-01", "+++++-----", marks="ab")]
    (alone,) = candidate_cruxes(gather(positions, THESIS, 10))
    (among,) = candidate_cruxes(gather([*positions, *votes("T-02", "+-+-+-+-+-")], THESIS, 10))
    assert alone.p == pytest.approx(2 / 252)
    assert among.p == pytest.approx(4 / 252)
    assert (alone.tested, among.tested) == (1, 2)


def test_without_positions_on_the_thesis_nothing_is_tested() -> None:
    (found,) = candidate_cruxes(gather(votes("T-01", "+++---", marks="ad"), THESIS, 9))
    assert (found.p, found.tested, found.goes_with_thesis) == (None, 0, False)
    assert in_words(found) == "marked by 2; 6 of 9 voted: 3 agree, 3 disagree"


def test_candidates_are_ranked() -> None:
    positions = [
        *votes(THESIS, "+++++-----"),
        *votes("T-05", "+++++-----", marks="ab"),  # goes with the thesis
        *votes("T-04", "+-+-+-+-+-", marks="abcd"),
        *votes("T-03", "+-+-+-+-+-", marks="abc"),
        *votes("T-02", "+-+-+-+-++", marks="abc"),  # less divisive
        *votes("T-01", "+-+-+-+-++", marks="abc"),
    ]
    found = candidate_cruxes(gather(positions, THESIS, 10))
    assert [crux.claim_id for crux in found] == ["T-05", "T-04", "T-03", "T-01", "T-02"]


def test_a_member_has_one_position_on_a_claim() -> None:
    twice = [held("ann", "T-01", A), held("ann", "T-01", D)]
    with pytest.raises(ValueError, match="two positions"):
        gather(twice, THESIS, 3)
    with pytest.raises(ValueError, match="two positions"):
        double_cruxes(twice)


def test_counts_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="marks"):
        Evidence(Tally("T-01", {A: 3}, 3), marks=4, table=Table())
    with pytest.raises(ValueError, match="table"):
        Evidence(Tally("T-01", {A: 3, U: 2}, 5), marks=0, table=Table(both=4))
    with pytest.raises(ValueError, match="negative"):
        Table(both=-1)


# -- double cruxes ----------------------------------------------------------------------------------------------------


def test_a_double_crux_takes_two_who_differ_and_both_marked() -> None:
    positions = votes("T-01", "+-+-?", marks="abe", public="abcde")
    assert double_cruxes(positions) == (DoubleCrux("T-01", 1, ("a",), ("b",)),)
    assert double_cruxes(positions)[0].named == (("a", "b"),)


def test_only_pairs_of_two_public_members_are_named() -> None:
    (found,) = double_cruxes(votes("T-01", "++--", marks="abcd", public="ac"))
    assert found.named == (("a", "c"),)
    assert (found.pairs, found.unnamed) == (4, 3)
    (one_sided,) = double_cruxes(votes("T-01", "++--", marks="abcd", public="ab"))
    assert (one_sided.named, one_sided.agreeing, one_sided.unnamed) == ((), (), 4)


def test_two_voters_are_not_shown_even_if_both_are_public() -> None:
    assert double_cruxes(votes("T-01", "+-", marks="ab", public="ab")) == ()
    assert len(double_cruxes(votes("T-01", "+-?", marks="ab", public="ab"))) == 1


@given(topics())
def test_double_cruxes_agree_with_looking_at_every_pair(positions: list[Position]) -> None:
    found = {double.claim_id: double for double in double_cruxes(positions)}
    agreeing = {A, SA}
    for claim_id in {position.claim_id for position in positions}:
        on_claim = [position for position in positions if position.claim_id == claim_id]
        pairs = [
            (one, other)
            for one, other in product(on_claim, repeat=2)
            if one.crux and other.crux and one.stance in agreeing and other.stance in {D, SD}
        ]
        if len(on_claim) < 3 or not pairs:
            assert claim_id not in found
            continue
        named = {(one.member, other.member) for one, other in pairs if one.public and other.public}
        assert found[claim_id].pairs == len(pairs)
        assert found[claim_id].unnamed == len(pairs) - len(named)
        assert set(found[claim_id].named) == named
        public = {position.member for position in on_claim if position.public}
        assert {*found[claim_id].agreeing, *found[claim_id].disagreeing} <= public


# -- for any topic ----------------------------------------------------------------------------------------------------


@given(topics(), st.randoms(use_true_random=False))
def test_the_order_of_input_never_matters(positions: list[Position], random: Random) -> None:
    shuffled = positions.copy()
    random.shuffle(shuffled)
    evidence = list(gather(shuffled, THESIS, 12))
    assert evidence == list(gather(positions, THESIS, 12))
    expected = candidate_cruxes(evidence)
    random.shuffle(evidence)
    assert candidate_cruxes(evidence) == expected
    assert double_cruxes(shuffled) == double_cruxes(positions)


@given(topics())
def test_the_evidence_adds_up(positions: list[Position]) -> None:
    evidence = gather(positions, THESIS, 12)
    others = [position for position in positions if position.claim_id != THESIS]
    assert sum(found.tally.voters for found in evidence) == len(others)
    assert sum(found.marks for found in evidence) == sum(position.crux for position in others)
    sided_on_thesis = {p.member for p in positions if p.claim_id == THESIS and p.stance is not U}
    for found in evidence:
        both = [p for p in others if p.claim_id == found.tally.claim_id and p.member in sided_on_thesis]
        assert found.table.members == sum(position.stance is not U for position in both)


@given(topics())
def test_nobody_under_the_floor_shows(positions: list[Position]) -> None:
    cruxes = candidate_cruxes(gather(positions, THESIS, 12))
    few = {
        claim_id
        for claim_id in {position.claim_id for position in positions}
        if sum(position.claim_id == claim_id for position in positions) < 3
    }
    assert few.isdisjoint(crux.claim_id for crux in cruxes)
    assert few.isdisjoint(double.claim_id for double in double_cruxes(positions))
    assert THESIS not in {crux.claim_id for crux in cruxes}


@given(topics())
def test_the_words_say_nothing_below_the_floor_whatever_crux_they_are_given(positions: list[Position]) -> None:
    evidence = gather(positions, THESIS, 12)
    assume(evidence)
    for found in evidence:
        words = in_words(Crux(found, 0.01, 1))
        assert (words == TOO_FEW) == (found.tally.voters < 3)
        if found.tally.voters < 3:
            assert not re.search(r"\d", words)

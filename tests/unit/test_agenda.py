"""The agenda: its factors, its order, and what never comes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.agenda import Weighed, agenda
from bot.core.arguments import ArgumentMap
from bot.core.disclosure import Shared, shared
from bot.core.kept import PublishedClaim
from bot.core.positions import Stance
from bot.core.standing import Tally
from tests.unit.group import TEA
from tests.unit.maps import sound_maps

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
THREE_WEEKS = timedelta(days=21)


def published(
    claim_id: str, agree: int, disagree: int, unsure: int, missing: int = 0, marks: int = 0
) -> PublishedClaim:
    counts = {Stance.AGREE: agree, Stance.DISAGREE: disagree, Stance.UNSURE: unsure}
    return PublishedClaim(claim_id, Tally(claim_id, counts, agree + disagree + unsure + missing), marks, NOW)


def figures(*found: PublishedClaim) -> dict[str, Shared]:
    return dict(shared(found))


def weighed(claim_id: str, found: dict[str, Shared], asked_days_ago: float | None = None) -> Weighed:
    asked = {} if asked_days_ago is None else {claim_id: NOW - timedelta(days=asked_days_ago)}
    return next(each for each in agenda(TEA, found, asked, NOW, timedelta(0)) if each.claim_id == claim_id)


# -- the factors ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "unsettled"),
    [
        ((3, 0, 0, 0), 0.0),  # all of one mind
        ((0, 5, 0, 0), 0.0),
        ((2, 2, 0, 0), 1.0),
        ((0, 0, 3, 0), 1.0),  # unsure is unsettled
        ((3, 0, 0, 3), 0.5),  # half have not answered
        ((2, 0, 2, 0), 0.5),
        ((3, 1, 0, 4), (4 + 0.75 * 4) / 8),
    ],
)
def test_unsettled_is_the_share_of_members_that_a_claim_is_open_for(
    counts: tuple[int, int, int, int], unsettled: float
) -> None:
    found = weighed("T-01", figures(published("T-01", *counts)))
    assert found.unsettled == pytest.approx(unsettled)
    assert not found.open


@pytest.mark.parametrize("counts", [(1, 0, 0, 8), (2, 0, 0, 0), (1, 1, 0, 0)])
def test_fewer_than_three_answers_look_like_none(counts: tuple[int, int, int, int]) -> None:
    assert weighed("T-01", figures(published("T-01", *counts))) == weighed("T-01", {})
    assert weighed("T-01", {}).open


def test_all_hangs_on_the_thesis_and_nothing_on_what_has_no_sign() -> None:
    assert weighed("T-00", {}).hangs == 1.0
    assert weighed("T-05", {}).hangs == 0.0
    assert 0 < weighed("T-03", {}).hangs < weighed("T-02", {}).hangs < 1


@pytest.mark.parametrize(("marks", "hangs"), [(0, 0.0), (1, 0.0), (2, 0.5), (4, 1.0)])
def test_what_members_marked_as_a_crux_hangs_from_two_marks_on(marks: int, hangs: float) -> None:
    assert weighed("T-05", figures(published("T-05", 2, 2, 0, marks=marks))).hangs == pytest.approx(hangs)


@pytest.mark.parametrize(("days", "waited"), [(None, 1.0), (0, 0.0), (28, 0.5), (84, 0.75)])
def test_waiting_saturates(days: float | None, waited: float) -> None:
    assert weighed("T-01", {}, days).waited == pytest.approx(waited)


def test_the_score_is_the_formula_of_the_docstring() -> None:
    found = Weighed("T-01", unsettled=0.5, hangs=0.25, waited=0.5)
    assert found.score == 0.5 * 0.25**0.5 * 0.5


def test_a_divided_claim_comes_before_a_settled_one() -> None:
    order = [each.claim_id for each in agenda(TEA, figures(published("T-01", 5, 0, 0)), {}, NOW, THREE_WEEKS)]
    assert order == ["T-00", "T-04", "T-02", "T-03", "T-01", "T-05"]


def test_a_claim_that_a_faster_clock_asked_has_been_asked() -> None:
    asked = {"T-01": NOW + timedelta(minutes=5)}
    assert "T-01" not in {each.claim_id for each in agenda(TEA, {}, asked, NOW, timedelta(0))}


# -- always -----------------------------------------------------------------------------------------------------------

counts = st.tuples(*[st.integers(0, 5)] * 4, st.integers(0, 5))


@st.composite
def cases(draw: st.DrawFn) -> tuple[ArgumentMap, list[PublishedClaim], dict[str, datetime]]:
    found = draw(sound_maps())
    ids = list(found.by_id)
    given_counts = draw(st.dictionaries(st.sampled_from(ids), counts))
    rows = [
        published(claim_id, agree, disagree, unsure, missing, min(marks, agree + disagree + unsure))
        for claim_id, (agree, disagree, unsure, missing, marks) in given_counts.items()
    ]
    asked = draw(st.dictionaries(st.sampled_from(ids), st.integers(0, 90)))
    return found, rows, {claim_id: NOW - timedelta(days=days) for claim_id, days in asked.items()}


@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_what_it_reads_never_matters(
    case: tuple[ArgumentMap, list[PublishedClaim], dict[str, datetime]], random: st.DataObject
) -> None:
    found, rows, asked = case
    shuffle = random.sample  # type: ignore[attr-defined]
    other = ArgumentMap(
        found.id,
        found.title,
        found.question,
        found.thesis,
        tuple(shuffle(found.arguments, len(found.arguments))),
        tuple(shuffle(found.relations, len(found.relations))),
    )
    rows_again = shuffle(rows, len(rows))
    asked_again = dict(shuffle(list(asked.items()), len(asked)))
    one = agenda(found, figures(*rows), asked, NOW, THREE_WEEKS)
    again = agenda(other, figures(*rows_again), asked_again, NOW, THREE_WEEKS)
    assert [each.claim_id for each in one] == [each.claim_id for each in again]


@given(cases(), st.integers(0, 90), st.sets(st.integers(0, 12)))
def test_a_claim_asked_within_the_time_or_left_out_never_comes_and_every_other_does(
    case: tuple[ArgumentMap, list[PublishedClaim], dict[str, datetime]], days: int, out: set[int]
) -> None:
    found, rows, asked = case
    left_out = {f"T-{n:02}" for n in out}
    result = agenda(found, figures(*rows), asked, NOW, timedelta(days=days), leave_out=left_out)
    lately = {claim_id for claim_id, at in asked.items() if NOW - at < timedelta(days=days)}
    assert [each.claim_id for each in result] == list(dict.fromkeys(each.claim_id for each in result))
    assert {each.claim_id for each in result} == found.by_id.keys() - lately - left_out


@given(cases())
def test_factors_and_scores_lie_between_nothing_and_all_and_go_down(
    case: tuple[ArgumentMap, list[PublishedClaim], dict[str, datetime]],
) -> None:
    found, rows, asked = case
    result = agenda(found, figures(*rows), asked, NOW, THREE_WEEKS)
    for each in result:
        for factor in (each.unsettled, each.hangs, each.waited, each.score):
            assert -1e-12 <= factor <= 1 + 1e-12
    assert [each.score for each in result] == sorted((each.score for each in result), reverse=True)


@given(st.permutations([a for a in TEA.by_id if a != "T-00"]))
def test_ties_go_by_what_hangs_on_a_claim_and_then_by_id(order: list[str]) -> None:
    settled = figures(*(published(claim_id, 3, 0, 0) for claim_id in order))  # every score but the thesis's is 0
    result = [each.claim_id for each in agenda(TEA, settled, {}, NOW, THREE_WEEKS)]
    assert result[0] == "T-00"
    assert result == ["T-00", *sorted(order, key=lambda name: (-round(TEA.influences[name], 12), name))]


@given(sound_maps())
def test_influences_are_shares_and_the_thesis_s_is_all(found: ArgumentMap) -> None:
    assert found.influences[found.thesis.id] == 1.0
    assert found.influences.keys() == found.by_id.keys()
    assert all(0 <= influence <= 1 for influence in found.influences.values())

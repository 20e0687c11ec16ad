"""What amendments make of maps: each of them, those that no longer fit, and any number of any in any order."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.amendments import (
    Amendment,
    Edit,
    NewArgument,
    NewTopic,
    Restoration,
    Retirement,
    Rewording,
    Words,
    amended,
    next_id,
    side_of,
)
from bot.core.arguments import ArgumentMap, Certainty, Relation, RelationKind, Side
from tests.unit.group import OTHER
from tests.unit.maps import argument, build, sound_maps

SUPPORTS, REBUTS, UNDERCUTS, BEARS_ON = (
    RelationKind.SUPPORTS,
    RelationKind.REBUTS,
    RelationKind.UNDERCUTS,
    RelationKind.BEARS_ON,
)
AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
WORDS = Words("Cold tea is a waste", "Cold tea is a pleasure", "It was brewed hot. It should be drunk so.")

# T-01 <- T-02 <- T-03, T-04 supports both T-01 and the thesis, T-05 undercuts the step from T-02 to T-01.
SMALL = build(
    [
        argument("T-01"),
        argument("T-02", Side.CON),
        argument("T-03"),
        argument("T-04"),
        argument("T-05"),
        argument("T-06", Side.NEUTRAL),
    ],
    [
        Relation(SUPPORTS, "T-01", "T-00"),
        Relation(REBUTS, "T-02", "T-01"),
        Relation(REBUTS, "T-03", "T-02"),
        Relation(SUPPORTS, "T-04", "T-01"),
        Relation(SUPPORTS, "T-04", "T-00"),
        Relation(UNDERCUTS, "T-05", "T-02", "T-01"),
        Relation(BEARS_ON, "T-06", "T-00"),
    ],
)


def log_of(*edits: tuple[str, Edit], topic: str = "small", author: str | None = None) -> list[Amendment]:
    """Amendments of one topic, a minute apart; each is a claim's id and what is done to it."""
    return [
        Amendment("w", number, topic, claim_id, edit, AT + timedelta(minutes=number), f"e{number}", author)
        for number, (claim_id, edit) in enumerate(edits, 1)
    ]


def small(*edits: tuple[str, Edit]) -> ArgumentMap:
    (found,) = amended([SMALL], log_of(*edits))
    return found


def new(kind: RelationKind, target: str, of: str | None = None) -> NewArgument:
    return NewArgument(WORDS, kind, target, of)


def topic(prefix: str = "X") -> NewTopic:
    return NewTopic("Cold tea", "Is cold tea a waste?", prefix, WORDS)


# -- one of each ------------------------------------------------------------------------------------------------------


def test_without_amendments_the_maps_are_the_same_objects() -> None:
    found = amended([SMALL, OTHER], [])
    assert [each is given for each, given in zip(found, (SMALL, OTHER), strict=True)] == [True, True]


def test_a_map_that_no_amendment_is_about_is_the_same_object() -> None:
    assert amended([SMALL, OTHER], log_of(("T-01", Retirement("it is old"))))[1] is OTHER


def test_a_new_topic_follows_the_others_and_has_its_thesis_alone() -> None:
    found = amended([SMALL], log_of(("X-00", topic()), topic="cold-tea"))
    assert [each.id for each in found] == ["small", "cold-tea"]
    own = found[1]
    assert (own.title, own.question, len(own)) == ("Cold tea", "Is cold tea a waste?", 1)
    assert (own.thesis.id, own.thesis.claim, own.thesis.contrary, own.thesis.text) == (
        "X-00",
        WORDS.claim,
        WORDS.contrary,
        WORDS.text,
    )
    assert (own.thesis.side, own.thesis.sources) == (Side.PRO, ())


def test_arguments_grow_on_a_topic_of_the_group_s_own() -> None:
    _, own = amended(
        [SMALL],
        log_of(
            ("X-00", topic()), ("X-01", new(REBUTS, "X-00")), ("X-02", new(UNDERCUTS, "X-01", "X-00")), topic="cold"
        ),
    )
    assert [(each.id, each.side) for each in own] == [("X-00", Side.PRO), ("X-01", Side.CON), ("X-02", Side.PRO)]


@pytest.mark.parametrize(
    ("edit", "side"),
    [
        (new(SUPPORTS, "T-01"), Side.PRO),
        (new(REBUTS, "T-01"), Side.CON),
        (new(SUPPORTS, "T-02"), Side.CON),
        (new(REBUTS, "T-02"), Side.PRO),
        (new(UNDERCUTS, "T-02", "T-01"), Side.PRO),
        (new(UNDERCUTS, "T-04", "T-00"), Side.CON),
    ],
)
def test_a_new_argument_takes_the_side_that_its_relation_gives_it(edit: NewArgument, side: Side) -> None:
    found = small(("T-501", edit))
    assert found["T-501"].side is side
    assert found.relations_from("T-501") == (edit.relation("T-501"),)


def test_a_new_argument_says_where_it_comes_from_and_names_nobody() -> None:
    (source,) = small(("T-501", new(SUPPORTS, "T-00")))["T-501"].sources
    assert (source.title, source.added, source.address) == ("This group", date(2026, 1, 5), None)


def test_a_new_argument_is_as_firm_as_its_author_put_it() -> None:
    edit = NewArgument(WORDS, SUPPORTS, "T-00", certainty=Certainty.SPECULATIVE)
    assert small(("T-501", edit))["T-501"].certainty is Certainty.SPECULATIVE


@pytest.mark.parametrize(
    ("kind", "target", "side"),
    [
        (SUPPORTS, Side.NEUTRAL, None),
        (REBUTS, Side.NEUTRAL, None),
        (BEARS_ON, Side.PRO, None),
        (SUPPORTS, Side.CON, Side.CON),
        (UNDERCUTS, Side.CON, Side.PRO),
    ],
)
def test_nothing_is_for_or_against_what_is_on_neither_side(kind: RelationKind, target: Side, side: Side | None) -> None:
    assert side_of(kind, target) is side


def test_new_words_are_a_new_version_and_the_old_ones_are_kept() -> None:
    twice = small(("T-01", Rewording(WORDS)), ("T-01", Rewording(Words("Third words", "No third words", "Text."))))
    claim = twice["T-01"]
    assert (claim.version, claim.claim, claim.contrary, claim.text) == (3, "Third words", "No third words", "Text.")
    assert claim.earlier == (SMALL["T-01"].claim, WORDS.claim)
    assert [claim.claim_as_of(version) for version in (1, 2, 3)] == [SMALL["T-01"].claim, WORDS.claim, "Third words"]
    assert twice.relations == SMALL.relations


def test_the_thesis_can_be_reworded() -> None:
    found = small(("T-00", Rewording(WORDS)))
    assert (found.thesis.claim, found.thesis.version) == (WORDS.claim, 2)


# -- retired and restored ---------------------------------------------------------------------------------------------


def rests(found: ArgumentMap) -> dict[str, str | None]:
    return {retired.argument.id: retired.along_with for retired in found.retired}


def test_what_bears_on_a_retired_claim_alone_rests_with_it() -> None:
    found = small(("T-01", Retirement("it is old")))
    assert rests(found) == {"T-01": None, "T-02": "T-01", "T-03": "T-01", "T-05": "T-01"}
    assert [each.id for each in found] == ["T-00", "T-04", "T-06"]
    assert {(retired.reason, retired.at) for retired in found.retired} == {("it is old", AT + timedelta(minutes=1))}


def test_an_undercut_rests_when_its_reason_is_retired() -> None:
    assert rests(small(("T-02", Retirement("it is old")))) == {"T-02": None, "T-03": "T-02", "T-05": "T-02"}


def test_a_leaf_takes_nothing_along() -> None:
    assert rests(small(("T-03", Retirement("it is old")))) == {"T-03": None}


def test_what_rests_names_the_nearest_cause() -> None:
    found = small(("T-01", Retirement("the first")), ("T-02", Retirement("the second")))
    assert rests(found) == {"T-01": None, "T-02": None, "T-03": "T-02", "T-05": "T-02"}


def test_an_undercut_rests_when_what_its_reason_is_for_rests() -> None:
    # T-02 bears on T-01, which rests, and on the thesis; T-03 attacks the step from T-02 to T-01, which is gone.
    found = build(
        [argument("T-01"), argument("T-02"), argument("T-03", Side.CON), argument("T-04")],
        [
            Relation(SUPPORTS, "T-04", "T-00"),
            Relation(SUPPORTS, "T-01", "T-04"),
            Relation(SUPPORTS, "T-02", "T-01"),
            Relation(SUPPORTS, "T-02", "T-00"),
            Relation(UNDERCUTS, "T-03", "T-02", "T-01"),
        ],
    )
    (found,) = amended([found], log_of(("T-04", Retirement("it is old"))))
    assert rests(found) == {"T-04": None, "T-01": "T-04", "T-03": "T-04"}
    assert [each.id for each in found] == ["T-00", "T-02"]


def test_the_cause_is_not_a_retired_claim_that_has_nothing_to_do_with_it() -> None:
    # T-03 rests for T-04 by way of T-01; its reason T-02 also bore on T-05, which is retired, and is in use all the
    # same.
    base = build(
        [argument("T-01"), argument("T-02"), argument("T-03", Side.CON), argument("T-04"), argument("T-05")],
        [
            Relation(SUPPORTS, "T-04", "T-00"),
            Relation(SUPPORTS, "T-05", "T-00"),
            Relation(SUPPORTS, "T-01", "T-04"),
            Relation(SUPPORTS, "T-02", "T-05"),
            Relation(SUPPORTS, "T-02", "T-01"),
            Relation(SUPPORTS, "T-02", "T-00"),
            Relation(UNDERCUTS, "T-03", "T-02", "T-01"),
        ],
    )
    (found,) = amended([base], log_of(("T-04", Retirement("one")), ("T-05", Retirement("another"))))
    assert rests(found)["T-03"] == "T-04"


def test_a_claim_is_restored_with_all_that_rested_for_it() -> None:
    found = small(("T-01", Retirement("it is old")), ("T-01", Restoration()))
    assert found == SMALL


def test_what_was_retired_by_itself_stays_so_when_another_is_restored() -> None:
    found = small(("T-03", Retirement("one")), ("T-01", Retirement("another")), ("T-01", Restoration()))
    assert rests(found) == {"T-03": None}


def test_a_retired_claim_keeps_the_words_that_it_was_given() -> None:
    found = small(("T-03", Rewording(WORDS)), ("T-03", Retirement("it is old")))
    assert found.retired_by_id["T-03"].argument.claim == WORDS.claim


# -- what no longer fits ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claim_id", "edit"),
    [
        ("T-99", Rewording(WORDS)),
        ("T-99", Retirement("it is old")),
        ("T-99", Restoration()),
        ("T-01", Restoration()),
        ("T-00", Retirement("it is old")),
        ("T-01", new(SUPPORTS, "T-00")),
        ("T-501", new(SUPPORTS, "T-99")),
        ("T-501", new(SUPPORTS, "T-06")),
        ("T-501", new(SUPPORTS, "T-501")),
        ("T-501", new(SUPPORTS, "T-01", "T-00")),
        ("T-501", new(UNDERCUTS, "T-02")),
        ("T-501", new(UNDERCUTS, "T-02", "T-00")),
        ("T-501", new(UNDERCUTS, "T-05", "T-02")),
        ("T-501", new(UNDERCUTS, "T-06", "T-00")),
        ("T-501", new(BEARS_ON, "T-00")),
    ],
    ids=str,
)
def test_what_no_longer_fits_is_left_out_with_a_warning(
    claim_id: str, edit: Edit, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert small((claim_id, edit)) == SMALL
    assert [record.getMessage() for record in caplog.records] == [
        "amendment 1 of workspace w no longer fits the map small and is left out"
    ]


def test_amendments_of_a_map_that_is_gone_are_left_out_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert amended([OTHER], log_of(("T-01", Rewording(WORDS)))) == [OTHER]
    assert "no longer fits the map small" in caplog.text


def test_what_fits_is_quiet(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        small(("T-01", Retirement("it is old")), ("T-01", Restoration()), ("T-501", new(SUPPORTS, "T-00")))
    assert not caplog.records


# -- ids --------------------------------------------------------------------------------------------------------------


def test_own_arguments_in_a_shipped_topic_are_numbered_from_501() -> None:
    amendments = log_of(("T-501", new(SUPPORTS, "T-00")))
    assert next_id(SMALL, []) == "T-501"
    assert next_id(amended([SMALL], amendments)[0], amendments) == "T-502"


def test_own_arguments_in_an_own_topic_are_numbered_from_01() -> None:
    amendments = log_of(("X-00", topic()), topic="cold")
    assert next_id(amended([], amendments)[0], amendments) == "X-01"


def test_an_id_is_not_given_again_though_its_argument_is_retired_or_no_longer_fits() -> None:
    amendments = log_of(
        ("T-501", new(SUPPORTS, "T-00")), ("T-501", Retirement("it is old")), ("T-502", new(SUPPORTS, "T-99"))
    )
    (found,) = amended([SMALL], amendments)
    assert "T-502" not in found
    assert next_id(found, amendments) == "T-503"


def test_ids_of_other_topics_do_not_count() -> None:
    assert next_id(SMALL, log_of(("T-740", new(SUPPORTS, "O-00")), topic="other")) == "T-501"


# -- any amendments in any order --------------------------------------------------------------------------------------

names = st.sampled_from([*(f"T-{n:02}" for n in range(9)), "T-501", "T-502", "X-00", "X-01", "X-02"])
sentences = st.sampled_from(["One thing is so", "Another thing is so", "Nothing at all is so"])
said = st.builds(Words, sentences, sentences.map("Not so: {}".format), sentences)
edits: st.SearchStrategy[Edit] = st.one_of(
    st.builds(NewArgument, said, st.sampled_from(RelationKind), names, st.none() | names, st.sampled_from(Certainty)),
    st.builds(Rewording, said),
    st.builds(Retirement, sentences),
    st.just(Restoration()),
    st.builds(NewTopic, sentences, sentences, st.just("X"), said),
)


@st.composite
def logs(draw: st.DrawFn, topics: Sequence[str] = ("small", "own", "more", "gone"), most: int = 14) -> list[Amendment]:
    """Any amendments, sensible or not, numbered as they come."""
    drawn = draw(st.lists(st.tuples(st.sampled_from(topics), names, edits), max_size=most))
    return [
        Amendment("w", number, topic_id, claim_id, edit, AT + timedelta(minutes=number), f"e{number}")
        for number, (topic_id, claim_id, edit) in enumerate(drawn, 1)
    ]


@st.composite
def knotted_maps(draw: st.DrawFn) -> ArgumentMap:
    """Maps on one side in which most arguments bear on two others, and an undercut attacks each step."""
    names = [f"T-{number:02}" for number in range(1, draw(st.integers(3, 7)))]
    pros, relations = ["T-00"], []
    for name in names:
        targets = draw(st.sets(st.sampled_from(pros), min_size=1, max_size=2))
        relations += [Relation(SUPPORTS, name, target) for target in sorted(targets)]
        pros.append(name)
    cons = [f"T-{number}" for number in range(20, 20 + len(relations))]
    undercuts = [Relation(UNDERCUTS, con, r.source, r.target) for con, r in zip(cons, relations, strict=True)]
    return build([*map(argument, names), *(argument(con, Side.CON) for con in cons)], [*relations, *undercuts])


@given(knotted_maps() | sound_maps(), logs())
def test_whatever_is_amended_the_maps_are_sound(base: ArgumentMap, amendments: list[Amendment]) -> None:
    for found in amended([base, OTHER], amendments):
        assert not list(found.problems())
        assert found.strengths.keys() == found.by_id.keys()


@given(knotted_maps() | sound_maps(), st.data())
def test_whatever_is_retired_the_map_is_sound_and_says_why(base: ArgumentMap, data: st.DataObject) -> None:
    names_of_all = [each.id for each in base.arguments]
    also = data.draw(st.sets(st.sampled_from(names_of_all), max_size=1))
    for name in names_of_all:
        out = {name, *also}
        (found,) = amended([base], log_of(*((each, Retirement(f"why {each}")) for each in sorted(out))))
        assert not list(found.problems())
        assert {each for each, along_with in rests(found).items() if along_with is None} == out
        assert all(along_with in out for along_with in rests(found).values() if along_with is not None)
        reasons = {retired.argument.id: retired.reason for retired in found.retired}
        assert reasons == {each: f"why {along_with or each}" for each, along_with in rests(found).items()}


@given(sound_maps(), logs())
def test_a_claim_is_in_use_or_retired_and_never_lost(base: ArgumentMap, amendments: list[Amendment]) -> None:
    amendments = [each for each in amendments if not isinstance(each.edit, NewTopic)]
    for found in amended([base], amendments):
        assert not found.by_id.keys() & found.retired_by_id.keys()
        assert found.by_id.keys() | found.retired_by_id.keys() >= base.by_id.keys()
        assert found.thesis.id in found


@given(sound_maps(), logs(["small"]), st.data())
def test_to_retire_and_restore_gives_back_the_same_map(
    base: ArgumentMap, amendments: list[Amendment], data: st.DataObject
) -> None:
    amendments = [each for each in amendments if not isinstance(each.edit, NewTopic)]
    (before,) = amended([base], amendments)
    names_in_use = [each.id for each in before.arguments]
    if not names_in_use:
        return
    name = data.draw(st.sampled_from(names_in_use))
    out, back = log_of((name, Retirement("it is old")), (name, Restoration()))
    assert name not in amended([base], [*amendments, out])[0]
    assert amended([base], [*amendments, out, back]) == [before]


@given(sound_maps(), logs(), st.data())
def test_the_order_of_unrelated_topics_does_not_matter(
    base: ArgumentMap, amendments: list[Amendment], data: st.DataObject
) -> None:
    left: dict[str, list[Amendment]] = {}
    for each in amendments:
        left.setdefault(each.topic, []).append(each)
    other: list[Amendment] = []
    while some := [topic_id for topic_id, rest in left.items() if rest]:
        other.append(left[data.draw(st.sampled_from(some))].pop(0))
    by_id = {found.id: found for found in amended([base], amendments)}
    assert {found.id: found for found in amended([base], other)} == by_id


@given(sound_maps(), logs(), st.integers(0, 14))
def test_an_id_that_is_next_was_never_given(base: ArgumentMap, amendments: list[Amendment], count: int) -> None:
    for found in amended([base, OTHER], amendments[:count]):
        given_before = {each.claim_id for each in amendments[:count] if each.topic == found.id}
        assert next_id(found, amendments[:count]) not in given_before | found.by_id.keys() | found.retired_by_id.keys()

"""Relations: whatever is proposed, what comes out makes a sound map."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.arguments import ArgumentMap, Relation, RelationKind, Side
from bot.drafts.parts import Changed, Left, Report
from bot.drafts.relations import sound
from tests.unit.maps import argument

SIDES = {"T-01": Side.PRO, "T-02": Side.CON, "T-03": Side.PRO, "T-04": Side.NEUTRAL}
S, R, U, B = RelationKind.SUPPORTS, RelationKind.REBUTS, RelationKind.UNDERCUTS, RelationKind.BEARS_ON


def kept(*proposed: Relation) -> tuple[list[Relation], Report]:
    report = Report()
    return sound("T-00", SIDES, proposed, report), report


def test_good_relations_are_kept_and_the_rest_is_attached_by_its_side() -> None:
    found, report = kept(Relation(R, "T-03", "T-02"))
    assert found == [
        Relation(S, "T-01", "T-00"),
        Relation(R, "T-02", "T-00"),
        Relation(R, "T-03", "T-02"),
        Relation(B, "T-04", "T-00"),
    ]
    assert [(note.why, note.about) for note in report.changed] == [
        (Changed.ATTACHED, name) for name in ("T-01", "T-02", "T-04")
    ]


@pytest.mark.parametrize(
    ("relation", "why"),
    [
        (Relation(S, "T-01", "T-99"), Left.UNKNOWN),
        (Relation(S, "T-99", "T-01"), Left.UNKNOWN),
        (Relation(U, "T-03", "T-02", "nowhere"), Left.UNKNOWN),
        (Relation(S, "T-00", "T-01"), Left.CIRCLE),
        (Relation(S, "T-01", "T-01"), Left.CIRCLE),
        (Relation(S, "T-01", "T-02"), Left.SIDES),
        (Relation(R, "T-01", "T-00"), Left.SIDES),
        (Relation(S, "T-02", "T-00"), Left.SIDES),
        (Relation(R, "T-04", "T-00"), Left.SIDES),
        (Relation(B, "T-01", "T-00"), Left.SIDES),
        (Relation(R, "T-01", "T-04"), Left.SIDES),
        (Relation(U, "T-03", "T-02", "T-01"), Left.STEP),
        (Relation(U, "T-03", "T-02"), Left.STEP),
    ],
)
def test_a_relation_that_would_be_unsound_is_left_out(relation: Relation, why: Left) -> None:
    found, report = kept(relation)
    assert relation not in found
    assert [note.why for note in report.left] == [why]


def test_a_circle_is_cut_where_it_would_close() -> None:
    found, report = kept(Relation(R, "T-01", "T-02"), Relation(R, "T-02", "T-03"), Relation(S, "T-03", "T-01"))
    assert [note.about for note in report.left] == ["T-03 supports T-01"]
    assert Relation(S, "T-03", "T-00") in found


def test_an_undercut_is_taken_up_whatever_the_order_and_gets_its_only_step() -> None:
    found, report = kept(Relation(U, "T-03", "T-02"), Relation(R, "T-02", "T-00"))
    assert Relation(U, "T-03", "T-02", "T-00") in found
    assert report.left == []


NAMES = ["T-00", "T-01", "T-02", "T-03", "T-04", "T-05", "T-99", ""]
PROPOSED = st.lists(
    st.builds(
        Relation,
        st.sampled_from(list(RelationKind)),
        st.sampled_from(NAMES),
        st.sampled_from(NAMES),
        st.none() | st.sampled_from(NAMES),
    ),
    max_size=40,
)


@given(st.lists(st.sampled_from(list(Side)), min_size=1, max_size=5), PROPOSED)
def test_whatever_is_proposed_the_map_is_sound(sides: list[Side], proposed: list[Relation]) -> None:
    named = {f"T-{number:02}": side for number, side in enumerate(sides, start=1)}
    found = sound("T-00", named, proposed, Report())
    arguments = tuple(argument(name, side) for name, side in named.items())
    ArgumentMap("t", "T", "Is it?", argument("T-00"), arguments, tuple(found))  # raises where it isn't
    assert len(set(found)) == len(found)

"""Maps as text for drawing programs, and what tells whether one leans."""

from __future__ import annotations

import re

import pytest
from hypothesis import given

from bot.core.arguments import ArgumentMap, Relation, RelationKind, Side
from bot.maps.balance import balance
from bot.maps.drawing import dot, mermaid
from tests.unit.maps import argument, build, sound_maps

UNDERCUT = build(
    [argument("T-01", claim='A "quoted" claim with a \\ in it that is long'), argument("T-02", Side.CON)],
    [Relation(RelationKind.SUPPORTS, "T-01", "T-00"), Relation(RelationKind.UNDERCUTS, "T-02", "T-01", "T-00")],
)


def test_an_undercut_ends_in_the_middle_of_its_step() -> None:
    drawn = mermaid(UNDERCUT)
    assert "  T-01 --- T-01_T-00\n  T-01_T-00 --> T-00\n" in drawn
    assert "  T-02 -.-x T-01_T-00\n" in drawn
    drawn = dot(UNDERCUT)
    assert '"T-01" -> "T-01_T-00" [color="#2e7d32", style=solid, arrowhead=none];' in drawn
    assert '"T-02" -> "T-01_T-00" [color="#b23b2e", style=dashed];' in drawn


def test_quotes_are_escaped() -> None:
    assert r"A \"quoted\" claim with a \\ in" in dot(UNDERCUT)
    assert "A #quot;quoted#quot; claim" in mermaid(UNDERCUT)


@given(sound_maps())
def test_every_argument_and_relation_is_drawn(found: ArgumentMap) -> None:
    drawn = mermaid(found)
    assert all(f'  {one.id}["{one.id}: ' in drawn for one in found)
    heads = len(re.findall(r" (?:-->|--x|-\.-x|-\.->) ", drawn))
    assert heads == len(found.relations)
    assert dot(found).count("{") == dot(found).count("}") == 1


@given(sound_maps())
def test_the_balance_is_within_bounds(found: ArgumentMap) -> None:
    told = balance(found)
    assert 0 <= told.thesis_strength <= 1
    assert 0 <= told.unanswered_pro + told.unanswered_con <= len(found.arguments)
    assert 1 <= told.depth <= len(found.arguments)


@pytest.mark.parametrize(
    ("kind", "side", "lean"),
    [
        (RelationKind.SUPPORTS, Side.PRO, "the map leans pro by 0.25"),
        (RelationKind.REBUTS, Side.CON, "the map leans con by 0.25"),
    ],
)
def test_a_map_with_one_side_leans(kind: RelationKind, side: Side, lean: str) -> None:
    assert balance(build([argument("T-01", side)], [Relation(kind, "T-01", "T-00")])).lean == lean


def test_a_map_with_two_even_sides_does_not() -> None:
    even = build(
        [argument("T-01"), argument("T-02", Side.CON)],
        [Relation(RelationKind.SUPPORTS, "T-01", "T-00"), Relation(RelationKind.REBUTS, "T-02", "T-00")],
    )
    told = balance(even)
    assert (told.lean, told.depth, told.unanswered_pro, told.unanswered_con) == ("the map is even", 1, 1, 1)

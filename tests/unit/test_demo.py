"""What the members of the demonstration type, also on a map that has no lines of its own."""

from __future__ import annotations

from bot.chat.console.demo import fortnight_for, script_for
from bot.core.arguments import Relation, RelationKind, Side
from bot.core.commands import Say
from bot.core.parsing import parse
from bot.maps import load_folder, shipped
from tests.unit.maps import argument, build


def test_a_map_without_lines_of_its_own_gives_them() -> None:
    found = build(
        [argument("T-01", Side.CON), argument("T-02", Side.CON, denials=("no way that holds",)), argument("T-03")],
        [
            Relation(RelationKind.REBUTS, "T-01", "T-00"),
            Relation(RelationKind.REBUTS, "T-02", "T-00"),
            Relation(RelationKind.REBUTS, "T-03", "T-01"),
        ],
    )
    script = script_for(found)
    assert (script.claim, script.denial) == ("T-02", "no way that holds")


def test_a_map_with_nothing_but_a_thesis_and_a_reason_has_a_demonstration_too() -> None:
    found = build([argument("T-01")], [Relation(RelationKind.SUPPORTS, "T-01", "T-00")])
    assert script_for(found).claim == "T-00"
    assert script_for(found).denial == found.thesis.contrary


def test_the_shipped_maps_have_the_claims_that_their_lines_name() -> None:
    for found in load_folder(shipped()):
        script = script_for(found)
        assert script.claim in found
        assert script.denial not in [denial for one in found for denial in (*one.denials, one.contrary)]


def test_the_fortnights_are_of_nine_members_who_type_commands_that_can_be_read() -> None:
    for found in load_folder(shipped()):
        fortnight = fortnight_for(found)
        assert fortnight is not None
        assert len(fortnight.members) == 9
        assert fortnight.organiser in fortnight.members
        assert [day.day for day in fortnight.days] == sorted({day.day for day in fortnight.days})
        assert fortnight.days[-1].day <= 14
        for day in fortnight.days:
            for line in day.said:
                assert not isinstance(parse(line.text), Say), line


def test_a_topic_that_nobody_wrote_a_fortnight_for_has_none() -> None:
    assert fortnight_for(build([argument("T-01")], [Relation(RelationKind.SUPPORTS, "T-01", "T-00")])) is None

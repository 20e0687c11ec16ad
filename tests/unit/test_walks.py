from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.core.arguments import ArgumentMap, Relation, RelationKind, Side, View
from bot.core.walks import Role, case_for
from tests.unit.maps import argument, build, sound_maps

SUPPORTS, REBUTS, UNDERCUTS = RelationKind.SUPPORTS, RelationKind.REBUTS, RelationKind.UNDERCUTS

MAP = build(
    [
        argument("T-01"),
        argument("T-02"),
        argument("T-03", Side.CON),
        argument("T-04"),
        argument("T-05", Side.CON),
        argument("T-06", Side.CON),
    ],
    [
        Relation(SUPPORTS, "T-01", "T-00"),
        Relation(SUPPORTS, "T-02", "T-01"),
        Relation(REBUTS, "T-03", "T-00"),
        Relation(UNDERCUTS, "T-04", "T-03", "T-00"),
        Relation(REBUTS, "T-05", "T-00"),
        Relation(UNDERCUTS, "T-06", "T-01", "T-00"),
    ],
)


def roles(view: View) -> dict[str, Role]:
    return {step.argument.id: step.role for step in case_for(MAP, view).steps}


def test_a_steelman_has_the_claim_its_reasons_and_what_answers_its_attackers() -> None:
    assert roles(View("T-00")) == {
        "T-00": Role.VIEW,
        "T-01": Role.REASON,
        "T-02": Role.REASON,
        "T-03": Role.OBJECTION,
        "T-04": Role.ANSWER,
        "T-05": Role.OBJECTION,
    }


def test_the_case_against_has_the_attackers_and_what_defends_them() -> None:
    assert roles(View("T-00", affirmed=False)) == {
        "T-00": Role.VIEW,
        "T-03": Role.REASON,
        "T-05": Role.REASON,
        "T-01": Role.OBJECTION,
        "T-06": Role.ANSWER,
    }


def test_what_undercuts_a_claims_step_speaks_against_the_claim() -> None:
    found = case_for(MAP, View("T-01", affirmed=False))
    assert [(s.argument.id, s.relation) for s in found.of_role(Role.REASON)] == [("T-06", UNDERCUTS)]


def test_an_undercut_of_another_step_is_no_objection() -> None:
    sound = build(
        [argument("T-01"), argument("T-02"), argument("T-03", Side.CON), argument("T-04", Side.CON)],
        [
            Relation(SUPPORTS, "T-01", "T-00"),
            Relation(SUPPORTS, "T-02", "T-01"),
            Relation(REBUTS, "T-03", "T-00"),
            Relation(REBUTS, "T-02", "T-03"),
            Relation(UNDERCUTS, "T-04", "T-02", "T-03"),
        ],
    )
    assert [s.argument.id for s in case_for(sound, View("T-01")).of_role(Role.OBJECTION)] == []
    answered = case_for(sound, View("T-03", affirmed=False))
    assert [s.argument.id for s in answered.of_role(Role.OBJECTION)] == ["T-04"]


def test_an_objection_that_the_reasons_have_met_is_not_left_unanswered() -> None:
    sound = build(
        [argument("T-01"), argument("T-02", Side.CON)],
        [
            Relation(SUPPORTS, "T-01", "T-00"),
            Relation(REBUTS, "T-02", "T-00"),
            Relation(UNDERCUTS, "T-02", "T-01", "T-00"),
        ],
    )
    assert case_for(sound, View("T-00", affirmed=False)).of_role(Role.OBJECTION) == ()


def test_a_leaf_says_what_it_bears_on() -> None:
    found = case_for(MAP, View("T-02"))
    assert [s.argument.id for s in found.of_role(Role.CONTEXT)] == ["T-01"]


def test_what_a_claim_attacks_stands_beside_it_where_nothing_meets_it() -> None:
    found = case_for(MAP, View("T-05", affirmed=False)).of_role(Role.REASON, about="T-05")
    assert [(s.argument.id, s.relation) for s in found] == [("T-00", RelationKind.BEARS_ON)]


def test_what_attacks_the_supported_claim_stands_beside_a_supporter_that_nothing_meets() -> None:
    found = case_for(MAP, View("T-02", affirmed=False)).of_role(Role.REASON, about="T-02")
    assert [(s.argument.id, s.relation) for s in found] == [("T-06", RelationKind.BEARS_ON)]


def test_a_neutral_claim_that_nothing_attacks_cannot_be_denied_from_the_map() -> None:
    neutral = build(
        [argument("T-01", Side.NEUTRAL), argument("T-02")],
        [Relation(RelationKind.BEARS_ON, "T-01", "T-00"), Relation(SUPPORTS, "T-02", "T-00")],
    )
    assert not case_for(neutral, View("T-01", affirmed=False)).supported


def test_the_weightier_reason_comes_first() -> None:
    found = case_for(MAP, View("T-00", affirmed=False)).of_role(Role.REASON)
    assert [step.argument.id for step in found] == ["T-05", "T-03"]  # the step from T-03 is undercut


@given(sound_maps(), st.booleans(), st.data())
def test_a_walk_never_repeats_and_takes_only_what_bears_on_it(
    argument_map: ArgumentMap, affirmed: bool, data: st.DataObject
) -> None:
    claim_id = data.draw(st.sampled_from(sorted(argument_map.by_id)))
    found = case_for(argument_map, View(claim_id, affirmed))
    assert len(set(found.ids)) == len(found.ids) <= 16
    assert found.steps[0].role is Role.VIEW
    own = argument_map.side_of(View(claim_id, affirmed))
    for step in found.steps:
        if step.role in (Role.REASON, Role.ANSWER):
            assert step.argument.side is own
        if step.role is Role.OBJECTION:
            assert step.argument.side is own.opposite

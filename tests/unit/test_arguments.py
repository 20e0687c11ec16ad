from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.arguments import ArgumentMap, Relation, RelationKind, Side, combine
from bot.errors import MapError, UnknownClaim
from tests.unit.maps import argument, build, sound_maps

SUPPORTS, REBUTS, UNDERCUTS = RelationKind.SUPPORTS, RelationKind.REBUTS, RelationKind.UNDERCUTS


def strengths(*relations: Relation, sides: dict[str, Side]) -> dict[str, float]:
    return build([argument(name, side) for name, side in sides.items()], list(relations)).strengths


def test_a_lone_argument_keeps_its_base_strength() -> None:
    found = strengths(Relation(SUPPORTS, "T-01", "T-00"), sides={"T-01": Side.PRO})
    assert found["T-01"] == 0.5
    assert found["T-00"] == 0.75  # 0.5 + 0.5 * 0.5


def test_one_attacker_and_one_supporter_of_the_same_strength_cancel() -> None:
    found = strengths(
        Relation(SUPPORTS, "T-01", "T-00"), Relation(REBUTS, "T-02", "T-00"), sides={"T-01": Side.PRO, "T-02": Side.CON}
    )
    assert found["T-00"] == 0.5


def test_two_attackers_add_up_as_a_probabilistic_sum() -> None:
    found = strengths(
        Relation(REBUTS, "T-01", "T-00"), Relation(REBUTS, "T-02", "T-00"), sides={"T-01": Side.CON, "T-02": Side.CON}
    )
    assert found["T-00"] == pytest.approx(0.5 - 0.5 * 0.75)


def test_an_undercut_scales_the_step_and_leaves_the_reason() -> None:
    found = strengths(
        Relation(REBUTS, "T-01", "T-00"),
        Relation(UNDERCUTS, "T-02", "T-01", "T-00"),
        sides={"T-01": Side.CON, "T-02": Side.PRO},
    )
    assert found["T-01"] == 0.5
    assert found["T-00"] == pytest.approx(0.5 - 0.5 * 0.25)


def test_an_undercut_leaves_the_reasons_other_steps() -> None:
    argument_map = build(
        [argument("T-01"), argument("T-02"), argument("T-03", Side.CON)],
        [
            Relation(SUPPORTS, "T-01", "T-00"),
            Relation(SUPPORTS, "T-02", "T-00"),
            Relation(SUPPORTS, "T-02", "T-01"),
            Relation(UNDERCUTS, "T-03", "T-02", "T-00"),
        ],
    )
    weights = {(r.source, r.target): argument_map.weight(r) for r in argument_map.relations}
    assert weights["T-02", "T-00"] == 0.25
    assert weights["T-02", "T-01"] == 0.5


@given(sound_maps())
def test_strengths_lie_between_nought_and_one(argument_map: ArgumentMap) -> None:
    assert set(argument_map.strengths) == {found.id for found in argument_map}
    assert all(0.0 <= value <= 1.0 for value in argument_map.strengths.values())


@given(sound_maps(), st.randoms(use_true_random=False))
def test_the_order_in_which_a_map_is_written_changes_no_strength(argument_map: ArgumentMap, random: object) -> None:
    shuffled = list(argument_map.arguments)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    other = build(shuffled, list(reversed(argument_map.relations)))
    assert other.strengths == pytest.approx(argument_map.strengths)


@given(sound_maps())
def test_one_more_supporter_never_weakens_and_one_more_attacker_never_strengthens(argument_map: ArgumentMap) -> None:
    thesis = argument_map.thesis.id
    more = [*argument_map.arguments, argument("T-90"), argument("T-91", Side.CON)]
    supported = build(more[:-1], [*argument_map.relations, Relation(SUPPORTS, "T-90", thesis)])
    attacked = build([*more[:-2], more[-1]], [*argument_map.relations, Relation(REBUTS, "T-91", thesis)])
    before = argument_map.strengths[thesis]
    assert attacked.strengths[thesis] <= before + 1e-12
    assert supported.strengths[thesis] >= before - 1e-12


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_combination_keeps_to_the_side_of_the_stronger(base: float, attackers: float, supporters: float) -> None:
    value = combine(base, attackers=attackers, supporters=supporters)
    assert 0.0 <= value <= 1.0
    assert (value - base) * (supporters - attackers) >= -1e-12


@pytest.mark.parametrize(
    ("sides", "relations", "problem"),
    [
        ({"T-01": Side.PRO}, [Relation(SUPPORTS, "T-01", "T-99")], "T-99, which doesn't exist"),
        ({"T-01": Side.PRO}, [], "T-01 doesn't reach the thesis"),
        ({"T-01": Side.CON}, [Relation(SUPPORTS, "T-01", "T-00")], "support their own side"),
        ({"T-01": Side.PRO}, [Relation(REBUTS, "T-01", "T-00")], "attack the other"),
        ({"T-01": Side.PRO}, [Relation(RelationKind.BEARS_ON, "T-01", "T-00")], "say supports, rebuts or undercuts"),
        (
            {"T-01": Side.PRO, "T-02": Side.CON},
            [Relation(SUPPORTS, "T-01", "T-00"), Relation(UNDERCUTS, "T-02", "T-00", "T-01")],
            "name a step that exists",
        ),
        (
            {"T-01": Side.PRO, "T-02": Side.PRO},
            [
                Relation(SUPPORTS, "T-01", "T-00"),
                Relation(SUPPORTS, "T-01", "T-02"),
                Relation(SUPPORTS, "T-02", "T-01"),
            ],
            "run in a circle",
        ),
    ],
)
def test_an_unsound_map_is_refused_with_the_reason(
    sides: dict[str, Side], relations: list[Relation], problem: str
) -> None:
    with pytest.raises(MapError, match=problem):
        build([argument(name, side) for name, side in sides.items()], relations)


def test_an_id_used_twice_is_refused() -> None:
    with pytest.raises(MapError, match="T-01 is used twice"):
        build([argument("T-01"), argument("T-01")], [Relation(SUPPORTS, "T-01", "T-00")])


def test_an_unknown_id_is_named() -> None:
    with pytest.raises(UnknownClaim, match="T-42"):
        build([argument("T-01")], [Relation(SUPPORTS, "T-01", "T-00")])["T-42"]

"""Small maps for tests, and a hypothesis strategy for sound ones."""

from __future__ import annotations

from hypothesis import strategies as st

from bot.core.arguments import Argument, ArgumentMap, Certainty, Relation, RelationKind, Side


def argument(argument_id: str, side: Side = Side.PRO, **changes: object) -> Argument:
    values: dict[str, object] = {
        "id": argument_id,
        "claim": f"Claim {argument_id} holds in most of the cases",
        "contrary": f"Claim {argument_id} fails in most of the cases",
        "text": f"A first ground speaks for {argument_id}. A second ground speaks for {argument_id}.",
        "side": side,
    }
    return Argument(**{**values, **changes})  # type: ignore[arg-type]


def build(arguments: list[Argument], relations: list[Relation]) -> ArgumentMap:
    return ArgumentMap("small", "Small", "Is it so?", argument("T-00"), tuple(arguments), tuple(relations))


@st.composite
def sound_maps(draw: st.DrawFn) -> ArgumentMap:
    """Maps of up to 12 arguments in which each bears on something nearer the thesis, as the rules want it."""
    count = draw(st.integers(1, 12))
    arguments = [argument("T-00")]
    relations: list[Relation] = []
    for number in range(1, count + 1):
        name = f"T-{number:02}"
        targets = draw(st.lists(st.sampled_from(list(arguments)), min_size=1, max_size=3, unique=True))
        side = draw(st.sampled_from([Side.PRO, Side.CON]))
        steps = [r for r in relations if r.kind is not RelationKind.UNDERCUTS]
        for target in targets:
            attackable = [r for r in steps if r.source == target.id and target.side is side.opposite]
            undercut = draw(st.booleans())
            if attackable and undercut:
                step = draw(st.sampled_from(attackable))
                relations.append(Relation(RelationKind.UNDERCUTS, name, step.source, step.target))
            else:
                kind = RelationKind.SUPPORTS if target.side is side else RelationKind.REBUTS
                relations.append(Relation(kind, name, target.id))
        certainty = draw(st.sampled_from(list(Certainty)))
        arguments.append(argument(name, side, certainty=certainty))
    return build(arguments[1:], draw(st.permutations(relations)))

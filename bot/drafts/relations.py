"""Relations out of what a model proposes: only those that keep a map sound, and a way to the thesis for every argument.

The rules are those of `ArgumentMap.problems`. A relation is taken up only if the map stays sound with it, so that what
comes out is sound whatever was proposed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.core.arguments import Relation, RelationKind, Side
from bot.drafts.parts import Changed, Left, Report

_BY_SIDE: Final = {
    Side.PRO: RelationKind.SUPPORTS,
    Side.CON: RelationKind.REBUTS,
    Side.NEUTRAL: RelationKind.BEARS_ON,
}
_STEPS: Final = (RelationKind.SUPPORTS, RelationKind.REBUTS)


def sound(thesis: str, sides: Mapping[str, Side], proposed: Iterable[Relation], report: Report) -> list[Relation]:
    """The relations to keep, by source in the order of `sides`, with one for each argument that has none.

    Args:
        thesis: the thesis's id.
        sides: each argument's side by id, without the thesis.
        proposed: by a model, about any ids; an undercut that names no `of` is taken for that of the reason's only step.
        report: told of what is left out and added.
    """
    found = _Relations(thesis, sides)
    # Undercuts last, since the steps that they attack must be there.
    for relation in sorted(dict.fromkeys(proposed), key=lambda r: r.kind is RelationKind.UNDERCUTS):
        why = found.add(relation)
        if why is not None:
            report.leave(why, _told(relation))
    for argument in found.unreached():
        found.add(Relation(_BY_SIDE[sides[argument]], argument, thesis))
        report.change(Changed.ATTACHED, argument)
    order = {argument: number for number, argument in enumerate(sides)}
    return sorted(found.kept, key=lambda r: order[r.source])


def _told(relation: Relation) -> str:
    step = f" as a reason about {relation.of}" if relation.of else ""
    return f"{relation.source} {relation.kind} {relation.target}{step}"


@dataclass
class _Relations:
    thesis: str
    sides: Mapping[str, Side]
    kept: list[Relation] = field(default_factory=list)
    _bears: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """What each argument's strength goes into: the graph that must have no circle."""

    def add(self, relation: Relation) -> Left | None:
        """Take a relation up; or why not."""
        if relation.kind is RelationKind.UNDERCUTS:
            relation = self._completed(relation)
        elif relation.of is not None:
            relation = Relation(relation.kind, relation.source, relation.target)
        if relation in self.kept:
            return None
        why = self._problem(relation)
        if why is None:
            self.kept.append(relation)
            self._bears[relation.source] |= self._ends(relation)
        return why

    def unreached(self) -> list[str]:
        """Arguments without a relation of their own: without circles, every way that misses the thesis ends in one."""
        sources = {relation.source for relation in self.kept}
        return [argument for argument in self.sides if argument not in sources]

    def _problem(self, relation: Relation) -> Left | None:
        if relation.source not in self.sides or not {relation.target, relation.of} <= {*self.sides, self.thesis, None}:
            return Left.CIRCLE if relation.source == self.thesis else Left.UNKNOWN
        if not self._sides_agree(relation):
            return Left.SIDES
        if relation.kind is RelationKind.UNDERCUTS and not self._has_step(relation.target, relation.of):
            return Left.STEP
        if any(self._leads(end, relation.source) for end in self._ends(relation)):
            return Left.CIRCLE
        return None

    def _sides_agree(self, relation: Relation) -> bool:
        source, target = self.sides[relation.source], self.sides.get(relation.target, Side.PRO)
        match relation.kind:
            case RelationKind.BEARS_ON:
                return source is Side.NEUTRAL
            case RelationKind.SUPPORTS:
                return source is target is not Side.NEUTRAL
            case _:
                return source is target.opposite is not Side.NEUTRAL

    def _completed(self, relation: Relation) -> Relation:
        steps = [r.target for r in self.kept if r.source == relation.target and r.kind in _STEPS]
        if relation.of is None and len(steps) == 1:
            return Relation(relation.kind, relation.source, relation.target, steps[0])
        return relation

    def _has_step(self, reason: str, of: str | None) -> bool:
        return any(r.source == reason and r.target == of and r.kind in _STEPS for r in self.kept)

    @staticmethod
    def _ends(relation: Relation) -> set[str]:
        return {relation.target} if relation.of is None else {relation.target, relation.of}

    def _leads(self, start: str, end: str) -> bool:
        ahead, seen = [start], {start}
        while ahead:
            here = ahead.pop()
            if here == end:
                return True
            new = self._bears.get(here, set()) - seen
            seen |= new
            ahead += new
        return False

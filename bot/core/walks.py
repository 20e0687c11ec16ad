"""Walks: which arguments a reply is made from, and in what order.

A steelman of a view walks the case *for* it: the claim, what supports it, and what answers its attackers. A
counterargument walks the case for the opposite view, since attacking a claim is arguing its denial: what attacks it,
and what defends those attacks. Strengths order both; the walk is all that a writer gets to see and may cite.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from bot.core.arguments import Argument, ArgumentMap, RelationKind, View


class Role(StrEnum):
    """What a step does in the case that is being made."""

    VIEW = "view"
    """The claim that the case is for, affirmed or denied."""
    REASON = "reason"
    """Speaks for the step that it is about."""
    OBJECTION = "objection"
    """Speaks for the other side, against the step that it is about."""
    ANSWER = "answer"
    """Answers the objection that it is about."""
    CONTEXT = "context"
    """What the view bears on: why it matters."""


@dataclass(frozen=True, slots=True)
class Step:
    """One argument of a walk.

    `about` is the id of the step that it speaks for or against; `relation` how it bears on that, in the map's terms;
    `of`, for an undercut, the end of the step that it attacks. `weight` in [0, 1] is what that relation carries, and
    orders the points; the view's own is its strength. `affirmed` is false where the case denies the claim.
    """

    argument: Argument
    role: Role
    weight: float
    about: str | None = None
    relation: RelationKind | None = None
    of: str | None = None
    affirmed: bool = True

    @property
    def words(self) -> str:
        return self.argument.claim if self.affirmed else self.argument.contrary


@dataclass(frozen=True)
class Walk:
    """The steps of one case, the view first. Ids never repeat."""

    view: View
    steps: tuple[Step, ...]

    @cached_property
    def by_id(self) -> dict[str, Step]:
        return {step.argument.id: step for step in self.steps}

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(step.argument.id for step in self.steps)

    def of_role(self, role: Role, about: str | None = None) -> tuple[Step, ...]:
        return tuple(s for s in self.steps if s.role is role and (about is None or s.about == about))

    @property
    def supported(self) -> bool:
        """Whether the map has anything to say for the view beyond stating it."""
        return bool(self.of_role(Role.REASON)) or (self.view.affirmed and bool(self.steps))


MAX_REASONS = 4
MAX_BACKING = 4
MAX_OBJECTIONS = 2
MAX_ANSWERS = 2


def case_for(argument_map: ArgumentMap, view: View) -> Walk:
    """The best case for a view that the map can carry, at most 16 steps.

    Raises:
        UnknownClaim: the map has no such claim.
    """
    return Walk(view, tuple(_Walker(argument_map, view).steps()))


class _Walker:
    def __init__(self, argument_map: ArgumentMap, view: View) -> None:
        self.map = argument_map
        self.view = view
        self.root = argument_map[view.claim_id]
        self.taken = {self.root.id}

    def steps(self) -> Iterable[Step]:
        root = self.root
        yield Step(root, Role.VIEW, self.map.strengths[root.id], affirmed=self.view.affirmed)
        reasons = list(self._reasons())
        yield from reasons
        for reason in reasons[:MAX_BACKING]:
            yield from self._backing(reason)
        objections = list(self._objections(reasons))
        for objection in objections:
            yield objection
            yield from self._answers(objection)
        if not self._is_thesis:
            yield from self._context()

    @property
    def _is_thesis(self) -> bool:
        return self.root.id == self.map.thesis.id

    def _reasons(self) -> Iterable[Step]:
        if self.view.affirmed:
            found = self._linked(self.root.id, Role.REASON, RelationKind.SUPPORTS)
        else:
            found = self._linked(self.root.id, Role.REASON, RelationKind.REBUTS, RelationKind.UNDERCUTS)
            if not found:
                # Nothing attacks the claim itself: attack what it rests on.
                for supporter in self.map.supporters(self.root.id):
                    found += self._attacks(supporter.id, self.root.id, Role.REASON)
            if not found:
                return self._take(self._remote(), 2)
        return self._take(found, MAX_REASONS)

    def _remote(self) -> list[Step]:
        """For a claim that nothing in the map meets: what it attacks, and what attacks that which it supports.

        Such a step `bears_on` the claim without meeting it, so that a writer can say as much.
        """
        found: list[Argument] = []
        for relation in self.map.relations_from(self.root.id):
            target = self.map[relation.target]
            if relation.kind in (RelationKind.REBUTS, RelationKind.UNDERCUTS):
                found.append(target)
            elif relation.kind is RelationKind.SUPPORTS:
                attacks = self._linked(target.id, Role.REASON, RelationKind.REBUTS, RelationKind.UNDERCUTS)
                found += [step.argument for step in attacks]
        found.sort(key=lambda other: (-self.map.strengths[other.id], other.id))
        return [
            Step(other, Role.REASON, self.map.strengths[other.id], about=self.root.id, relation=RelationKind.BEARS_ON)
            for other in found
        ]

    def _backing(self, reason: Step) -> Iterable[Step]:
        found = self._linked(reason.argument.id, Role.REASON, RelationKind.SUPPORTS)
        return self._take(found, 1)

    def _objections(self, reasons: list[Step]) -> Iterable[Step]:
        if self.view.affirmed:
            found = self._linked(self.root.id, Role.OBJECTION, RelationKind.REBUTS, RelationKind.UNDERCUTS)
        else:
            found = self._linked(self.root.id, Role.OBJECTION, RelationKind.SUPPORTS)
        if not found:
            # Nothing stands against the view itself: the strongest attack on one of its reasons.
            for reason in reasons:
                found += self._attacks(reason.argument.id, reason.of or reason.about, Role.OBJECTION)
        # An objection that the map can answer makes the better case; what it can't answer is conceded. One whose
        # answers are all among the reasons already has been met, and is neither.
        found.sort(key=lambda step: (-step.weight, step.argument.id))
        answered = [step for step in found if any(a.argument.id not in self.taken for a in self._attackers(step))]
        unanswered = [step for step in found if not self._attackers(step)]
        return self._take(answered, MAX_OBJECTIONS - bool(unanswered)) + self._take(unanswered, 1)

    def _attackers(self, objection: Step) -> list[Step]:
        return self._attacks(objection.argument.id, objection.of or objection.about, Role.ANSWER)

    def _attacks(self, argument_id: str, end: str | None, role: Role) -> list[Step]:
        """What attacks an argument or its step to `end`; an undercut of another step from it is beside the point."""
        found = self._linked(argument_id, role, RelationKind.REBUTS, RelationKind.UNDERCUTS)
        return [step for step in found if step.relation is RelationKind.REBUTS or step.of == end]

    def _answers(self, objection: Step) -> Iterable[Step]:
        return self._take(self._attackers(objection), MAX_ANSWERS)

    def _context(self) -> Iterable[Step]:
        for relation in self.map.relations_from(self.root.id):
            end = relation.of or relation.target
            if end not in self.taken:
                self.taken.add(end)
                yield Step(
                    self.map[end],
                    Role.CONTEXT,
                    self.map.strengths[end],
                    about=self.root.id,
                    relation=relation.kind,
                    of=relation.of,
                )
                return

    def _linked(self, argument_id: str, role: Role, *kinds: RelationKind) -> list[Step]:
        return [
            Step(
                self.map[relation.source],
                role,
                self.map.weight(relation),
                about=argument_id,
                relation=relation.kind,
                of=relation.of,
            )
            for relation in self.map.relations_to(argument_id, *kinds)
        ]

    def _take(self, found: Iterable[Step], most: int) -> list[Step]:
        taken: list[Step] = []
        for step in found:
            if len(taken) == most:
                break
            if step.argument.id not in self.taken:
                self.taken.add(step.argument.id)
                taken.append(step)
        return taken

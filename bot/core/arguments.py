"""The argument map: what is said on a topic, and what bears on what.

An `ArgumentMap` is immutable and acyclic. Every relation points towards the thesis: the *source* of a relation bears
on its *target*. An undercut bears on a *step*, the pair (reason, what the reason bears on), and grants the reason.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

from bot.core.language import say
from bot.errors import MapError, RetiredClaim, UnknownClaim


class Side(StrEnum):
    """Which way an argument leans on the thesis."""

    PRO = "pro"
    CON = "con"
    NEUTRAL = "neutral"

    @property
    def opposite(self) -> Side:
        return {Side.PRO: Side.CON, Side.CON: Side.PRO, Side.NEUTRAL: Side.NEUTRAL}[self]


class Certainty(StrEnum):
    """How firmly the argument's own author puts it."""

    ASSERTED = "asserted"
    TENTATIVE = "tentative"
    SPECULATIVE = "speculative"


class RelationKind(StrEnum):
    SUPPORTS = "supports"
    REBUTS = "rebuts"
    UNDERCUTS = "undercuts"
    BEARS_ON = "bears_on"
    """Matters to the target without a sign; for neutral arguments, which both sides should hear."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where an argument comes from: a title, and where known its address and the place within it.

    `added` is the day on which a group took it into its map, where it comes from one of its members.
    """

    title: str
    address: str | None = None
    where: str | None = None
    added: date | None = None


@dataclass(frozen=True, slots=True)
class Argument:
    """A node of the map.

    `claim` and `contrary` are one sentence each without a final stop; `wordings` and `denials` are other ways in which
    people put the claim and its contrary, used to find the argument and to tell which way a text leans. They are never
    shown. `further_wordings` and `further_denials` are more of them, compared by words and letters alone, since vectors
    of so many would take long to compute. `version` counts the claim's wordings, and `earlier` has those before this
    one, oldest first.
    """

    id: str
    claim: str
    contrary: str
    text: str
    side: Side
    certainty: Certainty = Certainty.ASSERTED
    sources: tuple[Source, ...] = ()
    tags: tuple[str, ...] = ()
    wordings: tuple[str, ...] = ()
    denials: tuple[str, ...] = ()
    further_wordings: tuple[str, ...] = ()
    further_denials: tuple[str, ...] = ()
    version: int = 1
    earlier: tuple[str, ...] = ()

    def claim_as_of(self, version: int) -> str:
        """The claim's wording in one of its versions, the first being 1; the present one where that is not known."""
        return self.earlier[version - 1] if 0 < version <= len(self.earlier) else self.claim


@dataclass(frozen=True, slots=True)
class Relation:
    """`source` bears on `target`; an undercut bears on the step from `target` to `of`."""

    kind: RelationKind
    source: str
    target: str
    of: str | None = None


@dataclass(frozen=True, slots=True)
class Retired:
    """An argument that is out of use: it can still be read, and nothing is argued from it.

    `along_with` names the retired claim where this one only rests, since it bears on nothing else.
    """

    argument: Argument
    reason: str
    at: datetime
    along_with: str | None = None


@dataclass(frozen=True, slots=True)
class View:
    """A claim affirmed or denied: what a steelman is for and a counterargument against."""

    claim_id: str
    affirmed: bool = True

    @property
    def opposite(self) -> View:
        return View(self.claim_id, not self.affirmed)


@dataclass(frozen=True)
class ArgumentMap:
    """A topic's arguments and relations.

    Args:
        id: the topic's slug, unique in a workspace.
        thesis: the argument that holds the thesis itself; its side is pro.
        arguments: all arguments but the thesis, in the author's order.
        retired: those that a workspace has taken out of use; no relation has them.

    Raises:
        MapError: ids repeat, a target or step is missing, sides contradict a relation, the relations run in a
            circle, or an argument doesn't reach the thesis.
    """

    id: str
    title: str
    question: str
    thesis: Argument
    arguments: tuple[Argument, ...]
    relations: tuple[Relation, ...]
    retired: tuple[Retired, ...] = ()

    def __post_init__(self) -> None:
        for problem in self.problems():
            raise MapError(f"{self.id}: {problem}")

    # -- looking things up ------------------------------------------------------------------------------------------

    @cached_property
    def by_id(self) -> dict[str, Argument]:
        return {argument.id: argument for argument in self}

    def __iter__(self) -> Iterator[Argument]:
        yield self.thesis
        yield from self.arguments

    def __len__(self) -> int:
        return 1 + len(self.arguments)

    def __contains__(self, argument_id: object) -> bool:
        return argument_id in self.by_id

    def __getitem__(self, argument_id: str) -> Argument:
        try:
            return self.by_id[argument_id]
        except KeyError:
            if argument_id in self.retired_by_id:
                raise RetiredClaim(
                    say(
                        "{claim} is retired: it can be read with `/crux map {claim}`, and no more is argued from it.",
                        claim=argument_id,
                    )
                ) from None
            raise UnknownClaim(
                say("There is no {claim} in this topic; `/crux map` lists its claims.", claim=argument_id)
            ) from None

    @cached_property
    def retired_by_id(self) -> dict[str, Retired]:
        return {retired.argument.id: retired for retired in self.retired}

    def words_of(self, view: View) -> str:
        """The view as a sentence without its final stop: the claim, or its contrary."""
        argument = self[view.claim_id]
        return argument.claim if view.affirmed else argument.contrary

    def side_of(self, view: View) -> Side:
        side = self[view.claim_id].side
        return side if view.affirmed else side.opposite

    @cached_property
    def _incoming(self) -> dict[str, tuple[Relation, ...]]:
        found: dict[str, list[Relation]] = defaultdict(list)
        for relation in self.relations:
            found[relation.target].append(relation)
        return {key: tuple(value) for key, value in found.items()}

    @cached_property
    def _outgoing(self) -> dict[str, tuple[Relation, ...]]:
        found: dict[str, list[Relation]] = defaultdict(list)
        for relation in self.relations:
            found[relation.source].append(relation)
        return {key: tuple(value) for key, value in found.items()}

    def relations_to(self, argument_id: str, *kinds: RelationKind) -> tuple[Relation, ...]:
        """Relations that point at an argument, weightiest first; of all kinds unless some are named."""
        found = [r for r in self._incoming.get(argument_id, ()) if not kinds or r.kind in kinds]
        return tuple(sorted(found, key=lambda r: (-self.weight(r), r.source)))

    def relations_from(self, argument_id: str, *kinds: RelationKind) -> tuple[Relation, ...]:
        """Relations by which an argument bears on others, in the author's order."""
        return tuple(r for r in self._outgoing.get(argument_id, ()) if not kinds or r.kind in kinds)

    def supporters(self, argument_id: str) -> tuple[Argument, ...]:
        return self._sources(self.relations_to(argument_id, RelationKind.SUPPORTS))

    def rebutters(self, argument_id: str) -> tuple[Argument, ...]:
        return self._sources(self.relations_to(argument_id, RelationKind.REBUTS))

    def undercutters(self, reason_id: str, of: str | None = None) -> tuple[Argument, ...]:
        """What attacks the step from a reason to `of`, or any step from it."""
        found = self.relations_to(reason_id, RelationKind.UNDERCUTS)
        return self._sources(r for r in found if of is None or r.of == of)

    def bears_on(self, argument_id: str) -> tuple[Argument, ...]:
        """What an argument supports or attacks, nearest the thesis last; for an undercut, the reason it grants."""
        return tuple(self[r.target] for r in self.relations_from(argument_id))

    def _sources(self, relations: Iterable[Relation]) -> tuple[Argument, ...]:
        return tuple(dict.fromkeys(self[r.source] for r in relations))

    # -- strengths --------------------------------------------------------------------------------------------------

    @cached_property
    def strengths(self) -> dict[str, float]:
        """Each argument's strength in [0, 1] by DF-QuAD with a base of 0.5, computed from the leaves up.

        An argument's attackers and supporters are aggregated by the probabilistic sum
        F(v1..vn) = 1 - prod(1 - vi), and combined with the base score v0 = 0.5 as
        C = v0 - v0 |vs - va| if va >= vs, else v0 + (1 - v0) |vs - va|
        (Rago, Toni, Aurisicchio, Baroni: Discontinuity-free decision support with quantitative argumentation debates,
        KR 2016). DF-QuAD has no undercuts: an undercut scales the edge that it attacks, so a reason of strength s
        contributes s * prod(1 - strength of each undercutter of that step).
        """
        return self._strengths({})

    @cached_property
    def influences(self) -> dict[str, float]:
        """How much the thesis hangs on each claim, in [0, 1]: how far its strength moves between two extremes.

        |s(1) - s(0)|, where s(x) is the thesis's DF-QuAD strength with the claim's own strength held at x, whatever
        bears on the claim. 1 for the thesis; 0 for an argument that bears on it without a sign. It is about the map,
        not about anybody's mind, and is the influence of one claim alone: of two reasons that would each do, neither
        has much.
        """
        thesis = self.thesis.id
        return {
            argument.id: abs(self._strengths({argument.id: 1.0})[thesis] - self._strengths({argument.id: 0.0})[thesis])
            for argument in self
        }

    def _strengths(self, held: Mapping[str, float]) -> dict[str, float]:
        """The strengths with those of some arguments held at what they are given."""
        strengths: dict[str, float] = {}
        for argument_id in self._leaves_first:
            if argument_id in held:
                strengths[argument_id] = held[argument_id]
                continue
            attack = support = 1.0
            for relation in self._incoming.get(argument_id, ()):
                if relation.kind not in (RelationKind.SUPPORTS, RelationKind.REBUTS):
                    continue
                weight = self._weight(relation, strengths)
                if relation.kind is RelationKind.SUPPORTS:
                    support *= 1.0 - weight
                else:
                    attack *= 1.0 - weight
            strengths[argument_id] = combine(BASE_STRENGTH, attackers=1.0 - attack, supporters=1.0 - support)
        return strengths

    def weight(self, relation: Relation) -> float:
        """What a relation carries, in [0, 1]: its source's strength, less what undercuts take from the step."""
        return self._weight(relation, self.strengths)

    def _weight(self, relation: Relation, strengths: Mapping[str, float]) -> float:
        weight = strengths[relation.source]
        for other in self._incoming.get(relation.source, ()):
            if other.kind is RelationKind.UNDERCUTS and other.of == relation.target:
                weight *= 1.0 - strengths[other.source]
        return weight

    @cached_property
    def _leaves_first(self) -> tuple[str, ...]:
        """Every argument after all that it depends on: its sources, and the undercutters of its sources' steps."""
        return tuple(TopologicalSorter(self._dependencies()).static_order())

    def _dependencies(self) -> dict[str, set[str]]:
        needs: dict[str, set[str]] = {argument.id: set() for argument in self}
        for relation in self.relations:
            end = relation.of if relation.of is not None else relation.target
            needs[end].add(relation.source)
            needs[relation.target].add(relation.source)
        return needs

    # -- checks -----------------------------------------------------------------------------------------------------

    def problems(self) -> Iterator[str]:
        """What is wrong with the map, a sentence each; nothing for a sound one. Later checks rest on earlier ones."""
        seen: set[str] = set()
        for argument in self:
            if argument.id in seen:
                yield f"{argument.id} is used twice; give each argument an id of its own"
            seen.add(argument.id)
        missing = list(self._missing_ends(seen))
        yield from missing
        if missing:
            return
        yield from self._side_problems()
        try:
            TopologicalSorter(self._dependencies()).prepare()
        except CycleError as error:
            circle = " -> ".join(error.args[1])
            yield f"the relations run in a circle ({circle}); remove one of them"
            return
        for argument_id in self._unreached():
            yield f"{argument_id} doesn't reach the thesis; give it a relation that leads to {self.thesis.id}"

    def _missing_ends(self, known: set[str]) -> Iterator[str]:
        steps = {(r.source, r.target) for r in self.relations if r.kind in (RelationKind.SUPPORTS, RelationKind.REBUTS)}
        for relation in self.relations:
            for end in (relation.source, relation.target, relation.of):
                if end is not None and end not in known:
                    yield f"{relation.source} {relation.kind} {end}, which doesn't exist; correct the id"
            if relation.kind is RelationKind.UNDERCUTS:
                if relation.of is None or (relation.target, relation.of) not in steps:
                    yield (
                        f"{relation.source} undercuts the step from {relation.target} to {relation.of}, but "
                        f"{relation.target} neither supports nor rebuts {relation.of}; name a step that exists"
                    )
            elif relation.of is not None:
                yield f"{relation.source} {relation.kind} {relation.target}: only an undercut has a step"

    def _side_problems(self) -> Iterator[str]:
        if self.thesis.side is not Side.PRO:
            yield f"{self.thesis.id}: the thesis is on the pro side by definition"
        for relation in self.relations:
            source, target = self.by_id[relation.source].side, self.by_id[relation.target].side
            if relation.kind is RelationKind.BEARS_ON:
                if source is not Side.NEUTRAL:
                    yield f"{relation.source} bears_on {relation.target}: say supports, rebuts or undercuts instead"
                continue
            expected = target if relation.kind is RelationKind.SUPPORTS else target.opposite
            if Side.NEUTRAL in (source, target) or source is not expected:
                yield (
                    f"{relation.source} ({source}) {relation.kind} {relation.target} ({target}); "
                    "arguments support their own side and attack the other"
                )

    def _unreached(self) -> Iterator[str]:
        reached = {self.thesis.id}
        grown = True
        while grown:
            new = {r.source for r in self.relations if r.target in reached} - reached
            reached |= new
            grown = bool(new)
        yield from (argument.id for argument in self if argument.id not in reached)


BASE_STRENGTH = 0.5


def combine(base: float, *, attackers: float, supporters: float) -> float:
    """DF-QuAD's combination of a base score with aggregated attack and support, all in [0, 1]."""
    distance = abs(supporters - attackers)
    if attackers >= supporters:
        return base - base * distance
    return base + (1.0 - base) * distance

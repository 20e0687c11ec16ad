"""What a workspace has made of its maps: topics and arguments of its own, claims reworded, arguments retired.

Amendments are a log that only grows. Applied in order to the maps that Crux was started with they give the maps that
the workspace argues from, and those are maps like any other: nothing that uses one asks where it came from.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from bot.core.arguments import (
    Argument,
    ArgumentMap,
    Certainty,
    Relation,
    RelationKind,
    Retired,
    Side,
    Source,
)

log = logging.getLogger(__name__)

OWN_NUMBERS_FROM: Final = 501
"""The first number of a group's own argument in a topic that came with Crux, whose own numbers grow from below."""


@dataclass(frozen=True, slots=True)
class Words:
    """What an argument says: claim and contrary, one sentence each without a final stop, and its text."""

    claim: str
    contrary: str
    text: str


@dataclass(frozen=True, slots=True)
class NewTopic:
    """A topic of the group's own; the claim is its thesis. `prefix` begins the ids of its claims."""

    title: str
    question: str
    prefix: str
    words: Words


@dataclass(frozen=True, slots=True)
class NewArgument:
    """An argument of the group's own, and what it bears on; an undercut bears on the step from `target` to `of`."""

    words: Words
    kind: RelationKind
    target: str
    of: str | None = None
    certainty: Certainty = Certainty.ASSERTED

    def relation(self, claim_id: str) -> Relation:
        return Relation(self.kind, claim_id, self.target, self.of)


@dataclass(frozen=True, slots=True)
class Rewording:
    """A claim in other words: a new version, which nobody has taken a position on yet."""

    words: Words


@dataclass(frozen=True, slots=True)
class Retirement:
    """An argument taken out of use, with those that bear on nothing else."""

    reason: str


@dataclass(frozen=True, slots=True)
class Restoration:
    """A retired argument put back into use."""


Edit = NewTopic | NewArgument | Rewording | Retirement | Restoration


@dataclass(frozen=True, slots=True)
class Amendment:
    """One edit of one claim of a workspace's maps. `number` counts the workspace's amendments from 1.

    `author` is the member who wrote a new argument or topic; None for other edits, and once the author is forgotten.
    `event` names the request that made it, so that a second try finds it.
    """

    workspace: str
    number: int
    topic: str
    claim_id: str
    edit: Edit
    at: datetime
    event: str
    author: str | None = None


def amended(maps: Sequence[ArgumentMap], amendments: Iterable[Amendment]) -> list[ArgumentMap]:
    """The maps with amendments applied in order; topics of the group's own follow, in the order in which they came.

    What does not fit any longer, since a map that came with Crux has lost the claim that it is about, is left out, and
    the log says so.
    """
    by_topic: dict[str, list[Amendment]] = {}
    for amendment in amendments:
        by_topic.setdefault(amendment.topic, []).append(amendment)
    found = {argument_map.id: argument_map for argument_map in maps}
    for topic, some in by_topic.items():
        if (result := _amended(found.get(topic), some)) is not None:
            found[topic] = result
    return list(found.values())


def next_id(argument_map: ArgumentMap, amendments: Iterable[Amendment]) -> str:
    """The id of the next argument of the group's own in a topic; an id that was given once is not given again."""
    thesis_id = argument_map.thesis.id
    own = any(isinstance(a.edit, NewTopic) and a.topic == argument_map.id for a in amendments)
    used = [*argument_map.by_id, *argument_map.retired_by_id]
    used += [a.claim_id for a in amendments if a.topic == argument_map.id]
    prefix = thesis_id.rpartition("-")[0]
    numbers = [int(name.rpartition("-")[2]) for name in used if name.rpartition("-")[0] == prefix]
    number = max([*numbers, 0 if own else OWN_NUMBERS_FROM - 1]) + 1
    return f"{prefix}-{number:02d}"


# -- one topic --------------------------------------------------------------------------------------------------------


def _amended(base: ArgumentMap | None, amendments: Iterable[Amendment]) -> ArgumentMap | None:
    topic = _Topic.of(base) if base is not None else None
    for amendment in amendments:
        if isinstance(amendment.edit, NewTopic):
            topic = _Topic.new(amendment, amendment.edit)
        elif topic is None or not topic.apply(amendment):
            log.warning(
                "amendment %d of workspace %s no longer fits the map %s and is left out",
                amendment.number,
                amendment.workspace,
                amendment.topic,
            )
    return topic.map() if topic is not None else None


@dataclass
class _Topic:
    """A map that is being amended. `out` has the retired claims with reason and time."""

    id: str
    title: str
    question: str
    thesis_id: str
    arguments: dict[str, Argument]
    relations: list[Relation]
    out: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    @classmethod
    def of(cls, base: ArgumentMap) -> _Topic:
        return cls(base.id, base.title, base.question, base.thesis.id, dict(base.by_id), list(base.relations))

    @classmethod
    def new(cls, amendment: Amendment, topic: NewTopic) -> _Topic:
        thesis = _argument(amendment, topic.words, Side.PRO, Certainty.ASSERTED, sources=())
        return cls(amendment.topic, topic.title, topic.question, thesis.id, {thesis.id: thesis}, [])

    def apply(self, amendment: Amendment) -> bool:
        """Whether the amendment fits; nothing is changed unless it does."""
        known = self.arguments.get(amendment.claim_id)
        match amendment.edit:
            case NewArgument() as new:
                return known is None and self._add(amendment, new)
            case Rewording(words) if known is not None:
                self.arguments[known.id] = replace(
                    known,
                    claim=words.claim,
                    contrary=words.contrary,
                    text=words.text,
                    version=known.version + 1,
                    earlier=(*known.earlier, known.claim),
                )
                return True
            case Retirement(reason) if known is not None and known.id != self.thesis_id:
                self.out[known.id] = (reason, amendment.at)
                return True
            case Restoration() if known is not None:
                return self.out.pop(known.id, None) is not None
            case _:
                return False

    def _add(self, amendment: Amendment, new: NewArgument) -> bool:
        target = self.arguments.get(new.target)
        relation = new.relation(amendment.claim_id)
        if target is None or not self._is_step(relation) or (side := side_of(new.kind, target.side)) is None:
            return False
        source = Source("This group", added=amendment.at.date())
        argument = _argument(amendment, new.words, side, new.certainty, sources=(source,))
        self.arguments[argument.id] = argument
        self.relations.append(relation)
        return True

    def _is_step(self, relation: Relation) -> bool:
        """Whether what a relation attacks is there: for an undercut, a step from its target."""
        if relation.kind is not RelationKind.UNDERCUTS:
            return relation.of is None
        kinds = (RelationKind.SUPPORTS, RelationKind.REBUTS)
        return any(r.source == relation.target and r.target == relation.of and r.kind in kinds for r in self.relations)

    def map(self) -> ArgumentMap:
        relations, reached = self._in_use()
        return ArgumentMap(
            id=self.id,
            title=self.title,
            question=self.question,
            thesis=self.arguments[self.thesis_id],
            arguments=tuple(a for a in self.arguments.values() if a.id in reached and a.id != self.thesis_id),
            relations=tuple(relations),
            retired=tuple(self._retired(reached)),
        )

    def _in_use(self) -> tuple[list[Relation], set[str]]:
        """The relations all of whose ends are in use, and the ids that lead to the thesis by them.

        An undercut whose step is gone leads nowhere, and with it others may go.
        """
        kept = [r for r in self.relations if not self.out.keys() & {r.source, r.target, r.of}]
        while True:
            reached = _reaching(self.thesis_id, kept)
            still = [r for r in kept if {r.source, r.target, r.of or r.target} <= reached]
            if len(still) == len(kept):
                return kept, reached
            kept = still

    def _retired(self, reached: set[str]) -> Iterator[Retired]:
        for argument in self.arguments.values():
            if argument.id in self.out:
                reason, at = self.out[argument.id]
                yield Retired(argument, reason, at)
            elif argument.id not in reached:
                gone = self._cause(argument.id, reached)
                reason, at = self.out[gone]
                yield Retired(argument, reason, at, along_with=gone)

    def _cause(self, claim_id: str, reached: set[str]) -> str:
        """The retired claim, nearest on the way to the thesis, for which a claim rests."""
        level, seen = [claim_id], {claim_id}
        while level:
            ends = [end for r in self.relations if r.source in level for end in (r.target, r.of) if end is not None]
            for end in ends:
                if end in self.out:
                    return end
            level = [end for end in ends if end not in seen | reached]  # what is in use is no cause, nor beyond it
            seen.update(level)
        raise ValueError(f"{claim_id} does not rest for any retired claim")


def side_of(kind: RelationKind, target: Side) -> Side | None:
    """The side of an argument that bears on a target; None where that can't be, since the target is neutral."""
    if target is Side.NEUTRAL or kind is RelationKind.BEARS_ON:
        return None
    return target if kind is RelationKind.SUPPORTS else target.opposite


def _argument(
    amendment: Amendment, words: Words, side: Side, certainty: Certainty, sources: tuple[Source, ...]
) -> Argument:
    return Argument(
        id=amendment.claim_id,
        claim=words.claim,
        contrary=words.contrary,
        text=words.text,
        side=side,
        certainty=certainty,
        sources=sources,
    )


def _reaching(thesis_id: str, relations: Sequence[Relation]) -> set[str]:
    """The ids that a chain of relations leads from to the thesis, itself among them."""
    sources: dict[str, list[str]] = {}
    for relation in relations:
        sources.setdefault(relation.target, []).append(relation.source)
    reached, level = {thesis_id}, [thesis_id]
    while level:
        level = [source for target in level for source in sources.get(target, ()) if source not in reached]
        reached.update(level)
    return reached

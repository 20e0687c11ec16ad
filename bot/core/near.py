"""What a proposal is near to: an argument of the map, or another proposal that is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.core.amendments import NewArgument
from bot.core.arguments import Argument, ArgumentMap, Relation, RelationKind, Side
from bot.core.ports import Retriever, Store
from bot.core.proposals import Proposal, ProposalState
from bot.core.reading import Leaning, Verdict


@dataclass(frozen=True)
class Nearby:
    """Asks the retriever, as a member's plain words would."""

    retriever: Retriever
    store: Store

    async def argument(self, found: ArgumentMap, edit: NewArgument) -> tuple[Argument, bool] | None:
        """The argument of the map that says what a new one says, and whether the new one denies it.

        What argues against a claim is about that claim, so that this is no reason to show it; and which way it leans on
        it is read too badly, least of all where a denial does without "not", to tell a rebuttal from a restatement.
        """
        reading = await self.retriever.read(edit.words.claim, found)
        if reading.verdict is not Verdict.SURE or reading.best is None:
            return None
        if reading.best.argument_id == edit.target and edit.kind is not RelationKind.SUPPORTS:
            return None
        return found[reading.best.argument_id], reading.best.leaning is Leaning.DENIES

    async def proposal(self, found: ArgumentMap, proposal: Proposal) -> Proposal | None:
        """An open proposal on the same claim that says what this one says."""
        others = [
            other
            for other in await self.store.proposals(proposal.workspace)
            if other.state is ProposalState.OPEN
            and other.topic == found.id
            and isinstance(other.edit, NewArgument)
            and isinstance(proposal.edit, NewArgument)
            and (other.edit.kind, other.edit.target) == (proposal.edit.kind, proposal.edit.target)
        ]
        if not others:
            return None
        reading = await self.retriever.read(proposal.edit.words.claim, _as_map(found, others))
        best = reading.best
        if reading.verdict is not Verdict.SURE or best is None or best.leaning is Leaning.DENIES:
            return None
        return next((other for other in others if best.argument_id == _place(found, other)), None)

    async def nearest(self, maps: Sequence[ArgumentMap], proposal: Proposal) -> Argument | None:
        """The argument nearest to a proposal, however near that is; for those who decide."""
        found = next((each for each in maps if each.id == proposal.topic), None)
        if found is None or not proposal.undecided:
            return None
        best = (await self.retriever.read(proposal.edit.words.claim, found)).best
        return found[best.argument_id] if best is not None else None


def _place(found: ArgumentMap, proposal: Proposal) -> str:
    return f"{found.thesis.id.rpartition('-')[0]}-{proposal.number:02d}"


def _as_map(found: ArgumentMap, proposals: Sequence[Proposal]) -> ArgumentMap:
    """Open proposals as a small map of their own, so that the retriever can be asked which of them a text is near."""
    thesis = replace(found.thesis, id=f"{found.thesis.id.rpartition('-')[0]}-00")
    arguments = tuple(
        Argument(_place(found, p), p.edit.words.claim, p.edit.words.contrary, p.edit.words.text, Side.PRO)
        for p in proposals
    )
    relations = tuple(Relation(RelationKind.SUPPORTS, argument.id, thesis.id) for argument in arguments)
    return ArgumentMap(f"{found.id}-proposals", found.title, found.question, thesis, arguments, relations)

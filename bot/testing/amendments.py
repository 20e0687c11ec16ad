"""Proposals and amendments of `MemoryStore`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from bot.core.amendments import Amendment, NewArgument, NewTopic
from bot.core.proposals import Proposal, ProposalState
from bot.storage.codec import dump_edit, load_edit, storable, utc


class MemoryAmendments:
    """The part of `core.ports.Store` that is about the group's own questions."""

    def __init__(self) -> None:
        self._proposals: dict[tuple[str, int], Proposal] = {}
        self._newest: Counter[str] = Counter()
        self._amendments: list[Amendment] = []

    async def propose(self, proposal: Proposal) -> Proposal:
        kept = _stored_proposal(proposal)
        of_workspace = await self.proposals(kept.workspace)
        for made in of_workspace:
            if made.event == kept.event:
                return made
        self._newest[kept.workspace] += 1
        numbered = replace(kept, number=self._newest[kept.workspace])
        self._proposals[numbered.workspace, numbered.number] = numbered
        return numbered

    async def proposal(self, workspace: str, number: int) -> Proposal | None:
        return self._proposals.get((storable(workspace), number))

    async def proposals(self, workspace: str, member: str | None = None) -> Sequence[Proposal]:
        found = [p for (whose, _), p in sorted(self._proposals.items()) if whose == storable(workspace)]
        return found if member is None else [p for p in found if p.member == storable(member)]

    async def settle(self, proposal: Proposal, was: ProposalState, amendment: Amendment | None = None) -> bool:
        new = _stored_proposal(proposal)
        known = self._proposals.get((new.workspace, new.number))
        if amendment is not None and not await self._follows(amendment):
            return False
        if known is None or known.state is not was:
            return False
        self._proposals[new.workspace, new.number] = replace(
            known,
            state=new.state,
            decided_at=new.decided_at,
            decided_by=new.decided_by,
            reason=new.reason,
            made=new.made,
        )
        return amendment is None or await self.amend(amendment)

    async def amend(self, amendment: Amendment) -> bool:
        if not await self._follows(amendment):
            return False
        self._amendments.append(
            replace(
                amendment,
                edit=load_edit(*dump_edit(amendment.edit)),
                workspace=storable(amendment.workspace),
                topic=storable(amendment.topic),
                claim_id=storable(amendment.claim_id),
                event=storable(amendment.event),
                author=None if amendment.author is None else storable(amendment.author),
                at=utc(amendment.at),
            )
        )
        return True

    async def amendments(self, workspace: str) -> Sequence[Amendment]:
        return [amendment for amendment in self._amendments if amendment.workspace == storable(workspace)]

    async def revision(self, workspace: str) -> int:
        return max((amendment.number for amendment in await self.amendments(workspace)), default=0)

    async def _follows(self, amendment: Amendment) -> bool:
        return amendment.number == await self.revision(amendment.workspace) + 1

    def _forget_proposals(self, workspace: str, member: str) -> list[Proposal]:
        """Delete what a member proposed, and take their name off what came of it; the deleted ones."""
        gone = [p for p in self._proposals.values() if (p.workspace, p.member) == (workspace, member)]
        for proposal in gone:
            del self._proposals[proposal.workspace, proposal.number]
        self._amendments = [
            replace(a, author=None) if (a.workspace, a.author) == (workspace, member) else a for a in self._amendments
        ]
        return gone


def _stored_proposal(proposal: Proposal) -> Proposal:
    edit = load_edit(*dump_edit(proposal.edit))
    if not isinstance(edit, NewTopic | NewArgument):
        raise TypeError("a proposal is of a topic or an argument")

    def maybe(text: str | None) -> str | None:
        return None if text is None else storable(text)

    return replace(
        proposal,
        edit=edit,
        workspace=storable(proposal.workspace),
        member=storable(proposal.member),
        topic=storable(proposal.topic),
        event=storable(proposal.event),
        at=utc(proposal.at),
        decided_at=None if proposal.decided_at is None else utc(proposal.decided_at),
        decided_by=maybe(proposal.decided_by),
        reason=maybe(proposal.reason),
        made=maybe(proposal.made),
    )

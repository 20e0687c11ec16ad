"""The group's own questions: members propose topics and arguments, which `deciding` has organisers decide on."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.core import proposal_replies as replies
from bot.core.amendments import NewArgument, NewTopic, side_of
from bot.core.arguments import ArgumentMap, RelationKind
from bot.core.commands import Drop, Proposals, Propose, ProposeArgument, ProposeTopic, Submit
from bot.core.inbox import reply_id
from bot.core.language import plural, say
from bot.core.messages import Message
from bot.core.near import Nearby
from bot.core.ports import Clock, Store
from bot.core.proposals import MOST_OPEN, Proposal, ProposalState, initials, read_argument, read_topic, slug
from bot.core.reading import Leaning, Verdict
from bot.core.requests import Request
from bot.core.resolving import Resolver
from bot.errors import BadInput


@dataclass(frozen=True)
class Proposing:
    """What members do with proposals. Every answer is private."""

    resolver: Resolver
    nearby: Nearby
    store: Store
    clock: Clock

    async def answer(self, request: Request, command: Propose) -> Message:
        """Do what a command asks for; see the methods.

        Raises:
            BadInput: it can't be done.
        """
        match command:
            case ProposeArgument():
                return await self.argue(request, command)
            case ProposeTopic():
                return await self.topic(request, command)
            case Submit():
                return await self.submit(request, command)
            case Drop():
                return await self.drop(request, command)
            case Proposals():
                return await self.listed(request, command)

    async def argue(self, request: Request, command: ProposeArgument) -> Message:
        """Propose an argument; one that is near what the map has is shown that first.

        Raises:
            BadInput: it can't be read, or nothing can bear on that claim in that way.
        """
        found, target = await self.resolver.claim(request.venue, command.claim)
        end = await self._step_end(request, found, target, command)
        words, certainty = read_argument(command.text)
        edit = NewArgument(words, command.kind, target, end, certainty)
        if side_of(edit.kind, found[target].side) is None:
            raise BadInput(
                say(
                    "{claim} is on neither side, so that nothing is for or against it; argue another claim.",
                    claim=target,
                )
            )
        proposal = await self._keep(request, found.id, edit)
        if proposal.state is not ProposalState.DRAFT:
            return await self._proposed(request, proposal)
        near = await self.nearby.argument(found, edit)
        if near is not None:
            return replies.near_argument(proposal, near[0], denied=near[1])
        if (same := await self.nearby.proposal(found, proposal)) is not None:
            return replies.near_proposal(proposal, same)
        return await self.submit(request, Submit(proposal.number))

    async def topic(self, request: Request, command: ProposeTopic) -> Message:
        """Propose a topic; one that an existing topic already debates is shown that first.

        Raises:
            BadInput: it can't be read.
        """
        title, question, words = read_topic(command.text)
        edit = NewTopic(title, question, initials(title), words)
        proposal = await self._keep(request, slug(title), edit)
        if proposal.state is not ProposalState.DRAFT:
            return await self._proposed(request, proposal)
        for found in await self.resolver.maps(request.workspace):
            reading = await self.nearby.retriever.read(words.claim, found)
            if reading.verdict is Verdict.SURE and reading.best is not None:
                denied = reading.best.leaning is Leaning.DENIES
                return replies.near_argument(proposal, found[reading.best.argument_id], denied=denied)
        return await self.submit(request, Submit(proposal.number))

    async def submit(self, request: Request, command: Submit) -> Message:
        """Put a draft before the organisers.

        Raises:
            BadInput: there is no such draft of the member's own.
        """
        proposal = await self._own(request, command.number)
        if proposal.state is ProposalState.DRAFT:
            opened = replace(proposal, state=ProposalState.OPEN)
            settled = await self.store.settle(opened, ProposalState.DRAFT)
            proposal = opened if settled else await self._own(request, command.number)
        if proposal.state is not ProposalState.OPEN:
            raise BadInput(replies.outcome(proposal))
        return await self._proposed(request, proposal)

    async def drop(self, request: Request, command: Drop) -> Message:
        """Take back a proposal of the member's own that nobody has decided on.

        Raises:
            BadInput: there is none.
        """
        proposal = await self._own(request, command.number)
        if proposal.undecided:
            withdrawn = proposal.decided(ProposalState.WITHDRAWN, self.clock.now(), reply_id(request))
            if await self.store.settle(withdrawn, proposal.state):
                return replies.withdrawn(proposal)
            proposal = await self._own(request, command.number)
        if proposal.state is ProposalState.WITHDRAWN:
            return replies.withdrawn(proposal)
        raise BadInput(replies.outcome(proposal))

    async def listed(self, request: Request, command: Proposals) -> Message:
        """The open proposals and the member's own, or one of them.

        Raises:
            BadInput: there is no such proposal, or it is somebody else's and no longer open.
        """
        maps = await self.resolver.maps(request.workspace)
        if command.number is None:
            every = await self.store.proposals(request.workspace)
            opened = [proposal for proposal in every if proposal.state is ProposalState.OPEN]
            own = [proposal for proposal in every if proposal.member == request.member]
            return replies.listed(opened, own, maps, organiser=request.organiser)
        proposal = await self._known(request, command.number)
        if proposal.member != request.member and proposal.state is not ProposalState.OPEN:
            raise replies.no_open_proposal(command.number)
        return replies.whole(proposal, maps, await self.nearby.nearest(maps, proposal), organiser=request.organiser)

    async def _keep(self, request: Request, topic: str, edit: NewTopic | NewArgument) -> Proposal:
        """Keep what a member wrote, as a draft; what the same request kept before is found again.

        Raises:
            BadInput: too many of the member's proposals wait.
        """
        waiting = await self.store.proposals(request.workspace, member=request.member)
        if sum(p.undecided and p.event != reply_id(request) for p in waiting) >= MOST_OPEN:
            raise BadInput(
                plural(
                    "{number} proposal of yours is waiting; withdraw it with `/crux withdraw NUMBER`, or wait until it "
                    "is decided.",
                    "{number} proposals of yours are waiting; withdraw one with `/crux withdraw NUMBER`, or wait until "
                    "some are decided.",
                    MOST_OPEN,
                )
            )
        return await self.store.propose(
            Proposal(
                workspace=request.workspace,
                number=0,
                member=request.member,
                topic=topic,
                edit=edit,
                state=ProposalState.DRAFT,
                at=self.clock.now(),
                event=reply_id(request),
            )
        )

    async def _proposed(self, request: Request, proposal: Proposal) -> Message:
        return replies.proposed(proposal, await self.resolver.maps(request.workspace))

    async def _known(self, request: Request, number: int) -> Proposal:
        proposal = await self.store.proposal(request.workspace, number)
        if proposal is None:
            raise replies.no_open_proposal(number)
        return proposal

    async def _own(self, request: Request, number: int) -> Proposal:
        proposal = await self._known(request, number)
        if proposal.member != request.member:
            raise BadInput(say("Proposal {number} is not yours; `/crux proposals` lists yours.", number=number))
        return proposal

    async def _step_end(
        self, request: Request, found: ArgumentMap, target: str, command: ProposeArgument
    ) -> str | None:
        """The end of the step that an undercut attacks: the one named, or the only one that there is."""
        if command.kind is not RelationKind.UNDERCUTS:
            return None
        ends = [r.target for r in found.relations_from(target, RelationKind.SUPPORTS, RelationKind.REBUTS)]
        if command.end is not None:
            other, end = await self.resolver.claim(request.venue, command.end)
            if other is not found or end not in ends:
                raise BadInput(
                    say(
                        "{claim} is no reason for or against {end}; `/crux map {claim}` shows what it is for.",
                        claim=target,
                        end=end,
                    )
                )
            return end
        if not ends:
            raise BadInput(
                say(
                    "{claim} is no reason for or against anything, so that there is no step to undercut; argue for "
                    "or against a claim.",
                    claim=target,
                )
            )
        if len(ends) > 1:
            raise BadInput(
                say(
                    "{claim} bears on {ends}: name one, as in `/crux argue {claim} undercut {end} …`.",
                    claim=target,
                    ends=", ".join(ends),
                    end=ends[0],
                )
            )
        return ends[0]

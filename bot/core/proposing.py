"""The group's own questions: members propose topics and arguments, organisers decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.core import proposal_replies as replies
from bot.core.amendments import Amendment, NewArgument, NewTopic, next_id, side_of
from bot.core.arguments import Argument, ArgumentMap, Relation, RelationKind, Side
from bot.core.commands import Approve, Decline, Drop, Proposals, Propose, ProposeArgument, ProposeTopic, Submit
from bot.core.inbox import reply_id
from bot.core.messages import Message
from bot.core.ports import Clock, Retriever, Store
from bot.core.proposals import MOST_OPEN, UNDECIDED, Proposal, ProposalState, initials, read_argument, read_topic, slug
from bot.core.reading import Leaning, Verdict
from bot.core.requests import Request
from bot.core.resolving import Resolver
from bot.errors import BadInput, NotAnOrganiser

TRIES: Final = 5
"""How often a decision is tried again when somebody else amended a map at the same moment."""


@dataclass(frozen=True)
class Proposing:
    """What members and organisers do with proposals. What is added is told to the channel; all else is private."""

    resolver: Resolver
    retriever: Retriever
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
            case Approve():
                return await self.approve(request, command)
            case Decline():
                return await self.decline(request, command)

    # -- members ------------------------------------------------------------------------------------------------------

    async def argue(self, request: Request, command: ProposeArgument) -> Message:
        """Propose an argument; one that is near what the map has is shown that first.

        Raises:
            BadInput: it can't be read, or nothing can bear on that claim in that way.
        """
        found, target = await self.resolver.claim(request.workspace, request.channel, command.claim)
        end = await self._step_end(request, found, target, command)
        words, certainty = read_argument(command.text)
        edit = NewArgument(words, command.kind, target, end, certainty)
        if side_of(edit.kind, found[target].side) is None:
            raise BadInput(f"{target} is on neither side, so that nothing is for or against it; argue another claim.")
        proposal = await self._keep(request, found.id, edit)
        if proposal.state is not ProposalState.DRAFT:
            return await self._proposed(request, proposal)
        near = await self._near(found, edit)
        if near is not None:
            return replies.near_argument(proposal, near[0], denied=near[1])
        if (same := await self._near_proposal(request, found, proposal)) is not None:
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
            reading = await self.retriever.read(words.claim, found)
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
            opened = await self._settle(request, proposal, ProposalState.OPEN)
            proposal = opened or await self._own(request, command.number)
        if proposal.state is not ProposalState.OPEN:
            raise BadInput(f"Proposal {proposal.number} {replies.outcome(proposal)}")
        return await self._proposed(request, proposal)

    async def drop(self, request: Request, command: Drop) -> Message:
        """Take back a proposal of the member's own that nobody has decided on.

        Raises:
            BadInput: there is none.
        """
        proposal = await self._own(request, command.number)
        if proposal.undecided:
            before = proposal
            settled = await self._settle(request, proposal, ProposalState.WITHDRAWN)
            if settled is not None:
                return replies.withdrawn(before)
            proposal = await self._own(request, command.number)
        if proposal.state is ProposalState.WITHDRAWN:
            return replies.withdrawn(proposal)
        raise BadInput(f"Proposal {proposal.number} {replies.outcome(proposal)}")

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
            raise _unknown(command.number)
        return replies.whole(proposal, maps, await self._nearest(maps, proposal), organiser=request.organiser)

    # -- organisers ---------------------------------------------------------------------------------------------------

    async def approve(self, request: Request, command: Approve) -> Message:
        """Put a proposal into the workspace's maps, in other words if the organiser gave any.

        Raises:
            BadInput: there is no such proposal, it is decided, or what it bears on is gone.
            NotAnOrganiser: somebody else asks.
        """
        proposal = await self._open(request, command.number, "approve")
        if proposal.state is ProposalState.APPROVED:  # a worker that died did it
            return await self._added(request, proposal)
        edit = _edited(proposal.edit, command.text)
        for _ in range(TRIES):
            revision = await self.store.revision(request.workspace)
            amendment = await self._amendment(request, replace(proposal, edit=edit), revision + 1)
            done = await self._settle(request, proposal, ProposalState.APPROVED, amendment=amendment)
            if done is None:  # decided meanwhile, or another amendment came between
                done = await self._open(request, command.number, "approve")
            if done.state is ProposalState.APPROVED:
                return await self._added(request, done)
        raise BadInput("Others are changing the map right now; approve it again in a moment.")

    async def decline(self, request: Request, command: Decline) -> Message:
        """Decline a proposal, with a reason for its author.

        Raises:
            BadInput: there is no such proposal, or it is decided.
            NotAnOrganiser: somebody else asks.
        """
        proposal = await self._open(request, command.number, "decline")
        if proposal.state is ProposalState.DECLINED:
            return replies.declined(proposal)
        if not command.reason:
            return replies.how_to_decline(proposal)
        done = await self._settle(request, proposal, ProposalState.DECLINED, reason=command.reason)
        return replies.declined(done or await self._open(request, command.number, "decline"))

    async def _open(self, request: Request, number: int, verb: str) -> Proposal:
        """A proposal that can be decided on, or that this very request has decided.

        Raises:
            BadInput: there is none.
            NotAnOrganiser: the member isn't one.
        """
        if not request.organiser:
            raise NotAnOrganiser(f"Only organisers {verb} proposals; ask one of them to look at number {number}.")
        proposal = await self._known(request, number)
        if proposal.state is ProposalState.OPEN or proposal.decided_by == reply_id(request):
            return proposal
        if proposal.state is ProposalState.DRAFT:
            raise _unknown(number)
        raise BadInput(f"Proposal {number} {replies.outcome(proposal)}")

    async def _amendment(self, request: Request, proposal: Proposal, number: int) -> Amendment:
        """What approving makes of a proposal, as the maps are now.

        Raises:
            BadInput: what it bears on is retired or gone, or there is a topic of that name.
        """
        maps = await self.resolver.maps(request.workspace)
        edit = proposal.edit
        topic = proposal.topic
        if isinstance(edit, NewTopic):
            edit = replace(edit, prefix=_free_prefix(edit.prefix, maps))
            topic = _free_topic(slug(edit.title), maps)  # its organiser may have given it another title
            claim_id = f"{edit.prefix}-00"
        else:
            found = await self.resolver.topic(request.workspace, topic)
            for end in (edit.target, edit.of):
                if end is not None:
                    found[end]  # one that is retired or gone is refused here
            claim_id = next_id(found, await self.store.amendments(request.workspace))
        return Amendment(
            workspace=request.workspace,
            number=number,
            topic=topic,
            claim_id=claim_id,
            edit=edit,
            at=self.clock.now(),
            event=reply_id(request),
            author=proposal.member,
        )

    async def _added(self, request: Request, proposal: Proposal) -> Message:
        """What a proposal became: whatever has happened to it since."""
        maps = await self.resolver.maps(request.workspace)
        for found in maps:
            if proposal.made is not None and proposal.made in found:
                if isinstance(proposal.edit, NewTopic):
                    return replies.topic_added(found)
                return replies.argument_added(found, found[proposal.made], proposal.edit.kind, proposal.edit.target)
        raise BadInput(f"Proposal {proposal.number} {replies.outcome(proposal)}")

    # -- what both need -----------------------------------------------------------------------------------------------

    async def _keep(self, request: Request, topic: str, edit: NewTopic | NewArgument) -> Proposal:
        """Keep what a member wrote, as a draft; what the same request kept before is found again.

        Raises:
            BadInput: too many of the member's proposals wait.
        """
        waiting = await self.store.proposals(request.workspace, member=request.member)
        if sum(p.undecided and p.event != reply_id(request) for p in waiting) >= MOST_OPEN:
            raise BadInput(
                f"{MOST_OPEN} proposals of yours are waiting; withdraw one with `/crux withdraw NUMBER`, or wait "
                "until some are decided."
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

    async def _settle(
        self,
        request: Request,
        proposal: Proposal,
        to: ProposalState,
        *,
        reason: str | None = None,
        amendment: Amendment | None = None,
    ) -> Proposal | None:
        settled = replace(
            proposal,
            state=to,
            reason=reason,
            decided_at=None if to in UNDECIDED else self.clock.now(),
            decided_by=None if to in UNDECIDED else reply_id(request),
            made=amendment.claim_id if amendment is not None else None,
        )
        return settled if await self.store.settle(settled, proposal.state, amendment) else None

    async def _known(self, request: Request, number: int) -> Proposal:
        proposal = await self.store.proposal(request.workspace, number)
        if proposal is None:
            raise _unknown(number)
        return proposal

    async def _own(self, request: Request, number: int) -> Proposal:
        proposal = await self._known(request, number)
        if proposal.member != request.member:
            raise BadInput(f"Proposal {number} is not yours; `/crux proposals` lists yours.")
        return proposal

    async def _step_end(
        self, request: Request, found: ArgumentMap, target: str, command: ProposeArgument
    ) -> str | None:
        """The end of the step that an undercut attacks: the one named, or the only one that there is."""
        if command.kind is not RelationKind.UNDERCUTS:
            return None
        ends = [r.target for r in found.relations_from(target, RelationKind.SUPPORTS, RelationKind.REBUTS)]
        if command.end is not None:
            other, end = await self.resolver.claim(request.workspace, request.channel, command.end)
            if other is not found or end not in ends:
                raise BadInput(
                    f"{target} is no reason for or against {end}; `/crux map {target}` shows what it is for."
                )
            return end
        if not ends:
            raise BadInput(
                f"{target} is no reason for or against anything, so that there is no step to undercut; argue for or "
                "against a claim."
            )
        if len(ends) > 1:
            raise BadInput(
                f"{target} bears on {', '.join(ends)}: name one, as in `/crux argue {target} undercut {ends[0]} …`."
            )
        return ends[0]

    # -- what is near -------------------------------------------------------------------------------------------------

    async def _near(self, found: ArgumentMap, edit: NewArgument) -> tuple[Argument, bool] | None:
        """The argument of the map that says what a new one says, and whether the new one denies it.

        To deny the claim that one argues against is what a rebuttal does, and no reason to show it.
        """
        reading = await self.retriever.read(edit.words.claim, found)
        if reading.verdict is not Verdict.SURE or reading.best is None:
            return None
        denied = reading.best.leaning is Leaning.DENIES
        if denied and reading.best.argument_id == edit.target and edit.kind is not RelationKind.SUPPORTS:
            return None
        return found[reading.best.argument_id], denied

    async def _near_proposal(self, request: Request, found: ArgumentMap, proposal: Proposal) -> Proposal | None:
        """An open proposal on the same claim that says what this one says."""
        others = [
            other
            for other in await self.store.proposals(request.workspace)
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

    async def _nearest(self, maps: Sequence[ArgumentMap], proposal: Proposal) -> Argument | None:
        """The argument nearest to a proposal, however near that is; for those who decide."""
        found = next((each for each in maps if each.id == proposal.topic), None)
        if found is None or not proposal.undecided:
            return None
        best = (await self.retriever.read(proposal.edit.words.claim, found)).best
        return found[best.argument_id] if best is not None else None


def _unknown(number: int) -> BadInput:
    return BadInput(f"There is no open proposal {number}; `/crux proposals` lists them.")


def _edited(edit: NewTopic | NewArgument, text: str) -> NewTopic | NewArgument:
    """A proposal in an organiser's words, if there are any: they take the place of all of its author's.

    Raises:
        BadInput: the words can't be read.
    """
    if not text:
        return edit
    if isinstance(edit, NewTopic):
        title, question, words = read_topic(text)
        return replace(edit, title=title, question=question, words=words)
    words, certainty = read_argument(text)
    return replace(edit, words=words, certainty=certainty)


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


def _free_prefix(prefix: str, maps: Sequence[ArgumentMap]) -> str:
    taken = {found.thesis.id.rpartition("-")[0] for found in maps}
    number = 2
    free = prefix
    while free in taken:
        free = f"{prefix}{number}"
        number += 1
    return free


def _free_topic(topic: str, maps: Sequence[ArgumentMap]) -> str:
    """Raises BadInput where a topic has that id."""
    if any(found.id == topic for found in maps):
        raise BadInput(f"There is a topic {topic} already; approve this one under another title: `… Title: …`.")
    return topic

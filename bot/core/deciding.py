"""What organisers decide on proposals. What is added is told to the channel; all else is private."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from bot.core import proposal_replies as replies
from bot.core.amendments import Amendment, NewArgument, NewTopic, next_id
from bot.core.arguments import ArgumentMap
from bot.core.commands import Approve, Decide, Decline
from bot.core.inbox import reply_id
from bot.core.language import mark, say
from bot.core.messages import Message
from bot.core.ports import Clock, Store
from bot.core.proposals import Proposal, ProposalState, read_argument, read_topic, slug
from bot.core.requests import Request
from bot.core.resolving import Resolver
from bot.errors import BadInput, NotAnOrganiser

TRIES: Final = 5
"""How often a decision is tried again when somebody else amended a map at the same moment."""


@dataclass(frozen=True)
class Deciding:
    """Approves and declines."""

    resolver: Resolver
    store: Store
    clock: Clock

    async def answer(self, request: Request, command: Decide) -> Message:
        """Do what a command asks for; see the methods.

        Raises:
            BadInput: it can't be done.
        """
        match command:
            case Approve():
                return await self.approve(request, command)
            case Decline():
                return await self.decline(request, command)

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
        raise BadInput(say("Others are changing the map right now; approve it again in a moment."))

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

    async def _open(self, request: Request, number: int, verb: Literal["approve", "decline"]) -> Proposal:
        """A proposal that can be decided on, or that this very request has decided.

        Raises:
            BadInput: there is none.
            NotAnOrganiser: the member isn't one.
        """
        if not request.organiser:
            only = (
                mark("Only organisers approve proposals; ask one of them to look at number {number}.")
                if verb == "approve"
                else mark("Only organisers decline proposals; ask one of them to look at number {number}.")
            )
            raise NotAnOrganiser(say(only, number=number))
        proposal = await self._known(request, number)
        if proposal.state is ProposalState.OPEN or proposal.decided_by == reply_id(request):
            return proposal
        if proposal.state is ProposalState.DRAFT:
            raise replies.no_open_proposal(number)
        raise BadInput(replies.outcome(proposal))

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
        raise BadInput(replies.outcome(proposal))

    async def _known(self, request: Request, number: int) -> Proposal:
        proposal = await self.store.proposal(request.workspace, number)
        if proposal is None:
            raise replies.no_open_proposal(number)
        return proposal

    async def _settle(
        self,
        request: Request,
        proposal: Proposal,
        to: ProposalState,
        *,
        reason: str | None = None,
        amendment: Amendment | None = None,
    ) -> Proposal | None:
        decided = proposal.decided(
            to, self.clock.now(), reply_id(request), reason=reason, made=amendment.claim_id if amendment else None
        )
        return decided if await self.store.settle(decided, proposal.state, amendment) else None


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
        raise BadInput(
            say("There is a topic {topic} already; approve this one under another title: `… Title: …`.", topic=topic)
        )
    return topic

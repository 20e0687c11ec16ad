"""What is put to the group next: the queue, then the agenda."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core import prompt_replies as replies
from bot.core.agenda import agenda
from bot.core.arguments import ArgumentMap
from bot.core.commands import Enqueue, Line, PassOver, Queue
from bot.core.disclosure import shared
from bot.core.language import plural, say, spoken
from bot.core.messages import Message
from bot.core.overview import of_present_words
from bot.core.ports import Clock, Store
from bot.core.prompt_replies import Coming
from bot.core.prompts import MOST_QUEUED, Queued, Rules
from bot.core.requests import Request
from bot.core.resolving import Resolver
from bot.errors import BadInput, NotAnOrganiser


@dataclass(frozen=True)
class Queueing:
    """What members and organisers do with the queue. Every answer is private; who queued a claim is shown to nobody."""

    resolver: Resolver
    store: Store
    clock: Clock
    rules: Rules

    async def answer(self, request: Request, command: Line) -> Message:
        """Do what a command asks for; see the methods.

        Raises:
            BadInput: it can't be done.
            NotAnOrganiser: somebody else asks.
        """
        match command:
            case Queue():
                return await self.listed(request)
            case Enqueue():
                return await self.enqueue(request, command)
            case PassOver():
                return await self.pass_over(request, command)

    async def coming(self, workspace: str, argument_map: ArgumentMap, member: str | None = None) -> list[Coming]:
        """All claims of a topic that may be asked, in order: those that wait in the queue, then the agenda's."""
        now = self.clock.now()
        figures = shared(of_present_words(argument_map, await self.store.published(workspace, argument_map.id)))
        asked = await self.last_asked(workspace, argument_map)
        passed = await self.store.passed_over(workspace, argument_map.id)
        queue = {queued.claim_id: queued for queued in await self.store.queue(workspace, argument_map.id)}
        being_asked = [p.claim_id for p in await self.store.open_prompts(workspace) if p.topic == argument_map.id]
        weighed = agenda(argument_map, figures, asked, now, self.rules.again_after, leave_out=being_asked)
        by_id = {each.claim_id: each for each in weighed}
        first = [
            Coming(by_id[claim_id], queued=True, own=queued.member == member)
            for claim_id, queued in queue.items()
            if claim_id in by_id
        ]
        held_back = {claim_id for claim_id, at in passed.items() if now - at < self.rules.again_after}
        rest = [Coming(each) for each in weighed if each.claim_id not in queue and each.claim_id not in held_back]
        return first + rest

    async def upcoming(self, workspace: str, argument_map: ArgumentMap) -> str | None:
        """The claim of a topic that will be put to the group next; a `bot.core.ports.Agenda`."""
        coming = await self.coming(workspace, argument_map)
        return coming[0].claim_id if coming else None

    async def last_asked(self, workspace: str, argument_map: ArgumentMap) -> dict[str, datetime]:
        """When each claim was last asked in its present words, in whichever channel."""
        asked = await self.store.last_asked(workspace, argument_map.id)
        return {
            argument.id: asked[argument.id, argument.version]
            for argument in argument_map
            if (argument.id, argument.version) in asked
        }

    async def may_be_asked(self, workspace: str, argument_map: ArgumentMap, claim_id: str) -> None:
        """Refuse a claim that is being asked, or was lately.

        Raises:
            BadInput: it is; the message says until when.
        """
        for prompt in await self.store.open_prompts(workspace):
            if (prompt.topic, prompt.claim_id) == (argument_map.id, claim_id):
                until = replies.moment(prompt.closes_at)
                raise BadInput(
                    say("{claim} is being asked, until {moment}; name another claim.", claim=claim_id, moment=until)
                )
        asked_at = (await self.last_asked(workspace, argument_map)).get(claim_id)
        if asked_at is not None and self.clock.now() - asked_at < self.rules.again_after:
            again = spoken().day(asked_at + self.rules.again_after)
            raise BadInput(
                say(
                    "{claim} was asked on {day}, and can be again on {again}; name another claim.",
                    claim=claim_id,
                    day=spoken().day(asked_at),
                    again=again,
                )
            )

    async def listed(self, request: Request) -> Message:
        """What comes next on the channel's topic."""
        current = await self.resolver.current(request.venue)
        coming = await self.coming(request.workspace, current, request.member)
        return replies.queue(current, coming, organiser=request.organiser)

    async def enqueue(self, request: Request, command: Enqueue) -> Message:
        """Have a claim asked soon; before all others, if an organiser wants that.

        Raises:
            BadInput: it is in the queue, being asked or was lately, an organiser passed it over, or three claims of the
                member's wait.
            NotAnOrganiser: somebody else wants it first.
        """
        if command.first and not request.organiser:
            raise NotAnOrganiser(say("Only organisers put a claim first; `/crux queue add CLAIM` puts it at the end."))
        found, claim_id = await self.resolver.claim(request.venue, command.claim)
        queue = await self.store.queue(request.workspace)
        there = next((q for q in queue if (q.topic, q.claim_id) == (found.id, claim_id)), None)
        if there is not None and not command.first and there.member != request.member:
            raise BadInput(say("{claim} is in the queue already; `/crux queue` shows it.", claim=claim_id))
        if there is None:
            await self.may_be_asked(request.workspace, found, claim_id)
            if not command.first:
                await self._may_add(request, found, claim_id, queue)
        if there is None or command.first:
            queued = Queued(request.workspace, found.id, claim_id, request.member, self.clock.now())
            await self.store.queue_claim(queued, first=command.first)
        waiting = [each.claim_id for each in await self.coming(request.workspace, found) if each.queued]
        return replies.queued(found[claim_id], waiting.index(claim_id) + 1 if claim_id in waiting else 1)

    async def _may_add(self, request: Request, found: ArgumentMap, claim_id: str, queue: Sequence[Queued]) -> None:
        maps = {each.id: each for each in await self.resolver.maps(request.workspace)}
        own = [q.claim_id for q in queue if q.member == request.member and q.claim_id in maps.get(q.topic, ())]
        if len(own) >= MOST_QUEUED:
            raise BadInput(
                plural(
                    "{number} claim of yours waits ({claims}); `/crux queue skip {last}` takes it back.",
                    "{number} claims of yours wait ({claims}); `/crux queue skip {last}` takes one back.",
                    len(own),
                    claims=", ".join(own),
                    last=own[-1],
                )
            )
        passed = (await self.store.passed_over(request.workspace, found.id)).get(claim_id)
        if passed is not None and self.clock.now() - passed < self.rules.again_after and not request.organiser:
            raise BadInput(
                say(
                    "Organisers passed {claim} over on {day}; ask one of them to put it first.",
                    claim=claim_id,
                    day=spoken().day(passed),
                )
            )

    async def pass_over(self, request: Request, command: PassOver) -> Message:
        """Take a claim out of the queue: one's own, or any as an organiser, who also keeps it from coming by itself.

        Raises:
            BadInput: there is no such claim.
            NotAnOrganiser: somebody else wants to pass over what is not theirs.
        """
        found, claim_id = await self.resolver.claim(request.venue, command.claim)
        if request.organiser:
            now = self.clock.now()
            await self.store.pass_over(request.workspace, found.id, claim_id, now)
            return replies.passed_over(claim_id, now + self.rules.again_after)
        queue = await self.store.queue(request.workspace, found.id)
        own = [queued.claim_id for queued in queue if queued.member == request.member]
        if claim_id not in own and not request.tries:  # else a worker that died may have done it
            raise NotAnOrganiser(
                say("Only organisers pass claims over; `/crux queue skip` takes back what you queued.")
            )
        await self.store.dequeue(request.workspace, found.id, claim_id, request.member)
        return replies.unqueued(claim_id)

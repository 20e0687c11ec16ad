"""Taking positions, and crediting the arguments that changed them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from bot.core import position_replies as replies
from bot.core.arguments import ArgumentMap
from bot.core.commands import Changed, Stand, Withdraw
from bot.core.commands import Credit as GiveCredit
from bot.core.disclosure import Live, live
from bot.core.language import say
from bot.core.messages import Message
from bot.core.ports import Clock, Store
from bot.core.positions import Credit, Position, changes, creditable
from bot.core.requests import Request
from bot.core.resolving import Resolver
from bot.errors import BadInput, RetiredClaim

MEMBER_FOR: Final = timedelta(days=60)
"""How long somebody counts as a member of the group after they were last seen."""

MIN_REASON: Final = 20
"""Characters of a credit's reason: enough to say something, after DeltaBot, which refuses a bare award."""


@dataclass(frozen=True)
class Positioning:
    """What members do with positions of their own. Every answer is private."""

    resolver: Resolver
    store: Store
    clock: Clock

    async def stand(self, request: Request, command: Stand) -> Message:
        """Record a position, or tell the member's own.

        Raises:
            BadInput: there is no such claim or topic.
        """
        if command.topic is not None:
            found = await self.resolver.topic(request.workspace, command.topic)
            claim_id = found[command.claim].id
        else:
            found, claim_id = await self.resolver.claim(request.venue, command.claim)
        before = await self.store.current_position(request.workspace, found.id, claim_id, request.member)
        if command.stance is None:
            message = replies.where_i_stand(found, claim_id, before, await self._live(request, found, claim_id))
            return message.on(found.id, claim_id)
        position = Position(
            workspace=request.workspace,
            topic=found.id,
            claim_id=claim_id,
            claim_version=found[claim_id].version,
            member=request.member,
            stance=command.stance,
            at=self.clock.now(),
            reason=command.reason,
            crux=command.crux,
            public=command.public,
        )
        await self._record(position)
        message = replies.position_recorded(found, before, position, await self._live(request, found, claim_id))
        return message.on(found.id, claim_id)

    async def mark(self, request: Request, found: ArgumentMap, held: Position) -> Message:
        """Mark a position that the member holds, on its claim's present words, as a crux for them."""
        marked = replace(held, crux=True, at=self.clock.now())
        await self._record(marked)
        message = replies.position_recorded(found, held, marked, await self._live(request, found, held.claim_id))
        return message.on(found.id, held.claim_id)

    async def withdraw(self, request: Request, command: Withdraw) -> Message:
        """Take a position back, also on a retired claim; the history keeps that there was one.

        Raises:
            BadInput: there is no such claim, or the member holds nothing on it.
        """
        try:
            found, claim_id = await self.resolver.claim(request.venue, command.claim)
            argument = found[claim_id]
        except RetiredClaim:
            found, gone = await self.resolver.retired(request.venue, command.claim)
            argument = gone.argument
        before = await self.store.current_position(request.workspace, found.id, argument.id, request.member)
        if before is None or before.withdrawn:
            raise BadInput(say("You hold no position on {claim}, so there is nothing to withdraw.", claim=argument.id))
        await self._record(replace(before, stance=None, at=self.clock.now(), reason=None, crux=False, public=False))
        return replies.position_withdrawn(argument).on(found.id, argument.id)

    async def _record(self, position: Position) -> None:
        await self.store.add_position(position)
        await self.store.publish(
            position.workspace,
            position.topic,
            position.claim_id,
            position.claim_version,
            position.at,
            position.at - MEMBER_FOR,
        )

    async def _live(self, request: Request, argument_map: ArgumentMap, claim_id: str) -> Live | None:
        held = await self.store.current_positions(request.workspace, argument_map.id, claim_id)
        positions = [position for position in held if position.claim_version == argument_map[claim_id].version]
        members = await self.store.member_count(request.workspace, self.clock.now() - MEMBER_FOR)
        return live(positions, request.member, members)

    # -- credit -------------------------------------------------------------------------------------------------------

    async def how_to_credit(self, request: Request, command: Changed) -> Message:
        """Tell how to credit an argument of a reply.

        Raises:
            BadInput: the reply is gone.
        """
        reply = await self.store.reply(request.workspace, command.reply_id)
        if reply is None or reply.topic is None or reply.claim_id is None:
            raise BadInput(
                say("That reply is no longer here; `/crux credit` names the argument that changed your mind.")
            )
        found = await self.resolver.topic(request.workspace, reply.topic)
        return replies.how_to_credit(found, found[reply.claim_id].id, reply.cited)

    async def credit(self, request: Request, command: GiveCredit) -> Message:
        """Credit an argument with a change of the member's mind.

        Raises:
            BadInput: there is no such argument or claim, or a rule is broken: a stance that changed on that claim, one
                credit a change, a reason, and not to one's own argument.
        """
        found, argument_id = await self.resolver.claim(request.venue, command.argument)
        if await self._wrote(request, found, argument_id):
            raise BadInput(
                say("{argument} is your own argument; credit goes to what somebody else brought.", argument=argument_id)
            )
        claim_id = await self._changed_claim(request, found, command.claim)
        if len(command.reason) < MIN_REASON:
            raise BadInput(
                say(
                    "Say in {least} characters or more how {argument} changed your mind on {claim}.",
                    least=MIN_REASON,
                    argument=argument_id,
                    claim=claim_id,
                )
            )
        history = await self.store.position_history(request.workspace, request.member)
        given = await self.store.credits_given(request.workspace, request.member)
        credit = Credit(
            workspace=request.workspace,
            topic=found.id,
            claim_id=claim_id,
            member=request.member,
            argument_id=argument_id,
            reason=command.reason,
            at=self.clock.now(),
        )
        if creditable(history, given, found.id, claim_id) is None or not await self.store.add_credit(credit):
            kept = any(_same(credit, other) for other in given if other.standing)
            if not kept:  # else it is said twice, or tried again after a crash
                raise _refused(history, found.id, claim_id)
        return replies.credit_recorded(found, credit)

    async def _wrote(self, request: Request, argument_map: ArgumentMap, argument_id: str) -> bool:
        """Whether an argument is the member's own. Maps don't tell: they outlast a member who is forgotten."""
        return any(
            (amendment.topic, amendment.claim_id, amendment.author) == (argument_map.id, argument_id, request.member)
            for amendment in await self.store.amendments(request.workspace)
        )

    async def _changed_claim(self, request: Request, argument_map: ArgumentMap, named: str | None) -> str:
        """The claim that a credit is for: the named one, or the one that the member last changed their mind on."""
        if named is not None:
            other, claim_id = await self.resolver.claim(request.venue, named)
            if other.id != argument_map.id:
                raise BadInput(
                    say("{claim} belongs to another topic than the argument; credit one of its own.", claim=claim_id)
                )
            return claim_id
        history = await self.store.position_history(request.workspace, request.member)
        changed = [c.after for c in changes(history) if c.of_mind and c.after.topic == argument_map.id]
        if not changed:
            raise BadInput(
                say("You have not changed your stance on a claim of this topic; `/stand` does, then credit it.")
            )
        return max(changed, key=lambda position: position.at).claim_id

    async def undo_credit(self, request: Request) -> Message:
        """Take back the credit that the member gave last.

        Raises:
            BadInput: there is none.
        """
        if request.tries:  # a worker that died may have done it
            given = await self.store.credits_given(request.workspace, request.member)
            done = [c for c in given if c.undone_at is not None and c.undone_at >= request.received_at]
            if done:
                return replies.credit_undone(done[-1])
        undone = await self.store.undo_credit(request.workspace, request.member, self.clock.now())
        if undone is None:
            raise BadInput(say("You have given no credit that could be taken back."))
        return replies.credit_undone(undone)


def _same(credit: Credit, other: Credit) -> bool:
    return (credit.topic, credit.claim_id, credit.argument_id, credit.reason) == (
        other.topic,
        other.claim_id,
        other.argument_id,
        other.reason,
    )


def _refused(history: Sequence[Position], topic: str, claim_id: str) -> BadInput:
    """Why a change can't be credited."""
    of_claim = [position for position in history if (position.topic, position.claim_id) == (topic, claim_id)]
    if any(change.of_mind for change in changes(of_claim)):
        return BadInput(
            say(
                "Your last change on {claim} has been credited; `/crux credit undo` takes your newest credit back.",
                claim=claim_id,
            )
        )
    return BadInput(say("You have not changed your stance on {claim}; a credit says what did.", claim=claim_id))

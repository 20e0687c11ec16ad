"""Claims reworded, arguments retired and restored: what organisers do to what is in the maps already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.core import proposal_replies as replies
from bot.core.amendments import Amendment, Edit, Restoration, Retirement, Rewording, Words
from bot.core.arguments import ArgumentMap
from bot.core.commands import Amend, Restore, Retire, Reword
from bot.core.inbox import reply_id
from bot.core.language import mark, say
from bot.core.messages import Message
from bot.core.ports import Clock, Store
from bot.core.proposals import reworded
from bot.core.requests import Request
from bot.core.resolving import Resolver
from bot.errors import BadInput, NotAnOrganiser, UnknownClaim


@dataclass(frozen=True)
class Amending:
    """What is changed is told to the channel."""

    resolver: Resolver
    store: Store
    clock: Clock

    async def answer(self, request: Request, command: Amend) -> Message:
        """Do what a command asks for, once however often the request is tried; see the methods.

        Raises:
            BadInput: it can't be done.
            NotAnOrganiser: somebody else asks.
        """
        if not request.organiser:
            raise NotAnOrganiser(say(_FOR_ORGANISERS[type(command)]))
        done = await self._done(request)
        if done is None:
            try:
                return await self._do(request, command)
            except BadInput:
                done = await self._done(request)  # by another worker that answers the same request
                if done is None:
                    raise
        return await self._again(request, done)

    async def _do(self, request: Request, command: Amend) -> Message:
        match command:
            case Reword():
                return await self.reword(request, command)
            case Retire():
                return await self.retire(request, command)
            case Restore():
                return await self.restore(request, command)

    async def reword(self, request: Request, command: Reword) -> Message:
        """Give a claim other words, as a new version: positions stay with the words that they were taken on.

        Text and contrary stay unless the organiser gives new ones.

        Raises:
            BadInput: there is no such claim, or the words can't be read or are those that it has.
        """
        found, claim_id = await self.resolver.claim(request.venue, command.claim)
        argument = found[claim_id]
        before = Words(argument.claim, argument.contrary, argument.text)
        words = reworded(before, command.text)
        if words == before:
            raise BadInput(say("{claim} says just that already; nothing is changed.", claim=claim_id))
        return await self._amend(request, found, claim_id, Rewording(words))

    async def retire(self, request: Request, command: Retire) -> Message:
        """Take an argument out of use, with those that bear on nothing else.

        Raises:
            BadInput: there is no such argument, it is the thesis, or retired already.
        """
        found, claim_id = await self.resolver.claim(request.venue, command.claim)
        if claim_id == found.thesis.id:
            raise BadInput(
                say("{claim} is the thesis, which all else bears on; it can be reworded, not retired.", claim=claim_id)
            )
        return await self._amend(request, found, claim_id, Retirement(command.reason))

    async def restore(self, request: Request, command: Restore) -> Message:
        """Put a retired argument back into use.

        Raises:
            BadInput: it is not retired, or rests since another one is.
        """
        try:
            found, gone = await self.resolver.retired(request.venue, command.claim)
        except UnknownClaim:
            _, claim_id = await self.resolver.claim(request.venue, command.claim)
            raise BadInput(say("{claim} is not retired; there is nothing to restore.", claim=claim_id)) from None
        claim_id = gone.argument.id
        if gone.along_with is not None:
            raise BadInput(
                say(
                    "{claim} rests since {retired} is retired; restore that one.",
                    claim=claim_id,
                    retired=gone.along_with,
                )
            )
        return await self._amend(request, found, claim_id, Restoration())

    async def _amend(self, request: Request, found: ArgumentMap, claim_id: str, edit: Edit) -> Message:
        """Keep an amendment of the map as it was found, and tell of it.

        Raises:
            BadInput: somebody else has amended it since, so that the organiser should look again.
        """
        revision = await self.store.revision(request.workspace)
        fresh = await self.resolver.topic(request.workspace, found.id)
        amendment = Amendment(
            workspace=request.workspace,
            number=revision + 1,
            topic=found.id,
            claim_id=claim_id,
            edit=edit,
            at=self.clock.now(),
            event=reply_id(request),
        )
        if fresh is not found or not await self.store.amend(amendment):
            raise BadInput(
                say(
                    "Somebody else changed the map at the same moment; look at {claim} and say it again.",
                    claim=claim_id,
                )
            )
        return await self._told(request, amendment)

    async def _told(self, request: Request, amendment: Amendment) -> Message:
        found, claim_id = await self.resolver.topic(request.workspace, amendment.topic), amendment.claim_id
        match amendment.edit:
            case Retirement():
                return replies.retired(found, claim_id)
            case Restoration():
                return replies.restored(found, claim_id)
            case _:
                return replies.reworded(found, claim_id)

    # -- tried again --------------------------------------------------------------------------------------------------

    async def _done(self, request: Request) -> Amendment | None:
        """What this very request has amended, where a worker died after it."""
        if not request.tries:
            return None
        event = reply_id(request)
        return next((a for a in await self.store.amendments(request.workspace) if a.event == event), None)

    async def _again(self, request: Request, done: Amendment) -> Message:
        """The answer to a request that is done.

        Raises:
            BadInput: others have amended the claim since, so that to tell of it as of now would not be true.
        """
        for later in await self.store.amendments(request.workspace):
            if (later.topic, later.claim_id) == (done.topic, done.claim_id) and later.number > done.number:
                raise BadInput(
                    say(
                        "{claim} was changed as you asked, and has been changed again since; `/crux map {claim}` shows "
                        "it.",
                        claim=done.claim_id,
                    )
                )
        return await self._told(request, done)


_FOR_ORGANISERS: Final[Mapping[type[Amend], str]] = {
    Reword: mark("Only organisers reword claims; ask one of them."),
    Retire: mark("Only organisers retire arguments; ask one of them."),
    Restore: mark("Only organisers restore arguments; ask one of them."),
}

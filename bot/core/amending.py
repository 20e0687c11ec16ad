"""Claims reworded, arguments retired and restored: what organisers do to what is in the maps already."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.core import proposal_replies as replies
from bot.core.amendments import Amendment, Edit, Restoration, Retirement, Rewording, Words
from bot.core.arguments import ArgumentMap, Retired
from bot.core.commands import Amend, Restore, Retire, Reword
from bot.core.inbox import reply_id
from bot.core.messages import Message
from bot.core.ports import Clock, Store
from bot.core.proposals import read_argument
from bot.core.replies import sentence
from bot.core.requests import Request
from bot.core.resolving import Resolver
from bot.errors import BadInput, NotAnOrganiser, RetiredClaim, UnknownClaim


@dataclass(frozen=True)
class Amending:
    """What is changed is told to the channel."""

    resolver: Resolver
    store: Store
    clock: Clock

    async def answer(self, request: Request, command: Amend) -> Message:
        """Do what a command asks for; see the methods.

        Raises:
            BadInput: it can't be done.
        """
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
            NotAnOrganiser: somebody else asks.
        """
        self._for_organisers(request, "reword claims")
        found, claim_id = await self.resolver.claim(request.workspace, request.channel, command.claim)
        argument = found[claim_id]
        if await self._done(request) is not None:
            return replies.reworded(found, claim_id, argument.claim_as_of(argument.version - 1))
        words, _ = read_argument(command.text)
        before = Words(argument.claim, argument.contrary, argument.text)
        if words.text == sentence(words.claim):
            words = replace(words, text=before.text)
        if "contrary:" not in command.text.lower():
            words = replace(words, contrary=before.contrary)
        if words == before:
            raise BadInput(f"{claim_id} says just that already; nothing is changed.")
        amended = await self._amend(request, found, claim_id, Rewording(words))
        return replies.reworded(amended, claim_id, before.claim)

    async def retire(self, request: Request, command: Retire) -> Message:
        """Take an argument out of use, with those that bear on nothing else.

        Raises:
            BadInput: there is no such argument, it is the thesis, or retired already.
            NotAnOrganiser: somebody else asks.
        """
        self._for_organisers(request, "retire arguments")
        try:
            found, claim_id = await self.resolver.claim(request.workspace, request.channel, command.claim)
        except RetiredClaim:
            found, gone = await self._retired(request, command.claim)
            if await self._done(request) is not None:
                return replies.retired(found, gone.argument.id)
            raise
        if claim_id == found.thesis.id:
            raise BadInput(f"{claim_id} is the thesis, which all else bears on; it can be reworded, not retired.")
        amended = await self._amend(request, found, claim_id, Retirement(command.reason))
        return replies.retired(amended, claim_id)

    async def restore(self, request: Request, command: Restore) -> Message:
        """Put a retired argument back into use.

        Raises:
            BadInput: it is not retired, or rests since another one is.
            NotAnOrganiser: somebody else asks.
        """
        self._for_organisers(request, "restore arguments")
        try:
            found, gone = await self._retired(request, command.claim)
        except UnknownClaim:
            current, claim_id = await self.resolver.claim(request.workspace, request.channel, command.claim)
            if await self._done(request) is not None:
                return replies.restored(current, claim_id)
            raise BadInput(f"{claim_id} is not retired; there is nothing to restore.") from None
        claim_id = gone.argument.id
        if gone.along_with is not None:
            raise BadInput(f"{claim_id} rests since {gone.along_with} is retired; restore that one.")
        return replies.restored(await self._amend(request, found, claim_id, Restoration()), claim_id)

    async def _retired(self, request: Request, text: str) -> tuple[ArgumentMap, Retired]:
        return await self.resolver.retired(request.workspace, request.channel, text)

    def _for_organisers(self, request: Request, what: str) -> None:
        if not request.organiser:
            raise NotAnOrganiser(f"Only organisers {what}; ask one of them.")

    async def _done(self, request: Request) -> Amendment | None:
        """What this very request has amended, where a worker died after it."""
        if not request.tries:
            return None
        event = reply_id(request)
        return next((a for a in await self.store.amendments(request.workspace) if a.event == event), None)

    async def _amend(self, request: Request, found: ArgumentMap, claim_id: str, edit: Edit) -> ArgumentMap:
        """Keep an amendment of the map as it was found; the amended map.

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
            raise BadInput(f"Somebody else changed the map at the same moment; look at {claim_id} and say it again.")
        return await self.resolver.topic(request.workspace, found.id)

"""What a member is shown before they take a position: the claim, with what they hold; or which claims they may mean."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.core import replies
from bot.core.actions import press
from bot.core.arguments import Argument
from bot.core.commands import Answer, ArgueView, Command, Endorse, MarkCrux, Stand, Turn
from bot.core.messages import Message
from bot.core.parsing import clean
from bot.core.ports import Store
from bot.core.positions import Position
from bot.core.requests import Venue
from bot.core.resolving import Resolver, Unresolved
from bot.errors import BadInput, UnknownClaim


@dataclass(frozen=True, slots=True)
class Ballot:
    """One claim, as it is put to one member; `held` is what they hold on its present words."""

    claim: Argument
    held: Position | None = None


@dataclass(frozen=True)
class Balloting:
    """Reads, and changes nothing. What is filled in is checked again when it is sent."""

    resolver: Resolver
    store: Store

    async def named(self, venue: Venue, member: str, claim: str) -> Ballot:
        """The ballot on the claim that an id names.

        Raises:
            BadInput: there is none, or it is out of use.
        """
        found, claim_id = await self.resolver.claim(venue, claim)
        return await self._ballot(venue.workspace, member, found.id, found[claim_id])

    async def below(self, workspace: str, member: str, actions: Iterable[str]) -> Ballot | None:
        """The ballot on the claim that a message is about, as the actions of its buttons tell; None if they don't."""
        for action in actions:
            try:
                about = await self._about(workspace, press(action))
                if about is not None:
                    topic, claim_id = about
                    found = await self.resolver.topic(workspace, topic)
                    return await self._ballot(workspace, member, found.id, found[claim_id])
            except BadInput:  # a button of another version, or of a claim that is gone
                continue
        return None

    async def read(self, venue: Venue, member: str, text: str) -> Ballot | Message:
        """The ballot on the claim that a text is surely about, or the question which one is meant.

        The buttons of that question are the claims: actions that tell where one stands.

        Raises:
            BadInput: the text is too long.
        """
        try:
            found = await self.resolver.resolve(venue, clean(text))
        except UnknownClaim as error:
            current = await self.resolver.current(venue)
            return replies.claims_to_stand_on(error.message, current, error.nearest)
        if isinstance(found, Unresolved):
            return replies.unresolved_to_stand_on(found)
        claim = found.map[found.view.claim_id]
        return await self._ballot(venue.workspace, member, found.map.id, claim)

    async def _about(self, workspace: str, command: Command) -> tuple[str, str] | None:
        match command:
            case ArgueView(topic=topic, view=view):
                return topic, view.claim_id
            case Stand(claim=claim_id, topic=str(topic)):
                return topic, claim_id
            case Answer(prompt_id=prompt_id) | MarkCrux(prompt_id=prompt_id):
                prompt = await self.store.prompt(workspace, prompt_id)
                return None if prompt is None else (prompt.topic, prompt.claim_id)
            case Endorse(reply_id=reply_id) | Turn(reply_id=reply_id):
                reply = await self.store.reply(workspace, reply_id)
                found = None if reply is None or reply.topic is None else (reply.topic, reply.claim_id)
                return None if found is None or found[1] is None else (found[0], found[1])
            case _:
                return None

    async def _ballot(self, workspace: str, member: str, topic: str, claim: Argument) -> Ballot:
        held = await self.store.current_position(workspace, topic, claim.id, member)
        same = held is not None and held.stance is not None and held.claim_version == claim.version
        return Ballot(claim, held if same else None)

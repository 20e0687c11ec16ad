"""Private answers that can't be shown where they were asked for: in the member's DM."""

from __future__ import annotations

from dataclasses import dataclass

from bot.chat.discord.failures import told
from bot.chat.discord.messenger import claim_of
from bot.chat.discord.names import for_member, guild_of
from bot.chat.discord.places import Places
from bot.chat.discord.views import Extras, sendables
from bot.core.inbox import answer_post
from bot.core.messages import Message
from bot.core.requests import Request, Venue


def directly(request: Request) -> Venue:
    """Where the outbox reaches the member who made a request, and nobody else."""
    return Venue(request.workspace, request.channel, for_member(int(request.member)))


@dataclass(frozen=True)
class DirectLine:
    """Writes to members directly."""

    places: Places

    async def deliver(self, request: Request, message: Message) -> None:
        """Show a message to whoever made a request.

        Raises:
            MessengerError: Discord won't have it, or doesn't say.
        """
        claim = claim_of(button.action for button in message.buttons)
        extras = Extras(guild=guild_of(request.workspace), claim=claim)
        channel = await self.places.dm(int(request.member))
        for part in sendables(message, answer_post(request, message).nonce, extras):
            with told():
                await channel.send(view=part.view, files=part.files)

"""Private answers that can't be shown where they were asked for: in the member's DM."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from bot.chat.discord.failures import told
from bot.chat.discord.messenger import claim_of
from bot.chat.discord.names import guild_of
from bot.chat.discord.places import Places
from bot.chat.discord.views import Extras, sendables
from bot.core.messages import Message
from bot.core.requests import Request
from bot.errors import MessengerError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class DirectLine:
    """Writes to members directly."""

    places: Places

    async def deliver(self, request: Request, message: Message) -> bool:
        """Show a message to whoever made a request; False, and a line in the log, where Discord won't have it.

        What is kept of it is in `/crux me` all the same.
        """
        claim = claim_of(button.action for button in message.buttons)
        try:
            channel = await self.places.dm(int(request.member))
            for part in sendables(message, extras=Extras(guild=guild_of(request.workspace), claim=claim)):
                with told():
                    await channel.send(view=part.view, files=part.files)
        except MessengerError as error:
            where = f"workspace={request.workspace} event={request.event_id}"
            log.warning("a private answer could not be delivered: %s (%s)", where, error.message)
            return False
        return True

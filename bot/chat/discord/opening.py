"""Opens the form for a position: as the first response to whatever asked for it, which Discord waits three seconds for.

Nothing is committed for that, since nothing is promised by it: what is filled in comes back as an event of its own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import discord

from bot.chat.discord.failures import FAILURES, as_error
from bot.chat.discord.forms import position_form
from bot.chat.discord.names import Pressed, guild_workspace, pressed
from bot.chat.discord.origins import Interaction, Origin, of_interaction
from bot.chat.discord.views import Extras, sendables
from bot.core.balloting import Ballot, Balloting
from bot.core.language import Languages
from bot.core.messages import Message, Paragraph
from bot.core.requests import Venue
from bot.errors import BadInput, CruxError

log = logging.getLogger(__name__)

READ_SECONDS: Final = 1.0
"""How long it may take to find the claim, and what is held on it."""
T = TypeVar("T")


@dataclass(frozen=True)
class Opening:
    """Finds the claim that a form is for, and shows it."""

    balloting: Balloting
    languages: Languages

    async def on_claim(self, interaction: Interaction, claim: str, guild: int | None) -> None:
        """The form on a claim, or on one that is named in it where `claim` is empty; `guild` as in `Pressed`."""
        origin = of_interaction(interaction)
        await self.languages.speak_if_told(origin.workspace, origin.channel)
        ballot = None
        if claim:
            ballot = await _in_time(self.balloting.named(_venue(origin, guild), str(origin.user), claim))
        await self._show(interaction, claim, ballot if isinstance(ballot, Ballot) else None, guild)

    async def on_message(self, interaction: Interaction, message: discord.Message) -> bool:
        """The form on what a message is about; where that is not sure, which claims it may be.

        False, and nothing is shown, where that can't be read in time.
        """
        origin = of_interaction(interaction)
        await self.languages.speak_if_told(origin.workspace, origin.channel)
        presses = [found for custom_id in custom_ids(message) if (found := pressed(custom_id)) is not None]
        guild = next((each.guild for each in presses if each.guild is not None), None)
        words = message.content.strip()
        read = await _in_time(self._read(_venue(origin, guild), str(origin.user), presses, words))
        if isinstance(read, Ballot):
            await self._show(interaction, read.claim.id, read, guild)
        elif isinstance(read, Message):
            await self._ask(interaction, read, guild)
        elif words:
            return False
        else:
            await self._show(interaction, "", None, guild)
        return True

    async def _read(self, venue: Venue, member: str, presses: Sequence[Pressed], words: str) -> Ballot | Message | None:
        """The ballot on what a message is about: by its buttons, else by its words; None where it has neither."""
        ballot = await self.balloting.below(venue.workspace, member, (each.action for each in presses))
        if ballot is not None or not words:
            return ballot
        return await self.balloting.read(venue, member, words)

    async def _show(self, interaction: Interaction, claim: str, ballot: Ballot | None, guild: int | None) -> None:
        try:
            await interaction.response.send_modal(position_form(claim, ballot, guild))
        except FAILURES as error:
            log.warning("a form could not be shown: %s", as_error(error).message)

    async def _ask(self, interaction: Interaction, message: Message, guild: int | None) -> None:
        """Ask which claim is meant; each button opens its form."""
        part = sendables(message, extras=Extras(guild=guild, claim="", forms=True))[0]
        try:
            await interaction.response.send_message(view=part.view, ephemeral=True)
        except FAILURES as error:
            log.warning("a member could not be asked which claim they mean: %s", as_error(error).message)


async def _in_time(reading: Awaitable[T]) -> T | Message | None:
    """What is read; what to do instead where it can't be read, and None where the database fails or takes too long."""
    try:
        async with asyncio.timeout(READ_SECONDS):
            return await reading
    except BadInput as error:
        return Message((Paragraph(error.message),), private=True)
    except (CruxError, TimeoutError):
        return None


def _venue(origin: Origin, guild: int | None) -> Venue:
    venue = origin.venue
    return venue if guild is None else replace(venue, workspace=guild_workspace(guild))


def custom_ids(message: discord.Message) -> list[str]:
    """Those of a message's buttons, in order."""
    rows = [each for each in message.components if isinstance(each, discord.ActionRow)]
    return [str(child.custom_id) for row in rows for child in row.children if getattr(child, "custom_id", None)]

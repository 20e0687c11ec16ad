"""What members do, on its way in: committed, then acknowledged, then answered.

Discord shows a failure to a member whose interaction is not acknowledged within three seconds. An event is committed to
the inbox within one of them (`Desk.receive`), so that an acknowledged command is never lost.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, Final, cast

import discord

from bot.chat.desk import RESTARTING, Desk
from bot.chat.discord.choices import Choice, Choices
from bot.chat.discord.direct import DirectLine
from bot.chat.discord.failures import FAILURES, as_error
from bot.chat.discord.forms import filled
from bot.chat.discord.messenger import DiscordMessenger
from bot.chat.discord.names import FORM, Pressed, interaction_event
from bot.chat.discord.opening import Opening
from bot.chat.discord.organisers import Organisers
from bot.chat.discord.origins import Interaction, Origin, at_home, of_interaction, of_message
from bot.chat.discord.surfaces import InteractionSurface, ReplySurface, Showing
from bot.chat.discord.views import sentence
from bot.chat.discord.vocabulary import MENUS, Offer
from bot.core.language import Languages, mark, say, speak
from bot.core.parsing import answers_privately
from bot.core.ports import Clock
from bot.errors import CruxError, StorageError

log = logging.getLogger(__name__)

TRY_AGAIN: Final = mark("I couldn't take that in just now; try again in a moment.")
OLD_BUTTON: Final = mark("This button is no longer in use; type the command instead, or `/crux help`.")
NOT_THERE: Final = mark("You are no longer in the server that this is about.")
SHARED: Final = mark("You have shared that already.")
NO_TEXT: Final = mark("That message has no words that I could read; say what you mean with `/steelman` or `/counter`.")


@dataclass(frozen=True)
class Intake:
    """Takes in commands, presses, forms and messages.

    Args:
        choices: what options are completed from.
    """

    client: discord.Client
    desk: Desk
    messenger: DiscordMessenger
    direct: DirectLine
    choices: Choices
    opening: Opening
    organisers: Organisers
    clock: Clock
    languages: Languages

    # -- what members type and choose ---------------------------------------------------------------------------------

    async def argue(self, interaction: Interaction, name: str, view: str, *, private: bool | None) -> None:
        """`/steelman` or `/counter`; private, until it is shared, if the member says so or the bot is not there."""
        origin = of_interaction(interaction)
        wanted = origin.guest if private is None else private
        privately = "privately " if wanted and not origin.dm else ""
        await self._take(interaction, origin, f"/{name} {privately}{view}")

    async def command(self, interaction: Interaction, text: str) -> None:
        """Any other command. Where the bot itself is not, its answer is for the member alone."""
        origin = of_interaction(interaction)
        await self._take(interaction, origin, text, alone=origin.guest)

    async def about_message(self, interaction: Interaction, menu: str, message: discord.Message) -> None:
        """One of the commands in a message's menu."""
        words = message.content.strip()
        if menu == MENUS[2]:
            if not await self.opening.on_message(interaction, message):
                await self._take(interaction, of_interaction(interaction), words.lstrip("/ "), alone=True)
        elif not words:
            await self._say(interaction, NO_TEXT)
        else:
            await self.argue(interaction, {MENUS[0]: "steelman", MENUS[1]: "counter"}[menu], words, private=None)

    async def complete(self, interaction: Interaction, offer: Offer, typed: str) -> list[Choice]:
        """What an option may be, while it is typed."""
        origin = of_interaction(interaction)
        match offer:
            case Offer.TOPIC:
                return await self.choices.topics(origin.workspace, typed)
            case Offer.VIEW:
                return await self.choices.views(origin.venue, typed)
            case _:
                return await self.choices.claims(origin.venue, typed)

    # -- what they press and fill in ----------------------------------------------------------------------------------

    async def pressed(self, interaction: Interaction, what: Pressed) -> None:
        """A press of one of the core's buttons."""
        origin = await self._origin(interaction, what.guild)
        if origin is not None:
            shared = what.action.startswith("share:")
            # An answer is shared once, however often its member presses.
            event = f"{what.action}:{origin.user}" if shared else None
            await self._take(
                interaction, origin, f"/press {what.action}", alone=origin.guest and not shared, event=event
            )

    async def form_wanted(self, interaction: Interaction, claim: str, guild: int | None) -> None:
        """Show the form for a position on a claim, or on one that is named in it."""
        await self.opening.on_claim(interaction, claim, guild)

    async def submitted(self, interaction: Interaction) -> None:
        """A form that was sent back, also one that was opened before a restart."""
        data = cast("dict[str, Any]", interaction.data or {})
        found = FORM.fullmatch(str(data.get("custom_id", "")))
        if found is None:
            await self._say(interaction, OLD_BUTTON)
            return
        origin = await self._origin(interaction, int(found["guild"]) if found["guild"] else None)
        if origin is not None:
            await self._take(interaction, origin, filled(data, found["claim"]).text)

    async def unknown(self, interaction: Interaction) -> None:
        """A press of a button of another version."""
        await self._say(interaction, OLD_BUTTON)

    # -- what they write ----------------------------------------------------------------------------------------------

    async def heard(self, message: discord.Message, text: str) -> None:
        """A message that is meant for the bot."""
        origin = await self.organisers.known(of_message(message), message.author)
        request = origin.request(text, f"message:{message.id}", self.clock.now())
        surface = ReplySurface(message, Showing(request, origin, self.messenger, self.direct))
        try:
            fresh = await self.desk.receive(request)
        except StorageError as error:
            try:
                await surface.say(self._try_again(error))
            except CruxError as failure:
                log.warning("a member could not be told to try again: %s", failure.message)
            return
        if fresh:
            self.desk.answer(request, surface)

    # -- the way in ---------------------------------------------------------------------------------------------------

    async def _take(
        self, interaction: Interaction, origin: Origin, text: str, *, alone: bool = False, event: str | None = None
    ) -> None:
        origin = await self.organisers.known(origin, interaction.user)
        event_id = event or interaction_event(interaction.id)
        request = origin.request(text, event_id, self.clock.now(), alone=alone)
        try:
            fresh = await self.desk.receive(request)
        except StorageError as error:
            log.warning("a command could not be taken in: workspace=%s (%s)", request.workspace, error.message)
            await self._tell(interaction, self._try_again(error))
            return
        if not fresh:
            if event is not None:
                await self._say(interaction, SHARED)
            return
        showing = Showing(request, origin, self.messenger, self.direct, alone=alone)
        hidden = not origin.dm and (alone or answers_privately(text))
        surface = InteractionSurface(interaction, showing, hidden)
        await surface.acknowledge()
        self.desk.answer(request, surface)

    async def _origin(self, interaction: Interaction, guild: int | None) -> Origin | None:
        """Where a press is from; None, and the member is told, where they are not in its guild any longer."""
        origin = of_interaction(interaction)
        if guild is None:
            return origin
        try:
            home = await at_home(origin, guild, self.client)
        except FAILURES as error:
            log.warning("a member could not be looked up: %s", as_error(error).message)
            await self._say(interaction, TRY_AGAIN)
            return None
        if home is None:
            await self._say(interaction, NOT_THERE)
        return home

    def _try_again(self, error: StorageError) -> str:
        """Without a database nobody knows which language the channel has chosen."""
        speak(self.languages.chosen(None))
        return say(RESTARTING if error.message == RESTARTING else TRY_AGAIN)

    async def _say(self, interaction: Interaction, english: str) -> None:
        """Tell a member one of the sentences above, in the language of the channel."""
        origin = of_interaction(interaction)
        await self.languages.speak_if_told(origin.workspace, origin.channel)
        await self._tell(interaction, say(english))

    async def _tell(self, interaction: Interaction, text: str) -> None:
        try:
            await interaction.response.send_message(view=sentence(text), ephemeral=True)
        except FAILURES as error:
            log.warning("a member could not be told: %s", as_error(error).message)

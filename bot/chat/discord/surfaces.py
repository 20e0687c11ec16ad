"""Where one answer appears: as the response to an interaction, or as a reply to a message.

A surface shows what the core says and corrects what was guessed about it: an answer that turns out private is taken
out of the channel, and one whose interaction can no longer be answered is sent by other ways.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import discord

from bot.chat.discord.direct import DirectLine
from bot.chat.discord.failures import FAILURES, as_error, message_gone, token_gone, told
from bot.chat.discord.marks import Mark, working_mark
from bot.chat.discord.messenger import DELETED, DiscordMessenger, claim_of
from bot.chat.discord.names import guild_of
from bot.chat.discord.origins import Interaction, Origin
from bot.chat.discord.views import Extras, Sendable, growing_view, sendables, sentence
from bot.core.inbox import answer_post
from bot.core.language import say
from bot.core.messages import Message
from bot.core.requests import Request
from bot.errors import MessengerError, Refused

log = logging.getLogger(__name__)

STEP_SECONDS: Final = 3.0
"""How long one step of a growing answer may take: Discord may ask for pauses, and the end is what counts."""


@dataclass
class Showing:
    """One answer's way to its reader.

    Args:
        alone: the member sees it alone, whatever it is: the bot itself is not where they asked.
    """

    request: Request
    origin: Origin
    messenger: DiscordMessenger
    direct: DirectLine
    alone: bool = False

    def hidden(self, message: Message) -> bool:
        """Whether only the member may see it; in a DM there is nobody else."""
        return (message.private or self.alone) and not self.origin.dm

    @property
    def begun(self) -> Mark:
        """The mark of an answer that others see growing: by it another process finds what this one left of it."""
        return working_mark(answer_post(self.request, Message()).nonce)

    async def parts(self, message: Message) -> list[Sendable]:
        """The message, with its mark where others see it, and with what its member can do about it."""
        post = answer_post(self.request, message)
        extras = Extras(
            picture=await self.messenger.illustrate(post.workspace, message),
            guild=self._home(),
            claim=claim_of(button.action for button in message.buttons),
        )
        return sendables(message, None if self.hidden(message) else post.nonce, extras)

    def _home(self) -> int | None:
        """The guild of an answer that is shown in a DM."""
        return guild_of(self.request.workspace) if self.origin.dm else None

    async def otherwise(self, message: Message) -> str | None:
        """Show an answer whose own way is closed: in the channel if it is for all, else in a DM.

        Raises:
            MessengerError: that is closed, too.
        """
        if message.private:
            await self.direct.deliver(self.request, message)
            return None
        return await self.messenger.send(answer_post(self.request, message))


@dataclass
class InteractionSurface:
    """A `bot.chat.desk.Surface`: the response to a command, a press or a form."""

    interaction: Interaction
    showing: Showing
    ephemeral: bool
    _open: bool = False
    _title: str | None = None
    _begun: bool = field(default=False, repr=False)

    async def acknowledge(self) -> None:
        """Ask Discord for time. If it won't have that, the answer goes another way."""
        try:
            await self.interaction.response.defer(ephemeral=self.ephemeral, thinking=True)
            self._open = True
        except FAILURES as error:
            where = f"workspace={self.showing.request.workspace} event={self.showing.request.event_id}"
            log.warning("an interaction could not be acknowledged: %s (%s)", where, as_error(error).message)

    async def begin(self, title: str) -> None:
        self._title = title
        await self._step("")

    async def grow(self, text: str) -> None:
        await self._step(text)

    async def _step(self, text: str) -> None:
        if not self._open:
            return
        with told():
            async with asyncio.timeout(STEP_SECONDS):
                marked = None if self.ephemeral else self.showing.begun
                await self.interaction.edit_original_response(view=growing_view(self._title, text, marked))

    async def finish(self, message: Message) -> str | None:
        hidden = self.showing.hidden(message)
        if not self._open:
            return await self.showing.otherwise(message)
        try:
            reference = await self._show(message, hidden=hidden)
        except FAILURES as error:
            if message_gone(error):
                return None if hidden else DELETED
            if token_gone(error) or hidden:
                log.info("an answer goes another way: event=%s (%s)", self.showing.request.event_id, error)
                return await self.showing.otherwise(message)
            raise as_error(error) from error
        return None if hidden else str(reference)

    async def withdraw(self) -> None:
        if self._open:
            with told():
                await self.interaction.delete_original_response()

    async def _show(self, message: Message, *, hidden: bool) -> int:
        """Put it where it may be seen; the id of its first part."""
        parts = await self.showing.parts(message)
        if hidden and not self.ephemeral:
            # What was begun in the channel can't be hidden: it goes, and the answer is shown to its member alone.
            await self.interaction.delete_original_response()
            return await self._follow_up(parts, ephemeral=True)
        if self.ephemeral and not hidden and not self.showing.origin.dm:
            # The first follow-up would take the place of what only the member sees.
            await self.interaction.edit_original_response(view=sentence(say("The answer is in the channel.")))
            first = await self._follow_up(parts, ephemeral=False)
        else:
            first_part, *others = parts
            shown = await self.interaction.edit_original_response(view=first_part.view, attachments=first_part.files)
            first = shown.id
            await self._follow_up(others, ephemeral=self.ephemeral)
        if not hidden:
            await self.showing.messenger.open_thread(answer_post(self.showing.request, message), first)
        return first

    async def _follow_up(self, parts: Sequence[Sendable], *, ephemeral: bool) -> int:
        ids = []
        for part in parts:
            sent = await self.interaction.followup.send(
                view=part.view, files=part.files, ephemeral=ephemeral, wait=True
            )
            ids.append(sent.id)
        return ids[0] if ids else 0


@dataclass
class ReplySurface:
    """A `bot.chat.desk.Surface`: a reply to a message in a channel, a thread or a DM."""

    asked: discord.Message
    showing: Showing
    _reply: discord.Message | None = None
    _title: str | None = None

    async def begin(self, title: str) -> None:
        self._title = title
        with told():
            self._reply = await self._send(Sendable(growing_view(title, "", self.showing.begun)))

    async def grow(self, text: str) -> None:
        if self._reply is not None:
            with told():
                async with asyncio.timeout(STEP_SECONDS):
                    await self._reply.edit(view=growing_view(self._title, text, self.showing.begun))

    async def finish(self, message: Message) -> str | None:
        if self.showing.hidden(message):
            await self._aside(message)
            return None
        first, *others = await self.showing.parts(message)
        try:
            if self._reply is None:
                self._reply = await self._send(first)
            else:
                await self._reply.edit(view=first.view, attachments=first.files)
            for other in others:
                await self._send(other)
        except FAILURES as error:
            if message_gone(error):
                return DELETED
            raise as_error(error) from error
        await self.showing.messenger.open_thread(answer_post(self.showing.request, message), self._reply.id)
        return str(self._reply.id)

    async def withdraw(self) -> None:
        if self._reply is not None:
            with told():
                await self._reply.delete()

    async def say(self, text: str) -> None:
        """One sentence of the adapter's own, in place of an answer.

        Raises:
            MessengerError: Discord won't have it.
        """
        with told():
            if self._reply is None:
                self._reply = await self._send(Sendable(sentence(text)))
            else:
                await self._reply.edit(view=sentence(text))

    async def _aside(self, message: Message) -> None:
        """An answer for the member alone: a reply can't be hidden, so it goes to their DM, and the reply says so."""
        arrives = say("That is for you alone: I answered in a direct message.")
        try:
            await self.showing.direct.deliver(self.showing.request, message)
        except Refused as refusal:
            log.info("an answer for one member alone is refused: %s", refusal.message)
            arrives = say("That is for you alone, and I may not write to you directly: ask with `/crux` or `/stand`.")
        except MessengerError:
            await self._remark(arrives)  # the outbox sees to it
            raise
        await self._remark(arrives)

    async def _remark(self, text: str) -> None:
        """Say where the answer is; if that can't be said, it is there all the same."""
        try:
            await self.say(text)
        except MessengerError as error:
            log.info("it could not be said where an answer is: %s", error.message)

    async def _send(self, part: Sendable) -> discord.Message:
        if self._reply is not None or not self._may_refer():
            return await self.asked.channel.send(view=part.view, files=part.files)
        reference = self.asked.to_reference(fail_if_not_exists=False)
        return await self.asked.channel.send(
            view=part.view, files=part.files, reference=reference, mention_author=False
        )

    def _may_refer(self) -> bool:
        """Whether a reply may name what it answers."""
        guild, channel = self.asked.guild, self.asked.channel
        if guild is None or isinstance(channel, discord.DMChannel | discord.GroupChannel | discord.PartialMessageable):
            return True
        return channel.permissions_for(guild.me).read_message_history

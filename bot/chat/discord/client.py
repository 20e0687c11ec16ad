"""The connection to Discord: its events, each handed to what takes it in."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from typing import Any, Final, cast

import aiohttp
import discord
from discord import app_commands

from bot.chat.discord.attendance import Attendance
from bot.chat.discord.buttons import BUTTONS
from bot.chat.discord.commands import add_commands
from bot.chat.discord.intake import Intake
from bot.chat.discord.listening import addressed, said
from bot.chat.discord.names import FORM, Pressed, pressed
from bot.chat.discord.syncing import OwnCommands, bring_up_to_date
from bot.chat.discord.translations import Translations

log = logging.getLogger(__name__)

READY_TIMEOUT: Final = 2.0
"""Seconds to wait for a further server before the client counts as ready."""

CLOSE_SECONDS: Final = 5.0
"""How long closing waits for what is being noted."""


def intents(*, message_content: bool) -> discord.Intents:
    """What Discord tells the bot of: servers, their messages and direct ones; no members, no presences."""
    return discord.Intents(guilds=True, guild_messages=True, dm_messages=True, message_content=message_content)


class CruxClient(discord.AutoShardedClient):
    """A client with Crux's commands and buttons. `attach` before it logs in.

    Args:
        own: keeps which servers have commands of their own.
        guild: the development server that alone gets the commands; all do without.
        shards: those of this process, and how many there are; one process for all without.
    """

    def __init__(
        self,
        *,
        message_content: bool = False,
        own: OwnCommands,
        guild: int | None = None,
        shards: tuple[Sequence[int], int] | None = None,
        ready_timeout: float = READY_TIMEOUT,
    ) -> None:
        sharding: dict[str, Any] = {} if shards is None else {"shard_ids": list(shards[0]), "shard_count": shards[1]}
        super().__init__(
            intents=intents(message_content=message_content),
            allowed_mentions=discord.AllowedMentions.none(),
            guild_ready_timeout=ready_timeout,
            max_messages=None,
            # A longer pause is the outbox's to wait for.
            max_ratelimit_timeout=30.0,
            chunk_guilds_at_startup=False,
            **sharding,
        )
        self.tree: app_commands.CommandTree[CruxClient] = app_commands.CommandTree(self)
        self.tree.on_error = self._failed  # type: ignore[method-assign]
        self._hears_all = message_content
        self._guild = guild
        self._intake: Intake | None = None
        self._own = own
        self._notes: set[asyncio.Task[None]] = set()
        self._attendance: Attendance | None = None
        self.connected = asyncio.Event()
        """Set once all shards are connected for the first time."""
        self.down: set[int] = set()
        """Shards whose connection is cut."""

    def attach(self, intake: Intake, attendance: Attendance) -> None:
        """What takes in events, and what keeps in mind which servers have removed Crux."""
        self._intake, self._attendance = intake, attendance
        add_commands(self.tree, intake)

    @property
    def intake(self) -> Intake:
        if self._intake is None:
            raise RuntimeError("nothing takes in the client's events: attach it first")
        return self._intake

    @property
    def attendance(self) -> Attendance:
        if self._attendance is None:
            raise RuntimeError("nothing keeps in mind where the client is: attach it first")
        return self._attendance

    async def setup_hook(self) -> None:
        self.add_dynamic_items(*BUTTONS)
        await self.tree.set_translator(Translations())
        await bring_up_to_date(self, self.tree, self._guild, self._own)

    # -- the buttons' way in (`buttons.Presses`) ----------------------------------------------------------------------

    async def pressed(self, interaction: discord.Interaction, what: Pressed) -> None:
        await self.intake.pressed(interaction, what)

    async def form_wanted(self, interaction: discord.Interaction, claim: str, guild: int | None) -> None:
        await self.intake.form_wanted(interaction, claim, guild)

    # -- events -------------------------------------------------------------------------------------------------------

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """What discord.py itself hands to nobody: forms, and presses of what is no longer in the message."""
        if interaction.type is discord.InteractionType.modal_submit:
            await self.intake.submitted(interaction)
        elif interaction.type is discord.InteractionType.component and not _dispatched(interaction):
            what = pressed(_custom_id(interaction))
            await (self.intake.unknown(interaction) if what is None else self.intake.pressed(interaction, what))

    async def on_ready(self) -> None:
        self.connected.set()

    async def on_message(self, message: discord.Message) -> None:
        me = self.user.id if self.user is not None else 0
        if addressed(message, me, hears_all=self._hears_all):
            await self.intake.heard(message, said(message, me))

    async def on_guild_join(self, guild: discord.Guild) -> None:
        await self.on_guild_available(guild)

    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Discord tells of a server: at the start, after an outage, when Crux is added, also while it was away."""
        await self._noting(self.attendance.is_in(guild.id))

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Crux was removed, or the server deleted. discord.py calls this for no outage."""
        await self._noting(self.attendance.was_removed(guild.id))

    async def on_shard_ready(self, shard_id: int) -> None:
        await self._noting(self.attendance.judge(self, shard_id))

    async def _noting(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something with the database that closing waits for."""
        task = asyncio.create_task(work)
        self._notes.add(task)
        task.add_done_callback(self._notes.discard)
        await task

    async def close(self) -> None:
        await super().close()
        if self._notes:
            await asyncio.wait(set(self._notes), timeout=CLOSE_SECONDS)

    async def on_shard_disconnect(self, shard_id: int) -> None:
        self.down.add(shard_id)

    async def on_shard_connect(self, shard_id: int) -> None:
        self.down.discard(shard_id)

    async def on_shard_resumed(self, shard_id: int) -> None:
        self.down.discard(shard_id)

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        log.exception("an event could not be handled: %s", event_method)  # noqa: LOG004 (called inside one)

    async def _failed(self, interaction: discord.Interaction, error: app_commands.AppCommandError) -> None:
        if isinstance(error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
            log.warning("a command of another version was used: %s", error)
            await self.intake.unknown(interaction)
            return
        log.error("a command failed: %s", error, exc_info=error)


async def shut(client: discord.Client) -> None:
    """Close a client and its connections, which discord.py leaves open after a login that failed."""
    await client.close()
    await hang_up(client)


async def hang_up(client: discord.Client) -> None:
    """Close the connections of a client that will log in again: each login makes new ones, and forgets the old."""
    connector = client.http.connector
    if isinstance(connector, aiohttp.BaseConnector):
        if not connector.closed:
            await connector.close()
        client.http.connector = discord.utils.MISSING


def _custom_id(interaction: discord.Interaction) -> str:
    return str(cast("dict[str, Any]", interaction.data or {}).get("custom_id", ""))


def _dispatched(interaction: discord.Interaction) -> bool:
    """Whether discord.py hands a press to a button: to one of our kinds, and while the message still has it."""
    custom_id = _custom_id(interaction)
    ours = pressed(custom_id) is not None or FORM.fullmatch(custom_id)
    rows = interaction.message.components if interaction.message is not None else []
    held = {
        getattr(child, "custom_id", None)
        for row in rows
        if isinstance(row, discord.ActionRow)
        for child in row.children
    }
    return bool(ours) and custom_id in held

"""Discord as a platform of `crux run`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import aiohttp
import discord
import yarl
from aiohttp import web
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.chat.desk import Desk, Rhythm
from bot.chat.discord.attendance import Attendance, Known, Note
from bot.chat.discord.choices import Choices
from bot.chat.discord.client import CruxClient, hang_up, shut
from bot.chat.discord.direct import DirectLine, directly
from bot.chat.discord.intake import Intake
from bot.chat.discord.messenger import DiscordMessenger, Illustrate
from bot.chat.discord.names import PREFIX
from bot.chat.discord.opening import Opening
from bot.chat.discord.organisers import GroupOf, Organisers
from bot.chat.discord.places import Places
from bot.chat.discord.syncing import OwnCommands
from bot.core.balloting import Balloting
from bot.core.choosing import Choosing
from bot.core.houserules import Rulebook
from bot.core.inbox import Inbox
from bot.core.language import Languages
from bot.core.outbox import Outbox
from bot.core.ports import Clock
from bot.errors import ConfigurationError

log = logging.getLogger(__name__)

START_SECONDS: Final = 30.0
"""How long a start waits for Discord; it goes on trying after that, and `/readyz` says that it isn't connected."""
AT_ONCE: Final = 200
"""Answers at the same time: those that wait for a language model, which has a limit of its own, hold up no others."""
WAITS: Final = (1.0, 2.0, 5.0, 15.0, 60.0)
"""Seconds between tries to log in, the last one for ever."""

_PASSING: Final = (aiohttp.ClientError, OSError, TimeoutError)


@dataclass(frozen=True, slots=True)
class Account:
    """How the bot connects.

    Args:
        guild: a development server, which alone gets the commands, and at once.
        shards: first, last and how many there are.
        api_url: the base of the API, where it is not Discord's own.
    """

    token: str
    guild: int | None = None
    message_content: bool = False
    shards: tuple[int, int, int] | None = None
    api_url: str | None = None
    ready_timeout: float = 2.0

    @classmethod
    def shard_range(cls, text: str | None) -> tuple[int, int, int] | None:
        """`first-last/total`, as the setting has it."""
        if text is None:
            return None
        span, _, total = text.partition("/")
        first, _, last = span.partition("-")
        return int(first), int(last), int(total)


@dataclass(frozen=True)
class Core:
    """What the adapter uses of Crux.

    Args:
        left: notes that a workspace has removed the bot.
        back: notes that a workspace has the bot.
        known: the workspaces that have the bot, so far as is known.
        organiser_group: the role that organises a workspace, beside those who may manage the server.
    """

    inbox: Inbox
    outbox: Outbox
    clock: Clock
    choosing: Choosing
    balloting: Balloting
    illustrate: Illustrate
    left: Note
    back: Note
    known: Known
    organiser_group: GroupOf
    languages: Languages
    rulebook: Rulebook


class DiscordPlatform:
    """A `bot.serving.platforms.Platform`.

    Args:
        rhythm: how often a growing answer is shown, and how often others' open work is looked for.
    """

    name = "discord"
    prefix = PREFIX

    def __init__(self, account: Account, core: Core, *, rhythm: Rhythm | None = None) -> None:
        shards = None
        if account.shards is not None:
            first, last, total = account.shards
            shards = (range(first, last + 1), total)
        self.client = CruxClient(
            message_content=account.message_content,
            own=OwnCommands(core.rulebook),
            guild=account.guild,
            shards=shards,
            ready_timeout=account.ready_timeout,
        )
        self._account = account
        direct = DirectLine(Places(self.client))

        # Discord takes about five edits of a message in five seconds.
        rhythm = rhythm or Rhythm(grow=1.5)
        self._desk = Desk(
            core.inbox, core.outbox, core.clock, PREFIX, direct.deliver, directly, rhythm=rhythm, at_once=AT_ONCE
        )
        self._messenger = DiscordMessenger(
            self.client, core.illustrate, core.rulebook, hears_all=account.message_content
        )
        intake = Intake(
            self.client,
            self._desk,
            self._messenger,
            direct,
            Choices(core.choosing),
            Opening(core.balloting, core.languages),
            Organisers(core.organiser_group),
            core.clock,
            core.languages,
        )
        self.client.attach(intake, Attendance(core.known, core.left, core.back))
        self._connecting: asyncio.Task[None] | None = None
        self._wrong: ConfigurationError | None = None

    @property
    def messenger(self) -> DiscordMessenger:
        return self._messenger

    def routes(self) -> Sequence[web.RouteDef]:
        return ()

    async def start(self) -> None:
        self._connecting = asyncio.create_task(self._connect())
        ready = asyncio.create_task(self.client.connected.wait())
        await asyncio.wait({self._connecting, ready}, timeout=START_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if self._wrong is not None:
            await shut(self.client)
            raise self._wrong
        if not self.client.is_ready():
            log.warning("Discord is not connected yet; it is tried on")
        self._desk.start()

    def missing(self) -> str | None:
        if self._wrong is not None:
            return self._wrong.message
        if not self.client.is_ready():
            return "not connected yet"
        if self.client.down:
            shards = ", ".join(map(str, sorted(self.client.down)))
            return f"connecting again (shard {shards})"
        return None

    async def stop(self, within: float) -> None:
        await self._desk.stop(within)
        await shut(self.client)
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.gather(self._connecting, return_exceptions=True)

    async def _connect(self) -> None:
        """Log in and stay connected; what passes is tried again, what doesn't is said in `missing`."""
        tries = 0
        while self._wrong is None and not self.client.is_closed():
            try:
                await point_at(self._account.api_url, self._account.token)
                await self.client.login(self._account.token)
                await self.client.connect()
            except ConfigurationError as error:
                self._wrong = error
            except (discord.DiscordException, RuntimeError, *_PASSING) as error:
                self._wrong = _for_good(error)
                if self._wrong is None:
                    wait = WAITS[min(tries, len(WAITS) - 1)]
                    tries += 1
                    log.warning("Discord can't be reached (%s); next try in %g s", type(error).__name__, wait)
                    await hang_up(self.client)
                    await asyncio.sleep(wait)
        if self._wrong is not None:
            log.error("Discord: %s", self._wrong.message)


def _for_good(error: Exception) -> ConfigurationError | None:
    """What an operator has to change; None where the failure may pass."""
    match error:
        case discord.PrivilegedIntentsRequired():
            told = (
                "Discord has not granted the message-content intent: switch it on under Bot in the developer portal, "
                "or unset CRUX_DISCORD_MESSAGE_CONTENT."
            )
        case discord.LoginFailure():
            told = (
                "Discord refuses the bot's token: copy it anew from Bot in the developer portal into "
                "CRUX_DISCORD_TOKEN."
            )
        case discord.ConnectionClosed():
            told = (
                f"Discord closed the connection for good (code {error.code}): check CRUX_DISCORD_TOKEN and "
                "CRUX_DISCORD_SHARDS."
            )
        case discord.DiscordServerError() | discord.GatewayNotFound():
            return None
        case discord.HTTPException() if error.status == 429:
            return None
        case discord.DiscordException() | RuntimeError():
            told = f"Discord won't have the bot as it is set up: {error}"
        case _:
            return None
    return ConfigurationError(told)


async def point_at(api_url: str | None, token: str) -> None:
    """Have discord.py in this process use another API than Discord's own, and the gateway that this one names.

    Raises:
        aiohttp.ClientError: it can't be reached.
        ConfigurationError: it names no gateway.
    """
    if api_url is None:
        return
    base = api_url.rstrip("/")
    headers = {"Authorization": f"Bot {token}"}
    async with aiohttp.ClientSession(headers=headers) as session, session.get(f"{base}/gateway") as answer:
        if answer.status == 401:
            Route.BASE = base
            return  # the login will tell
        told = await answer.json(content_type=None) if answer.status == 200 else {}
    gateway = told.get("url") if isinstance(told, dict) else None
    if not gateway:
        raise ConfigurationError("The server at CRUX_DISCORD_API_URL names no gateway; correct the address.")
    Route.BASE = base
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)

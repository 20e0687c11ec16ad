"""The fortnight's chat in Discord: the real adapter and discord.py against the small Discord."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any

from bot.chat.discord.names import guild_workspace
from bot.chat.discord.vocabulary import SUBCOMMANDS, Entry
from tests.acceptance.fortnight.chat import Shown, until
from tests.acceptance.fortnight.scenario import Scenario
from tests.acceptance.fortnight.stage import Stage, quiet
from tests.discord_crux import Crux, crux
from tests.discord_wire import DiscordServer, Member, Message, read
from tests.discord_wire.component_limits import BUTTON, walk

STANCES = ("strongly agree", "strongly disagree", "agree", "disagree", "unsure", "withdraw")
ALIASES = {"queue": "queue show", "prompt": "prompt ask", "schedule": "schedule list", "credit undo": "uncredit"}


class DiscordChat:
    """A driver: `async with DiscordChat(scenario, stage) as chat`."""

    def __init__(self, scenario: Scenario, stage: Stage) -> None:
        self._stage = stage
        self._server = DiscordServer()
        self._scenario = scenario
        self._members: dict[str, Member] = {}
        self._platform = AsyncExitStack()
        self._process = AsyncExitStack()
        self._crux: Crux | None = None

    async def __aenter__(self) -> DiscordChat:
        server = await self._platform.enter_async_context(self._server)
        guild = await server.guild()
        self._workspace = guild_workspace(guild.id)
        self._room = await server.channel(guild, "reading-group")
        for key, name in self._scenario.members.items():
            rights = ("manage_guild",) if key in self._scenario.organisers else ()
            self._members[key] = await server.member(guild, name, *rights)
        await self._start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._process.aclose()
        await self._platform.aclose()

    async def _start(self) -> None:
        self._process = AsyncExitStack()
        # What is being answered gets no time to end, as where the process is killed.
        started = crux(self._server, self._stage.settings(), clock=self._stage.clock, engine=False, stop_within=0.0)
        self._crux = await self._process.enter_async_context(started)
        self._crux.application.warm()

    @property
    def crux(self) -> Crux:
        assert self._crux is not None
        return self._crux

    # -- what members do ----------------------------------------------------------------------------------------------

    async def command(self, member: str, text: str) -> None:
        name, options = taken_apart(text)
        done = await self._members[member].command(self._room, name, **options)
        await self._server.until(lambda: done.acknowledged, 10)

    async def says(self, member: str, text: str) -> None:
        await self._members[member].says(self._room, text, mentions_bot=True)

    async def presses(self, member: str, message: str, label: str) -> None:
        shown = next(each for each in self._messages(member) if str(each.id) == message)
        done = await self._members[member].presses(shown, label)
        await self._server.until(lambda: done.acknowledged, 10)

    def sees(self, member: str) -> Sequence[Shown]:
        found: dict[object, Shown] = {}
        for message in self._messages(member):
            part = _shown(message)
            key = _whole(message)
            if key in found:
                whole = found[key]
                text, buttons = f"{whole.text}\n{part.text}", (*whole.buttons, *part.buttons)
                found[key] = Shown(whole.id, text, whole.private, buttons, whole.pictures + part.pictures)
            else:
                found[key] = part
        return list(found.values())

    def _messages(self, member: str) -> list[Message]:
        """The bot's messages that a member sees, without what says nothing of a debate."""
        person = self._members[member]
        every = [
            message
            for channel in (self._room, *self._room.threads, person.dm)
            for message in person.seen(channel)
            if message.author is self._server.bot and not message.loading
        ]
        heard = [each for each in every if not read(each).startswith("Argue here.")]
        return sorted(heard, key=lambda each: each.id)

    # -- the bot ------------------------------------------------------------------------------------------------------

    async def post_due(self) -> None:
        await self.crux.application.post_due(self.crux.platform.messenger, self._workspace)

    async def settled(self) -> None:
        await self._server.settles()
        await until(lambda: not self.crux.platform._desk._running, 20)
        await self.post_due()
        await quiet(self.crux.application, self._workspace)

    async def restart(self) -> None:
        await self._process.aclose()
        await self._start()


def taken_apart(text: str) -> tuple[str, Mapping[str, Any]]:
    """A command's name and options, as Discord's client has its members fill them in."""
    name, _, rest = text.removeprefix("/").partition(" ")
    if name in ("steelman", "counter"):
        return name, {"view": rest}
    if name == "stand":
        return name, _stand(rest)
    entry, rest = _entry(rest)
    return f"crux {' '.join(entry.path)}", dict(_fields(entry, rest))


def _stand(rest: str) -> Mapping[str, Any]:
    claim, _, rest = rest.partition(" ")
    options: dict[str, Any] = {"claim": claim}
    stance = next((each for each in STANCES if f"{rest} ".startswith(f"{each} ")), None)
    if stance is None:
        return options
    options["stance"], rest = stance, rest.removeprefix(stance).strip()
    for flag in ("public", "crux"):
        if f" {rest}".endswith(f" {flag}"):
            options[flag], rest = True, rest.removesuffix(flag).strip()
    return {**options, **({"reason": rest} if rest else {})}


def _entry(text: str) -> tuple[Entry, str]:
    """The subcommand that a text begins with, and what follows."""
    text = ALIASES.get(text, text)
    for entry in sorted(SUBCOMMANDS, key=lambda each: -len(each.path)):
        path = " ".join(entry.path)
        if text == path or text.startswith(f"{path} "):
            return entry, text.removeprefix(path).strip()
    if text.startswith("prompt "):
        return next(each for each in SUBCOMMANDS if each.path == ("prompt", "ask")), text.removeprefix("prompt ")
    raise AssertionError(f"no command begins like {text}")


def _fields(entry: Entry, rest: str) -> Iterator[tuple[str, Any]]:
    if entry.path == ("credit",):
        found = re.fullmatch(r"(\S+)(?: for (\S+))? because (.*)", rest)
        assert found is not None
        yield from {"argument": found[1], "reason": found[3]}.items()
        if found[2]:
            yield "claim", found[2]
        return
    for n, field in enumerate(entry.fields):
        value, _, more = (rest, "", "") if n == len(entry.fields) - 1 else rest.partition(" ")
        if field.name in ("reason", "until"):
            value = value.removeprefix("because ").removeprefix("until ")
        if value:
            yield field.name, int(value) if field.number else value
        rest = more


def _whole(message: Message) -> object:
    """What the parts of one message have in common."""
    if message.interaction is not None:
        return message.interaction.id
    return (message.nonce or str(message.id)).partition(".")[0]


def _shown(message: Message) -> Shown:
    labels = tuple(str(each["label"]) for _, each in walk(message.components) if each.get("type") == BUTTON)
    lines = [line for line in read(message).split("\n") if not line.startswith("[")] + list(labels)
    plain = [re.sub(r"^(### |-# |\s*- )", "", line) for line in lines]
    text = re.sub(r"\\([\\*_~|`>#<(+-])", r"\1", "\n".join(plain)).replace("\u2060", "").replace("**", "")
    private = message.ephemeral or message.channel.guild is None
    pictures = sum(each.filename.endswith(".png") for each in message.attachments)
    return Shown(str(message.id), text, private, labels, pictures)

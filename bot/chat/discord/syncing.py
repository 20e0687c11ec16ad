"""The commands as Discord has them: written only when they changed, as it takes few writes a day.

A development server has commands of its own, which would stay beside everybody's once it is none any longer. So it is
kept which servers got some.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import discord
from discord import app_commands
from discord.http import Route

from bot.chat.discord.names import EVERYWHERE
from bot.core.houserules import Rulebook
from bot.errors import StorageError

log = logging.getLogger(__name__)

Json: TypeAlias = Mapping[str, Any]


_OWN: Final = "commands of "
"""How the names of settings begin that say which servers have commands of their own."""


@dataclass(frozen=True)
class OwnCommands:
    """The servers that have commands of their own, as they were given some."""

    rulebook: Rulebook

    async def note(self, guild: int) -> None:
        await self.rulebook.set_setting(EVERYWHERE, None, f"{_OWN}{guild}", "yes")

    async def forget(self, guild: int) -> None:
        await self.rulebook.set_setting(EVERYWHERE, None, f"{_OWN}{guild}", None)

    async def guilds(self) -> set[int]:
        names = (name.removeprefix(_OWN) for name in await self.rulebook.settings(EVERYWHERE) if name.startswith(_OWN))
        return {int(name) for name in names if name.isascii() and name.isdigit()}


async def bring_up_to_date(
    client: discord.Client, tree: app_commands.CommandTree[Any], guild: int | None, own: OwnCommands
) -> None:
    """Give Discord the commands, everywhere or in one server, and take those away that other servers were given.

    Raises:
        discord.DiscordException: Discord won't have them.
    """
    try:
        if guild is not None:
            await own.note(guild)  # before it has them: what is noted in vain does no harm
        others = await own.guilds() - {guild}
    except StorageError as error:
        log.warning("which servers have commands of their own is not known: %s", error.message)
        others = set()
    await sync(client, tree, guild)
    for other in sorted(each for each in others if each is not None):
        await _take_away(tree, other, own)


async def _take_away(tree: app_commands.CommandTree[Any], guild: int, own: OwnCommands) -> None:
    try:
        await tree.sync(guild=discord.Object(guild))
        log.info("the server %s has no commands of its own any longer", guild)
    except (discord.Forbidden, discord.NotFound):  # Crux is no longer there
        log.info("the server %s can't be given other commands", guild)
    except discord.HTTPException as error:
        log.warning("the server %s still has commands of its own beside everybody's: %s", guild, error)
        return
    try:
        await own.forget(guild)
    except StorageError as error:
        log.warning("that a server has no commands of its own could not be noted: %s", error.message)


async def sync(client: discord.Client, tree: app_commands.CommandTree[Any], guild: int | None) -> bool:
    """Give Discord the commands, everywhere or in one server; False where it has them as they are.

    Raises:
        discord.DiscordException: Discord won't have them.
    """
    place = None if guild is None else discord.Object(guild)
    if place is not None:
        tree.copy_global_to(guild=place)
    wanted = await payload(tree, place)
    if same(wanted, await _held(client, guild)):
        log.info("the commands are as Discord has them")
        return False
    await tree.sync(guild=place)
    log.info("the commands have changed, and Discord has the new ones")
    return True


async def payload(tree: app_commands.CommandTree[Any], place: discord.abc.Snowflake | None = None) -> list[Json]:
    """The commands as they are sent."""
    found: list[Json] = []
    for kind in (discord.AppCommandType.chat_input, discord.AppCommandType.message):
        for command in tree.get_commands(guild=place, type=kind):
            if tree.translator is not None:
                found.append(await command.get_translated_payload(tree, tree.translator))
            else:
                found.append(command.to_dict(tree))
    return found


async def _held(client: discord.Client, guild: int | None) -> list[Json]:
    """What Discord has, with the localisations, which it leaves out unless it is asked for them."""
    where = "" if guild is None else "/guilds/{guild}"
    path = f"/applications/{{application}}{where}/commands"
    route = Route("GET", path, application=client.application_id or 0, guild=guild or 0)
    found: list[Json] = await client.http.request(route, params={"with_localizations": "true"})
    return found


def same(wanted: Sequence[Json], held: Sequence[Json]) -> bool:
    """Whether Discord has these commands and no others."""
    return {_key(each): _plain(each) for each in wanted} == {_key(each): _plain(each) for each in held}


_DEFAULTS: Mapping[str, Any] = {
    "required": False,
    "autocomplete": False,
    "nsfw": False,
    "dm_permission": True,
    "type": 1,
}
_NAMED = frozenset(
    {
        "name",
        "description",
        "name_localizations",
        "description_localizations",
        "required",
        "autocomplete",
        "choices",
        "value",
        "type",
        "min_value",
        "max_value",
        "min_length",
        "max_length",
        "contexts",
        "integration_types",
        "default_member_permissions",
        "nsfw",
    }
)


def _key(command: Json) -> tuple[int, str]:
    return int(command.get("type") or 1), str(command["name"])


def _plain(thing: Json) -> dict[str, Any]:
    """A command without what Discord adds to it or leaves out of it."""
    found: dict[str, Any] = {}
    for name in _NAMED:
        value = thing.get(name)
        if value is None or value in ([], {}, "") or value == _DEFAULTS.get(name):
            continue
        if name == "choices":
            found[name] = [_plain(each) for each in value]
        elif name in {"contexts", "integration_types"}:
            found[name] = sorted(value)
        else:
            found[name] = value
    options = [_plain(each) | {"name": each["name"]} for each in thing.get("options") or []]
    if options:
        found["options"] = options
    return found

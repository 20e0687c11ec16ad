"""Every command that Discord is given: what it says of itself, where it can be used, and that it is answered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import discord
import pytest
from discord import app_commands

from bot.chat.discord.commands import add_commands
from bot.chat.discord.forms import stand_text
from bot.chat.discord.syncing import same
from bot.chat.discord.translations import translations
from bot.chat.discord.vocabulary import GROUPS, SUBCOMMANDS
from bot.core.commands import Stand
from bot.core.parsing import _SUBCOMMANDS, answers_privately, parse
from bot.core.positions import Stance
from tests.discord_crux import crux, ended, seated
from tests.discord_wire import DiscordServer, pings, read
from tests.discord_wire.form_limits import commands_errors

Json = dict[str, Any]


def leaves(commands: list[Json]) -> Iterator[tuple[str, Json]]:
    """Every slash command and subcommand that can be sent, with its path."""

    def below(path: str, thing: Json) -> Iterator[tuple[str, Json]]:
        inner = [each for each in thing.get("options") or [] if each["type"] in (1, 2)]
        if not inner:
            yield path, thing
        for each in inner:
            yield from below(f"{path} {each['name']}", each)

    for command in commands:
        if command.get("type", 1) == 1:
            yield from below(command["name"], command)


def things(command: Json) -> Iterator[Json]:
    """Everything of a command that has a description: itself, groups, subcommands, options."""
    yield command
    for option in command.get("options") or []:
        yield from things(option)


def slash(commands: list[Json]) -> list[Json]:
    return [command for command in commands if command.get("type", 1) == 1]


async def test_every_command_says_what_it_is_in_each_language_and_where_it_can_be_used(
    server: DiscordServer, tmp_path: Path
) -> None:
    await seated(server)
    async with crux(server, tmp_path, engine=False):
        commands = server.world.commands[None]
        assert {command["name"] for command in commands if command["type"] == 1} == {
            "steelman",
            "counter",
            "stand",
            "crux",
        }
        assert {command["name"] for command in commands if command["type"] == 3} == {
            "Steelman this",
            "Counter this",
            "Where do I stand?",
        }
        assert commands_errors(commands) == []
        for command in commands:
            assert command["contexts"] == [0, 1, 2], command["name"]
            assert command["integration_types"] == [0, 1], command["name"]
            # Who is an organiser the core asks of the member's rights; servers may narrow it in their own settings.
            assert command.get("default_member_permissions") is None
        for command in commands:
            if command["type"] == 3:
                assert set(command["name_localizations"]) == {"de", "fr"}
        for thing in (each for command in slash(commands) for each in things(command)):
            assert thing["description"] != "…", thing["name"]
            assert set(thing["description_localizations"]) == {"de", "fr"}, thing["description"]
            assert not thing.get("name_localizations")


def test_no_translation_is_left_over() -> None:
    used = {"Steelman this", "Counter this", "Where do I stand?"}
    tree: app_commands.CommandTree[discord.Client] = app_commands.CommandTree(
        discord.Client(intents=discord.Intents.none())
    )
    add_commands(tree, None)  # type: ignore[arg-type]
    for command in tree.get_commands(type=discord.AppCommandType.chat_input):
        used |= {thing["description"] for thing in things(command.to_dict(tree))}
    assert set(translations()) == used
    assert all(len(text) <= 100 for each in translations().values() for text in each.values())


def test_every_subcommand_of_the_core_has_its_place() -> None:
    reached = {entry.text({field.name: "7" for field in entry.fields}).split()[1] for entry in SUBCOMMANDS}
    aliases = {"", "topics", "digests", "proposal", "setting"}
    assert reached == set(_SUBCOMMANDS) - aliases
    assert {entry.path[0] for entry in SUBCOMMANDS if len(entry.path) > 1} == set(GROUPS)


async def test_every_command_answers_bad_input_in_words(server: DiscordServer, tmp_path: Path) -> None:
    ada, channel = await seated(server)
    async with crux(server, tmp_path, engine=False):
        for path, leaf in leaves(server.world.commands[None]):
            given: Json = {}
            for option in leaf.get("options") or []:
                if option["type"] == 4:
                    given[option["name"]] = 999_999
                elif option.get("choices"):
                    given[option["name"]] = option["choices"][0]["value"]
                elif option["type"] == 3:
                    given[option["name"]] = "@everyone zz [x](https://evil.example) 99"
            done = await ada.command(channel, path, **given)
            shown = await ended(server, done)
            text = read(shown)
            assert re.search(r"\w[\w ,]{8,}", text), path
            assert pings(shown) == [], path
            assert "@everyone" not in text, path
            assert done.refusals == [], path


async def test_every_command_that_needs_nothing_has_an_answer(server: DiscordServer, tmp_path: Path) -> None:
    ada, channel = await seated(server)
    await ada.may("manage_guild")
    async with crux(server, tmp_path, engine=False):
        for path, leaf in leaves(server.world.commands[None]):
            if any(option.get("required") for option in leaf.get("options") or []):
                continue
            done = await ada.command(channel, path)
            if path == "stand":
                await server.until(lambda done=done: done.modal)  # type: ignore[misc]
                continue
            shown = await ended(server, done)
            assert "/crux`; try" not in read(shown), path
            if path not in REFUSED:
                text = "/" + (TEXTS.get(path) or path)
                assert shown.ephemeral == answers_privately(text), path


TEXTS = {"crux queue show": "crux queue", "crux prompt ask": "crux prompt", "crux uncredit": "crux credit undo"}
REFUSED = ("crux digest", "crux prompt close")
"""What would be said to the channel, and is refused where there is nothing to post or to close."""


async def test_options_are_completed_by_id_by_words_and_in_the_channels_topic(
    server: DiscordServer, tmp_path: Path
) -> None:
    ada, channel = await seated(server)
    async with crux(server, tmp_path, engine=False):
        for path, leaf in leaves(server.world.commands[None]):
            for option in leaf.get("options") or []:
                if option.get("autocomplete"):
                    choices = await ada.autocompletes(channel, path, option["name"], "")
                    assert 1 <= len(choices) <= 25, path
        found = await ada.autocompletes(channel, "stand", "claim", "mi-07")
        assert found[0]["value"] == "MI-07"
        assert found[0]["name"].startswith("MI-07: Nobody has a specific plan")
        found = await ada.autocompletes(channel, "crux map", "claim", "specific plan")
        assert "MI-07" in [choice["value"] for choice in found]
        words = "nobody has a plan that turns interpretability into safety"
        await ended(server, await ada.command(channel, "counter", view=words))  # by then the map can be read
        found = await ada.autocompletes(channel, "stand", "claim", words)
        assert found[0]["value"] == "MI-07"
        found = await ada.autocompletes(channel, "steelman", "view", "no concrete plan")
        assert found[0]["value"] == "no concrete plan"
        found = await ada.autocompletes(channel, "crux topic", "topic", "four")
        assert [choice["value"] for choice in found] == ["four-day-week"]
        await ended(server, await ada.command(channel, "crux topic", topic="four-day-week"))
        found = await ada.autocompletes(channel, "stand", "claim", "")
        assert all(not choice["value"].startswith("MI-") for choice in found)
        # It is advice: what is sent in the end is read by the core.
        shown = await ended(server, await ada.command(channel, "stand", claim="MI-07: Nobody has a specific plan"))
        assert "MI-07" in read(shown)


async def test_commands_are_written_only_when_they_changed(server: DiscordServer, tmp_path: Path) -> None:
    guild = await server.guild()
    route = "/applications/{application}/commands"
    async with crux(server, tmp_path, engine=False):
        assert len(server.calls_of("PUT", route)) == 1
    async with crux(server, tmp_path, engine=False):
        assert len(server.calls_of("PUT", route)) == 1
    server.world.commands[None][0]["description"] = "Something else"
    async with crux(server, tmp_path, engine=False):
        assert len(server.calls_of("PUT", route)) == 2
    async with crux(server, tmp_path, engine=False, discord_guild=guild.id):
        assert len(server.calls_of("PUT", route)) == 2
        assert len(server.world.commands[guild.id]) == 7


@pytest.mark.parametrize("there", ["everywhere", "another", "removed"])
async def test_a_server_that_is_no_longer_for_development_keeps_no_commands_of_its_own(
    server: DiscordServer, tmp_path: Path, there: str
) -> None:
    ada, channel = await seated(server)
    guild, other = ada.guild, await server.guild("other")
    async with crux(server, tmp_path, engine=False, discord_guild=guild.id):
        assert len(server.world.commands[guild.id]) == 7
    if there == "removed":
        await server.world.remove_bot(guild)
    now = other.id if there == "another" else None
    async with crux(server, tmp_path, engine=False, discord_guild=now):
        if there != "removed":
            assert server.world.commands[guild.id] == []
        if there == "everywhere":
            await ended(server, await ada.command(channel, "crux map"))
        route = "/applications/{application}/guilds/{guild}/commands"
        written = len(server.calls_of("PUT", route))
        assert written == 2 + (there == "another")
    async with crux(server, tmp_path, engine=False, discord_guild=now):  # nothing is left to be done
        assert len(server.calls_of("PUT", route)) == written


async def test_commands_that_could_not_be_taken_away_are_at_the_next_start(
    server: DiscordServer, tmp_path: Path
) -> None:
    guild = await server.guild()
    async with crux(server, tmp_path, engine=False, discord_guild=guild.id):
        pass
    server.faults.refuse("PUT /applications/*/guilds/*/commands", 50024)
    async with crux(server, tmp_path, engine=False):
        assert len(server.world.commands[guild.id]) == 7
    async with crux(server, tmp_path, engine=False):
        assert server.world.commands[guild.id] == []


def test_commands_are_the_same_whatever_discord_adds_to_them() -> None:
    ours = {"name": "a", "type": 1, "description": "x", "options": [{"name": "b", "type": 3, "description": "y"}]}
    theirs = {**ours, "id": "1", "version": "2", "default_member_permissions": None, "nsfw": False}
    assert same([ours], [theirs])
    assert not same([ours], [{**theirs, "description": "z"}])
    assert not same([ours], [])
    assert not same([ours], [theirs, {**theirs, "name": "c"}])
    changed = {**theirs, "options": [{"name": "b", "type": 3, "description": "y", "required": True}]}
    assert not same([ours], [changed])


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        ("MI-04", "strongly because"),
        ("MI-04", "that is the crux"),
        ("MI-04", "keep it --public"),
        ("MI-04", "- it is, so -"),
        ("MI-04", "withdraw"),
        ("MI-04", "crux public"),
        ("MI-04 agree", "x"),
        ("the thesis", "x"),
        ("MI-04: a claim", None),
    ],
)
def test_a_reason_is_never_taken_for_anything_else(claim: str, reason: str | None) -> None:
    for stance in Stance:
        for crux_, public in ((False, False), (True, False), (False, True), (True, True)):
            read_as = parse(stand_text(claim, stance.value, reason, crux=crux_, public=public))
            assert isinstance(read_as, Stand)
            assert (read_as.stance, read_as.crux, read_as.public) == (stance, crux_, public)
            assert (read_as.reason is None) == (reason is None)
            assert " " not in read_as.claim

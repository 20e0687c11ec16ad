"""Discord as a platform of `crux run`: how it connects, what it can't be started with, servers that come and go."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.chat.discord.checking import NEEDED, application_id, examine, invite_link, lacking, least_permissions
from bot.chat.discord.names import guild_workspace, own_workspace
from bot.chat.discord.platform import Account, point_at
from bot.errors import ConfigurationError
from bot.testing import MemoryStore
from tests.discord_crux import crux, ended, seated
from tests.discord_wire import TOKEN, DiscordServer, read


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with DiscordServer() as found:
        yield found
        assert found.unknown_routes == []


async def test_a_wrong_token_and_a_missing_intent_are_told_in_one_sentence(
    server: DiscordServer, tmp_path: Path
) -> None:
    token, server.token = server.token, "MTIz.wrong.token"
    with pytest.raises(ConfigurationError, match="copy it anew"):
        async with crux(server, tmp_path, engine=False, discord_token=None):
            pass
    server.token = token
    with pytest.raises(ConfigurationError, match="message-content intent"):
        async with crux(server, tmp_path, engine=False, discord_message_content=True):
            pass


async def test_discord_out_of_reach_at_the_start_is_waited_for(
    server: DiscordServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, channel = await seated(server)
    monkeypatch.setattr("bot.chat.discord.platform.START_SECONDS", 0.3)
    monkeypatch.setattr("bot.chat.discord.platform.WAITS", (0.4,))
    server.faults.fail("GET /users/@me", times=2, status=503)
    async with crux(server, tmp_path, engine=False) as running:
        assert running.platform.missing() == "not connected yet"
        await server.until(lambda: running.platform.missing() is None, 10)
        await ended(server, await ada.command(channel, "crux map"))


async def test_shards_are_served_by_ranges(server: DiscordServer, tmp_path: Path) -> None:
    guilds = [await server.guild(name) for name in ("one", "two")]
    channels = [await server.channel(guild) for guild in guilds]
    members = [await server.member(guild, "ada") for guild in guilds]
    shards = [(guild.id >> 22) % 2 for guild in guilds]
    assert sorted(shards) == [0, 1]
    async with (
        crux(server, tmp_path, engine=False, discord_shards="0-0/2") as first,
        crux(server, tmp_path, engine=False, discord_shards="1-1/2") as second,
    ):
        assert sorted(each.shard for each in server.gateway.identifies) == [(0, 2), (1, 2)]
        for ada, channel in zip(members, channels, strict=True):
            done = await ada.command(channel, "crux map")
            assert done.reached == 1
            await ended(server, done)
        assert first.platform.missing() is None
        assert second.platform.missing() is None


def test_a_range_of_shards_is_read() -> None:
    assert Account.shard_range("0-3/8") == (0, 3, 8)
    assert Account.shard_range(None) is None


class Departing(MemoryStore):
    """A store that keeps in mind what it is told of workspaces."""

    def __init__(self) -> None:
        super().__init__()
        self.noted: list[tuple[str, str]] = []

    async def workspace_left(self, workspace: str, at: datetime) -> None:
        self.noted.append(("left", workspace))
        await super().workspace_left(workspace, at)

    async def workspace_back(self, workspace: str) -> bool:
        self.noted.append(("back", workspace))
        return await super().workspace_back(workspace)


async def test_a_removal_is_noted_and_an_outage_is_none(server: DiscordServer, tmp_path: Path) -> None:
    ada, channel = await seated(server)
    workspace = guild_workspace(ada.guild.id)
    store = Departing()
    async with crux(server, tmp_path, store=store, engine=False):
        await server.world.outage(ada.guild)
        await server.settles()
        await server.world.join(ada.guild)
        await server.settles()
        assert ("left", workspace) not in store.noted
        await ended(server, await ada.command(channel, "crux map"))
        await server.world.remove_bot(ada.guild)
        await server.until(lambda: store.noted[-1] == ("left", workspace))
        await server.world.join(ada.guild)
        await server.until(lambda: store.noted[-1] == ("back", workspace))
        assert store.noted.count(("left", workspace)) == 1


async def test_servers_that_removed_it_while_it_was_away_are_noticed_at_the_start(
    server: DiscordServer, tmp_path: Path
) -> None:
    guilds = [await server.guild(name) for name in ("stays", "down", "gone", "deleted")]
    stays, down, gone, _ = guilds
    store = Departing()
    for guild in guilds:
        await store.join(guild_workspace(guild.id), "1", "Ada", datetime.now(UTC))
    await store.join(own_workspace(1), "1", "Ada", datetime.now(UTC))
    await store.join("slack:T1", "1", "Ada", datetime.now(UTC))
    await server.world.outage(down)
    for guild in guilds[2:]:
        await server.world.remove_bot(guild)
    left = [("left", guild_workspace(guild.id)) for guild in guilds[2:]]
    async with crux(server, tmp_path, store=store, engine=False):
        await server.until(lambda: len([each for each in store.noted if each[0] == "left"]) == 2)
        await server.settles()
        assert [each for each in store.noted if each[0] == "left"] == left
        assert ("back", guild_workspace(stays.id)) in store.noted
        await server.world.join(gone)
        await server.until(lambda: store.noted[-1] == ("back", guild_workspace(gone.id)))
    assert await store.workspaces_to_delete(datetime.now(UTC) + timedelta(days=1), 9) == [left[1][1]]
    async with crux(server, tmp_path, store=store, engine=False):
        await server.settles()
        assert [each for each in store.noted if each[0] == "left"] == left


async def test_a_removal_during_a_lost_session_is_noticed(server: DiscordServer, tmp_path: Path) -> None:
    guilds = [await server.guild(name) for name in ("stays", "down", "gone")]
    stays, down, gone = guilds
    store = Departing()
    for guild in guilds:
        await store.join(guild_workspace(guild.id), "1", "Ada", datetime.now(UTC))
    async with crux(server, tmp_path, store=store, engine=False):
        await server.settles()
        await server.world.outage(down)
        await server.settles()
        gone.present = False  # without a word: the session is lost in the same moment
        await server.gateway.invalidate()
        await server.until(lambda: ("left", guild_workspace(gone.id)) in store.noted, 15)
        await server.settles()
        assert [each for each in store.noted if each[0] == "left"] == [("left", guild_workspace(gone.id))]
        assert ("back", guild_workspace(stays.id)) in store.noted


async def test_a_process_judges_the_servers_of_its_own_shards(server: DiscordServer, tmp_path: Path) -> None:
    guilds = [await server.guild(name) for name in ("one", "two")]
    store = Departing()
    for guild in guilds:
        await store.join(guild_workspace(guild.id), "1", "Ada", datetime.now(UTC))
        await server.world.remove_bot(guild)
    mine, other = sorted(guilds, key=lambda guild: (guild.id >> 22) % 2)
    async with crux(server, tmp_path, store=store, engine=False, discord_shards="0-0/2"):
        await server.until(lambda: store.noted)
        await server.settles()
        assert store.noted == [("left", guild_workspace(mine.id))]
    async with crux(server, tmp_path, store=store, engine=False, discord_shards="1-1/2"):
        await server.until(lambda: len(store.noted) == 2)
        assert store.noted[1:] == [("left", guild_workspace(other.id))]


async def test_the_doctor_names_what_lacks_by_channel(server: DiscordServer) -> None:
    guild = await server.guild("Readers")
    good, muted, hidden = [await server.channel(guild, name) for name in ("good", "muted", "hidden")]
    assert good is not muted
    await server.world.forbid(muted, "send_messages", "attach_files")
    await server.world.forbid(hidden, "view_channel")
    found = [(each.well, each.told) async for each in examine(TOKEN)]
    told = dict((words, well) for well, words in found)  # noqa: C402 (well comes first)
    assert [words for words, well in told.items() if well is False] == [
        "Readers, #muted: lacks Send Messages to answer and to post; Attach Files for a digest's picture and for what "
        "members take along"
    ]
    assert [words for words, well in told.items() if well is None] == [
        "Readers, #hidden: hidden from Crux, which is fine if it has no use there"
    ]
    assert any(words == "Readers: 3 channels looked at" for words in told)
    wants_more = [each.told async for each in examine(TOKEN, message_content=True, guild=1) if each.well is False]
    assert len(wants_more) == 3
    assert "message-content intent is not" in wants_more[0]
    assert "CRUX_DISCORD_GUILD" in wants_more[1]
    with pytest.raises(ConfigurationError, match="copy it anew"):
        await application_id("MTIz.wrong.token")
    await server.world.remove_bot(guild)
    assert any("in no server yet" in each.told for each in [each async for each in examine(TOKEN)])


async def test_the_invite_asks_for_the_least_that_works(server: DiscordServer) -> None:
    application = await application_id(TOKEN)
    link = invite_link(application)
    assert f"client_id={server.bot.id}" in link
    assert f"permissions={least_permissions().value}" in link
    assert "scope=bot+applications.commands" in link
    assert lacking(least_permissions()) == []
    assert not least_permissions().administrator
    assert not least_permissions().mention_everyone
    assert len(NEEDED) == 6


async def test_a_server_without_a_gateway_is_no_discord(server: DiscordServer) -> None:
    with pytest.raises(ConfigurationError, match="names no gateway"):
        await point_at(server.api_url + "/nothing", TOKEN)
    server.rest.calls.clear()


def environment(folder: Path, server: DiscordServer, **changes: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CRUX_")}
    return {
        **kept,
        "CRUX_DATA_DIR": str(folder / "data"),
        "CRUX_ENCODER": "none",
        "CRUX_HTTP_PORT": "0",
        "CRUX_DISCORD_TOKEN": TOKEN,
        "CRUX_DISCORD_API_URL": server.api_url,
        **changes,
    }


async def test_crux_run_serves_discord_and_stops_cleanly(tmp_path: Path) -> None:
    async with DiscordServer(points_client=False) as server:
        ada, channel = await seated(server)
        log = (tmp_path / "log").open("w")
        process = subprocess.Popen(  # noqa: ASYNC220
            [sys.executable, "-m", "bot", "run"], env=environment(tmp_path, server), stdout=log, stderr=log
        )
        try:
            await server.until(lambda: server.world.commands[None] and server.gateway.sessions, 30)
            await asyncio.sleep(3)  # the client waits so long for further servers
            done = await ada.command(channel, "steelman", view="MI-07")
            shown = await ended(server, done, "Sources")
            assert "The best case for MI-07" in read(shown)
            process.terminate()
            assert await asyncio.to_thread(process.wait, 20) == 0
        finally:
            process.kill()
            await asyncio.to_thread(process.wait)
            log.close()
        assert "Traceback" not in (tmp_path / "log").read_text()


async def test_the_command_line_invites_and_examines(tmp_path: Path) -> None:
    async with DiscordServer(points_client=False) as server:
        await seated(server)

        async def said(*arguments: str, **changes: str) -> tuple[int, str]:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot",
                *arguments,
                env=environment(tmp_path, server, **changes),
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            out, _ = await process.communicate()
            return process.returncode or 0, out.decode()

        code, text = await said("discord", "invite")
        assert code == 0
        assert f"client_id={server.bot.id}" in text
        code, text = await said("doctor")
        assert code == 0
        assert "Reading group: 1 channels looked at" in text
        code, text = await said("doctor", CRUX_DISCORD_TOKEN="MTIz.wrong.token")
        assert code == 1
        assert "copy it anew" in text
        code, text = await said("discord", "invite", CRUX_DISCORD_TOKEN="")
        assert code == 3
        code, text = await said("config", CRUX_DISCORD_SHARDS="3-1/2")
        assert code == 3
        assert "0-3/8" in text

"""What is left in Discord by a process that dies, and what the next makes of it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from tests.discord_crux import EDIT, crux, is_whole, nothing_waits, seated, whole
from tests.discord_wire import DiscordServer, read
from tests.discord_writers import SlowWriter
from tests.integration.scripted_server import events, scripted
from tests.integration.test_discord_connecting import environment

pytestmark = pytest.mark.usefixtures("soon")


async def test_a_restart_in_the_middle_answers_once(server: DiscordServer, tmp_path: Path) -> None:
    ada, channel = await seated(server)
    async with crux(server, tmp_path, writer=SlowWriter(), lease_seconds=1.0, stop_within=0.0):
        await ada.command(channel, "steelman", view="MI-07")
        private = await ada.command(channel, "steelman", view="MI-08", private=True)
        await ada.waits_for(channel, lambda text: "It begins" in text)
        await server.until(lambda: private.answered)
    async with crux(server, tmp_path, lease_seconds=1.0) as running:
        await is_whole(server, channel, 10)
        await ada.waits_for(ada.dm, lambda text: "The best case for MI-08" in text, 10)
        await server.settles(0.5)
        assert [read(each) for each in channel.messages] == whole(channel)  # what was begun has become the whole
        assert not any("best case for MI-08" in read(each) for each in channel.messages)
        await nothing_waits(server, running)


@pytest.mark.parametrize("how", ["command", "mention", "dm"])
async def test_a_private_answer_whose_process_died_over_showing_it_comes_by_direct_message(
    server: DiscordServer, tmp_path: Path, how: str
) -> None:
    ada, channel = await seated(server)
    place = ada.dm if how == "dm" else channel
    stuck = server.faults.hang(EDIT if how == "command" else f"POST /channels/{ada.dm.id}/messages")
    async with crux(server, tmp_path, showing_seconds=0.5, stop_within=0.0) as first:
        if how == "command":
            await ada.command(place, "stand", claim="MI-07", stance="agree")
        else:
            await ada.says(place, "/stand MI-07 agree", mentions_bot=how != "dm")
        await server.until(lambda: stuck.met)
        for task in first.platform._desk._running:  # as a kill does: nothing is handed back
            task.cancel()
    server.faults.release()
    async with crux(server, tmp_path) as second:
        await ada.waits_for(ada.dm, lambda text: "Recorded: you agree" in text, 10)
        await server.settles()
        assert len([text for text in ada.sees(ada.dm) if "Recorded" in text]) == 1
        assert not any("Recorded" in read(message) for message in channel.messages if not message.ephemeral)
        await nothing_waits(server, second)


@pytest.mark.parametrize("how", ["command", "mention", "thread", "dm"])
async def test_what_a_killed_process_had_begun_to_write_becomes_the_answer(tmp_path: Path, how: str) -> None:
    stuck = scripted(events(60.0))
    async with DiscordServer() as server, stuck as model:
        ada, channel = await seated(server)
        place = await ada.opens_thread(channel, "Aside") if how == "thread" else ada.dm if how == "dm" else channel
        changes = {"CRUX_MODEL_URL": model.url, "CRUX_LEASE_SECONDS": "2", "CRUX_MODEL_FIRST_TOKEN_SECONDS": "60"}
        with (tmp_path / "log").open("w") as log:
            process = subprocess.Popen(  # noqa: ASYNC220
                [sys.executable, "-m", "bot", "run"],
                env=environment(tmp_path, server, **changes),
                stdout=log,
                stderr=log,
            )
            try:
                await server.until(lambda: server.world.commands[None] and server.gateway.sessions, 30)
                await asyncio.sleep(3)  # the client waits so long for further servers
                if how == "command":
                    await ada.command(place, "steelman", view="MI-07")
                else:
                    await ada.says(place, "/steelman MI-07", mentions_bot=how != "dm")
                partial = await ada.waits_for(place, lambda text: "Being written" in text, 20)
            finally:
                process.kill()
                await asyncio.to_thread(process.wait)
        async with crux(server, tmp_path / "data", lease_seconds=2.0) as running:
            await is_whole(server, place, 20)
            assert read(partial) == whole(place)[0]
            assert [each for each in place.messages if each.author is server.bot] == [partial]
            await nothing_waits(server, running)


async def test_what_a_process_had_only_promised_is_taken_away_when_the_answer_is_there(
    server: DiscordServer, tmp_path: Path
) -> None:
    ada, channel = await seated(server)
    bob = await server.member(ada.guild, "bob")
    async with crux(server, tmp_path, writer=SlowWriter(), lease_seconds=1.0, stop_within=0.0):
        server.faults.hang(EDIT, times=9)
        done = await ada.command(channel, "steelman", view="MI-07")
        await server.until(lambda: done.acknowledged)
        await server.settles()
        assert bob.sees(channel) == ["… is thinking"]
    server.faults.release()
    async with crux(server, tmp_path, lease_seconds=1.0) as running:
        await is_whole(server, channel, 10)
        await server.until(lambda: len(channel.messages) == 1)
        await nothing_waits(server, running)


async def test_an_answer_that_outlives_its_token_takes_the_place_of_what_was_shown_of_it(
    server: DiscordServer, tmp_path: Path
) -> None:
    ada, channel = await seated(server)
    writer = SlowWriter()
    async with crux(server, tmp_path, writer=writer) as running:
        await ada.command(channel, "steelman", view="MI-07")
        await ada.waits_for(channel, lambda text: "It begins" in text)
        server.clock.advance(901)
        writer.go.set()
        await is_whole(server, channel)
        assert len(channel.messages) == 1
        await nothing_waits(server, running)


@pytest.mark.parametrize("fate", ["deleted", "hidden", "unsaid"])
async def test_a_beginning_that_cannot_be_made_whole_costs_no_answer(
    server: DiscordServer, tmp_path: Path, fate: str
) -> None:
    ada, channel = await seated(server)
    mod = await server.member(ada.guild, "mod", "manage_messages")
    async with crux(server, tmp_path, writer=SlowWriter(), lease_seconds=1.0, stop_within=0.0):
        await ada.command(channel, "steelman", view="MI-07")
        partial = await ada.waits_for(channel, lambda text: "It begins" in text)
    match fate:
        case "deleted":
            await mod.deletes(partial)
        case "hidden":
            await server.world.forbid(channel, "read_message_history")
        case _:
            server.faults.fail("PATCH /channels/*/messages/*", status=503)  # which the library does not try again
    async with crux(server, tmp_path, lease_seconds=1.0) as running:
        await is_whole(server, channel, 60)
        assert len(channel.messages) == (2 if fate == "hidden" else 1)
        await nothing_waits(server, running)

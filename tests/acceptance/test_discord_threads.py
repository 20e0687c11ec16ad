"""Threads and turns in Discord: the real client over real sockets, the real application, a database on disk."""

from __future__ import annotations

from pathlib import Path

from tests.discord_crux import crux, ended, seated
from tests.discord_wire import DiscordServer, read


async def test_a_thread_keeps_its_topic_and_its_turns_also_after_a_restart(
    server: DiscordServer, tmp_path: Path
) -> None:
    ada, channel = await seated(server)
    bob = await server.member(ada.guild, "bob")
    thread = await ada.opens_thread(channel, "On work")
    async with crux(server, tmp_path):
        await ended(server, await ada.command(channel, "crux topic", topic="four-day-week"), "This channel now debates")
        await ended(server, await ada.command(thread, "steelman", view="FD-03"), "The best case for FD-03")
        other = await ada.command(channel, "crux topic", topic="mechanistic-interpretability")
        await ended(server, other, "This channel now debates")
        await bob.says(thread, "counter it", mentions_bot=True)
        countered = await bob.waits_for(
            thread, lambda text: "The best case against FD-03" in text and "Sources" in text
        )
        assert "Read as FD-03, from before." in read(countered)
        assert "four-day" in read(await ended(server, await bob.command(thread, "crux map"))).lower()
        shown = await ended(server, await bob.command(thread, "stand", claim="it", stance="agree"), "Recorded")
        assert "you agree with FD-03" in read(shown)
        assert "Read as FD-03, from before." in read(shown)
    async with crux(server, tmp_path):
        await ada.says(thread, "thesis", mentions_bot=True)
        await ada.waits_for(thread, lambda text: "That is FD-00" in text)
        await bob.says(thread, "and the other side?", mentions_bot=True)
        await bob.waits_for(thread, lambda text: "The best case against FD-00" in text)
        await ada.says(channel, "thesis", mentions_bot=True)
        await ada.waits_for(channel, lambda text: "That is MI-00" in text)
        found = await ada.autocompletes(thread, "stand", "claim", "FD-0")
        assert found
        assert all(choice["value"].startswith("FD-") for choice in found)


async def test_the_thread_of_a_prompt_keeps_its_topic_and_its_claim(server: DiscordServer, tmp_path: Path) -> None:
    guild = await server.guild()
    ada, channel = await server.member(guild, "ada", "manage_guild"), await server.channel(guild)
    bob = await server.member(guild, "bob")
    async with crux(server, tmp_path):
        await ended(server, await ada.command(channel, "crux prompt ask", claim="MI-07"), "Where do you stand")
        await server.until(lambda: channel.threads and channel.threads[0].messages)
        await ended(server, await ada.command(channel, "crux topic", topic="four-day-week"), "This channel now debates")
    (thread,) = channel.threads
    async with crux(server, tmp_path):
        await bob.says(thread, "counter it", mentions_bot=True)
        shown = await bob.waits_for(thread, lambda text: "The best case against MI-07" in text)
        assert "four-day" in read(await ended(server, await bob.command(channel, "crux map"))).lower()
        assert "four-day" not in read(await ended(server, await bob.command(thread, "crux map"))).lower()
        assert shown.channel is thread
        rules = read(await ended(server, await ada.command(thread, "crux settings")))
        assert "The four-day working week" in rules


async def test_a_topic_is_chosen_for_a_thread_alone(server: DiscordServer, tmp_path: Path) -> None:
    ada, channel = await seated(server)
    thread = await ada.opens_thread(channel, "On work")
    async with crux(server, tmp_path):
        chosen = await ended(server, await ada.command(thread, "crux topic", topic="four-day-week"))
        assert "This thread now debates" in read(chosen)
        assert "The channel keeps its own" in read(chosen)
        listed = await ended(server, await ada.command(thread, "crux topic"), "The topics here")
        assert "(this thread)" in read(listed)
        await ada.says(channel, "thesis", mentions_bot=True)
        await ada.waits_for(channel, lambda text: "That is MI-00" in text)
        back = await ada.presses(listed, "Debate Mechanistic interpretability as a main bet")
        assert "This thread now debates" in read(await ended(server, back))
        top = await ended(server, await ada.command(channel, "crux topic"), "The topics here")
        pressed = await ended(server, await ada.presses(top, "Debate The four-day working week"))
        assert "This channel now debates" in read(pressed)
        await ada.says(thread, "thesis", mentions_bot=True)
        await ada.waits_for(thread, lambda text: "That is MI-00" in text)


async def test_at_the_top_level_it_is_ones_own_last_turn_and_in_a_direct_message_the_last(
    server: DiscordServer, tmp_path: Path
) -> None:
    ada, channel = await seated(server)
    bob = await server.member(ada.guild, "bob")
    async with crux(server, tmp_path):
        await ended(server, await ada.command(channel, "steelman", view="MI-07"), "Sources")
        await ended(server, await bob.command(channel, "steelman", view="MI-08"), "Sources")
        await ada.says(channel, "counter it", mentions_bot=True)
        await ada.waits_for(channel, lambda text: "The best case against MI-07" in text)
        theirs = next(each for each in ada.seen(channel) if "The best case for MI-08" in read(each))
        await ada.says(channel, "counter it", reply_to=theirs)
        await ada.waits_for(channel, lambda text: "The best case against MI-08" in text)
        await ada.says(ada.dm, "/steelman MI-12")
        await ada.waits_for(ada.dm, lambda text: "The best case for MI-12" in text and "Sources" in text)
        await ada.says(ada.dm, "counter that")
        await ada.waits_for(ada.dm, lambda text: "The best case against MI-12" in text and "Sources" in text)
        await ada.says(ada.dm, "stand disagree")
        await ada.waits_for(ada.dm, lambda text: "you disagree with MI-12" in text)

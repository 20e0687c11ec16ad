"""What goes wrong between Crux and Discord: one answer, once, and never silence."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

import pytest

from bot.chat.discord.names import guild_workspace
from bot.core.outbox import ORGANISERS, PostState
from bot.errors import Refused, StorageBusy
from bot.testing import MemoryStore
from tests.discord_crux import CALLBACK, EDIT, POSTS, a_post, crux, ended, is_whole, nothing_waits, seated
from tests.discord_wire import DiscordServer, Impossible, Member, read
from tests.discord_writers import SlowWriter

pytestmark = pytest.mark.usefixtures("soon")


# -- interactions -----------------------------------------------------------------------------------------------------


async def test_an_answer_that_is_late_for_its_token_goes_to_the_channel_or_the_dm(
    server: DiscordServer, tmp_path: Path
) -> None:
    ada, channel = await seated(server)
    writer = SlowWriter()
    async with crux(server, tmp_path, writer=writer) as running:
        public = await ada.command(channel, "steelman", view="MI-07")
        private = await ada.command(channel, "steelman", view="MI-08", private=True)
        await server.until(lambda: public.acknowledged and private.acknowledged)
        await server.settles()
        server.clock.advance(901)
        writer.go.set()
        await is_whole(server, channel)
        await ada.waits_for(ada.dm, lambda text: "The best case for MI-08" in text)
        assert not any("MI-08” " in text or "best case for MI-08" in text for text in map(read, channel.messages))
        await nothing_waits(server, running)


async def test_an_interaction_that_discord_no_longer_knows_is_answered_in_the_channel(
    server: DiscordServer, tmp_path: Path
) -> None:
    ada, channel = await seated(server)
    async with crux(server, tmp_path) as running:
        server.faults.refuse(CALLBACK, 10062)
        await ada.command(channel, "steelman", view="MI-07")
        await is_whole(server, channel)
        server.faults.refuse(CALLBACK, 10062)
        await ada.command(channel, "stand", claim="MI-07", stance="agree")
        await ada.waits_for(ada.dm, lambda text: "Recorded: you agree" in text)
        ada.user.dms_closed = True
        server.faults.refuse(CALLBACK, 10062)
        await ada.command(channel, "stand", claim="MI-08", stance="agree")
        # Once by whoever answers, and once by the outbox, which then lets it be.
        await server.until(lambda: len(server.calls_of("POST", "/channels/{channel}/messages")) == 4)
        ada.user.dms_closed = False
        shown = await ended(server, await ada.command(channel, "crux me"))
        assert "MI-08" in read(shown)
        await nothing_waits(server, running)


async def test_an_answer_that_was_deleted_while_it_was_written_is_not_sent_again(
    server: DiscordServer, tmp_path: Path
) -> None:
    ada, channel = await seated(server)
    mod = await server.member(ada.guild, "mod", "manage_messages")
    writer = SlowWriter()
    async with crux(server, tmp_path, writer=writer, showing_seconds=0.3) as running:
        await ada.command(channel, "steelman", view="MI-07")
        shown = await ada.waits_for(channel, lambda text: "It begins" in text)
        await mod.deletes(shown)
        await ada.says(channel, "/steelman MI-08", mentions_bot=True)
        reply = await ada.waits_for(channel, lambda text: "MI-08" in text and "Being written" in text)
        await mod.deletes(reply)
        writer.go.set()
        await asyncio.sleep(1.5)
        assert [each for each in channel.messages if each.author is server.bot] == []
        await nothing_waits(server, running)


async def test_a_member_who_is_timed_out_meanwhile_has_their_answer(server: DiscordServer, tmp_path: Path) -> None:
    ada, channel = await seated(server)
    writer = SlowWriter()
    async with crux(server, tmp_path, writer=writer) as running:
        done = await ada.command(channel, "steelman", view="MI-07", private=True)
        await server.until(lambda: done.acknowledged)
        ada.guild.seats[ada.user.id].timed_out_until = server.clock.now() + 3600
        writer.go.set()
        shown = await ended(server, done, "Sources")
        assert shown.ephemeral
        with pytest.raises(Impossible):
            await ada.command(channel, "crux map")
        await nothing_waits(server, running)


async def test_a_channel_that_went_while_an_answer_was_written_ends_it(server: DiscordServer, tmp_path: Path) -> None:
    ada, channel = await seated(server)
    writer = SlowWriter()
    async with crux(server, tmp_path, writer=writer) as running:
        done = await ada.command(channel, "steelman", view="MI-07")
        await server.until(lambda: done.acknowledged)
        await server.world.delete_channel(channel)
        writer.go.set()
        await server.until(lambda: writer.written)
        await nothing_waits(server, running)


@pytest.mark.parametrize("status", [500, 502])
async def test_errors_and_pauses_of_discord_lose_and_double_nothing(
    server: DiscordServer, tmp_path: Path, status: int
) -> None:
    ada, channel = await seated(server)
    async with crux(server, tmp_path) as running:
        server.faults.fail(EDIT, status=status)
        server.faults.limit(EDIT, retry_after=0.2)
        await ada.command(channel, "steelman", view="MI-07")
        await is_whole(server, channel, 10)
        await nothing_waits(server, running)


async def test_an_answer_whose_showing_was_cut_is_found_and_not_doubled(server: DiscordServer, tmp_path: Path) -> None:
    ada, channel = await seated(server)
    writer = SlowWriter()
    async with crux(server, tmp_path, writer=writer, showing_seconds=0.3) as running:
        await ada.command(channel, "steelman", view="MI-07")
        await ada.waits_for(channel, lambda text: "It begins" in text)
        await server.settles()
        server.faults.lose(EDIT)  # it arrives, and nobody is told
        writer.go.set()
        await is_whole(server, channel)
        await server.until(lambda: server.calls_of("GET", "/channels/{channel}/messages"), 6)
        await asyncio.sleep(0.3)
        await is_whole(server, channel)
        await nothing_waits(server, running)


class Forgetful(MemoryStore):
    """Fails to note that a post is there, as often as that is insisted on."""

    failures = 0

    async def post_sent(self, workspace: str, post_id: str, reference: str, at: datetime) -> bool:
        if self.failures < 6:
            self.failures += 1
            raise StorageBusy
        return await super().post_sent(workspace, post_id, reference, at)


async def test_an_answer_that_was_shown_and_not_noted_is_not_shown_again(server: DiscordServer, tmp_path: Path) -> None:
    ada, channel = await seated(server)
    store = Forgetful()
    async with crux(server, tmp_path, store=store, showing_seconds=0.3) as running:
        await ada.command(channel, "steelman", view="MI-07")
        await is_whole(server, channel)
        await server.until(lambda: server.calls_of("GET", "/channels/{channel}/messages"), 6)
        assert store.failures == 6
        await asyncio.sleep(0.3)
        await is_whole(server, channel)
        await nothing_waits(server, running)


async def test_a_private_answer_that_arrived_comes_once_though_that_can_not_be_said(
    server: DiscordServer, tmp_path: Path
) -> None:
    ada, channel = await seated(server)
    async with crux(server, tmp_path) as running:
        refused = server.faults.refuse(f"POST /channels/{channel.id}/messages", 50013)
        await ada.says(channel, "/stand MI-07 agree", mentions_bot=True)
        await ada.waits_for(ada.dm, lambda text: "Recorded: you agree" in text)
        await server.until(lambda: refused.met)
        await server.settles(0.5)
        assert len(ada.sees(ada.dm)) == 1
        await nothing_waits(server, running)


async def test_a_private_answer_that_arrived_unsaid_is_not_sent_again(server: DiscordServer, tmp_path: Path) -> None:
    ada, channel = await seated(server)
    async with crux(server, tmp_path) as running:
        server.faults.refuse(CALLBACK, 10062)
        server.faults.lose(f"POST /channels/{ada.dm.id}/messages")
        await ada.command(channel, "stand", claim="MI-07", stance="agree")
        await ada.waits_for(ada.dm, lambda text: "Recorded: you agree" in text)
        await server.until(lambda: server.calls_of("GET", "/channels/{channel}/messages"), 10)
        await server.settles(0.3)
        assert len(ada.sees(ada.dm)) == 1
        await nothing_waits(server, running)


async def test_two_processes_answer_one_command_once(server: DiscordServer, tmp_path: Path) -> None:
    ada, channel = await seated(server)
    async with crux(server, tmp_path) as first, crux(server, tmp_path) as second:
        done = await ada.command(channel, "steelman", view="MI-07")
        assert done.reached == 2
        await is_whole(server, channel)
        assert done.refusals == []
        await ada.says(channel, "MI-08", mentions_bot=True)
        await ada.waits_for(channel, lambda text: "That is MI-08" in text)
        await server.settles()
        assert len([text for text in ada.sees(channel) if "That is MI-08" in text]) == 1
        await nothing_waits(server, first)
        await nothing_waits(server, second)


async def test_a_dead_model_is_made_good_by_the_outline(server: DiscordServer, tmp_path: Path) -> None:
    ada, channel = await seated(server)
    dead = {"model_url": "http://127.0.0.1:9/v1", "model_retries": 0, "model_first_token_seconds": 1.0}
    async with crux(server, tmp_path, **dead):  # type: ignore[arg-type]
        done = await ada.command(channel, "steelman", view="MI-07")
        shown = await ended(server, done, "Sources")
        assert done.acknowledged_at is not None
        assert done.acknowledged_at - done.at < 3
        assert "outline" in read(shown)


# -- the gateway ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["cut", "closed", "asked"])
async def test_the_connection_is_taken_up_again_and_nothing_is_answered_twice(
    server: DiscordServer, tmp_path: Path, how: str
) -> None:
    ada, channel = await seated(server)
    async with crux(server, tmp_path) as running:
        assert running.platform.missing() is None
        if how == "asked":
            await server.gateway.ask_reconnect()
        else:
            await server.gateway.drop(4000 if how == "closed" else None)
        done = await ada.command(channel, "steelman", view="MI-07")
        await is_whole(server, channel, 15)
        assert done.messages
        await server.until(lambda: running.platform.missing() is None, 10)
        assert server.gateway.resumes


# -- places that can't be posted to -----------------------------------------------------------------------------------


async def test_a_reply_that_may_not_be_posted_is_held_and_the_owner_hears_of_it_and_decides(
    server: DiscordServer, tmp_path: Path
) -> None:
    ada, channel = await seated(server)
    guild = ada.guild
    owner = Member(server, guild.owner, guild)
    async with crux(server, tmp_path, showing_seconds=0.3) as running:
        await server.world.forbid(channel, "send_messages")
        await server.settles()
        await ada.says(channel, "MI-07", mentions_bot=True)
        note = await owner.waits_for(owner.dm, lambda text: "A post is held" in text, 25)
        assert "Crux lacks a permission there" in read(note)
        (held,) = await running.store.outbox([PostState.HELD])
        assert f"crux@{guild.id}:post:{held.post.id}:send" in read(note)
        await server.world.permit(channel, "send_messages")
        await ended(server, await owner.presses(note, "Send it again"), "It will be sent")
        await ada.waits_for(channel, lambda text: "That is MI-07" in text, 10)
        stranger = await server.member(guild, "stranger")
        pressed = await stranger.presses_anyhow(note, f"crux@{guild.id}:post:{held.post.id}:drop")
        assert "Only organisers" in read(await ended(server, pressed))
        del guild.seats[stranger.user.id]
        pressed = await stranger.presses_anyhow(note, f"crux@{guild.id}:post:{held.post.id}:drop")
        assert "no longer in the server" in read(await ended(server, pressed))


async def test_organisers_hear_of_a_held_post_in_the_channel_that_they_chose(
    server: DiscordServer, tmp_path: Path
) -> None:
    ada, channel = await seated(server)
    organiser = await server.member(ada.guild, "olga", "manage_guild")
    office = await server.channel(ada.guild, "office")
    owner = Member(server, ada.guild.owner, ada.guild)
    async with crux(server, tmp_path, showing_seconds=0.3) as running:
        await ended(server, await organiser.command(office, "crux settings", name="notes", value="here"), "From now on")
        await server.world.forbid(channel, "send_messages")
        await server.settles()
        await ada.says(channel, "MI-07", mentions_bot=True)
        note = await organiser.waits_for(office, lambda text: "A post is held" in text, 25)
        assert owner.sees(owner.dm) == []
        await server.world.permit(channel, "send_messages")
        await ended(server, await organiser.presses(note, "Send it again"), "It will be sent")
        await ada.waits_for(channel, lambda text: "That is MI-07" in text, 10)
        await nothing_waits(server, running)


@pytest.mark.parametrize("why", ["gone", "muted", "unread", "another server's", "a forum", "nonsense"])
async def test_a_channel_that_cannot_be_used_for_notes_leaves_them_to_the_owner(
    server: DiscordServer, tmp_path: Path, why: str
) -> None:
    ada, _ = await seated(server)
    office = await server.channel(ada.guild, "office")
    elsewhere = await server.channel(await server.guild("elsewhere"), "office")
    owner = Member(server, ada.guild.owner, ada.guild)
    async with crux(server, tmp_path, engine=False) as running:
        chosen = str(office.id)
        match why:
            case "gone":
                await server.world.delete_channel(office)
            case "muted":
                await server.world.forbid(office, "send_messages")
            case "unread":
                await server.world.forbid(office, "read_message_history")
            case "another server's":
                chosen = str(elsewhere.id)
            case "a forum":
                chosen = str((await server.forum(ada.guild, "forum")).id)
            case _:
                chosen = "nonsense"
        await server.settles()
        workspace = guild_workspace(ada.guild.id)
        await running.store.set_setting(workspace, None, "notes", chosen)
        post = a_post(ada.guild.id, office, "For organisers", kind=ORGANISERS)
        reference = await running.platform.messenger.send(post)
        assert owner.sees(owner.dm) == ["For organisers"]
        assert elsewhere.messages == []
        assert await running.platform.messenger.find(post) == reference
        if why in ("gone", "nonsense"):
            return
        # Refused there in the end, which the bot could not know before.
        await running.store.set_setting(workspace, None, "notes", str(office.id))
        await server.world.permit(office, "send_messages", "read_message_history")
        await server.settles()
        server.faults.refuse(POSTS, 50001)
        await running.platform.messenger.send(a_post(ada.guild.id, office, "Again", kind=ORGANISERS, post_id="p2"))
        assert owner.sees(owner.dm)[1:] == ["Again"]


async def test_an_archived_thread_wakes_and_a_locked_one_is_refused_in_words(
    server: DiscordServer, tmp_path: Path
) -> None:
    ada, channel = await seated(server)
    thread = await ada.opens_thread(channel, "Old")
    async with crux(server, tmp_path, engine=False) as running:
        post = a_post(ada.guild.id, channel, "hello", thread=str(thread.id))
        await server.world.set_thread(thread, archived=True)
        await running.platform.messenger.send(post)
        assert "hello" in read(thread.last)
        await server.world.set_thread(thread, archived=True, locked=True)
        await server.settles()
        with pytest.raises(Refused, match="thread"):
            await running.platform.messenger.send(
                a_post(ada.guild.id, channel, "b", thread=str(thread.id), post_id="p2")
            )
        await server.world.grant(ada.guild, server.bot, "manage_threads")
        await server.settles()
        await running.platform.messenger.send(a_post(ada.guild.id, channel, "c", thread=str(thread.id), post_id="p3"))
        assert read(thread.last) == "c"

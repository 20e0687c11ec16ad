"""Crux in Discord: the real client over real sockets, the real application, a database on disk."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from bot.chat.discord.names import guild_workspace, own_workspace
from bot.core.positions import Stance
from bot.core.requests import Request
from bot.errors import StorageBusy
from bot.testing import MemoryStore
from tests.discord_crux import crux, ended, nothing_waits, seated
from tests.discord_wire import DiscordServer, Interaction, Member, Message, masked_links, pings, read
from tests.discord_writers import SlowWriter

# -- commands ---------------------------------------------------------------------------------------------------------


async def test_a_steelman_is_deferred_and_stands_with_its_sources_and_buttons(
    server: DiscordServer, tmp_path: Path
) -> None:
    ada, channel = await seated(server)
    async with crux(server, tmp_path) as running:
        done = await ada.command(channel, "steelman", view="MI-07")
        shown = await ended(server, done, "Sources")
        assert done.deferred
        assert not shown.ephemeral
        text = read(shown)
        assert "The best case for MI-07" in text
        assert "[MI-07]." in text
        assert "[I'd sign this](crux:sign:" in text
        assert pings(shown) == []
        assert masked_links(shown) == []
        assert done.messages == channel.messages == [shown]
        await nothing_waits(server, running)


async def test_an_answer_grows_by_few_edits_and_says_that_it_is_being_written(
    server: DiscordServer, tmp_path: Path
) -> None:
    ada, channel = await seated(server)
    writer = SlowWriter()
    async with crux(server, tmp_path, writer=writer):
        done = await ada.command(channel, "steelman", view="MI-07")
        await ada.waits_for(channel, lambda text: "It begins like this [MI-07]." in text)
        assert "Being written" in ada.sees(channel)[-1]
        writer.go.set()
        shown = await ended(server, done, "Sources")
        assert "Being written" not in read(shown)
        edits = server.calls_of("PATCH", "/webhooks/{application}/{token}/messages/{message}")
        assert 2 <= len(edits) <= 4


async def test_a_command_is_acknowledged_after_it_is_committed(server: DiscordServer, tmp_path: Path) -> None:
    ada, channel = await seated(server)
    async with crux(server, tmp_path, writer=SlowWriter()) as running:
        done = await ada.command(channel, "steelman", view="MI-07")
        await server.until(lambda: done.acknowledged)
        workspace = guild_workspace(channel.guild.id)  # type: ignore[union-attr]
        request = Request(
            workspace, str(channel.id), "1", "x", f"interaction:{done.id}", running.application.clock.now()
        )
        assert not await running.store.receive(request)


async def test_bad_input_is_answered_to_its_member_alone(server: DiscordServer, tmp_path: Path) -> None:
    ada, channel = await seated(server)
    bob = await server.member(ada.guild, "bob")
    async with crux(server, tmp_path):
        # Whether a claim exists is known only after the answer was promised to the channel.
        done = await ada.command(channel, "steelman", view="MI-99")
        shown = await ended(server, done, "There is no claim MI-99")
        assert shown.ephemeral
        assert bob.sees(channel) == []
        done = await ada.command(channel, "crux approve", number=7)
        assert (await ended(server, done, "organisers")).ephemeral
        assert bob.sees(channel) == []


async def test_a_position_is_private_and_the_standing_is_not(server: DiscordServer, tmp_path: Path) -> None:
    ada, channel = await seated(server)
    bob = await server.member(ada.guild, "bob")
    async with crux(server, tmp_path) as running:
        done = await ada.command(channel, "stand", claim="MI-07", stance="agree", reason="It is public", crux=True)
        shown = await ended(server, done, "Recorded: you agree with MI-07")
        assert shown.ephemeral
        assert "It is marked as a crux" in read(shown)
        assert "Your name stays hidden" in read(shown)
        workspace = guild_workspace(ada.guild.id)
        held = await running.store.current_position(
            workspace, "mechanistic-interpretability", "MI-07", str(ada.user.id)
        )
        assert held is not None
        assert (held.stance, held.reason, held.public, held.crux) == (Stance.AGREE, "It is public.", False, True)
        done = await bob.command(channel, "crux standing")
        assert not (await ended(server, done)).ephemeral
        done = await ada.command(channel, "stand", claim="MI-07")
        assert "You agree with MI-07" in read(await ended(server, done))


async def test_a_private_steelman_is_shared_once_by_two_presses(server: DiscordServer, tmp_path: Path) -> None:
    ada, channel = await seated(server)
    bob = await server.member(ada.guild, "bob")
    async with crux(server, tmp_path) as running:
        done = await ada.command(channel, "steelman", view="MI-07", private=True)
        shown = await ended(server, done, "Share with the channel")
        assert shown.ephemeral
        assert bob.sees(channel) == []
        first = await ada.presses(shown, "Share with the channel")
        again = await ada.presses(shown, "Share with the channel")
        await server.until(lambda: first.answered and again.answered)
        posted = await bob.waits_for(channel, lambda text: "The best case for MI-07" in text)
        assert "Share with the channel" not in read(posted)
        assert read(again.messages[-1]) == "You have shared that already."
        stranger = await bob.presses_anyhow(shown, f"crux:share:{'0' * 20}")
        assert "Only the answer that you kept" in read(await ended(server, stranger))
        assert len(channel.messages) == 1
        await nothing_waits(server, running)


async def test_what_is_kept_comes_as_a_file_and_is_forgotten_by_a_press(server: DiscordServer, tmp_path: Path) -> None:
    ada, channel = await seated(server)
    async with crux(server, tmp_path):
        await ended(server, await ada.command(channel, "stand", claim="MI-07", stance="disagree"))
        shown = await ended(server, await ada.command(channel, "crux export-me"))
        assert shown.ephemeral
        (attachment,) = shown.attachments
        assert b'"MI-07"' in attachment.data
        asked = await ended(server, await ada.command(channel, "crux forget-me"))
        label = re.findall(r"\[([^\]]+)\]\(crux:forget:yes\)", read(asked))[0]
        gone = await ended(server, await ada.presses(asked, label))
        assert gone.ephemeral
        shown = await ended(server, await ada.command(channel, "stand", claim="MI-07"))
        assert "You hold no position on MI-07" in read(shown)


# -- buttons ----------------------------------------------------------------------------------------------------------


async def test_buttons_work_after_a_restart(server: DiscordServer, tmp_path: Path) -> None:
    ada, channel = await seated(server)
    bob = await server.member(ada.guild, "bob")
    async with crux(server, tmp_path):
        shown = await ended(server, await ada.command(channel, "steelman", view="MI-07"), "Sources")
    async with crux(server, tmp_path):
        signed = await ended(server, await bob.presses(shown, "I'd sign this"))
        assert "Noted: you'd sign this steelman" in read(signed)
        assert signed.ephemeral
        countered = await ended(server, await bob.presses(shown, "Counter this"), "Sources")
        assert not countered.ephemeral
        where = await ended(server, await bob.presses(shown, "Where do I stand?"))
        recorded = await ended(server, await bob.presses(where, "Strongly agree"))
        assert "Recorded: you strongly agree with MI-07" in read(recorded)
        assert [each.deleted for each in (shown, countered)] == [False, False]


async def test_a_button_of_another_version_is_answered(server: DiscordServer, tmp_path: Path) -> None:
    ada, channel = await seated(server)
    async with crux(server, tmp_path):
        shown = await ended(server, await ada.command(channel, "steelman", view="MI-07"), "Sources")
        for custom_id in ("crux:waltz:1", "crux:sign:ffff", "polka"):
            pressed = await ada.presses_anyhow(shown, custom_id)
            answer = await ended(server, pressed)
            assert answer.ephemeral
            assert "button" in read(answer) or "still here" in read(answer)


async def test_a_form_records_a_position_also_when_it_was_opened_before_a_restart(
    server: DiscordServer, tmp_path: Path
) -> None:
    ada, channel = await seated(server)
    filled = {"Stance": "Strongly disagree", "Why?": "That is the crux", "A crux for me": False, "Show my name": False}
    async with crux(server, tmp_path) as running:
        where = await ended(server, await ada.command(channel, "stand", claim="MI-07"))
        opened = await ada.presses(where, "Say why …")
        await server.until(lambda: opened.modal)
        assert opened.modal is not None
        assert opened.modal["title"] == "Where do you stand on MI-07?"
        sent = await ended(server, await ada.submits(opened, filled))
        assert "you strongly disagree with MI-07" in read(sent)
        workspace = guild_workspace(ada.guild.id)
        held = await running.store.current_position(
            workspace, "mechanistic-interpretability", "MI-07", str(ada.user.id)
        )
        assert held is not None
        assert (held.reason, held.crux, held.public) == ("That is the crux.", False, False)
        blank = await ada.command(channel, "stand")
        await server.until(lambda: blank.modal)
    async with crux(server, tmp_path):
        sent = await ended(server, await ada.submits(blank, {**filled, "Claim": "mi-8", "Show my name": True}))
        assert "you strongly disagree with MI-08" in read(sent)
        assert "Your name is shown" in read(sent)
        wrong = await ada.command(channel, "stand")
        await server.until(lambda: wrong.modal)
        sent = await ended(server, await ada.submits(wrong, {**filled, "Claim": "nonsense"}))
        assert sent.ephemeral
        assert "is not a claim's id" in read(sent)


# -- message commands -------------------------------------------------------------------------------------------------


async def test_the_commands_of_a_message_take_its_words(server: DiscordServer, tmp_path: Path) -> None:
    ada, channel = await seated(server)
    bob = await server.member(ada.guild, "bob")
    async with crux(server, tmp_path):
        said = await bob.says(channel, "MI-07")
        shown = await ended(server, await ada.message_command("Counter this", said), "Sources")
        assert "MI-07" in read(shown)
        assert not shown.ephemeral
        empty = await bob.says(channel, "")
        told = await ended(server, await ada.message_command("Steelman this", empty))
        assert "no words" in read(told)


async def asked_where(server: DiscordServer, member: Member, message: Message) -> Interaction:
    """ "Where do I stand?" on a message, once its form is open."""
    opened = await member.message_command("Where do I stand?", message)
    await server.until(lambda: opened.modal)
    assert opened.messages == []
    return opened


def field_of(modal: Any, custom_id: str) -> Any:
    """An input of a form."""
    labelled = [each["component"] for each in modal["components"] if each.get("component")]
    return next(each for each in labelled if each["custom_id"] == custom_id)


async def test_where_one_stands_on_a_message_is_asked_in_a_form_at_once(server: DiscordServer, tmp_path: Path) -> None:
    ada, channel = await seated(server)
    bob = await server.member(ada.guild, "bob")
    async with crux(server, tmp_path) as running:
        words = "nobody has a plan that turns interpretability into safety"
        answer = await ended(server, await ada.command(channel, "counter", view=words), "Sources")  # reads the map
        named, said, empty = [await bob.says(channel, text) for text in ("MI-07", words, "")]
        for message in (answer, named, said):
            opened = await asked_where(server, ada, message)
            assert opened.modal is not None
            assert opened.modal["title"] == "Where do you stand on MI-07?"
            assert "Nobody has a specific plan" in str(opened.modal)
            assert not any(each.get("default") for each in field_of(opened.modal, "stance")["options"])
        filled = {"Stance": "Agree", "Why?": "It is public", "A crux for me": True, "Show my name": False}
        sent = await ended(server, await ada.submits(opened, filled))
        assert sent.ephemeral
        assert "Recorded: you agree with MI-07" in read(sent)
        opened = await asked_where(server, ada, named)  # what they hold is filled in, and nobody else's
        (chosen,) = [each for each in field_of(opened.modal, "stance")["options"] if each.get("default")]
        assert chosen["value"] == "agree"
        assert field_of(opened.modal, "reason")["value"] == "It is public."
        assert field_of(opened.modal, "crux")["default"]
        assert not field_of(opened.modal, "public").get("default")
        opened = await asked_where(server, bob, named)
        assert not any(each.get("default") for each in field_of(opened.modal, "stance")["options"])
        opened = await asked_where(server, bob, empty)
        assert opened.modal is not None
        assert opened.modal["title"] == "Where do you stand?"
        await nothing_waits(server, running)


async def test_a_prompt_is_answered_in_a_form_by_its_menu(server: DiscordServer, tmp_path: Path) -> None:
    ada, channel = await seated(server)
    await ada.may("manage_guild")
    async with crux(server, tmp_path):
        await ended(server, await ada.command(channel, "crux prompt ask", claim="MI-08"))
        prompt = await ada.waits_for(channel, lambda text: "crux:answer:" in text)
        opened = await asked_where(server, ada, prompt)
        assert opened.modal is not None
        assert opened.modal["title"] == "Where do you stand on MI-08?"


async def test_where_it_is_unsure_what_a_message_is_about_the_claims_open_the_form(
    server: DiscordServer, tmp_path: Path
) -> None:
    ada, channel = await seated(server)
    filled = {"Stance": "Disagree", "Why?": "", "A crux for me": False, "Show my name": False}
    async with crux(server, tmp_path) as running:
        said = await ada.says(channel, "MI-07 and MI-08 hang together")
        asked = await ended(server, await ada.message_command("Where do I stand?", said))
        assert asked.ephemeral
        assert "That names 2 claims" in read(asked)
        opened = await ada.presses(asked, "form:MI-08")
        await server.until(lambda: opened.modal)
        assert "you disagree with MI-08" in read(await ended(server, await ada.submits(opened, filled)))
        said = await ada.says(channel, "I like marmalade")
        await ended(server, await ada.command(channel, "counter", view="marmalade"))  # reads the maps
        asked = await ended(server, await ada.message_command("Where do I stand?", said))
        assert "has nothing on that" in read(asked)
        opened = await ada.presses(asked, "Name a claim …")
        await server.until(lambda: opened.modal)
        sent = await ended(server, await ada.submits(opened, {**filled, "Claim": "MI-09"}))
        assert "you disagree with MI-09" in read(sent)
        await nothing_waits(server, running)


async def test_where_a_message_cannot_be_read_in_time_the_answer_comes_later(
    server: DiscordServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, channel = await seated(server)
    monkeypatch.setattr("bot.chat.discord.opening.READ_SECONDS", 0.0)
    async with crux(server, tmp_path):
        said = await ada.says(channel, "MI-07")
        shown = await ended(server, await ada.message_command("Where do I stand?", said))
        assert shown.ephemeral
        assert "MI-07" in read(shown)


# -- words ------------------------------------------------------------------------------------------------------------


async def test_a_mention_a_pinging_reply_and_a_dm_are_answered_once_and_nothing_else_is(
    server: DiscordServer, tmp_path: Path
) -> None:
    ada, channel = await seated(server)
    async with crux(server, tmp_path) as running:
        await ada.says(channel, "MI-07, I say to nobody")
        asked = await ada.says(channel, "MI-07", mentions_bot=True)
        shown = await ada.waits_for(channel, lambda text: "That is MI-07" in text)
        assert shown.reply_to is asked
        assert pings(shown) == []
        await ada.says(channel, "/steelman MI-08", reply_to=shown)
        await ada.waits_for(channel, lambda text: "The best case for MI-08" in text and "Sources" in text)
        await ada.says(channel, "MI-09", reply_to=shown, pings=False)
        await server.settles()
        assert len([each for each in channel.messages if each.author is server.bot]) == 2
        await ada.says(ada.dm, "MI-07")
        await ada.waits_for(ada.dm, lambda text: "That is MI-07" in text)
        await ada.says(ada.dm, "/stand MI-07 agree")
        await ada.waits_for(ada.dm, lambda text: "Recorded: you agree" in text)
        held = await running.store.current_position(
            own_workspace(ada.user.id), "mechanistic-interpretability", "MI-07", str(ada.user.id)
        )
        assert held is not None
        await nothing_waits(server, running)


async def test_an_answer_for_one_member_is_not_said_in_the_channel(server: DiscordServer, tmp_path: Path) -> None:
    ada, channel = await seated(server)
    async with crux(server, tmp_path):
        await ada.says(channel, "/stand MI-07 disagree", mentions_bot=True)
        await ada.waits_for(channel, lambda text: "for you alone" in text)
        sent = await ada.waits_for(ada.dm, lambda text: "Recorded: you disagree with MI-07" in text)
        assert all("disagree with" not in text for text in ada.sees(channel))
        # A press in the DM is about the server.
        await ada.says(channel, "/stand MI-08", mentions_bot=True)
        where = await ada.waits_for(ada.dm, lambda text: "MI-08" in text)
        assert f"crux@{ada.guild.id}:stand:" in read(where)
        await ended(server, await ada.presses(where, "Agree"), "Recorded: you agree with MI-08")
        await ended(server, await ada.command(channel, "stand", claim="MI-08"), "You agree with MI-08")
        assert sent.channel is ada.dm
        ada.user.dms_closed = True
        await ada.says(channel, "/crux me", mentions_bot=True)
        await ada.waits_for(channel, lambda text: "I may not write to you directly" in text)


async def test_a_thread_has_the_topic_of_its_channel_and_gets_the_answer(server: DiscordServer, tmp_path: Path) -> None:
    ada, channel = await seated(server)
    async with crux(server, tmp_path):
        await ended(server, await ada.command(channel, "crux topic", topic="four-day-week"), "now debates")
        thread = await ada.opens_thread(channel, "On work")
        shown = await ended(server, await ada.command(thread, "crux map"))
        assert "four-day" in read(shown).lower()
        await ada.says(thread, "thesis", mentions_bot=True)
        await ada.waits_for(thread, lambda text: "That is" in text)


async def test_plain_messages_are_heard_in_own_threads_only_with_the_intent(
    server: DiscordServer, tmp_path: Path
) -> None:
    guild = await server.guild()
    ada, channel = await server.member(guild, "ada", "manage_guild"), await server.channel(guild)
    server.gateway.allowed |= 1 << 15
    async with crux(server, tmp_path, discord_message_content=True):
        await ended(server, await ada.command(channel, "crux prompt ask", claim="MI-07"))
        await server.until(lambda: channel.threads and channel.threads[0].messages)
        (thread,) = channel.threads
        assert "I hear what is written in this thread" in ada.sees(thread)[0]
        await ada.says(thread, "MI-08")
        await ada.waits_for(thread, lambda text: "That is MI-08" in text)
        await ada.says(channel, "MI-09")
        await server.settles()
        assert not any("That is MI-09" in text for text in ada.sees(channel))


# -- prompts and digests ----------------------------------------------------------------------------------------------


async def test_a_prompt_opens_a_thread_and_takes_answers_also_after_it_closed(
    server: DiscordServer, tmp_path: Path
) -> None:
    guild = await server.guild()
    ada, channel = await server.member(guild, "ada", "manage_guild"), await server.channel(guild)
    bob = await server.member(guild, "bob")
    async with crux(server, tmp_path):
        prompt = await ended(server, await ada.command(channel, "crux prompt ask", claim="MI-07"), "Where do you stand")
        await server.until(lambda: channel.threads and channel.threads[0].messages)
        (thread,) = channel.threads
        assert thread.name.startswith("Where do you stand on MI-07?")
        assert "mentions of me" in bob.sees(thread)[0]
        first, again = await bob.presses(prompt, "Agree"), await bob.presses(prompt, "Agree")
        for pressed in (first, again):
            assert (await ended(server, pressed)).ephemeral
        refused = await ended(server, await bob.command(channel, "crux prompt close"))
        assert "Only organisers" in read(refused)
        await ended(server, await ada.command(channel, "crux prompt close"))
        late = await ended(server, await bob.presses(prompt, "Disagree"))
        assert late.ephemeral
        assert "MI-07" in read(late)


async def test_a_digest_has_its_picture_and_goes_out_without_it_if_that_fails(
    server: DiscordServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guild = await server.guild()
    ada, channel = await server.member(guild, "ada", "manage_guild"), await server.channel(guild)
    members = [await server.member(guild, name) for name in ("bob", "cyd", "dan", "eve")]
    async with crux(server, tmp_path):
        for each in members:
            await ended(server, await each.command(channel, "stand", claim="thesis", stance="agree"))
        digest = await ended(server, await ada.command(channel, "crux digest"), "Digest")
        assert not digest.ephemeral
        (picture,) = digest.attachments
        assert picture.data.startswith(b"\x89PNG")
        assert picture.description
        assert "MI-00" in picture.description

        async def broken(*_: object) -> None:
            raise RuntimeError("no fonts")

        key = re.findall(r"\d{4}-W\d\d", read(digest))[0]
        again = await ended(server, await ada.command(channel, "crux digest", which=key), key)
        assert len(again.attachments) == 1
        assert again.ephemeral
        monkeypatch.setattr("bot.charts.picture_of", broken)
        again = await ended(server, await ada.command(channel, "crux digest", which=key), key)
        assert again.attachments == []


# -- user installs ----------------------------------------------------------------------------------------------------


async def test_where_only_the_member_brought_it_everything_is_private_and_of_their_own(
    server: DiscordServer, tmp_path: Path
) -> None:
    home = await server.guild()
    bob = await server.member(home, "bob")
    elsewhere = await server.guild("Elsewhere", present=False)
    ada, channel = await server.member(elsewhere, "ada"), await server.channel(elsewhere)
    async with crux(server, tmp_path) as running:
        shown = await ended(server, await ada.command(channel, "steelman", view="MI-07"), "Sources")
        assert shown.ephemeral
        shared = await ended(server, await ada.presses(shown, "Share with the channel"), "Sources")
        assert not shared.ephemeral
        assert (await ended(server, await ada.command(channel, "crux map"))).ephemeral
        await ended(server, await ada.command(channel, "stand", claim="MI-07", stance="agree"))
        assert await running.store.current_position(
            own_workspace(ada.user.id), "mechanistic-interpretability", "MI-07", str(ada.user.id)
        )
        shown = await ended(server, await ada.command(channel, "steelman", view="MI-08", private=False), "Sources")
        assert not shown.ephemeral
        await nothing_waits(server, running)
        assert bob.dm.messages == []


async def test_the_role_that_organisers_chose_organises(server: DiscordServer, tmp_path: Path) -> None:
    guild = await server.guild()
    ada, channel = await server.member(guild, "ada", "manage_guild"), await server.channel(guild)
    bob = await server.member(guild, "bob")
    role = await server.world.grant(guild, bob.user, "add_reactions")
    async with crux(server, tmp_path) as running:
        done = await bob.command(channel, "crux prompt ask", claim="MI-07")
        assert "Only organisers" in read(await ended(server, done))
        set_to = {"name": "organisers", "value": f"<@&{role.id}>"}
        refused = await ended(server, await bob.command(channel, "crux settings", **set_to))
        assert "Only organisers" in read(refused)
        changed = await ended(server, await ada.command(channel, "crux settings", **set_to))
        assert str(role.id) in read(changed)
        running.platform.client.intake.organisers._known.clear()  # what is remembered for half a minute
        done = await bob.command(channel, "crux prompt ask", claim="MI-07")
        await ended(server, done, "Where do you stand on MI-07?")


# -- what fails -------------------------------------------------------------------------------------------------------


class BrokenStore(MemoryStore):
    """A database that is out of reach when a test says so."""

    broken = False

    async def receive(self, request: Request, worker: str | None = None, seconds: float = 0.0) -> bool:
        if self.broken:
            raise StorageBusy
        return await super().receive(request, worker, seconds)


async def test_with_the_database_down_members_are_told_to_try_again(server: DiscordServer, tmp_path: Path) -> None:
    ada, channel = await seated(server)
    store = BrokenStore()
    async with crux(server, tmp_path, store=store):
        store.broken = True
        done = await ada.command(channel, "steelman", view="MI-07")
        await server.until(lambda: done.answered)
        assert done.response is not None
        assert done.response.ephemeral
        assert "try again" in read(done.response)
        await ada.says(channel, "MI-07", mentions_bot=True)
        await ada.waits_for(channel, lambda text: "try again" in text)
        store.broken = False
        await ended(server, await ada.command(channel, "steelman", view="MI-07"), "Sources")

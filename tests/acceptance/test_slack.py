"""What members see of Crux in Slack: the real slack_bolt against a small Slack over sockets on 127.0.0.1."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.chat.slack.manifest import manifest
from bot.core.holding import Holding
from bot.core.messages import Message as CoreMessage
from bot.core.messages import Paragraph
from bot.core.outbox import ANSWER, ORGANISERS, Post, PostState
from bot.errors import ConfigurationError, StorageBusy
from bot.scheduling.sender import Sender, SendingRules
from tests.acceptance.slack_bot import Bot, a_bot, install, installed, settings_of
from tests.databases import PostgresqlServer
from tests.slack import App, Channel, Member, Message, SlackServer, Timings, faults


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer(timings=Timings(retries=(0.0, 0.1, 0.2), disconnect_grace=0.05)) as server:
        server.rates.off()
        yield server


@pytest.fixture
async def bot(slack: SlackServer, tmp_path: Path) -> AsyncIterator[Bot]:
    async with a_bot(slack, settings_of(tmp_path)) as found:
        yield found


@pytest.fixture
def ann(slack: SlackServer) -> Member:
    return slack.member("ann", admin=True)


@pytest.fixture
def ben(slack: SlackServer) -> Member:
    return slack.member("ben")


@pytest.fixture
def room(slack: SlackServer, ann: Member, ben: Member) -> Channel:
    return slack.channel("general", ann, ben)


async def test_a_steelman_grows_in_the_channel(bot: Bot, ann: Member, ben: Member, room: Channel) -> None:
    ran = await ann.command(room, "/steelman", "MI-07")
    assert ran.acked
    await bot.slack.until(lambda: any("I'd sign this" in str(m.seen.labels) for m in public(bot, room)))
    (message,) = ben.sees(room)
    assert "The best case for MI-07" in message.seen.text
    assert "[MI-07]" in message.seen.text
    assert "Sources" in message.seen.text
    assert message.mentions == ()
    assert message.edits, "it was there before it was whole"


async def test_positions_are_private_and_buttons_work(bot: Bot, ann: Member, ben: Member, room: Channel) -> None:
    await ann.command(room, "/stand", "MI-07 agree because it is so")
    await bot.slack.until(lambda: ann.sees(room))
    (mine,) = ann.sees(room)
    assert "Recorded: you agree with MI-07" in mine.seen.text
    assert ben.sees(room) == []


def whole(bot: Bot, channel: Channel, words: str) -> list[Message]:
    """Posts of the bot in a channel that have some words and are no longer being written."""
    return [m for m in public(bot, channel) if words in m.seen.text and m.stream != "streaming" and done(m)]


def public(bot: Bot | SlackServer, channel: Channel) -> list[Message]:
    """What the bot posted to a channel for all to see, and still stands."""
    slack = bot if isinstance(bot, SlackServer) else bot.slack
    return [message for message in slack.posts(channel) if message.ephemeral_to is None]


def saw_more(member: Member, channel: Channel, count: int, thread: str | None = None) -> bool:
    return len(member.sees(channel, thread)) > count


def answered_in(slack: SlackServer, channel: Channel, thread: str) -> bool:
    return any(message.thread_ts == thread and done(message) for message in public(slack, channel))


def done(message: Message) -> bool:
    return (message.metadata or {}).get("event_type") != "crux_working"


# -- where the bot is spoken to ---------------------------------------------------------------------------------------


async def test_a_mention_is_answered_once_in_its_thread(bot: Bot, ann: Member, room: Channel) -> None:
    asked = await ann.says(room, "@crux /steelman MI-07")
    await bot.slack.until(lambda: whole(bot, room, "The best case for MI-07"))
    await bot.slack.settled()
    (answer,) = public(bot, room)
    assert answer.thread_ts == asked.ts
    assert answer.chunks, "it was streamed"
    assert "I'd sign this" in answer.seen.labels
    assert answer.mentions == ()
    assert len(bot.slack.events("app_mention")) == 1
    assert len(bot.slack.events("message")) >= 1, "the same mention came as a message, too"


async def test_plain_words_are_read_and_what_is_not_for_the_bot_is_left(bot: Bot, ann: Member, room: Channel) -> None:
    await ann.says(room, "nobody has a plan for turning interpretability into safety")
    await ann.says(room, "@crux nobody has a plan for turning interpretability into safety")
    await bot.slack.until(lambda: whole(bot, room, "MI-07"))
    await bot.slack.settled()
    assert len(public(bot, room)) == 1


async def test_below_an_answer_it_hears_plain_words_and_below_a_prompt_it_does_not(
    bot: Bot, ann: Member, ben: Member, room: Channel
) -> None:
    await ann.command(room, "/steelman", "MI-07")
    await bot.slack.until(lambda: whole(bot, room, "The best case for MI-07"))
    (answer,) = public(bot, room)
    await ben.says(room, "/counter MI-07", answer.ts)
    await bot.slack.until(lambda: whole(bot, room, "The best case against MI-07"))
    await ann.command(room, "/crux", "prompt MI-12")
    await bot.slack.until(lambda: whole(bot, room, "Where do you stand on MI-12?"))
    (prompt,) = whole(bot, room, "Where do you stand on MI-12?")
    before = len(public(bot, room))
    await ben.says(room, "I think that MI-12 is plainly wrong", prompt.ts)
    await bot.slack.settled()
    assert len(public(bot, room)) == before


async def test_a_direct_message_needs_no_mention(bot: Bot, ann: Member) -> None:
    direct = await ann.opens_dm()
    await ann.says(direct, "/stand MI-07 disagree")
    await bot.slack.until(lambda: whole(bot, direct, "you disagree with MI-07"))
    await ann.says(direct, "/crux me")
    await bot.slack.until(lambda: whole(bot, direct, "MI-07"))


async def test_a_message_edited_or_deleted_after_the_answer_changes_nothing(
    bot: Bot, ann: Member, room: Channel
) -> None:
    asked = await ann.says(room, "@crux /crux map MI-07")
    await bot.slack.until(lambda: public(bot, room) or ann.sees(room, asked.ts))
    await ann.edits(asked, "@crux /crux map MI-12")
    await ann.deletes(asked)
    before = len(ann.sees(room))
    await bot.slack.settled()
    assert len(ann.sees(room)) == before


# -- what is for one's own eyes ---------------------------------------------------------------------------------------


async def test_an_answer_kept_to_oneself_can_be_shared(bot: Bot, ann: Member, ben: Member, room: Channel) -> None:
    await ann.command(room, "/steelman", "privately MI-07")
    await bot.slack.until(lambda: any("Share with the channel" in m.seen.labels for m in ann.sees(room)))
    assert ben.sees(room) == []
    (mine,) = ann.sees(room)
    await ann.presses(mine, "Share with the channel")
    await bot.slack.until(lambda: ben.sees(room))
    (shared,) = ben.sees(room)
    assert "The best case for MI-07" in shared.seen.text
    assert "Share with the channel" not in shared.seen.labels


async def test_bad_input_gets_one_private_sentence(bot: Bot, ann: Member, ben: Member, room: Channel) -> None:
    for name, text, words in (
        ("/stand", "MI-07 maybe", "is not a stance"),
        ("/steelman", "", "Say what to argue about"),
        ("/crux", "nonsense", "There is no /crux nonsense"),
        ("/crux", "digest", "Only organisers post a digest"),
    ):
        member = ben if name == "/crux" else ann
        seen = len(member.sees(room))
        await member.command(room, name, text)
        await bot.slack.until(partial(saw_more, member, room, seen))
        assert words in member.sees(room)[-1].seen.text
    assert public(bot, room) == []


async def test_where_the_bot_is_not_the_member_is_told_how_to_invite_it(bot: Bot, ann: Member) -> None:
    elsewhere = bot.slack.channel("elsewhere", ann, bot=False)
    await ann.command(elsewhere, "/steelman", "MI-07")
    await bot.slack.until(lambda: ann.sees(elsewhere))
    (message,) = ann.sees(elsewhere)
    assert "/invite" in message.seen.text
    assert "The best case for MI-07" in message.seen.text
    async with asyncio.timeout(5):
        # Nothing is left to be sent after it.
        while await bot.application.store.outbox(tuple(PostState)):  # noqa: ASYNC110 (the end is in the database)
            await asyncio.sleep(0.01)


async def test_exported_data_comes_as_a_file_to_the_member_alone(bot: Bot, ann: Member, room: Channel) -> None:
    await ann.command(room, "/stand", "MI-07 agree because I say so")
    await ann.command(room, "/crux", "export-me")
    await bot.slack.until(lambda: any(file.shared_in for file in bot.slack.state.files.values()))
    (file,) = bot.slack.state.files.values()
    assert b"I say so" in (file.content or b"")
    assert all(message.ephemeral_to == ann.id or message.channel != room.id for message in ann.sees(room))


# -- buttons, modals, shortcuts, Home ---------------------------------------------------------------------------------


async def test_buttons_work_after_a_restart_and_for_everybody(
    slack: SlackServer, tmp_path: Path, ann: Member, ben: Member, room: Channel
) -> None:
    async with a_bot(slack, settings_of(tmp_path)) as first:
        await ann.command(room, "/steelman", "MI-07")
        await slack.until(lambda: whole(first, room, "The best case for MI-07"))
    (message,) = public(slack, room)
    async with a_bot(slack, settings_of(tmp_path)) as second:
        await ben.presses(message, "Counter this")
        await slack.until(lambda: whole(second, room, "The best case against MI-07"))
        assert whole(second, room, "The best case against MI-07")[0].thread_ts == message.ts
        await ben.presses(message, "I'd sign this")
        await slack.until(lambda: any("you'd sign this steelman" in text for text in ben.reads(room, message.ts)))


async def test_a_position_by_the_modal(bot: Bot, ann: Member, ben: Member, room: Channel) -> None:
    await ann.command(room, "/stand")
    await bot.slack.until(lambda: ann.modal is not None)
    assert ann.modal is not None
    sent = await ann.submits(
        ann.modal,
        {"claim": "MI-07", "stance": "Agree", "reason": "there is no plan; public", "marks": ["crux"]},
    )
    assert sent.errors == {}
    await bot.slack.until(lambda: ann.sees(room))
    assert "Recorded: you agree with MI-07" in ann.reads(room)[-1]
    held = await bot.application.store.current_position(
        f"slack:{bot.slack.home.id}", "mechanistic-interpretability", "MI-07", ann.id
    )
    assert held is not None
    assert (held.crux, held.public, held.reason) == (True, False, "because there is no plan; public.")
    assert ben.sees(room) == []


async def test_message_shortcuts_argue_what_was_said(bot: Bot, ann: Member, ben: Member, room: Channel) -> None:
    said = await ann.says(room, "nobody has a plan for turning interpretability into safety")
    await ben.shortcut(said, "steelman_this")
    await bot.slack.until(lambda: whole(bot, room, "The best case for"))
    await ben.shortcut(said, "counter_this")
    await bot.slack.until(lambda: whole(bot, room, "The best case against"))
    await ben.shortcut(said, "stand_on_this")
    await bot.slack.until(lambda: ben.modal is not None)
    assert ben.modal is not None
    (claim,) = [block for block in ben.modal.blocks if block.get("block_id") == "claim"]
    assert claim["element"]["initial_option"]["value"] == "MI-07"


async def test_home_shows_one_s_own_and_offers_export_and_forgetting(bot: Bot, ann: Member, room: Channel) -> None:
    await ann.command(room, "/stand", "MI-07 agree")
    await bot.slack.until(lambda: ann.sees(room))
    await ann.opens_home()
    await bot.slack.until(lambda: ann.home is not None)
    assert ann.home is not None
    shown = str(ann.home.blocks)
    assert "MI-07" in shown
    assert "Mechanistic interpretability as a main bet" in shown
    await ann.presses(ann.home, "Export my data")
    await bot.slack.until(lambda: bot.slack.state.files)


async def test_a_direct_message_begins_with_suggestions(bot: Bot, ann: Member) -> None:
    direct = await ann.opens_dm()
    await bot.slack.until(lambda: bot.slack.state.prompts)
    assert "/steelman thesis" in str(bot.slack.state.prompts)
    assert direct.kind == "im"


# -- what goes wrong --------------------------------------------------------------------------------------------------


async def test_with_the_database_down_commands_are_told_and_events_come_again(
    bot: Bot, ann: Member, room: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    received = bot.application.inbox._store.receive

    async def down(*_: object, **__: object) -> bool:
        raise StorageBusy

    monkeypatch.setattr(bot.application.inbox._store, "receive", down)
    ran = await ann.command(room, "/steelman", "MI-07")
    assert ran.acked
    await bot.slack.until(lambda: ann.sees(room))
    assert "try again in a moment" in ann.reads(room)[-1]
    asked = await ann.says(room, "@crux /steelman MI-12")
    await asyncio.sleep(0.05)
    monkeypatch.setattr(bot.application.inbox._store, "receive", received)
    await bot.slack.until(lambda: whole(bot, room, "The best case for MI-12"), seconds=15)
    await bot.slack.settled()
    assert [m.thread_ts for m in whole(bot, room, "The best case for MI-12")] == [asked.ts]


async def test_what_a_process_left_open_is_answered_by_the_next(
    slack: SlackServer, tmp_path: Path, ann: Member, room: Channel
) -> None:
    settings = settings_of(tmp_path, lease_seconds=0.3)
    async with a_bot(slack, settings) as first:

        class Dies:
            def answer(self, _: object) -> Any:
                raise asyncio.CancelledError

        first.application.inbox._answerer = Dies()
        await ann.says(room, "@crux /steelman MI-07")
        await slack.settled()
    assert public(slack, room) == []
    async with a_bot(slack, settings, calendar=True) as second:
        await slack.until(lambda: whole(second, room, "The best case for MI-07"), seconds=10)
        await slack.settled()
        assert len(public(slack, room)) == 1


async def test_what_was_answered_and_not_shown_is_shown_once(
    slack: SlackServer, tmp_path: Path, ann: Member, room: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.chat.slack.messenger.SHOWS_WITHIN", 0.2)
    settings = settings_of(tmp_path)
    async with a_bot(slack, settings, showing_seconds=0.5) as first:
        first.slack.faults.add("chat.update", faults.dropped(), times=20)
        await ann.command(room, "/steelman", "MI-07")
        await slack.until(lambda: public(slack, room))
        await slack.until(lambda: len(slack.calls("chat.update")) > 1)
    slack.faults.clear()
    async with a_bot(slack, settings, showing_seconds=0.5, calendar=True) as second:
        await slack.until(lambda: whole(second, room, "The best case for MI-07"), seconds=20)
        await slack.settled()
    assert len(public(slack, room)) == 1, "the message that was being written became the answer"


async def test_an_answer_deleted_while_it_is_written_comes_anew(
    bot: Bot, ann: Member, room: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()
    write = bot.application.writer.write

    async def slowly(assignment: Any) -> AsyncIterator[Any]:
        await begun.wait()
        async for event in write(assignment):
            yield event

    monkeypatch.setattr(bot.application.writer, "write", slowly)
    await ann.command(room, "/steelman", "MI-07")
    await bot.slack.until(lambda: public(bot, room))
    await ann.deletes(public(bot, room)[0])
    begun.set()
    await bot.slack.until(lambda: whole(bot, room, "The best case for MI-07"))
    assert len(public(bot, room)) == 1


async def test_an_archived_or_deleted_channel_refuses_and_nothing_breaks(bot: Bot, ann: Member, room: Channel) -> None:
    await ann.command(room, "/steelman", "MI-07")
    await bot.slack.until(lambda: whole(bot, room, "The best case for MI-07"))
    bot.slack.archive(room)
    store, now = bot.application.store, bot.application.clock.now()
    await store.enqueue([Post(f"slack:{bot.slack.home.id}", "p1", room.id, "note", message_of("hello"), now)])
    sender = Sender(store, bot.platform.messenger, bot.application.clock, "t")
    assert await sender.work_one()
    entry = await store.outbox_entry(f"slack:{bot.slack.home.id}", "p1")
    assert entry is not None
    assert (entry.state, "archived" in str(entry.reason)) == (PostState.HELD, True)


async def test_no_mention_comes_out_of_anything(bot: Bot, ann: Member, ben: Member, room: Channel) -> None:
    hostile = "<!channel> @here @everyone <@U1> &lt;!here&gt; `x` *b* _i_ <https://evil|ok>"
    await ann.command(room, "/crux", f"argue MI-07 against Plans exist {hostile}. They do {hostile}. See them.")
    await ann.command(room, "/steelman", hostile)
    await ann.says(room, f"@crux {hostile}")
    await bot.slack.until(lambda: len(bot.slack.posts()) >= 3)
    await bot.slack.settled()
    assert all(message.mentions == () for message in bot.slack.posts())


# -- scheduled posts --------------------------------------------------------------------------------------------------


async def test_a_prompt_is_answered_by_buttons_and_shows_no_tally(
    bot: Bot, ann: Member, ben: Member, room: Channel
) -> None:
    await ann.command(room, "/crux", "prompt MI-07")
    await bot.slack.until(lambda: whole(bot, room, "Where do you stand on MI-07?"))
    (prompt,) = public(bot, room)
    for member, stance in ((ann, "Agree"), (ben, "Disagree")):
        await member.presses(prompt, stance)
        await bot.slack.until(partial(saw_more, member, room, 1, prompt.ts))
        assert "Recorded" in member.reads(room, prompt.ts)[-1]
    assert "voted" not in prompt.seen.text
    assert len(public(bot, room)) == 1


@pytest.mark.parametrize("charts", [True, False])
async def test_a_digest_comes_with_slack_s_chart_or_with_a_picture(tmp_path: Path, charts: bool) -> None:
    async with SlackServer(charts=charts) as slack:
        slack.rates.off()
        folk = [slack.member(name, admin=name == "ann") for name in ("ann", "ben", "cyd")]
        room = slack.channel("general", *folk)
        async with a_bot(slack, settings_of(tmp_path), calendar=True) as bot:
            for member in folk:
                await member.command(room, "/stand", "MI-07 agree")
            await folk[0].command(room, "/crux", "schedule digest fri 16:00")
            await slack.until(lambda: whole(bot, room, "every Friday at 16:00"))
            await folk[0].command(room, "/crux", "schedule run digest")
            await slack.until(lambda: whole(bot, room, "Digest 20"), seconds=20)
            (digest,) = [m for m in whole(bot, room, "Digest 20") if not m.files]  # its picture may be there, too
            if charts:
                assert digest.seen.charts
                await slack.settled()
                assert not slack.state.files
                return
            await slack.until(lambda: any(file.shared_in for file in slack.state.files.values()), seconds=10)
            (file,) = slack.state.files.values()
            assert (file.content or b"").startswith(b"\x89PNG")
            assert "MI-07" in str(file.alt_text)


async def test_a_post_whose_answer_was_lost_is_found_and_not_doubled(
    bot: Bot, room: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.chat.slack.messenger.SHOWS_WITHIN", 0.1)
    store, clock = bot.application.store, bot.application.clock
    workspace = f"slack:{bot.slack.home.id}"
    bot.slack.faults.add("chat.postMessage", faults.dropped_after(), times=1)
    await store.enqueue([Post(workspace, "p1", room.id, "note", message_of("hello"), clock.now())])
    rules = SendingRules(spacing=0.0, first_wait=0.05)
    sender = Sender(store, bot.platform.messenger, clock, "t", rules=rules)
    async with asyncio.timeout(8):
        while not await store.outbox([PostState.SENT], workspace):
            await sender.work_one()
            await asyncio.sleep(0.05)
    assert len(public(bot, room)) == 1


async def test_what_is_for_organisers_reaches_them_directly(bot: Bot, ann: Member, ben: Member, room: Channel) -> None:
    store, clock = bot.application.store, bot.application.clock
    await store.enqueue(
        [Post(f"slack:{bot.slack.home.id}", "p1", room.id, ORGANISERS, message_of("psst"), clock.now())]
    )
    assert await Sender(store, bot.platform.messenger, clock, "t").work_one()
    assert public(bot, room) == []
    direct = await ann.opens_dm()
    assert any("psst" in text for text in ann.reads(direct))


async def test_what_is_for_organisers_is_posted_in_the_channel_that_they_chose(
    bot: Bot, ann: Member, ben: Member, room: Channel
) -> None:
    office = bot.slack.channel("office", ann, private=True)
    store, clock, messenger = bot.application.store, bot.application.clock, bot.platform.messenger
    workspace = f"slack:{bot.slack.home.id}"
    await store.set_setting(workspace, None, "notes", office.id)
    post = Post(workspace, "p1", room.id, ORGANISERS, message_of("psst"), clock.now())
    sent = await messenger.send(post)
    assert await messenger.find(post) == sent
    assert any("psst" in text for text in ann.reads(office))
    direct = await ann.opens_dm()
    assert ann.reads(direct) == []
    await store.set_setting(workspace, None, "notes", "C0GONE")
    gone = Post(workspace, "p2", room.id, ORGANISERS, message_of("psst again"), clock.now())
    sent = await messenger.send(gone)
    assert await messenger.find(gone) == sent
    assert any("psst again" in text for text in ann.reads(direct))
    assert public(bot, room) == []


# -- over HTTP --------------------------------------------------------------------------------------------------------


async def test_over_http_signatures_are_checked_and_replays_change_nothing(
    slack: SlackServer, tmp_path: Path, ann: Member, room: Channel
) -> None:
    async with a_bot(slack, settings_of(tmp_path), http=True) as bot:
        assert bot.address is not None
        http = slack.uses_http(bot.address)
        assert (await http.verify_url()).status == 200
        ran = await ann.command(room, "/steelman", "MI-07")
        assert ran.acked
        await slack.until(lambda: whole(bot, room, "The best case for MI-07"))
        assert (await http.with_wrong_signature(ran)).status == 401
        assert (await http.with_stale_timestamp(ran)).status == 401
        await http.replay()
        await slack.settled()
        assert len(public(slack, room)) == 1


async def test_a_socket_that_is_cut_comes_back(bot: Bot, ann: Member, room: Channel) -> None:
    await bot.slack.sockets.disconnect("refresh_requested")
    await bot.slack.sockets.connected()
    bot.slack.sockets.cut()
    await bot.slack.until(lambda: bot.platform.missing() is None and bot.slack.sockets.opened > 1, seconds=10)
    await ann.says(room, "@crux /steelman MI-07")
    await bot.slack.until(lambda: whole(bot, room, "The best case for MI-07"), seconds=15)
    await bot.slack.settled()
    assert len(public(bot, room)) == 1


async def test_over_several_sockets_nothing_is_lost_or_doubled_when_one_is_cut(
    slack: SlackServer, tmp_path: Path, ann: Member, room: Channel
) -> None:
    async with a_bot(slack, settings_of(tmp_path), sockets=3) as bot:
        for n in range(6):
            await ann.says(room, f"@crux /steelman MI-0{n + 1}")
        await slack.until(lambda: len(public(bot, room)) == 6, seconds=20)
        assert all(socket.envelopes for socket in slack.sockets.usable), "Slack spreads them"
        slack.sockets.cut(which=1)
        for n in range(3):
            await ann.says(room, f"@crux /steelman MI-0{n + 7}")
        assert bot.platform.missing() is None, "two are left"
        await slack.until(lambda: len(public(bot, room)) == 9, seconds=20)
        await slack.sockets.connected(3, seconds=20)
        slack.sockets.cut()
        await slack.sockets.connected(3, seconds=20)
        await ann.says(room, "@crux /steelman MI-10")
        await slack.until(lambda: whole(bot, room, "The best case for MI-10"), seconds=15)
        await slack.settled()
        titles = sorted(m.seen.text.split("\n")[0] for m in public(bot, room))
        assert len(titles) == len(set(titles)) == 10


async def test_bolt_s_own_variables_in_the_environment_change_nothing(
    slack: SlackServer, tmp_path: Path, ann: Member, room: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN"):
        monkeypatch.setenv(name, "somebody-else-s")
    async with a_bot(slack, settings_of(tmp_path), http=True) as bot:
        assert [route.path for route in bot.platform.routes()] == ["/slack/events"]
        await ann.command(room, "/steelman", "MI-07")
        await slack.until(lambda: whole(bot, room, "The best case for MI-07"))


async def test_a_wrong_token_is_said_in_a_sentence(slack: SlackServer, tmp_path: Path) -> None:
    slack.faults.add("auth.test", faults.error("invalid_auth"))
    with pytest.raises(ConfigurationError, match="CRUX_SLACK_BOT_TOKEN"):
        async with a_bot(slack, settings_of(tmp_path)):
            pass


def message_of(text: str) -> CoreMessage:
    return CoreMessage((Paragraph(text),))


# -- as an admin installs it ------------------------------------------------------------------------------------------


async def test_the_manifest_has_what_is_used_and_nothing_else(tmp_path: Path) -> None:
    """Everything that the bot does, done once in an app made of its manifest."""
    app = App.from_manifest(manifest("crux"))
    async with SlackServer(app, charts=False) as slack:
        slack.rates.off()
        folk = [slack.member(name, admin=name == "ann") for name in ("ann", "ben", "cyd")]
        ann, ben = folk[0], folk[1]
        room, closed = slack.channel("general", *folk), slack.channel("secret", *folk, private=True)
        async with a_bot(slack, settings_of(tmp_path), calendar=True) as bot:
            await bot.application.store.set_setting(
                f"slack:{slack.home.id}", None, "organisers", slack.group("leads", ann, folk[2])
            )
            for member in folk:
                await member.command(room, "/stand", "MI-07 agree")
            await slack.until(lambda: len(slack.posts(room)) == 3)
            await ann.command(room, "/crux", "schedule digest fri 16:00")
            await slack.until(lambda: whole(bot, room, "every Friday"))
            await ann.command(room, "/crux", "schedule run digest")
            await slack.until(lambda: any(file.shared_in for file in slack.state.files.values()), seconds=20)
            for there in (room, closed):
                asked = await ann.says(there, "@crux /counter MI-07")
                await slack.until(partial(whole, bot, there, "The best case against MI-07"))
                await ben.shortcut(asked, "steelman_this")
                await ben.command(there, "/steelman", "MI-12")
                await slack.until(partial(whole, bot, there, "The best case for MI-12"))
                (answer,) = whole(bot, there, "The best case for MI-12")
                await ben.says(there, "/crux map MI-07", answer.ts)
                workspace, now = f"slack:{slack.home.id}", bot.application.clock.now()
                post = Post(workspace, f"p{there.id}", there.id, "note", message_of("hello"), now)
                await bot.platform.messenger.find(post)
            direct = await ann.opens_dm()
            await ann.says(direct, "/crux me")
            await slack.until(lambda: public(bot, direct))
            await ann.opens_home()
            await ann.command(room, "/crux", "export-me")
            note = Post(workspace, "p1", room.id, ORGANISERS, message_of("psst"), bot.application.clock.now())
            sent = await bot.platform.messenger.send(note)
            assert await bot.platform.messenger.find(note) == sent
            await slack.until(lambda: len(slack.state.files) > 1)
            several = slack.state.dm(slack.home.id, slack.home.bot.id, ann.id, ben.id)  # type: ignore[union-attr]
            await ann.says(several, "@crux /crux map MI-07")
            await slack.until(partial(whole, bot, several, "MI-07"))
            await folk[2].deactivated()
            await ann.uninstalls()
            await slack.settled()
            assert slack.errors == []
            assert not [call for call in slack.calls() if call.error == "missing_scope"]
            assert slack.scopes_used() - {"connections:write"} == app.scopes
            assert {delivery.event["type"] for delivery in slack.deliveries if delivery.is_event} >= {
                event.partition(".")[0] for event in app.events or () if event != "tokens_revoked"
            }


async def test_a_workspace_that_removes_the_app_is_noted(bot: Bot, ann: Member, room: Channel) -> None:
    await ann.command(room, "/stand", "MI-07 agree")
    await bot.slack.until(lambda: ann.sees(room))
    await ann.uninstalls()
    workspace, store = f"slack:{bot.slack.home.id}", bot.application.store
    later = bot.application.clock.now() + timedelta(days=1)
    async with asyncio.timeout(5):
        while list(await store.workspaces_to_delete(later, 10)) != [workspace]:  # noqa: ASYNC110 (as above)
            await asyncio.sleep(0.02)


async def test_a_bot_s_token_that_is_revoked_by_itself_is_a_removal_and_a_member_s_is_not(
    bot: Bot, ann: Member, room: Channel
) -> None:
    workspace, store, slack = f"slack:{bot.slack.home.id}", bot.application.store, bot.slack
    later = bot.application.clock.now() + timedelta(days=1)
    event = {"type": "tokens_revoked", "event_ts": slack.state.new_ts()}
    slack.emit(slack.home, "tokens_revoked", {**event, "tokens": {"oauth": [ann.id], "bot": []}})
    await slack.settled()
    assert list(await store.workspaces_to_delete(later, 10)) == []
    slack.emit(slack.home, "tokens_revoked", {**event, "tokens": {"oauth": [], "bot": [slack.home.bot.id]}})  # type: ignore[union-attr]
    async with asyncio.timeout(5):
        while list(await store.workspaces_to_delete(later, 10)) != [workspace]:  # noqa: ASYNC110 (as above)
            await asyncio.sleep(0.02)
    await ann.command(room, "/stand", "MI-07 agree")  # installed anew, as Slack says by an event
    await slack.until(lambda: ann.sees(room))
    assert list(await store.workspaces_to_delete(later, 10)) == []


async def test_in_a_direct_message_with_several_people_it_hears_mentions_and_replies(
    bot: Bot, ann: Member, ben: Member
) -> None:
    slack = bot.slack
    several = slack.state.dm(slack.home.id, slack.home.bot.id, ann.id, ben.id)  # type: ignore[union-attr]
    await ann.says(several, "what do you think?")
    asked = await ann.says(several, "@crux /steelman MI-07")
    await slack.until(lambda: whole(bot, several, "The best case for MI-07"))
    (answer,) = public(bot, several)
    assert answer.thread_ts == asked.ts
    await ben.says(several, "@crux /stand MI-07 agree", asked.ts)
    await slack.until(lambda: any("Recorded" in text for text in ben.reads(several, asked.ts)))
    assert not any("Recorded" in text for text in ann.reads(several, asked.ts)), "it is ben's alone"
    await slack.settled()
    assert len(public(bot, several)) == 1


async def test_who_is_deactivated_is_of_the_group_no_longer(bot: Bot, ann: Member, ben: Member, room: Channel) -> None:
    workspace, store = f"slack:{bot.slack.home.id}", bot.application.store
    for member in (ann, ben):
        await member.command(room, "/stand", "MI-07 agree")
        await bot.slack.until(partial(saw_more, member, room, 0))
    since = bot.application.clock.now() - timedelta(days=60)
    assert await store.member_count(workspace, since) == 2
    await ben.deactivated()
    await bot.slack.settled()
    assert await store.member_count(workspace, since) == 1
    assert await store.member_names(workspace, [ann.id, ben.id]) == {ann.id: "ann"}
    ben.user.deleted = False  # an admin activates them again
    await ben.command(room, "/crux", "me")
    await bot.slack.until(partial(saw_more, ben, room, 1))
    assert await store.member_count(workspace, since) == 2


@pytest.mark.parametrize("told", [True, False])
async def test_what_is_for_somebody_deactivated_is_settled(bot: Bot, ann: Member, ben: Member, told: bool) -> None:
    """An answer to a press in their Home tab that had not arrived; whether Slack told of it, or says so when asked."""
    slack, workspace, store, clock = (
        bot.slack,
        f"slack:{bot.slack.home.id}",
        bot.application.store,
        bot.application.clock,
    )
    await store.join(workspace, ben.id, "ben", clock.now())
    if told:
        await ben.deactivated()
        await slack.settled()
    ben.user.deleted = True
    await store.enqueue([Post(workspace, "p1", ben.id, ANSWER, message_of("psst"), clock.now())])
    sender = Sender(
        store, bot.platform.messenger, clock, "t", tell=Holding(store, clock, bot.application.debate.languages).tell
    )
    assert await sender.work_one()
    entry = await store.outbox_entry(workspace, "p1")
    assert entry is not None
    assert (entry.state, entry.reason) == (PostState.DROPPED, "That member's account is deactivated.")
    assert not await sender.work_one(), "no organiser is told"
    assert await store.member_count(workspace, clock.now() - timedelta(days=60)) == 0


async def test_an_organiser_who_left_since_slack_was_asked_keeps_nothing_from_the_others(
    bot: Bot, ann: Member, room: Channel
) -> None:
    zoe, slack = bot.slack.member("zoe", admin=True), bot.slack
    store, clock = bot.application.store, bot.application.clock
    direct = slack.state.dm(slack.home.id, slack.home.bot.id, ann.id)  # type: ignore[union-attr]
    for n in (1, 2):
        await store.enqueue(
            [Post(f"slack:{slack.home.id}", f"p{n}", room.id, ORGANISERS, message_of(f"psst {n}"), clock.now())]
        )
        rules = SendingRules(spacing=0.0)
        assert await Sender(store, bot.platform.messenger, clock, "t", rules=rules).work_one()
        zoe.user.deleted = True  # and Slack doesn't say so
    assert any("psst 2" in text for text in ann.reads(direct))


async def test_a_deactivated_organiser_is_not_written_to(bot: Bot, ann: Member, ben: Member, room: Channel) -> None:
    zoe = bot.slack.member("zoe", admin=True)
    await zoe.deactivated()
    store, clock = bot.application.store, bot.application.clock
    post = Post(f"slack:{bot.slack.home.id}", "p1", room.id, ORGANISERS, message_of("psst"), clock.now())
    await store.enqueue([post])
    assert await Sender(store, bot.platform.messenger, clock, "t").work_one()
    direct = await ann.opens_dm()
    assert any("psst" in text for text in ann.reads(direct)), "to the organiser who is left, alone"


async def test_guests_from_elsewhere_may_ask_and_take_no_positions(bot: Bot, ann: Member, room: Channel) -> None:
    other = bot.slack.team("Elsewhere", installed=False)
    eve = bot.slack.member("eve", team=other)
    shared = bot.slack.channel("shared", ann, shared_with=(other,))
    shared.members.add(eve.id)
    await eve.says(shared, "@crux /stand MI-07 agree")
    await bot.slack.until(lambda: bot.slack.posts(shared))
    await bot.slack.settled()
    held = await bot.application.store.current_position(
        f"slack:{bot.slack.home.id}", "mechanistic-interpretability", "MI-07", eve.id
    )
    assert held is None
    await eve.says(shared, "@crux /steelman MI-07")
    await bot.slack.until(lambda: whole(bot, shared, "The best case for MI-07"))


# -- limits -----------------------------------------------------------------------------------------------------------


async def test_slack_s_pauses_are_kept_and_nothing_is_lost(tmp_path: Path) -> None:
    async with SlackServer() as slack:  # one post a second in a channel, and a few at once
        ann = slack.member("ann", admin=True)
        room = slack.channel("general", ann)
        async with a_bot(slack, settings_of(tmp_path)) as bot:
            slack.faults.add("chat.postMessage", faults.rate_limited(1), times=2)
            slack.faults.add("chat.update", faults.rate_limited(1), times=2)
            for claim in ("MI-07", "MI-12", "MI-16"):
                assert (await ann.command(room, "/steelman", claim)).acked
            for claim in ("MI-07", "MI-12", "MI-16"):
                await slack.until(partial(whole, bot, room, f"The best case for {claim}"), seconds=30)
            assert len(public(slack, room)) == 3


async def test_what_opens_too_late_is_told(bot: Bot, ann: Member, room: Channel) -> None:
    bot.slack.faults.add("views.open", faults.error("expired_trigger_id"))
    await ann.command(room, "/stand")
    await bot.slack.until(lambda: ann.sees(room))
    assert "That took too long; try again" in ann.reads(room)[-1]


async def test_without_streams_an_answer_grows_by_edits(bot: Bot, ann: Member, room: Channel) -> None:
    bot.slack.faults.add("chat.startStream", faults.error("not_allowed"), times=5)
    asked = await ann.says(room, "@crux /steelman MI-07")
    await bot.slack.until(lambda: whole(bot, room, "The best case for MI-07"))
    (answer,) = public(bot, room)
    assert answer.thread_ts == asked.ts
    assert not answer.streamed


async def test_a_stream_that_ended_early_becomes_the_message(
    bot: Bot, ann: Member, room: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = bot.application.writer.write

    async def slowly(assignment: Any) -> AsyncIterator[Any]:
        async for event in write(assignment):
            yield event
            await asyncio.sleep(0.02)
            if bot.slack.calls("chat.startStream"):
                bot.slack.clock.advance(400)  # longer than a stream lives

    monkeypatch.setattr(bot.application.writer, "write", slowly)
    await ann.says(room, "@crux /steelman MI-07")
    await bot.slack.until(lambda: whole(bot, room, "Sources"), seconds=10)
    assert len(public(bot, room)) == 1


# -- replicas ---------------------------------------------------------------------------------------------------------


async def test_two_processes_on_one_database_answer_each_once(
    slack: SlackServer, tmp_path: Path, postgresql: PostgresqlServer, ann: Member, room: Channel
) -> None:
    address = postgresql.migrated().render_as_string(hide_password=False)
    settings = settings_of(tmp_path, database_url=SecretStr(address))
    async with a_bot(slack, settings, calendar=True) as one, a_bot(slack, settings, calendar=True) as two:
        await slack.sockets.connected(2)
        asked = [await ann.says(room, f"@crux /steelman {claim}") for claim in ("MI-07", "MI-12", "MI-16", "MI-21")]
        rooms = [slack.channel(f"room-{n}", ann) for n in range(4)]
        assert all([(await ann.command(each, "/counter", "MI-07")).acked for each in rooms])
        for message in asked:
            await slack.until(partial(answered_in, slack, room, message.ts), seconds=20)
        for each in rooms:
            await slack.until(partial(whole, two, each, "The best case against MI-07"), seconds=20)
        await one.application.store.enqueue(
            [Post(f"slack:{slack.home.id}", "p1", room.id, "note", message_of("hello"), one.application.clock.now())]
        )
        await slack.until(partial(whole, one, room, "hello"), seconds=20)
        await slack.settled()
        assert sorted(m.thread_ts or "" for m in public(slack, room)) == sorted(["", *(m.ts for m in asked)])
        assert [len(public(slack, each)) for each in rooms] == [1, 1, 1, 1]


# -- many workspaces --------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
@pytest.mark.parametrize("rotating", [False, True])
async def test_workspaces_install_it_each_for_itself(
    tmp_path: Path, rotating: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = App.from_manifest(manifest("crux", "http://127.0.0.1", distributed=True))
    app = replace(app, redirect_urls=None, token_rotation=rotating)
    async with SlackServer(app, installed=False) as slack, AsyncExitStack() as stack:
        slack.rates.off()
        tokens = partial(installed, slack, folder=tmp_path)
        bot = await stack.enter_async_context(a_bot(slack, settings_of(tmp_path), http=True, installing=tokens))
        one, other = slack.home, slack.team("Other", installed=False)
        ann, zoe = slack.member("ann", admin=True), slack.member("zoe", admin=True, team=other)
        for member in (ann, zoe):
            assert "Thank you" in await install(slack, bot, member)
        rooms = {}
        for member, team in ((ann, one), (zoe, other)):
            rooms[member.id] = slack.channel(f"general-{member.name}", member, team=team)
            await member.command(rooms[member.id], "/steelman", "MI-07")
            await slack.until(partial(whole, bot, rooms[member.id], "The best case for MI-07"))
        if rotating:
            asked = len(slack.calls("oauth.v2.access"))
            monkeypatch.setattr("bot.chat.slack.tokens.BEFORE_MINUTES", 13 * 60)  # as if it had been held for long
            now = bot.application.clock.now()
            post = Post(f"slack:{one.id}", "p1", rooms[ann.id].id, "note", message_of("hello"), now)
            await bot.platform.messenger.send(post)
            assert len(slack.calls("oauth.v2.access")) > asked
            assert whole(bot, rooms[ann.id], "hello")
        await zoe.uninstalls()
        await slack.settled()
        later = bot.application.clock.now() + timedelta(days=1)
        assert list(await bot.application.store.workspaces_to_delete(later, 10)) == [f"slack:{other.id}"]
        database = (tmp_path / "crux.db").read_bytes() + (tmp_path / "crux.db-wal").read_bytes()
        assert b"xoxb-" not in database
        await install(slack, bot, zoe)
        await zoe.invites_bot(rooms[zoe.id])
        await zoe.command(rooms[zoe.id], "/steelman", "MI-12")
        await slack.until(partial(whole, bot, rooms[zoe.id], "The best case for MI-12"))
        assert not list(await bot.application.store.workspaces_to_delete(later, 10))


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
async def test_bolt_s_own_variables_change_nothing_about_installing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CLIENT_ID", "CLIENT_SECRET", "SCOPES", "USER_SCOPES", "REDIRECT_URI", "INSTALL_PATH"):
        monkeypatch.setenv(f"SLACK_{name}", "https://somebody.else")
    monkeypatch.setenv("SLACK_REDIRECT_URI_PATH", "/elsewhere")
    app = replace(App.from_manifest(manifest("crux", "http://127.0.0.1", distributed=True)), redirect_urls=None)
    async with SlackServer(app, installed=False) as slack:
        tokens = partial(installed, slack, folder=tmp_path)
        async with a_bot(slack, settings_of(tmp_path), http=True, installing=tokens) as bot:
            assert "Thank you" in await install(slack, bot, slack.member("ann", admin=True))
        (asked,) = slack.oauth.grants.values()
        assert asked.redirect_uri == ""


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
async def test_an_organisation_installs_it_for_its_workspaces(tmp_path: Path) -> None:
    app = replace(App.from_manifest(manifest("crux", "http://127.0.0.1", distributed=True)), redirect_urls=None)
    async with SlackServer(app, installed=False) as slack:
        slack.rates.off()
        team = slack.team("Grid", enterprise="E1", installed=False)
        ann = slack.member("ann", admin=True, team=team)
        tokens = partial(installed, slack, folder=tmp_path)
        async with a_bot(slack, settings_of(tmp_path), http=True, installing=tokens) as bot:
            assert "Thank you" in await install(slack, bot, ann, whole_organisation=True)
            room = slack.channel("general", ann, team=team)
            await ann.command(room, "/steelman", "MI-07")
            await slack.until(lambda: whole(bot, room, "The best case for MI-07"))
            post = Post(f"slack:{team.id}", "p1", room.id, "note", message_of("hello"), bot.application.clock.now())
            await bot.platform.messenger.send(post)
            assert whole(bot, room, "hello")

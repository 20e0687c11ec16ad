"""What members see when something goes wrong in Slack: a database that is away, limits, lost connections, replicas."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.core.outbox import Post, PostState
from bot.errors import ConfigurationError, StorageBusy
from bot.scheduling.sender import Sender
from tests.acceptance.slack_bot import Bot, a_bot, settings_of
from tests.acceptance.slack_seen import answered_in, message_of, public, whole
from tests.databases import PostgresqlServer
from tests.slack import Channel, Member, SlackServer, faults


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

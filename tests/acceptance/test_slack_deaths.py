"""What is left in Slack by a process that dies or loses its lease, and what the next makes of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.core.messages import Message as CoreMessage
from bot.core.messages import Paragraph
from bot.core.outbox import Post, PostState
from bot.scheduling.sender import Sender, SendingRules
from tests.acceptance.slack_bot import Bot, a_bot, settings_of
from tests.slack import Channel, Member, Message, SlackServer, Timings, faults

LAST = "The end of it."
LONG = CoreMessage(
    tuple(Paragraph(f"Paragraph {n}: " + "words and words. " * 60) for n in range(30)), title="Long", notes=(LAST,)
)


@dataclass
class Scene:
    """A workspace with the bot in it, whose posts are to be found soon after they are sent."""

    slack: SlackServer
    folder: Path
    ann: Member
    room: Channel

    @property
    def workspace(self) -> str:
        return f"slack:{self.slack.home.id}"

    @property
    def direct(self) -> Channel:
        """Ann's direct message with the bot."""
        assert self.slack.home.bot is not None
        return self.slack.state.dm(self.slack.home.id, self.slack.home.bot.id, self.ann.id)

    def public(self) -> list[Message]:
        return [message for message in self.slack.posts(self.room) if message.ephemeral_to is None]

    def whole(self) -> bool:
        return any("Sources" in message.seen.text and message.seen.buttons for message in self.public())


@pytest.fixture
async def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    monkeypatch.setattr("bot.chat.slack.messenger.SHOWS_WITHIN", 0.2)
    monkeypatch.setattr("bot.chat.slack.messenger.TRY_SECONDS", 0.2)
    async with SlackServer(timings=Timings(retries=(0.0, 0.1, 0.2), disconnect_grace=0.05)) as slack:
        slack.rates.off()
        ann = slack.member("ann", admin=True)
        yield Scene(slack, tmp_path, ann, slack.channel("general", ann))


def stalls(bot: Bot, monkeypatch: pytest.MonkeyPatch, until: asyncio.Event) -> None:
    """Answers stall after their first words, and go on once they may."""
    write = bot.application.writer.write

    async def stalling(assignment: Any) -> AsyncIterator[Any]:
        said = 0
        async for event in write(assignment):
            yield event
            said += 1
            if said == 1:
                await until.wait()

    monkeypatch.setattr(bot.application.writer, "write", stalling)


def kill(bot: Bot) -> None:
    """End what a process is doing as a kill would: nothing is handed back, and nothing cleaned up."""
    for task in (*bot.platform.desk._running, bot.platform.desk._looking):
        assert task is not None
        task.cancel()


async def nothing_waits(bot: Bot) -> None:
    """Until nothing is left to be sent."""
    async with asyncio.timeout(10):
        while await bot.application.store.outbox(tuple(PostState)):  # noqa: ASYNC110 (the end is in the database)
            await asyncio.sleep(0.01)


# -- streams ----------------------------------------------------------------------------------------------------------


async def test_a_stream_that_was_cut_becomes_the_answer(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(scene.folder, lease_seconds=2.0)
    async with a_bot(scene.slack, settings) as first:
        stalls(first, monkeypatch, asyncio.Event())
        asked = await scene.ann.says(scene.room, "@crux /steelman MI-07")
        await scene.slack.until(lambda: scene.public() and scene.public()[0].stream == "streaming")
        await asyncio.sleep(0.05)
        kill(first)
    async with a_bot(scene.slack, settings, calendar=True):
        await scene.slack.until(scene.whole, seconds=10)
        await scene.slack.settled()
    (answer,) = scene.public()
    assert answer.thread_ts == asked.ts
    assert answer.stream == "stopped"
    assert "Writing" not in answer.seen.text


async def test_a_stream_whose_process_died_over_its_end_becomes_the_answer(scene: Scene) -> None:
    settings = settings_of(scene.folder)
    async with a_bot(scene.slack, settings, showing_seconds=0.5) as first:
        scene.slack.faults.add("chat.stopStream", faults.hang())
        await scene.ann.says(scene.room, "@crux /steelman MI-07")
        await scene.slack.until(lambda: scene.slack.faults.met("chat.stopStream"))
        kill(first)
    scene.slack.faults.clear()
    async with a_bot(scene.slack, settings, calendar=True):
        await scene.slack.until(scene.whole, seconds=20)
        await scene.slack.settled()
    assert len(scene.public()) == 1


async def test_a_cut_stream_that_somebody_deleted_comes_anew(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(scene.folder, lease_seconds=2.0)
    async with a_bot(scene.slack, settings) as first:
        stalls(first, monkeypatch, asyncio.Event())
        await scene.ann.says(scene.room, "@crux /steelman MI-07")
        await scene.slack.until(lambda: scene.public() and scene.public()[0].stream == "streaming")
        await asyncio.sleep(0.05)
        kill(first)
    await scene.ann.deletes(scene.public()[0])
    async with a_bot(scene.slack, settings, calendar=True):
        await scene.slack.until(scene.whole, seconds=10)
    assert len(scene.public()) == 1


@pytest.mark.parametrize("streaming", [True, False])
async def test_who_was_too_slow_leaves_the_answer_that_another_made_of_its_beginning(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, streaming: bool
) -> None:
    settings, may_end = settings_of(scene.folder, lease_seconds=2.0), asyncio.Event()
    async with a_bot(scene.slack, settings, streaming=streaming) as slow:
        stalls(slow, monkeypatch, may_end)
        assert slow.platform.desk._looking is not None
        slow.platform.desk._looking.cancel()
        await scene.ann.says(scene.room, "@crux /steelman MI-07")
        await scene.slack.until(scene.public)
        await asyncio.sleep(0.05)
        async with a_bot(scene.slack, settings, calendar=True):
            await scene.slack.until(scene.whole, seconds=10)
            may_end.set()
            await scene.slack.until(lambda: not slow.platform.desk._running)
            await scene.slack.settled()
    assert len(scene.public()) == 1
    assert scene.whole()


# -- posts in parts ---------------------------------------------------------------------------------------------------


async def sent(bot: Bot, scene: Scene) -> None:
    """Send what waits, until it is sent."""
    store, clock = bot.application.store, bot.application.clock
    sender = Sender(store, bot.platform.messenger, clock, "next", rules=SendingRules(spacing=0.0, first_wait=0.05))
    async with asyncio.timeout(10):
        while not await store.outbox([PostState.SENT], scene.workspace):
            await sender.work_one()
            await asyncio.sleep(0.05)


def parts(scene: Scene) -> list[str]:
    """How the paragraphs that stand in the room begin, in the order in which they stand."""
    lines = [line for message in scene.public() for line in message.seen.text.split("\n")]
    return [line.partition(":")[0] for line in lines if line.startswith("Paragraph")]


async def test_what_a_process_had_not_sent_of_a_long_post_is_sent_by_the_next(scene: Scene) -> None:
    async with a_bot(scene.slack, settings_of(scene.folder)) as bot:
        store, now = bot.application.store, bot.application.clock.now()
        post = Post(scene.workspace, "p1", scene.room.id, "note", LONG, now)
        await store.enqueue([post])
        assert await store.lease_post("dies", now, 0.5)
        scene.slack.faults.add("chat.postMessage", faults.slow(0.0))
        scene.slack.faults.add("chat.postMessage", faults.hang())
        sending = asyncio.create_task(bot.platform.messenger.send(post))
        await scene.slack.until(scene.public)
        await asyncio.sleep(0.1)
        sending.cancel()
        assert len(scene.public()) == 1
        await sent(bot, scene)
        assert parts(scene) == [f"Paragraph {n}" for n in range(30)]
        assert LAST in scene.public()[-1].seen.text
        assert {message.thread_ts for message in scene.public()[1:]} == {scene.public()[0].ts}


async def test_a_part_whose_answer_was_lost_is_not_doubled(scene: Scene) -> None:
    async with a_bot(scene.slack, settings_of(scene.folder)) as bot:
        scene.slack.faults.add("chat.postMessage", faults.slow(0.0))
        scene.slack.faults.add("chat.postMessage", faults.dropped_after())
        post = Post(scene.workspace, "p1", scene.room.id, "note", LONG, bot.application.clock.now())
        await bot.application.store.enqueue([post])
        await sent(bot, scene)
        assert parts(scene) == [f"Paragraph {n}" for n in range(30)]
        assert LAST in scene.public()[-1].seen.text


async def test_the_rest_of_an_answer_that_slack_refused_for_a_moment_comes_after_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_bot(scene.slack, settings_of(scene.folder), showing_seconds=0.5, calendar=True) as bot:

        async def at_length(*_: object) -> CoreMessage:
            return LONG

        monkeypatch.setattr("bot.core.overview.Overview.tree", at_length)
        scene.slack.faults.add("chat.postMessage", faults.slow(0.0))
        scene.slack.faults.add("chat.postMessage", faults.status(503))
        await scene.ann.command(scene.room, "/crux", "map all")
        await scene.slack.until(lambda: any(LAST in m.seen.text for m in scene.public()), seconds=15)
        assert parts(scene) == [f"Paragraph {n}" for n in range(30)]
        await nothing_waits(bot)


# -- what is for one member -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arrived", [False, True])
async def test_what_a_member_alone_could_not_be_shown_comes_by_direct_message_once(scene: Scene, arrived: bool) -> None:
    """Every way to them fails, and of the last Slack may not say whether it had not."""
    slack = scene.slack
    async with a_bot(slack, settings_of(scene.folder), calendar=True):
        slack.faults.add("response_url", faults.dropped(), times=5)
        slack.faults.add("chat.postEphemeral", faults.dropped(), times=5)
        slack.faults.add("chat.postMessage", faults.dropped_after() if arrived else faults.status(503))
        await scene.ann.command(scene.room, "/stand", "MI-07 agree")
        await slack.until(lambda: slack.posts(scene.direct))
        if not arrived:
            assert "may not have been shown where you asked" in slack.posts(scene.direct)[0].seen.text
        await asyncio.sleep(0.3)
        (told,) = slack.posts(scene.direct)
        assert "Recorded: you agree with MI-07" in told.seen.text
        assert scene.public() == []


@pytest.mark.parametrize("how", ["command", "mention", "dm"])
async def test_a_private_answer_whose_process_died_over_showing_it_comes_by_direct_message(
    scene: Scene, how: str
) -> None:
    slack, settings = scene.slack, settings_of(scene.folder)
    stuck = {"command": "response_url", "mention": "chat.postEphemeral", "dm": "chat.postMessage"}[how]
    slack.faults.add(stuck, faults.hang())
    async with a_bot(slack, settings, showing_seconds=0.5) as first:
        match how:
            case "command":
                await scene.ann.command(scene.room, "/stand", "MI-07 agree")
            case "mention":
                await scene.ann.says(scene.room, "@crux /stand MI-07 agree")
            case _:
                await scene.ann.says(scene.direct, "/stand MI-07 agree")
        await slack.until(lambda: slack.faults.met(stuck))
        kill(first)
    await comes_directly(scene)
    assert scene.public() == []


async def comes_directly(scene: Scene) -> None:
    """The next process sends the position that was recorded, once and to its member alone."""
    scene.slack.faults.clear()
    async with a_bot(scene.slack, settings_of(scene.folder), calendar=True) as second:
        await scene.slack.until(lambda: scene.slack.posts(scene.direct))
        await nothing_waits(second)
    (answer,) = scene.slack.posts(scene.direct)
    assert "Recorded: you agree with MI-07" in answer.seen.text


async def test_a_private_answer_that_was_shown_is_not_sent_again(scene: Scene) -> None:
    """Its process died before it could note that."""
    slack, settings = scene.slack, settings_of(scene.folder)
    async with a_bot(slack, settings, showing_seconds=0.5) as first:
        slack.faults.add("response_url", faults.dropped(), times=5)
        slack.faults.add("chat.postEphemeral", faults.dropped(), times=5)
        slack.faults.add("chat.postMessage", faults.dropped_after())
        await scene.ann.command(scene.room, "/stand", "MI-07 agree")
        await slack.until(lambda: slack.posts(scene.direct))
        kill(first)
    slack.faults.clear()
    async with a_bot(slack, settings, calendar=True) as second:
        await nothing_waits(second)
        await slack.settled()
    assert len(slack.posts(scene.direct)) == 1


async def test_a_private_answer_from_where_the_bot_is_not_comes_by_direct_message(scene: Scene) -> None:
    """As from a direct message of two members with each other, in which they can use shortcuts and forms."""
    slack, settings = scene.slack, settings_of(scene.folder)
    ben = slack.member("ben")
    theirs = slack.state.dm(slack.home.id, scene.ann.id, ben.id)
    said = await ben.says(theirs, "Nobody has a specific plan")
    async with a_bot(slack, settings, showing_seconds=0.5) as first:
        await scene.ann.shortcut(said, "stand_on_this")
        await slack.until(lambda: scene.ann.modal is not None)
        assert scene.ann.modal is not None
        slack.faults.add("response_url", faults.hang(), times=3)
        slack.faults.add("chat.postEphemeral", faults.hang(), times=3)
        slack.faults.add("chat.postMessage", faults.hang(), times=3)
        waiting = sum(map(len, slack.faults.waiting.values()))
        await scene.ann.submits(scene.ann.modal, {"claim": "MI-07", "stance": "Agree"})
        await slack.until(lambda: sum(map(len, slack.faults.waiting.values())) < waiting)
        kill(first)
    await comes_directly(scene)

"""What members see of Crux in Slack: the real slack_bolt against a small Slack over sockets on 127.0.0.1."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.acceptance.slack_bot import Bot, a_bot, settings_of
from tests.slack import Channel, Member, SlackServer, Timings


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
    await bot.slack.until(lambda: any("I'd sign this" in str(m.seen.labels) for m in bot.slack.posts(room)))
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

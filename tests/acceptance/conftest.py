"""What acceptance tests share: a bot in a small Slack, with two members and a channel; and a small Discord."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.acceptance.slack_bot import Bot, a_bot, settings_of
from tests.discord_wire import DiscordServer
from tests.slack import Channel, Member, SlackServer, Timings

# A run in the background of a shell ignores Ctrl-C, and so would every process that a test starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


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


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with DiscordServer() as found:
        yield found
        assert found.unknown_routes == []


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is posted in the small Discord is found at once."""
    monkeypatch.setattr("bot.chat.discord.messenger.SHOWS_WITHIN", 0.5)

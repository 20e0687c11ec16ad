"""A channel that speaks German: in Slack, in Discord and in the terminal, answers and what is posted unasked."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import running
from bot.chat.console.conversation import WORKSPACE
from bot.core.messages import Finished, Message
from bot.core.requests import Request
from bot.settings import EncoderKind, Settings
from bot.testing import ManualClock
from tests.acceptance.slack_bot import a_bot, settings_of
from tests.discord_crux import crux, ended
from tests.discord_wire import DiscordServer, read
from tests.slack import SlackServer


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer() as server:
        server.rates.off()
        yield server


async def test_in_slack(slack: SlackServer, tmp_path: Path) -> None:
    ann, ben = slack.member("ann", admin=True), slack.member("ben")
    room, other = slack.channel("general", ann, ben), slack.channel("random", ann, ben)
    async with a_bot(slack, settings_of(tmp_path), calendar=True):
        await ann.command(room, "/crux", "settings language de")
        await slack.until(lambda: any("Deutsch" in text for text in ann.reads(room)))
        await ben.command(room, "/stand", "MI-07 agree because it is so")
        await slack.until(lambda: any("Festgehalten: du stimmst MI-07 zu, „" in text for text in ben.reads(room)))
        await ben.command(other, "/stand", "MI-07 disagree")
        await slack.until(lambda: any("Recorded: you disagree" in text for text in ben.reads(other)))
        await ben.command(room, "/steelman", "MI-07")
        await slack.until(lambda: any("Das unterschreibe ich" in m.seen.labels for m in slack.posts(room)))
        (argued,) = [m for m in slack.posts(room) if "Was am meisten für MI-07 spricht" in m.seen.text]
        assert "[MI-07]" in argued.seen.text, "what is argued stays in the words of the map"
        assert "Quellen" in argued.seen.text
        await ben.command(room, "/stand")
        await slack.until(lambda: ben.modal is not None)
        assert ben.modal is not None
        assert "Stimme voll zu" in str(ben.modal.blocks)
        await ann.command(room, "/crux", "schedule prompts weekdays 9:00")
        await slack.until(lambda: any("Fragen für diesen Kanal" in m.seen.text for m in slack.posts(room)))
        await ann.command(room, "/crux", "schedule run prompts")
        await slack.until(lambda: any("Stimme zu" in m.seen.labels for m in slack.posts(room)), seconds=15)


async def test_in_discord(tmp_path: Path) -> None:
    async with DiscordServer() as server:
        guild = await server.guild()
        ada, channel = await server.member(guild, "ada", "manage_guild"), await server.channel(guild)
        async with crux(server, tmp_path):
            told = await ended(
                server, await ada.command(channel, "crux settings", name="language", value="de"), "Deutsch"
            )
            assert "Ab jetzt in diesem Kanal" in read(told)
            done = await ada.command(channel, "stand", claim="MI-07", stance="agree")
            assert "Festgehalten: du stimmst MI" in read(await ended(server, done, "Festgehalten"))
            shown = await ended(server, await ada.command(channel, "steelman", view="MI-07"), "Quellen")
            assert "Was am meisten für MI" in read(shown)
            assert "Das unterschreibe ich" in str(shown.components)


class Terminal:
    """A conversation of one organiser."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings.model_construct(data_dir=folder, encoder=EncoderKind.NONE)
        self.clock = ManualClock()
        self.count = 0

    async def say(self, text: str, channel: str = "terminal") -> Message:
        async with running(self.settings, clock=self.clock) as application:  # restarted for each line
            self.count += 1
            request = Request(WORKSPACE, channel, "you", text, f"event-{self.count}", self.clock.now(), organiser=True)
            assert await application.inbox.receive(request)
            last = [event async for event in application.inbox.respond(request)][-1]
            assert isinstance(last, Finished)
            return last.message


async def test_in_the_terminal_after_restarts_and_in_french(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    assert "français" in (await terminal.say("/crux settings language français")).text
    said = await terminal.say("/stand MI-07 strongly agree")
    assert "tout à fait d’accord" in said.text
    scheduled = await terminal.say("/crux schedule digest every other monday 9:00 in Europe/Paris")
    assert re.search(r"lundi", scheduled.text)
    assert "in the language" not in (await terminal.say("/crux help")).text
    assert "Recorded" in (await terminal.say("/stand MI-07 agree", "another")).text

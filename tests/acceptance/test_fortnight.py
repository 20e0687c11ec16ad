"""The fortnight of nine people, on each database: without a platform, in Slack, and in Discord."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import URL

from bot.chat import desk
from tests.acceptance.fortnight import Chat, CoreChat, Runner, load, stage
from tests.acceptance.fortnight.discord_chat import DiscordChat
from tests.acceptance.fortnight.slack_chat import SlackChat


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine's database may be slow: what is said of an event that can't be taken in is for other tests."""
    monkeypatch.setattr(desk, "RECEIVE_SECONDS", 20.0)


async def test_a_fortnight_of_nine_people(migrated: URL, tmp_path: Path) -> None:
    scenario = load()
    async with stage(scenario, migrated, tmp_path) as set_up, CoreChat(scenario, set_up) as chat:
        driven: Chat = chat  # mypy holds it to the protocol
        await Runner(scenario, driven, set_up).play()


async def test_a_fortnight_of_nine_people_in_slack(migrated: URL, tmp_path: Path) -> None:
    scenario = load()
    async with stage(scenario, migrated, tmp_path) as set_up, SlackChat(scenario, set_up) as chat:
        driven: Chat = chat
        await Runner(scenario, driven, set_up).play()


async def test_a_fortnight_of_nine_people_in_discord(migrated: URL, tmp_path: Path) -> None:
    scenario = load()
    async with stage(scenario, migrated, tmp_path) as set_up, DiscordChat(scenario, set_up) as chat:
        driven: Chat = chat
        await Runner(scenario, driven, set_up).play()

"""The fortnight of nine people, through the whole of Crux without a platform, on each database."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import URL

from tests.acceptance.fortnight import Chat, CoreChat, Runner, load, stage


async def test_a_fortnight_of_nine_people(migrated: URL, tmp_path: Path) -> None:
    scenario = load()
    async with stage(scenario, migrated, tmp_path) as set_up, CoreChat(scenario, set_up) as chat:
        driven: Chat = chat  # mypy holds it to the protocol
        await Runner(scenario, driven, set_up).play()

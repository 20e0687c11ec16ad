"""What a driver and the runner share: the clock, the language model, and the settings that point the bot at both."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL

from bot.app import Application
from bot.settings import Settings
from bot.testing import ManualClock
from tests.acceptance.fortnight.chat import LOOK_SECONDS
from tests.acceptance.fortnight.model import NAME, Model, model_server
from tests.acceptance.fortnight.scenario import Scenario


@dataclass(frozen=True)
class Stage:
    """Give `clock` to `bot.app.running`, and `settings` with what the platform needs. Both last over restarts."""

    clock: ManualClock
    model: Model
    database: URL
    folder: Path

    def settings(self, **more: object) -> Settings:
        """The bot's settings: a model that fails at once when it is dead, and texts read by words alone."""
        chosen: dict[str, object] = {
            "data_dir": self.folder,
            "database_url": self.database.render_as_string(hide_password=False),
            "encoder": "none",
            "model": NAME,
            "model_url": self.model.url,
            "model_retries": 0,
            "breaker_failures": 1000,
        }
        return Settings.model_validate({**chosen, **more})

    def turn_to(self, at: datetime) -> None:
        """Move the clock forward to a time.

        Raises:
            ValueError: it is past that.
        """
        seconds = (at - self.clock.now()).total_seconds()
        if seconds < 0:
            raise ValueError(f"it is {self.clock.now()} and can't become {at}")
        self.clock.advance(seconds)


async def quiet(application: Application, workspace: str, seconds: float = 20.0) -> None:
    """Wait until nothing is left to be done in a workspace but to answer: nothing due, over, or waiting to be sent.

    With an engine that runs, the better part of a driver's `settled`. The workspace is named as in requests.

    Raises:
        TimeoutError: something is left after so many seconds; a post that is held stays.
    """
    store, deadline = application.store, time.monotonic() + seconds
    while True:
        now = application.clock.now()
        noted = not await store.schedules_to_check(now, 1)
        over = [prompt.claim_id for prompt in await store.open_prompts(workspace) if prompt.over(now)]
        backlog = await store.backlog()
        if noted and not over and not backlog.firings and not any(backlog.posts.values()):
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"prompts that are over: {over}; all due times noted: {noted}; {backlog}")
        await asyncio.sleep(LOOK_SECONDS)


@contextlib.asynccontextmanager
async def stage(scenario: Scenario, database: URL, folder: Path) -> AsyncIterator[Stage]:
    """The stage at the beginning of a scenario, on a migrated and empty database; a folder for the bot's files."""
    async with model_server() as model:
        yield Stage(ManualClock(scenario.begins), model, database, folder)

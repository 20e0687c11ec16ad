"""What a driver and the runner share: the clock, the language model, and the settings that point the bot at both."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL

from bot.settings import Settings
from bot.testing import ManualClock
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


@contextlib.asynccontextmanager
async def stage(scenario: Scenario, database: URL, folder: Path) -> AsyncIterator[Stage]:
    """The stage at the beginning of a scenario, on a migrated and empty database; a folder for the bot's files."""
    async with model_server() as model:
        yield Stage(ManualClock(scenario.begins), model, database, folder)

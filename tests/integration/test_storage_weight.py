"""What storage loads, and where an installed one finds its migrations."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import bot
from bot.storage import migrations

OPEN_AGAIN = """
import asyncio, sys
from pathlib import Path
from bot.storage.engine import sqlite_url
from bot.storage.store import SqlStore

async def main():
    store = await SqlStore.open(sqlite_url(Path(sys.argv[1])))
    await store.close()

asyncio.run(main())
print(*sorted({name.split(".")[0] for name in sys.modules} & {"psycopg", "alembic", "mako", "openai", "discord"}))
"""


def run(program: str, *arguments: str, path: Path | None = None) -> str:
    environment = {**os.environ, "PYTHONPATH": str(path or Path(bot.__file__).parent.parent)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, *arguments],
        env=environment, cwd="/", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_start_with_nothing_to_migrate_loads_neither_alembic_nor_psycopg(tmp_path: Path) -> None:
    file = str(tmp_path / "crux.db")
    assert "alembic" in run(OPEN_AGAIN, file)
    assert run(OPEN_AGAIN, file) == ""


def test_an_installed_crux_finds_its_migrations_in_the_package(tmp_path: Path) -> None:
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(Path(bot.__file__).parent, tmp_path / "bot", ignore=ignore)
    shutil.copytree(migrations.folder(), tmp_path / "bot" / "alembic", dirs_exist_ok=True, ignore=ignore)
    run(OPEN_AGAIN, str(tmp_path / "crux.db"), path=tmp_path)
    found = run("from bot.storage import migrations; print(migrations.folder())", path=tmp_path)
    assert Path(found) == tmp_path / "bot" / "alembic"

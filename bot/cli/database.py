"""`crux db`: upkeep of the database."""

from __future__ import annotations

from pathlib import Path

import click

from bot.cli import tell
from bot.errors import ConfigurationError


@click.group()
def db() -> None:
    """Upgrade, back up or count the database."""


@db.command()
def upgrade() -> None:
    """Bring the schema to this version. An SQLite file is copied first; `crux chat` does this by itself."""
    from bot.app import database_url
    from bot.settings import load
    from bot.storage import migrations

    done = migrations.upgrade(database_url(load()))
    if done.before == done.after:
        tell(f"The database is at version {done.after} already.")
        return
    tell(f"The database went from {done.before or 'nothing'} to version {done.after}.")
    if done.backup is not None:
        tell(f"What it was before is in {done.backup}.")


@db.command()
@click.option(
    "--to", "folder", type=click.Path(path_type=Path), help="Folder for the copy; beside the database if unset."
)
def backup(folder: Path | None) -> None:
    """Copy the SQLite database, while it is in use."""
    from bot.app import database_url
    from bot.settings import load
    from bot.storage.backup import back_up, backups_folder
    from bot.storage.engine import file_of, is_sqlite

    url = database_url(load())
    if is_sqlite(url) and not file_of(url).exists():
        raise ConfigurationError(f"There is no database at {file_of(url)} yet; `crux chat` makes one.")
    tell(f"Copied to {back_up(url, folder or backups_folder(url))}.")


@db.command()
def stats() -> None:
    """Count what the database holds, over all workspaces."""
    from bot.app import database_url
    from bot.settings import load
    from bot.storage.stats import stats as count

    found = count(database_url(load()))
    tell(f"{found.engine}, version {found.revision or 'none'}, {found.bytes / 1024:,.0f} KiB")
    for table, rows in found.rows.items():
        tell(f"  {table:<20} {rows:>10,}")
    tell(f"{found.workspaces} workspaces; {found.waiting} events waiting, {found.leased} held by a worker")
    if found.oldest_open is not None:
        tell(f"the oldest open event came at {found.oldest_open:%Y-%m-%d %H:%M:%S %Z}")

"""Copies of an SQLite database, taken while it is in use."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import URL

from bot.errors import StorageCorrupt, StorageError
from bot.storage.engine import file_of, is_sqlite
from bot.storage.failures import translated

KEPT: Final = 5
"""How many copies of upgrades `prune` leaves; older ones go."""

_OF_UPGRADES: Final = "crux-*Z-[0-9]*.db"


def backups_folder(url: URL) -> Path:
    """Where copies go: `backups`, beside the database file."""
    return file_of(url).parent / "backups"


def back_up(url: URL, target: Path, label: str = "manual") -> Path:
    """Copy a database into a folder, as one moment saw it, whoever writes meanwhile, and check the copy.

    The copy appears under its name only when it is whole and on the disk; one plain file, with no log beside it.
    `label` ends its name: an upgrade puts the schema's revision there.

    Raises:
        StorageError: the database is PostgreSQL, or the disk failed.
        StorageFull: no space for the copy, or the folder can't be written.
        StorageCorrupt: the database is damaged.
    """
    if not is_sqlite(url):
        raise StorageError("`crux db backup` copies SQLite files only; use pg_dump for PostgreSQL.")
    taken = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    copy = target / f"crux-{taken}-{label}.db"
    unfinished = copy.with_suffix(".unfinished")
    with translated():
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished.touch(mode=0o600)
        try:
            _copy(file_of(url), unfinished)
            _sync(unfinished)
            unfinished.rename(copy)
            _sync(target)
        finally:
            unfinished.unlink(missing_ok=True)
    return copy


def prune(target: Path, keep: int = KEPT) -> None:
    """Remove all but the newest copies that upgrades made; those made by hand are their maker's."""
    for old in sorted(target.glob(_OF_UPGRADES), reverse=True)[keep:]:
        old.unlink(missing_ok=True)


def check(url: URL) -> None:
    """Read the whole of an SQLite file and check it.

    Raises:
        StorageCorrupt: it is damaged.
        StorageError: it can't be read.
    """
    with translated(), closing(_read_only(file_of(url))) as connection:
        _check(connection)


def _copy(file: Path, target: Path) -> None:
    with closing(_read_only(file)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        _check(copy)
        copy.execute("PRAGMA journal_mode=DELETE")


def _check(connection: sqlite3.Connection) -> None:
    if connection.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
        raise StorageCorrupt


def _read_only(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)


def _sync(path: Path) -> None:
    """Have the disk write what it holds of a file or, for its name, of a folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""The schema's versions: Alembic run from code, so that an installed Crux needs no alembic.ini and no command.

Revisions are numbered: `alembic/versions/0001_….py` holds revision 0001. So the newest is known from the file names,
and a start-up with nothing to migrate doesn't import Alembic.

SQLite is upgraded when it is opened, after a backup, in one transaction that holds the write lock: a second process
waits, and a kill half-way leaves the old schema. PostgreSQL is shared by replicas, so that there an operator says when:
`crux db upgrade`, one at a time by an advisory lock.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import URL, Connection, inspect, text

from bot.errors import SchemaTooNew, StorageCorrupt, StorageError
from bot.storage.backup import back_up, backups_folder, prune
from bot.storage.engine import BUSY_SECONDS, NO_TRANSACTION, WRITES, file_of, is_sqlite, sync_engine
from bot.storage.failures import NO_TABLES, translated

if TYPE_CHECKING:
    from alembic.config import Config

_ADVISORY_LOCK: Final = 0x43525558
"""Any number that no other program takes: "CRUX" in ASCII."""


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What an upgrade did; `before` is None for a database without tables, `backup` where none was needed."""

    before: str | None
    after: str
    backup: Path | None


def folder() -> Path:
    """Where the migrations are: beside the package in a checkout, inside it when installed."""
    package = Path(__file__).parent.parent
    for candidate in (package / "alembic", package.parent / "alembic"):
        if (candidate / "versions").is_dir():
            return candidate
    raise StorageError("This installation lacks its migrations; install Crux again.")


@cache
def revisions() -> tuple[str, ...]:
    """All revisions that this code knows, oldest first."""
    return tuple(sorted(path.name.split("_", 1)[0] for path in (folder() / "versions").glob("[0-9]*_*.py")))


def head() -> str:
    """The revision that this code works with."""
    return revisions()[-1]


def current(url: URL, busy_seconds: float = BUSY_SECONDS) -> str | None:
    """The database's revision; None for one without tables, or a file that isn't there.

    Raises:
        StorageError: the database can't be read.
    """
    if is_sqlite(url) and not file_of(url).exists():
        return None  # connecting would make it
    with _connected(url, busy_seconds) as connection:
        return _revision(connection)


def prepare(url: URL, busy_seconds: float = BUSY_SECONDS) -> None:
    """Make a database ready for use, or say in one sentence why it can't be.

    Raises:
        SchemaTooNew, StorageBusy, StorageFull, StorageCorrupt: as their names say.
        StorageError: PostgreSQL needs `crux db upgrade`, or refuses the connection.
    """
    if is_sqlite(url):
        _make_file(url, busy_seconds)
        if current(url, busy_seconds) != head():
            upgrade(url, busy_seconds)
        return
    revision = current(url, busy_seconds)
    if revision is None:
        raise StorageError(NO_TABLES)
    if revision != head():
        raise StorageError(
            f"The database is at version {revision} and this Crux needs {head()}; run `crux db upgrade`."
        )


def upgrade(url: URL, busy_seconds: float = BUSY_SECONDS) -> Upgrade:
    """Bring the schema to this code's version. An SQLite file that holds something is copied first.

    Raises:
        SchemaTooNew, StorageBusy, StorageFull, StorageCorrupt: as their names say; nothing has changed.
    """
    from alembic import command  # noqa: PLC0415 (see the module's docstring)

    if is_sqlite(url):
        _make_file(url, busy_seconds)
    with _changing(url, busy_seconds) as connection:
        before = _revision(connection)
        if before == head():
            return Upgrade(before, before, None)
        copy = None
        if is_sqlite(url) and before is not None:
            copy = back_up(url, backups_folder(url), label=before)
        command.upgrade(_config(connection), "head")
        if is_sqlite(url) and connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
            raise StorageCorrupt
    if copy is not None:
        prune(copy.parent)
    return Upgrade(before, head(), copy)


def downgrade(url: URL, revision: str = "base") -> None:
    """Take the schema back to an older revision; what newer tables held is lost."""
    from alembic import command  # noqa: PLC0415 (see the module's docstring)

    with _changing(url, BUSY_SECONDS) as connection:
        command.downgrade(_config(connection), revision)


@contextmanager
def _connected(url: URL, busy_seconds: float) -> Iterator[Connection]:
    """A connection that reads, or does what SQLite does outside transactions only."""
    engine = sync_engine(url, busy_seconds).execution_options(**NO_TRANSACTION)
    with translated(), engine.connect() as connection:
        yield connection


@contextmanager
def _changing(url: URL, busy_seconds: float) -> Iterator[Connection]:
    """A transaction that no other change of the schema runs beside."""
    engine = sync_engine(url, busy_seconds).execution_options(**WRITES)
    with translated(), engine.begin() as connection:
        if not is_sqlite(url):
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        yield connection


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if found is not None and found not in revisions():
        raise SchemaTooNew
    return found


def _config(connection: Connection) -> Config:
    from alembic.config import Config  # noqa: PLC0415 (see the module's docstring)

    config = Config()
    config.set_main_option("script_location", str(folder()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _make_file(url: URL, busy_seconds: float) -> None:
    """Make the file and its folder, for its owner's eyes only, and switch the file to WAL, which it then stays in."""
    if "mode" in url.query or "immutable" in url.query:
        return
    file = file_of(url)
    with translated():
        if not file.exists():
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file.touch(mode=0o600)
    with _connected(url, busy_seconds) as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")

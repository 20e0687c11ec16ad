"""The one place where a database driver's errors become Crux's own.

SQLite's errors are told apart by result code (https://www.sqlite.org/rescode.html), PostgreSQL's by SQLSTATE
(https://www.postgresql.org/docs/current/errcodes-appendix.html). What is a bug of ours, such as a broken constraint,
passes through untouched, so that the log shows it as it is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot.core.language import mark
from bot.errors import StorageBusy, StorageCorrupt, StorageError, StorageFull

_SQLITE: dict[int, type[StorageError]] = {
    sqlite3.SQLITE_BUSY: StorageBusy,
    sqlite3.SQLITE_LOCKED: StorageBusy,
    sqlite3.SQLITE_FULL: StorageFull,
    sqlite3.SQLITE_READONLY: StorageFull,
    sqlite3.SQLITE_CANTOPEN: StorageFull,
    sqlite3.SQLITE_PERM: StorageFull,
    sqlite3.SQLITE_CORRUPT: StorageCorrupt,
    sqlite3.SQLITE_NOTADB: StorageCorrupt,
}

_POSTGRESQL: dict[str, type[StorageError]] = {
    "08": StorageBusy,  # connection exceptions
    "40": StorageBusy,  # serialisation failure, deadlock
    "53": StorageBusy,  # too many connections, out of memory
    "55P03": StorageBusy,  # lock_timeout ran out
    "57": StorageBusy,  # shutting down, statement cancelled
    "53100": StorageFull,
    "25006": StorageFull,  # read-only transaction
    "58030": StorageFull,  # I/O error, which PostgreSQL raises for a failed extension of a file
    "XX001": StorageCorrupt,
    "XX002": StorageCorrupt,
}

NO_TABLES: Final = "The database has no Crux tables yet; run `crux db upgrade`."
_UNREACHABLE: Final = mark("The database can't be reached; check that it runs, or try again in a moment.")


@contextmanager
def translated() -> Iterator[None]:
    """Turn what a driver raises inside into a StorageError, where the state of the database is the cause."""
    try:
        yield
    except DBAPIError as error:
        raise _storage_error(error.orig or error, disconnected=error.connection_invalidated) from error
    except StatementError as error:
        # A value of ours that a column's type refused, such as a time without a zone.
        raise error.orig or error from None
    except sqlite3.Error as error:
        raise _storage_error(error) from error
    except PoolTimeoutError as error:
        raise StorageBusy from error
    except OSError as error:
        # Making the folder or the file; a connection that breaks is a DBAPIError above.
        raise StorageFull(
            f"The database can't be written ({error.strerror or error}): free some space or make its folder writable, "
            "then try again."
        ) from error


def _storage_error(error: BaseException, *, disconnected: bool = False) -> BaseException:
    """The StorageError for a driver's error, or the error itself when it is no failure of the database."""
    if isinstance(error, sqlite3.Error):
        return _from_sqlite(error)
    sqlstate: str | None = getattr(error, "sqlstate", None)
    if sqlstate is not None:
        if sqlstate == "42P01":
            return StorageError(NO_TABLES)
        if sqlstate.startswith(("28", "3D")):
            return _refused(error)
        kind = _POSTGRESQL.get(sqlstate) or _POSTGRESQL.get(sqlstate[:2])
        return kind() if kind is not None else error
    if type(error).__name__ in {"OperationalError", "ConnectionTimeout"} or disconnected:
        # libpq gives no SQLSTATE for a connection that was never made; its words are all there is.
        words = str(error)
        if "authentication failed" in words or "does not exist" in words or "no password" in words:
            return _refused(error)
        return StorageBusy(_UNREACHABLE)
    return error


def _from_sqlite(error: sqlite3.Error) -> BaseException:
    code: int | None = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return error
    kind = _SQLITE.get(code & 0xFF)  # the low byte is the primary code
    if kind is not None:
        return kind()
    if code & 0xFF == sqlite3.SQLITE_IOERR:
        return StorageError(f"The disk failed under the database ({error.sqlite_errorname}); check it, then try again.")
    if code & 0xFF == sqlite3.SQLITE_ERROR and str(error).startswith("no such"):
        return StorageError(NO_TABLES)
    return error


def _refused(error: BaseException) -> StorageError:
    reason = str(error).strip().splitlines()[0].rsplit("FATAL:", 1)[-1].strip()
    return StorageError(f"The database refused the connection ({reason}); check CRUX_DATABASE_URL.")

"""Who is to be forgotten, noted outside the database, so that putting back an old backup doesn't undo it.

`forgotten.jsonl` has a line a member who asked, and a line a workspace that was deleted because the bot was removed: a
keyed hash of workspace and member, or of the workspace alone, and the time. The hash (HMAC-SHA256, RFC
2104) can be compared with members who are there, and tells nothing of those who aren't without the key beside it. The
two belong in backups of their own: a ledger that is put back with an old database has forgotten what it is for.
"""

from __future__ import annotations

import hmac
import json
import logging
import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from bot.errors import StorageError
from bot.storage.codec import storable, utc
from bot.storage.failures import translated

log = logging.getLogger(__name__)


class Ledger:
    """The ledger in a folder; made with the first line. Lines are only ever added, by any number of processes.

    All methods may raise StorageFull, and StorageError when lines are there and their key is not.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "forgotten.jsonl"
        self._key_file = folder / "forgotten.key"

    def add(self, workspace: str, member: str | None, at: datetime) -> None:
        """Note that a member, or with None all of a workspace, is to be forgotten; on the disk when this returns."""
        with translated():
            line = json.dumps({"member": _digest(self._key(make=True), workspace, member), "at": utc(at).isoformat()})
            handle = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                size = os.fstat(handle).st_size
                torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
                os.write(handle, f"{chr(10) if torn else ''}{line}\n".encode())
                os.fsync(handle)
            finally:
                os.close(handle)
            _sync_folder(self._file.parent)

    def lookup(self) -> Callable[[str, str | None], datetime | None] | None:
        """What tells when a workspace's member, or with None all of it, was last forgotten; None for never.

        None itself for an empty ledger.
        """
        times = self._times()
        if not times:
            return None
        with translated():
            key = self._key(make=False)
        return lambda workspace, member: times.get(_digest(key, workspace, member))

    def _times(self) -> Mapping[str, datetime]:
        found: dict[str, datetime] = {}
        with translated():
            if not self._file.exists():
                return found
            lines = self._file.read_text(encoding="utf-8", errors="replace").splitlines()
        for number, line in enumerate(lines, 1):
            try:
                entry = json.loads(line)
                member, at = str(entry["member"]), utc(datetime.fromisoformat(entry["at"]))
            except (ValueError, TypeError, KeyError):
                # A line that a crash cut short: what it asked for had not begun.
                log.warning("line %d of %s can't be read and is passed over", number, self._file.name)
                continue
            found[member] = max(at, found.get(member, at))
        return found

    def _key(self, *, make: bool) -> bytes:
        if make and not self._key_file.exists() and not self._times():
            unfinished = self._key_file.with_name(f"{self._key_file.name}.{secrets.token_hex(4)}")
            handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                os.write(handle, secrets.token_hex(32).encode())
                os.fsync(handle)
            finally:
                os.close(handle)
            with suppress(FileExistsError):  # another process was first, and its key counts
                os.link(unfinished, self._key_file)
            unfinished.unlink()
        try:
            return bytes.fromhex(self._key_file.read_text(encoding="ascii").strip())
        except (FileNotFoundError, ValueError):
            raise StorageError(
                f"{self._file.name} in the data folder says who asked to be forgotten, but its key "
                f"{self._key_file.name} is missing or damaged: put the key back from a backup."
            ) from None


def _digest(key: bytes, workspace: str, member: str | None) -> str:
    names = json.dumps([storable(workspace), *([] if member is None else [storable(member)])])
    return hmac.digest(key, names.encode(), "sha256").hex()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

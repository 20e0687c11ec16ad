"""Installations of the bot, sealed, and the words that they begin with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from bot.core.installations import Sealed
from bot.storage.access import Access, AnySelect
from bot.storage.models import InstallationRow, InstallStateRow
from bot.storage.rows import AnyRow


class InstallationStore(Access):
    """`core.installations.Vault`."""

    async def keep_installation(
        self, workspace: str, key: str, sealed: bytes, at: datetime, member: str | None = None
    ) -> None:
        values = {"workspace_id": workspace, "key": key, "sealed": sealed, "at": at, "member_id": member}
        async with self._writing() as connection:
            await connection.execute(self._upsert(InstallationRow, "sealed", "at", "member_id").values(**values))

    async def installation(self, workspace: str, key: str) -> Sealed | None:
        row = await self._first(_installations().where(*_is(workspace, key)))
        return None if row is None else _sealed_of(row)

    async def installations(self, workspace: str) -> Sequence[Sealed]:
        row = InstallationRow
        found = await self._all(_installations().where(row.workspace_id == workspace))
        # Sorted here, since a database may sort text by the rules of a language.
        by_key = sorted(map(_sealed_of, found), key=lambda each: each.key)
        return sorted(by_key, key=lambda each: each.at, reverse=True)

    async def all_installations(self) -> Sequence[Sealed]:
        found = await self._all(_installations())
        return sorted(map(_sealed_of, found), key=lambda each: (each.workspace, each.key))

    async def reseal_installation(self, was: Sealed, sealed: bytes) -> bool:
        row = InstallationRow
        anew = update(row).where(*_is(was.workspace, was.key), row.sealed == was.sealed).values(sealed=sealed)
        async with self._writing() as connection:
            return (await connection.execute(anew)).rowcount == 1

    async def drop_installation(self, workspace: str, key: str) -> bool:
        async with self._writing() as connection:
            return (await connection.execute(delete(InstallationRow).where(*_is(workspace, key)))).rowcount == 1

    # -- the words that installations begin with ----------------------------------------------------------------------

    async def issue_state(self, state: str, expires_at: datetime, now: datetime) -> None:
        row = InstallStateRow
        async with self._writing() as connection:
            await connection.execute(delete(row).where(row.expires_at <= now))
            await connection.execute(self._insert(row).values(state=state, expires_at=expires_at))

    async def consume_state(self, state: str, now: datetime) -> bool:
        row = InstallStateRow
        # Of several who delete a row at once one finds it: the others wait for its lock, and then there is none.
        gone = delete(row).where(row.state == state).returning(row.expires_at)
        async with self._writing() as connection:
            expires_at = await connection.scalar(gone)
        return expires_at is not None and expires_at > now


def _installations() -> AnySelect:
    return select(*InstallationRow.__table__.columns)


def _is(workspace: str, key: str) -> tuple[Any, ...]:
    return InstallationRow.workspace_id == workspace, InstallationRow.key == key


def _sealed_of(row: AnyRow) -> Sealed:
    return Sealed(row.workspace_id, row.key, row.sealed, row.at, row.member_id)

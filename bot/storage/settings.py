"""What workspaces and their channels have set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import delete, select

from bot.core.houserules import Setting
from bot.storage.access import Access
from bot.storage.models import SettingRow

_WORKSPACE: Final = ""
"""In place of a channel, of what holds in all of them."""


class SettingStore(Access):
    """`core.houserules.Rulebook`."""

    async def settings(self, workspace: str, channel: str | None = None) -> Mapping[str, str]:
        row = SettingRow
        places = {_WORKSPACE, channel or _WORKSPACE}
        query = select(row.name, row.value).where(row.workspace_id == workspace, row.channel_id.in_(places))
        found = await self._all(query.order_by(row.channel_id != _WORKSPACE))
        return {row.name: row.value for row in found}  # a channel's own come last, so that they win

    async def set_setting(self, workspace: str, channel: str | None, name: str, value: str | None) -> None:
        row, place = SettingRow, channel or _WORKSPACE
        if value is None:
            change = delete(row).where(row.workspace_id == workspace, row.channel_id == place, row.name == name)
        else:
            values = {"workspace_id": workspace, "channel_id": place, "name": name, "value": value}
            change = self._upsert(row, "value").values(**values)
        async with self._writing() as connection:
            await connection.execute(change)

    async def organiser_group(self, workspace: str) -> str | None:
        return (await self.settings(workspace)).get(Setting.ORGANISERS)

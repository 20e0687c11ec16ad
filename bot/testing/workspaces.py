"""Settings, installations and departures of `MemoryStore`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.core.houserules import Setting
from bot.core.installations import Sealed
from bot.storage.codec import storable, utc


class MemoryWorkspaces:
    """`core.houserules.Rulebook`, `core.installations.Vault`, and what `core.workspaces.Workspaces` has of departures.

    No method waits between reading and writing.
    """

    def __init__(self) -> None:
        self._settings: dict[tuple[str, str, str], str] = {}
        self._installations: dict[tuple[str, str], Sealed] = {}
        self._states: dict[str, datetime] = {}
        self._departures: dict[str, datetime] = {}

    # -- settings -----------------------------------------------------------------------------------------------------

    async def settings(self, workspace: str, channel: str | None = None) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for place in ("", storable(channel or "")):
            found |= {
                name: value
                for (whose, where, name), value in self._settings.items()
                if (whose, where) == (storable(workspace), place)
            }
        return found

    async def set_setting(self, workspace: str, channel: str | None, name: str, value: str | None) -> None:
        key = (storable(workspace), storable(channel or ""), storable(name))
        if value is None:
            self._settings.pop(key, None)
        else:
            self._settings[key] = storable(value)

    async def organiser_group(self, workspace: str) -> str | None:
        return (await self.settings(workspace)).get(Setting.ORGANISERS)

    # -- installations ------------------------------------------------------------------------------------------------

    async def keep_installation(
        self, workspace: str, key: str, sealed: bytes, at: datetime, member: str | None = None
    ) -> None:
        who = None if member is None else storable(member)
        kept = Sealed(storable(workspace), storable(key), sealed, utc(at), who)
        self._installations[kept.workspace, kept.key] = kept

    async def installation(self, workspace: str, key: str) -> Sealed | None:
        return self._installations.get((storable(workspace), storable(key)))

    async def installations(self, workspace: str) -> Sequence[Sealed]:
        found = [kept for kept in await self.all_installations() if kept.workspace == storable(workspace)]
        return sorted(found, key=lambda each: each.at, reverse=True)

    async def all_installations(self) -> Sequence[Sealed]:
        return [kept for _, kept in sorted(self._installations.items())]

    async def reseal_installation(self, was: Sealed, sealed: bytes) -> bool:
        known = await self.installation(was.workspace, was.key)
        if known is None or known.sealed != was.sealed:
            return False
        self._installations[known.workspace, known.key] = replace(known, sealed=sealed)
        return True

    async def drop_installation(self, workspace: str, key: str) -> bool:
        return self._installations.pop((storable(workspace), storable(key)), None) is not None

    def _installed(self, workspace: str, member: str) -> tuple[datetime, ...]:
        about = (kept for kept in self._installations.values() if (kept.workspace, kept.member) == (workspace, member))
        return tuple(sorted(kept.at for kept in about))

    def _forget_installations(self, workspace: str, member: str) -> int:
        about = [
            key for key, kept in self._installations.items() if (kept.workspace, kept.member) == (workspace, member)
        ]
        for key in about:
            del self._installations[key]
        return len(about)

    async def issue_state(self, state: str, expires_at: datetime, now: datetime) -> None:
        self._states = {word: until for word, until in self._states.items() if until > utc(now)}
        self._states[storable(state)] = utc(expires_at)

    async def consume_state(self, state: str, now: datetime) -> bool:
        expires_at = self._states.pop(storable(state), None)
        return expires_at is not None and expires_at > utc(now)

    # -- departures ---------------------------------------------------------------------------------------------------

    async def workspace_left(self, workspace: str, at: datetime) -> None:
        self._departures.setdefault(storable(workspace), utc(at))

    async def workspace_back(self, workspace: str) -> bool:
        return self._departures.pop(storable(workspace), None) is not None

    async def workspaces_to_delete(self, before: datetime, most: int) -> Sequence[str]:
        left = sorted((at, workspace) for workspace, at in self._departures.items() if at < utc(before))
        return [workspace for _, workspace in left][:most]

"""Who organises a workspace: its admins and owners, or a user group that organisers chose."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.slack.failures import FAILURES, reason_of

log = logging.getLogger(__name__)

FRESH: Final = 300.0
"""Seconds for which what Slack says of a member is believed."""
MOST: Final = 10_000
ADMINS: Final = ""
"""In place of a user group's id: the workspace's owners and admins, whom only a list of all members tells."""


@dataclass(frozen=True, slots=True)
class Person:
    """What Slack says of a member."""

    name: str
    organiser: bool
    stranger: bool
    """From another organisation, by Slack Connect."""
    bot: bool = False


UNKNOWN: Final = Person("", organiser=False, stranger=False)

GroupOf = Callable[[str], Awaitable[str | None]]
"""The user group that organises a workspace; None for its admins."""


async def admins(_: str) -> str | None:
    return None


@dataclass
class People:
    """Asks Slack about members, and remembers for a few minutes."""

    group_of: GroupOf = admins
    monotonic: Callable[[], float] = time.monotonic
    _known: dict[tuple[str, str], tuple[float, Person]] = field(default_factory=dict)
    _groups: dict[tuple[str, str], tuple[float, frozenset[str]]] = field(default_factory=dict)

    async def person(
        self, client: AsyncWebClient, workspace: str, team: str, member: str, enterprise: str | None = None
    ) -> Person:
        """What is known of a member; UNKNOWN where Slack doesn't say. Who shares the organisation is no stranger."""
        known = self._known.get((workspace, member))
        if known is not None and self.monotonic() - known[0] < FRESH:
            return known[1]
        try:
            said = (await client.users_info(user=member)).get("user") or {}
        except FAILURES as failure:
            log.warning("Slack doesn't tell about a member of %s (%s)", workspace, reason_of(failure))
            return known[1] if known is not None else UNKNOWN
        profile = said.get("profile") or {}
        stranger = bool(said.get("is_stranger")) or (
            said.get("team_id") not in (None, team)
            and (enterprise is None or (said.get("enterprise_user") or {}).get("enterprise_id") != enterprise)
        )
        group = await self.group_of(workspace)
        admin = bool(said.get("is_admin") or said.get("is_owner") or said.get("is_primary_owner"))
        organises = admin if group is None else member in await self._members(client, workspace, group) or admin
        person = Person(
            name=str(
                profile.get("display_name")
                or profile.get("real_name")
                or said.get("real_name")
                or said.get("name")
                or ""
            ),
            organiser=organises and not stranger,
            stranger=stranger,
            bot=bool(said.get("is_bot")),
        )
        if len(self._known) > MOST:
            self._known.clear()
        self._known[workspace, member] = (self.monotonic(), person)
        return person

    def forget(self, workspace: str, member: str | None = None) -> None:
        """Ask Slack anew the next time about a member, and about who organises a workspace."""
        self._known.pop((workspace, member or ""), None)
        for key in [each for each in self._groups if each[0] == workspace]:
            del self._groups[key]

    async def organisers(self, client: AsyncWebClient, workspace: str) -> list[str]:
        """Ids of those who hear what is for organisers: the group's members, or the workspace's owners and admins."""
        group = await self.group_of(workspace)
        if group is not None:
            return sorted(await self._members(client, workspace, group))
        known = self._groups.get((workspace, ADMINS))
        if known is not None and self.monotonic() - known[0] < FRESH:
            return sorted(known[1])
        found: list[str] = []
        cursor = ""
        while True:
            page = await client.users_list(limit=200, cursor=cursor)
            people = [each for each in page.get("members") or [] if not each.get("deleted") and not each.get("is_bot")]
            found += [str(each["id"]) for each in people if each.get("is_owner") or each.get("is_admin")]
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                self._groups[workspace, ADMINS] = (self.monotonic(), frozenset(found))
                return sorted(found)

    async def _members(self, client: AsyncWebClient, workspace: str, group: str) -> frozenset[str]:
        known = self._groups.get((workspace, group))
        if known is not None and self.monotonic() - known[0] < FRESH:
            return known[1]
        try:
            said = (await client.usergroups_users_list(usergroup=group)).get("users") or []
        except FAILURES as failure:
            log.warning("Slack doesn't tell who is in the organisers' group of %s (%s)", workspace, reason_of(failure))
            return known[1] if known is not None else frozenset()
        members = frozenset(map(str, said))
        self._groups[workspace, group] = (self.monotonic(), members)
        return members

"""Slack's installations and OAuth states, kept sealed in the core's vault, as slack_sdk wants to find them.

A workspace's installation is kept under its team's id, an organisation's under the organisation's, whether Slack says
to which organisation a team belongs or not: a team may join one after it has installed the bot.

The bot's tokens are one part; another, for each member who installed it, has that member's id and what tokens they
gave. Being forgotten takes the member's part, and leaves the bot's, with which slack-bolt goes on (`async_find_bot`).
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from logging import Logger
from typing import Any, Final

from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

from bot.chat.slack.clients import PREFIX
from bot.core.installations import Sealed, Sealer, Vault
from bot.core.ports import Clock
from bot.errors import ConfigurationError

log = logging.getLogger(__name__)

STATE_SECONDS: Final = 600.0
"""How long somebody may take on Slack's consent page."""

_BOT: Final = "bot"
_INSTALLER: Final = "installer:"
_ORGANISATION: Final = "organisation:"
_OF_BOT: Final = ("bot_token", "bot_id", "bot_user_id", "bot_scopes", "bot_refresh_token", "bot_token_expires_at")
"""What of an installation is kept with the bot, once."""


def place_of(enterprise_id: str | None, team_id: str | None, is_enterprise_install: bool | None = False) -> str:
    """Under what an installation is kept: the core's id of a workspace, or of an organisation in the same manner.

    Nothing is kept under the prefix alone, which is that of neither.
    """
    return f"{PREFIX}{(enterprise_id if is_enterprise_install or not team_id else team_id) or ''}"


class SealedInstallations(AsyncInstallationStore):
    """slack_sdk's store of installations, over the core's vault.

    Every method may raise StorageError, and ConfigurationError when no key opens what is kept.
    """

    def __init__(self, vault: Vault, sealer: Sealer) -> None:
        self._vault = vault
        self._sealer = sealer

    @property
    def logger(self) -> Logger:
        return log

    # -- slack_sdk's own methods --------------------------------------------------------------------------------------

    async def async_save(self, installation: Installation) -> None:
        place = place_of(installation.enterprise_id, installation.team_id, installation.is_enterprise_install)
        if installation.bot_token is not None:
            await self.async_save_bot(installation.to_bot())
        if place == PREFIX:
            raise ValueError("an installation is of a team or of an organisation")
        values = {**vars(installation), **dict.fromkeys(_OF_BOT), "bot_scopes": []}
        key, at = f"{_INSTALLER}{installation.user_id}", _time(installation.installed_at)
        await self._vault.keep_installation(place, key, self._seal(place, key, values), at, installation.user_id)

    async def async_save_bot(self, bot: Bot) -> None:
        place = place_of(bot.enterprise_id, bot.team_id, bot.is_enterprise_install)
        if place == PREFIX:
            raise ValueError("an installation is of a team or of an organisation")
        sealed = self._seal(place, _BOT, vars(bot))
        await self._vault.keep_installation(place, _BOT, sealed, _time(bot.installed_at))

    async def async_find_bot(
        self, *, enterprise_id: str | None, team_id: str | None, is_enterprise_install: bool | None = False
    ) -> Bot | None:
        return await self._bot(place_of(enterprise_id, team_id, is_enterprise_install))

    async def async_find_installation(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None = None,
        is_enterprise_install: bool | None = False,
    ) -> Installation | None:
        place = place_of(enterprise_id, team_id, is_enterprise_install)
        kept = await self._installers(place, user_id)
        if not kept:
            return None
        installation = Installation(**self._open(kept[0]))
        bot = await self._bot(place)
        for name in _OF_BOT if bot is not None else ():
            setattr(installation, name, getattr(bot, name))
        return installation

    async def async_delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        await self._vault.drop_installation(place_of(enterprise_id, team_id), _BOT)

    async def async_delete_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None
    ) -> None:
        for kept in await self._installers(place_of(enterprise_id, team_id), user_id):
            await self._vault.drop_installation(kept.workspace, kept.key)

    # -- what else the adapter needs ----------------------------------------------------------------------------------

    async def note_organisation(self, team_id: str, enterprise_id: str) -> None:
        """Keep that a workspace is served by its organisation's installation, so that it can be posted to."""
        place, key = place_of(None, team_id), f"{_ORGANISATION}{enterprise_id}"
        if await self._vault.installation(place, key) is None:
            sealed = self._seal(place, key, {})
            await self._vault.keep_installation(place, key, sealed, datetime.now(UTC))

    async def bot_of(self, workspace: str) -> Bot | None:
        """The bot of one of the core's workspaces: its own installation's, or its organisation's."""
        own = await self._bot(workspace)
        if own is not None:
            return own
        for kept in await self._vault.installations(workspace):
            if kept.key.startswith(_ORGANISATION):
                bot = await self._bot(f"{PREFIX}{kept.key.removeprefix(_ORGANISATION)}")
                if bot is not None:
                    return bot
        return None

    async def workspaces_of(self, enterprise_id: str) -> Sequence[str]:
        """The core's workspaces that an organisation's installation serves, and that have none of their own."""
        kept = await self._vault.all_installations()
        own = {each.workspace for each in kept if each.key == _BOT}
        key = f"{_ORGANISATION}{enterprise_id}"
        return [each.workspace for each in kept if each.key == key and each.workspace not in own]

    # -- sealed parts -------------------------------------------------------------------------------------------------

    async def _bot(self, place: str) -> Bot | None:
        kept = await self._vault.installation(place, _BOT)
        return None if kept is None else Bot(**self._open(kept))

    async def _installers(self, place: str, user_id: str | None) -> Sequence[Sealed]:
        """The parts of those who installed the bot, newest first; of one of them, where one is named."""
        if user_id is not None:
            kept = await self._vault.installation(place, f"{_INSTALLER}{user_id}")
            return () if kept is None else (kept,)
        return [kept for kept in await self._vault.installations(place) if kept.key.startswith(_INSTALLER)]

    def _seal(self, place: str, key: str, values: dict[str, Any]) -> bytes:
        return self._sealer.seal(json.dumps([place, key, values]).encode())

    def _open(self, kept: Sealed) -> dict[str, Any]:
        place, key, values = json.loads(self._sealer.open(kept.sealed))
        if (place, key) != (kept.workspace, kept.key):  # somebody has moved it within the database
            raise ConfigurationError("The tokens of an installation are another's: have the bot installed again.")
        found: dict[str, Any] = values
        return found


class VaultStates(AsyncOAuthStateStore):
    """slack_sdk's store of OAuth states, over the core's vault: each is good once, for a while."""

    def __init__(self, vault: Vault, clock: Clock, seconds: float = STATE_SECONDS) -> None:
        self._vault = vault
        self._clock = clock
        self._seconds = seconds

    @property
    def logger(self) -> Logger:
        return log

    async def async_issue(self, *_args: Any, **_kwargs: Any) -> str:
        state, now = secrets.token_urlsafe(32), self._clock.now()
        await self._vault.issue_state(state, now + timedelta(seconds=self._seconds), now)
        return state

    async def async_consume(self, state: str) -> bool:
        return await self._vault.consume_state(state, self._clock.now())


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)

"""By which token a workspace is served: one that the operator set, or those of its installations."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.errors import SlackApiError, SlackTokenRotationError
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator

from bot.chat.slack.clients import web_client, workspace_of
from bot.chat.slack.failures import FAILURES, error_of, reason_of
from bot.chat.slack.installing import SealedInstallations, VaultStates
from bot.chat.slack.manifest import SCOPES
from bot.errors import ConfigurationError

log = logging.getLogger(__name__)

BEFORE_MINUTES: Final = 120
"""How long before it expires a token is changed for a new one; they last twelve hours."""
AUTHORIZE_URL: Final = "https://slack.com/oauth/v2/authorize"


class Tokens(Protocol):
    """Where the bot's tokens come from."""

    async def of(self, team: str) -> str | None:
        """The bot's token in a team; None where the app is not installed."""
        ...

    async def check(self, base_url: str) -> list[str]:
        """Teams that are known to be served, once it is certain that Slack takes what there is.

        Raises:
            ConfigurationError: it doesn't, or can't be reached.
        """
        ...

    def for_bolt(self, base_url: str) -> Mapping[str, Any]:
        """What slack_bolt's app is made with."""
        ...

    async def seen(self, team: str, enterprise: str | None) -> None:
        """Note that a team is served by its organisation's installation."""
        ...

    async def gone(self, team: str, enterprise: str | None) -> list[str]:
        """Forget an installation that was removed; the teams that it served."""
        ...


@dataclass(frozen=True)
class OneToken:
    """One workspace, whose admin gave the operator its token."""

    token: str

    async def of(self, team: str) -> str | None:
        return self.token

    async def check(self, base_url: str) -> list[str]:
        try:
            who = await web_client(self.token, base_url).auth_test()
        except SlackApiError as failure:
            raise ConfigurationError(
                f"Slack doesn't take the bot's token ({error_of(failure)}); set CRUX_SLACK_BOT_TOKEN to the one that "
                "begins with xoxb- on the app's page “Install App”."
            ) from failure
        except FAILURES as failure:
            raise ConfigurationError(f"Slack can't be reached at {base_url} ({reason_of(failure)}).") from failure
        return [str(who.get("team_id"))]

    def for_bolt(self, base_url: str) -> Mapping[str, Any]:
        return {"client": web_client(self.token, base_url)}

    async def seen(self, team: str, enterprise: str | None) -> None:
        return

    async def gone(self, team: str, enterprise: str | None) -> list[str]:
        return [team]


@dataclass
class Installed:
    """Workspaces that have installed the app from the bot's own page.

    Args:
        authorize_url: Slack's consent page.
    """

    client_id: str
    client_secret: str
    installations: SealedInstallations
    states: VaultStates
    base_url: str
    authorize_url: str = AUTHORIZE_URL
    _changing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def of(self, team: str) -> str | None:
        bot = await self.installations.bot_of(workspace_of(team))
        if bot is None or bot.bot_refresh_token is None:
            return None if bot is None else bot.bot_token
        async with self._changing:  # a refresh token is good once
            bot = await self.installations.bot_of(workspace_of(team))
            if bot is None:
                return None
            rotator = AsyncTokenRotator(
                client_id=self.client_id, client_secret=self.client_secret, client=web_client(None, self.base_url)
            )
            try:
                changed = await rotator.perform_bot_token_rotation(bot=bot, minutes_before_expiration=BEFORE_MINUTES)
            except SlackTokenRotationError as failure:
                log.warning("a token could not be changed for a new one: %s", failure.api_error.response.get("error"))
                return bot.bot_token
            if changed is None:
                return bot.bot_token
            await self.installations.async_save_bot(changed)
            return changed.bot_token

    async def check(self, base_url: str) -> list[str]:
        return []

    def for_bolt(self, base_url: str) -> Mapping[str, Any]:
        client = web_client(None, base_url)
        settings = AsyncOAuthSettings(
            client_id=self.client_id,
            client_secret=self.client_secret,
            scopes=sorted(SCOPES),
            installation_store=self.installations,
            installation_store_bot_only=True,
            state_store=self.states,
            authorization_url=self.authorize_url,
            token_rotation_expiration_minutes=BEFORE_MINUTES,
        )
        return {"client": client, "oauth_flow": AsyncOAuthFlow(client=client, settings=settings)}

    async def seen(self, team: str, enterprise: str | None) -> None:
        if enterprise is not None:
            await self.installations.note_organisation(team, enterprise)

    async def gone(self, team: str, enterprise: str | None) -> list[str]:
        teams = [team]
        if enterprise is not None:
            prefix = workspace_of("")
            served = await self.installations.workspaces_of(enterprise)
            teams = list({team, *(workspace.removeprefix(prefix) for workspace in served)})
        await self.installations.async_delete_all(enterprise_id=enterprise, team_id=None if enterprise else team)
        return teams

"""By which token a workspace is served: one that the operator set, or those of its installations."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeAlias

from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store import Bot
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator

from bot.chat.slack.clients import web_client, workspace_of
from bot.chat.slack.failures import FAILURES, error_of, reason_of
from bot.chat.slack.installing import SealedInstallations, VaultStates, place_of
from bot.chat.slack.manifest import SCOPES
from bot.chat.slack.patience import within
from bot.errors import ConfigurationError, StorageBusy, StorageError

log = logging.getLogger(__name__)

BEFORE_MINUTES: Final = 120
"""How long before it expires a token is changed for a new one; they last twelve hours."""
LASTS_SECONDS: Final = 300.0
"""A token that is good for so long serves an event at once, and is changed beside it."""
READ_SECONDS: Final = 0.5
"""How long reading an installation may take while an event waits to be acknowledged."""
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


Whose: TypeAlias = Callable[[str | None, str | None, bool], Awaitable[AuthorizeResult | None]]
"""Who the bot is in an organisation and a team, and whether the organisation installed it; None where it is not."""


class Authorize(AsyncAuthorize):
    """Says who the bot is for an event; raises where that can't be known now, so that the event comes again.

    slack_bolt's own takes a database or a Slack that fails for an app that is not installed, and acknowledges.
    """

    def __init__(self, whose: Whose) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._whose = whose

    async def __call__(
        self, *, context: AsyncBoltContext, enterprise_id: str | None, team_id: str | None, **_: Any
    ) -> AuthorizeResult | None:
        return await self._whose(enterprise_id, team_id, bool(context.is_enterprise_install))


@dataclass
class OneToken:
    """One workspace, whose admin gave the operator its token."""

    token: str
    _who: Mapping[str, Any] | None = field(default=None, repr=False)

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
        self._who = dict(who.data) if isinstance(who.data, dict) else None
        return [str(who.get("team_id"))]

    def for_bolt(self, base_url: str) -> Mapping[str, Any]:
        async def whose(enterprise: str | None, team: str | None, _: bool) -> AuthorizeResult:
            if self._who is None:
                await self.check(base_url)
            who = self._who or {}
            return AuthorizeResult(
                enterprise_id=enterprise,
                team_id=team,
                bot_id=who.get("bot_id"),
                bot_user_id=who.get("user_id"),
                bot_token=self.token,
            )

        return {"client": web_client(None, base_url), "authorize": Authorize(whose)}

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
    _changing: dict[str, asyncio.Task[Bot | None]] = field(default_factory=dict)

    async def of(self, team: str) -> str | None:
        bot = await self.installations.bot_of(workspace_of(team))
        if bot is not None and _ends_within(bot, BEFORE_MINUTES * 60):
            bot = await asyncio.shield(self._change(_place(bot)))
        return None if bot is None else bot.bot_token

    def _change(self, place: str) -> asyncio.Task[Bot | None]:
        """Change a token for a new one, once at a time: a refresh token is good once, and none is lost half way."""
        task = self._changing.get(place)
        if task is None:
            task = self._changing[place] = asyncio.create_task(self._changed(place))
            task.add_done_callback(lambda done: self._let_go(place, done))
        return task

    def _let_go(self, place: str, done: asyncio.Task[Bot | None]) -> None:
        self._changing.pop(place, None)
        failure = None if done.cancelled() else done.exception()
        if failure is not None:
            log.warning("a new token could not be kept (%s)", type(failure).__name__)

    async def _changed(self, place: str) -> Bot | None:
        bot = await self.installations.bot_of(place)
        if bot is None:
            return None
        rotator = AsyncTokenRotator(
            client_id=self.client_id, client_secret=self.client_secret, client=web_client(None, self.base_url)
        )
        try:
            changed = await rotator.perform_bot_token_rotation(bot=bot, minutes_before_expiration=BEFORE_MINUTES)
        except FAILURES as failure:
            log.warning("a token could not be changed for a new one (%s)", reason_of(failure.__cause__ or failure))
            return await self.installations.bot_of(place)  # another process may have been first
        if changed is None:
            return bot
        await self._keep(changed)
        return changed

    async def _keep(self, bot: Bot) -> None:
        """Keep a new token through a moment in which the database fails: the old one can't be changed again.

        Raises:
            StorageError: it fails for longer.
        """
        for wait in (0.5, 2.0, 8.0):
            try:
                await self.installations.async_save_bot(bot)
            except StorageError:
                await asyncio.sleep(wait)
            else:
                return
        await self.installations.async_save_bot(bot)

    async def _whose(self, enterprise: str | None, team: str | None, of_organisation: bool) -> AuthorizeResult | None:
        try:
            read = self.installations.async_find_bot(
                enterprise_id=enterprise, team_id=team, is_enterprise_install=of_organisation
            )
            bot = await within(READ_SECONDS, read)
        except TimeoutError:
            raise StorageBusy from None
        if bot is None:
            return None
        if _ends_within(bot, BEFORE_MINUTES * 60):
            changing = self._change(_place(bot))
            if _ends_within(bot, LASTS_SECONDS):
                bot = await asyncio.shield(changing) or bot
        return AuthorizeResult(
            enterprise_id=enterprise,
            team_id=team,
            bot_id=bot.bot_id,
            bot_user_id=bot.bot_user_id,
            bot_token=bot.bot_token,
        )

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
            # What is not said here slack_bolt takes from SLACK_USER_SCOPES and the like in the environment.
            user_scopes=[],
            install_path="/slack/install",
            redirect_uri_path="/slack/oauth_redirect",
        )
        settings.redirect_uri = settings.authorize_url_generator.redirect_uri = None
        flow = AsyncOAuthFlow(client=client, settings=settings)
        return {"client": client, "oauth_flow": flow, "authorize": Authorize(self._whose)}

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


def _place(bot: Bot) -> str:
    return place_of(bot.enterprise_id, bot.team_id, bot.is_enterprise_install)


def _ends_within(bot: Bot, seconds: float) -> bool:
    """Whether a token is over within so many seconds; one without an end never is."""
    return bot.bot_token_expires_at is not None and bot.bot_token_expires_at <= time.time() + seconds

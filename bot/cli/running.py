"""`crux run`: the bot as a service."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import click

from bot.cli import tell
from bot.errors import ConfigurationError, StorageError

if TYPE_CHECKING:
    from pydantic import SecretStr

    from bot.app import Application
    from bot.chat.slack.tokens import Tokens
    from bot.serving.platforms import Platform
    from bot.settings import Settings

SHOWING_SECONDS = 60.0
"""How long showing an answer may take before the outbox sees to it; longer than any call to a platform."""
UNFINISHED = 5
"""Exit code when what was begun could not end in time; it was handed back, and nothing is lost."""


@click.command()
def run() -> int:
    """Serve everything that is configured: chat platforms, schedules, and an HTTP server for monitoring.

    SIGTERM or Ctrl-C stops it: what is begun has CRUX_STOP_SECONDS to end, and is handed back after that.

    Exit codes: 0 stopped, 3 a setting is wrong, 4 the database failed, 5 stopped with work handed back.
    """
    from bot.logs import set_up
    from bot.settings import LogFormat, load

    settings = load()
    level = settings.log_level if "log_level" in settings.model_fields_set else "INFO"
    set_up(level, as_json=settings.log_format is LogFormat.JSON)
    return asyncio.run(_run(settings))


async def _run(settings: Settings) -> int:
    from bot.app import running
    from bot.serving.metrics import Metrics
    from bot.serving.platforms import Messengers
    from bot.serving.service import Service
    from bot.serving.web import Server
    from bot.serving.web import application as served

    metrics = Metrics()
    async with running(settings, metrics=metrics, showing_seconds=SHOWING_SECONDS) as application:
        platforms = _platforms(application)
        messengers = Messengers(platforms)
        engine = application.engine(messengers, messengers.prefixes, metrics)
        routes = [route for platform in platforms for route in platform.routes()]
        server = None
        if settings.http_port == "off" and routes:
            raise ConfigurationError(
                "Slack reaches the bot over HTTP as it is set up, and CRUX_HTTP_PORT=off has no server; give it a "
                "port, or set CRUX_SLACK_APP_TOKEN and CRUX_SLACK_BOT_TOKEN for Socket Mode."
            )
        if settings.http_port != "off":
            checks = {"database": _database(application), "encoder": _encoder(application)}
            checks |= {platform.name: _connected(platform) for platform in platforms}
            handled = served(checks, lambda: engine.alive, metrics, application.store, application.clock, routes)
            server = Server(handled, settings.http_host, settings.http_port)
        application.warm()
        finished = await Service(platforms, engine, server, settings.stop_seconds, tell_now).run()
    return 0 if finished else UNFINISHED


def _platforms(application: Application) -> list[Platform]:
    """The platforms that the settings name; the terminal that it runs in, where they name none."""
    found: list[Platform] = []
    settings = application.settings
    if settings.slack_bot_token is not None or settings.slack_client_id is not None:
        found.append(_slack(application))
    elif any((settings.slack_app_token, settings.slack_signing_secret, settings.slack_client_secret)):
        raise ConfigurationError(
            "Slack is set up in part: set CRUX_SLACK_BOT_TOKEN to the token that begins with xoxb-, or "
            "CRUX_SLACK_CLIENT_ID for workspaces that install the app from the bot's page."
        )
    if settings.discord_token is not None:
        found.append(_discord(application, settings.discord_token.get_secret_value()))
    return found or [_terminal()]


def _slack(application: Application) -> Platform:
    from bot.chat.slack.platform import Connection, Core, SlackPlatform

    settings = application.settings
    slack_url = f"{settings.slack_url.rstrip('/')}/"  # or slack_sdk takes its last part away
    connection = Connection(
        _slack_tokens(application, slack_url),
        app_token=_secret(settings.slack_app_token),
        signing_secret=_secret(settings.slack_signing_secret),
        base_url=slack_url,
        sockets=settings.slack_sockets,
        streaming=settings.slack_streaming,
    )
    core = Core(
        inbox=application.inbox,
        outbox=application.store,
        clock=application.clock,
        debate=application.debate,
        illustrate=application.picture_of,
        chart_of=application.chart_of,
        left=application.workspace_left,
        back=application.workspace_back,
        organiser_group=application.store.organiser_group,
    )
    return SlackPlatform(connection, core)


def _slack_tokens(application: Application, slack_url: str) -> Tokens:
    """The operator's one token, or those of the workspaces that install the app."""
    from bot.app import sealing_of
    from bot.chat.slack.installing import SealedInstallations, VaultStates
    from bot.chat.slack.tokens import Installed, OneToken

    settings = application.settings
    if settings.slack_bot_token is not None:
        return OneToken(settings.slack_bot_token.get_secret_value())
    secret = _secret(settings.slack_client_secret)
    if settings.slack_client_id is None or secret is None or settings.slack_signing_secret is None:
        raise ConfigurationError(
            "Installing from the page /slack/install takes CRUX_SLACK_CLIENT_ID, CRUX_SLACK_CLIENT_SECRET and "
            "CRUX_SLACK_SIGNING_SECRET; set all three, or CRUX_SLACK_BOT_TOKEN for one workspace."
        )
    return Installed(
        settings.slack_client_id,
        secret,
        SealedInstallations(application.store, sealing_of(settings)),
        VaultStates(application.store, application.clock),
        slack_url,
        settings.slack_authorize_url,
    )


def _discord(application: Application, token: str) -> Platform:
    from bot.chat.discord.platform import Account, Core, DiscordPlatform

    settings = application.settings
    account = Account(
        token,
        settings.discord_guild,
        settings.discord_message_content,
        Account.shard_range(settings.discord_shards),
        settings.discord_api_url,
    )
    core = Core(
        inbox=application.inbox,
        outbox=application.store,
        clock=application.clock,
        choosing=application.debate.choosing,
        balloting=application.debate.balloting,
        illustrate=application.picture_of,
        left=application.workspace_left,
        back=application.workspace_back,
        known=application.store.workspaces_here,
        organiser_group=application.store.organiser_group,
        languages=application.debate.languages,
        rulebook=application.store,
    )
    return DiscordPlatform(account, core)


def _secret(value: SecretStr | None) -> str | None:
    return None if value is None else value.get_secret_value()


def _terminal() -> Platform:
    from bot.chat.console.screen import Screen
    from bot.chat.console.serving import Terminal

    tell_now("No chat platform is set up, so posts of the terminal's own schedules are shown here.")
    return Terminal(Screen.on(sys.stdout))


def tell_now(text: str) -> None:
    """Print a line at once, also into a pipe."""
    tell(text)
    sys.stdout.flush()


# -- what makes it ready ----------------------------------------------------------------------------------------------


def _database(application: Application) -> Callable[[], Awaitable[str | None]]:
    async def check() -> str | None:
        try:
            await application.store.backlog()
        except StorageError as error:
            return error.message
        return None

    return check


def _encoder(application: Application) -> Callable[[], Awaitable[str | None]]:
    async def check() -> str | None:
        return application.reading_problem

    return check


def _connected(platform: Platform) -> Callable[[], Awaitable[str | None]]:
    async def check() -> str | None:
        return platform.missing()

    return check

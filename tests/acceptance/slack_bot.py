"""A bot in the small Slack: the whole application on a database of its own, behind the real slack_bolt."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from yarl import URL

from bot.app import Application, running
from bot.chat.desk import Rhythm
from bot.chat.slack.installing import SealedInstallations, VaultStates
from bot.chat.slack.platform import Connection, Core, SlackPlatform
from bot.chat.slack.tokens import Installed, OneToken, Tokens
from bot.scheduling.engine import Engine, Pace
from bot.sealing import Sealing
from bot.settings import EncoderKind, Settings
from tests.slack import Member, SlackServer

RHYTHM = Rhythm(grow=0.05, look=0.1)


@dataclass
class Bot:
    """What a test may want to reach into."""

    slack: SlackServer
    application: Application
    platform: SlackPlatform
    address: str | None = None
    engines: list[Engine] = field(default_factory=list)


def settings_of(folder: Path, **changes: Any) -> Settings:
    """Settings without an encoder to wait for, whose database is in a folder."""
    return Settings.model_construct(data_dir=folder, encoder=EncoderKind.NONE, **changes)


@asynccontextmanager
async def a_bot(
    slack: SlackServer,
    settings: Settings,
    *,
    http: bool = False,
    streaming: bool = True,
    showing_seconds: float = 60.0,
    calendar: bool = False,
    ping_seconds: float = 3.0,
    sockets: int = 1,
    app_token: str | None = None,
    installing: Callable[[Application], Tokens] | None = None,
    **parts: Any,
) -> AsyncIterator[Bot]:
    """A bot that serves the small Slack until the block ends; with `calendar`, it posts what is due, too."""
    async with running(settings, showing_seconds=showing_seconds, **parts) as application:
        connection = Connection(
            OneToken(slack.bot_token) if installing is None else installing(application),
            app_token=None if http else app_token or slack.app.app_token,
            signing_secret=slack.app.signing_secret,
            base_url=slack.api_url,
            streaming=streaming,
            ping_seconds=ping_seconds,
            sockets=sockets,
        )
        core = Core(
            application.inbox,
            application.store,
            application.clock,
            application.debate,
            application.picture_of,
            application.chart_of,
            application.workspace_left,
            application.workspace_back,
            application.store.organiser_group,
        )
        platform = SlackPlatform(connection, core, rhythm=RHYTHM)
        bot = Bot(slack, application, platform)
        runner = await _listening(bot, platform.routes()) if http else None
        await platform.start()
        if not http:
            await slack.sockets.connected(sockets)
        if calendar:
            engine = application.engine(platform.messenger, (platform.prefix,))
            engine._pace = Pace(tick=0.1, poll=0.05)
            engine.start()
            bot.engines.append(engine)
        try:
            yield bot
        finally:
            for engine in bot.engines:
                await engine.stop(5.0)
            await platform.stop(5.0)
            if runner is not None:
                await runner.cleanup()


async def _listening(bot: Bot, routes: Sequence[web.RouteDef]) -> web.AppRunner:
    served = web.Application()
    served.add_routes(routes)
    runner = web.AppRunner(served, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    bot.address = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    bot.slack.uses_http(bot.address)
    return runner


def installed(slack: SlackServer, application: Application, folder: Path) -> Installed:
    """The tokens of a bot that workspaces install by themselves."""
    return Installed(
        slack.app.client_id,
        slack.app.client_secret,
        SealedInstallations(application.store, Sealing(folder)),
        VaultStates(application.store, application.clock),
        slack.api_url,
        slack.authorize_url,
    )


async def install(slack: SlackServer, bot: Bot, member: Member, **consent: bool) -> str:
    """What somebody reads in the end who installs the app from its page."""
    slack.consents(member, **consent)
    assert bot.address is not None
    page = bot.address.replace("/slack/events", "/slack/install")
    slack.app.redirect_urls = frozenset({bot.address.replace("/slack/events", "/slack/oauth_redirect")})
    # The cookie that ties the consent to this browser is for https alone, which the way on 127.0.0.1 stands for here.
    jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=URL(page).origin())
    async with aiohttp.ClientSession(cookie_jar=jar) as browser:
        async with browser.get(page) as answer:
            found = re.search(r'href="([^"]+authorize[^"]+)"', await answer.text())
        assert found is not None
        async with browser.get(URL(html.unescape(found[1]), encoded=True)) as answer:
            return await answer.text()

"""What every part of the server shares: the state, the settings, and the way to the bot."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.slack.app import App
from tests.slack.clock import Clock
from tests.slack.delivery import Attempt, Delivery, Kind, carry
from tests.slack.faults import Faults
from tests.slack.rates import Rates
from tests.slack.scopes import EVENT_SCOPES
from tests.slack.state import Channel, Json, Message, State, Team, Token, User


@dataclass
class Timings:
    """Seconds. The first three are real; the others run on the server's clock."""

    ack: float = 3.0
    retries: tuple[float, ...] = (0.0, 60.0, 300.0)
    disconnect_grace: float = 10.0
    trigger: float = 3.0
    stream: float = 300.0
    response_url: float = 30 * 60.0
    response_url_uses: int = 5
    code: float = 10 * 60.0
    token: float = 12 * 60 * 60.0


@dataclass
class Hook:
    """A response_url: who may be answered, where, and how often it was used."""

    id: str
    team: str
    channel: str
    user: str
    made_at: float
    message: tuple[str, str] | None = None
    """What `replace_original` means: the message whose button was pressed, or the first one that this URL posted."""
    uses: int = 0


@dataclass(frozen=True)
class Shown:
    """An error that Slack itself showed a member."""

    user: str
    what: str
    error: str
    at: float


class Carrier(Protocol):
    async def attempt(self, delivery: Delivery, attempt: Attempt) -> None: ...


@dataclass
class Hub:
    app: App = field(default_factory=App)
    clock: Clock = field(default_factory=Clock)
    timings: Timings = field(default_factory=Timings)
    faults: Faults = field(default_factory=Faults)
    rates: Rates = field(default_factory=Rates)
    charts: bool = True
    """Off: a workspace without data_visualization and data_table, which answers invalid_blocks to them."""
    echoes: bool = True
    """Slack tells a bot of its own messages as well."""
    deliveries: list[Delivery] = field(default_factory=list)
    hooks: dict[str, Hook] = field(default_factory=dict)
    errors: list[Shown] = field(default_factory=list)
    base_url: str = ""

    def __post_init__(self) -> None:
        self.state = State(self.clock)
        self.carrier: Carrier | None = None
        self.crashes: list[BaseException] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._numbers = itertools.count(1)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._over)

    def _over(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (crash := task.exception()) is not None:
            self.crashes.append(crash)

    async def cancel_tasks(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # To the bot

    def send(self, kind: Kind, payload: Json, scope: str = "") -> Delivery:
        """Starts a delivery; await its `done()` to know how it went."""
        delivery = Delivery(kind, payload, scope)
        self.deliveries.append(delivery)
        carrier = self.carrier
        if carrier is None:
            raise RuntimeError("The server is not running")
        self.spawn(carry(delivery, lambda attempt: carrier.attempt(delivery, attempt), self.timings.retries))
        return delivery

    def emit(self, team: Team, name: str, event: Json) -> Delivery | None:
        """Sends an event of this name (`message.im`, `app_mention`), unless the app may not have it."""
        if team.bot is None or not self.app.gets(name, self.granted(team)):
            return None
        return self.send("events_api", self.event_body(team, event), EVENT_SCOPES.get(name, ""))

    def event_body(self, team: Team, event: Json) -> Json:
        token = self.state.tokens.get(team.bot_token)
        org = token is not None and token.team is None
        return {
            "token": "verification-token",
            "team_id": team.id,
            "context_team_id": team.id,
            "context_enterprise_id": team.enterprise,
            "api_app_id": self.app.id,
            "event": event,
            "type": "event_callback",
            "event_id": self.state.new_id("Ev"),
            "event_time": int(self.clock.now()),
            "authorizations": [
                {
                    "enterprise_id": team.enterprise,
                    "team_id": None if org else team.id,
                    "user_id": team.bot.id if team.bot else None,
                    "is_bot": True,
                    "is_enterprise_install": org,
                }
            ],
            "is_ext_shared_channel": False,
            "event_context": f"4-{next(self._numbers)}",
        }

    def granted(self, team: Team) -> frozenset[str]:
        token = self.state.tokens.get(team.bot_token)
        return token.scopes if token is not None else frozenset()

    # Who and where

    def teams_of(self, channel: Channel) -> list[Team]:
        """The workspaces with the app in them that this channel belongs to."""
        teams = [self.state.teams[team] for team in (channel.team, *sorted(channel.shared_with))]
        return [team for team in teams if team.bot is not None]

    def has_bot(self, channel: Channel, team: Team) -> bool:
        return team.bot is not None and team.bot.id in channel.members

    def user_named(self, name: str, team: str) -> User | None:
        return next((user for user in self.state.users.values() if user.name == name and user.team == team), None)

    def install(self, team: Team, scopes: frozenset[str] | None = None) -> Token:
        """Puts the app into a workspace with a lasting bot token, as an admin does at api.slack.com."""
        bot = self.bot_in(team)
        granted = self.app.scopes if scopes is None else scopes
        token = Token(f"xoxb-{team.id}-{next(self._numbers)}", "bot", team.id, bot.id, granted)
        self.grant(token, [team])
        return token

    def bot_in(self, *teams: Team) -> User:
        """The app's bot user in these workspaces, made at need; one for a whole organisation."""
        first = teams[0]
        bot = first.bot or User(self.state.new_id("U"), first.id, self.app.name, bot=True)
        bot.deleted = False
        self.state.users[bot.id] = bot
        for team in teams:
            team.bot = team.bot or bot
            team.bot_id = team.bot_id or self.state.new_id("B")
        return bot

    def grant(self, token: Token, teams: list[Team]) -> None:
        """Makes a token the one that these workspaces go by."""
        self.state.tokens[token.value] = token
        for team in teams:
            team.bot_token = token.value

    def new_hook(self, team: str, channel: str, user: str, message: Message | None = None) -> str:
        """A response_url for an interaction of this user in this channel."""
        hook = Hook(self.state.new_id("hook"), team, channel, user, self.clock.now())
        if message is not None:
            hook.message = (message.channel, message.ts)
        self.hooks[hook.id] = hook
        return f"{self.base_url}/actions/{hook.id}"

"""Slack under load: `python -m tests.benchmarks.slack_load`.

A real `crux run` in a process of its own, on SQLite or PostgreSQL, against the small Slack over Socket Mode. At once
so many commands, and so many events a second: most of them what members say to each other, and some mentions. The
language model takes five seconds for every reply. Measured is how long acknowledgements take, and whether every command
and mention has one answer in the end.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from tests.acceptance.fortnight.model import NAME, written
from tests.benchmarks.load_report import Tally, Timed, report
from tests.databases import postgresql_server
from tests.integration.scripted_server import ByBody, Script, scripted, whole
from tests.slack import Channel, Delivery, Member, SlackServer

LIMIT = 3.0
CLAIMS = ("MI-07", "MI-12", "MI-16", "MI-21", "MI-33", "MI-04")


@dataclass(frozen=True)
class Plan:
    commands: int
    events: float
    seconds: float
    mentions: float
    model: float
    engine: str


@contextlib.asynccontextmanager
async def slow_model(seconds: float) -> AsyncIterator[str]:
    """A language model that thinks for so long, then writes from its prompt; its address."""

    def choose(body: dict[str, object]) -> Script:
        messages = body["messages"]
        assert isinstance(messages, list)
        says = whole(written("\n".join(str(message["content"]) for message in messages)))

        async def play(writer: asyncio.StreamWriter) -> None:
            await asyncio.sleep(seconds)
            await says(writer)

        return play

    async with scripted(ByBody(choose)) as server:
        yield server.url


@contextlib.asynccontextmanager
async def crux(slack: SlackServer, plan: Plan, folder: Path, database: str | None) -> AsyncIterator[None]:
    """`crux run` in a process of its own."""
    async with slow_model(plan.model) as model:
        env = {name: value for name, value in os.environ.items() if not name.startswith(("CRUX_", "OPENAI_"))}
        env |= {
            "CRUX_DATA_DIR": str(folder),
            "CRUX_SLACK_BOT_TOKEN": slack.bot_token,
            "CRUX_SLACK_APP_TOKEN": slack.app.app_token,
            "CRUX_SLACK_URL": slack.api_url,
            "CRUX_HTTP_PORT": "off",
            "CRUX_MODEL": NAME,
            "CRUX_MODEL_URL": model,
            "CRUX_MODEL_CONCURRENCY": "64",
            "CRUX_MEMBER_TOKENS_PER_DAY": "0",
            "CRUX_WORKSPACE_TOKENS_PER_DAY": "0",
            "CRUX_LOG_LEVEL": "ERROR",
        }
        if database is not None:
            env["CRUX_DATABASE_URL"] = database
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "bot", "run", env=env, cwd=Path.cwd())
        try:
            await slack.sockets.connected()
            await asyncio.sleep(8.0)  # the encoder and the maps are being read
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            await process.wait()


async def commands(rooms: list[tuple[Channel, Member]]) -> list[Delivery]:
    """One command in each channel, all at once."""
    asked = (
        member.command(room, ("/steelman", "/counter")[n % 2], CLAIMS[n % len(CLAIMS)])
        for n, (room, member) in enumerate(rooms)
    )
    return list(await asyncio.gather(*asked))


async def chatter(plan: Plan, room: Channel, member: Member) -> set[str]:
    """So many events a second; the ts of those that mention the bot."""
    asked: set[str] = set()
    began, number = time.monotonic(), 0
    every = round(1 / plan.mentions) if plan.mentions else 0
    while (now := time.monotonic() - began) < plan.seconds:
        while number <= now * plan.events:
            mention = every and number % every == 0
            text = f"@crux /crux map {CLAIMS[number % len(CLAIMS)]}" if mention else f"we said {number} things about it"
            said = await member.says(room, text)
            if mention:
                asked.add(said.ts)
            number += 1
        await asyncio.sleep(0.005)
    return asked


async def measure(plan: Plan, database: str | None) -> str:
    async with SlackServer() as slack:
        slack.rates.off()
        member = slack.member("ann", admin=True)
        rooms = [(slack.channel(f"room-{n}", member), member) for n in range(plan.commands)]
        square = slack.channel("square", member)
        with tempfile.TemporaryDirectory(prefix="crux-load-", ignore_cleanup_errors=True) as folder:
            async with crux(slack, plan, Path(folder), database):
                began = time.monotonic()
                ran, mentioned = await asyncio.gather(commands(rooms), chatter(plan, square, member))
                names = {room.id: room.name for room, _ in rooms}

                def answers() -> list[str]:
                    posts = [p for p in slack.posts() if (p.metadata or {}).get("event_type") == "crux_post"]
                    own = [p.thread_ts or "" for p in slack.posts(square)]
                    return [names[p.channel] for p in posts if p.channel in names] + own

                acknowledged = {names[str(d.payload["channel_id"])] for d in ran if d.acked}
                wanted = acknowledged | mentioned
                with contextlib.suppress(TimeoutError):
                    await slack.until(lambda: wanted <= set(answers()), seconds=180)
                answered = time.monotonic() - began
                await asyncio.sleep(2.0)  # whatever would come twice
                events = [d.attempts[-1].seconds or LIMIT for d in slack.deliveries if d.is_event]
                again = sum(len(d.attempts) - 1 for d in slack.deliveries if d.is_event)
                rows = [
                    Timed("commands", [d.attempts[-1].seconds or LIMIT for d in ran], LIMIT),
                    Timed("events", events, LIMIT),
                ]
                title = (
                    f"Slack on {plan.engine}: {plan.commands} commands at once and {plan.events:g} events a second for "
                    f"{plan.seconds:g} s, {plan.mentions:.0%} of them mentions; the model takes {plan.model:g} s"
                )
                more = f"all answered after {answered:.0f} s; {again} events were delivered again"
                return f"{report(title, rows, Tally.of(wanted, answers()))}\n{more}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--commands", type=int, default=200)
    parser.add_argument("--events", type=float, default=50.0, help="a second")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--mentions", type=float, default=0.1, help="the share of events that mention the bot")
    parser.add_argument("--model", type=float, default=5.0, help="seconds that the language model takes")
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], default="sqlite")
    options = parser.parse_args()
    plan = Plan(**vars(options))
    if plan.engine == "sqlite":
        print(asyncio.run(measure(plan, None)))
        return 0
    with postgresql_server() as server:
        print(asyncio.run(measure(plan, server.migrated().render_as_string(hide_password=False))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

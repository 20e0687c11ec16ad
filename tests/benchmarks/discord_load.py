"""Load on Crux in Discord: `python -m tests.benchmarks.discord_load --seconds 60`.

`crux run` is a process of its own, as are its database and the sockets between it, a small Discord and a model that
takes five seconds for every reply. First 200 members ask for a steelman at once; then 50 interactions a second arrive,
a tenth of them steelmen, the others positions, maps, standings and presses. Printed is how long Discord waited for each
acknowledgement, which has to come within three seconds, and how many answers were lost or doubled.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from tests.benchmarks.load_report import Tally, Timed, report
from tests.discord_wire import TOKEN, Channel, DiscordServer, Interaction, Member, Message, read

MODEL_SECONDS = 5.0
SENTENCE = "Nobody has a specific plan for turning interpretability into safety [MI-07]."


@dataclass
class Load:
    """What was sent, and what a member asked for."""

    server: DiscordServer
    channels: Sequence[Channel]
    members: Sequence[Member]
    sent: list[tuple[str, Interaction]] = field(default_factory=list)
    chance: random.Random = field(default_factory=lambda: random.Random(7))

    async def one(self, kind: str) -> None:
        member = self.chance.choice(self.members)
        channel = self.chance.choice(self.channels)
        claim = f"MI-{self.chance.randint(1, 40):02}"
        match kind:
            case "steelman":
                done = await member.command(channel, "steelman", view="MI-07")
            case "stand":
                stance = self.chance.choice(["agree", "disagree", "unsure"])
                done = await member.command(channel, "stand", claim=claim, stance=stance)
            case "press":
                where = await self._pressable()
                if where is None:
                    return await self.one("stand")
                done = await member.presses(where, "Where do I stand?")
            case _:
                done = await member.command(channel, f"crux {kind}")
        self.sent.append((kind, done))
        return None

    async def _pressable(self) -> Message | None:
        for _, done in reversed(self.sent[-400:]):
            if done.response is not None and "[Where do I stand?]" in read(done.response):
                return done.response if not done.response.ephemeral else None
        return None

    async def burst(self, count: int) -> None:
        await asyncio.gather(*(self.one("steelman") for _ in range(count)))

    async def flow(self, rate: float, seconds: float) -> None:
        """So many interactions a second, evenly."""
        began = time.monotonic()
        for n in range(int(rate * seconds)):
            wait = began + n / rate - time.monotonic()
            if wait > 0:
                await asyncio.sleep(wait)
            kind = "steelman" if n % 10 == 0 else ("stand", "map", "me", "standing", "press")[n % 5]
            await self.one(kind)

    async def rest(self, seconds: float) -> None:
        """Wait until everything is answered, or for so long."""
        end = time.monotonic() + seconds
        while not all(_whole(done) for _, done in self.sent):
            if time.monotonic() > end:
                break
            await asyncio.sleep(0.2)
        await asyncio.sleep(2)

    def report(self, title: str) -> str:
        """How long acknowledgements and answers took, and whether any was lost or doubled."""
        acknowledged = [done for _, done in self.sent if done.acknowledged_at is not None]
        waits = [(done.acknowledged_at or 0.0) - done.at for done in acknowledged]
        every = [message for channel in self.channels for message in channel.every.values() if not message.deleted]
        bots = [message for message in every if message.author is self.server.bot and not message.loading]
        whole = [message for message in bots if "Being written" not in read(message)]
        answers = [str(message.interaction.id) if message.interaction else "posted" for message in whole]
        by_kind: dict[str, list[float]] = {}
        for (kind, done), at in self.ends():
            by_kind.setdefault(kind, []).append(at - done.at)
        rows = [Timed("acknowledged", waits, 3.0), *(Timed(f"{kind} whole", by_kind[kind]) for kind in sorted(by_kind))]
        tally = Tally.of((str(done.id) for done in acknowledged), answers)
        told = sum("try again" in read(message) for message in whole)
        more = f"{len(self.sent) - len(acknowledged)} not acknowledged; {told} told to try again"
        return f"{report(title, rows, tally)}; {more}"

    def ends(self) -> list[tuple[tuple[str, Interaction], float]]:
        """When each answer that is whole was shown."""
        last = {call.path.split("/")[3]: call.at for call in self.server.calls if call.path.startswith("/webhooks/")}
        return [(each, last[each[1].token]) for each in self.sent if _whole(each[1]) and each[1].token in last]


def _whole(done: Interaction) -> bool:
    shown = done.messages[-1:] if done.answered else []
    return bool(shown) and "Being written" not in read(shown[0])


async def model(port_at: list[int]) -> web.AppRunner:
    """An OpenAI-compatible server whose replies take five seconds, streamed."""

    async def complete(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await answer.prepare(request)
        words = [*SENTENCE.split(" ")]
        for n, word in enumerate(words):
            await asyncio.sleep(MODEL_SECONDS / len(words))
            delta = {"content": word if n == 0 else f" {word}"}
            await answer.write(_event({"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}))
        await answer.write(_event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}))
        usage = {"prompt_tokens": 10, "completion_tokens": 10, "total_tokens": 20}
        await answer.write(_event({"choices": [], "usage": usage}))
        await answer.write(b"data: [DONE]\n\n")
        return answer

    app = web.Application(client_max_size=2**24)
    app.router.add_post("/v1/chat/completions", complete)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port_at.append(runner.addresses[0][1])
    return runner


def _event(payload: dict[str, object]) -> bytes:
    whole = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "m", **payload}
    return f"data: {json.dumps(whole)}\n\n".encode()


async def run(seconds: float, rate: float, at_once: int, database: str | None) -> str:
    """The whole of it; the reports."""
    ports: list[int] = []
    runner = await model(ports)
    async with DiscordServer(points_client=False) as server:
        guild = await server.guild()
        channels = [await server.channel(guild, f"room-{n}") for n in range(10)]
        members = [await server.member(guild, f"member-{n}") for n in range(40)]
        with tempfile.TemporaryDirectory() as folder:
            log = (Path(folder) / "log").open("w")
            kept = {name: value for name, value in os.environ.items() if not name.startswith("CRUX_")}
            env = {
                **kept,
                "CRUX_DATA_DIR": folder,
                "CRUX_ENCODER": "none",
                "CRUX_HTTP_PORT": "0",
                "CRUX_LOG_LEVEL": "WARNING",
                "CRUX_MODEL_URL": f"http://127.0.0.1:{ports[0]}/v1",
                "CRUX_MODEL_CONCURRENCY": "500",
                "CRUX_MEMBER_TOKENS_PER_DAY": "0",
                "CRUX_WORKSPACE_TOKENS_PER_DAY": "0",
                "CRUX_DISCORD_TOKEN": TOKEN,
                "CRUX_DISCORD_API_URL": server.api_url,
                **({"CRUX_DATABASE_URL": database} if database else {}),
            }
            process = subprocess.Popen(  # noqa: ASYNC220
                [sys.executable, "-m", "bot", "run"], env=env, stdout=log, stderr=log
            )
            try:
                await server.until(lambda: server.gateway.sessions, 60)
                await asyncio.sleep(5)
                load = Load(server, channels, members)
                await load.burst(at_once)
                await load.rest(120)
                burst = load.report(f"{at_once} steelmen at once, with a model that takes {MODEL_SECONDS:g} s")
                load.sent.clear()
                for channel in channels:
                    channel.every.clear()
                await load.flow(rate, seconds)
                await load.rest(120)
                flow = load.report(f"{rate:g} interactions a second for {seconds:g} s")
            finally:
                process.terminate()
                await asyncio.to_thread(process.wait, 60)
                log.close()
    await runner.cleanup()
    return f"{burst}\n\n{flow}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rate", type=float, default=50.0, help="interactions a second")
    parser.add_argument("--at-once", type=int, default=200, help="steelmen at the same time, before that")
    parser.add_argument("--database", help="its address; SQLite in a folder of its own when not given")
    asked = parser.parse_args()
    print(asyncio.run(run(asked.seconds, asked.rate, asked.at_once, asked.database)))


if __name__ == "__main__":
    main()

"""The HTTP server over real sockets, and how a service starts and stops."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace

import pytest
from aiohttp import ClientConnectionError, ClientSession, web

from bot.core.backlog import Backlog
from bot.core.firings import Firing
from bot.core.outbox import Composed, Guard, Post
from bot.errors import ConfigurationError, Refused, StorageBusy
from bot.scheduling.engine import Engine, Pace
from bot.scheduling.firing import Runner
from bot.scheduling.sender import Sender
from bot.serving.metrics import Metrics
from bot.serving.platforms import Messengers
from bot.serving.service import Service
from bot.serving.web import Server, application
from bot.testing import ManualClock, MemoryStore
from tests.integration.values import a_firing, a_post

NOW = ManualClock().now()


class Away(MemoryStore):
    """A database that is away."""

    async def backlog(self) -> Backlog:
        raise StorageBusy


@dataclass
class FakePlatform:
    """A platform that keeps what it was told."""

    name: str = "fake"
    prefix: str = "fake:"
    problem: str | None = None
    broken: ConfigurationError | None = None
    slow: float = 0.0
    told: list[str] = field(default_factory=list)

    @property
    def messenger(self) -> FakePlatform:
        return self

    def guard(self, post: Post) -> Guard:
        return Guard(nonce_seconds=7)

    async def send(self, post: Post) -> str:
        self.told.append(f"send {post.id}")
        return "there"

    async def find(self, post: Post) -> str | None:
        return None

    def routes(self) -> Sequence[web.RouteDef]:
        async def hello(_: web.Request) -> web.Response:
            return web.Response(text="hello")

        return [web.get("/fake", hello)]

    async def start(self) -> None:
        if self.broken is not None:
            raise self.broken
        self.told.append("start")

    def missing(self) -> str | None:
        return self.problem

    async def stop(self, within: float) -> bool | None:
        self.told.append("stop")
        await asyncio.sleep(min(self.slow, within))
        return None


class Stuck:
    """Composes nothing, for ever."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()

    async def compose(self, firing: Firing) -> Sequence[Composed]:
        self.begun.set()
        await asyncio.Event().wait()
        return ()


def an_engine(store: MemoryStore, platform: FakePlatform, composer: Stuck | None = None) -> Engine:
    clock = ManualClock()
    runner = Runner(store, composer or Stuck(), clock, "a", lambda *_: ())
    return Engine(runner, Sender(store, platform, clock, "a"), clock, pace=Pace(tick=0.01, poll=0.01))


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as found:
        yield found


async def served(store: MemoryStore, platform: FakePlatform, engine: Engine) -> tuple[Server, str]:
    async def well() -> str | None:
        return None

    async def hangs() -> str | None:
        await asyncio.Event().wait()
        return None

    async def connected() -> str | None:
        return platform.missing()

    checks = {"well": well, platform.name: connected, **({"slow": hangs} if platform.slow else {})}
    app = application(checks, lambda: engine.alive, Metrics(), store, ManualClock(), platform.routes())
    server = Server(app, "127.0.0.1", 0)
    return server, await server.start()


async def test_health_readiness_metrics_and_the_platform_s_routes(session: ClientSession) -> None:
    store, platform = MemoryStore(), FakePlatform()
    engine = an_engine(store, platform)
    server, address = await served(store, platform, engine)
    async with session.get(f"{address}/healthz") as answer:
        assert (answer.status, await answer.json()) == (503, {"alive": False})  # not started yet
    engine.start()
    async with session.get(f"{address}/healthz") as answer:
        assert answer.status == 200
    async with session.get(f"{address}/readyz") as answer:
        assert (answer.status, await answer.json()) == (200, {"ready": True, "well": "ok", "fake": "ok"})
    platform.problem = "not connected"
    async with session.get(f"{address}/readyz") as answer:
        assert (answer.status, await answer.json()) == (503, {"ready": False, "well": "ok", "fake": "not connected"})
    async with session.get(f"{address}/metrics") as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        assert "crux_firings_open 0.0" in await answer.text()
    async with session.get(f"{address}/fake") as answer:
        assert await answer.text() == "hello"
    await engine.stop(1.0)
    await server.stop()


async def test_without_a_database_metrics_come_all_the_same(session: ClientSession) -> None:
    store, platform = Away(), FakePlatform()
    server, address = await served(store, platform, an_engine(store, platform))
    async with session.get(f"{address}/metrics") as answer:
        assert "crux_firings_open NaN" in await answer.text()
    await server.stop()


async def test_a_check_that_hangs_is_not_ready(session: ClientSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.serving.web._PATIENCE", 0.05)
    store, platform = MemoryStore(), FakePlatform(slow=1.0)
    server, address = await served(store, platform, an_engine(store, platform))
    async with session.get(f"{address}/readyz") as answer:
        assert (answer.status, (await answer.json())["slow"]) == (503, "no answer within 0.05 s")
    await server.stop()


async def run(service: Service, platform: FakePlatform) -> asyncio.Task[bool]:
    running = asyncio.create_task(service.run())
    await until("start", platform)
    return running


async def until(told: str, platform: FakePlatform) -> None:
    async with asyncio.timeout(5):
        while told not in platform.told:  # noqa: ASYNC110 (what is told is a list that a test may read)
            await asyncio.sleep(0.01)


async def test_a_service_sends_and_stops_on_the_signal() -> None:
    store, platform, said = MemoryStore(), FakePlatform(), list[str]()
    await store.enqueue([a_post("p1", workspace="fake:1", created_at=NOW)])
    running = await run(Service([platform], an_engine(store, platform), None, 5.0, said.append), platform)
    await until("send p1", platform)
    os.kill(os.getpid(), signal.SIGTERM)
    assert await running is True
    assert platform.told == ["start", "send p1", "stop"]
    assert said[-1] == "Stopping: what is begun has 5 s to end."


async def test_what_does_not_end_in_time_is_handed_back() -> None:
    store, platform, composer = MemoryStore(), FakePlatform(), Stuck()
    firing = replace(a_firing(0), due_at=NOW)
    assert await store.fire(firing, NOW)
    engine = an_engine(store, platform, composer)
    running = await run(Service([platform], engine, None, 0.05, lambda _: None), platform)
    await composer.begun.wait()
    os.kill(os.getpid(), signal.SIGTERM)
    assert await running is False
    assert await store.lease_firing("b", NOW, 60) is not None


async def test_a_second_signal_ends_the_waiting() -> None:
    store, platform, composer = MemoryStore(), FakePlatform(slow=60), Stuck()
    firing = replace(a_firing(0), due_at=NOW)
    assert await store.fire(firing, NOW)
    engine = an_engine(store, platform, composer)
    running = await run(Service([platform], engine, None, 60.0, lambda _: None), platform)
    await composer.begun.wait()
    os.kill(os.getpid(), signal.SIGTERM)
    await until("stop", platform)
    os.kill(os.getpid(), signal.SIGTERM)
    async with asyncio.timeout(5):
        assert await running is False
    assert await store.lease_firing("b", NOW, 60) is not None


async def test_a_platform_that_cannot_start_stops_the_others() -> None:
    well, broken = FakePlatform(), FakePlatform(prefix="b:", broken=ConfigurationError("The token is wrong."))
    service = Service([well, broken], an_engine(MemoryStore(), well), None, 1.0, lambda _: None)
    with pytest.raises(ConfigurationError, match="The token is wrong"):
        await service.run()
    assert well.told == ["start", "stop"]


class Breaking(FakePlatform):
    """A platform whose connection breaks while it is stopped."""

    async def stop(self, within: float) -> None:
        raise ConnectionResetError


async def test_a_platform_that_breaks_while_it_stops_does_not_keep_the_others_from_it(session: ClientSession) -> None:
    store, breaking, well = MemoryStore(), Breaking(), FakePlatform(prefix="b:")
    engine = an_engine(store, well)
    server, address = await served(store, well, engine)
    running = asyncio.create_task(Service([breaking, well], engine, server, 5.0, lambda _: None).run())
    await until("start", well)
    os.kill(os.getpid(), signal.SIGTERM)
    assert await running is False
    assert "stop" in well.told
    with pytest.raises(ClientConnectionError):
        await session.get(f"{address}/healthz")


class Late(FakePlatform):
    """A platform whose answers don't end in time."""

    async def stop(self, within: float) -> bool:
        return False


async def test_a_platform_that_leaves_answers_to_others_says_so() -> None:
    late = Late()
    running = await run(Service([late], an_engine(MemoryStore(), late), None, 5.0, lambda _: None), late)
    os.kill(os.getpid(), signal.SIGTERM)
    assert await running is False


async def test_posts_go_to_the_platform_of_their_workspace() -> None:
    one, other = FakePlatform(), FakePlatform(prefix="other:")
    both = Messengers([one, other])
    assert both.prefixes == ("fake:", "other:")
    await both.send(a_post("p", workspace="other:T1"))
    assert (one.told, other.told) == ([], ["send p"])
    assert both.guard(a_post(workspace="fake:1")).nonce_seconds == 7
    with pytest.raises(Refused):
        await both.find(a_post(workspace="console"))

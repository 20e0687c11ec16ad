"""One process that serves: platforms, calendar and HTTP server, started in order and stopped in the reverse."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.errors import CruxError
from bot.scheduling.engine import Engine
from bot.serving.platforms import Platform
from bot.serving.web import Server

log = logging.getLogger(__name__)

Announce = Callable[[str], None]


@dataclass(frozen=True)
class Service:
    """What runs until it is told to stop.

    Args:
        stop_seconds: from the signal to the end; what is not done by then is handed back to other processes.
        announce: tells the operator, a line at a time.
    """

    platforms: Sequence[Platform]
    engine: Engine
    server: Server | None
    stop_seconds: float
    announce: Announce

    async def run(self) -> bool:
        """Serve until SIGTERM or SIGINT; whether everything that was begun could be finished.

        A second signal ends the waiting.

        Raises:
            ConfigurationError: a part can't start as it is set up; what was started is stopped.
        """
        stopping, hurry = asyncio.Event(), asyncio.Event()

        def told() -> None:
            (hurry if stopping.is_set() else stopping).set()

        loop = asyncio.get_running_loop()
        for each in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(each, told)
        started: list[Platform] = []
        try:
            if self.server is not None:
                self.announce(f"Listening on {await self.server.start()}: /healthz, /readyz, /metrics.")
            for platform in self.platforms:
                await platform.start()
                started.append(platform)
                log.info("connected: %s", platform.name)
            self.engine.start()
            self.announce("Crux runs; Ctrl-C or SIGTERM stops it.")
            await stopping.wait()
            self.announce(f"Stopping: what is begun has {self.stop_seconds:g} s to end.")
        finally:
            finished = await self._stopped(started, hurry)
            for each in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(each)
        return finished

    async def _stopped(self, started: Sequence[Platform], hurry: asyncio.Event) -> bool:
        """Take nothing new, end or hand back what is begun, then let go of the server, which tells until the end."""
        deadline = time.monotonic() + self.stop_seconds

        async def stop_all() -> bool:
            within = max(0.0, deadline - time.monotonic())
            ended = [self.engine.stop(within), *(_stop(platform, within) for platform in started)]
            return all(await asyncio.gather(*ended))

        stopping, hurried = asyncio.create_task(stop_all()), asyncio.create_task(hurry.wait())
        await asyncio.wait({stopping, hurried}, return_when=asyncio.FIRST_COMPLETED)
        finished = stopping.done() and stopping.result()
        if not stopping.done():
            stopping.cancel()
            await self.engine.stop(0.0)
        hurried.cancel()
        await asyncio.gather(stopping, hurried, return_exceptions=True)
        if self.server is not None:
            await self.server.stop()
        return finished


async def _stop(platform: Platform, within: float) -> bool:
    try:
        return await platform.stop(within) is not False
    except CruxError as error:
        log.warning("%s did not stop cleanly: %s", platform.name, error.message)
        return False
    except Exception:  # the last line of defence: the other parts are stopped all the same
        log.exception("%s did not stop cleanly", platform.name)
        return False

"""The HTTP server of `crux run`: whether it lives, whether it is ready, what it counts, and the platforms' routes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TypeAlias

from aiohttp import web

from bot.core.ports import Clock, Store
from bot.errors import ConfigurationError, StorageError
from bot.serving.metrics import Metrics

Checks: TypeAlias = Mapping[str, Callable[[], Awaitable[str | None]]]
"""By what is checked: what is wrong with it, in words; None when it is well."""

_PATIENCE = 2.0
"""Seconds that one check may take."""


def application(
    checks: Checks,
    alive: Callable[[], bool],
    metrics: Metrics,
    store: Store,
    clock: Clock,
    routes: Iterable[web.RouteDef] = (),
) -> web.Application:
    """The server's routes.

    `/healthz` says 503 where only a restart helps, `/readyz` where the process should get no events for now. Neither
    they nor `/metrics` tell anything of members; all the same, show them to your monitoring and not to the world.
    """

    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"alive": alive()}, status=200 if alive() else 503)

    async def readyz(_: web.Request) -> web.Response:
        said = await asyncio.gather(*(_asked(check) for check in checks.values()))
        found = {name: wrong or "ok" for name, wrong in zip(checks, said, strict=True)}
        ready = not any(said)
        return web.json_response({"ready": ready, **found}, status=200 if ready else 503)

    async def exposed(_: web.Request) -> web.Response:
        try:
            backlog = await store.backlog()
        except StorageError:
            backlog = None
        body = metrics.exposition(backlog, clock.now())
        return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    served = web.Application()
    served.add_routes([web.get("/healthz", healthz), web.get("/readyz", readyz), web.get("/metrics", exposed)])
    served.add_routes(routes)
    return served


async def _asked(check: Callable[[], Awaitable[str | None]]) -> str | None:
    try:
        async with asyncio.timeout(_PATIENCE):
            return await check()
    except TimeoutError:
        return f"no answer within {_PATIENCE:g} s"


class Server:
    """An HTTP server on one address."""

    def __init__(self, served: web.Application, host: str, port: int) -> None:
        # The access log would have addresses of people in it, and a line for every look of a monitor.
        self._runner = web.AppRunner(served, access_log=None)
        self._host = host
        self._port = port

    async def start(self) -> str:
        """Listen; the address, whose port is the one that was free where 0 was asked for.

        Raises:
            ConfigurationError: the address can't be listened on.
        """
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise ConfigurationError(
                f"Nothing can listen on {self._host}:{self._port} ({error.strerror}); set CRUX_HTTP_HOST and "
                "CRUX_HTTP_PORT to an address that is free, or CRUX_HTTP_PORT=off for none."
            ) from error
        host, port, *_ = self._runner.addresses[0]
        return f"http://{host}:{port}"

    async def stop(self) -> None:
        await self._runner.cleanup()

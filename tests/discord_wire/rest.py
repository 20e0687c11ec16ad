"""The REST API's frame: every call is recorded, checked, counted, spoiled on demand, and answered in Discord's form."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import BodyPartReader, web

from tests.discord_wire.errors import Json, Refused
from tests.discord_wire.faults import Fault, Faults, Headers, Rates, refusal
from tests.discord_wire.state import Call
from tests.discord_wire.world import World

Handler = Callable[["Ask"], Awaitable[object]]
PREFIX = "/api/v10"
OPEN = ("/interactions/", "/webhooks/")


class Ask:
    """A call as its handler sees it."""

    def __init__(self, request: web.Request, body: Any, files: dict[str, tuple[str, bytes]]) -> None:
        self.request = request
        self.body: Any = body
        self.files = files

    def id(self, name: str) -> int:
        """An id of the path; one that is none at all is of an unknown thing."""
        text = self.request.match_info[name]
        return int(text) if text.isdigit() else 0

    def text(self, name: str) -> str:
        return self.request.match_info[name]

    @property
    def query(self) -> dict[str, str]:
        return dict(self.request.query)


class Rest:
    """Routes with their handlers; `calls` holds every call, in the order in which it was done with."""

    def __init__(self, world: World, token: str) -> None:
        self.world = world
        self.token = token
        self.faults = Faults()
        self.rates = Rates()
        self.calls: list[Call] = []
        self.open_calls = 0

    def add(self, app: web.Application, method: str, path: str, handler: Handler) -> None:
        """Takes a handler for a route; what it returns becomes the JSON, None an empty answer."""

        async def serve(request: web.Request) -> web.StreamResponse:
            self.open_calls += 1
            try:
                return await self._serve(request, f"{method} {path}", handler)
            finally:
                self.open_calls -= 1

        app.router.add_route(method, PREFIX + path, serve)

    async def unknown(self, request: web.Request) -> web.StreamResponse:
        """A route that this server lacks answers as Discord does, and stays on record."""
        body = {"message": "404: Not Found", "code": 0}
        self.calls.append(self._call(request, None, {}, "unknown", 404, 0))
        return reply(404, body, {})

    async def _serve(self, request: web.Request, route: str, handler: Handler) -> web.StreamResponse:
        try:
            body, files = await read(request)
        except ValueError:
            return reply(400, {"message": "400: Bad Request", "code": 0}, {})
        path = request.path.removeprefix(PREFIX)
        key = f"{request.method} {path}"
        fault = self.faults.take(key)
        headers, limited = self._limits(key, route, path, request)
        answer: object = limited
        status, code = 200, None
        try:
            if answer is not None:
                status = 429
            elif fault is not None and not fault.loses:
                status, answer, code = await self._spoil(fault, headers)
            else:
                self._authorize(path, request)
                answer = await handler(Ask(request, body, files))
                status = 204 if answer is None else 200
        except Refused as refused:
            status, answer, code = refused.status, refused.body(), refused.code
        if fault is not None and fault.loses:
            status = 0
        self.calls.append(self._call(request, body, files, route, status, code))
        if status == 0:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        return reply(status, answer, headers)

    def _authorize(self, path: str, request: web.Request) -> None:
        if not path.startswith(OPEN) and request.headers.get("Authorization") != f"Bot {self.token}":
            raise Refused(0)

    def _limits(self, key: str, route: str, path: str, request: web.Request) -> tuple[Headers, Json | None]:
        major = request.match_info.get("channel") or request.match_info.get("guild") or request.match_info.get("token")
        headers, answer = self.rates.spend(key, f"{route}|{major or ''}", exempt=path.startswith(OPEN))
        return dict(headers), answer

    async def _spoil(self, fault: Fault, headers: Headers) -> tuple[int, Json | None, int | None]:
        if fault.code is not None:
            raise Refused(fault.code)
        if fault.retry_after is not None:
            more, body = refusal(fault.retry_after, everywhere=fault.everywhere)
            headers |= more
            return 429, body, None
        if fault.hangs:
            await self.faults.released.wait()
            return 0, None, None
        return fault.status, {"message": f"{fault.status}: Server Error", "code": 0}, 0

    def _call(
        self, request: web.Request, body: Any, files: dict[str, Any], route: str, status: int, code: int | None
    ) -> Call:
        path = request.path.removeprefix(PREFIX)
        names = tuple(name for name, _ in files.values())
        return Call(request.method, path, route, body, names, self.world.clock.now(), status, code)


async def read(request: web.Request) -> tuple[Any, dict[str, tuple[str, bytes]]]:
    """A call's JSON, and its files by their index as text: from JSON, or from a form with `payload_json`."""
    files: dict[str, tuple[str, bytes]] = {}
    if not request.can_read_body:
        return None, files
    if request.content_type != "multipart/form-data":
        text = await request.text()
        return (json.loads(text) if text else None), files
    body: Any = None
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        data = bytes(await part.read(decode=True))
        if part.name == "payload_json":
            body = json.loads(data)
        elif part.name and part.name.startswith("files["):
            files[part.name[6:-1]] = (part.filename or "file", data)
    return body, files


def reply(status: int, body: object, headers: Headers) -> web.Response:
    """discord.py reads JSON only under exactly this content type."""
    if status == 204:
        return web.Response(status=204, headers=headers)
    return web.Response(
        status=status, body=json.dumps(body).encode(), headers={**headers, "Content-Type": "application/json"}
    )

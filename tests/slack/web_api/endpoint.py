"""POST /api/METHOD: reads a call, lets faults and limits have their way, and answers in Slack's form."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from tests.slack.faults import Fault, Faults
from tests.slack.hub import Hub
from tests.slack.oauth import OAuth
from tests.slack.scopes import METHOD_SCOPES
from tests.slack.state import Call, Json
from tests.slack.web_api import (  # noqa: F401  (each registers its methods)
    apps,
    assistant,
    conversations,
    files,
    messages,
    people,
    streams,
    views,
)
from tests.slack.web_api.authorization import NO_TOKEN, team_of, token_of
from tests.slack.web_api.calling import METHODS, ApiError, Request


@dataclass
class Endpoint:
    hub: Hub
    oauth: OAuth
    socket_url: Callable[[], str]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        args = await _arguments(request)
        call = Call(name, dict(args), None, self.hub.clock.now())
        self.hub.state.calls.append(call)
        fault = self.hub.faults.take(name)
        if fault is not None and (answer := await broken(request, self.hub.faults, fault)) is not None:
            call.status, call.error = answer.status, fault.error or fault.kind
            return answer
        headers: dict[str, str] = {}
        try:
            call.response = {"ok": True, **self._answer(request, call, args, headers)}
        except ApiError as refused:
            call.error = refused.name
            call.response = {"ok": False, "error": refused.name, **refused.extra}
            if refused.name == "ratelimited":
                call.status, headers["Retry-After"] = 429, str(refused.extra["retry_after"])
                call.response = {"ok": False, "error": "ratelimited"}
        if fault is not None and fault.kind == "dropped_after":
            return drop(request)
        return web.json_response(call.response, status=call.status, headers=headers)

    def _answer(self, request: web.Request, call: Call, args: Json, headers: dict[str, str]) -> Json:
        name = call.method
        if "!" in args:
            raise ApiError(args["!"])
        if name in NO_TOKEN:
            return self.oauth.access(args, _basic(request))
        if name not in METHOD_SCOPES:
            raise ApiError("unknown_method", req_method=name)
        header = request.headers.get("Authorization", "")
        call.token = header.partition(" ")[2] or str(args.get("token", ""))
        token = token_of(self.hub, name, header, args)
        headers["X-OAuth-Scopes"] = ",".join(sorted(token.scopes))
        team = team_of(self.hub, token, args)
        call.team = team.id
        asked = Request(self.hub, name, args, token, team, call.scopes)
        asked.check_scopes()
        wait = self.hub.rates.wait(name, team.id, str(args.get("channel") or ""))
        if wait is not None:
            raise ApiError("ratelimited", retry_after=wait)
        if name == "apps.connections.open":
            return {"url": self.socket_url()}
        return METHODS[name](asked)


async def _arguments(request: web.Request) -> Json:
    """The arguments of query and body; under `!` the error that the body itself is."""
    args: Json = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = await request.json()
        except ValueError:
            return args | {"!": "invalid_json"}
        return args | (body if isinstance(body, dict) else {"!": "json_not_object"})
    return args | {key: value for key, value in (await request.post()).items() if isinstance(value, str)}


def _basic(request: web.Request) -> tuple[str, str] | None:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    client_id, _, secret = base64.b64decode(value).decode().partition(":")
    return client_id, secret


async def broken(request: web.Request, faults: Faults, fault: Fault) -> web.Response | None:
    """What a fault does before the thing itself; None to go on with it."""
    match fault.kind:
        case "status":
            headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after is not None else {}
            error = "ratelimited" if fault.status == 429 else "internal_error"
            return web.json_response({"ok": False, "error": error}, status=fault.status, headers=headers)
        case "hang":
            await faults.hangs(fault)
            return drop(request)
        case "dropped":
            return drop(request)
        case "error":
            return web.json_response({"ok": False, "error": fault.error, **fault.extra})
        case "slow":
            await asyncio.sleep(fault.seconds)
        case "dropped_after":
            pass
    return None


def drop(request: web.Request) -> web.Response:
    """Cuts the connection instead of answering."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()

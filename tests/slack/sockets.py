"""Socket Mode: the app's websockets, and envelopes that one of them must acknowledge in time."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import time
from dataclasses import dataclass, field
from typing import Literal

from aiohttp import WSMsgType, web

from tests.slack.delivery import Attempt, Delivery, Json
from tests.slack.hub import Hub

MOST = 10
_TAKES_PAYLOAD = frozenset({"view_submission", "block_suggestion"})


@dataclass(eq=False)
class Socket:
    number: int
    ws: web.WebSocketResponse
    request: web.Request
    leaving: bool = False
    envelopes: int = 0

    @property
    def usable(self) -> bool:
        return not self.leaving and not self.ws.closed


@dataclass(eq=False)
class _Pending:
    attempt: Attempt
    answered: asyncio.Future[None]
    socket: Socket


@dataclass
class Sockets:
    """Each envelope goes to one socket, in turn. With none connected, it waits for one as long as for an answer."""

    hub: Hub
    sockets: list[Socket] = field(default_factory=list)
    opened: int = 0
    _tickets: set[str] = field(default_factory=set)
    _pending: dict[str, _Pending] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)
    _connected: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def usable(self) -> list[Socket]:
        return [socket for socket in self.sockets if socket.usable]

    def url(self) -> str:
        """A fresh wss URL, good for one connection; what apps.connections.open answers."""
        ticket = self.hub.state.new_id("ticket")
        self._tickets.add(ticket)
        return f"{self.hub.base_url.replace('http', 'ws', 1)}/link/?ticket={ticket}&app_id={self.hub.app.id}"

    async def connect(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=408)
        self._tickets.discard(ticket)
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        if len(self.usable) >= MOST:
            await ws.send_json({"type": "disconnect", "reason": "too_many_websockets", "debug_info": {"host": "local"}})
            await ws.close()
            return ws
        socket = Socket(next(self._numbers), ws, request)
        self.sockets.append(socket)
        self.opened += 1
        debug = {"host": "local", "build_number": 1, "approximate_connection_time": 18060}
        info = {"app_id": self.hub.app.id}
        count = len(self.usable)
        await ws.send_json({"type": "hello", "num_connections": count, "debug_info": debug, "connection_info": info})
        self._connected.set()
        try:
            async for message in ws:
                if message.type is WSMsgType.TEXT:
                    self._answer(message.data)
        finally:
            self.sockets.remove(socket)
            if not self.usable:
                self._connected.clear()
            for pending in list(self._pending.values()):
                if pending.socket is socket and not pending.answered.done():
                    pending.attempt.failure = "connection_failed"
                    pending.answered.set_result(None)
        return ws

    def _answer(self, text: str) -> None:
        try:
            answer = json.loads(text)
        except ValueError:
            return
        pending = self._pending.get(answer.get("envelope_id", ""))
        if pending is None:
            return
        pending.attempt.answered_at = time.time()
        pending.attempt.response = answer.get("payload")
        if not pending.answered.done():
            pending.attempt.acked = True
            pending.answered.set_result(None)

    async def attempt(self, delivery: Delivery, attempt: Attempt) -> None:
        deadline = self.hub.timings.ack
        try:
            async with asyncio.timeout(deadline):
                while not self.usable:
                    self._connected.clear()
                    await self._connected.wait()
        except TimeoutError:
            attempt.failure = "connection_failed"
            return
        attempt.sent_at = time.time()
        socket = min(self.usable, key=lambda one: (one.envelopes, one.number))
        socket.envelopes += 1
        attempt.via = f"socket {socket.number}"
        envelope_id = self.hub.state.new_id("envelope-")
        pending = _Pending(attempt, asyncio.get_running_loop().create_future(), socket)
        self._pending[envelope_id] = pending
        try:
            await socket.ws.send_json(_envelope(envelope_id, delivery, attempt))
            await asyncio.wait_for(pending.answered, deadline)
        except TimeoutError:
            attempt.failure = "timeout"
        except ConnectionError:
            attempt.failure = "connection_failed"

    async def disconnect(
        self, reason: Literal["warning", "refresh_requested"] = "refresh_requested", *, which: int | None = None
    ) -> None:
        """Asks sockets (all, or the `which`-th) to go; those that don't are closed after a time of grace."""
        for socket in self._chosen(which):
            socket.leaving = True
            await socket.ws.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "local"}})
            self.hub.spawn(self._close_later(socket))
        if not self.usable:
            self._connected.clear()

    async def _close_later(self, socket: Socket) -> None:
        await asyncio.sleep(self.hub.timings.disconnect_grace)
        await socket.ws.close()

    def cut(self, *, which: int | None = None) -> None:
        """Breaks connections off, without a word."""
        for socket in self._chosen(which):
            socket.leaving = True
            if socket.request.transport is not None:
                socket.request.transport.abort()
        if not self.usable:
            self._connected.clear()

    def _chosen(self, which: int | None) -> list[Socket]:
        return self.usable if which is None else [self.usable[which]]

    async def connected(self, count: int = 1, seconds: float = 5.0) -> None:
        """Waits until this many sockets are open."""
        async with asyncio.timeout(seconds):
            while len(self.usable) < count:  # noqa: ASYNC110  (the number counts, not one event)
                await asyncio.sleep(0.005)

    async def close(self) -> None:
        for socket in list(self.sockets):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await socket.ws.close()


def _envelope(envelope_id: str, delivery: Delivery, attempt: Attempt) -> Json:
    envelope: Json = {"envelope_id": envelope_id, "type": delivery.kind, "payload": delivery.payload}
    if delivery.is_event:
        retries = {"retry_attempt": attempt.number, "retry_reason": attempt.reason}
        return {**envelope, "accepts_response_payload": False, **retries}
    return {**envelope, "accepts_response_payload": takes_payload(delivery)}


def takes_payload(delivery: Delivery) -> bool:
    """Whether what comes with the acknowledgement means anything."""
    return delivery.kind == "slash_commands" or delivery.payload.get("type") in _TAKES_PAYLOAD

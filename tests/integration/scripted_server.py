"""A real HTTP server on 127.0.0.1 that says byte for byte what a test tells it to: for what llmock can't simulate."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

Script = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Scripted:
    """Plays one script a request, the last one over and over; keeps the requests' bodies."""

    scripts: Sequence[Script | ByBody]
    url: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    open_connections: int = 0
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: set[asyncio.Task[None] | None] = field(default_factory=set)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open_connections += 1
        self.tasks.add(asyncio.current_task())
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            lines = (line.partition(":") for line in head.decode().split("\r\n")[1:] if line)
            headers = {name.strip().lower(): value.strip() for name, _, value in lines}
            body = json.loads(await reader.readexactly(int(headers.get("content-length", "0"))))
            self.bodies.append(body)
            self.headers.append(headers)
            self.asked.set()
            script = self.scripts[min(len(self.bodies), len(self.scripts)) - 1]
            await (script.choose(body) if isinstance(script, ByBody) else script)(writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client left, which is what some tests are about, or the test is over
        finally:
            self.open_connections -= 1
            writer.close()


@contextlib.asynccontextmanager
async def scripted(*scripts: Script | ByBody) -> AsyncIterator[Scripted]:
    """A running server; `.url` is its base address, ending in /v1."""
    found = Scripted(scripts)
    server = await asyncio.start_server(found._serve, "127.0.0.1", 0)
    found.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield found
    finally:
        server.close()
        tasks = [task for task in found.tasks if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks)


def answer(status: int, body: object, content_type: str = "application/json", **headers: str) -> Script:
    """A whole response; a body that isn't text is sent as JSON."""

    async def script(writer: asyncio.StreamWriter) -> None:
        data = (body if isinstance(body, str) else json.dumps(body)).encode()
        lines = [f"HTTP/1.1 {status} X", f"content-type: {content_type}", f"content-length: {len(data)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join([*lines, "connection: close", "", ""]).encode() + data)
        await writer.drain()

    return script


def events(*parts: object) -> Script:
    """An event stream: text and bytes go out as they are, a number is a pause in seconds, all else a JSON event."""

    async def script(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")
        for part in parts:
            if isinstance(part, int | float):
                await writer.drain()
                await asyncio.sleep(part)
            else:
                text = part if isinstance(part, str | bytes) else f"data: {json.dumps(part)}\n\n"
                writer.write(text if isinstance(text, bytes) else text.encode())
        await writer.drain()

    return script


@dataclass(frozen=True)
class ByBody:
    """Plays the script that it chooses by the request's body."""

    choose: Callable[[dict[str, Any]], Script]


def refusing(refusal: Script, *names: str, then: Script) -> ByBody:
    """Refuses each request that carries one of these parameters; otherwise answers."""
    return ByBody(lambda body: refusal if any(name in body for name in names) else then)


def delta(text: str | None = None, ending: str | None = None, **more: object) -> dict[str, object]:
    """One chunk of a chat completion."""
    change = {**({"content": text} if text is not None else {}), **more}
    return {
        "id": "c1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "delta": change, "finish_reason": ending}],
    }


DONE = "data: [DONE]\n\n"
USAGE = {**delta(), "choices": [], "usage": {"prompt_tokens": 70, "completion_tokens": 7, "total_tokens": 77}}


def whole(text: str) -> Script:
    """A sound answer, in two deltas, with its count of tokens."""
    half = len(text) // 2
    return events(delta(text[:half]), delta(text[half:]), delta(ending="stop"), USAGE, DONE)

"""Lines from a pipe or a file, one at a time, while the event loop goes on."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from typing import Final, Protocol

from bot.core.language import say
from bot.errors import BadInput

CHUNK: Final = 65_536
LONGEST: Final = 1_000_000
"""Bytes of a line beyond which the rest is dropped; what is left is still far too long to be answered."""


class Reader(Protocol):
    """Where the member's lines come from."""

    async def read(self, prompt: str) -> str | None:
        """The next line; None at the end.

        Raises:
            BadInput: the line is no text; more may follow.
            KeyboardInterrupt: Ctrl-C was pressed instead.
        """
        ...


class LineReader:
    """Reads a descriptor in a thread of its own, which a process may leave behind when it ends.

    Neither the loop's executor nor a buffered stream will do: both are waited for at exit, and a pipe that stays open
    would keep a process from ending. `loop.add_reader` does not take files.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lines: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._wanted = threading.Semaphore(0)
        self._thread: threading.Thread | None = None

    async def read(self, prompt: str) -> str | None:
        if self._thread is None:
            arguments = (asyncio.get_running_loop(),)
            self._thread = threading.Thread(target=self._work, args=arguments, daemon=True, name="stdin")
            self._thread.start()
        self._wanted.release()
        line = await self._lines.get()
        if line is None:
            return None
        try:
            # A line that was cut may end within a character.
            return line.decode("utf-8-sig", "ignore" if len(line) >= LONGEST else "strict").rstrip("\r")
        except UnicodeDecodeError:
            raise BadInput(say("That line is not UTF-8 text; send it again in UTF-8.")) from None

    def _work(self, loop: asyncio.AbstractEventLoop) -> None:
        for line in self._split():
            self._wanted.acquire()
            self._give(loop, line)
        self._wanted.acquire()
        self._give(loop, None)

    def _split(self) -> Iterator[bytes]:
        kept = b""
        while part := self._part():
            *whole, kept = (kept + part).split(b"\n")
            yield from whole
            kept = kept[:LONGEST]
        if kept:
            yield kept

    def _part(self) -> bytes:
        try:
            return os.read(self._descriptor, CHUNK)
        except OSError:  # closed: there is nothing to read
            return b""

    def _give(self, loop: asyncio.AbstractEventLoop, line: bytes | None) -> None:
        try:
            loop.call_soon_threadsafe(self._lines.put_nowait, line)
        except RuntimeError:  # the loop is closed, and nobody waits for the line
            return

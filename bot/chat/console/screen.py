"""Where the console writes: a terminal that can be redrawn, or a pipe that gets each reply once, when it is whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from os import terminal_size
from typing import TextIO

from bot.chat.console.layout import Piece, Style, paint, words, wrap
from bot.chat.console.rendering import Line, usable
from bot.core.language import say

UP = "\x1b[{}A"
CLEAR_BELOW = "\r\x1b[J"


class Screen:
    """Writes painted lines.

    Args:
        out: the stream.
        live: whether what was written can be redrawn, which takes a terminal.
        colour: whether to paint.
        size: the terminal's columns and rows.
    """

    def __init__(
        self,
        out: TextIO,
        *,
        live: bool = False,
        colour: bool = False,
        size: Callable[[], terminal_size] = shutil.get_terminal_size,
    ) -> None:
        self.out = out
        self.live = live
        self.colour = colour
        self.size = size

    @classmethod
    def on(cls, out: TextIO, environment: Mapping[str, str] = os.environ) -> Screen:
        """The screen for a stream: https://no-color.org and TERM=dumb are heeded."""
        terminal = out.isatty() and environment.get("TERM") != "dumb"
        return cls(out, live=terminal, colour=terminal and not environment.get("NO_COLOR"))

    @property
    def width(self) -> int:
        return usable(self.size().columns)

    def write(self, lines: Sequence[Line]) -> None:
        """Lines, and an empty one after them."""
        self.raw("".join(f"{paint(line, self.colour)}\n" for line in [*lines, []]))

    def say(self, text: str, style: Style = Style.PLAIN) -> None:
        """A paragraph of the console's own."""
        self.write(wrap(words(text, style), self.width))

    def raw(self, text: str) -> None:
        self.out.write(text)
        self.out.flush()


class Live:
    """One reply on the screen while it grows: each `show` draws only what differs from the last.

    On a pipe only the last one is written, by `settle`.
    """

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._drawn: list[str] = []
        self._columns = screen.size().columns
        self.width = screen.width

    def show(self, lines: Sequence[Line]) -> None:
        if self._screen.live:
            self._draw([paint(line, self._screen.colour) for line in lines])

    def settle(self, lines: Sequence[Line]) -> None:
        """Show the reply's last form, and go on below it."""
        if not self._screen.live:
            self._screen.write(lines)
            return
        self.show(lines)
        self._screen.raw("\n\n" if self._drawn else "")
        self._drawn = []

    def _draw(self, new: list[str]) -> None:
        size = self._screen.size()
        if size.columns != self._columns:
            # The terminal has reflowed what was drawn: where its lines are now is anybody's guess.
            self._columns = size.columns
            self._afresh()
        same = 0
        for old_line, new_line in zip(self._drawn, new, strict=False):
            if old_line != new_line:
                break
            same += 1
        if self._drawn and same < len(self._drawn):
            same = min(same, max(0, len(new) - 1))
            up = len(self._drawn) - 1 - same
            if up >= size.lines:
                self._afresh()
                withdrawn = [Piece(say("(What stands above is withdrawn; this takes its place.)"), Style.DIM)]
                new = [paint(withdrawn, self._screen.colour), "", *new]
                same = 0
            else:
                self._screen.raw((UP.format(up) if up else "") + CLEAR_BELOW)
        elif self._drawn and new[same:]:
            self._screen.raw("\n")
        self._screen.raw("\n".join(new[same:]))
        self._drawn = new

    def _afresh(self) -> None:
        if self._drawn:
            self._screen.raw("\n\n")
        self._drawn = []


class Hushed:
    """While a reply is written, what is typed waits for the next prompt and is not echoed into the reply."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor
        self._before: list[int | list[bytes | int]] | None = None

    def __enter__(self) -> None:
        if self._descriptor is None:
            return
        with suppress(ImportError, OSError):
            import termios  # noqa: PLC0415 - not on Windows

            self._before = termios.tcgetattr(self._descriptor)
            hushed = termios.tcgetattr(self._descriptor)
            hushed[3] &= ~termios.ECHO
            termios.tcsetattr(self._descriptor, termios.TCSANOW, hushed)

    def __exit__(self, *_: object) -> None:
        if self._descriptor is not None and self._before is not None:
            with suppress(ImportError, OSError):
                import termios  # noqa: PLC0415 - not on Windows

                termios.tcsetattr(self._descriptor, termios.TCSANOW, self._before)

"""Redrawing a reply: after whatever was shown before, the terminal shows the last form."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncGenerator
from os import terminal_size

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.console.following import Following
from bot.chat.console.layout import Piece
from bot.chat.console.rendering import Line
from bot.chat.console.screen import Live, Screen
from bot.core.messages import Added, Finished, Message, Paragraph, Replaced, ReplyEvent, Started

SIZE = terminal_size((40, 12))


class Terminal(io.StringIO):
    """What a terminal makes of what is written to it, as far as the screen uses one."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = [""]
        self.row = self.column = 0

    def write(self, text: str) -> int:
        for part in re.findall(r"\x1b\[\d*[A-Z]|[\r\n]|[^\x1b\r\n]+", text):
            if part == "\n":
                self.row, self.column = self.row + 1, 0
                if self.row == len(self.rows):
                    self.rows.append("")
            elif part == "\r":
                self.column = 0
            elif part.startswith("\x1b["):
                self._control(part)
            else:
                kept = self.rows[self.row].ljust(self.column)
                self.rows[self.row] = kept[: self.column] + part + kept[self.column + len(part) :]
                self.column += len(part)
        return len(text)

    def _control(self, part: str) -> None:
        if part.endswith("A"):
            up = int(part[2:-1])
            assert up < SIZE.lines, "a terminal can't go above its first row"
            self.row -= up
        else:
            assert part == "\x1b[J"
            self.rows[self.row] = self.rows[self.row][: self.column]
            del self.rows[self.row + 1 :]


def screen_on(terminal: Terminal, *, live: bool = True) -> Screen:
    return Screen(terminal, live=live, size=lambda: SIZE)


lines = st.lists(st.text(alphabet="ab", max_size=3).map(lambda text: [Piece(text)] if text else []), max_size=8)


@given(st.lists(lines, max_size=6), lines)
def test_the_last_form_is_what_stays(shown: list[list[Line]], last: list[Line]) -> None:
    terminal = Terminal()
    terminal.write("before\n")
    live = Live(screen_on(terminal))
    for some in shown:
        live.show(some)
    live.settle(last)
    expected = ["before", *("".join(piece.text for piece in line) for line in last)]
    assert terminal.rows[: len(expected)] == expected
    assert not any(terminal.rows[len(expected) :])


@pytest.mark.parametrize(("count", "reached"), [(SIZE.lines, True), (SIZE.lines + 1, False), (30, False)])
def test_what_is_out_of_reach_is_said_to_be_withdrawn(count: int, reached: bool) -> None:
    terminal = Terminal()
    live = Live(screen_on(terminal))
    live.show([[Piece(f"old {number}")] for number in range(count)])
    live.settle([[Piece("new")]])
    left = [row for row in terminal.rows if row]
    if reached:
        assert left == ["new"]
    else:
        assert left[:count] == [f"old {number}" for number in range(count)]
        assert left[count:] == ["(What stands above is withdrawn; this takes its place.)", "new"]


def test_a_pipe_gets_each_reply_once() -> None:
    out = Terminal()
    live = Live(screen_on(out, live=False))
    live.show([[Piece("half")]])
    live.settle([[Piece("whole")]])
    assert out.rows == ["whole", "", ""]


def test_nothing_is_drawn_for_a_reply_that_does_not_come() -> None:
    terminal = Terminal()
    live = Live(screen_on(terminal))
    live.show([[Piece("reading …")]])
    live.settle([])
    assert terminal.rows == [""]


async def events_of(*events: ReplyEvent) -> AsyncGenerator[ReplyEvent]:
    for event in events:
        yield event


async def test_a_withdrawn_text_leaves_the_screen() -> None:
    terminal = Terminal()
    following = Following(screen_on(terminal), None)
    message = Message((Paragraph("From the outline."),), title="The title")
    finished = await following.follow(
        events_of(
            Started("The title"), Added("From the"), Added(" model."), Replaced("From the outline."), Finished(message)
        )
    )
    assert finished is not None
    assert terminal.rows == ["The title", "", "From the outline.", "", ""]


async def test_events_that_never_come_leave_none() -> None:
    terminal = Terminal()
    assert await Following(screen_on(terminal), None).follow(events_of()) is None


def test_colour_only_on_a_terminal_that_wants_it() -> None:
    class Tty(io.StringIO):
        def isatty(self) -> bool:
            return True

    assert Screen.on(Tty(), {"TERM": "xterm"}).colour
    assert not Screen.on(Tty(), {"TERM": "xterm", "NO_COLOR": "1"}).colour
    assert not Screen.on(Tty(), {"TERM": "dumb"}).live
    assert not Screen.on(io.StringIO(), {"TERM": "xterm"}).live

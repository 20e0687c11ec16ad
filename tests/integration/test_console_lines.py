"""Lines from a real pipe."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator

import pytest

from bot.chat.console.lines import LONGEST, LineReader
from bot.errors import BadInput


@pytest.fixture
def pipe() -> Iterator[tuple[LineReader, int]]:
    reading, writing = os.pipe()
    yield LineReader(reading), writing
    for descriptor in (reading, writing):
        try:
            os.close(descriptor)
        except OSError:
            continue


async def rest(reader: LineReader) -> list[str | None]:
    """All lines up to the end, and the end."""
    found: list[str | None] = []
    while not found or found[-1] is not None:
        try:
            found.append(await asyncio.wait_for(reader.read(""), 10))
        except BadInput:
            found.append("(no text)")
    return found


@pytest.mark.parametrize(
    ("written", "lines"),
    [
        (b"", [None]),
        (b"one\ntwo\n", ["one", "two", None]),
        (b"one\r\nlast without an end", ["one", "last without an end", None]),
        (b"\n\n", ["", "", None]),
        (b"\xef\xbb\xbfmarked\n", ["marked", None]),
        (b"bad \xff\ngood\n", ["(no text)", "good", None]),
        ("é漢".encode(), ["é漢", None]),
    ],
)
async def test_lines_come_one_by_one(pipe: tuple[LineReader, int], written: bytes, lines: list[str | None]) -> None:
    reader, writing = pipe
    os.write(writing, written)
    os.close(writing)
    assert await rest(reader) == lines


async def test_a_line_may_come_in_parts(pipe: tuple[LineReader, int]) -> None:
    reader, writing = pipe
    waiting = asyncio.create_task(reader.read(""))
    for part in (b"one", b" line", b"\nand"):
        os.write(writing, part)
        await asyncio.sleep(0.02)
    assert await asyncio.wait_for(waiting, 10) == "one line"


async def test_a_line_without_end_is_cut(pipe: tuple[LineReader, int]) -> None:
    reader, writing = pipe

    def write() -> None:
        left = "é".encode() * LONGEST + b"\nnext\n"
        while left:
            left = left[os.write(writing, left[:60_000]) :]
        os.close(writing)

    writing_it = asyncio.create_task(asyncio.to_thread(write))
    first, second, end = await rest(reader)
    await writing_it
    assert first is not None
    assert 0 < len(first) < LONGEST
    assert set(first) == {"é"}
    assert (second, end) == ("next", None)


async def test_a_closed_descriptor_is_an_end() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    os.close(writing)
    assert await rest(LineReader(reading)) == [None]

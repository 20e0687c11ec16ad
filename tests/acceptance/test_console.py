"""The console as people use it: a real process, on a pseudo-terminal and on pipes."""

from __future__ import annotations

import asyncio
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest

from bot.chat.console.layout import cells
from tests.acceptance.terminal import CRUX, PATIENCE, ROOT, SEQUENCE, Terminal, environment
from tests.integration.scripted_server import Scripted, delta, events, scripted

Opened = Callable[..., Terminal]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def opened(data: Path, tmp_path: Path) -> Iterator[Opened]:
    """Opens terminals, and closes them at the end."""
    terminals: list[Terminal] = []

    def open_one(*arguments: str, columns: int = 80, **changes: str) -> Terminal:
        terminals.append(Terminal(*arguments, env=environment(data, **changes), columns=columns, cwd=tmp_path))
        return terminals[-1]

    yield open_one
    for terminal in terminals:
        terminal.close()


def piped(data: Path, *arguments: str, lines: bytes = b"", **more: Any) -> subprocess.CompletedProcess[bytes]:
    env = environment(data, **more.pop("changes", {}))
    return subprocess.run(
        [*CRUX, *arguments],
        input=lines,
        capture_output=True,
        env=env,
        timeout=PATIENCE,
        check=False,
        cwd=data.parent,
        **more,
    )


def replies(data: Path) -> list[tuple[str, str]]:
    """Command and member of every stored reply, in order."""
    with closing(sqlite3.connect(data / "crux.db")) as connection:
        return connection.execute("SELECT command, member_id FROM replies ORDER BY at, rowid").fetchall()


def open_requests(data: Path) -> int:
    with closing(sqlite3.connect(data / "crux.db")) as connection:
        found: int = connection.execute("SELECT count(*) FROM inbox WHERE state != 'done'").fetchone()[0]
        return found


# -- at a terminal ----------------------------------------------------------------------------------------------------


def test_a_conversation_with_a_restart_in_the_middle(opened: Opened, data: Path) -> None:
    first = opened("chat", "--as", "Ann")
    first.wait_for("/quit to end.")
    first.wait_for("Ann>")
    first.type("/steelman MI-07\r")
    first.wait_for("The best case for MI-07")
    first.wait_for("[3] Counter this")
    first.wait_for("Ann>")
    first.type("3\r")
    first.wait_for("The best case against MI-07")
    first.wait_for("Ann>")
    first.type("/as Ben\r")
    first.wait_for("Ben>")
    first.type("/stand MI-07 agree, it does crux\r")
    first.wait_for("Recorded: you agree with MI-07")
    first.wait_for("Ben>")
    first.process.send_signal(signal.SIGKILL)
    first.ends()

    second = opened("chat", "--as", "Ben")
    second.wait_for("Ben>")
    second.type("7\r")
    second.wait_for("[7] Where do I stand?")
    second.wait_for("You agree with MI-07")
    second.wait_for("Ben>")
    second.type("\x1b[A\x1b[A\r")  # up twice: the lines of the last session come back
    second.wait_for("Recorded: you agree with MI-07")
    second.wait_for("Ben>")
    second.type("\x04")
    assert second.ends() == 0
    assert replies(data) == [
        ("steelman", "ann"),
        ("counter", "ann"),
        ("stand", "ben"),
        ("stand", "ben"),
        ("stand", "ben"),
    ]


def test_completion_at_the_prompt(opened: Opened) -> None:
    terminal = opened("chat")
    terminal.wait_for("you>")
    terminal.type("/cou")
    terminal.wait_for("the best case against it")
    terminal.type("\t")
    terminal.wait_for("/counter")
    terminal.type(" MI-0")
    terminal.wait_for("Mechanistic interpretability deserves to be")  # claims are listed with their words
    terminal.type("7\r")
    terminal.wait_for("The best case against MI-07")
    terminal.wait_for("you>")
    terminal.type("half a line\x03")
    terminal.wait_for("you>")
    terminal.type("/quit\r")
    assert terminal.ends() == 0


def test_colour_is_for_those_who_want_it(opened: Opened) -> None:
    painted = opened("ask", "/steelman MI-07")
    assert painted.ends() == 0
    assert "\x1b[1mThe best case for MI-07" in painted.raw
    plain = opened("ask", "/steelman MI-07", NO_COLOR="1")
    assert plain.ends() == 0
    assert "\x1b[1m" not in plain.raw


def test_a_narrow_terminal_is_kept_within(opened: Opened, data: Path) -> None:
    terminal = opened("ask", "/steelman MI-07", columns=40, NO_COLOR="1")
    assert terminal.ends() == 0
    # Without colour every sequence moves the cursor, and what follows it is drawn elsewhere.
    assert max(cells(line) for line in SEQUENCE.sub("\n", terminal.raw).splitlines()) <= 40
    found = piped(data, "chat", lines=b"/crux map\n", changes={"COLUMNS": "40"})
    assert max(cells(line) for line in found.stdout.decode().splitlines()) <= 40


# -- Ctrl-C -----------------------------------------------------------------------------------------------------------

SENTENCE = "Nobody has a specific plan for turning interpretability into safety [MI-07]. "


@asynccontextmanager
async def stalling_model() -> AsyncIterator[tuple[Scripted, dict[str, str]]]:
    """A model that writes one sentence and the beginning of the next, then nothing; and the settings that use it."""
    async with scripted(events(delta(SENTENCE), delta("And "), 60)) as server:
        yield server, {"CRUX_MODEL_URL": server.url, "CRUX_MODEL_IDLE_SECONDS": "50", "CRUX_LEASE_SECONDS": "1"}


async def test_ctrl_c_in_a_stream_stops_this_reply_only(opened: Opened, data: Path) -> None:
    async with stalling_model() as (_, changes):
        terminal = opened("chat", **changes)
        await asyncio.to_thread(terminal.wait_for, "you>")
        terminal.type("/steelman MI-07\r")
        await asyncio.to_thread(terminal.wait_for, "into safety [MI-07].")
        terminal.type("\x03")
        await asyncio.to_thread(terminal.wait_for, "You stopped this reply; ask again for the whole of it.")
        await asyncio.to_thread(terminal.wait_for, "you>")
        terminal.type("/stand MI-07 agree\r")
        await asyncio.to_thread(terminal.wait_for, "Recorded")
        await asyncio.to_thread(terminal.wait_for, "you>")
        terminal.type("\x04")
        assert await asyncio.to_thread(terminal.ends) == 0
    assert replies(data) == [("stopped", "you"), ("stand", "you")]
    assert open_requests(data) == 0


@pytest.mark.parametrize("line", [b"/steelman MI-07\n"])
async def test_an_interrupt_ends_a_single_question_with_its_exit_code(data: Path, line: bytes) -> None:
    async with stalling_model() as (server, changes):
        process = await asyncio.create_subprocess_exec(
            *CRUX,
            "ask",
            line.decode().strip(),
            env=environment(data, **changes),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        await asyncio.wait_for(server.asked.wait(), PATIENCE)
        await asyncio.sleep(0.3)
        process.send_signal(signal.SIGINT)
        out, err = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert (process.returncode, b"Traceback" in err) == (130, False)
    assert b"You stopped this reply" in out
    assert open_requests(data) == 0


async def test_an_interrupt_between_lines_ends_the_conversation(data: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *CRUX,
        "chat",
        env=environment(data),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    await asyncio.wait_for(process.stdout.readuntil(b"/quit to end.\n"), PATIENCE)
    process.send_signal(signal.SIGINT)
    _, err = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert (process.returncode, err.strip()) == (130, b"")


async def test_what_a_killed_process_was_answering_is_answered_at_the_next_start(data: Path) -> None:
    async with stalling_model() as (server, changes):
        process = await asyncio.create_subprocess_exec(
            *CRUX,
            "ask",
            "--as",
            "Ann",
            "/steelman MI-07",
            env=environment(data, **changes),
            stdout=asyncio.subprocess.PIPE,
        )
        await asyncio.wait_for(server.asked.wait(), PATIENCE)
        process.kill()
        await process.communicate()
    assert open_requests(data) == 1
    await asyncio.sleep(1.1)  # until the lease of the dead process has run out
    found = await asyncio.to_thread(piped, data, "chat", lines=b"")
    shown = " ".join(found.stdout.decode().split())
    assert "Left open before, and answered now. Ann: /steelman MI-07" in shown
    assert "The best case for MI-07" in shown
    assert replies(data) == [("steelman", "ann")]


# -- on pipes ---------------------------------------------------------------------------------------------------------


def test_lines_from_a_pipe_make_a_transcript(data: Path) -> None:
    found = piped(data, "chat", lines=b"/steelman MI-07\n3\n\n/as Ben\n/stand MI-07 disagree\n")
    shown = found.stdout.decode()
    assert (found.returncode, found.stderr) == (0, b"")
    assert "\x1b" not in shown
    order = ["you> /steelman MI-07", "The best case for", "you> 3", "The best case against", "Ben> /stand", "Recorded"]
    assert [shown.index(words) for words in order] == sorted(shown.index(words) for words in order)


def test_lines_that_are_no_text_are_refused_one_by_one(data: Path) -> None:
    found = piped(data, "chat", lines=b"\xff\xfe\n\x1b[31m\x00\x07\n" + b"x" * 5000 + b"\n/stand MI-07 agree\r\n")
    shown = " ".join(found.stdout.decode().split())
    assert "That line is not UTF-8 text; send it again in UTF-8." in shown
    assert "Type a claim to talk about" in shown
    assert "That is 5,000 characters" in shown
    assert "Recorded: you agree with MI-07" in shown
    assert "\x1b" not in shown
    assert found.returncode == 0


def test_a_line_of_many_megabytes_is_refused_and_the_next_one_read(data: Path) -> None:
    found = piped(data, "chat", lines=b"y" * 5_000_000 + b"\n/stand MI-07 agree\n")
    shown = found.stdout.decode()
    assert "characters and Crux reads up to 2,000" in " ".join(shown.split())
    assert "Recorded" in shown
    assert len(shown) < 3_000


def test_a_closed_standard_input_is_an_empty_one(data: Path) -> None:
    command = ["sh", "-c", 'exec "$0" "$@" <&-', *CRUX]
    found = subprocess.run(
        [*command, "chat"], capture_output=True, env=environment(data), timeout=PATIENCE, check=False, cwd=data.parent
    )
    assert (found.returncode, found.stderr) == (0, b"")
    assert b"Crux argues both sides of" in found.stdout
    asked = subprocess.run(
        [*command, "ask", "-"],
        capture_output=True,
        env=environment(data),
        timeout=PATIENCE,
        check=False,
        cwd=data.parent,
    )
    assert asked.returncode == 2


def test_a_reader_that_goes_away_is_no_error(data: Path) -> None:
    found = subprocess.run(
        ["sh", "-c", '"$0" "$@" | head -n 1', *CRUX, "seeds", "graph"],
        capture_output=True,
        env=environment(data),
        timeout=PATIENCE,
        check=False,
        cwd=data.parent,
    )
    assert found.stdout == b'digraph "mechanistic-interpretability" {\n'
    assert found.stderr == b""


def test_a_disk_without_space_costs_no_more_than_the_answer(data: Path) -> None:
    assert piped(data, "ask", "/stand MI-07 agree").returncode == 0
    room = 3 * 4096  # for the log of the member's first request and no more, however many tables there are

    def no_space() -> None:
        # Writing past this size fails, as on a full disk.
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    found = piped(data, "ask", "/stand MI-07 disagree", preexec_fn=no_space)
    assert found.returncode == 4
    assert len(found.stderr.splitlines()) == 1
    assert b"Traceback" not in found.stderr
    again = piped(data, "ask", "/stand MI-07")
    assert b"You agree with MI-07" in again.stdout


# -- weight -----------------------------------------------------------------------------------------------------------

IMPORTED = """
import sys
from bot.cli import run
code = run(sys.argv[1:])
heavy = {"discord", "slack_bolt", "matplotlib", "scipy", "openai", "prompt_toolkit", "onnxruntime", "alembic", "rich"}
print(*sorted(heavy & set(sys.modules)), file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.parametrize(
    ("arguments", "changes", "heavy"),
    [
        (["ask", "/steelman MI-07"], {"CRUX_ENCODER": "bundled"}, set()),
        (["ask", "there is no plan for making this safe"], {"CRUX_ENCODER": "none"}, set()),
        (["chat"], {"CRUX_ENCODER": "none"}, set()),
        (["ask", "dude interp has a super clear theory of change"], {"CRUX_ENCODER": "bundled"}, {"onnxruntime"}),
    ],
)
def test_a_run_imports_only_what_it_uses(
    data: Path, arguments: list[str], changes: dict[str, str], heavy: set[str]
) -> None:
    piped(data, "ask", "/crux map")  # the database is made, which takes Alembic
    found = subprocess.run(
        [sys.executable, "-c", IMPORTED, *arguments],
        input=b"/crux map\n",
        capture_output=True,
        env=environment(data, **changes),
        timeout=PATIENCE * 2,
        check=False,
        cwd=data.parent,
    )
    assert found.returncode == 0
    assert set(found.stderr.decode().split()) == heavy


def test_the_working_folder_is_left_as_it_was(data: Path) -> None:
    piped(data, "chat", lines=b"/crux map\n")
    assert [path.name for path in data.parent.iterdir()] == ["data"]
    assert ROOT not in data.parents


# -- the demonstration ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("topic", "claim"), [("mechanistic-interpretability", "MI-07"), ("four-day-week", "FD-08")])
def test_the_demonstration_shows_what_it_says(data: Path, topic: str, claim: str) -> None:
    found = subprocess.run(
        [*CRUX, "demo", "--topic", topic],
        capture_output=True,
        env=environment(data, CRUX_ENCODER="bundled", CRUX_MODEL_URL="http://127.0.0.1:9/v1", TMPDIR=str(data.parent)),
        timeout=PATIENCE * 3,
        check=False,
        cwd=data.parent,
    )
    shown = " ".join(found.stdout.decode().split())
    assert (found.returncode, found.stderr) == (0, b"")
    order = [
        f"ann> /steelman {claim}",
        f"The best case for {claim}",
        f"[{claim}]",
        "ben> 3 [3] Counter this",
        f"The best case against {claim}",
        "cyd> ",
        f"You deny what the map has as {claim}",
        "dan> ",
        "has nothing on that, so I won't argue it",
        "Now a fortnight of a sample group",
        "5 agree, 4 disagree",
        f"Candidate cruxes, on which the split may hang: - {claim}",
        "cyd (agrees) and ann (disagrees)",
        "Before, you were at “agree”",
        "Proposed, as number 1",
        "New in the map, against",
        f"{claim[:2]}-501].",
        "Digest 20",
        "5 agree, 3 disagree, 1 unsure",
        "What moved:",
        "3 members or more credit it",
        "The digest's picture is in ",
        "All this came from the map alone",
    ]
    assert [shown.index(words) for words in order] == sorted(shown.index(words) for words in order)
    assert (data.parent / "crux-demo-digest.png").read_bytes().startswith(b"\x89PNG")
    assert not data.exists(), "a demonstration leaves no database behind"

"""`crux seeds draft` as an operator runs it: one sentence for whatever is wrong, and a whole file or none."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from bot.cli import run
from bot.drafts.document import MOST_BYTES
from bot.maps import load_map
from bot.settings import Settings
from tests.drafting import COST, NIGHT, TEXT, answering
from tests.integration.scripted_server import ByBody, Script, answer, events, scripted

Crux = Callable[..., Awaitable["Outcome"]]


class Outcome:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clean environment, with the document in the current folder."""
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        monkeypatch.delenv(alias if isinstance(alias, str) else f"CRUX_{name.upper()}", raising=False)
    monkeypatch.setenv("CRUX_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("CRUX_MODEL_RETRIES", "0")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ferry.md").write_text(TEXT, encoding="utf-8")
    return tmp_path


@pytest.fixture
def crux(folder: Path, capsys: pytest.CaptureFixture[str]) -> Crux:
    async def call(*arguments: str) -> Outcome:
        code = await asyncio.to_thread(run, arguments)
        found = capsys.readouterr()
        assert "Traceback" not in found.err
        return Outcome(code, found.out, found.err)

    return call


@contextlib.asynccontextmanager
async def model(monkeypatch: pytest.MonkeyPatch, script: Script | ByBody) -> AsyncIterator[None]:
    async with scripted(script) as server:
        monkeypatch.setenv("CRUX_MODEL_URL", server.url)
        monkeypatch.setenv("CRUX_MODEL", "test-model")
        yield


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_a_draft_from_a_document(crux: Crux, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lie = {**COST, "quote": "the council has proved that bridges always double in price"}
    async with model(monkeypatch, answering(passage={"arguments": [NIGHT, COST, lie]})):
        found = await crux("seeds", "draft", "ferry.md")
    assert found.code == 0
    assert names(folder) == ["ferry.map.yaml", "ferry.md"]
    assert "ferry.map.yaml: A bridge for the ferry\n" in found.out
    assert "  arguments  2: 1 pro, 1 con; 2 relations\n" in found.out
    assert f"  left out   {COST['claim']}: its quote is not in the document (“the council has proved" in found.out
    assert found.out.endswith("  crux seeds check ferry.map.yaml\n  CRUX_SEEDS=ferry.map.yaml crux chat\n")
    assert found.err.splitlines()[:2] == ["… finding the topic", "… passage 1 of 1, lines 1 to 11: 0 arguments so far"]
    written = (folder / "ferry.map.yaml").read_text(encoding="utf-8")
    assert "# model      test-model\n# document   ferry.md, 12 lines\n# prompts    map_topic:" in written
    assert "#   1 x its quote is not in the document\n" in written
    assert "  # line 8: “a bridge costs more than the town can borrow in ten years”\n  - id: BF-02\n" in written
    assert str(folder) not in written
    assert (await crux("seeds", "check", "ferry.map.yaml")).code == 0
    monkeypatch.setenv("CRUX_SEEDS", "ferry.map.yaml")
    assert "BF-02" in (await crux("seeds", "show", "a-bridge-for-the-ferry")).out


async def test_options_are_taken_over(crux: Crux, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    thesis = "The ferry should make way for a bridge."
    options = ("--thesis", thesis, "--question", "Ferry or bridge?", "--prefix", "FB", "--topic-id", "ferry-or-bridge")
    async with model(monkeypatch, answering()):
        found = await crux("seeds", "draft", "ferry.md", *options, "--output", "maps.yaml")
    assert found.code == 0
    read = load_map(folder / "maps.yaml")
    assert (read.id, read.thesis.id, read.thesis.claim, read.question) == (
        "ferry-or-bridge",
        "FB-00",
        "The ferry should make way for a bridge",
        "Ferry or bridge?",
    )


async def test_ids_that_are_made_up_are_nobody_elses(crux: Crux, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    about = {"title": "Mechanistic interpretability", "question": "Should the town replace its ferry with a bridge?"}
    about |= {name: NIGHT[name] for name in ("claim", "contrary", "text")}
    async with model(monkeypatch, answering(topic=about)):
        await crux("seeds", "draft", "ferry.md")
    read = load_map(folder / "ferry.map.yaml")
    assert (read.id, read.thesis.id) == ("mechanistic-interpretability-2", "MI2-00")


async def test_an_existing_file_is_left_alone_unless_forced(
    crux: Crux, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "ferry.map.yaml").write_text("mine")
    async with model(monkeypatch, answering()):
        found = await crux("seeds", "draft", "ferry.md")
        assert (found.code, found.out) == (2, "")
        assert found.err == (
            "ferry.map.yaml exists already; name another file with --output, or pass --force to replace it.\n"
        )
        assert (folder / "ferry.map.yaml").read_text() == "mine"
        assert (await crux("seeds", "draft", "ferry.md", "--force")).code == 0
    assert len(load_map(folder / "ferry.map.yaml")) == 5


async def test_it_needs_a_model(crux: Crux, folder: Path) -> None:
    found = await crux("seeds", "draft", "ferry.md")
    assert (found.code, found.out) == (3, "")
    assert found.err == (
        "There is no language model to draft with: set CRUX_MODEL_KEY, or CRUX_MODEL_URL for a server of your own.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nowhere.md",), "nowhere.md can't be read (No such file or directory)"),
        ((".",), ". is a folder; name one file."),
        (("empty.md",), "empty.md has no words"),
        (("picture.png",), "picture.png is not UTF-8 text; save the document as plain text or Markdown first."),
        (("large.md",), "large.md has more than 400 KB; draft from a part of it at a time."),
        (("ferry.md", "--prefix", "fe"), "--prefix takes up to eight capital letters and digits"),
        (("ferry.md", "--prefix", "FE-1"), "--prefix takes up to eight capital letters and digits"),
        (("ferry.md", "--topic-id", "A topic"), "--topic-id takes 3 to 60 lower-case letters"),
        (("ferry.md", "--thesis", "Ferries float"), "--thesis takes a statement of 30 to 140 characters"),
        (("ferry.md", "--thesis", "Should the town replace its ferry?"), "--thesis takes a statement"),
        (("ferry.md", "--question", "Why?"), "--question takes a sentence of 10 to 140 characters."),
        (("ferry.md", "--output", "no/such/place.yaml"), "no/such is no folder; make it"),
        (("ferry.md", "--output", "."), ". is a folder; name a file with --output."),
    ],
)
async def test_bad_input_is_told_before_any_call(
    crux: Crux, folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], told: str
) -> None:
    (folder / "empty.md").write_text("\n\n")
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00")
    (folder / "large.md").write_bytes(b"a word " * (MOST_BYTES // 6))
    monkeypatch.setenv("CRUX_MODEL_URL", "http://127.0.0.1:9/v1")
    before = names(folder)
    found = await crux("seeds", "draft", *arguments)
    assert (found.code, found.out, len(found.err.splitlines())) == (2, "", 1)
    assert told in found.err
    assert names(folder) == before


@pytest.mark.parametrize(
    ("script", "told"),
    [
        (answer(401, {"error": {"message": "no", "code": "invalid_api_key"}}), "check CRUX_MODEL_KEY"),
        (answer(429, {"error": {"message": "slow"}}), "the server limits how often it is called"),
        (
            answering(passage="I'd rather not."),
            "The model gave no argument that can be used from ferry.md (1: the passage",
        ),
    ],
)
async def test_a_model_that_fails_leaves_a_sentence_and_no_file(
    crux: Crux, folder: Path, monkeypatch: pytest.MonkeyPatch, script: Script | ByBody, told: str
) -> None:
    monkeypatch.setenv("CRUX_MODEL_KEY", "s3cret-s3cret")
    async with model(monkeypatch, script):
        found = await crux("seeds", "draft", "ferry.md")
    assert (found.code, found.out) == (5, "")
    last = found.err.splitlines()[-1]
    assert told in last
    assert "s3cret" not in found.err
    assert all(line.startswith("… ") for line in found.err.splitlines()[:-1])
    assert names(folder) == ["ferry.md"]


async def test_an_unreachable_model(crux: Crux, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRUX_MODEL_URL", "http://127.0.0.1:9/v1")
    found = await crux("seeds", "draft", "ferry.md")
    assert found.code == 5
    assert "check that the server runs and that CRUX_MODEL_URL is its address" in found.err.splitlines()[-1]
    assert names(folder) == ["ferry.md"]


async def test_words_can_not_send_escape_sequences(crux: Crux, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = {**NIGHT, "claim": f"\x1b]2;title\x07{NIGHT['claim']}\x9b2J\u202e"}
    async with model(
        monkeypatch, answering(passage={"arguments": [hostile, {**hostile, "quote": "\x1b[31mnever said"}]})
    ):
        found = await crux("seeds", "draft", "ferry.md")
    assert found.code == 0
    for text in (found.out, found.err, (folder / "ferry.map.yaml").read_text(encoding="utf-8")):
        assert not set(text) & set("\x1b\x07\x9b\u202e")


async def test_an_interrupt_leaves_no_file(folder: Path) -> None:
    """In the middle of an answer that does not end."""
    async with scripted(events(60)) as server:
        environment = {**os.environ, "CRUX_MODEL_URL": server.url}
        command = [sys.executable, "-c", "from bot.cli import main; main()", "seeds", "draft", "ferry.md"]
        root = str(Path(__file__).parents[2])
        process = subprocess.Popen(  # noqa: ASYNC220 - what is waited for is the server, below
            command,
            env={**environment, "PYTHONPATH": root},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # A run in the background of a shell ignores Ctrl-C, and so would what it starts.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
        )
        await asyncio.wait_for(server.asked.wait(), 30)
        await asyncio.sleep(0.2)
        process.send_signal(signal.SIGINT)
        out, err = await asyncio.to_thread(process.communicate, timeout=30)
    assert process.returncode == 130
    assert (out, err.strip()) == ("", "… finding the topic")
    assert names(folder) == ["ferry.md"]

"""The crux command in this process: one sentence and an exit code for whatever is wrong, and nothing lost."""

from __future__ import annotations

import asyncio
import io
import json
import re
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from bot.cli import run
from bot.core.firings import FiringState
from bot.core.outbox import PostState
from bot.sealing import Sealing
from bot.settings import Settings
from bot.storage.engine import sqlite_url
from bot.storage.store import SqlStore
from tests.integration.scripted_server import answer, scripted, whole
from tests.integration.values import a_firing, a_post, after

Crux = Callable[..., "Outcome"]
ROOT = Path(__file__).parent.parent.parent


class Outcome:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err

    @property
    def said(self) -> str:
        """All output on one line."""
        return " ".join((self.out + self.err).split())


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of a clean environment, with the encoder off."""
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        monkeypatch.delenv(alias if isinstance(alias, str) else f"CRUX_{name.upper()}", raising=False)
    monkeypatch.setenv("CRUX_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("CRUX_ENCODER", "none")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "data"


@pytest.fixture
def crux(data: Path, capsys: pytest.CaptureFixture[str]) -> Crux:
    def call(*arguments: str) -> Outcome:
        code = run(arguments)
        found = capsys.readouterr()
        assert "Traceback" not in found.err
        return Outcome(code, found.out, found.err)

    return call


# -- what is asked ----------------------------------------------------------------------------------------------------


def test_a_question_is_answered_and_kept(crux: Crux, data: Path) -> None:
    found = crux("ask", "/steelman", "MI-07")
    assert found.code == 0
    assert "The best case for" in found.out
    assert "[MI-07]" in found.out
    assert "Written from the map's outline, without a language model." in found.said
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in data.iterdir() if file.is_file()} == {0o600}


def test_a_reply_as_json(crux: Crux) -> None:
    found = crux("ask", "--json", "--as", "Ann", "/steelman MI-07")
    reply = json.loads(found.out)
    assert (found.code, reply["command"], reply["claim"], reply["writer"]) == (0, "steelman", "MI-07", "outline")
    assert set(reply["cited"]) == {source["id"] for source in reply["sources"]}
    assert {"label": "I'd sign this", "action": f"sign:{reply['id']}"} in reply["buttons"]


def test_the_same_event_gets_the_stored_reply(crux: Crux) -> None:
    first = crux("ask", "--json", "--event-id", "e1", "/steelman MI-07")
    again = crux("ask", "--json", "--event-id", "e1", "/steelman MI-07")
    assert json.loads(first.out) == json.loads(again.out)
    other = crux("ask", "--json", "--event-id", "e2", "/steelman MI-07")
    assert json.loads(other.out)["id"] != json.loads(first.out)["id"]


def test_a_button_of_the_last_answer_can_be_pressed(crux: Crux) -> None:
    crux("ask", "/steelman MI-07")
    found = crux("ask", "3")
    assert found.code == 0
    assert "The best case against" in found.out


def test_a_question_from_standard_input(crux: Crux, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"/stand MI-07 agree\n")))
    assert "you agree with MI-07" in crux("ask", "-").said
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\xff\xfe")))
    assert (found := crux("ask", "-")).code == 2
    assert found.err == "The input is not UTF-8 text; send it again in UTF-8.\n"
    monkeypatch.setattr("sys.stdin", None)
    assert crux("ask", "-").code == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "Say what you mean after the command"),
        (" \t\n", "Say what you mean after the command"),
        ("\x1b[31m\u202e\x07", "Type a claim to talk about"),
        ("x" * 5000, "That is 5,000 characters and Crux reads up to 2,000"),
        ("x" * 50_000, "characters and Crux reads up to 2,000"),
        ("/steelman MI-7777", "There is no claim MI-7777"),
        ("/steelman MI-01 or MI-02", "That names 2 claims (MI-01, MI-02); name one of them."),
        ("/stand MI-01 perhaps", "“perhaps” is not a stance; use one of: `strongly agree`"),
        ("/crux topic cheese", "There is no topic “cheese”; choose one of: mechanistic-interpretability"),
        ("/stele MI-01", "There is no command /stele"),
        ("\udcff\udcfe", "Type a claim to talk about"),
        ("77", "There is no button [77]"),
    ],
)
def test_what_can_not_be_read_is_refused_in_a_sentence(crux: Crux, text: str, told: str) -> None:
    found = crux("ask", text)
    assert found.code == 2
    assert told in found.said
    assert "\x1b" not in found.out + found.err


def test_an_unknown_claim_offers_the_nearest(crux: Crux) -> None:
    found = crux("ask", "/counter MI-003")
    assert "Did you mean MI-03" in found.said
    assert "[1] MI-03: " in found.out
    assert "The best case against" in crux("ask", "1").out


def test_an_option_that_does_not_exist(crux: Crux) -> None:
    assert crux("chat", "--loud").code == 2
    assert crux("dance").code == 2


# -- the database -----------------------------------------------------------------------------------------------------


def test_a_corrupt_database(crux: Crux, data: Path) -> None:
    data.mkdir()
    (data / "crux.db").write_bytes(b"this is no database" * 500)
    for arguments in (("ask", "/crux map"), ("chat",), ("db", "upgrade"), ("endorsements",)):
        found = crux(*arguments)
        assert (found.code, found.err) == (
            4,
            "The database file is damaged: put back the newest copy from the backups folder beside it.\n",
        )
    assert "bad   database    The database file is damaged" in crux("doctor").out


def test_a_newer_schema(crux: Crux, data: Path) -> None:
    crux("ask", "/crux map")
    with closing(sqlite3.connect(data / "crux.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    found = crux("ask", "/crux map")
    assert found.code == 4
    assert found.err.startswith("The database was made by a newer Crux")
    doctor = crux("doctor")
    assert doctor.code == 1
    assert "made by a newer Crux" in doctor.out


def test_a_locked_database_costs_the_answer_and_nothing_else(crux: Crux, data: Path) -> None:
    crux("ask", "--event-id", "e1", "/stand MI-01 agree")
    with closing(sqlite3.connect(data / "crux.db", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        found = crux("ask", "--event-id", "e2", "/stand MI-01 disagree")
        assert (found.code, found.err) == (4, "The database is busy; try again in a moment.\n")
    assert "you disagree with MI-01" in crux("ask", "--event-id", "e2", "/stand MI-01 disagree").said


def test_a_read_only_database(crux: Crux, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crux("ask", "/crux map")
    monkeypatch.setenv("CRUX_DATABASE_URL", f"sqlite:///file:{data / 'crux.db'}?mode=ro&uri=true")
    found = crux("ask", "/crux map")
    assert found.code == 4
    assert found.err.startswith("The database can't be written")


def test_a_data_folder_that_can_not_be_made(crux: Crux, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("CRUX_DATA_DIR", str(tmp_path / "file" / "data"))
    found = crux("ask", "/crux map")
    assert found.code == 4
    assert "set CRUX_DATA_DIR to one that can" in found.err
    assert crux("doctor").code == 1


def test_upkeep(crux: Crux, data: Path, tmp_path: Path) -> None:
    assert crux("db", "backup").code == 3
    assert "went from nothing to version" in crux("db", "upgrade").out
    assert "already" in crux("db", "upgrade").out
    crux("ask", "/steelman MI-07")
    copy = crux("db", "backup", "--to", str(tmp_path / "copies")).out.removeprefix("Copied to ").rstrip(".\n")
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT count(*) FROM replies").fetchone() == (1,)
    assert "replies" in crux("db", "stats").out
    assert list((tmp_path / "copies").iterdir()) == [Path(copy)]
    assert not (data / "backups").exists()


# -- maps -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "line"),
    [("", 1), ("topic: [", 2), ("topic:\n  id: x\nmore: 1\n", 2), ("just words", 1)],
)
def test_a_broken_map(crux: Crux, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, line: int) -> None:
    broken = tmp_path / "maps" / "broken.yaml"
    broken.parent.mkdir()
    broken.write_text(content, encoding="utf-8")
    checked = crux("seeds", "check", str(broken))
    assert checked.code == 3
    assert checked.err.startswith(f"{broken}:{line}: ")
    monkeypatch.setenv("CRUX_SEEDS", str(broken.parent))
    asked = crux("ask", "/crux map")
    assert asked.code == 3
    assert f"{broken}:" in asked.err
    assert "bad   maps" in crux("doctor").out


def test_a_folder_without_maps(crux: Crux, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRUX_SEEDS", str(tmp_path))
    found = crux("ask", "/crux map")
    assert (found.code, "no argument map (*.yaml) in this folder" in found.err) == (3, True)


def test_the_shipped_maps_are_sound_and_can_be_shown(crux: Crux) -> None:
    assert crux("seeds", "check").code == 0
    assert "rebuts     MI-00" in crux("seeds", "show", "mi-7").out
    assert "FD-01" in crux("seeds", "show", "four").out
    assert crux("seeds", "show", "nothing").code == 2
    assert "thesis" in crux("seeds", "stats").out
    assert crux("seeds", "graph", "four", "--format", "mermaid").out.startswith("flowchart BT\n")
    assert crux("seeds", "graph").out.startswith('digraph "mechanistic-interpretability" {')


def test_a_map_can_not_send_escape_sequences(crux: Crux, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (ROOT / "seeds" / "four-day-week.yaml").read_text(encoding="utf-8").splitlines()
    hostile = ['  title: "A \\e7\\x9b2J\\u202etitle"' if line.startswith("  title: ") else line for line in lines]
    assert hostile != lines
    (tmp_path / "hostile.yaml").write_text("\n".join(hostile), encoding="utf-8")
    monkeypatch.setenv("CRUX_SEEDS", str(tmp_path / "hostile.yaml"))
    monkeypatch.setenv("CRUX_TOPIC", "four-day-week")
    shown = crux("seeds", "show", "four").out
    assert shown.startswith("A title\n")
    asked = crux("ask", "/crux map").out
    assert asked.startswith("A title\n")


# -- settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("CRUX_TOPIC", "cheese", "set CRUX_TOPIC to one of"),
        ("CRUX_LOG_LEVEL", "LOUD", "CRUX_LOG_LEVEL is not usable"),
        ("CRUX_ENCODER", "big", "CRUX_ENCODER is not usable"),
        ("CRUX_ENCODER", "endpoint", "needs CRUX_ENCODER_URL"),
        ("CRUX_DATABASE_URL", "mysql://host/crux", "CRUX_DATABASE_URL takes postgresql://"),
        ("CRUX_SEEDS", "/no/such/place", "there is no such file or folder"),
    ],
)
def test_a_wrong_setting(crux: Crux, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, told: str) -> None:
    monkeypatch.setenv(variable, value)
    found = crux("ask", "/crux map")
    assert found.code == 3
    assert told in found.err
    assert len(found.err.splitlines()) == 1
    doctor = crux("doctor")
    assert doctor.code == 1
    assert told in doctor.out


def test_the_settings_are_listed_without_their_secrets(crux: Crux, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRUX_MODEL_KEY", "s3cret")
    shown = crux("config").out
    assert "CRUX_MODEL_KEY=(set, hidden)  (environment)" in shown
    assert "s3cret" not in shown + crux("config", "--json").out
    assert crux("config", "--markdown").out.startswith("| Variable | Default | Meaning |")


def test_the_doctor_finds_nothing_wrong(crux: Crux) -> None:
    crux("ask", "/crux map")
    found = crux("doctor")
    assert found.code == 0
    assert [line.split()[1] for line in found.out.splitlines()] == [
        "settings",
        "database",
        "migrations",
        "maps",
        "encoder",
        "model",
    ]


# -- the language model -----------------------------------------------------------------------------------------------


def test_an_endpoint_out_of_reach_is_the_operator_s_business(crux: Crux, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRUX_MODEL_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("CRUX_MODEL_RETRIES", "0")
    found = crux("ask", "/steelman MI-07")
    assert found.code == 0
    assert "so this was written from the outline" in found.said
    doctor = crux("doctor")
    assert doctor.code == 1
    assert "check that the server runs and that CRUX_MODEL_URL is its address" in doctor.out
    assert crux("doctor", "--offline").code == 0


async def test_a_bad_key_is_the_operator_s_business(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import asyncio

    refusal = answer(401, {"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}})
    async with scripted(refusal) as server:
        monkeypatch.setenv("CRUX_MODEL_URL", server.url)
        monkeypatch.setenv("CRUX_MODEL_KEY", "s3cret")
        asked = await asyncio.to_thread(run, ["ask", "/steelman MI-07"])
        doctor = await asyncio.to_thread(run, ["doctor"])
    shown = capsys.readouterr()
    assert (asked, doctor) == (0, 1)
    assert "not set up correctly, so this was written from the outline" in " ".join(shown.out.split())
    assert "bad   model" in shown.out
    assert "s3cret" not in shown.out + shown.err
    assert "Traceback" not in shown.err


def test_scoring_needs_something_to_score(crux: Crux, tmp_path: Path) -> None:
    assert crux("eval").code == 3
    samples = tmp_path / "samples.md"
    found = crux("eval", "--outline-only", "--topic", "four", "--most", "1", "--samples", str(samples))
    assert found.code == 0
    assert "steelman" in found.out
    assert "four-day" in samples.read_text(encoding="utf-8").lower()


def test_endorsements_are_counted_for_organisers(crux: Crux) -> None:
    assert "no steelmen in the workspace console yet" in crux("endorsements").out
    crux("ask", "/steelman MI-07")
    crux("ask", "1")
    counted = crux("endorsements").out.splitlines()
    assert counted[1].split() == ["outline", "-", "1", "1", "0"]


# -- posts ------------------------------------------------------------------------------------------------------------


def with_posts(data: Path) -> None:
    """Two held posts and one that waits, and a due time that could not be composed."""

    async def add() -> None:
        store = await SqlStore.open(sqlite_url(data / "crux.db"))
        await store.enqueue([a_post("p1"), a_post("p2", 1, channel="c2"), a_post("p3", 2, workspace="w2")])
        await store.enqueue([a_post("p3", 3, workspace="w3")])
        for n, workspace in enumerate(("w1", "w2")):
            entry = await store.lease_post(f"a/{n}", after(5), 60, workspace=workspace)
            assert entry is not None
            held = replace(entry, state=PostState.HELD, reason="it may have \x1b[31marrived")
            assert await store.give_back(held, f"a/{n}")
        await store.fire(a_firing(), after(0))
        await store.lease_firing("a", after(1), 60)
        assert await store.leave_firing(a_firing(), "a", FiringState.FAILED, "KeyError", after(2))
        await store.close()

    data.mkdir(parents=True, exist_ok=True)
    asyncio.run(add())


def test_posts_are_listed_retried_and_dropped(crux: Crux, data: Path) -> None:
    assert crux("outbox", "list").out == "No posts wait or are held.\n"
    with_posts(data)
    listed = crux("outbox", "list").out
    assert [line.split()[:5] for line in listed.splitlines() if line.startswith("p") and "state" not in line] == [
        ["p1", "held", "digest", "w1", "c1"],
        ["p2", "pending", "digest", "w1", "c2"],
        ["p3", "held", "digest", "w2", "c1"],
        ["p3", "pending", "digest", "w3", "c1"],
    ]
    assert "it may have arrived" in listed
    assert "not composed: digest of w1, due 2026-03-01 12:00:00 UTC (KeyError)" in listed
    assert "p2" not in crux("outbox", "list", "--workspace", "w2").out
    assert crux("outbox", "retry", "p1").out == "Will be sent: p1 to c1 in w1.\n"
    assert crux("outbox", "drop", "p2").out == "Dropped: p2 to c2 in w1.\n"
    assert (found := crux("outbox", "drop", "p2")).code == 2
    assert found.err.startswith("That post is sent, being sent or dropped already")
    assert (
        crux("outbox", "retry", "p3").err == "Several workspaces have a post with that id; say which by --workspace.\n"
    )
    assert crux("outbox", "drop", "p3", "--workspace", "w2").code == 0
    assert crux("outbox", "retry", "p9").err.startswith("There is no post with that id")
    assert "dropped" not in crux("outbox", "list").out
    assert crux("outbox", "list", "--all").out.count("dropped") == 2


# -- digests ----------------------------------------------------------------------------------------------------------


def test_an_archived_digest_is_exported_in_three_forms(crux: Crux, tmp_path: Path) -> None:
    for member in ("Ann", "Ben", "Cyd"):
        assert crux("ask", "--as", member, "/stand", "MI-00", "agree").code == 0
    assert crux("ask", "/crux", "digest").code == 0
    there = crux("digest", "export")
    assert there.code == 0
    assert there.out.startswith("# Digest ")
    assert "3 agree" in there.out
    key = re.findall(r"`(\d{4}-W\d\d)`|(\d{4}\\-W\d\d)", there.out)[0][1].replace("\\", "")
    for form, begins in (("html", "<!doctype html>"), ("json", "{"), ("md", "# Digest")):
        file = tmp_path / f"digest.{form}"
        found = crux("digest", "export", key.lower(), "--topic", "mech", "--format", form, "--output", str(file))
        assert (found.code, found.out) == (0, "")
        assert file.read_text(encoding="utf-8").startswith(begins)
    data = json.loads((tmp_path / "digest.json").read_text(encoding="utf-8"))
    assert (data["key"], data["figures"][0]["now"]["agree"]) == (key, 3)
    assert not re.search(r"\b(?:Ann|Ben|Cyd|you)\b", json.dumps(data["figures"]))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "There is no digest on mechanistic-interpretability in workspace “console”; the newest are: none."),
        (("2026-W47", "--workspace", "T1"), "There is no digest 2026-W47 on"),
        (("soon",), "or a week as in `2026-W47`."),
        (("list",), "“list” is no digest's key; it is a week, as in 2026-W47."),
        (("--topic", "knitting"), "There is no topic “knitting”"),
    ],
)
def test_a_digest_that_is_not_there_is_one_sentence(crux: Crux, arguments: tuple[str, ...], says: str) -> None:
    found = crux("digest", "export", *arguments)
    assert found.code == 2
    assert says in found.said


def test_a_file_that_can_not_be_written_is_one_sentence(crux: Crux, tmp_path: Path) -> None:
    crux("ask", "/crux", "digest")
    found = crux("digest", "export", "--output", str(tmp_path / "not" / "there.md"))
    assert found.code == 2
    assert "can't be written" in found.said


async def test_a_model_writes_a_digest_s_first_paragraph_over_the_wire(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import asyncio

    for member in ("Ann", "Ben", "Cyd"):
        assert await asyncio.to_thread(run, ["ask", "--as", member, "/stand MI-00 agree a secret reason public"]) == 0
    broken = answer(500, {"error": {"message": "no"}})
    async with scripted(whole("On MI-00 the 3 who voted agree. Some 8 members moved."), broken) as server:
        monkeypatch.setenv("CRUX_MODEL_URL", server.url)
        monkeypatch.setenv("CRUX_MODEL_RETRIES", "0")
        capsys.readouterr()
        assert await asyncio.to_thread(run, ["ask", "--json", "/crux digest preview"]) == 0
        by_model = json.loads(capsys.readouterr().out)
        assert await asyncio.to_thread(run, ["ask", "--json", "/crux digest"]) == 0
        by_template = json.loads(capsys.readouterr().out)
    assert by_model["text"].startswith("On MI-00 the 3 who voted agree.\n")
    assert by_template["text"].startswith("The group leans towards the thesis: of 3 who voted, 3 agree.")
    asked = json.dumps(server.bodies)
    assert "3 of 3 voted: 3 agree" in asked
    assert not re.search(r"secret|\b(?:Ann|Ben|Cyd)\b", asked)
    with closing(sqlite3.connect(data / "crux.db")) as connection:
        assert connection.execute("SELECT tokens_in, tokens_out FROM usage").fetchall()[0] == (70, 7)


# -- secrets ----------------------------------------------------------------------------------------------------------


def _kept(data: Path, *sealed: bytes) -> list[bytes]:
    """Put sealed bytes into the database's installations, and read those that are there."""

    async def put() -> list[bytes]:
        store = await SqlStore.open(sqlite_url(data / "crux.db"))
        for n, each in enumerate(sealed):
            await store.keep_installation(f"w{n}", "bot", each, after(n))
        found = [part.sealed for part in await store.all_installations()]
        await store.close()
        return found

    return asyncio.run(put())


def test_a_new_key_takes_over_and_the_old_one_may_go(
    crux: Crux, data: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    old, new = crux("secrets", "new").out.strip(), crux("secrets", "new").out.strip()
    assert old != new
    assert not data.exists()
    _kept(data, Sealing(tmp_path, [old]).seal(b"one"), Sealing(tmp_path, [old]).seal(b"two"))
    monkeypatch.setenv("CRUX_SECRET_KEYS", f"{new},{old}")
    done = crux("secrets", "rotate")
    assert (done.code, done.said) == (0, "2 sealed with the newest key.")
    assert [Sealing(tmp_path, [new]).open(each) for each in _kept(data)] == [b"one", b"two"]


def test_what_no_key_opens_is_counted_and_left(
    crux: Crux, data: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    old, new = crux("secrets", "new").out.strip(), crux("secrets", "new").out.strip()
    sealed = Sealing(tmp_path, [old]).seal(b"one")
    _kept(data, sealed)
    monkeypatch.setenv("CRUX_SECRET_KEYS", new)
    found = crux("secrets", "rotate")
    assert (found.code, len(found.err.splitlines())) == (3, 1)
    assert "1 can't be opened by any key" in found.err
    assert _kept(data) == [sealed]
    assert "2 keys" not in crux("doctor", "--offline").out
    monkeypatch.setenv("CRUX_SECRET_KEYS", f"{new},{old}")
    assert "2 keys for the tokens" in crux("doctor", "--offline").out
    monkeypatch.setenv("CRUX_SECRET_KEYS", "nonsense")
    assert "CRUX_SECRET_KEYS has a key that is none" in crux("doctor", "--offline").out
    assert "CRUX_SECRET_KEYS has a key that is none" in crux("secrets", "rotate").err


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"CRUX_SLACK_APP_TOKEN": "xapp-1"}, "set CRUX_SLACK_BOT_TOKEN to the token"),
        ({"CRUX_SLACK_SIGNING_SECRET": "s"}, "set CRUX_SLACK_BOT_TOKEN to the token"),
        ({"CRUX_SLACK_CLIENT_SECRET": "s"}, "CRUX_SLACK_CLIENT_ID"),
        ({"CRUX_SLACK_CLIENT_ID": "1.2"}, "CRUX_SLACK_CLIENT_SECRET"),
        ({"CRUX_SLACK_BOT_TOKEN": "xoxb-1", "CRUX_SLACK_SIGNING_SECRET": "s"}, "CRUX_HTTP_PORT=off"),
        ({"CRUX_SLACK_BOT_TOKEN": "xoxb-1", "CRUX_SLACK_APP_TOKEN": "xapp-1"}, "Slack can't be reached at"),
    ],
)
def test_slack_that_is_set_up_in_part_is_said_in_a_sentence(
    crux: Crux, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], said: str
) -> None:
    monkeypatch.setenv("CRUX_HTTP_PORT", "off")
    monkeypatch.setenv("CRUX_SLACK_URL", "http://127.0.0.1:9/api")  # where nothing listens
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    found = crux("run")
    assert found.code == 3
    assert said in found.said

"""`crux run` as an operator has it: it posts what is due, tells a monitor how it is, and stops cleanly."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.acceptance.terminal import CRUX, PATIENCE, environment, said


class Service:
    """A running `crux run`, and what it printed."""

    def __init__(self, data: Path, **changes: str) -> None:
        folder = data.parent / f"run-{time.monotonic_ns()}"
        folder.mkdir()
        self._out, self._log = folder / "out", folder / "log"
        env = environment(data, CRUX_HTTP_PORT="0", **changes)
        with self._out.open("w") as out, self._log.open("w") as log:
            self.process = subprocess.Popen([*CRUX, "run"], env=env, stdout=out, stderr=log, cwd=data.parent)

    @property
    def out(self) -> str:
        return self._out.read_text()

    @property
    def log(self) -> str:
        return self._log.read_text()

    def wait_for(self, words: str, *, log: bool = False) -> str:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            text = self.log if log else self.out
            if words in text:
                return text
            time.sleep(0.05)
        raise AssertionError(f"{words!r} was never printed; what was: {self.out} {self.log}")

    def get(self, path: str) -> tuple[int, str]:
        found = re.search(r"Listening on (http://[\d.]+:\d+)", self.wait_for("Listening"))
        assert found is not None
        try:
            with urllib.request.urlopen(found[1] + path, timeout=5) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(PATIENCE)


@contextmanager
def running(data: Path, **changes: str) -> Iterator[Service]:
    service = Service(data, **changes)
    try:
        service.wait_for("Crux runs")
        yield service
    finally:
        service.process.kill()
        service.process.wait()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def ask(data: Path, text: str) -> str:
    """What one command is answered, without anything that is due being posted."""
    done = subprocess.run(
        [*CRUX, "ask", text],
        env=environment(data),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        cwd=data.parent,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_is_due_is_posted_and_ended_once_over_a_kill_and_a_restart(data: Path) -> None:
    said(data, "/crux schedule prompts daily 9:00")
    assert "is due in this channel now" in " ".join(ask(data, "/crux schedule run prompts").split())
    hours = {"CRUX_PROMPT_HOURS": "0.0005"}
    with running(data, **hours) as first:
        first.wait_for("Where do you stand on MI-00?")
        first.wait_for("Closed: where the group stands on MI-00")
        _, metrics = first.get("/metrics")
        assert 'crux_firings_total{kind="prompts",outcome="done"} 1.0' in metrics
        first.process.kill()
        shown = first.out
    with running(data, **hours) as second:
        time.sleep(2.5)  # longer than a look takes
        assert second.stop() == 0
        shown += second.out
    assert shown.count("Where do you stand on MI-00?") == 1
    assert shown.count("Closed: where") == 1


def test_it_tells_how_it_is_and_stops_on_sigterm(data: Path) -> None:
    with running(data) as service:
        assert "No chat platform is set up" in service.out
        assert service.get("/healthz") == (200, '{"alive": true}')
        status, ready = service.get("/readyz")
        assert (status, json.loads(ready)["database"]) == (200, "ok")
        status, metrics = service.get("/metrics")
        assert status == 200
        assert "crux_outbox_oldest_seconds 0.0" in metrics
        assert service.get("/other")[0] == 404
        assert service.stop() == 0
        assert "Stopping" in service.wait_for("Stopping")


def test_ctrl_c_stops_it_too(data: Path) -> None:
    with running(data) as service:
        assert service.stop(signal.SIGINT) == 0


def test_the_log_is_for_people_or_for_machines(data: Path) -> None:
    with running(data) as service:
        assert " INFO bot.serving.service: connected: terminal" in service.wait_for("connected", log=True)
        assert service.stop() == 0
    with running(data, CRUX_LOG_FORMAT="json") as service:
        line = json.loads(service.wait_for("connected", log=True).splitlines()[0])
        assert (line["level"], line["logger"]) == ("INFO", "bot.serving.service")
        assert service.stop() == 0
    with running(data, CRUX_LOG_LEVEL="WARNING") as service:
        assert service.stop() == 0
        assert service.log == ""


def test_an_address_that_is_taken_is_said_in_a_sentence(data: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        env = environment(data, CRUX_HTTP_PORT=port)
        done = subprocess.run(
            [*CRUX, "run"], env=env, capture_output=True, text=True, timeout=PATIENCE, cwd=data.parent, check=False
        )
    assert done.returncode == 3
    assert f"Nothing can listen on 127.0.0.1:{port}" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_server_it_serves_all_the_same(data: Path) -> None:
    env = environment(data, CRUX_HTTP_PORT="off")
    process = subprocess.Popen([*CRUX, "run"], env=env, stdout=subprocess.PIPE, text=True, cwd=data.parent)
    assert process.stdout is not None
    lines = iter(process.stdout.readline, "")
    assert any("Crux runs" in line for line in lines)
    process.terminate()
    assert process.wait(PATIENCE) == 0
    process.stdout.close()

"""A pseudo-terminal with Crux behind it, and a person's patience in front."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
CRUX = (sys.executable, "-m", "bot")
PATIENCE = 40.0
"""Seconds; a busy machine may take many to start Python."""
SEQUENCE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[()][A-Z0-9]|\x1b[=>]|\x1b\][^\x07]*\x07")


def environment(data: Path, **changes: str) -> dict[str, str]:
    """A clean environment with a data folder of its own and, unless told otherwise, no encoder to wait for."""
    # COLUMNS, which a parallel test run sets for its workers, would hide the size of the terminal.
    unset = ("CRUX_", "OPENAI_", "NO_COLOR", "COLUMNS", "LINES")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(unset)}
    fixed = {
        "CRUX_DATA_DIR": str(data),
        "CRUX_ENCODER": "none",
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "error",
        "TERM": "xterm-256color",
        "PROMPT_TOOLKIT_NO_CPR": "1",
    }
    return {**kept, **fixed, **changes}


# A session's leader that opens a terminal makes it the one whose Ctrl-C is a signal.
_ON_TERMINAL = ("sh", "-c", 'terminal=$1; shift; exec "$@" <>"$terminal" >&0 2>&1', "sh")


class Terminal:
    """A process on a pseudo-terminal."""

    def __init__(self, *arguments: str, env: Mapping[str, str], columns: int = 80, cwd: Path | None = None) -> None:
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        self._descriptor = ours
        command = [*_ON_TERMINAL, os.ttyname(theirs), *CRUX, *arguments]
        self.process = subprocess.Popen(command, env=env, cwd=cwd, start_new_session=True)
        self._theirs = theirs  # held open, or the first read could find no other end yet
        self.raw = ""
        self._read_to = 0

    @property
    def text(self) -> str:
        """All that was shown, without paint and cursor movements."""
        return SEQUENCE.sub("", self.raw)

    def type(self, keys: str) -> None:
        os.write(self._descriptor, keys.encode())

    def wait_for(self, words: str) -> str:
        """Read on until words are shown that were not there at the last wait; returns what came up to then."""
        end = time.monotonic() + PATIENCE
        while True:
            new = self.text[self._read_to :]
            at = new.find(words)
            if at >= 0:
                self._read_to += at + len(words)
                return new[: at + len(words)]
            if not self._more() and (time.monotonic() > end or self.process.poll() is not None):
                raise AssertionError(f"{words!r} was never shown; what was: {new[-3000:]!r}")

    def _more(self) -> bool:
        """Read what there is; False when there was nothing for a while."""
        ready, _, _ = select.select([self._descriptor], [], [], 0.2)
        if not ready:
            return False
        self.raw += os.read(self._descriptor, 65_536).decode(errors="replace")
        return True

    def ends(self) -> int:
        """Read to the end; the exit code."""
        end = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            assert time.monotonic() < end, f"it never ended; shown: {self.text[-3000:]!r}"
            self._more()
        while self._more():
            pass
        return self.process.returncode

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        os.close(self._descriptor)
        os.close(self._theirs)


def said(data: Path, *lines: str) -> list[str]:
    """What the terminal shows for each line, wrapped lines joined; every call is a start of its own."""
    found = subprocess.run(
        [*CRUX, "chat"],
        input="".join(f"{line}\n" for line in lines).encode(),
        capture_output=True,
        env=environment(data),
        timeout=PATIENCE * 2,
        check=False,
        cwd=data.parent,
    )
    assert (found.returncode, found.stderr) == (0, b"")
    shown = " ".join(found.stdout.decode().split())
    answers = []
    for line in lines:
        _, _, shown = shown.partition(f"> {line} ")
        answers.append(shown)
    rest = [*answers[1:], ""]
    return [answer[: len(answer) - len(after)] for answer, after in zip(answers, rest, strict=True)]

"""Nine members of one terminal, a digest, more positions, and the digest after it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.acceptance.terminal import CRUX, environment, said

MEMBERS = ("Ann", "Ben", "Cyd", "Dan", "Eve", "Fay", "Gus", "Hal", "Ida")


def test_nine_members_and_two_digests(tmp_path: Path) -> None:
    data = tmp_path / "data"
    held = [
        line
        for n, member in enumerate(MEMBERS)
        for line in (f"/as {member}", f"/stand MI-00 {'agree' if n < 6 else 'disagree'} crux public")
    ]
    first = said(data, *held, "/crux digest", "/as you", "/crux digest preview", "/crux digest")
    assert "Only organisers post a digest" in first[-4]
    assert "Preview of the digest" in first[-2]
    assert "of 9 who voted, 6 agree and 3 disagree" in " ".join(first[-1].split())
    assert "Ann (agrees) and Gus (disagrees)" in " ".join(first[-1].split())

    moved = [line for member in MEMBERS[:6] for line in (f"/as {member}", "/stand MI-00 disagree crux public")]
    second = said(data, *moved, "/as you", "/crux digest", "/crux digest list", "/as Zoe", "/crux digest list")
    shown = " ".join(second[-4].split())
    assert "6 members took another stance, more of them towards disagreement than by chance" in shown
    assert "6 agree, 3 disagree" in shown
    assert second[-3].count("-W") == second[-1].count("-W") == 3  # two, and one of them in the lead

    # Everybody reads the older one again; who is forgotten is gone from both.
    third = said(data, "/as Ann", "/crux forget-me yes", "/as Zoe", "/crux digest list")
    assert "Past digests no longer show figures that you were part of" in " ".join(third[1].split())
    command = [*CRUX, "digest", "export", "--format", "json"]
    out = subprocess.run(command, env=environment(data), capture_output=True, check=True, timeout=60).stdout
    assert json.loads(out)["figures"] == []
    kept = b"".join(path.read_bytes() for path in data.iterdir() if path.name.startswith("crux.db"))
    assert b"Ann" not in kept

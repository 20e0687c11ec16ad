"""Cold start, idle memory and installed size of the console: `python -m tests.benchmarks.startup [RUNS]`.

Cold start is from the start of the process to the first prompt, on a terminal, with the database in place; the page
cache is warm after the first run, which is told apart. Memory is the resident set at that prompt, and again once the
encoder and the maps' indexes are loaded behind it.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

import bot
from tests.acceptance.terminal import Terminal, environment

SETTLED = 1.0
"""Processor seconds in as many seconds of waiting below which the process counts as idle."""


def memory(process: int) -> float:
    """Resident set in megabytes."""
    for line in Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no resident set; this needs Linux")


def processor_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def start(data: Path, encoder: str) -> tuple[float, float, float]:
    """Seconds to the first prompt, megabytes there, and megabytes when nothing goes on any more."""
    began = time.monotonic()
    terminal = Terminal("chat", env=environment(data, CRUX_ENCODER=encoder, PYTHONWARNINGS="default"))
    try:
        terminal.wait_for("you>")
        seconds = time.monotonic() - began
        first = memory(terminal.process.pid)
        spent = -1.0
        while (now := processor_seconds(terminal.process.pid)) - spent > 0.05:
            spent = now
            time.sleep(SETTLED)
        return seconds, first, memory(terminal.process.pid)
    finally:
        terminal.close()


def installed() -> dict[str, float]:
    """Megabytes of each installed distribution that Crux needs to run, largest first."""
    from importlib.metadata import Distribution, PackageNotFoundError, distribution

    from packaging.requirements import Requirement

    wanted, found = ["crux-debate"], dict[str, float]()
    while wanted:
        name = wanted.pop()
        try:
            one: Distribution = distribution(name)
        except PackageNotFoundError:
            continue
        if one.name in found:
            continue
        files = [Path(str(one.locate_file(file))) for file in one.files or ()]
        found[one.name] = sum(file.stat().st_size for file in files if file.is_file()) / 1e6
        for line in one.requires or ():
            requirement = Requirement(line)
            if requirement.marker is None or any(
                requirement.marker.evaluate({"extra": extra}) for extra in ("", *_extras(name))
            ):
                wanted.append(requirement.name)
    return dict(sorted(found.items(), key=lambda pair: -pair[1]))


def _extras(name: str) -> tuple[str, ...]:
    """Extras that Crux asks for."""
    return {"sqlalchemy": ("asyncio",), "psycopg": ("binary",)}.get(name.lower(), ())


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    for encoder in ("bundled", "none"):
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder) / "data"
            first, *rest = (start(data, encoder) for _ in range(runs + 1))
            print(
                f"encoder {encoder}: a new database {first[0]:.2f} s to the prompt; after that median of {runs}: ",
                end="",
            )
            print(
                f"{statistics.median(r[0] for r in rest):.2f} s, {rest[-1][1]:.0f} MB there, {rest[-1][2]:.0f} MB idle"
            )
    sizes = installed()
    code = sum(file.stat().st_size for file in Path(bot.__file__).parent.rglob("*") if file.is_file()) / 1e6
    print(f"installed: {sum(sizes.values()):.0f} MB in {len(sizes)} packages, and {code:.1f} MB of Crux")
    print("  " + ", ".join(f"{name} {size:.0f}" for name, size in list(sizes.items())[:12]))


if __name__ == "__main__":
    main()

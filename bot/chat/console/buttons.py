"""Buttons in a terminal: numbers that can be typed, for as long as they may still stand on the screen."""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bot.core.messages import Button

log = logging.getLogger(__name__)

MOST: Final = 99
"""After this number, counting starts again at 1 and the oldest buttons give way."""

_TYPED: Final = re.compile(r"\[?(\d{1,3})\]?")


class Buttons:
    """Numbers the buttons of a conversation and remembers what each stands for.

    Numbers run on from message to message. They are kept in a file, so that a button of the last session, still on
    the screen, works until a new one takes its number.

    Args:
        file: where the buttons are kept; nowhere when None.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._known: dict[int, Button] = _read(file)
        self._next = 1

    def number(self, buttons: Sequence[Button]) -> list[int]:
        """A number for each button of a message."""
        if self._next + len(buttons) - 1 > MOST:
            self._next = 1
        numbers = list(range(self._next, self._next + len(buttons)))
        self._known.update(zip(numbers, buttons, strict=True))
        self._next += len(buttons)
        if buttons:
            self._keep()
        return numbers

    def typed(self, text: str) -> int | None:
        """The number that a line consists of, as `3` or `[3]`; None if it is something else."""
        found = _TYPED.fullmatch(text.strip())
        return int(found[1]) if found else None

    def __getitem__(self, number: int) -> Button | None:
        return self._known.get(number)

    def number_of(self, action: str) -> int | None:
        """The newest number of a button that does this."""
        return max((number for number, button in self._known.items() if button.action == action), default=None)

    def _keep(self) -> None:
        if self._file is None:
            return
        data = {number: [button.label, button.action] for number, button in self._known.items()}
        unfinished = self._file.with_name(f"{self._file.name}.{os.getpid()}")
        try:
            unfinished.touch(mode=0o600)
            unfinished.write_text(json.dumps(data), encoding="utf-8")
            unfinished.replace(self._file)
        except OSError as error:
            log.warning("the buttons of this session won't outlast it: %s", error.strerror)


def _read(file: Path | None) -> dict[int, Button]:
    """What the last session kept; nothing when the file is missing or was damaged."""
    if file is None:
        return {}
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        return {int(number): Button(str(label), str(action)) for number, (label, action) in data.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}

"""What the operator reads on stderr: one line an event, without members' words and without keys."""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from datetime import UTC, datetime
from typing import Final

from bot.errors import BadInput, ConfigurationError, CruxError

LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR")


def set_up(level: str, *, as_json: bool = False) -> None:
    """Send the log of Crux to stderr from a level on, and that of its libraries from WARNING on.

    Args:
        level: DEBUG, INFO, WARNING or ERROR.
        as_json: a JSON object a line, for machines.

    Raises:
        ConfigurationError: there is no such level.
    """
    name = level.strip().upper()
    if name not in LEVELS:
        raise ConfigurationError(f"CRUX_LOG_LEVEL is not usable: it takes one of {', '.join(LEVELS)}.")
    handler = StderrHandler()
    whole = name == "DEBUG"
    handler.setFormatter(JsonLine(whole=whole) if as_json else OneLine(whole=whole))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("bot").setLevel(name)


class StderrHandler(logging.StreamHandler):  # type: ignore[type-arg] # generic in typeshed alone
    """Writes to what stderr is at the moment, which a prompt replaces while it is shown; never what lets somebody in.

    Libraries may log an address or header that they failed with, as slack_sdk does with a socket's one-time ticket.
    """

    def format(self, record: logging.LogRecord) -> str:
        return _SECRETS.sub("…", super().format(record))

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


_SECRETS: Final = re.compile(r"(?<=ticket=)[^&\s'\"\\]+|\b(?:xox[a-z]|xapp)[-.][\w.-]+")
"""Tickets and tokens of Slack."""


class OneLine(logging.Formatter):
    """Time, level, logger, message; of an exception its type and place, since its words may quote a member or a key.

    Args:
        whole: print tracebacks in full, for whoever asked for DEBUG.
    """

    def __init__(self, *, whole: bool = False) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._whole = whole

    def format(self, record: logging.LogRecord) -> str:
        if self._whole:
            return super().format(record)
        failure = record.exc_info[1] if record.exc_info else None
        plain = logging.makeLogRecord({**record.__dict__, "exc_info": None, "exc_text": None, "stack_info": None})
        printable = "".join(c if c.isprintable() else " " for c in super().format(plain))
        line = " ".join(printable.split())
        return f"{line} ({told(failure)})" if failure is not None else line


class JsonLine(logging.Formatter):
    """What `OneLine` has, as a JSON object: time, level, logger, message, and of an exception type and place.

    What a message says of workspace, event, post and the like (`workspace=w1`) is a field of its own, too.
    """

    def __init__(self, *, whole: bool = False) -> None:
        super().__init__()
        self._whole = whole

    def format(self, record: logging.LogRecord) -> str:
        message = record.getMessage()
        fields: dict[str, str] = {key: value.rstrip(",:;)") for key, value in _FIELDS.findall(message)}
        fields |= {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": message,
        }
        failure = record.exc_info[1] if record.exc_info else None
        if failure is not None:
            fields["failure"] = told(failure)
            if self._whole and record.exc_info:
                fields["traceback"] = self.formatException(record.exc_info)
        return json.dumps(fields)


_FIELDS: Final = re.compile(r"\b([a-z_]+)=(\S+)")


def told(failure: BaseException) -> str:
    """An exception's type, its place, and its words where they are known to be ours."""
    frames = traceback.extract_tb(failure.__traceback__)
    place = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    if isinstance(failure, CruxError) and not isinstance(failure, BadInput):
        return f"{type(failure).__name__}: {failure.message}"
    return f"{type(failure).__name__}{place}"

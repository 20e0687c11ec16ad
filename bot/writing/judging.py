"""The model as judge of support: what its answer must look like, and how to read what it sends instead."""

from __future__ import annotations

import re
from typing import Any, Final

from bot.writing.structured import json_values

SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "verdicts": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"pair": {"type": "integer"}, "supported": {"type": "boolean"}},
                "required": ["pair", "supported"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["verdicts"],
    "additionalProperties": False,
}

_LINE: Final = re.compile(r"^\W*(?:pair\s*)?(\d{1,3})\W{1,4}(?:supported\W{1,3})?(true|false|yes|no)\b", re.IGNORECASE)


def read_verdicts(answer: str, pairs: int) -> list[bool]:
    """Verdicts in the order of the pairs; False for each that the answer doesn't clearly call supported.

    Takes the JSON that was asked for, also inside prose or a code fence, and else lines like "2: yes". Two verdicts on
    one pair that contradict each other count as False.
    """
    found: dict[int, bool] = {}
    for number, supported in _from_json(answer) or _from_lines(answer):
        found[number] = supported and found.get(number, True)
    return [found.get(number, False) for number in range(1, pairs + 1)]


def _from_json(answer: str) -> list[tuple[int, bool]]:
    return next((verdicts for data in json_values(answer) if (verdicts := _verdicts(data))), [])


def _verdicts(data: object) -> list[tuple[int, bool]]:
    entries = data.get("verdicts") if isinstance(data, dict) else data
    if not isinstance(entries, list):
        return []
    if entries and all(isinstance(entry, bool) for entry in entries):
        return list(enumerate(entries, start=1))
    return [
        (entry["pair"], entry["supported"])
        for entry in entries
        if isinstance(entry, dict) and isinstance(entry.get("pair"), int) and isinstance(entry.get("supported"), bool)
    ]


def _from_lines(answer: str) -> list[tuple[int, bool]]:
    matches = (_LINE.match(line) for line in answer.splitlines())
    return [(int(match[1]), match[2].lower() in {"true", "yes"}) for match in matches if match]

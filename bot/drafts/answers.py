"""What the model is asked to answer in, as JSON schemas, and how to read what it sends instead.

Readers return strings by name, whatever the types of what was sent: whether they are of use is for others to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from bot.core.arguments import Certainty, RelationKind, Side
from bot.writing.structured import json_values

Schema = dict[str, Any]
Fields = dict[str, str]
"""Strings by name; a field that was missing or of another type is missing here."""

TOPIC_FIELDS: Final = ("title", "question", "claim", "contrary", "text")


def _object(properties: Mapping[str, Schema]) -> Schema:
    """As strict structured output wants it: every property required, no other allowed."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(name: str, properties: Mapping[str, Schema]) -> dict[str, Schema]:
    return {name: {"type": "array", "items": _object(properties)}}


_STRING: Final[Schema] = {"type": "string"}
_SIDES: Final[Schema] = {"type": "string", "enum": [side.value for side in Side]}
_WORDS: Final = {"claim": _STRING, "contrary": _STRING, "text": _STRING, "side": _SIDES}

TOPIC: Final = _object(dict.fromkeys(TOPIC_FIELDS, _STRING))
ARGUMENTS: Final = _object(
    _list(
        "arguments",
        {
            "quote": _STRING,  # first, so that the claim is written after what it comes from
            **_WORDS,
            "certainty": {"type": "string", "enum": [certainty.value for certainty in Certainty]},
        },
    )
)
MENDED: Final = _object(_list("arguments", {"number": {"type": "integer"}, **_WORDS}))
RELATIONS: Final = _object(
    {
        **_list("duplicates", {"id": _STRING, "of": _STRING}),
        **_list(
            "relations",
            {
                "source": _STRING,
                "kind": {"type": "string", "enum": [kind.value for kind in RelationKind]},
                "target": _STRING,
                "of": _STRING,
            },
        ),
    }
)


def read_topic(answer: str) -> Fields | None:
    """The first object with a claim; None when there is none."""
    return next((_fields(value) for value in json_values(answer) if isinstance(value, dict) and "claim" in value), None)


def read_arguments(answer: str) -> list[Fields] | None:
    """All objects with a claim; None when the answer is no list of arguments at all, whereas an empty list is one.

    Of an answer that was cut off, the arguments before the cut.
    """
    return _entries(answer, "arguments", "claim")


def read_relations(answer: str) -> tuple[list[Fields], list[Fields]] | None:
    """Duplicates and relations; None when the answer has neither list."""
    duplicates = [entry for entry in _entries(answer, "duplicates", "id") or [] if "of" in entry]
    relations = _entries(answer, "relations", "source")
    return None if relations is None and not duplicates else (duplicates, relations or [])


def _entries(answer: str, name: str, mark: str) -> list[Fields] | None:
    """Objects that have the field `mark`: of the first list called `name`, else of the whole answer."""
    values = list(json_values(answer))
    named = next(_lists(values, name), None)
    entries = values if named is None else named
    found = [_fields(entry) for entry in entries if isinstance(entry, dict) and mark in entry]
    return found if found or named == [] or values[:1] == [[]] else None


def _lists(values: Sequence[object], name: str) -> Iterator[list[object]]:
    for value in values:
        if isinstance(value, dict) and isinstance(entries := value.get(name), list):
            yield entries


def _fields(entry: Mapping[Any, Any]) -> Fields:
    """The strings, and whole numbers as strings."""
    return {
        str(name): str(value)
        for name, value in entry.items()
        if isinstance(value, str | int) and not isinstance(value, bool)
    }

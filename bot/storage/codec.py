"""How values cross the edge of a store, the same for every store: text, times, messages, vectors."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bot.core.amendments import Edit, NewArgument, NewTopic, Restoration, Retirement, Rewording, Words
from bot.core.arguments import Certainty, RelationKind
from bot.core.digest import Digest, as_data, from_data
from bot.core.messages import About, Button, Charted, Listing, Message, Paragraph, SourceLine
from bot.core.schedules import QuietDays

_UNSTORABLE: Final = {0: "\ufffd"} | dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


def storable(text: str) -> str:
    """The text with what no database takes replaced by U+FFFD: NUL (PostgreSQL) and lone surrogates (no UTF-8).

    A chat line may hold either, and a line must never be lost for it.
    """
    return text.translate(_UNSTORABLE) if "\0" in text or not _is_utf8(text) else text


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def utc(at: datetime) -> datetime:
    """The same instant in UTC.

    Raises:
        ValueError: the time has no zone.
    """
    if at.tzinfo is None:
        raise ValueError(f"a time without a zone can't be stored: {at!r}")
    return at.astimezone(UTC)


def dump_message(message: Message) -> str:
    """A message as JSON in ASCII, so that every string survives every database; its attachment is not kept."""
    return json.dumps(asdict(replace(message, attachment=None)), separators=(",", ":"))


def load_message(data: str) -> Message:
    """The message that `dump_message` wrote. Fields that it lacks take their defaults, as in rows of older versions."""
    fields: dict[str, Any] = json.loads(data)
    return Message(
        blocks=tuple(_block(block) for block in fields.get("blocks", ())),
        title=fields.get("title"),
        sources=tuple(SourceLine(**source) for source in fields.get("sources", ())),
        notes=tuple(fields.get("notes", ())),
        buttons=tuple(Button(**button) for button in fields.get("buttons", ())),
        private=fields.get("private", False),
        reply_id=fields.get("reply_id"),
        prompt_id=fields.get("prompt_id"),
        charted=None if fields.get("charted") is None else Charted(**fields["charted"]),
        about=None if fields.get("about") is None else About(**fields["about"]),
        channels=tuple(fields.get("channels", ())),
    )


def _block(fields: Mapping[str, Any]) -> Paragraph | Listing:
    if "text" in fields:
        return Paragraph(fields["text"])
    return Listing(tuple(fields["items"]), tuple(fields.get("indents", ())))


def names_any(message: Message, names: Iterable[str]) -> bool:
    """Whether a message has one of the names as words of its own, in what of it is shown."""
    words = "|".join(re.escape(name) for name in names if name)
    if not words:
        return False
    shown = "\n".join(
        (message.title or "", message.text, *message.notes, *(button.label for button in message.buttons))
    )
    return re.search(rf"(?<!\w)(?:{words})(?!\w)", shown) is not None


def dump_digest(digest: Digest) -> str:
    """A digest as JSON in ASCII, without its workspace and event."""
    return json.dumps(as_data(digest), separators=(",", ":"))


def load_digest(workspace: str, event: str, data: str) -> Digest:
    """The digest that `dump_digest` wrote."""
    return from_data(workspace, event, json.loads(data))


def dump_ids(ids: tuple[str, ...]) -> str:
    return json.dumps(ids, separators=(",", ":"))


def load_ids(data: str) -> tuple[str, ...]:
    return tuple(json.loads(data))


def dump_quiet(quiet: QuietDays) -> str:
    """Quiet days as JSON, weekdays and dates in order."""
    dates = [day.isoformat() for day in sorted(quiet.dates)]
    return json.dumps({"weekdays": sorted(quiet.weekdays), "dates": dates}, separators=(",", ":"))


def load_quiet(data: str) -> QuietDays:
    fields: dict[str, Any] = json.loads(data)
    return QuietDays(frozenset(fields["weekdays"]), frozenset(map(date.fromisoformat, fields["dates"])))


def dump_edit(edit: Edit) -> tuple[str, str]:
    """An edit's kind, and what it says as JSON."""
    return _KIND_OF[type(edit)], storable(json.dumps(asdict(edit), ensure_ascii=False, separators=(",", ":")))


def load_edit(kind: str, data: str) -> Edit:
    """The edit that `dump_edit` wrote."""
    fields: dict[str, Any] = json.loads(data)
    if "words" in fields:
        fields["words"] = Words(**fields["words"])
    match kind:
        case "topic":
            return NewTopic(**fields)
        case "argument":
            fields |= {"kind": RelationKind(fields["kind"]), "certainty": Certainty(fields["certainty"])}
            return NewArgument(**fields)
        case "rewording":
            return Rewording(**fields)
        case "retirement":
            return Retirement(**fields)
        case "restoration":
            return Restoration()
        case _:
            raise ValueError(f"an edit of kind {kind!r} is of another version of Crux")


_KIND_OF: Final[Mapping[type[Edit], str]] = {
    NewTopic: "topic",
    NewArgument: "argument",
    Rewording: "rewording",
    Retirement: "retirement",
    Restoration: "restoration",
}


def dump_vector(vector: NDArray[np.float32]) -> bytes:
    """Shape (dimensions,) as little-endian float32."""
    return vector.astype("<f4").tobytes()


def load_vector(blob: bytes) -> NDArray[np.float32]:
    return np.frombuffer(blob, dtype="<f4").astype(np.float32)

"""What Discord refuses in a payload, as strings of `path: reason`: pure, so that a property test can call it.

The numbers are those of Discord's developer documentation (message, embed, thread and interaction resources).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from tests.discord_wire.component_limits import V2, component_errors

CONTENT = 2000
NONCE = 25
EMBEDS = 10
EMBED_TOTAL = 6000
ATTACHMENTS = 10
ALT = 1024
CHOICES = 25
SAFE_INTEGER = 2**53


def length(path: str, value: object, low: int, high: int) -> list[str]:
    """One complaint if it isn't text of that many characters."""
    if not isinstance(value, str):
        return [f"{path}: Must be text."]
    if not low <= len(value) <= high:
        return [f"{path}: Must be between {low} and {high} in length."]
    return []


def message_errors(message: Mapping[str, Any], attachments: Collection[str] = ()) -> list[str]:
    """Of a message as it will stand: content, embeds, components, flags, nonce; `attachments` are its file names."""
    v2 = bool((message.get("flags") or 0) & V2)
    content, embeds, components = (message.get(name) for name in ("content", "embeds", "components"))
    found = length("content", content or "", 0, CONTENT)
    found += embed_errors(embeds or [])
    if v2:
        legacy = [name for name in ("content", "embeds", "poll", "sticker_ids") if message.get(name)]
        found += [f"{name}: Cannot be used beside the IS_COMPONENTS_V2 flag." for name in legacy]
        if not components:
            found.append("components: A message with the IS_COMPONENTS_V2 flag needs components.")
    found += component_errors(components or [], v2=v2, attachments=attachments)
    nonce = message.get("nonce")
    if nonce is not None:
        if isinstance(nonce, bool) or not isinstance(nonce, int | str):
            found.append("nonce: Must be an integer or text.")
        elif len(str(nonce)) > NONCE:
            found.append(f"nonce: Must be {NONCE} or fewer in length.")
    if len(attachments) > ATTACHMENTS:
        found.append(f"attachments: Must be {ATTACHMENTS} or fewer.")
    for n, attachment in enumerate(message.get("attachments") or []):
        if isinstance(attachment, Mapping):
            found += length(f"attachments.{n}.description", attachment.get("description") or "", 0, ALT)
    return found + mention_errors(message.get("allowed_mentions"))


def edit_errors(flags: int, change: Mapping[str, Any]) -> list[str]:
    """Of an edit to a message with these flags: the mark of Components V2 stays for good."""
    given = change.get("flags")
    if flags & V2 and given is not None and not given & V2:
        return ["flags: The IS_COMPONENTS_V2 flag cannot be removed."]
    return []


def mention_errors(allowed: object) -> list[str]:
    """Of an `allowed_mentions`: a kind may be parsed or listed, not both."""
    if allowed is None:
        return []
    if not isinstance(allowed, Mapping):
        return ["allowed_mentions: Must be an object."]
    parse = allowed.get("parse") or []
    found = [
        f"allowed_mentions.parse: {kind} is not a kind of mention."
        for kind in parse
        if kind not in {"everyone", "users", "roles"}
    ]
    for kind in ("users", "roles"):
        listed = allowed.get(kind) or []
        if listed and kind in parse:
            found.append(f"allowed_mentions.{kind}: Mutually exclusive with parse.")
        if len(listed) > 100:
            found.append(f"allowed_mentions.{kind}: Must be 100 or fewer.")
    return found


EMBED_TEXTS: tuple[tuple[tuple[str, ...], int], ...] = (
    (("title",), 256),
    (("description",), 4096),
    (("footer", "text"), 2048),
    (("author", "name"), 256),
)


def embed_errors(embeds: Iterable[Mapping[str, Any]]) -> list[str]:
    """Of a message's embeds, each and all together."""
    found: list[str] = []
    total = count = 0
    for count, embed in enumerate(embeds, 1):
        path = f"embeds.{count - 1}"
        for names, high in EMBED_TEXTS:
            value: Any = embed
            for name in names:
                value = (value or {}).get(name)
            total += len(value or "")
            found += length(f"{path}.{'.'.join(names)}", value or "", 0, high)
        fields = embed.get("fields") or []
        if len(fields) > 25:
            found.append(f"{path}.fields: Must be 25 or fewer.")
        for n, field in enumerate(fields):
            found += length(f"{path}.fields.{n}.name", field.get("name"), 1, 256)
            found += length(f"{path}.fields.{n}.value", field.get("value"), 1, 1024)
            total += len(field.get("name") or "") + len(field.get("value") or "")
    if count > EMBEDS:
        found.append(f"embeds: Must be {EMBEDS} or fewer.")
    if total > EMBED_TOTAL:
        found.append(f"embeds: Must be {EMBED_TOTAL} or fewer characters together.")
    return found


def thread_errors(thread: Mapping[str, Any]) -> list[str]:
    """Of a new thread or forum post, without its first message."""
    found = length("name", thread.get("name"), 1, 100)
    if len(thread.get("applied_tags") or []) > 5:
        found.append("applied_tags: Must be 5 or fewer.")
    archive = thread.get("auto_archive_duration")
    if archive is not None and archive not in {60, 1440, 4320, 10080}:
        found.append("auto_archive_duration: Must be one of 60, 1440, 4320, 10080.")
    return found


def autocomplete_errors(choices: Sequence[Mapping[str, Any]]) -> list[str]:
    """Of the choices that answer a member's typing."""
    found = [f"choices: Must be {CHOICES} or fewer."] if len(choices) > CHOICES else []
    for n, choice in enumerate(choices):
        found += choice_errors(f"choices.{n}", choice)
    return found


def choice_errors(path: str, choice: Mapping[str, Any]) -> list[str]:
    """Of one choice of an option: its name, in each language, and its value."""
    found = length(f"{path}.name", choice.get("name"), 1, 100)
    for language, name in (choice.get("name_localizations") or {}).items():
        found += length(f"{path}.name_localizations.{language}", name, 1, 100)
    value = choice.get("value")
    if isinstance(value, str):
        return found + length(f"{path}.value", value, 1, 100)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return [*found, f"{path}.value: Must be text or a number."]
    return [*found, f"{path}.value: Must be within 2^53."] if abs(value) > SAFE_INTEGER else found

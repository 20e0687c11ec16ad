"""A digest as a file: Markdown, an HTML page that needs nothing beside it, JSON. Pure functions."""

from __future__ import annotations

import json
import re
import unicodedata
from base64 import b64encode
from collections.abc import Callable, Mapping
from html import escape
from typing import Any, Final

from bot.core.digest import Digest, Line, Section, as_data, sections_as_data
from bot.core.digest_replies import notes, quiet_lines
from bot.core.digest_words import lead, summary, with_pairs
from bot.core.language import say, spoken
from bot.core.messages import Picture

_MARKUP: Final = re.compile(r"([\\`*_{}\[\]()#+\-.!|~<>&@:])")
"""What Markdown, or a chat that reads some of it, could take for more than a character."""

_STYLE: Final = """
:root { color-scheme: light dark; }
body { margin: 2rem auto; max-width: 42rem; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; } h2 { font-size: 1rem; margin: 1.5rem 0 0; } ul { margin-top: .25rem; }
footer { margin-top: 2rem; border-top: 1px solid; font-size: .85rem; opacity: .8; }
img { max-width: 100%; height: auto; }
* { overflow-wrap: anywhere; }
"""
"""The reader's own colours, light or dark: none is set."""

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""Nothing is fetched and no script runs, whatever a claim says; a picture may be inlined."""


def markdown(digest: Digest, pairs: tuple[Line, ...] = ()) -> str:
    """A digest as CommonMark. What members and maps say is escaped, so that it stays text."""
    lines = [f"# {_md(_title(digest))}", ""]
    for text in _opening(digest):
        lines += [_md(text), ""]
    for section in _sections(digest, pairs):
        if (above := lead(section.part)) is not None:
            lines += [f"## {_md(_heading(above))}", ""]
            lines += [*(f"- {_md(line.text)}" for line in section.lines), ""]
        else:
            for line in section.lines:
                lines += [_md(line.text), ""]
    lines += ["---", "", *(f"{_md(note)}  " for note in notes(digest))]
    return "\n".join(lines).rstrip() + "\n"


def html(digest: Digest, pairs: tuple[Line, ...] = (), picture: Picture | None = None) -> str:
    """A digest as one HTML page: no script, nothing to load, in the reader's light or dark colours."""
    title = _html(_title(digest))
    body = [f"<h1>{title}</h1>", *(f"<p>{_html(text)}</p>" for text in _opening(digest))]
    if picture is not None:
        inlined = b64encode(picture.data).decode()
        body.append(f'<p><img alt="{_html(picture.alt)}" src="data:image/png;base64,{inlined}"></p>')
    for section in _sections(digest, pairs):
        if (above := lead(section.part)) is not None:
            items = "".join(f"<li>{_html(line.text)}</li>" for line in section.lines)
            body += [f"<h2>{_html(_heading(above))}</h2>", f"<ul>{items}</ul>"]
        else:
            body += [f"<p>{_html(line.text)}</p>" for line in section.lines]
    body.append(f"<footer>{''.join(f'<p>{_html(note)}</p>' for note in notes(digest))}</footer>")
    inside = "\n".join(body)
    return (
        f'<!doctype html>\n<html lang="{spoken().code}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{inside}\n</body>\n</html>\n"
    )


def as_json(digest: Digest, pairs: tuple[Line, ...] = ()) -> str:
    """A digest as JSON in the shape that `docs/digest.md` has."""
    data: dict[str, Any] = as_data(digest)
    told = digest.summary
    data["summary"] = {
        "text": " ".join(_opening(digest)),
        "model": told.model if told is not None else None,
        "prompt_version": told.prompt_version if told is not None else None,
    }
    data["sections"] = sections_as_data(with_pairs(digest, pairs))
    data["notes"] = list(notes(digest))
    return json.dumps(data, ensure_ascii=True, indent=2) + "\n"


WITHOUT_PICTURE: Final[Mapping[str, Callable[[Digest, tuple[Line, ...]], str]]] = {"md": markdown, "json": as_json}
"""The formats that have no picture in them."""


def _title(digest: Digest) -> str:
    return say("Digest {digest}: {topic}", digest=digest.key, topic=digest.title)


def _heading(above: str) -> str:
    """What stands above a section, as a heading: without the colon, and the space that French puts before it."""
    return above.rstrip(":").rstrip()


def _opening(digest: Digest) -> tuple[str, ...]:
    return quiet_lines(digest) if _is_short(digest) else (summary(digest),)


def _sections(digest: Digest, pairs: tuple[Line, ...]) -> tuple[Section, ...]:
    return () if _is_short(digest) else with_pairs(digest, pairs)


def _is_short(digest: Digest) -> bool:
    return digest.quiet or not digest.figures


def _md(text: str) -> str:
    return _MARKUP.sub(r"\\\1", plain(text))


def _html(text: str) -> str:
    return escape(plain(text))


def plain(text: str) -> str:
    """A text on one line, without control characters and what reorders or hides what is read."""
    kept = (" " if ch.isspace() else ch for ch in text if ch.isspace() or unicodedata.category(ch)[0] != "C")
    return " ".join("".join(kept).split())

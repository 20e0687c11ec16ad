"""A draft as a map file for a person to review: above each argument, as a comment, the words that it comes from."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import yaml

from bot.core.arguments import Relation, RelationKind
from bot.drafts.document import Document
from bot.drafts.parts import Draft, Drafted, Origin, Report, counted
from bot.drafts.repairs import one_line

WIDTH: Final = 112
_SOURCE: Final = "document"
_TITLE: Final = 140
_WHERE: Final = 80
_QUOTE: Final = 700


@dataclass(frozen=True, slots=True)
class Provenance:
    """How a draft came about, for the file's header."""

    model: str
    prompts: tuple[str, ...]
    day: date


def emit(draft: Draft, document: Document, provenance: Provenance, report: Report) -> str:
    """The file's text, which `bot.maps.load_map` reads as the same map; see docs/map-format.md."""
    head = {
        "topic": {
            "id": draft.topic.id,
            "prefix": draft.topic.prefix,
            "title": draft.topic.title,
            "question": draft.topic.question,
            "thesis": {"claim": draft.topic.claim, "contrary": draft.topic.contrary, "text": draft.topic.text},
        },
        "sources": {_SOURCE: {"title": _clipped(_titled(one_line(document.title)), _TITLE)}},
    }
    parts = ["\n".join(_comment(_header(draft, document, provenance, report))), _dumped(head).rstrip()]
    if draft.thesis_id in draft.copied:
        parts.insert(1, "\n".join(_comment(_copied(draft.copied[draft.thesis_id], "The thesis's text"))))
    parts.append("arguments:")
    for name, argument in zip(draft.ids(), draft.arguments, strict=True):
        relations = [relation for relation in draft.relations if relation.source == name]
        remarks = list(_origins(argument.origins))
        if name in report.attached():
            remarks.append("The model gave this no way to the thesis; the relation below goes by its side alone.")
        if name in draft.copied:
            remarks += _copied(draft.copied[name], "This")
        entry = _dumped([_entry(name, argument, relations, document)]).rstrip()
        parts.append(textwrap.indent("\n".join([*_comment(remarks), entry]), "  ") + "\n")
    return "\n".join(parts)


def _header(draft: Draft, document: Document, provenance: Provenance, report: Report) -> Iterator[str]:
    sides = ", ".join(f"{count} {side}" for side, count in counts_by_side(draft).items())
    yield "A draft by a language model that nobody has reviewed: every line wants a person's eye."
    yield ""
    yield f"model      {one_line(provenance.model)}"
    yield f"document   {one_line(document.name)}, {len(document.lines)} lines"
    yield f"prompts    {', '.join(provenance.prompts)}"
    yield f"date       {provenance.day.isoformat()}"
    yield f"arguments  {len(draft.arguments)}: {sides}"
    for heading, notes in (("left out", report.left), ("look at", report.changed)):
        yield f"{heading:<10} {len(notes) or 'nothing'}"
        for why, count in counted(notes):
            yield f"  {count} x {why}"
    yield ""
    yield (
        "Above each argument stands the passage that it was drafted from. Compare the two, mend or delete, add "
        "`wordings` and `denials` (docs/map-format.md), check with `crux seeds check`, and delete these comments."
    )


def counts_by_side(draft: Draft) -> dict[str, int]:
    """Arguments by side, those sides that have any."""
    counts = {side: sum(one.side == side for one in draft.arguments) for side in ("pro", "con", "neutral")}
    return {side: count for side, count in counts.items() if count}


def _origins(origins: tuple[Origin, ...]) -> Iterator[str]:
    for origin in origins:
        yield f"{origin.place}: “{_clipped(one_line(origin.quote), _QUOTE)}”"


def _copied(words: int, what: str) -> Iterator[str]:
    yield f"{what} copies {words} words in a row from the document: say it in other words, or mark it as a quotation."


def _entry(name: str, argument: Drafted, relations: list[Relation], document: Document) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": name,
        "claim": argument.claim,
        "contrary": argument.contrary,
        "text": argument.text,
        "side": argument.side.value,
        "certainty": argument.certainty.value,
        "sources": _OnOneLine({"source": _SOURCE, "where": _where(document, origin)} for origin in argument.origins),
    }
    for relation in relations:
        step = {"reason": relation.target, "of": relation.of}
        undercuts = relation.kind is RelationKind.UNDERCUTS
        entry.setdefault(relation.kind.value, _OnOneLine()).append(step if undercuts else relation.target)
    return entry


def _where(document: Document, origin: Origin) -> str:
    heading = one_line(document.heading_at(origin.place.first))
    return _clipped(f"{origin.place}, under “{heading}”", _WHERE, "…”") if heading else str(origin.place)


def _titled(title: str) -> str:
    return title if len(title) > 2 else f"the file {title}"


def _clipped(text: str, length: int, end: str = "…") -> str:
    return text if len(text) <= length else text[: length - len(end)].rstrip() + end


def _comment(lines: Iterator[str] | list[str]) -> Iterator[str]:
    for line in lines:
        hanging = " " * (len(line) - len(line.lstrip()))
        wrapped = textwrap.wrap(line, WIDTH - 4, subsequent_indent=hanging, break_on_hyphens=False) or [""]
        yield from (f"# {part}".rstrip() for part in wrapped)


class _OnOneLine(list[Any]):
    """A list that is written in brackets, with all that is in it."""


class _Dumper(yaml.SafeDumper):
    pass


_Dumper.add_representer(
    _OnOneLine, lambda dumper, data: dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=True)
)


def _dumped(data: Mapping[str, Any] | list[dict[str, Any]]) -> str:
    text: str = yaml.dump(
        data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH - 4, default_flow_style=False
    )
    return text

"""An archived digest: what one said of where a group stood, as data that any surface can render.

No name and no member's id is in it. Pairs of members (double cruxes) are worked out when it is shown, from the copy of
the published positions that the store keeps beside it; so a name that is hidden again is gone from it at once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Any, Final

FORMAT: Final = 1
"""Of `as_data`; a number higher than a reader knows is of a newer Crux."""


class Part(StrEnum):
    """The sections, in their order."""

    THESIS = "thesis"
    """Where the group stands on it now."""
    SHIFT = "shift"
    """How it has moved."""
    CAMPS = "camps"
    MOVED = "moved"
    CREDITED = "credited"
    CRUXES = "cruxes"
    DOUBLES = "doubles"
    """Never kept; see the module."""
    SPLITS = "splits"
    COMMON = "common"
    COMMON_AGAINST = "common against"
    WITHOUT_FIGURES = "without figures"
    UNANSWERED = "unanswered"
    PARTICIPATION = "participation"
    NEXT = "next"


_OF_SEVERAL_CLAIMS: Final = frozenset({Part.CAMPS, Part.CREDITED, Part.CRUXES, Part.PARTICIPATION})
"""Sections whose figures add members up across claims, or correct for tests on other claims."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is said; `claim_id` is the claim whose figures are in it, if any are."""

    text: str
    claim_id: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    part: Part
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """Members on one claim, as they were published; both strengths of a side are one count."""

    voters: int
    members: int
    agree: int
    disagree: int
    unsure: int


@dataclass(frozen=True, slots=True)
class ClaimFigures:
    """A claim's published counts, and those of the digest before where the two may be shown side by side."""

    claim_id: str
    claim: str
    version: int
    counts: Counts
    before: Counts | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """The paragraph over the figures, where a language model wrote it; else `digest_words.summary` makes one."""

    text: str
    model: str
    prompt_version: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a paragraph over the figures is written from: what anybody may see of them, in words; never a name.

    The tokens that it costs are those of `member`, who asked; `words` is the upper limit.
    """

    workspace: str
    member: str
    title: str
    sections: tuple[Section, ...]
    words: int = 90


@dataclass(frozen=True, slots=True)
class Digest:
    """What a digest says. `key` is its ISO week, `2026-W47`, from the second in a week on with a number: `2026-W47-2`.

    `before` is the key of the digest that it was compared with, `since` that one's time; both None for the first.
    `event` names what asked for it: one event, one digest.
    """

    workspace: str
    topic: str
    key: str
    title: str
    thesis_id: str
    at: datetime
    event: str
    sections: tuple[Section, ...] = ()
    figures: tuple[ClaimFigures, ...] = ()
    summary: Summary | None = None
    before: str | None = None
    since: datetime | None = None
    quiet: bool = False
    whole: bool = True
    """False where there were too many positions to compare, and to look for cruxes and camps."""
    hidden: bool = False
    """Whether figures were taken out since, because somebody they were counted of was forgotten."""

    def lines(self, *parts: Part) -> tuple[Line, ...]:
        """The lines of some sections."""
        return tuple(line for section in self.sections if section.part in parts for line in section.lines)


def week_of(at: datetime, zone: tzinfo) -> str:
    """The ISO 8601 week of an instant in a time zone, as `2026-W47`: the year is that of the week's Thursday."""
    year, week, _ = at.astimezone(zone).isocalendar()
    return f"{year}-W{week:02}"


def next_key(week: str, taken: Collection[str]) -> str:
    """The first key of a week that isn't taken: the week, then the week and a number from 2 on."""
    number = 1 + sum(key == week or key.startswith(f"{week}-") for key in taken)
    return week if number == 1 else f"{week}-{number}"


def without(digest: Digest, gone: Collection[str], gone_before: Collection[str]) -> Digest:
    """A digest without the figures that a forgotten member was counted in.

    `gone` are the claims on which they were in its snapshots, `gone_before` those on which they were in the snapshots
    that it was compared with. Sections that add members up across claims go too, and so does the paragraph over the
    figures, since it may repeat any of them. With what is left nothing can be subtracted from.
    """
    if not gone and not gone_before:
        return digest
    both = {*gone, *gone_before}
    dropped = {Part.SHIFT: both, Part.MOVED: both}
    sections = [
        Section(
            section.part, tuple(line for line in section.lines if line.claim_id not in dropped.get(section.part, gone))
        )
        for section in digest.sections
        if section.part not in _OF_SEVERAL_CLAIMS
    ]
    figures = [figure for figure in digest.figures if figure.claim_id not in gone]
    return replace(
        digest,
        sections=tuple(section for section in sections if section.lines),
        figures=tuple(replace(figure, before=None) if figure.claim_id in gone_before else figure for figure in figures),
        summary=None,
        hidden=True,
    )


# -- as data ----------------------------------------------------------------------------------------------------------


def as_data(digest: Digest) -> dict[str, Any]:
    """A digest as JSON has it; `from_data` reads it again. Without workspace, event or anybody's id."""
    return {
        "format": FORMAT,
        "topic": digest.topic,
        "key": digest.key,
        "title": digest.title,
        "thesis": digest.thesis_id,
        "at": digest.at.isoformat(),
        "before": digest.before,
        "since": digest.since.isoformat() if digest.since is not None else None,
        "quiet": digest.quiet,
        "whole": digest.whole,
        "hidden": digest.hidden,
        "summary": asdict(digest.summary) if digest.summary is not None else None,
        "sections": sections_as_data(digest.sections),
        "figures": [
            {
                "claim": figure.claim_id,
                "words": figure.claim,
                "version": figure.version,
                "now": asdict(figure.counts),
                "before": asdict(figure.before) if figure.before is not None else None,
            }
            for figure in digest.figures
        ],
    }


def sections_as_data(sections: Sequence[Section]) -> list[dict[str, Any]]:
    return [
        {
            "part": section.part.value,
            "lines": [{"claim": line.claim_id, "text": line.text} for line in section.lines],
        }
        for section in sections
    ]


def from_data(workspace: str, event: str, data: Mapping[str, Any]) -> Digest:
    """The digest that `as_data` wrote.

    Raises:
        ValueError: it is of a newer Crux.
    """
    if data["format"] > FORMAT:
        raise ValueError(f"a digest of format {data['format']} is of a newer Crux")
    return Digest(
        workspace=workspace,
        topic=data["topic"],
        key=data["key"],
        title=data["title"],
        thesis_id=data["thesis"],
        at=datetime.fromisoformat(data["at"]),
        event=event,
        sections=tuple(
            Section(Part(section["part"]), tuple(Line(line["text"], line["claim"]) for line in section["lines"]))
            for section in data["sections"]
        ),
        figures=tuple(
            ClaimFigures(
                figure["claim"],
                figure["words"],
                figure["version"],
                Counts(**figure["now"]),
                Counts(**figure["before"]) if figure["before"] is not None else None,
            )
            for figure in data["figures"]
        ),
        summary=Summary(**data["summary"]) if data["summary"] is not None else None,
        before=data["before"],
        since=datetime.fromisoformat(data["since"]) if data["since"] is not None else None,
        quiet=data["quiet"],
        whole=data["whole"],
        hidden=data["hidden"],
    )

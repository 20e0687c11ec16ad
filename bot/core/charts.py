"""The picture of where a group stands, as data: what it shows, whatever draws it, and the same in words.

It is made of `Shared` figures alone, so that all of it has passed `bot.core.disclosure`. Counts only: a picture of bars
needs no percentages.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.core.disclosure import Shared
from bot.core.language import plural, say, spoken
from bot.core.positions import Stance

MOST_CLAIMS: Final = 8
"""Claims that one picture shows: more can't be read on a phone."""

ALT_TEXT: Final = 1500
"""The longest text that stands for a picture, in characters."""

_MARKS: Final = 4
"""Marks that one letter carries, in any language; more of them are there to spill over other lines."""

_JOINERS: Final = "\u200c\u200d"
"""Format characters that letters and emoji are written with; the others reorder or hide text, and are dropped."""


def plain(text: str, most: int | None = None) -> str:
    """A text on one line, without control characters, and at most so many characters long, with an ellipsis."""
    kept: list[str] = []
    marks = 0
    for ch in " ".join(text.split()):
        category = unicodedata.category(ch)
        if category[0] == "C" and ch not in _JOINERS:
            continue
        marks = marks + 1 if category[0] == "M" else 0
        if marks <= _MARKS:
            kept.append(ch)
    said = " ".join("".join(kept).split())
    return said if most is None or len(said) <= most else said[: max(most - 1, 0)].rstrip() + "…"


# -- the data ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ChartedClaim:
    """One claim with its figures now and, where there are some of the same words, those of the last digest.

    `id` and `text` are clean (see `plain`).

    Raises:
        TypeError: figures that did not pass `bot.core.disclosure`.
        ValueError: the two figures are of different claims or of different words.
    """

    id: str
    text: str
    now: Shared
    before: Shared | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", plain(self.id))
        object.__setattr__(self, "text", plain(self.text))
        for figures in (self.now,) if self.before is None else (self.now, self.before):
            if not isinstance(figures, Shared):
                raise TypeError("a picture is made of figures that passed bot.core.disclosure")
            if (figures.claim_id, figures.version) != (self.now.claim_id, self.now.version):
                raise ValueError(f"{self.id}: the figures are not of the same words")

    @property
    def counts(self) -> Mapping[Stance, int]:
        """Members by stance, now."""
        return self.now.counts

    @property
    def voters(self) -> int:
        return self.now.voters

    @property
    def members(self) -> int:
        return self.now.members

    @property
    def missing(self) -> int:
        """Members who have not answered."""
        return self.members - self.voters

    @property
    def open(self) -> bool:
        """Whether those who have not answered could still change whether more than half of all members hold a side."""
        return self.missing > 0 and 2 * max(agreeing(self.counts), disagreeing(self.counts)) <= self.members

    @property
    def swing(self) -> int:
        """How far the balance of agreement and disagreement has moved: in members, towards agreement above 0."""
        return 0 if self.before is None else balance(self.counts) - balance(self.before.counts)

    @property
    def still_open(self) -> str | None:
        """What is to be said of those who have not answered; None if there are none."""
        if not self.missing:
            return None
        if self.open:
            return plural("{number} could still change it", "{number} could still change it", self.missing)
        return plural("{number} has not answered", "{number} have not answered", self.missing)


@dataclass(frozen=True, slots=True)
class StandingChart:
    """Where a group stands on a topic: claims, in the order in which they are shown, and the thesis over time.

    `thesis` has the figures of the thesis at each digest, oldest first; each has its own `at`. `title` is clean.

    Raises:
        TypeError: figures that did not pass `bot.core.disclosure`.
        ValueError: there is no claim, a claim is there twice, or `thesis` has several claims or is not in order.
    """

    title: str
    claims: tuple[ChartedClaim, ...]
    thesis: tuple[Shared, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", plain(self.title))
        if not self.claims:
            raise ValueError("a picture has at least one claim")
        if len({claim.now.claim_id for claim in self.claims}) < len(self.claims):
            raise ValueError("a claim is shown once")
        if not all(isinstance(figures, Shared) for figures in self.thesis):
            raise TypeError("a picture is made of figures that passed bot.core.disclosure")
        if len({figures.claim_id for figures in self.thesis}) > 1:
            raise ValueError("the thesis over time is one claim's")
        if any(one.at >= other.at for one, other in zip(self.thesis, self.thesis[1:], strict=False)):
            raise ValueError("the thesis over time is told oldest first")

    @property
    def shown(self) -> tuple[ChartedClaim, ...]:
        return self.claims[:MOST_CLAIMS]

    @property
    def cut(self) -> int:
        """How many claims have figures and are not shown."""
        return len(self.claims) - len(self.shown)

    @property
    def at(self) -> datetime:
        """When the newest of its figures were taken."""
        return max(claim.now.at for claim in self.claims)

    @property
    def since(self) -> datetime | None:
        """When the figures were taken that claims had before; None where no claim is shown with any."""
        return max((claim.before.at for claim in self.shown if claim.before is not None), default=None)


def standing_chart(
    title: str,
    texts: Mapping[str, str],
    now: Mapping[str, Shared],
    before: Mapping[str, Shared] | None = None,
    thesis: Sequence[Shared] = (),
    thesis_id: str | None = None,
) -> StandingChart | None:
    """The picture of figures by claim id; None where no claim has any.

    `texts` has the claims in words; those without figures are left out, and so are figures without words. `before` are
    the figures of the last digest; those of a claim's earlier words are left out. The thesis comes first, then what
    moved most, then what splits the group.
    """
    earlier = before or {}
    claims = [
        ChartedClaim(
            claim_id,
            text,
            now[claim_id],
            found if (found := earlier.get(claim_id)) is not None and found.version == now[claim_id].version else None,
        )
        for claim_id, text in texts.items()
        if claim_id in now
    ]
    if not claims:
        return None
    claims.sort(key=lambda claim: (claim.now.claim_id != thesis_id, *_news(claim)))
    return StandingChart(title, tuple(claims), tuple(thesis))


def _news(claim: ChartedClaim) -> tuple[float, float, str]:
    return -abs(claim.swing), -claim.now.divisiveness, claim.now.claim_id


# -- counts -----------------------------------------------------------------------------------------------------------


def agreeing(counts: Mapping[Stance, int]) -> int:
    """Members who agree, mildly or strongly."""
    return counts[Stance.AGREE] + counts[Stance.STRONGLY_AGREE]


def disagreeing(counts: Mapping[Stance, int]) -> int:
    """Members who disagree, mildly or strongly."""
    return counts[Stance.DISAGREE] + counts[Stance.STRONGLY_DISAGREE]


def balance(counts: Mapping[Stance, int]) -> int:
    """Who agrees less who disagrees, in members."""
    return agreeing(counts) - disagreeing(counts)


# -- in words ---------------------------------------------------------------------------------------------------------


def alt_text(chart: StandingChart) -> str:
    """What the picture says, for who can't see it: plain sentences with counts, at most 1,500 characters.

    What moved most comes first, then what splits the group. Where room is short, quotations are cut, then earlier
    counts and the quotations left out, then claims: a sentence counts those with the ones that the picture leaves out.
    """
    claims = sorted(chart.shown, key=_news)
    for most, earlier in ((140, True), (90, True), (60, True), (60, False), (40, False), (0, False)):
        said = _sentences(chart, claims, most, chart.cut, earlier=earlier)
        if len(said) <= ALT_TEXT:
            return said
    while len(said) > ALT_TEXT and len(claims) > 1:
        claims.pop()
        said = _sentences(chart, claims, 0, len(chart.claims) - len(claims), earlier=False)
    return plain(said, ALT_TEXT)


def _sentences(chart: StandingChart, claims: Iterable[ChartedClaim], most: int, left_out: int, *, earlier: bool) -> str:
    parts = [_opening(chart)]
    parts += [_claim_in_words(claim, most, earlier=earlier) for claim in claims]
    if left_out:
        parts.append(plural("{number} more claim has figures.", "{number} more claims have figures.", left_out))
    if len(chart.thesis) > 1:
        first, last = chart.thesis[0], chart.thesis[-1]
        parts.append(
            say(
                "The thesis over time: {first} on {first_day}; {last} on {last_day}.",
                first=_held(first.counts),
                first_day=spoken().day(first.at),
                last=_held(last.counts),
                last_day=spoken().day(last.at),
            )
        )
    return " ".join(parts)


def _opening(chart: StandingChart) -> str:
    topic, day = plain(chart.title, 100), spoken().day(chart.at)
    since = spoken().day(chart.since) if chart.since is not None else None
    if topic and since:
        return say("Where the group stands on {topic}, as of {day}, beside {since}.", topic=topic, day=day, since=since)
    if topic:
        return say("Where the group stands on {topic}, as of {day}.", topic=topic, day=day)
    if since:
        return say("Where the group stands on the topic, as of {day}, beside {since}.", day=day, since=since)
    return say("Where the group stands on the topic, as of {day}.", day=day)


def _claim_in_words(claim: ChartedClaim, most: int, *, earlier: bool) -> str:
    named = plain(claim.id, 24)
    if most and claim.text:
        named = say("{claim}, “{words}”", claim=named, words=plain(claim.text, most))
    if claim.swing > 0:
        named = say("{claim}, now more for than before", claim=named)
    elif claim.swing < 0:
        named = say("{claim}, now more against than before", claim=named)
    held = _held(claim.counts, strengths=True)
    counts = say(
        "{voters} of {members} voted: {counts}",
        voters=spoken().number(claim.voters),
        members=spoken().number(claim.members),
        counts=held,
    )
    said = [f"{named}.", f"{counts}; {claim.still_open}." if claim.still_open else f"{counts}."]
    if claim.before is not None and earlier:
        if _same(claim.before.counts, claim.counts):
            said.append(say("As before."))
        else:
            said.append(say("Before, {counts}.", counts=_held(claim.before.counts)))
    return " ".join(said)


def _same(one: Mapping[Stance, int], other: Mapping[Stance, int]) -> bool:
    return all(one[stance] == other[stance] for stance in Stance)


def _held(counts: Mapping[Stance, int], *, strengths: bool = False) -> str:
    """As "4 agree (2 strongly), 1 disagrees, 1 unsure"; a stance that nobody holds is left out."""
    said = []
    if count := agreeing(counts):
        said.append(plural("{number} agrees", "{number} agree", count))
        if strengths and (strongly := counts[Stance.STRONGLY_AGREE]):
            said[-1] = f"{said[-1]} ({_strongly(strongly)})"
    if count := disagreeing(counts):
        said.append(plural("{number} disagrees", "{number} disagree", count))
        if strengths and (strongly := counts[Stance.STRONGLY_DISAGREE]):
            said[-1] = f"{said[-1]} ({_strongly(strongly)})"
    if count := counts[Stance.UNSURE]:
        said.append(plural("{number} unsure", "{number} unsure", count))
    return ", ".join(said)


def _strongly(count: int) -> str:
    return plural("{number} strongly", "{number} strongly", count)

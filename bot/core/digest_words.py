"""What a digest says, in words. Every figure in them comes as `Shared` or `Moved`; see `bot.core.disclosure`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.core.arguments import ArgumentMap, RelationKind, Side
from bot.core.cruxes import DoubleCrux
from bot.core.digest import ClaimFigures, Counts, Digest, Line, Part, Section
from bot.core.disclosure import Moved, Shared
from bot.core.standing_replies import (
    MOST,
    Overall,
    camps_in_words,
    common,
    credits_in_words,
    on_earlier_words,
    open_lead,
    pairs,
    quoted,
    splitting,
    without_figures,
)

LEADS: Final[Mapping[Part, str]] = {
    Part.MOVED: "What moved:",
    Part.CREDITED: "Credited with changed minds:",
    Part.CRUXES: "Candidate cruxes, on which the split may hang:",
    Part.DOUBLES: "Could be talked over by those who differ and both call it a crux:",
    Part.SPLITS: "Splits the group:",
    Part.COMMON: "Common ground:",
    Part.COMMON_AGAINST: "Common ground against:",
    Part.WITHOUT_FIGURES: "Claims that few or none have answered:",
    Part.UNANSWERED: "Arguments that the map has no answer to:",
}
"""What stands above the lines of a section; the lines of the others stand alone."""


@dataclass(frozen=True)
class Findings:
    """What a digest is made of, all of it fit to be shown.

    `before` is the digest that this is compared with, None for the first. `credited` has, by claim, at least how many
    credited an argument with a change on it since. `took_part` is None where too few did; `upcoming` is a claim's id.
    """

    overall: Overall
    before: Digest | None = None
    moved: Mapping[str, Moved] = field(default_factory=dict)
    credited: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    took_part: int | None = None
    upcoming: str | None = None


def sections(found: Findings) -> tuple[Section, ...]:
    """The sections that have something to say, in order; double cruxes are not among them (see `bot.core.digest`)."""
    every = ((part, tuple(lines)) for part, lines in _every(found))
    return tuple(Section(part, lines) for part, lines in every if lines)


def _every(found: Findings) -> Iterable[tuple[Part, Iterable[Line]]]:
    overall = found.overall
    yield Part.THESIS, _thesis(overall)
    yield Part.SHIFT, _shift(found)
    yield Part.CAMPS, [Line(camps_in_words(overall.camps))] if overall.camps is not None else []
    yield Part.MOVED, _moved(found)
    yield Part.CREDITED, _credited(found)
    yield (
        Part.CRUXES,
        [
            Line(f"{quoted(overall, claim_id)}: {words.removeprefix('candidate crux, ')}.", claim_id)
            for claim_id, words in list(overall.cruxes.items())[:MOST]
        ],
    )
    yield Part.SPLITS, _listed(overall, splitting(overall))
    yield Part.COMMON, _listed(overall, common(overall, affirmed=True))
    yield Part.COMMON_AGAINST, _listed(overall, common(overall, affirmed=False))
    yield Part.WITHOUT_FIGURES, _without_figures(overall)
    yield Part.UNANSWERED, [Line(f"{quoted(overall, claim_id)}.") for claim_id in unanswered(overall)[:MOST]]
    yield Part.PARTICIPATION, _participation(found)
    yield Part.NEXT, _next(found)


def _thesis(overall: Overall) -> Iterable[Line]:
    thesis = overall.map.thesis
    figures = overall.figures.get(thesis.id)
    said = f"{figures.words}." if figures is not None else "It has too few answers to show."
    yield Line(f"The thesis, {thesis.id}: “{thesis.claim}”. {said}", thesis.id)
    if thesis.id in overall.earlier:
        yield Line(on_earlier_words(overall, thesis.id), thesis.id)


def _shift(found: Findings) -> Iterable[Line]:
    thesis = found.overall.map.thesis
    if found.before is None:
        return
    if thesis.id in found.moved:
        moved = found.moved[thesis.id]
        yield Line(f"In {found.before.key}, {moved.before.short}. Since then {moved.lean.words}.", thesis.id)
    elif thesis.id in _reworded(found):
        yield Line(f"The thesis was reworded since {found.before.key}, so it is not compared.")
    elif found.overall.whole and thesis.id in found.overall.figures and _had_figures(found.before, thesis.id):
        yield Line(f"Fewer than three members differ on it from {found.before.key}.", thesis.id)


def _moved(found: Findings) -> Iterable[Line]:
    """The claims that moved, those with most moves first: then and now, but not which way their members leaned.

    The sign test is for the thesis alone: of many claims tested, one in twenty would come out for nothing.
    """
    thesis = found.overall.map.thesis.id
    claims = [moved for moved in found.moved.values() if moved.claim_id != thesis]
    for moved in sorted(claims, key=lambda each: (-(each.lean.moves or 0), each.claim_id))[:MOST]:
        took = f"; {moved.lean.moves} members took another stance" if moved.lean.moves is not None else ""
        yield Line(f"{quoted(found.overall, moved.claim_id)}: {moved.words}{took}.", moved.claim_id)
    if others := [claim_id for claim_id in _reworded(found) if claim_id != thesis]:
        yield Line(f"Reworded since, and not compared: {', '.join(others)}.")


def _reworded(found: Findings) -> list[str]:
    """Claims that the digest before had figures of, for other words than they have now."""
    before = found.before.figures if found.before is not None else ()
    the_map = found.overall.map
    return [f.claim_id for f in before if f.claim_id in the_map and the_map[f.claim_id].version != f.version]


def _had_figures(before: Digest, claim_id: str) -> bool:
    return any(figure.claim_id == claim_id for figure in before.figures)


def _credited(found: Findings) -> Iterable[Line]:
    the_map = found.overall.map
    given = [
        (at_least, claim_id, argument_id)
        for claim_id, arguments in found.credited.items()
        for argument_id, at_least in arguments.items()
        if claim_id in the_map and argument_id in the_map
    ]
    for at_least, claim_id, argument_id in sorted(given, key=lambda each: (-each[0], *each[1:]))[:MOST]:
        words = f"{quoted(found.overall, argument_id)}, on {claim_id}: {credits_in_words(at_least)}."
        yield Line(words, claim_id)


def _listed(overall: Overall, claims: Sequence[Shared]) -> list[Line]:
    return [
        Line(f"{quoted(overall, figures.claim_id)}: {figures.short}.", figures.claim_id) for figures in claims[:MOST]
    ]


def _without_figures(overall: Overall) -> Iterable[Line]:
    claims = without_figures(overall)
    if not claims:
        return
    yield Line(open_lead(overall).replace(", among them:", "."))
    yield from (Line(f"{quoted(overall, claim_id)}.") for claim_id in claims[:MOST])


def unanswered(overall: Overall) -> list[str]:
    """Arguments of either side that nothing in the map attacks, nor the step from them.

    First those that the group leans to most, then the strongest: an answer is most wanted there.
    """
    found = [argument.id for argument in overall.map.arguments if argument.side is not Side.NEUTRAL]
    left = [claim_id for claim_id in found if not _attacked(overall.map, claim_id)]
    leaning = {claim_id: figures.common_ground() for claim_id, figures in overall.figures.items()}
    return sorted(left, key=lambda each: (-max(0.0, leaning.get(each, 0.0)), -overall.map.strengths[each], each))


def _attacked(the_map: ArgumentMap, claim_id: str) -> bool:
    return bool(the_map.relations_to(claim_id, RelationKind.REBUTS, RelationKind.UNDERCUTS))


def _participation(found: Findings) -> Iterable[Line]:
    if found.took_part is None:
        return
    size = max([found.took_part, *(figures.members for figures in found.overall.figures.values())])
    if found.before is None:
        yield Line(f"{found.took_part} of {size} members hold a position that is counted here.")
    else:
        since = f"since {found.before.key}"
        yield Line(f"{found.took_part} of {size} members took a position that is counted here {since}.")


def _next(found: Findings) -> Iterable[Line]:
    if found.upcoming is not None and found.upcoming in found.overall.map:
        yield Line(f"Next to be put to the group: {quoted(found.overall, found.upcoming)}.")


# -- figures and pairs ------------------------------------------------------------------------------------------------


def figures(found: Findings) -> tuple[ClaimFigures, ...]:
    """The counts of every claim that has any, by claim id."""
    overall = found.overall
    return tuple(
        ClaimFigures(
            claim_id,
            overall.map[claim_id].claim,
            shared.version,
            _counts(shared),
            _counts(found.moved[claim_id].before) if claim_id in found.moved else None,
        )
        for claim_id, shared in sorted(overall.figures.items())
    )


def _counts(shared: Shared) -> Counts:
    return Counts(shared.voters, shared.members, shared.agree, shared.disagree, shared.unsure)


def double_lines(digest: Digest, doubles: Iterable[DoubleCrux], names: Mapping[str, str]) -> tuple[Line, ...]:
    """The double cruxes of a digest, with the names of pairs that are public and whose names are known."""
    words = {figure.claim_id: figure.claim for figure in digest.figures}
    known = [double for double in doubles if double.claim_id in words]
    return tuple(
        Line(f"{double.claim_id}, “{words[double.claim_id]}”: {pairs(_named(double, names), names)}.", double.claim_id)
        for double in known[:MOST]
    )


def _named(double: DoubleCrux, names: Mapping[str, str]) -> DoubleCrux:
    """A double crux that names nobody whose name isn't known: an id is no name."""
    sides = [tuple(who for who in side if who in names) for side in (double.agreeing, double.disagreeing)]
    return DoubleCrux(double.claim_id, double.pairs, *(sides if all(sides) else ((), ())))


def with_pairs(digest: Digest, lines: tuple[Line, ...]) -> tuple[Section, ...]:
    """All sections of a digest, those of its double cruxes in their place."""
    every = [*digest.sections, *([Section(Part.DOUBLES, lines)] if lines else [])]
    order = list(Part)
    return tuple(sorted(every, key=lambda section: order.index(section.part)))


# -- the paragraph over the figures -----------------------------------------------------------------------------------


def summary(digest: Digest) -> str:
    """Two to four sentences over the figures: the model's where it wrote some, else made from what the digest has."""
    if digest.summary is not None:
        return digest.summary.text
    return " ".join(filter(None, (_on_thesis(digest), _on_moves(digest), _on_split(digest), _on_ground(digest))))


def _on_thesis(digest: Digest) -> str:
    thesis = next((figure for figure in digest.figures if figure.claim_id == digest.thesis_id), None)
    if thesis is None:
        return "On the thesis there are too few answers to show."
    counts = thesis.counts
    if counts.agree == counts.disagree:
        lean = "is split evenly on" if counts.agree else "takes no side on"
    else:
        lean = "leans towards" if counts.agree > counts.disagree else "leans against"
    held = ((counts.agree, "agree"), (counts.disagree, "disagree"), (counts.unsure, "unsure"))
    said = listed([f"{count} {words}" for count, words in held if count])
    return f"The group {lean} the thesis: of {counts.voters} who voted, {said}."


def _on_moves(digest: Digest) -> str:
    compared = {figure.claim_id for figure in digest.figures if figure.before is not None}
    lines = digest.lines(Part.SHIFT, Part.MOVED)
    moved = [line.claim_id for line in lines if line.claim_id is not None and line.claim_id in compared]
    return f"Since {digest.before} most has moved on {listed(moved)}." if moved else ""


def _on_split(digest: Digest) -> str:
    if cruxes := digest.lines(Part.CRUXES):
        return f"What the split may hang on is {cruxes[0].claim_id}."
    if splits := digest.lines(Part.SPLITS):
        return f"What splits the group most is {splits[0].claim_id}."
    return ""


def _on_ground(digest: Digest) -> str:
    if ground := digest.lines(Part.COMMON):
        return f"Common ground is {listed([line.claim_id or '' for line in ground])}."
    return ""


def listed(ids: Sequence[str]) -> str:
    """As "T-01, T-02 and T-03"."""
    return ids[0] if len(ids) == 1 else f"{', '.join(ids[:-1])} and {ids[-1]}"

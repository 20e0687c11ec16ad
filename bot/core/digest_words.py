"""What a digest says, in words. Every figure in them comes as `Shared` or `Moved`; see `bot.core.disclosure`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.core.arguments import ArgumentMap, RelationKind, Side
from bot.core.cruxes import DoubleCrux
from bot.core.digest import ClaimFigures, Counts, Digest, Line, Part, Section
from bot.core.disclosure import Moved, Shared
from bot.core.language import mark, plural, say, spoken
from bot.core.standing import sides_in_words
from bot.core.standing_replies import (
    MOST,
    Overall,
    camps_in_words,
    common,
    credits_in_words,
    on_earlier_words,
    pairs,
    quoted,
    splitting,
    without_figures,
)

LEADS: Final[Mapping[Part, str]] = {
    Part.MOVED: mark("What moved:"),
    Part.CREDITED: mark("Credited with changed minds:"),
    Part.CRUXES: mark("Candidate cruxes, on which the split may hang:"),
    Part.DOUBLES: mark("Could be talked over by those who differ and both call it a crux:"),
    Part.SPLITS: mark("Splits the group:"),
    Part.COMMON: mark("Common ground:"),
    Part.COMMON_AGAINST: mark("Common ground against:"),
    Part.WITHOUT_FIGURES: mark("Claims that few or none have answered:"),
    Part.UNANSWERED: mark("Arguments that the map has no answer to:"),
}
"""What stands above the lines of a section; the lines of the others stand alone."""


def lead(part: Part) -> str | None:
    """What stands above the lines of a section, without a stop; None where they stand alone."""
    found = LEADS.get(part)
    return None if found is None else say(found)


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
            Line(f"{quoted(overall, claim_id)}: {words}.", claim_id)
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
    said = f"{figures.words}." if figures is not None else say("It has too few answers to show.")
    lead = say("The thesis, {thesis}: “{words}”.", thesis=thesis.id, words=thesis.claim)
    yield Line(f"{lead} {said}", thesis.id)
    if thesis.id in overall.earlier:
        yield Line(on_earlier_words(overall, thesis.id), thesis.id)


def _shift(found: Findings) -> Iterable[Line]:
    thesis = found.overall.map.thesis
    if found.before is None:
        return
    if thesis.id in found.moved:
        moved = found.moved[thesis.id]
        yield Line(
            say(
                "In {digest}, {counts}. Since then: {moves}.",
                digest=found.before.key,
                counts=moved.before.short,
                moves=moved.lean.words,
            ),
            thesis.id,
        )
    elif thesis.id in _reworded(found):
        yield Line(say("The thesis was reworded since {digest}, so it is not compared.", digest=found.before.key))
    elif found.overall.whole and thesis.id in found.overall.figures and _had_figures(found.before, thesis.id):
        yield Line(say("Fewer than three members differ on it from {digest}.", digest=found.before.key), thesis.id)


def _moved(found: Findings) -> Iterable[Line]:
    """The claims that moved, those with most moves first: then and now, but not which way their members leaned.

    The sign test is for the thesis alone: of many claims tested, one in twenty would come out for nothing.
    """
    thesis = found.overall.map.thesis.id
    claims = [moved for moved in found.moved.values() if moved.claim_id != thesis]
    for moved in sorted(claims, key=lambda each: (-(each.lean.moves or 0), each.claim_id))[:MOST]:
        said = f"{quoted(found.overall, moved.claim_id)}: {moved.words}"
        if (moves := moved.lean.moves) is not None:
            took = plural("{number} member took another stance", "{number} members took another stance", moves)
            said = f"{said}; {took}"
        yield Line(f"{said}.", moved.claim_id)
    if others := [claim_id for claim_id in _reworded(found) if claim_id != thesis]:
        yield Line(say("Reworded since, and not compared: {claims}.", claims=", ".join(others)))


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
        words = say(
            "{argument}, on {claim}: {credits}.",
            argument=quoted(found.overall, argument_id),
            claim=claim_id,
            credits=credits_in_words(at_least),
        )
        yield Line(words, claim_id)


def _listed(overall: Overall, claims: Sequence[Shared]) -> list[Line]:
    return [
        Line(f"{quoted(overall, figures.claim_id)}: {figures.short}.", figures.claim_id) for figures in claims[:MOST]
    ]


def _without_figures(overall: Overall) -> Iterable[Line]:
    claims = without_figures(overall)
    if not claims:
        return
    yield Line(say("Without figures yet are {open} of {all} claims.", open=len(claims), all=len(overall.map)))
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
        yield Line(
            say(
                "{some} of {all} members hold a position that is counted here.",
                some=spoken().number(found.took_part),
                all=spoken().number(size),
            )
        )
    else:
        yield Line(
            say(
                "{some} of {all} members took a position that is counted here since {digest}.",
                some=spoken().number(found.took_part),
                all=spoken().number(size),
                digest=found.before.key,
            )
        )


def _next(found: Findings) -> Iterable[Line]:
    if found.upcoming is not None and found.upcoming in found.overall.map:
        yield Line(say("Next to be put to the group: {claim}.", claim=quoted(found.overall, found.upcoming)))


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
        Line(
            say(
                "{claim}, “{words}”: {pairs}.",
                claim=double.claim_id,
                words=words[double.claim_id],
                pairs=pairs(_named(double, names), names),
            ),
            double.claim_id,
        )
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
        return say("On the thesis there are too few answers to show.")
    counts = thesis.counts
    if counts.agree == counts.disagree:
        said = (
            mark("The group is split evenly on the thesis: of {voters} who voted, {counts}.")
            if counts.agree
            else mark("The group takes no side on the thesis: of {voters} who voted, {counts}.")
        )
    elif counts.agree > counts.disagree:
        said = mark("The group leans towards the thesis: of {voters} who voted, {counts}.")
    else:
        said = mark("The group leans against the thesis: of {voters} who voted, {counts}.")
    sides = sides_in_words(counts.agree, counts.disagree, counts.unsure)
    return say(said, voters=spoken().number(counts.voters), counts=spoken().listed(sides))


def _on_moves(digest: Digest) -> str:
    compared = {figure.claim_id for figure in digest.figures if figure.before is not None}
    lines = digest.lines(Part.SHIFT, Part.MOVED)
    moved = [line.claim_id for line in lines if line.claim_id is not None and line.claim_id in compared]
    if not moved:
        return ""
    return say("Since {digest} most has moved on {claims}.", digest=digest.before, claims=spoken().listed(moved))


def _on_split(digest: Digest) -> str:
    if cruxes := digest.lines(Part.CRUXES):
        return say("What the split may hang on is {claim}.", claim=cruxes[0].claim_id)
    if splits := digest.lines(Part.SPLITS):
        return say("What splits the group most is {claim}.", claim=splits[0].claim_id)
    return ""


def _on_ground(digest: Digest) -> str:
    if ground := digest.lines(Part.COMMON):
        return say("Common ground is {claims}.", claims=spoken().listed([line.claim_id or "" for line in ground]))
    return ""

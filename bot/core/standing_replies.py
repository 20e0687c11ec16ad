"""The bot's words on where the group stands. Every figure in them comes as `Shared`; see `bot.core.disclosure`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bot.core.actions import stand_action
from bot.core.arguments import ArgumentMap
from bot.core.cruxes import MARKS, SPLIT, DoubleCrux
from bot.core.disclosure import TOO_FEW, Camps, Shared
from bot.core.language import capital, mark, plural, say, spoken
from bot.core.messages import Button, Listing, Message, Paragraph
from bot.core.shifts import p_in_words

MOST: Final = 3
"""Claims of one section: a standing is read in chat."""

COMMON: Final = 0.5
"""(A - D) / (S + 2) from which a claim is common ground; 3 to 0 is .6, 6 to 1 is .56, 5 to 1 is .5."""


ASKED: Final = mark("it is being asked, so its figures wait until the prompt closes")


@dataclass(frozen=True)
class Overall:
    """What may be shown of a topic: figures by claim id, cruxes in words by claim id, double cruxes, credits.

    `earlier` has figures of claims that were reworded since, for their earlier words. `names` has the names of members
    whose positions are public, `credited` at least how many credit an argument.
    `asked` are the claims that a prompt is open on, which have no figures meanwhile.
    `camps` is None where nothing may be said of camps; `whole` is false where there are too many positions to look for
    cruxes and camps among them.
    """

    map: ArgumentMap
    figures: Mapping[str, Shared]
    earlier: Mapping[str, Shared] = field(default_factory=dict)
    cruxes: Mapping[str, str] = field(default_factory=dict)
    doubles: Sequence[DoubleCrux] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    credited: Mapping[str, int] = field(default_factory=dict)
    camps: Camps | None = None
    asked: frozenset[str] = frozenset()
    whole: bool = True


# -- the topic --------------------------------------------------------------------------------------------------------


def standing(overall: Overall) -> Message:
    """Where the group stands on a topic; sections that have nothing to say are left out."""
    thesis = overall.map.thesis
    buttons = (Button(say("Where do I stand?"), stand_action(overall.map.id, thesis.id)),)
    title = say("Where the group stands: {title}", title=overall.map.title)
    if not overall.figures:
        how = say(
            "`/stand {thesis} agree` records what you hold on the thesis: “{words}”.",
            thesis=thesis.id,
            words=thesis.claim,
        )
        text = f"{_nothing_to_show(overall)} {how}"
        before = [Paragraph(on_earlier_words(overall, thesis.id))] if thesis.id in overall.earlier else []
        return Message((Paragraph(text), *before), title=title, buttons=buttons)
    blocks: list[Paragraph | Listing] = [
        Paragraph(
            say(
                "The thesis, {thesis}: “{words}”. {figures}.",
                thesis=thesis.id,
                words=thesis.claim,
                figures=capital(_figures(overall, thesis.id)),
            )
        )
    ]
    if thesis.id in overall.earlier:
        blocks.append(Paragraph(on_earlier_words(overall, thesis.id)))
    if overall.camps is not None:
        blocks.append(Paragraph(camps_in_words(overall.camps)))
    for lead, items in _sections(overall):
        if items:
            blocks += [Paragraph(lead), Listing(tuple(items))]
    notes = [when_it_moves(max(figures.at for figures in overall.figures.values()))]
    if overall.asked:
        notes.append(
            say(
                "Being asked, so without figures until its prompt closes: {claims}.",
                claims=", ".join(sorted(overall.asked)),
            )
        )
    if not overall.whole:
        notes.append(say("There are too many positions to look for cruxes and camps among them here."))
    return Message(tuple(blocks), title=title, notes=tuple(notes), buttons=buttons)


def _nothing_to_show(overall: Overall) -> str:
    asked = ", ".join(sorted(overall.asked))
    match bool(overall.asked), bool(overall.earlier):
        case False, False:
            return say("No claim has three answers yet, so there is nothing to show.")
        case False, True:
            return say("No claim has three answers on its present words yet, so there is nothing to show.")
        case True, False:
            return say(
                "What is being asked ({claims}) aside, no claim has three answers yet, so there is nothing to show.",
                claims=asked,
            )
        case _:
            return say(
                "What is being asked ({claims}) aside, no claim has three answers on its present words yet, so there "
                "is nothing to show.",
                claims=asked,
            )


def _sections(overall: Overall) -> Iterable[tuple[str, list[str]]]:
    yield (
        say("Candidate cruxes, on which the split may hang:"),
        [f"{quoted(overall, claim_id)}: {words}." for claim_id, words in list(overall.cruxes.items())[:MOST]],
    )
    yield (
        say("Could be talked over by those who differ and both call it a crux:"),
        [f"{_once(overall, double.claim_id)}: {pairs(double, overall.names)}." for double in overall.doubles[:MOST]],
    )
    yield say("Splits the group:"), [_line(overall, figures) for figures in splitting(overall)[:MOST]]
    yield say("Common ground:"), [_line(overall, figures) for figures in common(overall, affirmed=True)[:MOST]]
    yield say("Common ground against:"), [_line(overall, figures) for figures in common(overall, affirmed=False)[:MOST]]
    yield (
        say("Changed minds, by those who said so:"),
        [
            f"{quoted(overall, argument_id)}: {credits_in_words(count)}."
            for argument_id, count in list(overall.credited.items())[:MOST]
        ],
    )
    yield open_lead(overall), [f"{quoted(overall, claim_id)}." for claim_id in without_figures(overall)[:MOST]]


def splitting(overall: Overall) -> list[Shared]:
    """Claims that split the group and are no candidate cruxes, most divisive first."""
    found = [
        figures
        for claim_id, figures in _others(overall).items()
        if figures.divisiveness >= SPLIT and claim_id not in overall.cruxes
    ]
    return sorted(found, key=lambda figures: (-figures.divisiveness, figures.claim_id))


def common(overall: Overall, *, affirmed: bool) -> list[Shared]:
    """What the whole group leans to or, where there are two camps, what each of them leans to."""

    def ground(figures: Shared) -> float:
        if overall.camps is None or overall.camps.sizes is None:
            return figures.common_ground(affirmed=affirmed)
        return overall.camps.ground.get(figures.claim_id, (0.0, 0.0))[0 if affirmed else 1]

    found = [figures for figures in _others(overall).values() if ground(figures) >= COMMON]
    return sorted(found, key=lambda figures: (-ground(figures), figures.claim_id))


def camps_in_words(camps: Camps) -> str:
    if camps.sizes is None:
        return say(
            "No stable camps: a group along one line can look like this, and so can camps that few answers hide."
        )
    larger, smaller = camps.sizes
    p = p_in_words(camps.p)
    return say(
        "Two camps, of {larger} and {smaller} members ({p}); common ground is what both of them lean to.",
        larger=larger,
        smaller=smaller,
        p=p,
    )


def without_figures(overall: Overall) -> list[str]:
    """Claims without figures, the strongest first. Whether they have one answer, two or none is not told apart."""
    strengths = overall.map.strengths
    found = [
        argument.id
        for argument in overall.map
        if argument.id not in overall.figures and argument.id not in overall.asked
    ]
    return sorted(found, key=lambda claim_id: (-strengths[claim_id], claim_id))


def open_lead(overall: Overall) -> str:
    return say(
        "Without figures yet are {open} of {all} claims, among them:",
        open=len(without_figures(overall)),
        all=len(overall.map),
    )


def _others(overall: Overall) -> Mapping[str, Shared]:
    """The figures of the map's claims but the thesis; a claim that is gone from the map is not shown."""
    return {
        claim_id: figures
        for claim_id, figures in overall.figures.items()
        if claim_id in overall.map and claim_id != overall.map.thesis.id
    }


# -- one claim --------------------------------------------------------------------------------------------------------


def standing_on(overall: Overall, claim_id: str) -> Message:
    """Where the group stands on one claim."""
    figures = overall.figures.get(claim_id)
    blocks = [Paragraph(f"{quoted(overall, claim_id)}."), Paragraph(f"{capital(_figures(overall, claim_id))}.")]
    if claim_id in overall.earlier:
        blocks.append(Paragraph(on_earlier_words(overall, claim_id)))
    if claim_id in overall.cruxes:
        blocks.append(Paragraph(say("Candidate crux, {marked}.", marked=overall.cruxes[claim_id])))
    elif figures is not None and figures.marks >= MARKS:
        blocks.append(Paragraph(say("Marked as a crux by {marks}.", marks=spoken().number(figures.marks))))
    blocks += [
        Paragraph(say("Differ on it, and both call it a crux: {pairs}.", pairs=pairs(double, overall.names)))
        for double in overall.doubles
        if double.claim_id == claim_id
    ]
    if claim_id in overall.credited:
        blocks.append(Paragraph(say("Changed minds: {credits}.", credits=credits_in_words(overall.credited[claim_id]))))
    return Message(
        tuple(blocks),
        title=say("Where the group stands on {claim}", claim=claim_id),
        notes=(when_it_moves(figures.at),) if figures is not None else (),
        buttons=(Button(say("Where do I stand?"), stand_action(overall.map.id, claim_id)),),
    )


# -- parts ------------------------------------------------------------------------------------------------------------


def when_it_moves(at: datetime) -> str:
    return say(
        "As of {day}. A claim's figures move on when three members or more have changed, so what you "
        "recorded last may not be in them.",
        day=spoken().day(at),
    )


def _figures(overall: Overall, claim_id: str) -> str:
    if claim_id in overall.asked:
        return say(ASKED)
    return overall.figures[claim_id].words if claim_id in overall.figures else say(TOO_FEW)


def on_earlier_words(overall: Overall, claim_id: str) -> str:
    """The figures that a claim had before it was reworded: votes stay with the words that they were cast on."""
    figures = overall.earlier[claim_id]
    words = overall.map[claim_id].claim_as_of(figures.version)
    return say("On its earlier words, “{words}”: {counts}.", words=words, counts=figures.short)


def quoted(overall: Overall, claim_id: str) -> str:
    return say("{claim}, “{words}”", claim=claim_id, words=overall.map[claim_id].claim)


def _once(overall: Overall, claim_id: str) -> str:
    """A claim with its words, unless the candidate cruxes above have them."""
    return claim_id if claim_id in list(overall.cruxes)[:MOST] else quoted(overall, claim_id)


def _line(overall: Overall, figures: Shared) -> str:
    return f"{quoted(overall, figures.claim_id)}: {figures.short}."


def pairs(double: DoubleCrux, names: Mapping[str, str]) -> str:
    """The pairs of a double crux: those that are public by name, and how many others there are."""

    def called(member: str) -> str:
        return names.get(member, member)

    said = [
        say("{one} (agrees) and {other} (disagrees)", one=called(agrees), other=called(disagrees))
        for agrees, disagrees in double.named
    ]
    rest = double.pairs - len(said[:MOST])
    if rest:
        said[MOST:] = [
            plural("{number} more pair of members", "{number} more pairs of members", rest)
            if said
            else plural("{number} pair of members", "{number} pairs of members", rest)
        ]
    return "; ".join(said)


def credits_in_words(at_least: int) -> str:
    return plural("{number} member or more credits it", "{number} members or more credit it", at_least)

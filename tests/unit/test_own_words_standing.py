"""Where a group stands, in words, digests and pictures, in the language that is spoken: every branch of it.

`test_own_words` talks to the bot; here is what takes more members, weeks or luck to be said.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from itertools import combinations, product
from string import Formatter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.charts import picture
from bot.charts.boxes import Picture, Text
from bot.charts.layout import MOST_HEIGHT, laid_out
from bot.charts.page import LEFT, RIGHT
from bot.charts.typesetting import typeset
from bot.core import cruxes, digest_replies, digest_words, standing, standing_replies
from bot.core.charts import ALT_TEXT, StandingChart, alt_text
from bot.core.cruxes import Crux, DoubleCrux, Evidence, Table
from bot.core.digest import Counts, Digest, Line, Part, Section, Summary, without
from bot.core.digest_files import as_json, html, markdown
from bot.core.digest_words import LEADS, Findings
from bot.core.disclosure import Camps, Lean, Shared, candidate_cruxes, moved, shared
from bot.core.kept import PublishedClaim
from bot.core.language import English, speaking
from bot.core.messages import Message, Paragraph
from bot.core.positions import Position, Stance
from bot.core.standing import Tally
from bot.core.standing_replies import Overall
from bot.errors import CruxError
from tests.charts import AT, chart_of, figures, samples
from tests.integration.values import a_digest
from tests.pseudo import Pseudo, untranslated
from tests.unit.charting import charts
from tests.unit.group import OTHER, TEA, Group
from tests.unit.maps import argument
from tests.unit.test_digests import first_week, named, second_week
from tests.unit.test_overview import MEMBERS

NAMES = ("ann", "ben", "cyd", "dan")
CELLS = st.lists(st.integers(0, 12) | st.integers(0, 3000), min_size=5, max_size=5)


def pseudo() -> AbstractContextManager[None]:
    return speaking(Pseudo())


def left_over(*said: str | Message) -> list[str]:
    """What is not said in the language that is spoken."""
    messages = [each if isinstance(each, Message) else Message((Paragraph(each),)) for each in said]
    return [text for message in messages for text in untranslated(message, (TEA, OTHER, RENAMED), NAMES)]


# -- figures ----------------------------------------------------------------------------------------------------------


@given(CELLS, st.integers(0, 3000))
def test_figures(cells: list[int], more: int) -> None:
    tally = Tally("T-01", dict(zip(Stance, cells, strict=True)), sum(cells) + more)
    with pseudo():
        assert left_over(standing.in_words(tally), standing.counts_in_words(tally)) == []


@given(CELLS, st.integers(0, 3000))
def test_all_numbers_of_a_figure_are_written_alike(cells: list[int], more: int) -> None:
    tally = Tally("T-01", dict(zip(Stance, cells, strict=True)), sum(cells) + more)
    assert not re.search(r"\d{4}", standing.in_words(tally)), "thousands are set apart in all of them or in none"


@pytest.mark.parametrize(
    ("table", "tested"), list(product((Table(4, 0, 0, 4), Table(0, 4, 4, 0), Table(2, 2, 2, 2)), (0, 1, 2)))
)
def test_candidate_cruxes(table: Table, tested: int) -> None:
    tally = Tally("T-01", {Stance.AGREE: 4, Stance.DISAGREE: 4}, 9)
    with pseudo():
        for p in (None, 0.0001, 0.029, 0.4):
            assert left_over(cruxes.in_words(Crux(Evidence(tally, 3, table), p, tested))) == []
        few = Tally("T-01", {Stance.AGREE: 2}, 9)
        assert left_over(cruxes.in_words(Crux(Evidence(few, 2, Table()), None, 0))) == []


@pytest.mark.parametrize("lean", [Lean(None, None, None), Lean(1, None, None), Lean(7, None, None)])
def test_leans_that_are_none(lean: Lean) -> None:
    with pseudo():
        assert left_over(lean.words) == []


@pytest.mark.parametrize(("moves", "towards", "bound"), list(product((1, 6, 1200), (True, False), (0.0001, 0.031))))
def test_leans(moves: int, towards: bool, bound: float) -> None:
    lean = Lean(moves, towards, bound)
    with pseudo():
        assert left_over(lean.words) == []
    assert ("disagreement" in lean.words) is not towards
    assert ("p < .001" if bound < 0.001 else "p ≤ .031") in lean.words


# -- where the group stands -------------------------------------------------------------------------------------------

RENAMED = replace(
    TEA, thesis=argument("T-00", claim="The thesis has another wording now", version=2, earlier=(TEA.thesis.claim,))
)
"""The map with its thesis reworded."""

FIVE = (1, 2, 3, 1, 1)
SPLIT = (2, 2, 2, 2, 0)
FOR = (0, 0, 5, 3, 0)
AGAINST = (3, 5, 0, 0, 0)


def marked(claim_id: str, cells: Sequence[int], marks: int) -> Mapping[str, Shared]:
    tally = Tally(claim_id, dict(zip(Stance, cells, strict=True)), sum(cells))
    return shared([PublishedClaim(claim_id, tally, marks, AT)])


def crux_words() -> Mapping[str, str]:
    """A candidate crux that goes with the thesis, in the language that is spoken."""
    stances = [Stance.AGREE] * 4 + [Stance.DISAGREE] * 4
    positions = [
        Position("w", "small", claim, 1, f"m{number}", stance, AT, crux=True)
        for claim in ("T-00", "T-01")
        for number, stance in enumerate(stances)
    ]
    published = [PublishedClaim(claim, Tally.of(claim, stances, 8), 8, AT) for claim in ("T-00", "T-01")]
    return candidate_cruxes(published, positions, "T-00")


DOUBLES = (
    DoubleCrux("T-01", 1),
    DoubleCrux("T-02", 4),
    DoubleCrux("T-03", 1, ("ann",), ("ben",)),
    DoubleCrux("T-03", 2, ("ann",), ("ben",)),
    DoubleCrux("T-03", 9, ("ann", "cyd"), ("ben", "dan")),
)


def overalls() -> Iterable[Overall]:
    """One of each kind, worded in the language that is spoken."""
    earlier = figures("T-00", FIVE, 9)
    for asked, before in product((frozenset[str](), frozenset({"T-01", "T-02"})), ({}, earlier)):
        yield Overall(RENAMED, {}, earlier=before, asked=asked)
    some = {
        **figures("T-00", FIVE, 9),
        **figures("T-01", SPLIT, 9),
        **marked("T-02", FOR, 3),
        **figures("T-03", AGAINST, 9),
        **figures("T-04", SPLIT, 9),
    }
    for camps in (None, Camps(0.4, None, {}), Camps(0.01, (9, 7), {"T-02": (0.6, -0.6), "T-03": (-0.6, 0.6)})):
        for doubles in (DOUBLES[:3], DOUBLES[3:]):
            yield Overall(
                RENAMED,
                some,
                earlier=earlier,
                cruxes=crux_words(),
                doubles=doubles,
                names={name: name for name in NAMES},
                credited={"T-02": 1, "T-04": 6},
                camps=camps,
                asked=frozenset({"T-05"}),
                whole=camps is not None,
            )
    yield Overall(TEA, {claim: found for claim, found in some.items() if claim != "T-00"})


def test_where_the_group_stands() -> None:
    with pseudo():
        for overall in overalls():
            assert left_over(standing_replies.standing(overall)) == []


def test_where_the_group_stands_on_a_claim() -> None:
    with pseudo():
        for overall, claim in product(overalls(), overalls_claims()):
            assert left_over(standing_replies.standing_on(overall, claim)) == []


def overalls_claims() -> list[str]:
    return [claim.id for claim in TEA]


def test_the_cases_say_all_that_can_be_said() -> None:
    """Against cases that pass since they say little."""
    said = "\n".join(
        text
        for overall in overalls()
        for message in (
            standing_replies.standing(overall),
            *(standing_replies.standing_on(overall, claim) for claim in overalls_claims()),
        )
        for text in (message.text, *message.notes)
    )
    for words in (
        "No claim has three answers yet",
        "No claim has three answers on its present words yet",
        "aside, no claim has three answers yet",
        "aside, no claim has three answers on its present words yet",
        "On its earlier words",
        "Too few to show",
        "It is being asked",
        "No stable camps",
        "Two camps, of 9 and 7 members",
        "marked by 8; 8 of 8 voted: 4 agree, 4 disagree; goes with the thesis",
        "Candidate crux, marked by 8",
        "Marked as a crux by 3.",
        "1 pair of members.",
        "4 pairs of members.",
        "ann (agrees) and ben (disagrees).",
        "1 more pair of members.",
        "more pairs of members.",
        "Differ on it",
        "Splits the group:",
        "Common ground:",
        "Common ground against:",
        "Changed minds, by those who said so:",
        "Changed minds: 6 members or more credit it.",
        "Without figures yet are",
        "Being asked, so without figures",
        "There are too many positions",
        "As of 9 November 2026.",
    ):
        assert words in said, words


# -- digests ----------------------------------------------------------------------------------------------------------


def snapshots(claim_id: str, before: str, after: str) -> list[tuple[list[PublishedClaim], list[Position]]]:
    """What members held on a claim then and now, a letter each, and the snapshots of that."""
    letters = {"a": Stance.AGREE, "d": Stance.DISAGREE, "u": Stance.UNSURE}
    found = []
    for stances in (before, after):
        held = [
            Position("w", "small", claim_id, 1, f"m{number}", letters[letter], AT)
            for number, letter in enumerate(stances)
            if letter in letters
        ]
        tally = Tally.of(claim_id, [position.stance for position in held if position.stance], len(stances))
        found.append(([PublishedClaim(claim_id, tally, 0, AT)], held))
    return found


def findings() -> Iterable[Findings]:
    """One of each kind."""
    before = a_digest(key="2026-W45", figures=())
    for overall in overalls():
        yield Findings(overall)
        yield Findings(overall, took_part=5, upcoming="T-03")
        yield Findings(overall, a_digest(), took_part=5, credited={"T-01": {"T-02": 3, "T-04": 6}})
    figured = replace(
        before,
        figures=tuple(
            replace(figure, claim_id=claim_id, version=version)
            for figure in a_digest().figures[:1]
            for claim_id, version in (("T-00", 1), ("T-01", 1), ("T-02", 7), ("T-03", 7))
        ),
    )
    known = Overall(TEA, {**figures("T-00", FIVE, 9), **figures("T-01", SPLIT, 9)})
    yield Findings(known, figured)
    yield Findings(replace(known, map=RENAMED), figured)
    for then, now in (
        ("aaaaaaaaa", "ddddddddd"),
        ("ddddddddd", "aaaaaaaaa"),
        ("aadddaa", "ddaaaaa"),
        ("aaa---", "aaaaaa"),
    ):
        pairs = [snapshots(claim, then, now) for claim in ("T-00", "T-01")]
        yield Findings(known, figured, moved={k: v for old, new in pairs for k, v in moved(*old, *new).items()})


def digests() -> Iterable[Digest]:
    """Digests of all that can be found, as they are kept; of several languages, as they were written."""
    for found in findings():
        made = replace(
            a_digest(),
            title=TEA.title,
            thesis_id="T-00",
            sections=digest_words.sections(found),
            figures=digest_words.figures(found),
            before=found.before.key if found.before else None,
            since=AT - timedelta(weeks=1) if found.before else None,
            summary=None,
            quiet=False,
            whole=True,
            hidden=False,
        )
        yield made
        if found.before is not None:
            yield replace(made, quiet=True)
            yield replace(made, quiet=True, sections=())
        yield replace(made, whole=False, summary=Summary("“Said by a model.”", "“m”", "digest:1"))
        yield without(made, [figure.claim_id for figure in made.figures[1:]], [])
        yield replace(made, figures=(), hidden=True)


def test_the_words_of_a_digest() -> None:
    with pseudo():
        for found in findings():
            lines = [line.text for section in digest_words.sections(found) for line in section.lines]
            assert left_over(*lines) == []


def test_a_digest_as_it_is_posted() -> None:
    with pseudo():
        for made in digests():
            pairs = digest_words.double_lines(made, DOUBLES, {name: name for name in NAMES})
            for preview in (False, True):
                assert left_over(digest_replies.whole(made, pairs, preview=preview)) == []


@pytest.mark.parametrize(
    ("agree", "disagree", "unsure"), [(4, 4, 1), (0, 0, 3), (5, 2, 0), (2, 5, 1), (1200, 0, 0), (1, 1, 1)]
)
def test_the_paragraph_over_the_figures(agree: int, disagree: int, unsure: int) -> None:
    voters = agree + disagree + unsure
    found = replace(
        next(iter(a_digest().figures)), claim_id="T-00", counts=Counts(voters, voters, agree, disagree, unsure)
    )
    made = replace(a_digest(), thesis_id="T-00", figures=(found,), summary=None)
    with pseudo():
        assert left_over(digest_words.summary(made)) == []
        assert left_over(digest_words.summary(replace(made, figures=()))) == []
        for part in (Part.CRUXES, Part.SPLITS, Part.COMMON):
            section = Section(part, (Line("ξ", "T-01"), Line("ξ", "T-02")))
            assert left_over(digest_words.summary(replace(made, sections=(section,)))) == []


def test_the_list_of_digests() -> None:
    many = [replace(a_digest(), key=f"2026-W{week:02}", quiet=week % 2 == 0) for week in range(1, 15)]
    with pseudo():
        for kept in ([], many[:1], many[:2], many[:13], many):
            assert left_over(digest_replies.listed(TEA, kept)) == []


def test_leads_are_said_when_they_are_used() -> None:
    for part in Part:
        with pseudo():
            said = digest_words.lead(part)
        assert (said is None) == (part not in LEADS)
        assert said is None or left_over(said) == []
        assert digest_words.lead(part) == LEADS.get(part), "and are English where that is spoken"


MARKUP = re.compile(r"<style>.*?</style>|<head>|<[^>]*>|&\w+;|\\", re.DOTALL)


def test_digests_as_files() -> None:
    with pseudo():
        for made in digests():
            pairs = digest_words.double_lines(made, DOUBLES, {name: name for name in NAMES})
            page = html(made, pairs)
            assert '<html lang="xx">' in page
            assert left_over(*MARKUP.sub("", page).splitlines()) == []
            assert left_over(*MARKUP.sub("", markdown(made, pairs)).splitlines()) == []
            data = json.loads(as_json(made, pairs))
            lines = [line["text"] for section in data["sections"] for line in section["lines"]]
            assert left_over(data["summary"]["text"], *lines, *data["notes"]) == []


# -- an archive in several languages ----------------------------------------------------------------------------------


def weekly_group() -> Group:
    """Nine members who answer, in English until somebody chooses another language."""
    group = Group()
    group.debate = replace(group.debate, translations=lambda code: English() if code == "en" else Pseudo())
    return group


async def test_two_weeks_of_nine_members() -> None:
    group = weekly_group()
    await group.say("/crux settings language de", "olga")
    said = [await named(group), await first_week(group)]
    await second_week(group)
    said += [await group.say(f"/crux digest{more}", "olga") for more in ("", " preview", " list", " 2026-W02")]
    said += [await group.say(f"/crux standing{more}") for more in ("", *(f" {claim.id}" for claim in TEA))]
    assert {part for made in await group.store.digests("w", TEA.id) for part in parts(made)} >= {
        *(Part.THESIS, Part.SHIFT, Part.MOVED, Part.CREDITED, Part.CRUXES, Part.SPLITS, Part.COMMON),
        *(Part.WITHOUT_FIGURES, Part.UNANSWERED, Part.PARTICIPATION),
    }
    names = [f"{member.capitalize()} of Arden" for member in MEMBERS]
    assert [text for message in said for text in untranslated(message, (TEA,), names)] == []


def parts(made: Digest) -> list[Part]:
    return [section.part for section in made.sections]


async def test_a_digest_keeps_its_words_and_is_shown_with_those_of_today() -> None:
    group = weekly_group()
    english = await first_week(group)
    await group.say("/crux settings language de", "olga")
    shown = await group.say("/crux digest 2026-W02")
    (kept,) = await group.store.digests("w", TEA.id)
    lines = [line.text for section in kept.sections for line in section.lines]
    assert "9 of 9 members hold a position that is counted here." in lines
    assert [line for line in lines if line not in shown.text.split("\n")] == [], "kept as they were written"
    around = [shown.title or "", *shown.notes, *(text for text in shown.text.split("\n") if text not in lines)]
    assert left_over(*around) == []
    assert len(shown.text.split("\n")) == len(english.text.split("\n"))


async def test_a_digest_is_compared_with_one_in_another_language_all_the_same() -> None:
    english, mixed = weekly_group(), weekly_group()
    for group in (english, mixed):
        await first_week(group)
    await mixed.say("/crux settings language de", "olga")
    for group in (english, mixed):
        await second_week(group)
        await group.say("/crux digest", "olga")
    one, other = [(await group.store.digests("w", TEA.id))[-1] for group in (english, mixed)]
    assert parts(one) == parts(other)
    assert one.figures == other.figures
    assert [[line.claim_id for line in section.lines] for section in one.sections] == [
        [line.claim_id for line in section.lines] for section in other.sections
    ]
    assert left_over(digest_replies.whole(other)) == []


async def test_what_is_refused() -> None:
    group = weekly_group()
    await group.say("/crux settings language de", "olga")
    for text in ("/crux digest", "/crux digest preview", "/crux digest 2020-W01", "/crux digest list"):
        assert left_over(await group.say(text, "ann")) == []


async def test_figures_that_move_on_at_every_try(monkeypatch: pytest.MonkeyPatch) -> None:
    group = weekly_group()

    async def never(*_: object) -> None:
        return None

    monkeypatch.setattr(group.store, "archive", never)
    with pseudo(), pytest.raises(CruxError) as error:
        await group.debate.digests.make("w", TEA, "event", "ann")
    assert left_over(error.value.message) == []


# -- pictures ---------------------------------------------------------------------------------------------------------

OPEN = chart_of(
    [("“One”", (0, 0, 2, 1, 1), (0, 3, 0, 0, 0)), ("“Two”", FOR, FOR), ("“Three”", FIVE, None)], 9, "“Topic”"
)
NEARLY = chart_of([("“One”", FOR, AGAINST)], 9, "“Topic”")
FULL = chart_of([("“One”", AGAINST, FOR)], 8, "“Topic”", thesis=[(1, 1, 1, 0, 0), (0, 1, 0, 0, 4)])
MANY = chart_of([(f"“Claim {at}”", FIVE, None) for at in range(9)], 9, "“Topic”")
MORE = chart_of([(f"“Claim {at}”", FIVE, SPLIT) for at in range(12)], 9, "“Topic”", thesis=[FIVE, SPLIT])
CROWD = (90_001, 1, 1, 90_001, 30_000)
UNTITLED = replace(OPEN, title="")
PICTURES = {
    "open": OPEN,
    "nearly": NEARLY,
    "full": FULL,
    "decided": chart_of([("“One”", FOR, None)], 11, "“Topic”"),
    "many": MANY,
    "more": MORE,
    "untitled": UNTITLED,
    "untitled first": replace(MANY, title=""),
    "not drawn": chart_of([("𓀀𓀁𓀂", FIVE, None)], 9, "“Topic”"),
}


def drawn(chart: StandingChart) -> list[str]:
    return [text.line.text for text in laid_out(chart, typeset).texts]


@pytest.mark.parametrize("name", PICTURES)
def test_words_in_a_picture(name: str) -> None:
    with pseudo():
        assert left_over(*drawn(PICTURES[name])) == []


@pytest.mark.parametrize("name", PICTURES)
def test_words_for_a_picture(name: str) -> None:
    with pseudo():
        assert left_over(re.sub("[𓀀-𓏿]", "", alt_text(PICTURES[name]))) == []


async def test_a_picture_is_drawn_in_the_language_of_who_asks() -> None:
    english = await picture(OPEN)
    with pseudo():
        assert await picture(OPEN) != english, "beside the event loop too"
    assert await picture(OPEN) == english, "nothing of it is kept"


TALL = chart_of([("word " * 80, CROWD, CROWD) for _ in range(12)], 300_000, "title " * 60, thesis=[CROWD] * 14)


class Longer(English):
    """English words half as long again, in letters that German and French have and English lacks."""

    def text(self, english: str, context: str | None = None) -> str:
        parts = Formatter().parse(english)
        return "".join(_longer(words) + ("" if name is None else f"{{{name}}}") for words, name, _, _ in parts)

    def plural(self, one: str, many: str, number: int) -> str:
        return self.text(super().plural(one, many, number))

    def number(self, value: int) -> str:
        return f"{value:,}".replace(",", "\u202f")


def _longer(words: str) -> str:
    return re.sub(r"[A-Za-z]{2,}", lambda word: word[0] + ("äöüßéèçœ" * 3)[: -(-len(word[0]) // 2)], words)


def overlap(one: Text, other: Text) -> bool:
    across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    down = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    return across > 0.01 and down > 0.01


def check_room(found: Picture) -> None:
    assert found.size[1] <= MOST_HEIGHT
    for box in found.boxes[1:]:
        assert box.x >= LEFT - 0.01
        assert box.x + box.width <= RIGHT + 0.01
        assert box.y + box.height <= found.height - 20
    for one, other in combinations(found.texts, 2):
        assert not overlap(one, other), (one.line.text, other.line.text)


@pytest.mark.parametrize("name", [*PICTURES, *samples()])
def test_longer_words_have_room(name: str) -> None:
    chart = PICTURES.get(name) or samples()[name]
    with speaking(Longer()):
        check_room(laid_out(chart, typeset))
        assert len(alt_text(chart)) <= ALT_TEXT


def test_longer_words_have_room_on_the_tallest_picture() -> None:
    with speaking(Longer()):
        check_room(laid_out(TALL, typeset))


@given(charts())
@settings(max_examples=30, deadline=None)
def test_longer_words_have_room_on_any_chart(chart: StandingChart) -> None:
    with speaking(Longer()):
        check_room(laid_out(chart, typeset))


@pytest.mark.parametrize("name", [name for name in PICTURES if name != "not drawn"])
def test_longer_words_are_not_cut(name: str) -> None:
    with speaking(Longer()):
        assert [text for text in drawn(PICTURES[name]) if text.endswith("…")] == []


@pytest.mark.parametrize("weight", [400, 700])
def test_the_fonts_draw_the_letters_of_german_and_french(weight: int) -> None:
    text = "äöüÄÖÜßẞ àâæçéèêëîïôœùûüÿ ÀÂÆÇÉÈÊËÎÏÔŒÙÛÜŸ «a» „a“ ‚a‘ ’ – … ·"
    (line,) = typeset(text, 12, 700, weight=weight)
    assert line.text == text
    assert {glyph.typeface.name for glyph in line.glyphs} == {f"NotoSans-0-{weight}"}
    assert all(glyph.id for glyph in line.glyphs)
    (spaced,) = typeset("«\u00a01\u202f000\u00a0»", 12, 700, weight=weight)
    assert spaced.width > typeset("«1000»", 12, 700, weight=weight)[0].width
    assert all(glyph.id for glyph in spaced.glyphs)

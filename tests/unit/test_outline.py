from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.arguments import ArgumentMap, Relation, RelationKind, View
from bot.core.assignments import Assignment, Released, Task, Written
from bot.core.debate import words_for
from bot.core.messages import cited_ids
from bot.core.walks import Role, case_for
from bot.maps import load_folder, shipped
from bot.writing import frames
from bot.writing.outline import OutlineWriter, count_words, inline, outline
from tests.unit.maps import argument, build, sound_maps

MAPS = load_folder(shipped())
VIEWS = [
    (found, task, View(argument.id, affirmed))
    for found in MAPS
    for argument in found
    for task, affirmed in itertools.product(Task, (True, False))
]
CITED_SENTENCE = re.compile(r".+\[[A-Z]+-\d+\]\.")


def assign(argument_map: ArgumentMap, task: Task, target: View, seen: int = 0) -> Assignment | None:
    walk = case_for(argument_map, target if task is Task.STEELMAN else target.opposite)
    if not walk.supported:
        return None
    return Assignment(task, argument_map, target, walk, "", words_for(len(walk.steps), 220), "w", "m", seen)


def check(assignment: Assignment) -> None:
    paragraphs = outline(assignment)
    sentences = list(itertools.chain(*paragraphs))
    text = " ".join(sentences)
    for sentence in sentences:
        assert CITED_SENTENCE.fullmatch(sentence), sentence
        assert sentence[0].isupper() or not sentence[0].isalpha(), sentence
        assert set(cited_ids(sentence)) <= set(assignment.walk.ids)
    assert len(set(sentences)) == len(sentences)
    assert count_words(text) <= assignment.words
    assert sentences[0].rstrip(".").endswith(f"[{assignment.target.claim_id}]")
    assert "{" not in text
    assert "  " not in text
    assert ".." not in text


@pytest.mark.parametrize("seen", range(4))
def test_every_view_of_the_shipped_maps_gets_a_cited_case_within_its_words(seen: int) -> None:
    written = 0
    for found, task, target in VIEWS:
        assignment = assign(found, task, target, seen)
        if assignment is not None:
            check(assignment)
            written += 1
    assert written > 0.8 * len(VIEWS)


@given(sound_maps(), st.sampled_from(list(Task)), st.booleans(), st.integers(0, 9), st.data())
def test_any_sound_map_gets_a_cited_case(
    argument_map: ArgumentMap, task: Task, affirmed: bool, seen: int, data: st.DataObject
) -> None:
    claim_id = data.draw(st.sampled_from(sorted(argument_map.by_id)))
    assignment = assign(argument_map, task, View(claim_id, affirmed), seen)
    if assignment is not None:
        check(assignment)


def test_the_next_ask_is_answered_in_other_words() -> None:
    for found, task, target in VIEWS:
        first, second = assign(found, task, target, 0), assign(found, task, target, 1)
        if first is not None and second is not None:
            ours = set(itertools.chain(*outline(first)))
            theirs = set(itertools.chain(*outline(second)))
            assert len(ours & theirs) <= len(ours) / 3, target


def test_a_claim_is_never_used_twice_in_one_case() -> None:
    for found, task, target in VIEWS:
        assignment = assign(found, task, target)
        if assignment is None:
            continue
        text = " ".join(itertools.chain(*outline(assignment)))
        for step in assignment.walk.steps:
            assert text.count(inline(step.argument.claim, found)) <= 1, (target, step.argument.id)


def test_the_strongest_objection_that_can_be_answered_is_answered() -> None:
    for found, task, target in VIEWS:
        assignment = assign(found, task, target)
        if assignment is None:
            continue
        cited = cited_ids(" ".join(itertools.chain(*outline(assignment))))
        for objection in assignment.walk.of_role(Role.OBJECTION)[:1]:
            answers = assignment.walk.of_role(Role.ANSWER, objection.argument.id)
            if answers:
                assert objection.argument.id in cited
                assert answers[0].argument.id in cited


@pytest.mark.parametrize("seen", range(3))
def test_no_objection_is_raised_without_the_answer_that_the_map_has(seen: int) -> None:
    for found, task, target in VIEWS:
        assignment = assign(found, task, target, seen)
        if assignment is None:
            continue
        cited = cited_ids(" ".join(itertools.chain(*outline(assignment))))
        for objection in assignment.walk.of_role(Role.OBJECTION):
            answers = assignment.walk.of_role(Role.ANSWER, objection.argument.id)
            if answers and objection.argument.id in cited:
                assert answers[0].argument.id in cited, (target, objection.argument.id)


def openings(*lists: Iterable[str]) -> tuple[str, ...]:
    """What the sentences made from some frames begin with."""
    return tuple(frame.split("{")[0] for frame in itertools.chain(*lists) if not frame.startswith("{"))


def test_what_is_conceded_has_no_answer_in_the_map() -> None:
    conceding = openings(frames.CONCESSION, frames.UNANSWERED)
    conceded = 0
    for found, task, target in VIEWS:
        assignment = assign(found, task, target)
        for sentence in itertools.chain(*outline(assignment)) if assignment else ():
            if assignment and sentence.startswith(conceding):
                step = assignment.walk.by_id[cited_ids(sentence)[0]]
                assert not found.rebutters(step.argument.id), (target, sentence)
                assert not found.undercutters(step.argument.id, step.of or step.about), (target, sentence)
                conceded += 1
    assert conceded


def test_an_undercut_is_never_given_as_a_reason_that_the_claim_is_false() -> None:
    kinds = (frames.FIRST_REASON, frames.LEADING_REASON, frames.FIRST_AGAINST, frames.LEADING_AGAINST)
    leading = openings(*itertools.chain.from_iterable(kind.values() for kind in kinds))
    for (found, task, target), seen in itertools.product(VIEWS, range(3)):
        assignment = assign(found, task, target, seen)
        for sentence in itertools.chain(*outline(assignment)) if assignment else ():
            if assignment and sentence.startswith(leading):
                step = assignment.walk.by_id[cited_ids(sentence)[0]]
                assert step.relation is not RelationKind.UNDERCUTS, (target, sentence)


def test_only_the_weightiest_reason_is_called_the_strongest() -> None:
    strongest = openings(*itertools.chain(frames.FIRST_REASON.values(), frames.FIRST_AGAINST.values()))
    for (found, task, target), seen in itertools.product(VIEWS, range(3)):
        assignment = assign(found, task, target, seen)
        for sentence in itertools.chain(*outline(assignment)) if assignment else ():
            if assignment and sentence.startswith(strongest):
                assert cited_ids(sentence)[0] == assignment.walk.of_role(Role.REASON)[0].argument.id, sentence


def test_each_of_three_asks_leads_with_another_reason() -> None:
    compared = 0
    for found, task, target in VIEWS:
        asked = [assign(found, task, target, seen) for seen in range(3)]
        walk = asked[0].walk if asked[0] else None
        plain = [s for s in walk.of_role(Role.REASON, target.claim_id) if s.of is None] if walk else []
        if len(plain) >= 3:
            leads = {cited_ids(outline(assignment)[1][0])[0] for assignment in asked if assignment}
            assert len(leads) == 3, (target, leads)
            compared += 1
    assert compared


def test_the_attacked_view_is_reported_and_not_asserted() -> None:
    reporting = openings(frames.DEFENDED)
    for (found, task, target), seen in itertools.product(VIEWS, range(3)):
        assignment = assign(found, task, target, seen)
        if assignment is not None and task is Task.COUNTER and target.affirmed:
            for sentence in outline(assignment)[0][1:]:
                assert sentence.startswith(reporting), sentence


def test_every_list_of_frames_has_enough_for_three_asks() -> None:
    lists = [value for name, value in vars(frames).items() if name.isupper() and not name.startswith("_")]
    for value in lists:
        for options in value.values() if isinstance(value, Mapping) else [value]:
            if isinstance(options, tuple):
                assert len(set(options)) >= 3, options


def test_a_guess_is_never_reported_as_a_fact() -> None:
    found = next(m for m in MAPS if m.id == "mechanistic-interpretability")
    for target in (View("MI-35"), View("MI-13"), View("MI-09")):
        assignment = assign(found, Task.STEELMAN, target)
        assert assignment is not None
        opening = outline(assignment)[0][0]
        assert re.search(r"guess|may|probably|unlikely", opening), opening


@pytest.mark.parametrize(
    ("claim", "clause"),
    [
        ("The transformer has barely changed", "the transformer has barely changed"),
        ("GDM moved on from dictionaries", "GDM moved on from dictionaries"),
        ("AI's labelling scales with the models", "AI's labelling scales with the models"),
        ("Dario Amodei expects ten years", "Dario Amodei expects ten years"),
        ("The SAE was dropped", "the SAE was dropped"),
        ("Even Dario Amodei expects ten years", "even Dario Amodei expects ten years"),
        ("A Danish study put the saving at three per cent", "a Danish study put the saving at three per cent"),
        ("Medicine succeeds without proofs", "medicine succeeds without proofs"),
    ],
)
def test_claims_become_clauses(claim: str, clause: str) -> None:
    assert inline(claim, MAPS[1]) == clause


def test_no_claim_of_the_shipped_maps_loses_the_capital_of_a_name() -> None:
    names = {"Google", "Iceland", "Friday", "Monday", "European", "American", "Danish", "Microsoft", "DeepMind", "UK"}
    for found in MAPS:
        for one in found:
            for words in (one.claim, one.contrary):
                first = words.split()[0].removesuffix("'s")
                if first in names:
                    assert inline(words, found)[0].isupper(), words


def test_an_argument_of_which_nobody_wrote_more_than_its_claim_says_it_once() -> None:
    found = build(
        [replace(argument("T-01"), claim="Tea keeps us awake", text="Tea keeps us awake.")],
        [Relation(RelationKind.SUPPORTS, "T-01", "T-00")],
    )
    for task, target in ((Task.STEELMAN, View("T-01")), (Task.COUNTER, View("T-01", affirmed=False))):
        assignment = assign(found, task, target)
        assert assignment is not None
        said = " ".join(itertools.chain(*outline(assignment)))
        assert said.lower().count("tea keeps us awake") == 1, said


async def test_what_is_released_adds_up_to_what_is_written() -> None:
    assignment = assign(MAPS[0], Task.STEELMAN, View(MAPS[0].thesis.id))
    assert assignment is not None
    events = [event async for event in OutlineWriter().write(assignment)]
    written = events[-1]
    assert isinstance(written, Written)
    assert "".join(event.text for event in events if isinstance(event, Released)) == written.text
    assert written.writer == "outline"

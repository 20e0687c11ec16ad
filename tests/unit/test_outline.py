from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.arguments import ArgumentMap, View
from bot.core.debate import words_for
from bot.core.messages import cited_ids
from bot.core.ports import Assignment, Released, Task, Written
from bot.core.walks import Role, case_for
from bot.maps import load_folder, shipped
from bot.writing.outline import OutlineWriter, count_words, inline, outline
from tests.unit.maps import sound_maps

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
        ("Medicine succeeds without proofs", "medicine succeeds without proofs"),
    ],
)
def test_claims_become_clauses(claim: str, clause: str) -> None:
    assert inline(claim, MAPS[1]) == clause


def test_no_claim_of_the_shipped_maps_loses_the_capital_of_a_name() -> None:
    names = {"Google", "Iceland", "Friday", "Monday", "European", "American", "Danish", "Microsoft", "DeepMind", "UK"}
    for found in MAPS:
        for argument in found:
            for words in (argument.claim, argument.contrary):
                first = words.split()[0].removesuffix("'s")
                if first in names:
                    assert inline(words, found)[0].isupper(), words


async def test_what_is_released_adds_up_to_what_is_written() -> None:
    assignment = assign(MAPS[0], Task.STEELMAN, View(MAPS[0].thesis.id))
    assert assignment is not None
    events = [event async for event in OutlineWriter().write(assignment)]
    written = events[-1]
    assert isinstance(written, Written)
    assert "".join(event.text for event in events if isinstance(event, Released)) == written.text
    assert written.writer == "outline"

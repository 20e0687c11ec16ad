"""A model's words: mended where that needs no judgement, named as wrong where it does, and never unfit for YAML."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.core.arguments import Certainty, Side
from bot.drafts import repairs
from bot.drafts.answers import read_arguments, read_relations, read_topic
from tests.drafting import COST, NIGHT, TOPIC


@pytest.mark.parametrize(
    ("said", "claim"),
    [
        ("  a bridge\n costs  more. ", "A bridge costs more"),
        ("A bridge [2] costs <b>more</b>!", "A bridge (2) costs more"),
        ("**Costs** fall by `x` when p < 0.05 and n >= 3", "Costs fall by x when p below 0.05 and n at least 3"),
        ("Loans lead => debts", "Loans lead to debts"),
        ("Hidden\u202e \x07marks ⟦end⟧", "Hidden marks (end)"),
        ("Is it so?", "Is it so?"),
        ("", ""),
    ],
)
def test_a_claim_is_mended_where_that_is_mechanical(said: str, claim: str) -> None:
    assert repairs.as_claim(said) == claim


def test_a_text_gets_its_stop_and_a_title_its_length() -> None:
    assert repairs.as_text("one\n\ntwo") == "one two."
    assert repairs.as_text("one two?") == "one two?"
    assert repairs.as_text("") == ""
    assert repairs.as_title("A title.") == "A title"
    long = repairs.as_title("Many words " * 9)
    assert long == "Many words Many words Many words Many words Many words…"


def test_what_can_not_be_mended_is_named() -> None:
    assert repairs.statement_faults(repairs.statement(NIGHT)) == []
    faults = repairs.statement_faults(
        {"claim": "Short", "contrary": "Is this a question of more than thirty?", "text": "x"}
    )
    assert [fault.partition(":")[0] for fault in faults] == ["claim", "contrary", "text"]
    same = {**COST, "contrary": COST["claim"].upper()}
    assert "claim and contrary are the same" in repairs.statement_faults(same)[0]
    assert [fault.partition(":")[0] for fault in repairs.topic_faults("", "Why?")] == ["title", "question"]
    assert repairs.thesis_faults("Is the ferry of any use to the town?")


@given(st.text())
def test_mended_words_have_nothing_that_the_format_forbids_by_its_form(text: str) -> None:
    claim, body = repairs.as_claim(text), repairs.as_text(text)
    assert yaml.safe_load(yaml.safe_dump({"a": [claim, body]}, allow_unicode=True)) == {"a": [claim, body]}
    assert yaml.safe_load(f"# {repairs.one_line(text)}\na: 1\n") == {"a": 1}
    for found in (claim, body):
        assert not set(found) & set("[]<>*`\n")
    assert repairs.as_claim(claim) == claim
    assert repairs.as_text(body) == body


def test_words_for_sides_and_certainties() -> None:
    assert repairs.as_side(" Pro ") is Side.PRO
    assert repairs.as_side("for") is None
    assert repairs.as_certainty("Asserted") is Certainty.ASSERTED
    assert repairs.as_certainty("sure!") is Certainty.TENTATIVE


def test_ids_are_made_from_the_title() -> None:
    none: frozenset[str] = frozenset()
    assert repairs.prefix_of("The four-day working week, again", none) == "FDWW"
    assert repairs.prefix_of("Brücke statt Fähre", none) == "BSF"
    assert repairs.prefix_of("桥", none) == "DR"
    assert repairs.prefix_of("Tea time", frozenset({"TT", "TT2"})) == "TT3"
    assert repairs.slug_of("Ann's ferry: keep it?", none) == "anns-ferry-keep-it"
    assert repairs.slug_of("桥", frozenset({"drafted-topic"})) == "drafted-topic-2"


@given(st.text(), st.frozensets(st.sampled_from(["DR", "DR2", "A", "drafted-topic"])))
def test_made_ids_fit_the_format(title: str, taken: frozenset[str]) -> None:
    assert repairs.fits("prefix", repairs.prefix_of(title, taken))
    assert repairs.fits("id", repairs.slug_of(title, taken))
    assert not {repairs.prefix_of(title, taken), repairs.slug_of(title, taken)} & taken


@pytest.mark.parametrize("prefix", ["", "mi", "1A", "TOOLONGPREFIX", "M-", "MI\n"])
def test_a_bad_prefix_is_told(prefix: str) -> None:
    assert not repairs.fits("prefix", prefix)


# -- answers ----------------------------------------------------------------------------------------------------------


def test_arguments_are_read_from_what_models_send() -> None:
    whole = json.dumps({"arguments": [NIGHT, COST]})
    for answer in (whole, f"Sure!\n```json\n{whole}\n```\nDone.", json.dumps([NIGHT, COST]), f'{{"x": {whole}}}'):
        assert read_arguments(answer) == [NIGHT, COST]
    assert read_arguments(whole[: whole.index('"claim"', 200)]) == [NIGHT]  # cut inside the second
    assert read_arguments('{"arguments": []}') == []
    assert read_arguments("[]") == []
    for answer in ("", "There are none.", '{"arguments": [', '{"arguments": 3}', "[1, 2]", "{" * 5000, "[" * 50_000):
        assert read_arguments(answer) is None


def test_fields_that_are_no_text_are_missing() -> None:
    assert read_arguments('[{"claim": ["a"], "text": null, "side": true, "number": 3, "quote": "q"}]') == [
        {"number": "3", "quote": "q"}
    ]


def test_topic_and_relations_are_read() -> None:
    assert read_topic(f"Here: {json.dumps(TOPIC)}") == TOPIC
    assert read_topic("no") is None
    entry = {"source": "a1", "kind": "supports", "target": "thesis", "of": ""}
    assert read_relations(json.dumps({"duplicates": [{"id": "a1", "of": "a2"}], "relations": [entry]})) == (
        [{"id": "a1", "of": "a2"}],
        [entry],
    )
    assert read_relations('{"relations": [], "duplicates": []}') == ([], [])
    assert read_relations("{}") is None


@given(st.text(max_size=200))
def test_any_answer_can_be_read(answer: str) -> None:
    read_topic(answer)
    read_arguments(answer)
    read_relations(answer)

"""`crux eval`'s measurements: each tells a good reply from a bad one, and the report shows what was measured."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bot.core.assignments import Assignment, Released, Task, Usage, WriterEvent, Written
from bot.writing.endpoint import Endpoint
from bot.writing.evaluation import (
    Ungrounded,
    assignments,
    evaluate,
    judge_sentences,
    measure,
    on_right_side,
    reused_words,
    words_of,
)
from bot.writing.outline import OutlineWriter
from bot.writing.prompts import Prompts
from bot.writing.report import Report, Sample
from bot.writing.support import SupportCheck
from bot.writing.writer import ModelWriter
from tests.ferry import FERRY, assignment
from tests.integration.scripted_server import answer, delta, events, scripted, whole

CHECK = SupportCheck(None)

GOOD = (
    "The ferry strands the east bank whenever a storm comes [FE-01]. "
    "A bridge costs more than the town can borrow, the other side says [FE-02]. "
    "A bridge is open at every hour [FE-00]."
)
WRONG = "A bridge costs more than the town can borrow [FE-02]. A bridge is open at every hour [FE-00]."


class Saying:
    """A writer that always says the same."""

    def __init__(self, text: str) -> None:
        self._text = text

    async def write(self, assignment: Assignment) -> AsyncGenerator[WriterEvent, None]:
        yield Released(self._text)
        yield Written(self._text, "model", "m", "steelman:1", Usage(100, 10, 1))


def test_words_leave_citations_out() -> None:
    assert words_of("It's well-made [FE-01, FE-02], isn't it? 1.5 [FE-00].") == [
        "it's",
        "well-made",
        "isn't",
        "it",
        "1.5",
    ]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("the ferry stops in storms and after [FE-00] eleven at night", 10),
        ("the ferry stops in storms", 0),  # five in a row are allowed
        ("so the ferry stops in storms and that is that", 6),
        ("storms and after eleven at night the ferry stops in storms and after", 13),
        ("nothing of the kind", 0),
        ("", 0),
    ],
)
def test_reused_words_are_those_in_long_common_runs(text: str, count: int) -> None:
    assert reused_words(text, ["The ferry stops in storms and after eleven at night."]) == count


def test_the_side_is_told_by_what_is_cited() -> None:
    walk = assignment().walk
    assert on_right_side(GOOD, walk)
    assert not on_right_side(WRONG, walk)  # opens with an objection
    assert not on_right_side("A bridge is open [FE-00]. But [FE-02]. And [FE-04].", walk)
    assert not on_right_side("Nothing cited.", walk)
    assert not on_right_side("", walk)


async def test_sentences_are_judged_one_by_one() -> None:
    text = "A bridge is open at every hour [FE-00]. Bridges rust. It costs 12 billion [FE-02]. Boats sink [FE-99]."
    judged = await judge_sentences(text, assignment(), CHECK)
    assert [(s.cites, s.supported) for s in judged] == [(True, True), (False, False), (True, False), (False, False)]
    assert [s.fault for s in judged if not s.cites] == [
        "argues without a citation",
        "cites FE-99, which is not among the arguments given",
    ]
    assert "12" in judged[2].fault


def test_assignments_are_the_same_each_time_and_cover_both_tasks_and_sides() -> None:
    first, second = assignments(FERRY, 8), assignments(FERRY, 8)
    assert [(a.task, a.target) for a in first] == [(a.task, a.target) for a in second]
    assert {(a.task, a.target.affirmed) for a in first} == {(t, s) for t in Task for s in (True, False)}
    assert len(assignments(FERRY, 3)) == 3
    for found in first:
        assert (found.walk.view == found.target) is (found.task is Task.STEELMAN)


async def test_the_outline_writer_scores_on_its_own_terms() -> None:
    report = await evaluate({"outline": OutlineWriter()}, [FERRY], CHECK, most=6)
    assert len(report.samples) == 6
    for sample in report.samples:
        assert all(sentence.cites for sentence in sample.sentences)
        assert not sample.stepped_in
        assert 0 < sample.words <= 220


async def test_a_bare_model_is_scored_as_it_writes() -> None:
    async with scripted(
        whole(GOOD), events(delta("A bridge is open"), delta(ending="length")), answer(401, {})
    ) as server:
        drafter = ModelWriter(Endpoint("m", url=server.url, retries=0), Prompts())
        samples = [await measure("bare", Ungrounded(drafter), assignment(), CHECK) for _ in range(3)]
        await drafter.aclose()
    assert [sample.stepped_in for sample in samples] == [False, True, True]
    assert [sample.written.text for sample in samples] == [GOOD, "A bridge is open", ""]
    assert samples[0].written.usage == Usage(70, 7, 1)
    assert samples[0].first_text is not None
    assert samples[0].first_text <= samples[0].seconds
    assert samples[2].first_text is None


async def test_the_report_sets_writers_side_by_side(tmp_path: Path) -> None:
    seen: list[Sample] = []
    writers = {"good": Saying(GOOD), "wrong": Saying(WRONG)}
    report = await evaluate(writers, [FERRY], CHECK, most=1, progress=seen.append)
    assert tuple(seen) == report.samples
    table = report.table().splitlines()
    assert len(table) == 3
    assert table[0].split() == [
        *(
            "writer",
            "prompt",
            "replies",
            "outline",
            "stepped",
            "in",
            "citations",
            "valid",
            "supported",
            "right",
            "side",
        ),
        *("words", "reused", "first", "text", "whole", "tokens", "in", "tokens", "out"),
    ]
    assert table[1].split()[:6] == ["good", "steelman:1", "1", "0", "3/3", "3/3"]
    assert [line.split()[6] for line in table[1:]] == ["1/1", "0/1"]
    report.write_samples(tmp_path / "samples.md")
    text = (tmp_path / "samples.md").read_text(encoding="utf-8")
    assert (
        "## Steelman of “The town should replace the ferry with a bridge” (A bridge in place of the ferry, FE-00)"
        in text
    )
    assert text.index("### good") < text.index("### wrong")
    assert "WRONG side" in text


def test_an_empty_report_is_a_head_without_rows() -> None:
    assert len(Report(()).table().splitlines()) == 1

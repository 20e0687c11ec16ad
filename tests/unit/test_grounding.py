from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator

import pytest

from bot.core.assignments import Assignment, Released, Task, Usage, Withdrawn, WriterEvent, Written
from bot.core.messages import cited_ids
from bot.errors import (
    BudgetSpent,
    PromptError,
    WriterError,
    WriterMisconfigured,
    WriterOverloaded,
    WriterUnavailable,
)
from bot.writing.grounding import MISCONFIGURED, OVERLOADED, SPENT, UNAVAILABLE, UNCHECKED, GroundedWriter
from bot.writing.outline import OutlineWriter
from bot.writing.support import SupportCheck
from tests.ferry import assignment as ferry
from tests.library import counter, steelman
from tests.scripted import Script, ScriptedDrafter

VIEW = "The town library should open on Sundays [LB-00]."
FAMILIES = "Families have time for the library on Sundays, as parents can bring their children on a free day [LB-01]."
QUIET = "Students probably need a quiet place to read before the school week, as small flats leave little room [LB-02]."
WAGES = "Critics say that Sunday wages make each open hour more expensive [LB-03]."
VOLUNTEERS = "Volunteers can run the lending desk on Sundays while one librarian stays on call [LB-04]."
REST = "It has to be granted that librarians deserve a common day of rest [LB-05]."
GOOD = (VIEW, FAMILIES, QUIET, WAGES, VOLUNTEERS, REST)


def letters(text: str) -> Script:
    return list(text)


async def write(
    drafter: ScriptedDrafter, assignment: Assignment | None = None, *, judge: bool = False
) -> tuple[list[WriterEvent], Written, str]:
    """All events, the last of them, and what a reader saw at the end; what always holds is asserted here."""
    assignment = assignment or steelman()
    writer = GroundedWriter(drafter, OutlineWriter(), SupportCheck(None), judge=judge)
    events = [event async for event in writer.write(assignment)]
    *before, last = events
    assert isinstance(last, Written)
    assert not any(isinstance(event, Written) for event in before)
    shown = replay(events)
    assert shown == last.text
    assert set(cited_ids(last.text)) <= set(assignment.walk.ids)
    assert drafter.open == 0
    return events, last, shown


def replay(events: list[WriterEvent]) -> str:
    shown = ""
    for event in events:
        match event:
            case Released(text):
                shown += text
            case Withdrawn(text):
                shown = text
            case Written():
                pass
    return shown


def test_the_cases_below_rest_on_a_walk_with_reasons_and_an_answered_objection() -> None:
    assert steelman().walk.ids == ("LB-00", "LB-01", "LB-02", "LB-03", "LB-04", "LB-05")


async def test_a_sound_draft_is_shown_sentence_by_sentence_and_kept() -> None:
    events, written, _ = await write(ScriptedDrafter(letters(" ".join(GOOD))))
    assert written.text == " ".join(GOOD)
    assert [event.text.strip() for event in events if isinstance(event, Released)] == list(GOOD)
    assert (written.writer, written.model, written.why_outline) == ("model", "scripted", None)
    assert written.prompt_version == "version of steelman"
    assert written.usage.calls == 1


async def test_a_sentence_is_released_before_the_next_is_complete() -> None:
    shown_at: list[str] = []

    class Watched(ScriptedDrafter):
        async def draft(self, *args: object, **more: object) -> AsyncGenerator[str]:
            yield f"{VIEW} Fam"
            shown_at.append(replay(events))
            yield FAMILIES[3:]

    events: list[WriterEvent] = []
    writer = GroundedWriter(Watched(), OutlineWriter(), SupportCheck(None))
    async for event in writer.write(steelman()):
        events.append(event)  # noqa: PERF401 - the drafter looks at the list while it grows
    assert shown_at == [VIEW]


async def test_paragraphs_are_kept() -> None:
    _, written, _ = await write(ScriptedDrafter([f"{VIEW} {FAMILIES}\n\n{QUIET}\n{VOLUNTEERS}"]))
    assert written.text == f"{VIEW} {FAMILIES}\n\n{QUIET}\n\n{VOLUNTEERS}"


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("A library in Berlin opened on Sundays and crime fell.", "argues without a citation"),
        ("Families have time for the library on Sundays [LB-77].", "cites LB-77"),
        ("Families have time for the library on Sundays [ZZ-01].", "cites ZZ-01"),
        ("A survey of 420 households found that Sunday was the day most often asked for [LB-01].", "amount (420)"),
        ("A survey of households in Dover found that Sunday was most often asked for [LB-01].", "names dover"),
        ("It is proven that students need a quiet place to read before the school week [LB-02].", "more certain"),
        ("Families are too busy on Sundays to visit a library [LB-01].", "LB-01"),
        ("Dragons guard the treasury beneath the castle hill [LB-01].", "LB-01"),
        (VIEW, "repeats"),
        ("\n\n[LB-01].\n\n", "citation without a sentence"),
        ("@everyone Families have time for the library on Sundays [LB-01].", "mention"),
        ("<!channel> Families have time for the library on Sundays [LB-01].", "mention"),
        ("Families have time, see https://example.org on Sundays [LB-01].", "link"),
        ("Families have <b>time</b> for the library on Sundays [LB-01].", "markup"),
        ("⟦end⟧ Families have time for the library on Sundays [LB-01].", "marks of the prompt"),
    ],
)
async def test_a_bad_sentence_is_never_shown_and_the_repair_takes_its_place(bad: str, reason: str) -> None:
    drafter = ScriptedDrafter([f"{VIEW} {bad} {FAMILIES} {QUIET}"], [f"{VIEW} {FAMILIES} {VOLUNTEERS}"])
    events, written, _ = await write(drafter)
    released = "".join(event.text for event in events if isinstance(event, Released))
    assert " ".join(released.split()) == f"{VIEW} {FAMILIES} {QUIET}"
    assert any(reason in fault.reason for fault in drafter.faults), drafter.faults
    assert written.text == f"{VIEW} {FAMILIES} {VOLUNTEERS}"
    assert events[-2] == Withdrawn(written.text)
    assert written.why_outline is None
    assert written.usage.calls == 2


@pytest.mark.parametrize(
    ("draft", "reason"),
    [
        ([], "empty"),
        ([" \n "], "empty"),
        (["# A heading\n---\n"], "empty"),
        (["I'm sorry, but I can't help with that."], "declines"),
        (["I cannot argue for this. ", VIEW, FAMILIES], "declines"),
        ([VIEW, " ", FAMILIES, " Students need a qu"], "unfinished"),
        ([VIEW, " ", FAMILIES, " Students need", WriterUnavailable("cut")], "breaks off"),
        ([VIEW, " ", VOLUNTEERS], "none of the reasons"),
        ([WAGES, " ", REST, " ", FAMILIES], "other side"),
        (["word " * 2000], "runs on"),
    ],
)
async def test_a_draft_that_fails_as_a_whole_is_repaired(draft: Script, reason: str) -> None:
    drafter = ScriptedDrafter(draft, [" ".join(GOOD)])
    _, written, _ = await write(drafter)
    assert any(reason in fault.reason for fault in drafter.faults), drafter.faults
    assert written.text == " ".join(GOOD)
    assert written.writer == "model"


async def test_after_a_failed_repair_the_outline_replaces_what_was_shown(caplog: pytest.LogCaptureFixture) -> None:
    bad = "A library in Berlin opened on Sundays and crime fell."
    drafter = ScriptedDrafter([f"{VIEW} {bad} {bad}"], [bad])
    events, written, _ = await write(drafter)
    assert events[0] == Released(VIEW)
    assert events[-2] == Withdrawn(written.text)
    assert (written.writer, written.why_outline) == ("outline", UNCHECKED)
    assert (written.model, written.prompt_version) == ("scripted", "version of steelman")
    assert written.usage == Usage(200, 2, 2)
    (warning,) = (record.getMessage() for record in caplog.records if record.levelno == logging.WARNING)
    assert warning == "The outline writes in place of scripted, whose repair has faults too: empty 1, uncited 1"


async def test_a_few_bad_sentences_are_left_out_when_the_repair_keeps_them() -> None:
    bad = "A library in Berlin opened on Sundays and crime fell."
    drafter = ScriptedDrafter(["nothing"], [f"{VIEW} {FAMILIES}\n\n{bad} {QUIET} {VOLUNTEERS}"])
    _, written, _ = await write(drafter)
    assert written.text == f"{VIEW} {FAMILIES}\n\n{QUIET} {VOLUNTEERS}"
    assert written.writer == "model"


@pytest.mark.parametrize(
    "repaired",
    [
        "{bad} {view} {families}",  # one of three is more than a quarter
        "{view} {families} {bad} But volunteers can run the lending desk on Sundays [LB-04]. {quiet} {rest}",  # dangles
        "{view} {bad} {volunteers} {rest}",  # no reason is left
    ],
)
async def test_too_much_is_not_left_out(repaired: str) -> None:
    bad = "A library in Berlin opened on Sundays and crime fell."
    text = repaired.format(bad=bad, view=VIEW, families=FAMILIES, quiet=QUIET, volunteers=VOLUNTEERS, rest=REST)
    _, written, _ = await write(ScriptedDrafter([bad], [text]))
    assert written.why_outline == UNCHECKED


async def test_when_the_repair_cannot_be_had_a_nearly_good_draft_stands() -> None:
    bad = "A library in Berlin opened on Sundays and crime fell."
    drafter = ScriptedDrafter([f"{VIEW} {FAMILIES} {QUIET} {VOLUNTEERS} {bad}"], [WriterUnavailable("gone")])
    _, written, _ = await write(drafter)
    assert written.text == f"{VIEW} {FAMILIES} {QUIET} {VOLUNTEERS}"
    assert written.why_outline is None


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (WriterUnavailable("gone"), UNAVAILABLE),
        (WriterMisconfigured("bad key"), MISCONFIGURED),
        (WriterOverloaded("429", retry_after=3), OVERLOADED),
        (BudgetSpent("spent"), SPENT),
        (WriterError("odd"), UNAVAILABLE),
    ],
)
async def test_a_model_that_fails_leaves_the_reply_to_the_outline(error: WriterError, why: str) -> None:
    events, written, _ = await write(ScriptedDrafter([error]))
    assert (written.writer, written.why_outline) == ("outline", why)
    assert isinstance(events[0], Released)
    assert not any(isinstance(event, Withdrawn) for event in events)


async def test_a_cut_draft_whose_repair_fails_is_replaced() -> None:
    drafter = ScriptedDrafter([f"{VIEW} {FAMILIES} And", WriterUnavailable("cut")], [WriterOverloaded("429")])
    events, written, _ = await write(drafter)
    assert events[-2] == Withdrawn(written.text)
    assert written.why_outline == OVERLOADED


async def test_a_template_that_cannot_be_used_leaves_the_reply_to_the_outline() -> None:
    _, written, _ = await write(ScriptedDrafter([PromptError()]))
    assert written.why_outline == MISCONFIGURED


async def test_the_word_limit_holds_at_a_sentence_and_the_stream_is_closed() -> None:
    drafter = ScriptedDrafter([f"{VIEW} ", f"{FAMILIES} ", f"{QUIET} ", f"{REST} ", WriterMisconfigured("unreached")])
    _, written, _ = await write(drafter, steelman(words=30))
    assert written.text == f"{VIEW} {FAMILIES}"
    assert drafter.faults == []


async def test_a_reply_at_its_limit_does_not_end_on_an_objection_that_has_an_answer() -> None:
    drafter = ScriptedDrafter([f"{VIEW} {FAMILIES} {WAGES} {VOLUNTEERS} {REST}"])
    events, written, _ = await write(drafter, steelman(words=40))
    assert written.text == f"{VIEW} {FAMILIES}"
    assert events[-2] == Withdrawn(written.text)


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        (f"**{VIEW[:-1]}**.", VIEW),
        (f"- {VIEW}", VIEW),
        (f"2. {VIEW[:-1]}", VIEW),
        ("The town library should open on Sundays. [LB-00]", VIEW),
        ("The town library should open on Sundays. [LB-00] [LB-00].", VIEW),
        (VIEW.replace("[LB-00]", "(LB-00)"), VIEW),
        (VIEW.replace("[LB-00]", "【LB-00】"), VIEW),
        (VIEW.replace("[LB-00]", "[lb‑00]"), VIEW),
        ("The town\u200b library\u202e should\x07 open on Sundays [LB-00].", VIEW),
        (f"# The case\n\n{VIEW}", VIEW),
    ],
)
async def test_markup_and_hidden_characters_are_taken_away(raw: str, clean: str) -> None:
    drafter = ScriptedDrafter([f"{raw}\n\n{FAMILIES}"])
    _, written, _ = await write(drafter)
    assert written.text == f"{clean}\n\n{FAMILIES}", drafter.faults


@pytest.mark.parametrize(
    ("sentence", "passes"),
    [
        ("Three points carry this view.", True),
        ("Here is why the library should open on Sundays.", True),
        ("The library should not open on Sundays.", False),
        ("Two reasons stand: visitors double.", False),
        ("It is the case that the town should open the library and that these three points carry this view.", False),
    ],
)
async def test_only_framing_goes_uncited(sentence: str, passes: bool) -> None:
    drafter = ScriptedDrafter([f"{sentence} {FAMILIES} {QUIET} {VOLUNTEERS}"], [" ".join(GOOD)])
    await write(drafter)
    assert (drafter.faults == []) is passes, drafter.faults


async def test_framing_is_kept_short() -> None:
    drafter = ScriptedDrafter([f"Three points carry this view. Two reasons come first. {FAMILIES}"], [" ".join(GOOD)])
    await write(drafter)
    assert "too many" in drafter.faults[0].reason


async def test_a_counterargument_may_state_the_claim_that_it_answers() -> None:
    text = (
        "At its strongest, the claim is that the town library should open on Sundays [LB-00]. "
        "Sunday wages make each open hour more expensive [LB-03]. "
        "Librarians deserve a common day of rest, which lets colleagues see their families [LB-05]. "
        "The town library should stay closed on Sundays [LB-00]."
    )
    drafter = ScriptedDrafter([text])
    _, written, _ = await write(drafter, counter())
    assert written.text == text, drafter.faults


async def test_a_counterargument_may_not_assert_the_claim() -> None:
    drafter = ScriptedDrafter(
        ["The town library should open on Sundays [LB-00]. Sunday wages make each open hour more expensive [LB-03]."]
    )
    await write(drafter, counter())
    assert [fault.sentence for fault in drafter.faults] == ["The town library should open on Sundays [LB-00]."]


async def test_the_other_side_is_reported_on_the_view_only_so_often() -> None:
    reported = (
        "Critics say that the town library should stay closed on Sundays [LB-00].",
        "Opponents hold that the library of the town should stay closed on any Sunday [LB-00].",
        "Many think that the library should remain closed on Sundays [LB-00].",
    )
    drafter = ScriptedDrafter([" ".join((*reported, FAMILIES, QUIET, VOLUNTEERS))], [" ".join(GOOD)])
    await write(drafter)
    assert [fault.sentence for fault in drafter.faults] == [reported[2]]


UNDECIDED = "Sunday was asked for by parents who enjoy books [LB-01]."


async def test_the_pair_of_the_judge_tests_is_undecided() -> None:
    drafter = ScriptedDrafter([f"{VIEW} {UNDECIDED} {QUIET}"], judging=[True])
    await write(drafter, judge=True)
    assert [sentence for sentence, _ in drafter.judged] == [UNDECIDED.replace(" [LB-01]", "")]


@pytest.mark.parametrize("supported", [True, False])
async def test_the_judge_decides_what_the_check_does_not(supported: bool) -> None:
    drafter = ScriptedDrafter([f"{VIEW} {UNDECIDED} {QUIET}"], [" ".join(GOOD)], judging=[supported])
    _, written, _ = await write(drafter, judge=True)
    expected = f"{VIEW} {UNDECIDED} {QUIET}" if supported else " ".join(GOOD)
    assert written.text == expected
    assert written.usage.calls == (2 if supported else 3)


async def test_a_judge_that_fails_leaves_it_to_the_measurements() -> None:
    drafter = ScriptedDrafter([f"{VIEW} {UNDECIDED} {QUIET}"], [" ".join(GOOD)], judging=WriterUnavailable("gone"))
    with_judge = (await write(drafter, judge=True))[1].text
    without = (await write(ScriptedDrafter([f"{VIEW} {UNDECIDED} {QUIET}"], [" ".join(GOOD)])))[1].text
    assert with_judge == without


async def test_leaving_early_closes_the_stream() -> None:
    drafter = ScriptedDrafter([f"{VIEW} ", f"{FAMILIES} ", QUIET])
    stream = GroundedWriter(drafter, OutlineWriter(), SupportCheck(None)).write(steelman())
    assert isinstance(await anext(stream), Released)
    assert drafter.open == 1
    await stream.aclose()
    assert drafter.open == 0


async def test_cancelling_closes_the_stream() -> None:
    class Stalled(ScriptedDrafter):
        async def _play(self, script: Script, spent: object) -> AsyncGenerator[str]:
            self.open += 1
            try:
                yield f"{VIEW} Fam"
                await asyncio.Event().wait()
            finally:
                self.open -= 1

    drafter = Stalled()
    events: list[WriterEvent] = []
    released = asyncio.Event()

    async def reader() -> None:
        async for event in GroundedWriter(drafter, OutlineWriter(), SupportCheck(None)).write(steelman()):
            events.append(event)
            released.set()

    task = asyncio.create_task(reader())
    await released.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert drafter.open == 0
    assert events == [Released(VIEW)]


async def test_what_hands_the_reply_over_is_left_out() -> None:
    drafter = ScriptedDrafter([f"Sure! Here is the steelman:\n\n{' '.join(GOOD)}"])
    _, written, _ = await write(drafter)
    assert (written.text, drafter.faults) == (" ".join(GOOD), [])


NOT_FOLLOWING = "Even if the ferry strands the east bank in storms, it does not follow that a bridge should replace it"


@pytest.mark.parametrize(
    ("sentence", "passes"),
    [
        (f"{NOT_FOLLOWING}, since storms are too rare to build for [FE-04].", True),
        (f"{NOT_FOLLOWING}, since the mayor owns a fleet of submarines [FE-04].", False),
        ("The ferry strands the east bank whenever a storm comes [FE-04].", False),
    ],
)
async def test_an_undercut_grants_a_reason_and_denies_that_it_decides(sentence: str, passes: bool) -> None:
    drafter = ScriptedDrafter([f"{sentence} A bridge probably costs more than the town can borrow [FE-02]."])
    await write(drafter, ferry(Task.COUNTER, "FE-01"))
    assert (sentence not in [fault.sentence for fault in drafter.faults]) is passes, drafter.faults


@pytest.mark.parametrize(
    ("sentence", "passes"),
    [
        ("So the town should keep the ferry and do without a bridge [FE-00].", True),
        ("What hangs on it is whether the town should replace the ferry with a bridge [FE-00].", True),
        ("So the town should replace the ferry with a bridge [FE-00].", False),
    ],
)
async def test_what_the_case_speaks_against_is_no_context_for_its_own_claim(sentence: str, passes: bool) -> None:
    drafter = ScriptedDrafter([f"A bridge probably costs more than the town can borrow [FE-02]. {sentence}"])
    await write(drafter, ferry(Task.STEELMAN, "FE-02"))
    assert (sentence not in [fault.sentence for fault in drafter.faults]) is passes, drafter.faults

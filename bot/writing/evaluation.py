"""Scores writers on the views of maps: what `crux eval` runs.

Each writer writes the same assignments. Every sentence of a reply is judged by the gate that grounding uses: does it
cite, and only what its walk holds; is it supported, or mere framing. The reply is looked at for its side, its length,
and how much of it is the map's own wording. Counts are given, not averages of averages, and a table row is one writer
with one version of one prompt, so that two prompts or two models can be set side by side.

Grounding lets only supported sentences through, so a grounded writer scores well on support by construction; what
tells models apart is the bare model (`Ungrounded`), and how often the outline writer had to take over.
"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from typing import Final

from bot.core.arguments import ArgumentMap, View
from bot.core.assignments import Assignment, Released, Task, Withdrawn, WriterEvent, Written
from bot.core.debate import words_for
from bot.core.messages import CITATION, cited_ids
from bot.core.ports import Writer
from bot.core.walks import Role, Walk, case_for
from bot.errors import WriterError
from bot.writing.drafting import Drafter, SpentUsage
from bot.writing.gate import Gate
from bot.writing.report import Judged, Report, Sample
from bot.writing.sentences import split
from bot.writing.support import SupportCheck

RUN: Final = 6
"""Words in a row that also stand in the map, from which on they count as the map's: the prompts allow five."""

_WORD: Final = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")


# -- what is written --------------------------------------------------------------------------------------------------


def assignments(argument_map: ArgumentMap, most: int, words: int = 220) -> list[Assignment]:
    """Views worth writing on: both sides of the thesis and counterarguments to them, then claims with much to say.

    Deterministic, tasks and sides by turns, so that every run and every writer gets the same.
    """
    thesis = argument_map.thesis.id
    targets = [(task, View(thesis, affirmed)) for affirmed in (True, False) for task in (Task.STEELMAN, Task.COUNTER)]
    rest = sorted(argument_map.arguments, key=lambda a: (-len(case_for(argument_map, View(a.id)).steps), a.id))
    turns = [(Task.STEELMAN, True), (Task.COUNTER, True), (Task.STEELMAN, False), (Task.COUNTER, False)]
    targets += [(turns[n % 4][0], View(argument.id, turns[n % 4][1])) for n, argument in enumerate(rest)]
    return [_assignment(argument_map, task, target, words) for task, target in targets[:most]]


def _assignment(argument_map: ArgumentMap, task: Task, target: View, words: int) -> Assignment:
    walk = case_for(argument_map, target if task is Task.STEELMAN else target.opposite)
    asked = argument_map.words_of(target)
    limit = words_for(len(walk.steps), words)
    return Assignment(task, argument_map, target, walk, asked, limit, workspace="evaluation", member="evaluation")


class Ungrounded:
    """A writer that shows a drafter's text as it comes, unchecked: for scoring the bare model, never for members."""

    def __init__(self, drafter: Drafter) -> None:
        self._drafter = drafter

    async def write(self, assignment: Assignment) -> AsyncGenerator[WriterEvent, None]:
        spent, text, why = SpentUsage(), "", None
        try:
            async for delta in self._drafter.draft(assignment, spent):
                text += delta
                yield Released(delta)
        except WriterError as error:
            why = error.message
        version = self._drafter.prompt_version(assignment.task)
        yield Written(text, "model", self._drafter.model, version, spent.usage, why)


# -- what is measured -------------------------------------------------------------------------------------------------


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, without its citations."""
    return [word.lower() for word in _WORD.findall(CITATION.sub(" ", text))]


def reused_words(text: str, originals: Sequence[str], run: int = RUN) -> int:
    """How many words of a text stand in runs of `run` or more words that one of the originals has too."""
    words = words_of(text)
    known = {tuple(grams) for original in originals for grams in _runs(words_of(original), run)}
    taken: set[int] = set()
    for start, gram in enumerate(_runs(words, run)):
        if tuple(gram) in known:
            taken.update(range(start, start + run))
    return len(taken)


def _runs(words: Sequence[str], length: int) -> Iterator[Sequence[str]]:
    return (words[start : start + length] for start in range(len(words) - length + 1))


def on_right_side(text: str, walk: Walk) -> bool:
    """Whether a reply argues its view: it opens on its own side, and cites its own side more than the other.

    Own are the view, its reasons and its answers; an objection is the other side's; context counts for neither. Whether
    a sentence says what it cites, and not the opposite, is the support check's question.
    """
    per_sentence = [cited_ids(sentence.text) for sentence in split(text)]
    first = next((_leaning(ids, walk) for ids in per_sentence if ids), 0)
    return first > 0 and sum(_leaning(ids, walk) for ids in per_sentence) > 0


_OWN: Final = {Role.VIEW: 1, Role.REASON: 1, Role.ANSWER: 1, Role.OBJECTION: -1, Role.CONTEXT: 0}


def _leaning(ids: Sequence[str], walk: Walk) -> int:
    return sum(_OWN[walk.by_id[found].role] for found in ids if found in walk.by_id)


async def judge_sentences(text: str, assignment: Assignment, check: SupportCheck) -> tuple[Judged, ...]:
    """Every sentence of a reply, as grounding judges it: does it cite as it should, and is it supported."""
    gate, walk = Gate(assignment, check), assignment.walk
    judged: list[Judged] = []
    for sentence in split(text):
        found = await gate.judge(sentence)
        if found is None:
            continue
        cites = bool(found.cites) and all(cite in walk.by_id for cite in found.cites)
        fault = found.fault.reason if found.fault is not None else ""
        judged.append(Judged(found.text, cites=cites, supported=found.passed, fault=fault))
    return tuple(judged)


async def measure(label: str, writer: Writer, assignment: Assignment, check: SupportCheck) -> Sample:
    """Let a writer write, and measure what it wrote."""
    start = time.monotonic()
    first: float | None = None
    written = Written("", "nobody")
    async for event in writer.write(assignment):
        match event:
            case Released() | Withdrawn():
                first = first if first is not None else time.monotonic() - start
            case Written():
                written = event
    seconds = time.monotonic() - start
    walk = assignment.walk
    originals = [part for a in (s.argument for s in walk.steps) for part in (a.claim, a.contrary, a.text)]
    return Sample(
        label=label,
        assignment=assignment,
        written=written,
        sentences=await judge_sentences(written.text, assignment, check),
        right_side=on_right_side(written.text, walk),
        words=len(words_of(written.text)),
        reused=reused_words(written.text, originals),
        first_text=first,
        seconds=seconds,
    )


async def evaluate(
    writers: Mapping[str, Writer],
    maps: Sequence[ArgumentMap],
    check: SupportCheck,
    *,
    most: int = 12,
    words: int = 220,
    progress: Callable[[Sample], None] | None = None,
) -> Report:
    """Let every writer write on every map, one reply after the other so that the times mean something.

    Args:
        writers: by the label to show.
        maps: the topics.
        check: the support check.
        most: replies per map and writer.
        words: the limit of a reply.
        progress: told each sample as it is done.
    """
    samples: list[Sample] = []
    for argument_map in maps:
        for assignment in assignments(argument_map, most, words):
            for label, writer in writers.items():
                samples.append(await measure(label, writer, assignment, check))
                if progress is not None:
                    progress(samples[-1])
    return Report(tuple(samples))

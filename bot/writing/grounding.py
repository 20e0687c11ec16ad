"""The writer that lets a language model write and shows only what the map carries.

Sentences are released one by one as they pass the gate. What fails is collected; once the draft is over the model gets
one chance to repair it. If the repair is no better the outline writer takes over, and its text replaces what was shown.

Dropping: when the repair leaves at most two faulty sentences, making up at most a quarter of the reply, these are left
out and the rest stands, provided that it has three sentences (two where the map gives no reason), passes as a whole,
and that no sentence after a gap begins with a word that points back, as "But" or "This".
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

from bot.core.assignments import Assignment, Released, Withdrawn, WriterEvent, Written
from bot.core.language import mark
from bot.core.ports import Writer
from bot.core.walks import Role
from bot.errors import BudgetSpent, PromptError, WriterError, WriterMisconfigured, WriterOverloaded, WriterUnavailable
from bot.writing import plain, wording
from bot.writing.cited import Cited
from bot.writing.drafting import Drafter, Fault, FaultKind, SpentUsage
from bot.writing.gate import Gate, Judged, faults_of_whole
from bot.writing.sentences import Sentence, SentenceSplitter
from bot.writing.support import SupportCheck
from bot.writing.vocabulary import POINTS_BACK

log = logging.getLogger(__name__)

UNCHECKED: Final = mark(
    "The language model's text could not be checked against the map, so this was written from the outline."
)
UNAVAILABLE: Final = mark(
    "The language model could not be reached or stopped answering, so this was written from the outline."
)
MISCONFIGURED: Final = mark("The language model is not set up correctly, so this was written from the outline.")
OVERLOADED: Final = mark("The language model is busy right now, so this was written from the outline.")
SPENT: Final = mark("Today's share of the language model is used up, so this was written from the outline.")

MOST_DROPPED: Final = 2
SHARE_DROPPED: Final = 0.25
MIN_SENTENCES: Final = 3
MIN_SENTENCES_OF_LEAF: Final = 2
LONGEST_SENTENCE: Final = 1500
"""Characters without an end of a sentence after which a draft is given up."""
LETTERS_A_WORD: Final = 30
"""Characters for each word allowed after which a draft is given up, whatever of it passed."""


@dataclass(slots=True)
class _Attempt:
    """One draft or repair: its sentences as judged, and what is wrong with it as a whole."""

    sentences: list[Judged] = field(default_factory=list)
    faults_of_whole: list[Fault] = field(default_factory=list)
    raw: str = ""

    @property
    def kept(self) -> list[Judged]:
        return [sentence for sentence in self.sentences if sentence.passed]

    @property
    def faults(self) -> list[Fault]:
        return [*self.faults_of_whole, *(s.fault for s in self.sentences if s.fault is not None)]


class GroundedWriter:
    """A `bot.core.ports.Writer` over a language model.

    Args:
        drafter: the language model.
        outline: takes over when the model can't be used.
        check: compares sentences with what they cite.
        judge: whether the model is asked about sentences that the check can't decide, in one further call.
    """

    def __init__(self, drafter: Drafter, outline: Writer, check: SupportCheck, *, judge: bool = False) -> None:
        self._drafter = drafter
        self._outline = outline
        self._check = check
        self._judge = judge

    async def write(self, assignment: Assignment) -> AsyncGenerator[WriterEvent]:
        """Write a reply: releases, withdrawals, and one `Written`."""
        if not assignment.by_model:
            async with aclosing(self._outline.write(assignment)) as events_of_outline:
                async for each in events_of_outline:
                    yield each
            return
        spent = SpentUsage()
        shown = ""
        written: Written | None = None
        async with aclosing(self._model(assignment, spent)) as events:
            async for event in events:
                if isinstance(event, Released):
                    shown += event.text
                    yield event
                else:
                    written = event
        if written is None:
            raise RuntimeError("the model's part ended without a result")
        written = replace(
            written,
            model=self._drafter.model,
            prompt_version=self._prompt_version(assignment),
            usage=spent.usage,
        )
        if written.why_outline is None:
            if written.text != shown:
                yield Withdrawn(written.text)
            yield written
            return
        async with aclosing(self._from_outline(assignment, written, shown)) as outline:
            async for replacement in outline:
                yield replacement

    def _prompt_version(self, assignment: Assignment) -> str | None:
        try:
            return self._drafter.prompt_version(assignment.task)
        except PromptError:
            return None

    async def _from_outline(self, assignment: Assignment, failed: Written, shown: str) -> AsyncGenerator[WriterEvent]:
        """The outline writer's reply: streamed if nothing was shown, else in place of what was."""
        async with aclosing(self._outline.write(assignment)) as events:
            async for event in events:
                if isinstance(event, Written):
                    if shown:
                        yield Withdrawn(event.text)
                    yield replace(failed, text=event.text, writer=event.writer)
                elif not shown:
                    yield event

    async def _model(self, assignment: Assignment, spent: SpentUsage) -> AsyncGenerator[Released | Written]:
        """Draft and repair. Ends with a `Written` that has the model's text, or says why the outline is needed."""
        draft = _Attempt()
        citable = [Cited(step.argument, step.affirmed) for step in assignment.walk.steps]
        preparing = asyncio.create_task(self._check.prepare(assignment.map, citable))
        try:
            async with aclosing(self._draft(assignment, spent, draft)) as releases:
                async for release in releases:
                    yield release
            text, faults = await self._final(assignment, spent, draft)
        except (WriterError, PromptError) as error:
            log.warning("The outline writes in place of %s: %s", self._drafter.model, error)
            yield Written("", "model", why_outline=why_of(error))
        else:
            if not text:
                counts = Counter(fault.kind for fault in faults)
                shown = ", ".join(f"{kind} {count}" for kind, count in sorted(counts.items())) or "nothing is left"
                log.warning(
                    "The outline writes in place of %s, whose repair has faults too: %s", self._drafter.model, shown
                )
            yield Written(text or "", "model", why_outline=None if text else UNCHECKED)
        finally:
            preparing.cancel()
            await asyncio.gather(preparing, return_exceptions=True)

    async def _draft(self, assignment: Assignment, spent: SpentUsage, draft: _Attempt) -> AsyncGenerator[Released]:
        """Run the draft, releasing what passes, and judge it as a whole.

        Raises:
            WriterError: the model failed before it wrote anything, or in a way that a second call would meet too.
        """
        shown = ""
        async with aclosing(self._sentences(self._drafter.draft(assignment, spent), assignment, draft)) as judged:
            async for sentence in judged:
                if sentence.passed:
                    now = join(draft.sentences)
                    yield Released(now[len(shown) :])
                    shown = now
        await self._settle(assignment, spent, draft)

    async def _final(
        self, assignment: Assignment, spent: SpentUsage, draft: _Attempt
    ) -> tuple[str | None, Sequence[Fault]]:
        """The text to keep: the draft's, or its repair's; None when neither can stand. With it, the last faults.

        Raises:
            WriterError: the repair failed, and the draft can't stand without it.
        """
        if not draft.faults:
            return final_text(draft, assignment), ()
        _log("draft", draft)
        repair = _Attempt()
        try:
            deltas = self._drafter.repair(assignment, draft.raw.strip(), draft.faults, spent)
            async with aclosing(self._sentences(deltas, assignment, repair)) as judged:
                async for _ in judged:
                    pass
            await self._settle(assignment, spent, repair)
        except WriterError:
            if text := final_text(draft, assignment):
                return text, draft.faults
            raise
        _log("repair", repair)
        return final_text(repair, assignment) or final_text(draft, assignment), repair.faults or draft.faults

    async def _sentences(
        self, deltas: AsyncIterator[str], assignment: Assignment, attempt: _Attempt
    ) -> AsyncGenerator[Judged]:
        """The sentences of a stream as they are judged, up to the word limit; the attempt collects them."""
        gate = Gate(assignment, self._check)
        words = 0
        async with _closed(deltas), aclosing(_pieces(deltas, attempt, LETTERS_A_WORD * assignment.words)) as pieces:
            async for piece in pieces:
                judged = await gate.judge(piece)
                if judged is None:
                    continue
                if judged.passed:
                    words += judged.words
                    if words > assignment.words:
                        return
                attempt.sentences.append(judged)
                yield judged

    async def _settle(self, assignment: Assignment, spent: SpentUsage, attempt: _Attempt) -> None:
        """Judge an attempt that is over: refusals, what the check left undecided, and the whole."""
        if plain.is_refusal(attempt.raw):
            reason = "declines the task, which is to write from the material given"
            attempt.faults_of_whole = [Fault("", reason, FaultKind.DECLINED)]
            return
        undecided = [number for number, s in enumerate(attempt.sentences) if s.pair is not None]
        if self._judge and undecided:
            pairs = [pair for number in undecided if (pair := attempt.sentences[number].pair) is not None]
            try:
                verdicts = await self._drafter.judge(pairs, assignment, spent)
            except WriterError as error:
                log.warning("The model did not judge; the measurements decide: %s", error)
            else:
                for number, supported in zip(undecided, verdicts, strict=True):
                    sentence = attempt.sentences[number]
                    refused = sentence.fault or Fault(
                        sentence.text, "is not supported by what it cites", FaultKind.UNSUPPORTED
                    )
                    attempt.sentences[number] = replace(sentence, fault=None if supported else refused)
        attempt.faults_of_whole += faults_of_whole(attempt.sentences, assignment)


async def _pieces(deltas: AsyncIterator[str], attempt: _Attempt, most: int) -> AsyncGenerator[Sentence]:
    """Whole sentences of a stream. One that breaks off, or runs on for ever, is a fault of the attempt.

    Raises:
        WriterError: before any text came, or one that a second call would meet too.
    """
    splitter = SentenceSplitter()
    try:
        async for delta in deltas:
            attempt.raw += delta
            for sentence in splitter.feed(delta):
                yield sentence
            if len(splitter.pending) > LONGEST_SENTENCE or len(attempt.raw) > most:
                attempt.faults_of_whole.append(Fault("", "runs on far beyond its length", FaultKind.RUNS_ON))
                return
    except WriterUnavailable:
        if not attempt.raw.strip():
            raise
        attempt.faults_of_whole.append(Fault("", "breaks off before its end", FaultKind.CUT))
        return
    *whole, last = splitter.flush() or (None,)
    for sentence in whole:
        if sentence is not None:
            yield sentence
    if last is None:
        return
    if plain.finished(last.text):
        yield last
    else:
        fault = Fault(last.text, "is unfinished", FaultKind.CUT)
        attempt.sentences.append(Judged(last.text, last.before, fault=fault))


@asynccontextmanager
async def _closed(deltas: AsyncIterator[str]) -> AsyncIterator[None]:
    """Close a drafter's stream at the end, which closes its connection; not every iterator can be closed."""
    try:
        yield
    finally:
        if isinstance(deltas, AsyncGenerator):
            await deltas.aclose()


def join(sentences: Sequence[Judged]) -> str:
    """The text of the sentences that passed; a paragraph that began with one that didn't still begins."""
    text = gap = ""
    for sentence in sentences:
        gap = max(gap, sentence.before, key=len)
        if sentence.passed:
            text += (gap if text else "") + sentence.text
            gap = ""
    return text


def final_text(attempt: _Attempt, assignment: Assignment) -> str | None:
    """What an attempt can stand as, or None: see the rule on dropping in this module's docstring.

    An objection at the very end that the walk has an answer to is left out: the reply was longer than it may be, and
    would end by speaking for the other side.
    """
    kept, total = attempt.kept, len(attempt.sentences)
    dropped = total - len(kept)
    walk = assignment.walk
    answered = {s.argument.id for s in walk.of_role(Role.OBJECTION) if walk.of_role(Role.ANSWER, s.argument.id)}
    sentences = list(attempt.sentences)
    while kept and kept[-1].cites and answered.issuperset(kept[-1].cites):
        sentences.remove(kept.pop())
    if attempt.faults_of_whole or faults_of_whole(kept, assignment):
        return None
    if dropped:
        fewest = MIN_SENTENCES if walk.of_role(Role.REASON) else MIN_SENTENCES_OF_LEAF
        if dropped > MOST_DROPPED or dropped > SHARE_DROPPED * total or len(kept) < fewest or _dangles(sentences):
            return None
    return join(sentences)


def _dangles(sentences: Sequence[Judged]) -> bool:
    """Whether a sentence that points back stands right after one that is left out."""
    return any(
        not one.passed
        and other.passed
        and wording.words(other.text)[:1]
        and wording.words(other.text)[0] in POINTS_BACK
        for one, other in pairwise(sentences)
    )


def why_of(error: WriterError | PromptError) -> str:
    """Why the outline took over, for members; the log has the details."""
    match error:
        case BudgetSpent():
            return SPENT
        case WriterOverloaded():
            return OVERLOADED
        case WriterMisconfigured() | PromptError():
            return MISCONFIGURED
        case _:
            return UNAVAILABLE


def _log(stage: str, attempt: _Attempt) -> None:
    for fault in attempt.faults:
        log.info("A %s's fault: %s: %.200s", stage, fault.reason, fault.sentence)

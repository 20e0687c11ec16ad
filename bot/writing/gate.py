"""What a sentence of a model must be, to be shown; and what all of them together must be, to stand as a reply."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.core.messages import cited_ids
from bot.core.ports import Assignment
from bot.core.walks import Role
from bot.writing import plain, wording
from bot.writing.drafting import Fault
from bot.writing.outline import count_words
from bot.writing.sentences import Sentence
from bot.writing.support import Cited, Support, SupportCheck, SupportVerdict, cited_text
from bot.writing.vocabulary import FRAMING_WORDS, FUNCTION_WORDS, NEGATIONS

MAX_FRAMING_WORDS: Final = 12
MAX_FRAMING: Final = 2
"""Uncited sentences in one reply."""
MAX_TURNED: Final = 2
"""Sentences in one reply that report what the other side says of the view, or name what would refute the case."""
ALIKE: Final = 0.8
"""Share of content words in common (Jaccard) from which a sentence repeats another."""
_REPORTED: Final = re.compile(
    r"\b(?:claims?|view|hold|holds|believe[sd]?|argues?|say|says|said|think|thinks|critics?|opponents?|proponents?"
    r"|supporters?|advocates?|defenders?|objections?|concedes?|grant|granted|at its strongest"
    r"|would (?:change|undo|fall|fail|give way)|if it (?:were|turned)|evidence that|unless)\b",
    re.IGNORECASE,
)
_HYPOTHETICAL: Final = re.compile(r"\b(?:would|if|unless)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Judged:
    """A sentence as it would be shown, with what is wrong with it, if anything.

    `pair` is set where the support check was undecided: what a judge is asked, the sentence and the cited text.
    """

    text: str
    before: str
    cites: tuple[str, ...] = ()
    fault: Fault | None = None
    pair: tuple[str, str] | None = None

    @property
    def passed(self) -> bool:
        return self.fault is None

    @property
    def words(self) -> int:
        return count_words(self.text)


class Gate:
    """Judges the sentences of one reply in their order.

    A sentence passes if it is plain text, cites arguments of the walk and only these, is supported by what it cites,
    and doesn't repeat an earlier one. Without a citation only framing passes: at most twelve words, all of them
    function words, words such as "three points", or words of the view itself; none that denies; twice in a reply and
    never twice running.
    """

    def __init__(self, assignment: Assignment, check: SupportCheck) -> None:
        self._assignment = assignment
        self._check = check
        self._accepted: list[Judged] = []
        self._turned = 0
        view = assignment.map.words_of(assignment.walk.view)
        topic = f"{assignment.map.title} {assignment.map[assignment.walk.view.claim_id].claim} {view}"
        self._view_words = wording.stems(topic)

    async def judge(self, sentence: Sentence) -> Judged | None:
        """Judge the next sentence; None for what is no sentence at all, as a heading."""
        text, problem = plain.clean(sentence.text, self._assignment.walk.ids)
        if not text:
            return None
        before = "\n\n" if "\n" in sentence.before else sentence.before
        if problem:
            return Judged(text, before, fault=Fault(text, problem))
        if not plain.finished(text) and not text.endswith(":"):
            text += "."  # a list's item
        judged = await self._judged(text, before)
        if judged.passed:
            self._accepted.append(judged)
        return judged

    async def _judged(self, text: str, before: str) -> Judged:
        cites = cited_ids(text)
        if not wording.plain(text).strip(" .,;:!?"):
            return Judged(text, before, cites, Fault(text, "is a citation without a sentence"))
        if not cites:
            reason = self._not_framing(text)
            return Judged(text, before, fault=Fault(text, reason) if reason else None)
        named = [name for name in wording.ID.findall(text) if name in self._assignment.map]
        strangers = [cite for cite in dict.fromkeys((*cites, *named)) if cite not in self._assignment.walk.by_id]
        if strangers:
            reason = f"cites {', '.join(strangers)}, which is not among the arguments given"
            return Judged(text, before, cites, Fault(text, reason))
        if self._repeats(text):
            return Judged(text, before, cites, Fault(text, "repeats an earlier sentence"))
        cited = [Cited(step.argument, step.affirmed) for step in map(self._assignment.walk.by_id.__getitem__, cites)]
        verdict = await self._supported(text, cited)
        fault = None if verdict.leans else Fault(text, verdict.reason)
        undecided = verdict.support is Support.UNDECIDED
        pair = (wording.plain(text), cited_text(cited)) if undecided else None
        return Judged(text, before, cites, fault, pair)

    async def _supported(self, text: str, cited: Sequence[Cited]) -> SupportVerdict:
        verdict = await self._check.check(text, cited, self._assignment.map)
        if verdict.leans or not _REPORTED.search(wording.plain(text)):
            return verdict
        # The view may be reported as its opponents have it, and anything be said to be what would refute the case.
        view = self._assignment.walk.view.claim_id
        about_view = any(c.argument.id == view for c in cited)
        if self._turned == MAX_TURNED or not (about_view or _HYPOTHETICAL.search(text)):
            return verdict
        turned = [Cited(c.argument, not c.affirmed) for c in cited]
        other = await self._check.check(text, turned, self._assignment.map)
        if not other.leans:
            return verdict
        self._turned += 1
        return other

    def _not_framing(self, text: str) -> str:
        """Why an uncited sentence isn't mere framing; empty if it is."""
        found = wording.words(text)
        if any(word in NEGATIONS or word.endswith("n't") for word in found):
            return "argues without a citation"
        known = FUNCTION_WORDS | FRAMING_WORDS
        if len(found) > MAX_FRAMING_WORDS or any(
            word not in known and wording.stem(word) not in self._view_words for word in found
        ):
            return "argues without a citation"
        uncited = [not earlier.cites for earlier in self._accepted]
        if sum(uncited) >= MAX_FRAMING or (uncited and uncited[-1]):
            return "has no citation, and too many sentences have none"
        return ""

    def _repeats(self, text: str) -> bool:
        own = wording.content(text)
        earlier = (wording.content(judged.text) for judged in self._accepted)
        return any(own and len(own & other) / len(own | other) >= ALIKE for other in earlier)


def faults_of_whole(judged: Sequence[Judged], assignment: Assignment) -> list[Fault]:
    """What is wrong with sentences that pass one by one: nothing there, no reason given, the other side's case."""
    kept = [sentence for sentence in judged if sentence.passed]
    if not any(sentence.cites for sentence in kept):
        return [Fault("", "is empty" if not judged else "has no sentence that can be used")]
    walk = assignment.walk
    found = []
    reasons = {step.argument.id for step in walk.of_role(Role.REASON)}
    cited = {cite for sentence in kept for cite in sentence.cites}
    if reasons and not reasons & cited:
        found.append(Fault("", "gives none of the reasons for the view"))
    objections = {step.argument.id for step in walk.of_role(Role.OBJECTION)}
    for_other = sum(bool(s.cites) and set(s.cites) <= objections for s in kept)
    if 2 * for_other > sum(bool(s.cites) for s in kept):
        found.append(Fault("", "argues for the other side: most sentences cite only objections to the view"))
    return found

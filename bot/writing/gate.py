"""What a sentence of a model must be, to be shown; and what all of them together must be, to stand as a reply."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.core.arguments import RelationKind
from bot.core.assignments import Assignment
from bot.core.messages import cited_ids
from bot.core.walks import Role, Step, Walk
from bot.writing import plain, wording
from bot.writing.cited import Cited, cited_text
from bot.writing.drafting import Fault, FaultKind
from bot.writing.outline import count_words
from bot.writing.sentences import Sentence
from bot.writing.support import Support, SupportCheck, SupportVerdict
from bot.writing.vocabulary import FRAMING_WORDS, FUNCTION_WORDS, NEGATIONS

MAX_FRAMING_WORDS: Final = 12
MAX_FRAMING: Final = 2
"""Uncited sentences in one reply."""
MAX_TURNED: Final = 2
"""Sentences in one reply that report what the other side says of the view, or name what would refute the case."""
ALIKE: Final = 0.8
"""Share of content words in common (Jaccard) from which a sentence repeats another."""
_REPORTED: Final = re.compile(
    r"\b(?:claim(?:s|ed)?|view|hold|holds|held|believe[sd]?|argue[sd]?|say|says|said|think|thinks|critics?|opponents?|proponents?"
    r"|supporters?|advocates?|defenders?|objections?|concedes?|grant|granted|at its strongest"
    r"|would (?:change|undo|fall|fail|give way|weaken|lose|collapse|no longer|have to)|if it (?:were|turned)"
    r"|evidence that|unless)\b",
    re.IGNORECASE,
)
_HYPOTHETICAL: Final = re.compile(r"\b(?:would|if|unless)\b", re.IGNORECASE)
_OPEN: Final = re.compile(
    r"\b(?:whether|if|unless|claims?|worry|fear|doubt|concern|hangs?|turns? on|depends?|at stake)\b", re.IGNORECASE
)
"""Leaves open what it speaks of."""
_NOT_FOLLOWING: Final = re.compile(
    r"\b(?:it|that|this|which) (?:does not|doesn['’]t|need not|would not|wouldn['’]t) (?:yet |thereby )?"
    r"(?:follow|mean|settle|decide)(?: that)?\b",
    re.IGNORECASE,
)
"""Says of a reason that it is granted, and that its conclusion doesn't follow: what an undercut says."""


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
            return Judged(text, before, fault=Fault(text, problem, FaultKind.MARKUP))
        if not self._accepted and plain.is_preamble(text):
            return None
        if not plain.finished(text) and not text.endswith(":"):
            text += "."  # a list's item
        judged = await self._judged(text, before)
        if judged.passed:
            self._accepted.append(judged)
        return judged

    async def _judged(self, text: str, before: str) -> Judged:
        cites = cited_ids(text)
        if not wording.plain(text).strip(" .,;:!?"):
            return Judged(text, before, cites, Fault(text, "is a citation without a sentence", FaultKind.UNCITED))
        if not cites:
            reason = self._not_framing(text)
            return Judged(text, before, fault=Fault(text, reason, FaultKind.UNCITED) if reason else None)
        named = [name for name in wording.ID.findall(text) if name in self._assignment.map]
        strangers = [cite for cite in dict.fromkeys((*cites, *named)) if cite not in self._assignment.walk.by_id]
        if strangers:
            reason = f"cites {', '.join(strangers)}, which is not among the arguments given"
            return Judged(text, before, cites, Fault(text, reason, FaultKind.STRANGER))
        if self._repeats(text):
            return Judged(text, before, cites, Fault(text, "repeats an earlier sentence", FaultKind.REPEATED))
        steps = [self._assignment.walk.by_id[cite] for cite in cites]
        cited = [Cited(step.argument, self._as_argued(step, text)) for step in steps]
        verdict = await self._supported(text, cited, steps)
        fault = None if verdict.leans else Fault(text, verdict.reason, verdict.kind)
        undecided = verdict.support is Support.UNDECIDED
        pair = (wording.plain(text), cited_text(cited)) if undecided else None
        return Judged(text, before, cites, fault, pair)

    def _as_argued(self, step: Step, text: str) -> bool:
        """Whether a step is cited as what it claims, or as its contrary.

        What the case speaks against is cited as context for its contrary, unless the sentence leaves it open.
        """
        if step.role is not Role.CONTEXT or _OPEN.search(wording.plain(text)):
            return step.affirmed
        return speaks_for(step, self._assignment.walk)

    async def _supported(self, text: str, cited: Sequence[Cited], steps: Sequence[Step]) -> SupportVerdict:
        verdict = await self._check.check(text, cited, self._assignment.map)
        if not verdict.leans and (parts := self._undercutting(text, cited, steps)):
            granting = await self._check.check(*parts, self._assignment.map)
            verdict = granting if granting.leans else verdict
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

    def _undercutting(
        self, text: str, cited: Sequence[Cited], steps: Sequence[Step]
    ) -> tuple[str, Sequence[Cited]] | None:
        """For "Even if X, it does not follow that Y" citing an undercut: what is said once the formula is taken away.

        An undercut grants the reason X and denies that it leads to Y, so that both may be stated from these two.
        """
        undercuts = [step for step in steps if step.relation is RelationKind.UNDERCUTS and step.about and step.of]
        if not undercuts or not _NOT_FOLLOWING.search(text):
            return None
        arguments = self._assignment.map.by_id
        reasons = {Cited(arguments[step.about]): None for step in undercuts if step.about}
        ends = {
            Cited(arguments[step.of], affirmed): None for step in undercuts for affirmed in (True, False) if step.of
        }
        return _NOT_FOLLOWING.sub("", text), [*cited, *reasons, *ends]

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


def speaks_for(step: Step, walk: Walk) -> bool:
    """Whether a case speaks for the argument that it has for context: by supporting it, or by denying an attack."""
    if step.relation is RelationKind.BEARS_ON:
        return True
    return (step.relation is RelationKind.SUPPORTS) is walk.view.affirmed


def faults_of_whole(judged: Sequence[Judged], assignment: Assignment) -> list[Fault]:
    """What is wrong with sentences that pass one by one: nothing there, no reason given, the other side's case."""
    kept = [sentence for sentence in judged if sentence.passed]
    if not any(sentence.cites for sentence in kept):
        return [Fault("", "is empty" if not judged else "has no sentence that can be used", FaultKind.EMPTY)]
    walk = assignment.walk
    found = []
    reasons = {step.argument.id for step in walk.of_role(Role.REASON)}
    cited = {cite for sentence in kept for cite in sentence.cites}
    if reasons and not reasons & cited:
        found.append(Fault("", "gives none of the reasons for the view", FaultKind.NO_REASON))
    objections = {step.argument.id for step in walk.of_role(Role.OBJECTION)}
    for_other = sum(bool(s.cites) and set(s.cites) <= objections for s in kept)
    if 2 * for_other > sum(bool(s.cites) for s in kept):
        reason = "argues for the other side: most sentences cite only objections to the view"
        found.append(Fault("", reason, FaultKind.OTHER_SIDE))
    return found

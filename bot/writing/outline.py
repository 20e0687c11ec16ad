"""The outline writer: a short case composed from the walk, without a model.

It opens with the view, joins its points by what relates them, answers the strongest objection or grants it, and ends
with what would change the view. Every sentence is a frame of ours around a claim of the map, or one of the map's own
sentences, and cites it. The next ask of the same view leads with another reason, meets another objection, and gets
other frames and other sentences of the same arguments.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import chain
from typing import TypeVar
from zlib import crc32

from bot.core.arguments import Argument, ArgumentMap, Certainty, RelationKind, View
from bot.core.assignments import Assignment, Released, Task, WriterEvent, Written
from bot.core.walks import Role, Step
from bot.writing import frames
from bot.writing.frames import Frames

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9'\"“])")
_HEDGE = re.compile(r"\b(may|might|could|probably|perhaps|possibly|seems?|likely|unlikely|tends?)\b")
_Item = TypeVar("_Item")
_WORD = re.compile(r"[\w'’-]+")


class OutlineWriter:
    """Writes a reply from the walk alone. Same assignment, same text."""

    async def write(self, assignment: Assignment) -> AsyncGenerator[WriterEvent]:
        paragraphs = outline(assignment)
        for number, paragraph in enumerate(paragraphs):
            for index, sentence in enumerate(paragraph):
                gap = " " if index else "\n\n" if number else ""
                yield Released(gap + sentence)
        yield Written("\n\n".join(" ".join(paragraph) for paragraph in paragraphs), writer="outline")


def outline(assignment: Assignment) -> list[list[str]]:
    """The reply as paragraphs of sentences, within the assignment's word limit."""
    case = _Case(assignment)
    paragraphs = case.steelman() if assignment.task is Task.STEELMAN else case.counter()
    return _within(paragraphs, assignment.words)


@dataclass(frozen=True, slots=True)
class _Sentence:
    """`rank` says what goes first when words run out: the highest number; 0 always stays.

    One that `leads` is nothing without the sentence after it, as an objection is without its answer, and goes with it.
    """

    text: str
    rank: int = 0
    leads: bool = False


def _within(paragraphs: Sequence[Sequence[_Sentence]], most: int) -> list[list[str]]:
    """Drop the most dispensable sentences, later ones first, until the words fit; empty paragraphs go."""
    kept = [list(paragraph) for paragraph in paragraphs]
    while sum(count_words(s.text) for s in chain(*kept)) > most:
        rank = max((s.rank for s in chain(*kept)), default=0)
        if rank == 0:
            break
        for paragraph in reversed(kept):
            last = next((s for s in reversed(paragraph) if s.rank == rank), None)
            if last is not None:
                place = paragraph.index(last)
                start = place - 1 if place > 0 and paragraph[place - 1].leads else place
                del paragraph[start : place + 1]
                break
    return [[s.text for s in paragraph] for paragraph in kept if paragraph]


def count_words(text: str) -> int:
    """Words of a text, citations left out."""
    return len(_WORD.findall(re.sub(r"\[[^\]]*\]", "", text)))


@dataclass
class _Case:
    assignment: Assignment
    _turns: dict[int, int] = field(default_factory=dict)

    @property
    def _map(self) -> ArgumentMap:
        return self.assignment.map

    # -- the two forms ----------------------------------------------------------------------------------------------

    def steelman(self) -> list[list[_Sentence]]:
        root = self.assignment.walk.steps[0]
        opening = [self._view(root)]
        if root.affirmed:
            opening += self._own_words(root.argument, 2 if self._is_leaf else 1, rank=2)
        context = self._context(root)
        if self._is_leaf or len(opening) == 1:
            opening += context
        return [opening, self._reasons(), self._objections(), [self._would_change(root)]]

    def counter(self) -> list[list[_Sentence]]:
        root = self.assignment.walk.steps[0]
        target = View(root.argument.id, not root.affirmed)
        opening = [self._say(self._pick(frames.AT_ITS_STRONGEST), self._map.words_of(target), root.argument)]
        if target.affirmed:
            opening += [
                self._say(self._pick(frames.DEFENDED), reported, root.argument, rank=3)
                for reported in self._turned(root.argument)[:1]
            ]
        case = self._reasons()
        if not case:  # the denial of the target is the only thing that the map has
            case = [self._view(root), *self._own_words(root.argument, 2, rank=2)]
        return [opening, case, [*self._objections(), *self._concession()], [self._would_change(root)]]

    # -- parts ------------------------------------------------------------------------------------------------------

    def _view(self, root: Step) -> _Sentence:
        if root.affirmed:
            return self._framed(frames.VIEW, root)
        met = any(step.relation is RelationKind.REBUTS for step in self._by_weight)
        options = frames.DENIAL if met else frames.DENIAL_ALONE
        return self._say(self._pick(options), root.words, root.argument)

    def _context(self, root: Step) -> list[_Sentence]:
        found = self.assignment.walk.of_role(Role.CONTEXT)
        if not found:
            return []
        step = found[0]
        if not root.affirmed:
            options = frames.CONTEXT_LOST
        elif step.relation is RelationKind.UNDERCUTS:
            options = frames.CONTEXT_STEP
        elif step.relation is RelationKind.REBUTS:
            options = frames.CONTEXT_AGAINST
        else:
            options = frames.CONTEXT_FOR
        return [self._say(self._pick(options), step.argument.claim, step.argument, rank=4)]

    @cached_property
    def _by_weight(self) -> list[Step]:
        """The reasons for the view itself, or where there are none those against what the denied claim rests on."""
        steps = self.assignment.walk.of_role(Role.REASON)
        direct = [step for step in steps if step.about == self._root_id]
        return direct or [step for step in steps if step.about not in _ids(steps)]

    @cached_property
    def _direct(self) -> list[Step]:
        """The same in the order of the reply: what speaks for the view, then what undercuts the claim that it denies.

        Each ask leads with the next of them, so that the second ask hears another case and not the same in new words.
        """
        plain = [step for step in self._by_weight if step.relation is not RelationKind.UNDERCUTS]
        undercuts = [step for step in self._by_weight if step.relation is RelationKind.UNDERCUTS]
        return [*self._rotated(plain), *self._rotated(undercuts)]

    def _reasons(self) -> list[_Sentence]:
        said: list[_Sentence] = []
        for number, step in enumerate(self._direct):
            options = self._frames_of(number, step)
            said.append(self._framed(options, step, rank=0 if number < 2 else number + 2))
            said += self._own_words(step.argument, 1, rank=1 if number == 0 else number + 4)
            for backing in self.assignment.walk.of_role(Role.REASON, about=step.argument.id):
                said.append(self._framed(frames.BACKING, backing, rank=2 if number == 0 else number + 3))
        return said

    def _frames_of(self, number: int, step: Step) -> Frames:
        """How a reason is introduced: by its place in the case, and by what it does to the view."""
        before = self._direct[number - 1] if number else None
        if step.relation is RelationKind.UNDERCUTS and step.about == self._root_id:
            if before is None:
                return frames.GRANTED
            return frames.NEXT_REASON if before.relation is RelationKind.UNDERCUTS else frames.SUPPOSING
        if before is not None:
            return frames.NEXT_REASON
        if step.relation is RelationKind.BEARS_ON:
            return frames.REMOTE
        if step.about != self._root_id:
            return frames.GROUND
        strongest = step is self._by_weight[0]
        if self.assignment.task is Task.COUNTER:
            return frames.FIRST_AGAINST if strongest else frames.LEADING_AGAINST
        return frames.FIRST_REASON if strongest else frames.LEADING_REASON

    def _objections(self) -> list[_Sentence]:
        walk = self.assignment.walk
        countering = self.assignment.task is Task.COUNTER
        first = frames.FIRST_REJOINDER if countering else frames.FIRST_OBJECTION
        said: list[_Sentence] = []
        answered = [step for step in walk.of_role(Role.OBJECTION) if walk.of_role(Role.ANSWER, step.argument.id)]
        for number, step in enumerate(self._rotated(answered)):
            rank = 7 if number else 0
            answers = walk.of_role(Role.ANSWER, step.argument.id)
            options = frames.NEXT_OBJECTION if number else first
            objection = self._say(self._pick(options), step.argument.claim, step.argument, rank=rank)
            said.append(replace(objection, leads=True))
            said.append(self._answer(answers[0], rank=rank))
            said += self._own_words(answers[0].argument, 1, rank=rank or 3)
        if not countering:
            said += [
                self._say(self._pick(frames.UNANSWERED), step.argument.claim, step.argument, rank=6 if answered else 0)
                for step in self._unanswered()
            ]
        return said

    def _concession(self) -> list[_Sentence]:
        """What a counterargument grants: the strongest point of the other side that the map doesn't answer."""
        return [self._say(self._pick(frames.CONCESSION), s.argument.claim, s.argument) for s in self._unanswered()]

    def _unanswered(self) -> list[Step]:
        """The first objection that the map has no answer to; one that the reasons have met already is not conceded."""
        walk = self.assignment.walk
        return [
            step
            for step in walk.of_role(Role.OBJECTION)
            if not walk.of_role(Role.ANSWER, step.argument.id) and not self._is_answered(step)
        ][:1]

    def _is_answered(self, objection: Step) -> bool:
        found = self._map.relations_to(objection.argument.id, RelationKind.REBUTS, RelationKind.UNDERCUTS)
        return any(r.of is None or r.of == (objection.of or objection.about) for r in found)

    def _answer(self, step: Step, *, rank: int) -> _Sentence:
        return self._framed(
            frames.GRANTING if step.relation is RelationKind.UNDERCUTS else frames.ANSWER, step, rank=rank
        )

    def _would_change(self, root: Step) -> _Sentence:
        turning = self._direct[0] if self._direct else root
        words = turning.argument.contrary if turning.affirmed else turning.argument.claim
        if turning is root:
            options = frames.WOULD_CHANGE_LEAF
        elif self.assignment.task is Task.STEELMAN:
            options = frames.WOULD_CHANGE
        else:
            options = frames.WOULD_CHANGE_REPLY
        return self._say(self._pick(options), words, turning.argument)

    @property
    def _root_id(self) -> str:
        return self.assignment.walk.steps[0].argument.id

    @property
    def _is_leaf(self) -> bool:
        return not self.assignment.walk.of_role(Role.REASON)

    # -- sentences --------------------------------------------------------------------------------------------------

    def _framed(self, options: Frames, step: Step, *, rank: int = 0) -> _Sentence:
        return self._say(self._pick(options[certainty_of(step.argument)]), step.words, step.argument, rank=rank)

    def _say(self, frame: str, claim: str, argument: Argument, *, rank: int = 0) -> _Sentence:
        text = frame.replace("{c}", inline(claim, self._map)).replace("{C}", claim)
        return _Sentence(f"{text[0].upper()}{text[1:]} [{argument.id}].", rank)

    def _own_words(self, argument: Argument, most: int, *, rank: int) -> list[_Sentence]:
        return [_Sentence(f"{text} [{argument.id}].", rank) for text in self._turned(argument)[:most]]

    def _turned(self, argument: Argument) -> list[str]:
        """The sentences of the argument's text without their stops, from another one on each time the view is asked.

        Whoever proposes an argument may give no more than its claim, which is then its text too: that is said already.
        """
        texts = [text.rstrip(".") for text in split(argument.text)]
        return self._rotated([text for text in texts if text.casefold() != argument.claim.casefold()])

    def _rotated(self, items: Sequence[_Item]) -> list[_Item]:
        start = self.assignment.seen % len(items) if items else 0
        return [*items[start:], *items[:start]]

    def _pick(self, options: Sequence[str]) -> str:
        """The next frame of a list: where it starts depends on the view and on how often it was asked."""
        key = id(options)
        if key not in self._turns:
            view = self.assignment.target
            seed = crc32(f"{view.claim_id}{view.affirmed}{self.assignment.task}".encode())
            self._turns[key] = seed + self.assignment.seen
        turn = self._turns[key]
        self._turns[key] = turn + 1
        return options[turn % len(options)]


def _ids(steps: Sequence[Step]) -> set[str]:
    return {step.argument.id for step in steps}


def certainty_of(argument: Argument) -> Certainty:
    """How firmly to put a claim; one that hedges in its own words needs no further hedge."""
    return Certainty.ASSERTED if _HEDGE.search(argument.claim.lower()) else argument.certainty


def split(text: str) -> list[str]:
    """A map's text as sentences."""
    return _SENTENCE_END.split(" ".join(text.split()))


def inline(claim: str, argument_map: ArgumentMap) -> str:
    """A claim as a clause: with a small first letter, unless it begins with a name or an acronym."""
    first, space, rest = claim.partition(" ")
    bare = re.sub(r"['’]s$", "", first.strip("'\"“”,"))
    names, small = _capitals(argument_map)
    starts_a_name = rest[:1].isupper() and not rest[1:2].isupper() and bare.lower() not in small
    if any(ch.isupper() for ch in bare[1:]) or starts_a_name or bare in names:
        return claim
    return first.lower() + space + rest


@lru_cache(maxsize=64)
def _capitals(argument_map: ArgumentMap) -> tuple[frozenset[str], frozenset[str]]:
    """Words that the map writes with a capital inside a sentence, and never without: names; and those without one."""
    capitals: set[str] = set()
    small: set[str] = set()
    for text in chain.from_iterable((a.claim, a.contrary, *split(a.text)) for a in argument_map):
        words = [re.sub(r"['’]s$", "", word) for word in _WORD.findall(text)]
        small.update(word for word in words if word[:1].islower())
        capitals.update(word for word in words[1:] if word[:1].isupper())
    return frozenset(word for word in capitals if word.lower() not in small), frozenset(small)

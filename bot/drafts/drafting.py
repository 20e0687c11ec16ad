"""A draft from a document, step by step: the topic, each passage's arguments, what bears on what.

What was paid for is kept: a passage without an answer or relations that can't be had are left out and reported, and
only a document without any usable argument or without a thesis ends in an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from bot.core.arguments import Certainty, Relation, RelationKind, Side
from bot.drafts import relations, repairs
from bot.drafts.answers import Fields
from bot.drafts.asking import MOST_OF_A_PASSAGE, Asker
from bot.drafts.document import Document, Passage
from bot.drafts.parts import Changed, Draft, Drafted, Left, Origin, Report, Topic, argument_id, counted
from bot.drafts.quotes import Place, Quotable, is_telling
from bot.errors import NothingUsable, WriterError

MOST: Final = 100
"""Arguments of a draft, so that all claims fit a prompt together."""
AT_A_TIME: Final = 25
"""Arguments whose relations are asked for in one call."""
_MOST_READ: Final = 2 * MOST_OF_A_PASSAGE
"""Arguments of one answer that are looked at: a model that runs on repeats itself."""
_MERGED_QUOTES: Final = 3
_SHOWN: Final = 90
_GIVE_UP: Final = 2
"""Passages in a row without an answer after which the rest is not asked for."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person who asks has settled; empty where the model is to say it. All fit the map format."""

    question: str = ""
    thesis: str = ""
    prefix: str = ""
    topic_id: str = ""
    taken_prefixes: frozenset[str] = frozenset()
    taken_ids: frozenset[str] = frozenset()
    """Of other maps: a prefix or id that is made up here is none of these."""


@dataclass
class _Candidate:
    """An argument on its way: where it comes from is known, whether it fits is not."""

    found: Fields
    """Claim, contrary and text, mended."""
    side: Side | None
    certainty: Certainty
    origin: Origin
    faults: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, fields: Fields, origin: Origin) -> _Candidate:
        side, certainty = repairs.as_side(fields.get("side", "")), repairs.as_certainty(fields.get("certainty", ""))
        candidate = cls(repairs.statement(fields), side, certainty, origin)
        candidate.check()
        return candidate

    def check(self) -> None:
        self.faults = repairs.statement_faults(self.found)
        if self.side is None:
            self.faults.append("side: it is one of pro, con, neutral")

    def drafted(self, side: Side) -> Drafted:
        found = self.found
        return Drafted(found["claim"], found["contrary"], found["text"], side, self.certainty, (self.origin,))


async def draft(
    document: Document, wishes: Wishes, asker: Asker, report: Report, progress: Callable[[str], None] = lambda _: None
) -> Draft:
    """Draft a map.

    Args:
        document: what to draft from.
        wishes: what is settled already.
        asker: the model.
        report: told of what is left out and changed.
        progress: told, in a few words, what is being done.

    Raises:
        NothingUsable: no thesis, or no argument that fits.
        WriterError: the model can't be had at all.
    """
    drafting = _Drafting(document, asker, report, progress)
    progress("finding the topic")
    topic = await drafting.topic(wishes)
    found = await drafting.arguments(topic)
    if not found:
        raise NothingUsable(
            f"The model gave no argument that can be used from {document.name}{_reasons(report)}; try a larger model."
        )
    return await drafting.related(topic, found)


def _reasons(report: Report) -> str:
    counts = counted(report.left)
    return f" ({'; '.join(f'{count}: {why}' for why, count in counts)})" if counts else ""


@dataclass
class _Drafting:
    document: Document
    asker: Asker
    report: Report
    progress: Callable[[str], None]

    def __post_init__(self) -> None:
        self.quotable = Quotable(self.document)

    # -- the topic ----------------------------------------------------------------------------------------------------

    async def topic(self, wishes: Wishes) -> Topic:
        faults: list[str] = []
        for last in (False, True):
            fields = await self.asker.topic(self.document, wishes.question, wishes.thesis, faults)
            if fields is None:
                break
            found = repairs.statement({**fields, **({"claim": wishes.thesis} if wishes.thesis else {})})
            full = repairs.plain(fields.get("title", ""))
            title = repairs.as_title(full) if last else full.rstrip(". ")
            question = wishes.question or repairs.plain(fields.get("question", ""))
            faults = repairs.statement_faults(found) + repairs.topic_faults(title, question)
            if not faults:
                if title.endswith("…") and title != full:
                    self.report.change(Changed.TITLE, title)
                return Topic(
                    id=wishes.topic_id or repairs.slug_of(title, wishes.taken_ids),
                    prefix=wishes.prefix or repairs.prefix_of(title, wishes.taken_prefixes),
                    title=title,
                    question=question,
                    **found,
                )
        told = f" ({'; '.join(faults)})" if faults else ""
        raise NothingUsable(
            f"The model gave no thesis that can be used{told}; give --thesis and --question, or try a larger model."
        )

    # -- the arguments ------------------------------------------------------------------------------------------------

    async def arguments(self, topic: Topic) -> list[Drafted]:
        """All passages' arguments, in the document's order, at most `MOST`."""
        passages = self.document.passages()
        found: list[Drafted] = []
        silent = 0
        for passage in passages:
            place = Place(passage.first, passage.last)
            self.progress(f"passage {passage.number} of {len(passages)}, {place}: {len(found)} arguments so far")
            try:
                answered = await self._of_passage(topic, passage)
            except WriterError as error:
                silent += 1
                self.report.leave(Left.PASSAGE, f"passage {passage.number}, {place}", error.message)
                if silent < min(_GIVE_UP, len(passages)):
                    continue
                if not found:
                    raise
                for rest in passages[passage.number :]:
                    self.report.leave(
                        Left.PASSAGE, f"passage {rest.number}, {Place(rest.first, rest.last)}", "not asked"
                    )
                break
            silent = 0
            found += answered
        found = self._once(found)
        for over in found[MOST:]:
            self.report.leave(Left.OVER, over.claim)
        return sorted(found[:MOST], key=lambda one: (one.origins[0].place.first, one.origins[0].place.last))

    async def _of_passage(self, topic: Topic, passage: Passage) -> list[Drafted]:
        answer = await self.asker.arguments(_named(topic), passage)
        if answer is None:
            place = Place(passage.first, passage.last)
            self.report.leave(Left.PASSAGE, f"passage {passage.number}, {place}", "no JSON")
            return []
        near = Place(passage.first, passage.last)
        for over in answer[_MOST_READ:]:
            self.report.leave(Left.OVER, _few(repairs.plain(over.get("claim", ""))))
        candidates = [one for fields in answer[:_MOST_READ] if (one := self._quoted(fields, near)) is not None]
        await self._mend(topic, [one for one in candidates if one.faults])
        for one in candidates:
            if one.faults:
                self.report.leave(Left.FORMAT, _few(one.found["claim"]), "; ".join(one.faults))
        return [one.drafted(one.side) for one in candidates if not one.faults and one.side is not None]

    def _quoted(self, fields: Fields, near: Place) -> _Candidate | None:
        """A candidate whose quote the document has; what has none is never asked for again, as it has no ground."""
        quote = repairs.one_line(fields.get("quote", ""))
        about = _few(repairs.plain(fields.get("claim", "")))
        place = self.quotable.find(fields.get("quote", ""), near)
        if place is None:
            self.report.leave(Left.QUOTE, about, f"“{_few(quote)}”")
            return None
        if not is_telling(quote):
            self.report.leave(Left.SHORT, about, f"“{quote}”")
            return None
        return _Candidate.of(fields, Origin(quote, place))

    async def _mend(self, topic: Topic, faulty: Sequence[_Candidate]) -> None:
        if not faulty:
            return
        self.progress(f"asking once more for {len(faulty)} that don't fit the format")
        asked = [
            {**one.found, "number": number, "quote": one.origin.quote, "side": one.side or "", "faults": one.faults}
            for number, one in enumerate(faulty, start=1)
        ]
        try:
            mended = await self.asker.mended(_named(topic), asked)
        except WriterError:
            return  # they are left out with their faults
        for fields in mended:
            number = fields.get("number", "")
            if not re.fullmatch(r"[1-9]\d?", number) or int(number) > len(faulty):
                continue
            one = faulty[int(number) - 1]
            one.found = repairs.statement({**one.found, **fields})
            one.side = repairs.as_side(fields.get("side", "")) or one.side
            one.check()

    def _once(self, found: Iterable[Drafted]) -> list[Drafted]:
        """Without those that say the same in the same words, which overlapping passages give."""
        kept: dict[tuple[str, Side], Drafted] = {}
        for one in found:
            key = (one.claim.casefold(), one.side)
            if key in kept:
                kept[key] = _merged(kept[key], one)
            else:
                kept[key] = one
        return list(kept.values())

    # -- what bears on what -------------------------------------------------------------------------------------------

    async def related(self, topic: Topic, found: Sequence[Drafted]) -> Draft:
        """The draft: duplicates merged, relations made sound, ids given."""
        duplicates, proposed = await self._proposed(topic, found)
        stays = self._resolved(found, duplicates)
        kept = [number for number in range(1, len(found) + 1) if stays[number] == number]
        ids = {0: argument_id(topic.prefix, 0)}
        ids |= {number: argument_id(topic.prefix, place) for place, number in enumerate(kept, start=1)}
        arguments = {number: found[number - 1] for number in kept}
        for number, one in enumerate(found, start=1):
            if stays[number] != number:
                arguments[stays[number]] = _merged(arguments[stays[number]], one)
                self.report.leave(Left.MERGED, one.claim, f"merged into {ids[stays[number]]}")

        def named(word: str) -> str:
            number = _number(word)
            return ids[stays[number]] if number in stays else f"“{word}”"

        wanted = [
            Relation(kind, named(source), named(target), named(of) if of else None)
            for kind, source, target, of in proposed
        ]
        between = [r for r in wanted if r.source not in {r.target, r.of}]  # a merged pair has none of its own
        sides = {ids[number]: one.side for number, one in arguments.items()}
        copied = {ids[number]: run for number, one in arguments.items() if (run := self._copied(one.claim, one.text))}
        if run := self._copied(topic.claim, topic.text):
            copied[ids[0]] = run
        for name, run in sorted(copied.items()):
            self.report.change(Changed.COPIED, name, f"{run} words")
        kept_relations = relations.sound(ids[0], sides, between, self.report)
        return Draft(topic, tuple(arguments.values()), tuple(kept_relations), copied)

    def _copied(self, *texts: str) -> int:
        return max(self.quotable.copied(text) for text in texts)

    async def _proposed(
        self, topic: Topic, found: Sequence[Drafted]
    ) -> tuple[list[tuple[int, int]], list[tuple[RelationKind, str, str, str]]]:
        """What the model says: pairs of a duplicate and what it repeats, by number; relations by its prompt's ids."""
        claims = [
            {"id": f"a{number}", "side": one.side.value, "claim": one.claim}
            for number, one in enumerate(found, start=1)
        ]
        duplicates: list[tuple[int, int]] = []
        proposed: list[tuple[RelationKind, str, str, str]] = []
        for start in range(0, len(claims), AT_A_TIME):
            some = claims[start : start + AT_A_TIME]
            self.progress(f"relations of {some[0]['id']} to {some[-1]['id']}, of {len(claims)} arguments")
            try:
                answer = await self.asker.relations(_named(topic), claims, some[0]["id"], some[-1]["id"])
            except WriterError as error:
                self.report.leave(Left.RELATIONS, f"{some[0]['id']} to {some[-1]['id']}", error.message)
                break
            if answer is None:
                self.report.leave(Left.RELATIONS, f"{some[0]['id']} to {some[-1]['id']}", "no JSON")
                continue
            duplicates += [(_number(one.get("id", "")), _number(one.get("of", ""))) for one in answer[0]]
            for one in answer[1]:
                kind = next((kind for kind in RelationKind if kind == one.get("kind", "").strip().lower()), None)
                parts = (repairs.plain(one.get(name, ""))[:_SHOWN] for name in ("source", "target", "of"))
                source, target, of = parts
                if kind is None:
                    self.report.leave(Left.KIND, f"{source} to {target}")
                else:
                    proposed.append((kind, source, target, of if kind is RelationKind.UNDERCUTS else ""))
        return duplicates, proposed

    def _resolved(self, found: Sequence[Drafted], duplicates: Iterable[tuple[int, int]]) -> dict[int, int]:
        """For each number, 0 for the thesis, the number that stays: the earliest of those that say the same."""
        stays = {number: number for number in range(len(found) + 1)}
        for one, other in duplicates:
            if not (0 < one <= len(found) and 0 < other <= len(found)):
                continue
            first, second = sorted((stays[one], stays[other]))
            # Two sides can't say the same: then one of the two answers is wrong, and a person should see both.
            if found[first - 1].side is found[second - 1].side:
                stays = {number: first if stay == second else stay for number, stay in stays.items()}
        return stays


def _named(topic: Topic) -> dict[str, str]:
    """The topic as the templates name it."""
    return {"title": topic.title, "question": topic.question, "thesis": topic.claim, "contrary": topic.contrary}


def _number(word: str) -> int:
    """The number that a prompt's id stands for: 0 for the thesis, -1 for what is none."""
    word = word.strip().lower()
    if word == "thesis":
        return 0
    found = re.fullmatch(r"a0{0,3}([1-9]\d{0,3})", word)
    return int(found[1]) if found else -1


def _merged(one: Drafted, other: Drafted) -> Drafted:
    """An argument with what another one comes from, unless it is the same."""
    origins = [*one.origins, *(origin for origin in other.origins if origin not in one.origins)]
    return replace(one, origins=tuple(origins[:_MERGED_QUOTES]))


def _few(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"

"""Plays a scenario in any chat, and checks everything that anybody sees."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.acceptance.fortnight.chat import Chat, Shown, normal, until
from tests.acceptance.fortnight.scenario import Day, Look, Scenario, Step, has
from tests.acceptance.fortnight.stage import Stage

ALL = ""
"""Stands for whoever sees the channel."""


@dataclass
class Runner:
    """Plays a scenario, once.

    Every message is expected: by the step that caused it, once. One that is not, a double as any other, fails at the
    next step, by the end of the day at the latest.

    Args:
        patience: seconds within which what is expected must be seen.
    """

    scenario: Scenario
    chat: Chat
    stage: Stage
    patience: float = 20.0
    _expected: dict[str, str] = field(default_factory=dict)
    """Ids of messages that were expected, with whom they are for, or ALL."""
    _askers: dict[str, str] = field(default_factory=dict)
    """Ids of answers, with who asked."""
    _named: dict[str, str] = field(default_factory=dict)
    _in_hand: dict[str, str] = field(default_factory=dict)
    """Names of answers that are still to come, with who asked."""
    _days: dict[str, Day] = field(default_factory=dict)
    """Ids of messages, with the day on which they came."""
    _checked: dict[str, Shown] = field(default_factory=dict)
    """Messages whose words may be seen."""

    async def play(self) -> None:
        """The whole of it.

        Raises:
            AssertionError: something is not seen that should be, or is that shouldn't.
        """
        for day in self.scenario.days:
            self.stage.turn_to(day.date)
            for number, step in enumerate(day.steps, 1):
                try:
                    await self._play(day, step)
                except (AssertionError, TimeoutError) as error:
                    raise AssertionError(f"{day.date:%A %d %B}, step {number}, {step_words(step)}: {error}") from error
            await self.chat.settled()
            self._check(day, strict=not self._in_hand)
        assert not self._in_hand, f"never answered: {sorted(self._in_hand)}"
        self._count_posts()

    async def _play(self, day: Day, step: Step) -> None:
        self._check(day, strict=not self._in_hand)
        if (at := day.time_of(step)) is not None:
            self.stage.turn_to(at)
        if step.model is not None:
            self.stage.model.state = step.model
        elif step.restart:
            await self.chat.restart()
        elif step.due is not None:
            await self.chat.post_due()
            await self._all_posted(step.due)
        elif step.answered is not None and step.public is not None:
            asker = self._in_hand[step.answered]
            # What is begun of it stays behind where its process died; the whole of it comes once.
            whole = await self._one(asker, step.public, public=True, late=True)
            self._in_hand.pop(step.answered)
            for begun in self._new(asker):
                assert not has(begun.text, step.public.shows[0]), f"answered twice: {begun.text}"
                self._expect(begun, ALL, asker)
            assert whole
        else:
            await asyncio.gather(*(self._act(member, step) for member in step.who))

    async def _act(self, member: str, step: Step) -> None:
        if step.command is not None:
            await self.chat.command(member, step.command)
        elif step.says is not None:
            await self.chat.says(member, step.says)
        elif step.presses is not None and step.under is not None:
            await self.chat.presses(member, self._named[step.under], step.presses)
        if step.in_hand is not None:
            self._in_hand[step.in_hand] = member
        elif step.private is not None:
            await self._one(member, step.private, public=False)
        elif step.public is not None:
            await self._one(member, step.public, public=True)

    # -- what is expected -----------------------------------------------------------------------------------------

    async def _one(self, member: str, look: Look, *, public: bool, late: bool = False) -> Shown:
        """The one new message that a member sees and that has the words; everybody sees it, or nobody else."""
        try:
            found = await until(lambda: self._match(member, look), self.patience, self.chat.post_due if late else None)
        except TimeoutError:
            raise AssertionError(f"{member} does not see {look.shows}, but {self._texts(self._new(member))}") from None
        assert found.private is not public, f"should be {'public' if public else 'private'}: {found.text}"
        if public:
            await self._everybody_sees(found.id)
        self._expect(found, ALL if public else member, member)
        self._examine(found, look)
        return found

    async def _all_posted(self, looks: Sequence[Look]) -> None:
        """These posts are new in the channel, in whatever order, and nothing else."""
        anybody = next(iter(self.scenario.members))
        for look in looks:
            try:
                found = await until(lambda look=look: self._match(anybody, look), self.patience)  # type: ignore[misc]
            except TimeoutError:
                raise AssertionError(f"not posted: {look.shows}, but {self._texts(self._new(anybody))}") from None
            assert not found.private, f"should be in the channel: {found.text}"
            await self._everybody_sees(found.id)
            self._expect(found, ALL, None)
            self._examine(found, look)

    def _match(self, member: str, look: Look) -> Shown | None:
        found = [each for each in self._new(member) if has(each.text, look.shows[0])]
        assert len(found) <= 1, f"shown twice: {self._texts(found)}"
        if not found:
            return None
        whole = all(has(found[0].text, words) for words in look.shows) and set(look.buttons) <= set(found[0].buttons)
        return found[0] if whole and (found[0].pictures > 0 or not look.picture) else None

    def _examine(self, found: Shown, look: Look) -> None:
        shown = [words for words in look.lacks if has(found.text, words)]
        assert not shown, f"should not show {shown}: {found.text}"
        if look.name is not None:
            self._named[look.name] = found.id

    def _expect(self, message: Shown, whose: str, asker: str | None) -> None:
        self._expected[message.id] = whose
        if asker is not None:
            self._askers[message.id] = asker

    async def _everybody_sees(self, message: str) -> None:
        for member in self.scenario.members:
            try:
                await until(lambda member=member: message in {m.id for m in self.chat.sees(member)}, self.patience)  # type: ignore[misc]
            except TimeoutError:
                raise AssertionError(f"{member} does not see what is public") from None

    # -- what nobody may see --------------------------------------------------------------------------------------

    def _new(self, member: str) -> list[Shown]:
        return [message for message in self.chat.sees(member) if message.id not in self._expected]

    def _check(self, day: Day, *, strict: bool) -> None:
        """All that anybody sees was expected, is seen by those it is for, and has none of the words that it must not.

        While an answer is in hand, what is begun of it is not expected yet: not `strict`.
        """
        for member in self.scenario.members:
            stray = self._new(member)
            assert not (strict and stray), f"{member} sees what nothing asked for: {self._texts(stray)}"
            for message in self.chat.sees(member):
                whose = self._expected.get(message.id, ALL)
                assert whose in {ALL, member}, f"{member} sees what is for {whose} alone: {message.text}"
                if self._checked.get(message.id) != message:
                    self._check_words(day, message)
                    self._checked[message.id] = message

    def _check_words(self, day: Day, message: Shown) -> None:
        that_day = self._days.setdefault(message.id, day)
        unseen = (*self.scenario.unseen, *(() if message.private else that_day.unseen))
        shown = [words for words in unseen if has(message.text, words)]
        assert not shown, f"nobody may see {shown}: {message.text}"
        allowed = {*self.scenario.named, self._askers.get(message.id, "")}
        hidden = [name for member, name in self.scenario.members.items() if member not in allowed]
        named = [name for name in hidden if re.search(rf"\b{re.escape(name)}\b", message.text)]
        assert not named, f"{named} chose no name to be shown: {message.text}"

    def _count_posts(self) -> None:
        anybody = next(iter(self.scenario.members))
        posts = [normal(m.text) for m in self.chat.sees(anybody) if not m.private and m.id not in self._askers]
        counted = {words: sum(text.startswith(words) for text in posts) for words in self.scenario.posted}
        assert counted == dict(self.scenario.posted)

    def _texts(self, messages: Sequence[Shown]) -> str:
        return "\n---\n".join(f"{m.text} {list(m.buttons)}" for m in messages) or "nothing"


def step_words(step: Step) -> str:
    """What a step is, for whoever reads that it failed."""
    said = step.command or step.says or (f"presses {step.presses}" if step.presses else None)
    return f"{' '.join(step.who)}: {said}" if said else str(step.model_dump(exclude_none=True, exclude_defaults=True))

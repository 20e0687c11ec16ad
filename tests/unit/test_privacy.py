"""Which answers are for their member alone: what a command says of it is what the core does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import get_args

import pytest

from bot.core.actions import to_oneself
from bot.core.commands import Command
from bot.core.holding import Holding
from bot.core.messages import Finished
from bot.core.outbox import ORGANISERS, Guard, Post
from bot.core.parsing import answers_privately, parse
from bot.core.reading import Leaning, Verdict
from bot.errors import BadInput, Refused
from bot.scheduling.sender import Sender
from tests.unit.group import TEA, Group
from tests.unit.test_own_words import WALK

NEAR = "Warm tea helps people to talk to each other"


@dataclass
class Platform:
    """One that takes what is for organisers and nothing else."""

    shown: list[Post] = field(default_factory=list)

    def guard(self, post: Post) -> Guard:
        return Guard()

    async def send(self, post: Post) -> str:
        if post.kind != ORGANISERS:
            raise Refused
        self.shown.append(post)
        return post.id

    async def find(self, post: Post) -> str | None:
        return None


async def test_every_answer_is_for_those_whom_its_command_says() -> None:
    group = Group()
    for text, leaning in (("warm", Leaning.AFFIRMS), ("not warm", Leaning.DENIES)):
        group.retriever.learn(TEA.id, f"it is {text}", Verdict.SURE, ("T-01", leaning))
    group.retriever.learn(TEA.id, NEAR, Verdict.SURE, ("T-01", Leaning.AFFIRMS))
    met: set[type[Command]] = set()

    async def check(text: str, member: str) -> list[str]:
        """What can be pressed under the answer, once it was seen for whom that is."""
        last = (await group.events(group.request(text, member)))[-1]
        assert isinstance(last, Finished)
        if last.failed:
            assert last.message.private, text
        else:
            command = parse(text)
            assert last.message.private == command.private == answers_privately(text), text
            met.add(type(command))
        return [button.action for button in last.message.buttons]

    async def go_through(lines: Sequence[str]) -> None:
        for line in lines:
            member, _, text = line.replace("TOPIC", TEA.id).partition(": ")
            group.clock.advance(3600)
            for action in await check(text, member):
                for presser in (member, "dan"):
                    await check(f"/press {action}", presser)

    await go_through(WALK)
    (digest, *_) = await group.store.digests("w", TEA.id)
    await go_through(["ann: /crux topic TOPIC", f"ann: /crux digest {digest.key}"])
    await go_through([f"ben: /crux argue T-00 for {NEAR}. It does so every day."])
    for claim in ("T-02", "T-05"):  # two prompts that nobody answers
        group.clock.advance(30 * 24 * 3600)
        await check(f"/crux prompt {claim}", "olga")
        group.clock.advance(72 * 3600)
        await group.debate.end_due("w")
    platform = Platform()
    tell = Holding(group.store, group.clock, group.debate.languages).tell
    sender = Sender(group.store, platform, group.clock, "a", tell=tell)
    while await sender.work_one():
        group.clock.advance(5)
    asked = [button.action for post in platform.shown for button in post.message.buttons]
    await go_through([f"olga: /press {action}" for action in asked])
    assert {each.__name__ for each in set(get_args(Command)) - met} == set()


def test_what_cannot_be_read_is_answered_privately() -> None:
    for text in ("", "/waltz", "/crux waltz", "/stand MI-04 maybe", "/press polka", "x" * 3_000):
        with pytest.raises(BadInput):
            parse(text)
        assert answers_privately(text)


def test_a_button_below_a_private_answer_is_answered_privately() -> None:
    assert not answers_privately("/steelman MI-04")
    assert answers_privately("/steelman privately MI-04")
    for action in ("turn:abc", "counter:tea:T-00:for"):
        assert answers_privately(f"/press {to_oneself(action)}")
        assert not answers_privately(f"/press {action}")
    assert not answers_privately("/crux digest")
    assert answers_privately("/crux digest preview")

"""The language of the bot's own words: nothing that it says of itself stays English where a channel speaks another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.messages import Message
from tests.pseudo import Pseudo, untranslated
from tests.unit.group import OTHER, TEA, Group

SAID = (
    "/crux settings",
    "/crux settings model off",
    "/crux settings language",
)


def speaking_group() -> Group:
    group = Group()
    group.debate = replace(group.debate, translations=lambda _: Pseudo(), language="de")
    return group


def left_over(message: Message) -> list[str]:
    return untranslated(message, (TEA, OTHER), ("ann", "olga"))


@pytest.mark.parametrize("text", SAID)
@pytest.mark.parametrize("member", ["ann", "olga"])
async def test_every_answer_is_in_the_language_of_its_channel(text: str, member: str) -> None:
    assert left_over(await speaking_group().say(text, member)) == []

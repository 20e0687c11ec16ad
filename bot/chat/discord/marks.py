"""The mark by which a post is found again in its channel.

Discord gives a nonce back to whoever sends it and to nobody who looks into the history later. What it does keep is the
number that each component of a message may carry (`id`, 31 bits). So every part of a post carries two such numbers,
made from the post's nonce: no reader sees them, and no other message has both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

import discord

_HIGH = 1 << 30
"""Set in every mark, so that none meets the small numbers that Discord gives to other components."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The numbers of a page's container and of the text in it."""

    container: int
    text: int


def mark(nonce: str, part: int) -> Mark:
    """The mark of one part of a post."""
    digest = blake2b(f"{nonce}/{part}".encode(), digest_size=8).digest()
    first, second = (int.from_bytes(half, "big") & (_HIGH - 1) | _HIGH for half in (digest[:4], digest[4:]))
    return Mark(first, second if second != first else second ^ 1)


def working_mark(nonce: str) -> Mark:
    """The mark of what is shown of a post while it is written: it becomes the first part in the end."""
    return mark(nonce, -1)


def part_nonce(nonce: str, part: int) -> str:
    """The nonce of one part: at most 25 characters."""
    return nonce[:20] if part == 0 else f"{nonce[:20]}.{part}"[:25]


def marks_of(message: discord.Message) -> set[Mark]:
    """The marks that a message may carry."""
    return {
        Mark(component.id, child.id)
        for component in message.components
        if isinstance(component, discord.Container) and component.id is not None
        for child in component.children
        if isinstance(child, discord.TextDisplay) and child.id is not None
    }


def parts_in(messages: Iterable[discord.Message], nonce: str, count: int) -> dict[int, int]:
    """Which parts of a post are among some messages, with the ids of those."""
    wanted = {mark(nonce, part): part for part in range(count)}
    found: dict[int, int] = {}
    for message in messages:
        for each in marks_of(message):
            if each in wanted:
                found.setdefault(wanted[each], message.id)
    return found

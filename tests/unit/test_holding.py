"""Posts that are held: organisers hear of them once, and decide."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from bot.core.holding import Holding, note_on
from bot.core.messages import Message, Paragraph
from bot.core.outbox import ANSWER, ORGANISERS, Guard, Post, PostState, post_id
from bot.errors import Refused
from bot.scheduling.sender import Sender
from tests.unit.group import Group


@dataclass
class Closed:
    """A platform on which a channel is gone until it is back."""

    gone: set[str]
    shown: list[Post] = field(default_factory=list)

    def guard(self, post: Post) -> Guard:
        return Guard()

    async def send(self, post: Post) -> str:
        if post.channel in self.gone and post.kind != ORGANISERS:
            raise Refused("The channel is archived.")
        self.shown.append(post)
        return post.id

    async def find(self, post: Post) -> str | None:
        return None


@pytest.fixture
def group() -> Group:
    return Group()


async def held(group: Group, platform: Closed) -> Message:
    """What organisers read once a digest could not be posted."""
    digest = Message((Paragraph("Nothing new."),), title="Digest 2026-W02: Tea")
    await group.store.enqueue([Post("w", post_id("x", 0), "general", "digest", digest, group.clock.now())])
    await send(group, platform)
    (note,) = platform.shown
    assert (note.kind, note.channel, note.message.private) == (ORGANISERS, "general", True)
    return note.message


async def send(group: Group, platform: Closed) -> None:
    tell = Holding(group.store, group.clock, group.debate.languages).tell
    sender = Sender(group.store, platform, group.clock, "a", tell=tell)
    while await sender.work_one():
        group.clock.advance(5)
    group.clock.advance(5)
    while await sender.work_one():
        group.clock.advance(5)


async def state(group: Group) -> PostState:
    entry = await group.store.outbox_entry("w", post_id("x", 0))
    assert entry is not None
    return entry.state


async def test_organisers_read_which_post_is_held_and_why(group: Group) -> None:
    note = await held(group, Closed({"general"}))
    assert note.title == "A post is held"
    assert note.text.splitlines()[:2] == [
        "The digest “Digest 2026-W02: Tea”.",
        "It was for the channel that this is about, and is held: The channel is archived.",
    ]


async def test_sent_again_it_arrives_and_the_note_comes_once(group: Group) -> None:
    platform = Closed({"general"})
    note = await held(group, platform)
    await group.press(note, "Send it again", "olga")
    await send(group, platform)  # still gone, so held again
    assert await state(group) is PostState.HELD
    assert len(platform.shown) == 1
    platform.gone.clear()
    assert (await group.press(note, "Send it again", "otto")).text == "It will be sent in a moment."
    await send(group, platform)
    assert await state(group) is PostState.SENT
    assert [post.kind for post in platform.shown] == [ORGANISERS, "digest"]
    assert "no longer held" in (await group.press(note, "Send it again", "olga")).text


async def test_left_alone_it_is_never_sent(group: Group) -> None:
    platform = Closed({"general"})
    note = await held(group, platform)
    assert (await group.press(note, "Leave it", "olga")).text == "It will not be sent."
    assert await state(group) is PostState.DROPPED
    assert "no longer held" in (await group.press(note, "Leave it", "olga")).text


async def test_only_organisers_decide(group: Group) -> None:
    note = await held(group, Closed({"general"}))
    assert "Only organisers decide" in (await group.press(note, "Leave it", "ann")).text
    assert await state(group) is PostState.HELD


async def test_a_press_that_is_tried_again_says_what_was_done(group: Group) -> None:
    note = await held(group, Closed({"general"}))
    drop = next(button for button in note.buttons if button.label == "Leave it")
    await group.dies(f"/press {drop.action}", "olga")
    assert (await group.retried()).text == "It will not be sent."


async def test_of_a_note_that_is_held_nobody_is_told(group: Group) -> None:
    note = Post("w", "n", "general", ORGANISERS, Message((Paragraph("A note."),)), group.clock.now())
    await Holding(group.store, group.clock, group.debate.languages).tell(note, "The channel is archived.")
    assert not await group.store.outbox(tuple(PostState), "w")


def test_what_a_member_asked_is_not_told(group: Group) -> None:
    """It may have been asked in a direct message, of which organisers read nothing."""
    answer = Message((Paragraph("It is so [MI-07]."),), title="The best case for MI-07")
    note = note_on(Post("w", post_id("x", 0), "D1", ANSWER, answer, group.clock.now()), "The app was removed.")
    assert "MI-07" not in note.text
    assert note.text.startswith("The answer to a member.")

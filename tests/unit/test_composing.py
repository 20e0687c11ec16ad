"""What schedules post, once each, by the real runner and sender over the store in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.chat.console.posting import TerminalMessenger
from bot.core.composing import DebateComposer, name_of
from bot.core.firings import Firing
from bot.core.messages import Message
from bot.core.schedules import ScheduleKind
from bot.scheduling.firing import Runner
from bot.scheduling.recurrence import due_between
from bot.scheduling.sender import Sender, SendingRules
from tests.unit.group import Group
from tests.unit.test_overview import stands

DAY = 24 * 3600.0


@dataclass
class Channel:
    """A group whose schedules are looked at when the test says so, and what they posted."""

    group: Group = field(default_factory=Group)
    posted: list[Message] = field(default_factory=list)

    async def look(self, worker: str = "a") -> list[str]:
        """Post what is due; what was posted now."""
        runner = Runner(self.group.store, DebateComposer(self.group.debate), self.group.clock, worker, due_between)
        await runner.tick(self.group.clock.now())
        messenger = TerminalMessenger(self.posted.append)
        before = len(self.posted)
        sender = Sender(self.group.store, messenger, self.group.clock, worker, rules=SendingRules(spacing=0.0))
        while await sender.work_one("w"):
            pass
        return [message.text for message in self.posted[before:]]


@pytest.fixture
def channel() -> Channel:
    return Channel()


async def test_a_scheduled_prompt_is_posted_once_whoever_looks(channel: Channel) -> None:
    await channel.group.say("/crux schedule prompts daily 10:00", "olga")
    assert await channel.look() == []
    channel.group.clock.advance(2 * 3600)
    (text,) = await channel.look()
    assert "T-0" in text
    assert await channel.look("b") == []
    (prompt,) = await channel.group.store.open_prompts("w")
    assert prompt.channel == "general"


async def test_while_something_is_asked_nothing_else_is_and_its_end_is_told(channel: Channel) -> None:
    await channel.group.say("/crux schedule prompts daily 10:00", "olga")
    channel.group.clock.advance(2 * 3600)
    assert len(await channel.look()) == 1
    channel.group.clock.advance(DAY)
    assert await channel.look() == []
    channel.group.clock.advance(DAY)
    ended, asked = await channel.look()
    assert "What changed" in ended
    assert "T-0" in asked


async def test_a_scheduled_digest_is_kept_and_posted_once(channel: Channel) -> None:
    await stands(channel.group, "T-00", "aaad")
    await channel.group.say("/crux schedule digest daily 16:00", "olga")
    channel.group.clock.advance(8 * 3600)
    (text,) = await channel.look()
    assert "of 3 who voted, 3 agree" in text
    assert await channel.look("b") == []
    assert len(await channel.group.store.digests("w", "small")) == 1


async def test_a_prompt_that_was_missed_for_long_is_dropped_and_a_digest_comes_late(channel: Channel) -> None:
    await stands(channel.group, "T-00", "aaad")
    await channel.group.say("/crux schedule prompts daily 10:00", "olga")
    await channel.group.say("/crux schedule digest daily 10:00", "olga")
    channel.group.clock.advance(timedelta(hours=9).total_seconds())  # at six in the evening
    (text,) = await channel.look()
    assert "voted" in text


async def test_composing_a_firing_again_finds_the_same_prompt(channel: Channel) -> None:
    await channel.group.say("/crux schedule prompts daily 10:00", "olga")
    (schedule,) = await channel.group.store.schedules("w")
    firing = Firing("w", schedule.id, ScheduleKind.PROMPTS, channel.group.clock.now())
    composer = DebateComposer(channel.group.debate)
    first, again = await composer.compose(firing), await composer.compose(firing)
    assert [each.message for each in first] == [each.message for each in again]
    assert len(name_of(firing)) == 20


async def test_a_schedule_that_is_gone_posts_nothing(channel: Channel) -> None:
    firing = Firing("w", "gone", ScheduleKind.DIGEST, channel.group.clock.now())
    assert await DebateComposer(channel.group.debate).compose(firing) == ()

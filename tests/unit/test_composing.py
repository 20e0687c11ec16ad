"""What schedules post, once each, by the real runner and sender over the store in memory."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

import pytest

from bot.charts import picture_with
from bot.chat.console.posting import TerminalMessenger
from bot.core.charts import StandingChart
from bot.core.composing import DebateComposer, Illustrate, name_of, without_pictures
from bot.core.firings import Firing, FiringState
from bot.core.messages import Message, Picture
from bot.core.outbox import PostState
from bot.core.schedules import ScheduleKind
from bot.scheduling.firing import Runner
from bot.scheduling.recurrence import due_between
from bot.scheduling.sender import Sender, SendingRules
from bot.testing import FixedNarrator
from tests.unit.group import Group
from tests.unit.test_overview import stands

DAY = 24 * 3600.0


@dataclass
class Channel:
    """A group whose schedules are looked at when the test says so, and what they posted."""

    group: Group = field(default_factory=Group)
    posted: list[Message] = field(default_factory=list)
    illustrate: Illustrate = without_pictures

    async def look(self, worker: str = "a") -> list[str]:
        """Post what is due; what was posted now."""
        composer = DebateComposer(self.group.debate, self.illustrate)
        runner = Runner(self.group.store, composer, self.group.clock, worker, due_between)
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


async def test_a_workspace_that_was_away_misses_what_was_due_and_goes_on(channel: Channel) -> None:
    store, clock = channel.group.store, channel.group.clock
    await channel.group.say("/crux schedule prompts daily 10:00", "olga")
    (schedule,) = await store.schedules("w")
    clock.advance(2 * 3600)
    await store.workspace_left("w", clock.now())
    clock.advance(3 * DAY)
    assert await channel.look() == []
    assert await store.firing_states("w", schedule.id) == []
    assert await store.workspace_back("w")
    (text,) = await channel.look()
    assert "T-0" in text
    states = [state for _, state, _ in await store.firing_states("w", schedule.id)]
    assert states.count(FiringState.DONE) == 1
    assert set(states) <= {FiringState.DONE, FiringState.DROPPED}
    assert len(await store.open_prompts("w")) == 1


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


@pytest.mark.parametrize(("setting", "narrated"), [("off", False), ("on", True)])
async def test_a_scheduled_digest_asks_the_model_only_where_the_channel_wants_one(
    channel: Channel, setting: str, narrated: bool
) -> None:
    narrator = FixedNarrator("The group leans to the thesis.")
    channel.group.debate = replace(channel.group.debate, narrator=narrator)
    await channel.group.say(f"/crux settings model {setting}", "olga")
    await stands(channel.group, "T-00", "aaad")
    await channel.group.say("/crux schedule digest daily 16:00", "olga")
    channel.group.clock.advance(8 * 3600)
    (text,) = await channel.look()
    assert ("The group leans to the thesis." in text) is narrated
    assert bool(narrator.told) is narrated


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


# -- the pace ---------------------------------------------------------------------------------------------------------


async def slowed(channel: Channel) -> None:
    """A group that was asked twice, said nothing, and whose organiser wants to be asked less often; at 11 o'clock."""
    group = channel.group
    group.debate = replace(group.debate, rules=replace(group.debate.rules, open_for=timedelta(hours=20)))
    await group.say("/crux schedule prompts daily 10:00", "olga")
    group.clock.advance(2 * 3600)
    for _ in range(3):
        await channel.look()
        group.clock.advance(DAY)
    question = next(message for message in channel.posted if message.private)
    assert (await group.press(question, "Slower", "olga")).text.startswith("Noted: slower.")


async def test_a_slower_group_is_asked_every_other_time(channel: Channel) -> None:
    await slowed(channel)
    asked = []
    for _ in range(6):
        asked.append(sum("Where do you stand" in str(m.title) for m in await looked(channel)))
        channel.group.clock.advance(DAY)
    assert asked == [0, 1, 0, 1, 0, 1]


async def looked(channel: Channel) -> list[Message]:
    before = len(channel.posted)
    await channel.look()
    return channel.posted[before:]


async def test_what_an_organiser_has_run_is_asked_whatever_the_pace(channel: Channel) -> None:
    await slowed(channel)
    await channel.look()
    await channel.group.say("/crux schedule run prompts", "olga")
    (asked,) = await looked(channel)
    assert "Where do you stand" in str(asked.title)


async def test_the_list_tells_the_pace_and_new_times_end_it(channel: Channel) -> None:
    await slowed(channel)
    await channel.look()
    channel.group.clock.advance(DAY)
    assert "every other time, as an organiser wished" in (await channel.group.say("/crux schedule")).text
    await channel.group.say("/crux schedule prompts daily 11:00", "olga")
    assert "every other" not in (await channel.group.say("/crux schedule")).text
    for _ in range(2):
        channel.group.clock.advance(DAY)
        assert any("Where do you stand" in str(m.title) for m in await looked(channel))


# -- the picture ------------------------------------------------------------------------------------------------------


async def with_figures(channel: Channel) -> None:
    await stands(channel.group, "T-00", "aaad")
    await channel.group.say("/crux schedule digest daily 16:00", "olga")
    channel.group.clock.advance(8 * 3600)


async def waiting(channel: Channel) -> list[Picture | None]:
    """The pictures of the digests that are composed now, before they are sent."""
    composer = DebateComposer(channel.group.debate, channel.illustrate)
    await Runner(channel.group.store, composer, channel.group.clock, "a", due_between).tick(channel.group.clock.now())
    return [entry.post.picture for entry in await channel.group.store.outbox([PostState.PENDING], "w")]


async def test_a_scheduled_digest_has_its_picture_with_what_it_says(channel: Channel) -> None:
    channel.illustrate = partial(picture_with, channel.group.store)
    await with_figures(channel)
    (picture,) = await waiting(channel)
    assert picture is not None
    assert picture.data.startswith(b"\x89PNG")
    assert "T-00" in picture.alt
    assert "3 of" in picture.alt


async def test_a_digest_without_figures_or_that_cannot_be_drawn_comes_without(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: StandingChart) -> bytes:
        raise MemoryError

    monkeypatch.setattr("bot.charts.picture_now", broken)
    channel.illustrate = partial(picture_with, channel.group.store)
    await channel.group.say("/crux schedule digest daily 10:00", "olga")
    channel.group.clock.advance(2 * 3600)
    assert await waiting(channel) == [None]
    await with_figures(channel)
    assert await waiting(channel) == [None]  # the earlier one, which nobody sent, is overtaken

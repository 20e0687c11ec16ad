"""A thread keeps its topic and its turns, and words point back to what was said before."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.inbox import answer_post, reply_id
from bot.core.messages import Message
from bot.core.outbox import ANSWER, Post, post_id
from bot.core.positions import Stance
from bot.core.reading import Leaning, Verdict
from bot.core.recalling import RECENT
from bot.core.requests import Request
from bot.testing import FixedCatalogue
from tests.unit.group import TEA, Group

THREAD: dict[str, Any] = {"within": "t1", "thread": "t1"}


@pytest.fixture
def group() -> Group:
    return Group()


async def posted(group: Group, message: Message, reference: str, **fields: Any) -> None:
    """A post that a platform shows under an id of its own."""
    post = replace(Post("w", f"post-{reference}", "general", "prompt", message, group.clock.now()), **fields)
    await group.store.enqueue([post])
    assert await group.store.post_sent(post.workspace, post.id, reference, group.clock.now())


async def shown_answer(group: Group, text: str, reference: str) -> Request:
    """What a member asked at the top level, answered in a post of its own."""
    request = group.request(text)
    await group.events(request)
    reply = await group.store.reply("w", reply_id(request))
    assert reply is not None
    await group.store.enqueue([answer_post(request, reply.message)])
    assert await group.store.post_sent("w", post_id(reply.id, 0), reference, group.clock.now())
    return request


async def topic_in(group: Group, **where: Any) -> str | None:
    return (await group.say("/crux map", **where)).title


# -- the topic of a thread --------------------------------------------------------------------------------------------


async def test_a_thread_goes_on_about_its_topic_when_the_channel_goes_over_to_another(group: Group) -> None:
    await group.say("/steelman T-00", **THREAD)
    await group.say("/crux topic other")
    assert await topic_in(group) == "Other"
    assert await topic_in(group, **THREAD) == "Small"
    assert await topic_in(group, within="t2", thread="t2") == "Other"
    group.retriever.learn("small", "tea it is", Verdict.SURE, ("T-01", Leaning.AFFIRMS))
    assert "T-01" in (await group.say("tea it is", **THREAD)).text


async def test_the_newest_topic_of_a_thread_counts(group: Group) -> None:
    await group.say("/steelman T-00", **THREAD)
    await group.say("/steelman O-00", **THREAD)
    assert await topic_in(group, **THREAD) == "Other"


async def test_what_is_said_at_the_top_level_is_about_the_channels_topic_and_opens_a_thread_about_it(
    group: Group,
) -> None:
    await group.say("/crux topic other", thread="t1")  # as a mention in Slack, whose answer opens a thread
    assert await topic_in(group) == "Other"
    await group.say("/crux topic small")
    assert await topic_in(group, **THREAD) == "Other"


@pytest.mark.parametrize("text", ["/crux topic other", "topic other", "Topic OTHER"])
async def test_a_topic_chosen_in_a_thread_is_that_threads_alone(group: Group, text: str) -> None:
    message = await group.say(text, **THREAD)
    assert "This thread now debates: Is it other?" in message.text
    assert "The channel keeps its own: Is it so?" in message.text
    assert await topic_in(group, **THREAD) == "Other"
    assert await topic_in(group) == "Small"
    assert await topic_in(group, channel="elsewhere", **THREAD) == "Small"
    await group.say("/steelman T-00", **THREAD)
    assert await topic_in(group, **THREAD) == "Other"


@pytest.mark.parametrize("text", ["/crux topic channel other", "topic channel other", "/crux topic channel oth"])
async def test_a_channels_topic_can_be_chosen_from_a_thread_of_it_which_keeps_its_own(group: Group, text: str) -> None:
    await group.say("/steelman T-00", **THREAD)
    assert "This channel now debates: Is it other?" in (await group.say(text, **THREAD)).text
    assert await topic_in(group, **THREAD) == "Small"
    assert await topic_in(group) == "Other"


async def test_choosing_the_channels_own_topic_for_a_thread_keeps_it_there(group: Group) -> None:
    assert "the channel's topic, too" in (await group.say("topic small", **THREAD)).text
    await group.say("/crux topic other")
    assert await topic_in(group, **THREAD) == "Small"


async def test_a_topic_that_is_no_topic_is_read_as_words(group: Group) -> None:
    assert "nothing on that" in (await group.say("topic closed", **THREAD)).text


async def test_another_topic_that_sounds_nearer_is_switched_to_in_the_thread_alone(group: Group) -> None:
    group.retriever.learn("other", "other things", Verdict.SURE, ("O-01", Leaning.AFFIRMS))
    message = await group.say("other things", **THREAD)
    assert message.text.startswith("This thread debates “Small”")
    switched = await group.press(message, "Switch to Other", **THREAD)
    assert "This thread now debates" in switched.text
    assert await topic_in(group, **THREAD) == "Other"
    assert await topic_in(group) == "Small"


async def test_the_list_of_topics_says_which_is_the_threads_and_which_the_channels(group: Group) -> None:
    assert "(this thread, and the channel)" in (await group.say("/crux topic", **THREAD)).text
    await group.say("topic other", **THREAD)
    message = await group.say("/crux topic", **THREAD)
    lines = message.text.splitlines()
    assert [line.partition(") ")[2] for line in lines[1:]] == ["(this channel)", "(this thread)"]
    assert [button.label for button in message.buttons] == ["Debate Small"]
    assert "(this thread" not in (await group.say("/crux topic")).text


async def test_the_settings_and_schedules_of_a_thread_are_its_channels(group: Group) -> None:
    await group.say("topic other", **THREAD)
    assert "Small" in (await group.say("/crux settings", **THREAD)).text
    await group.say("/crux schedule prompts daily 10:00", "olga", **THREAD)
    schedule = await group.store.schedule("w", "general/prompts")
    assert schedule is not None
    assert schedule.channel == "general"


async def test_a_prompt_asked_in_a_thread_is_of_the_threads_topic(group: Group) -> None:
    await group.say("topic other", **THREAD)
    await group.say("/crux prompt", "olga", **THREAD)
    (prompt,) = await group.store.open_prompts("w")
    assert (prompt.topic, prompt.channel) == ("other", "general")


async def test_what_one_member_is_told_alone_gives_a_thread_no_topic(group: Group) -> None:
    await group.say("/steelman privately O-00", **THREAD)
    await group.say("/stand O-01 agree", **THREAD)
    assert await topic_in(group, **THREAD) == "Small"


async def test_a_topic_that_is_gone_leaves_the_thread_with_the_next(group: Group) -> None:
    await group.say("/steelman O-00", **THREAD)
    await group.say("topic other", **THREAD)
    group.debate = replace(group.debate, catalogue=FixedCatalogue((TEA,)))
    assert await topic_in(group, **THREAD) == "Small"
    assert "from before" not in str((await group.say("counter it", **THREAD)).notes)


# -- what a thread hangs from -----------------------------------------------------------------------------------------


async def test_a_thread_is_about_the_post_that_it_hangs_from(group: Group) -> None:
    await posted(group, Message().on("other", "O-01"), "t1")
    assert await topic_in(group, **THREAD) == "Other"
    assert (await group.say("steelman it", **THREAD)).title == "The best case for O-01"
    assert await topic_in(group, channel="elsewhere", **THREAD) == "Small"


async def test_a_digest_gives_its_thread_a_topic_and_no_claim(group: Group) -> None:
    await posted(group, Message().on("other"), "t1")
    assert await topic_in(group, **THREAD) == "Other"
    assert (await group.say("/steelman it", **THREAD)).title == "The best case for O-00"


async def test_an_answer_that_a_thread_hangs_from_is_its_first_turn(group: Group) -> None:
    await shown_answer(group, "/counter T-01", "t1")
    await group.say("/crux topic other")
    assert await topic_in(group, **THREAD) == "Small"
    assert (await group.say("and the other side?", **THREAD)).title == "The best case for T-01"


async def test_posts_in_threads_and_to_organisers_are_nothing_that_a_thread_hangs_from(group: Group) -> None:
    await posted(group, Message().on("other", "O-01"), "t1", thread="t0")
    await posted(group, Message().on("other", "O-01"), "t2", kind="organisers")
    assert await topic_in(group, **THREAD) == "Small"
    assert await topic_in(group, within="t2") == "Small"


async def test_a_thread_of_a_forgotten_members_answer_is_about_it_no_longer(group: Group) -> None:
    await shown_answer(group, "/steelman O-01", "t1")
    await group.say("/crux forget-me yes", "bea")
    assert await topic_in(group, **THREAD) == "Other"
    await group.say("/crux forget-me yes")
    assert await topic_in(group, **THREAD) == "Small"


# -- turns ------------------------------------------------------------------------------------------------------------


async def test_words_in_a_thread_point_to_its_last_turn_whoever_had_it_and_whenever(group: Group) -> None:
    await group.say("/steelman not T-01", **THREAD)
    await group.say("/steelman T-02", "ann", within="t2", thread="t2")
    group.clock.advance(14 * 24 * 3600)
    message = await group.say("counter it", "bea", **THREAD)
    assert message.title == "The best case against denying T-01"
    assert message.notes[0] == "Read as T-01, denied, from before."
    again = await group.say("why?", "cem", **THREAD)
    assert again.title == "The best case against denying T-01"
    assert (await group.say("the other side?", "cem", **THREAD)).title == "The best case for denying T-01"


async def test_plain_words_are_a_turn_too(group: Group) -> None:
    group.retriever.learn("small", "tea? no", Verdict.SURE, ("T-02", Leaning.DENIES))
    await group.say("tea? no", **THREAD)
    assert (await group.say("steelman that", **THREAD)).title == "The best case for denying T-02"


async def test_a_position_is_taken_on_what_was_talked_about(group: Group) -> None:
    await group.say("/counter T-02", **THREAD)
    message = await group.say("stand agree because it adds up", "bea", **THREAD)
    assert message.private
    assert message.notes[-1] == "Read as T-02, from before."
    held = await group.store.current_position("w", "small", "T-02", "bea")
    assert held is not None
    assert (held.stance, held.reason) == (Stance.AGREE, "because it adds up")
    assert "T-02" in (await group.say("where do I stand?", "bea", **THREAD)).text
    await group.say("/stand withdraw", "bea", **THREAD)
    held = await group.store.current_position("w", "small", "T-02", "bea")
    assert held is not None
    assert held.withdrawn


async def test_what_somebody_was_told_alone_is_no_turn_of_anybody_else(group: Group) -> None:
    await group.say("/steelman T-01", **THREAD)
    await group.say("/stand T-02 disagree", "bea", **THREAD)
    assert (await group.say("counter it", "ann", **THREAD)).title == "The best case against T-01"
    await group.say("/stand T-02 agree", "bea", **THREAD)
    assert (await group.say("counter it", "bea", **THREAD)).title == "The best case against T-02"


async def test_at_the_top_level_words_point_to_the_members_own_last_turn_for_a_while(group: Group) -> None:
    await group.say("/steelman T-01", "ann", thread="t1")
    await group.say("/steelman T-02", "bea", thread="t2")
    await group.say("/steelman T-03", "ann", channel="elsewhere")
    group.clock.advance(RECENT.total_seconds())
    message = await group.say("counter that", "ann", thread="t3")
    assert message.title == "The best case against T-01"
    assert message.notes[0] == "Read as T-01, from before."
    group.clock.advance((RECENT + timedelta(seconds=1)).total_seconds())
    assert (await group.say("/counter it", "ann")).title == "The best case against T-00"
    assert (await group.say("/counter it", "cem")).title == "The best case against T-00"


async def test_a_reply_to_an_answer_points_to_what_that_answer_is_about(group: Group) -> None:
    await shown_answer(group, "/steelman T-01", "m1")
    await shown_answer(group, "/steelman T-02", "m2")
    message = await group.say("counter it", "bea", replies_to="m1")
    assert message.title == "The best case against T-01"
    assert message.notes[0] == "Read as T-01, from before."
    again = await group.say("why?", "bea", replies_to="somebody's")
    assert again.title == "The best case against T-01", "their own last turn"


async def test_in_a_direct_message_words_point_to_the_last_turn_however_long_ago(group: Group) -> None:
    await group.say("/steelman T-01", channel="dm", thread="t1", direct=True)
    group.clock.advance(14 * 24 * 3600)
    message = await group.say("counter it", channel="dm", thread="t2", direct=True)
    assert message.title == "The best case against T-01"
    below = await group.say("why?", channel="dm", thread="t9", within="t9", direct=True)
    assert below.title == "The best case against T-01"


async def test_in_a_thread_without_turns_words_mean_what_they_mean_today(group: Group) -> None:
    await group.say("/steelman T-01", "ann")
    assert (await group.say("/counter it", "ann", **THREAD)).title == "The best case against T-00"


@pytest.mark.parametrize(
    ("text", "today"),
    [
        ("/stand agree", "“agree” is not a claim's id"),
        ("/stand agree because so", "“because” is not a stance"),
        ("why?", "The map on “Small” has nothing on that"),
        ("/crux map that", "“that” is not a claim's id"),
    ],
)
async def test_where_nothing_came_before_the_answer_is_todays(group: Group, text: str, today: str) -> None:
    assert (await group.say(text, **THREAD)).text.startswith(today)


async def test_a_whole_topic_is_a_turn_about_no_claim(group: Group) -> None:
    await group.say("/steelman T-01", **THREAD)
    await group.say("/crux map", **THREAD)
    await group.say("/crux standing", **THREAD)
    assert (await group.say("counter it", **THREAD)).title == "The best case against T-01"


async def test_what_was_meant_is_said_with_a_refusal_too(group: Group) -> None:
    await group.say("/steelman T-05", **THREAD)
    message = await group.say("/stand withdraw", **THREAD)
    assert message.text.startswith("You hold no position on T-05")
    assert message.notes == ("Read as T-05, from before.",)


async def test_a_map_without_a_word_for_that_side_says_what_was_meant(group: Group) -> None:
    await group.say("/steelman O-01", **THREAD)
    message = await group.say("counter it", **THREAD)
    assert "nothing to say for" in message.text
    assert message.notes == ("Read as O-01, from before.",)


async def test_turns_of_other_workspaces_are_none(group: Group) -> None:
    request = replace(group.request("/steelman T-01", workspace="v"), **THREAD)
    await group.events(request)
    assert (await group.say("/counter it", **THREAD)).title == "The best case against T-00"
    assert (await group.say("/counter it", thread="t9")).title == "The best case against T-00"


async def test_a_stored_reply_says_where_it_was_shown_and_what_it_is_about(group: Group) -> None:
    request = replace(group.request("/crux map T-01"), **THREAD)
    await group.events(request)
    reply = await group.store.reply("w", reply_id(request))
    assert reply is not None
    assert (reply.thread, reply.topic, reply.claim_id) == ("t1", "small", "T-01")
    assert answer_post(request, reply.message).kind == ANSWER

"""The Home tab in Slack: what a member sees there, and what organisers set."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.core.houserules import HouseRules, rules_of
from bot.errors import StorageBusy
from tests.acceptance.slack_bot import Bot, a_bot, settings_of
from tests.slack import Channel, Member, SlackServer


@pytest.fixture
async def room(bot: Bot, slack: SlackServer, ann: Member, ben: Member) -> Channel:
    found = slack.channel("general", ann, ben)
    for text in ("schedule prompts weekdays 9:00 in Europe/Berlin", "schedule digest fri 16:00"):
        await ann.command(found, "/crux", text)
    await slack.until(lambda: len(slack.posts(found)) == 2)
    return found


async def opened(bot: Bot, member: Member) -> str:
    await member.opens_home()
    await bot.slack.until(lambda: member.home is not None)
    return shown(member)


def shown(member: Member) -> str:
    return "" if member.home is None else str(member.home.blocks)


async def rules(bot: Bot, channel: str | None) -> HouseRules:
    return rules_of(await bot.application.store.settings(f"slack:{bot.slack.home.id}", channel))


async def test_everybody_sees_what_comes_next_on_their_own_clock(bot: Bot, ben: Member, room: Channel) -> None:
    seen = await opened(bot, ben)
    prompts = re.findall(rf"Next prompt in <#{room.id}>: <!date\^(\d+)\^\{{date_short_pretty\}} \{{time\}}\|", seen)
    digests = re.findall(rf"Next digest in <#{room.id}>: <!date\^(\d+)\^", seen)
    now = bot.application.clock.now().timestamp()
    assert [now < int(at) <= now + 4 * 86400 for at in prompts] == [True]
    assert [now < int(at) <= now + 7 * 86400 for at in digests] == [True]


async def test_organisers_set_channels_and_see_it_at_once(bot: Bot, ann: Member, ben: Member, room: Channel) -> None:
    assert "Settings of channels" in await opened(bot, ann)
    assert f"<#{room.id}>" in shown(ann)
    assert ann.home is not None
    await ann.presses(ann.home, "Model off")
    await bot.slack.until(lambda: "Model on" in shown(ann))
    assert not (await rules(bot, room.id)).model
    (told,) = [text for text in ann.reads(await ann.opens_dm()) if "From now on" in text]
    assert "Language model: off" in told
    assert "general" in told or room.id in told
    assert len(bot.slack.posts(room)) == 2, "nothing of it is told to the channel"


async def test_others_see_no_controls_and_a_press_of_theirs_changes_nothing(
    bot: Bot, ann: Member, ben: Member, room: Channel
) -> None:
    seen = await opened(bot, ben)
    assert "Settings of" not in seen
    assert "Model off" not in seen
    await opened(bot, ann)
    assert ann.home is not None
    await ben.presses(ann.home, "Model off")  # as somebody would who made the press up
    direct = await ben.opens_dm()
    await bot.slack.until(lambda: any("Only organisers change settings" in text for text in ben.reads(direct)))
    assert await rules(bot, room.id) == HouseRules()


async def test_channels_are_named_as_slack_names_them_to_the_reader(bot: Bot, ben: Member, room: Channel) -> None:
    seen = await opened(bot, ben)
    assert f"Prompts in <#{room.id}>: " in seen
    assert not re.search(rf"(?<![#:]){room.id}", seen), "nowhere by an id"


async def test_a_press_without_a_database_is_told_directly(
    bot: Bot, ann: Member, room: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def down(*_: object, **__: object) -> bool:
        raise StorageBusy

    await opened(bot, ann)
    assert ann.home is not None
    with monkeypatch.context() as broken:
        broken.setattr(bot.application.inbox._store, "receive", down)
        assert (await ann.presses(ann.home, "Model off")).acked
        direct = await ann.opens_dm()
        await bot.slack.until(lambda: any("try again in a moment" in text for text in ann.reads(direct)))
    assert (await rules(bot, room.id)).model


async def test_without_a_database_the_tab_says_so(
    bot: Bot, ann: Member, room: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def down(*_: object) -> bool:
        raise StorageBusy

    monkeypatch.setattr(type(bot.application.store), "schedules", down)
    assert "try again in a moment" in await opened(bot, ann)


async def test_the_budget_and_the_group_are_set_in_a_form(bot: Bot, ann: Member, ben: Member, room: Channel) -> None:
    await opened(bot, ann)
    assert ann.home is not None
    await ann.presses(ann.home, "Budget and organisers …")
    await bot.slack.until(lambda: ann.modal is not None)
    assert ann.modal is not None
    wrong = await ann.submits(ann.modal, {"budget": "a lot", "organisers": "default"})
    assert "Say how many tokens a day" in str(wrong)
    assert await rules(bot, None) == HouseRules()
    await ann.submits(ann.modal, {"budget": "50000", "organisers": "S0614TZR7"})
    await bot.slack.until(lambda: "50,000 tokens" in shown(ann) and "S0614TZR7" in shown(ann))
    assert await rules(bot, None) == HouseRules(budget=50000, organiser_group="S0614TZR7")
    assert await rules(bot, room.id) == HouseRules(budget=50000, organiser_group="S0614TZR7")


async def test_of_the_form_only_what_was_changed_is_set_and_told(bot: Bot, ann: Member, room: Channel) -> None:
    await opened(bot, ann)
    assert ann.home is not None
    await ann.presses(ann.home, "Budget and organisers …")
    await bot.slack.until(lambda: ann.modal is not None)
    assert ann.modal is not None
    await ann.submits(ann.modal, {"budget": "50000"})
    await bot.slack.until(lambda: "50,000 tokens" in shown(ann))
    direct = await ann.opens_dm()
    await bot.slack.settled()
    (told,) = ann.reads(direct)
    assert "50,000 tokens a day" in told


async def test_the_form_of_somebody_else_changes_nothing(bot: Bot, ann: Member, ben: Member, room: Channel) -> None:
    await opened(bot, ann)
    assert ann.home is not None
    await ben.presses(ann.home, "Budget and organisers …")
    await bot.slack.until(lambda: ben.modal is not None)
    assert ben.modal is not None
    await ben.submits(ben.modal, {"budget": "5", "organisers": "default"})
    direct = await ben.opens_dm()
    await bot.slack.until(lambda: any("Only organisers change settings" in text for text in ben.reads(direct)))
    assert await rules(bot, None) == HouseRules()


async def test_a_topic_chosen_at_home_is_that_of_the_direct_message(bot: Bot, ben: Member, room: Channel) -> None:
    await opened(bot, ben)
    assert ben.home is not None
    await ben.presses(ben.home, "Debate The four-day working week")
    direct = await ben.opens_dm()
    await bot.slack.until(lambda: any("now debates" in text for text in ben.reads(direct)))
    await ben.says(direct, "/steelman thesis")
    await bot.slack.until(lambda: any("The best case for FD-00" in text for text in ben.reads(direct)))
    await bot.slack.until(lambda: "Debate Mechanistic" in shown(ben))


async def test_in_another_language_the_tab_and_the_forms_are_in_it(slack: SlackServer, tmp_path: Path) -> None:
    ann = slack.member("ann", admin=True)
    async with a_bot(slack, settings_of(tmp_path, language="de")) as bot:
        seen = await opened(bot, ann)
        assert "Your positions" not in seen
        assert "Export my data" not in seen

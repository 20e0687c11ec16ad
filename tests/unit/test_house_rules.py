"""Settings: who may read and change them, and what follows from each."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.assignments import Usage, Written
from bot.core.commands import ChangeSetting, Settings
from bot.core.houserules import HouseRules, Setting, budget_of, rules_of
from bot.core.messages import Finished, Listing, Message
from bot.core.parsing import parse
from bot.core.positions import Stance
from bot.core.requests import Request
from bot.errors import BadInput, WriterUnavailable
from bot.testing import FixedNarrator
from bot.writing.grounding import UNAVAILABLE, GroundedWriter
from bot.writing.outline import OutlineWriter
from bot.writing.support import SupportCheck
from tests.scripted import ScriptedDrafter
from tests.unit.group import Group, ScriptedWriter

FOR_ORGANISERS = "Commands are for organisers in this channel"
GUEST = "Positions here are for members of this workspace"


async def say_as_guest(group: Group, text: str, member: str = "guy") -> Message:
    request: Request = replace(group.request(text, member), stranger=True)
    last = (await group.events(request))[-1]
    assert isinstance(last, Finished)
    return last.message


def lines(message: Message) -> list[str]:
    return [item for block in message.blocks if isinstance(block, Listing) for item in block.items]


# -- reading ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "setting", "value"),
    [
        ("commands everyone", Setting.COMMANDS, None),
        ("commands Organizers", Setting.COMMANDS, "organisers"),
        ("MODEL off", Setting.MODEL, "off"),
        ("model on", Setting.MODEL, None),
        ("strangers on", Setting.STRANGERS, "on"),
        ("strangers off", Setting.STRANGERS, None),
        ("budget 50000", Setting.BUDGET, "50000"),
        ("budget 50,000", Setting.BUDGET, "50000"),
        ("budget none", Setting.BUDGET, None),
        ("organisers S0614TZR7", Setting.ORGANISERS, "S0614TZR7"),
        ("organisers <!subteam^S0614TZR7>", Setting.ORGANISERS, "S0614TZR7"),
        ("organisers <!subteam^S0614TZR7|@tea-club>", Setting.ORGANISERS, "S0614TZR7"),
        ("organizers <@&1234567890>", Setting.ORGANISERS, "1234567890"),
        ("organisers default", Setting.ORGANISERS, None),
        ("notes <#C0614TZR7|organisers>", Setting.NOTES, "C0614TZR7"),
        ("notes <#1234567890>", Setting.NOTES, "1234567890"),
        ("notes C0614TZR7", Setting.NOTES, "C0614TZR7"),
        ("notes Here", Setting.NOTES, "here"),
        ("notes default", Setting.NOTES, None),
        ("language de", Setting.LANGUAGE, "de"),
        ("language Deutsch", Setting.LANGUAGE, "de"),
        ("language Français", Setting.LANGUAGE, "fr"),
        ("language english", Setting.LANGUAGE, "en"),
        ("language default", Setting.LANGUAGE, None),
    ],
)
def test_what_is_typed_is_read(typed: str, setting: Setting, value: str | None) -> None:
    assert parse(f"/crux settings {typed}") == ChangeSetting(setting, value)


@pytest.mark.parametrize("text", ["/crux settings", "/settings", "/crux setting"])
def test_nothing_behind_it_asks_for_what_is_set(text: str) -> None:
    assert parse(text) == Settings()


@pytest.mark.parametrize(
    "typed",
    [
        "colour blue", "commands nobody", "commands", "model maybe", "budget 0", "budget -5", "budget ٥", "budget",
        "budget 99999999999999", "organisers two words", "organisers <@U1>", "organisers", "strangers yes please",
        "notes", "notes #general", "notes in here",
    ],
)  # fmt: skip
def test_what_can_not_be_read_is_refused_with_what_to_type(typed: str) -> None:
    with pytest.raises(BadInput, match="/crux settings"):
        parse(f"/crux settings {typed}")


@given(st.dictionaries(st.sampled_from(list(Setting)) | st.text(max_size=5), st.text(max_size=9)))
def test_whatever_a_store_has_makes_rules(kept: dict[str, str]) -> None:
    budget = rules_of(kept).budget
    assert budget == budget_of(kept)
    assert budget is None or budget > 0


# -- showing and changing ---------------------------------------------------------------------------------------------


async def test_anybody_reads_the_settings_and_organisers_see_how_to_change_them() -> None:
    group = Group()
    told = await group.say("/crux settings")
    assert told.private
    assert lines(told) == [
        "Topic: “Small”; `/crux topic` changes it.",
        "Commands: for everyone.",
        "Language model: on, where the operator has set one up.",
        "Guests from other organisations: may have views argued, and record no positions.",
        "Language of my own words: English, by default.",
        "Budget of the language model: none of your own; the operator has set none.",
        "Organisers: those who administer it on this platform.",
        "Notes for organisers: as direct messages.",
    ]
    assert (told.buttons, told.notes) == ((), ("Organisers change these.",))
    assert len((await group.say("/crux settings", "olga")).buttons) == 5


async def test_only_organisers_change_them() -> None:
    group = Group()
    for typed in ("commands organisers", "model off", "strangers on", "budget 5", "organisers S1", "notes here"):
        assert (await group.say(f"/crux settings {typed}")).text.startswith("Only organisers change settings")
    assert await group.store.settings("w", "general") == {}


async def test_channels_have_their_own_and_the_workspace_has_budget_and_organisers() -> None:
    group = Group()
    every = (
        "commands organisers",
        "model off",
        "strangers on",
        "language fr",
        "budget 5000",
        "organisers S1",
        "notes here",
    )
    for typed in every:
        told = await group.say(f"/crux settings {typed}", "olga")
        assert told.private
        assert told.text.startswith("From now on, in ")
    found = rules_of(await group.store.settings("w", "general"))
    assert found == HouseRules(False, False, True, 5000, "S1", "fr", "general")
    assert rules_of(await group.store.settings("w", "random")) == HouseRules(
        budget=5000, organiser_group="S1", notes_channel="general"
    )
    assert await group.store.settings("other", "general") == {}
    assert await group.store.organiser_group("w") == "S1"
    taken_back = (
        *("commands everyone", "model on", "strangers off"),
        *("language default", "budget none", "organisers default", "notes default"),
    )
    for typed in taken_back:
        await group.say(f"/crux settings {typed}", "olga")
    assert await group.store.settings("w", "general") == {}


async def test_each_button_turns_its_setting_around() -> None:
    group = Group()
    for label, rules in (
        ("Commands for organisers", HouseRules(commands_for_all=False)),
        ("Commands for everyone", HouseRules()),
        ("Model off", HouseRules(model=False)),
        ("Model on", HouseRules()),
        ("Positions of guests", HouseRules(strangers=True)),
        ("No positions of guests", HouseRules()),
        ("Deutsch", HouseRules(language="de")),
        ("English", HouseRules(language="en")),
    ):
        shown = await group.say("/crux settings", "olga")
        before = await group.store.settings("w", "general")
        assert "organisers" in (await group.press(shown, label)).text
        assert await group.store.settings("w", "general") == before
        await group.press(shown, label, "olga")
        assert rules_of(await group.store.settings("w", "general")) == rules


async def test_no_budget_above_the_operators() -> None:
    group = Group()
    group.debate = replace(group.debate, token_limit=1000)
    assert "up to that" in (await group.say("/crux settings budget 1001", "olga")).text
    assert await group.store.settings("w") == {}
    told = await group.say("/crux settings budget 1000", "olga")
    assert "Budget of the language model: 1,000 tokens a day; the operator's limit is 1,000" in told.text
    group.debate = replace(group.debate, token_limit=10)
    assert "language model: 10 tokens a day" in "\n".join(lines(await group.say("/crux settings", "olga")))


# -- who may use commands ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["/steelman T-01", "/stand T-01 agree", "/crux standing", "/crux map", "/crux topic other", "hello there", "/nope"],
)
async def test_where_commands_are_for_organisers_others_are_told_so_in_private(text: str) -> None:
    group = Group()
    await group.say("/crux settings commands organisers", "olga")
    told = await group.say(text)
    assert told.private
    assert told.text.startswith("There is no command" if text == "/nope" else FOR_ORGANISERS)
    assert await group.store.position_history("w", "ann") == []
    assert await group.store.channel_topic("w", "general") is None
    assert FOR_ORGANISERS not in (await group.say(text, "olga")).text
    assert FOR_ORGANISERS not in (await group.say(text, channel="random")).text


@pytest.mark.parametrize("text", ["/crux me", "/crux export-me", "/crux forget-me yes", "/crux help", "/crux settings"])
async def test_what_is_kept_of_oneself_and_the_rules_can_be_asked_for_everywhere(text: str) -> None:
    group = Group()
    await group.say("/crux settings commands organisers", "olga")
    assert FOR_ORGANISERS not in (await group.say(text)).text


async def test_prompts_are_answered_by_all_wherever_commands_are_for_organisers() -> None:
    group = Group()
    await group.say("/crux settings commands organisers", "olga")
    prompt = await group.say("/crux prompt T-01", "olga")
    answered = await group.press(prompt, "Agree")
    assert (await group.press(prompt, "This is a crux")).text
    held = await group.store.current_position("w", "small", "T-01", "ann")
    assert held is not None
    assert (held.stance, held.crux) == (Stance.AGREE, True)
    for button in answered.buttons:
        assert FOR_ORGANISERS not in (await group.say(f"/press {button.action}")).text


async def test_a_press_that_posts_to_the_channel_is_a_command() -> None:
    group = Group()
    posted = await group.say("/steelman T-01", "olga")
    await group.say("/crux settings commands organisers", "olga")
    assert FOR_ORGANISERS not in (await group.press(posted, "I'd sign this")).text
    assert FOR_ORGANISERS in (await group.press(posted, "Counter this")).text


# -- guests -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["/stand T-01 agree", "/crux credit T-01 because of it"])
async def test_guests_record_nothing_unless_the_channel_lets_them(text: str) -> None:
    group = Group()
    told = await say_as_guest(group, text)
    assert told.private
    assert told.text.startswith(GUEST)
    assert await group.store.position_history("w", "guy") == []
    await group.say("/crux settings strangers on", "olga")
    assert GUEST not in (await say_as_guest(group, text)).text


async def test_guests_may_ask_where_they_stand() -> None:
    assert GUEST not in (await say_as_guest(Group(), "/stand T-01")).text


async def test_guests_have_views_argued_and_count_as_no_members() -> None:
    group = Group()
    posted = await say_as_guest(group, "/steelman T-01")
    assert posted.title is not None
    assert GUEST in (await say_as_guest(group, f"/press {posted.buttons[0].action}")).text
    prompt = await group.say("/crux prompt T-01", "olga")
    assert GUEST in (await say_as_guest(group, f"/press {prompt.buttons[0].action}")).text
    assert await group.store.member_count("w", group.clock.now()) == 1
    await group.say("/crux settings strangers on", "olga")
    await say_as_guest(group, f"/press {prompt.buttons[0].action}")
    assert await group.store.member_count("w", group.clock.now()) == 2
    assert len(await group.store.position_history("w", "guy")) == 1


async def test_a_guest_takes_back_what_they_recorded_when_they_might() -> None:
    group = Group()
    await group.say("/crux settings strangers on", "olga")
    await say_as_guest(group, "/stand T-01 agree")
    await group.say("/crux settings strangers off", "olga")
    await say_as_guest(group, "/stand T-01 withdraw")
    held = await group.store.current_position("w", "small", "T-01", "guy")
    assert held is not None
    assert held.stance is None
    assert (await say_as_guest(group, "/crux forget-me yes")).text
    assert await group.store.position_history("w", "guy") == []


# -- the language model -----------------------------------------------------------------------------------------------


async def test_a_channel_that_wants_no_model_gets_the_outline_without_an_apology() -> None:
    group = Group()
    drafter = ScriptedDrafter([WriterUnavailable()])
    group.debate = replace(group.debate, writer=GroundedWriter(drafter, OutlineWriter(), SupportCheck(None)))
    await group.say("/crux settings model off", "olga")
    told = await group.say("/steelman T-01")
    assert "Written from the map's outline, without a language model." in told.notes
    reply = await group.store.reply("w", told.reply_id or "")
    assert reply is not None
    assert (reply.writer, reply.model, reply.prompt_version, reply.usage) == ("outline", None, None, Usage())
    assert UNAVAILABLE in (await group.say("/steelman T-01", channel="random")).notes


async def test_the_writer_is_told_what_the_channel_wants() -> None:
    group = Group()
    writer = ScriptedWriter([Written("Tea [T-01].", "model", "m")])
    group.use(writer)
    await group.say("/steelman T-01")
    await group.say("/crux settings model off", "olga")
    await group.say("/steelman T-01")
    assert [assignment.by_model for assignment in writer.asked] == [True, False]


async def test_a_digest_without_a_model_is_not_narrated() -> None:
    group, narrator = Group(), FixedNarrator("It moved.")
    group.debate = replace(group.debate, narrator=narrator)
    for member in ("ann", "ben", "cyd"):
        await group.say("/stand T-01 agree", member)
    await group.say("/crux settings model off", "olga")
    await group.say("/crux digest preview", "olga")
    assert (await group.debate.digests_in("w", "general")).narrator is None
    assert narrator.told == []
    await group.say("/crux settings model on", "olga")
    await group.say("/crux digest preview", "olga")
    assert len(narrator.told) == 1

"""Messages as Discord gets them: within its limits whatever they hold, and marked up by nothing that they say."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chat.discord.marks import mark, part_nonce
from bot.chat.discord.markup import APART, escaped, units
from bot.chat.discord.names import FORM, Pressed, form_id, press_id, pressed
from bot.chat.discord.pages import growing, pages
from bot.chat.discord.splitting import pieces
from bot.chat.discord.views import Extras, Sendable, growing_view, sendables
from bot.core.actions import (
    FORGET_ACTION,
    answer_action,
    argue_action,
    crux_action,
    held_action,
    pace_action,
    press,
    proposal_action,
    reply_action,
    setting_action,
    short_topic,
    shortened,
    stand_action,
    to_oneself,
    topic_action,
)
from bot.core.arguments import View
from bot.core.assignments import Task
from bot.core.houserules import Setting
from bot.core.messages import CITATION, Attachment, Button, Listing, Message, Paragraph, Picture, SourceLine, cited_ids
from bot.core.positions import Stance
from bot.core.proposals import LONGEST_TITLE, slug
from bot.maps.format import CLAIM_ID
from tests.discord_wire.component_limits import V2
from tests.discord_wire.limits import message_errors
from tests.discord_wire.reading import MENTION, component_lines, component_texts, masked_links, pings
from tests.discord_wire.state import Channel, User
from tests.discord_wire.state import Message as Shown

HOSTILE = (
    "@everyone",
    "@here and <@123456789012345678> <@!1> <@&2> <#3> </steelman:4> <t:0:R> <:wave:5> <id:customize>",
    "[click me](https://evil.example/x)",
    "[click me](<https://evil.example/x>) ![a](http://evil.example)",
    "# Heading\n> quoted\n>>> all\n-# small\n- item\n1. item\n* item",
    "```py\ncode\n``` `x` ``y`` ||hidden|| **b** __u__ ~~s~~ \\*not\\*",
    "[MI-04]: [MI-04, MI-07](https://evil.example)",
    "https://example.org/a_b*c_(d) and http://x.example/[y](z)",
    "\u202eevil\u202c \u2066x\u2069 شكرا שלום",
    "👩‍👩‍👧‍👦🏳️‍🌈🇩🇪" * 30,
    "x" * 5_000,
    "A sentence that goes on [MI-04]. " * 300,
    "`/crux help` and `/stand @everyone <@1>`",
    "\x00\x07\ud800 \u2028 line",
    "<https://evil.example>@everyone",
    "]( [a] (https://b.example) ]\u200b(https://c.example)",
)

NAMED = "123456789012345678"
"""A channel that the body of a message may name."""

texts = st.one_of(st.text(max_size=200), st.sampled_from(HOSTILE), st.lists(st.sampled_from(HOSTILE)).map("\n\n".join))
blocks = st.one_of(
    st.builds(Paragraph, texts),
    st.builds(Listing, st.lists(texts, max_size=30).map(tuple), st.lists(st.integers(-3, 40), max_size=30).map(tuple)),
)
sources = st.builds(SourceLine, texts, texts, texts, st.one_of(st.none(), texts, st.just("https://example.org/a_b")))
actions = st.text(st.characters(exclude_characters="<"), max_size=120)  # they are ours, and nobody reads them
buttons = st.builds(Button, texts, st.one_of(actions, st.sampled_from(["sign:1", "stand:t:MI-04"])))
messages = st.builds(
    Message,
    blocks=st.lists(blocks, max_size=12).map(tuple),
    title=st.one_of(st.none(), texts),
    sources=st.lists(sources, max_size=12).map(tuple),
    notes=st.lists(texts, max_size=5).map(tuple),
    buttons=st.lists(buttons, max_size=45).map(tuple),
    private=st.booleans(),
    attachment=st.one_of(st.none(), st.builds(Attachment, texts, texts)),
    channels=st.sampled_from([(), (NAMED, "3", "@everyone")]),
)
extras = st.builds(
    Extras,
    picture=st.one_of(st.none(), st.builds(Picture, st.binary(max_size=9), texts)),
    guild=st.one_of(st.none(), st.just(2**63)),
    claim=st.one_of(st.none(), st.just("MI-04")),
)


def components_of(part: Sendable) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = part.view.to_components()  # type: ignore[no-untyped-call]
    return found


def shown(part: Sendable) -> Shown:
    """A part as its readers have it."""
    components = components_of(part)
    return Shown(1, Channel(1, 0), User(1, "Crux", bot=True), components=components, allowed_mentions={"parse": []})


def errors(part: Sendable) -> list[str]:
    names = [file.filename for file in part.files]
    listed = [{"description": file.description} for file in part.files]
    payload = {"flags": V2, "components": components_of(part), "attachments": listed}
    return message_errors(payload, names)


@settings(max_examples=100, deadline=None)
@given(messages, extras)
def test_every_message_is_within_the_limits_and_mentions_nobody(message: Message, extra: Extras) -> None:
    for part in sendables(message, "0123456789abcdef0123", extra):
        assert errors(part) == []
        components = components_of(part)
        assert sum(units(text) for text in component_texts(components)) <= 4_000
        assert pings(shown(part)) == []
        assert masked_links(shown(part)) == []
        for line in component_lines(components, []):
            assert not MENTION.search(line), line
            assert "<#" not in line.replace(f"<#{NAMED}>", "")
            assert "</" not in line


@settings(max_examples=80, deadline=None)
@given(st.one_of(st.none(), texts), texts)
def test_a_growing_answer_fits_too(title: str | None, text: str) -> None:
    part = Sendable(growing_view(title, text))
    assert errors(part) == []
    assert masked_links(shown(part)) == []
    assert growing(title, text).units <= 4_000


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(["A word. ", "more ", "[MI-04] ", "[MI-04, MI-07]. ", "x" * 90 + " ", "*_*_ "])))
def test_what_is_split_is_all_there_and_no_citation_is_cut(words: list[str]) -> None:
    text = "".join(words)
    found = list(pieces(text, 120))
    assert "".join("".join(found).split()) == "".join(text.split())
    assert all(units(escaped(piece)) <= 120 for piece in found)
    assert [one for piece in found for one in CITATION.findall(piece)] == CITATION.findall(text)


def test_channels_that_a_message_names_are_links() -> None:
    words = f"Prompts in {NAMED}: daily. <@{NAMED}0> is nobody."
    (page,) = pages(Message((Paragraph(words), Listing((words,))), notes=(NAMED,), channels=(NAMED,)))
    assert page.body.count(f"Prompts in <#{NAMED}>: daily.") == 2
    assert f"<@{NAMED}" not in page.body
    assert page.notes == f"-# {NAMED}"


def test_a_long_answer_is_cut_between_sentences() -> None:
    text = "One sentence is about this long and ends here [MI-04]. " * 200
    parts = pages(Message((Paragraph(text),), title="The best case", sources=(SourceLine("MI-04", "c", "o"),)))
    assert len(parts) > 3
    assert all(part.body.endswith("[MI-04].") for part in parts)
    assert [bool(part.sources) for part in parts] == [False] * (len(parts) - 1) + [True]


def test_a_message_reads_as_it_was_written() -> None:
    message = Message(
        (Paragraph("Some *stars*, see `/crux help` [MI-04]."), Listing(("one", "two"), (0, 1))),
        title="A # title",
        sources=(SourceLine("MI-04", "A claim", "A book, p. 4", "https://example.org/a_b"),),
        notes=("A note.",),
        buttons=(Button("Press", "sign:1"), Button("Again", "sign:1")),
    )
    (page,) = pages(message)
    assert page.body == "### A \\# title\nSome \\*stars\\*, see `/crux help` [MI-04].\n\n- one\n  - two"
    assert page.sources == "-# **MI-04** A claim (A book, p. 4) https://example.org/a_b"
    assert page.notes == "-# A note."
    assert [press.custom_id for press in page.buttons] == ["crux:sign:1"]


@pytest.mark.parametrize("line", ["- a", "+ a", "12. a", "3) a", "# a", "> a", "-# a", "* a"])
def test_no_line_of_a_text_begins_a_list_a_quote_or_a_heading(line: str) -> None:
    for part in escaped(f"before\n{line}").split("\n"):
        assert not re.match(r"\s*([-+*] |\d+[.)] |#{1,3} |>|-# )", part)


def test_links_keep_their_address_and_masks_fall() -> None:
    assert escaped("see https://example.org/a_b.") == "see https://example.org/a_b."
    assert escaped("[x](https://evil.example)") == "[x]\\(https://evil.example)"
    assert escaped("@everyone <@1>") == f"@{APART}everyone \\<{APART}@{APART}1\\>"


# Ids as long as the core lets them be: of topics by `maps/format.py` and `proposals.slug`, of claims by
# `maps/format.CLAIM_ID`, of replies, prompts and posts by `inbox.reply_id`, which has 20 characters.
claim_ids = st.from_regex(CLAIM_ID, fullmatch=True) | st.just("ABCDEFGH-1234")
topic_ids = st.from_regex(r"[a-z0-9][a-z0-9-]{1,58}[a-z0-9]", fullmatch=True) | st.text(
    min_size=1, max_size=LONGEST_TITLE
).map(slug)
reply_ids = st.text("0123456789abcdef", min_size=20, max_size=20)
stances = st.none() | st.sampled_from(Stance)
own_views = st.builds(View, claim_ids, st.booleans())
actions = st.one_of(
    st.builds(argue_action, st.sampled_from(Task), topic_ids, own_views),
    st.builds(argue_action, st.sampled_from(Task), topic_ids, own_views).map(to_oneself),
    st.builds(stand_action, topic_ids, claim_ids, stances),
    topic_ids.map(topic_action),
    st.builds(reply_action, st.sampled_from(("sign", "notmine", "turn", "share", "changed")), reply_ids),
    reply_ids.map(lambda each: to_oneself(reply_action("turn", each))),
    st.builds(
        proposal_action,
        st.sampled_from(("submit", "drop", "proposal", "approve", "decline")),
        st.integers(1, 999_999_999),
    ),
    st.builds(answer_action, reply_ids, st.sampled_from(Stance)),
    reply_ids.map(crux_action),
    st.builds(pace_action, reply_ids, slower=st.booleans()),
    st.builds(held_action, reply_ids, send=st.booleans()),
    st.just(setting_action(Setting.COMMANDS, "organisers")),
    st.just(FORGET_ACTION),
)
guilds = st.none() | st.integers(1, 2**64 - 1)


@settings(max_examples=500)
@given(actions, guilds)
def test_every_button_of_the_core_has_a_custom_id_and_comes_back_from_it(action: str, guild: int | None) -> None:
    custom_id = press_id(action, guild)
    assert custom_id is not None
    assert units(custom_id) <= 100
    found = pressed(custom_id)
    assert found is not None
    assert found.guild == guild
    if found.action != action:  # its topic is in the short form, by which the core finds it
        kind, topic, *rest = action.split(":")
        assert found.action.split(":") == [kind, short_topic(topic), *rest]
        assert type(press(found.action)) is type(press(action))


@given(claim_ids, guilds)
def test_every_claim_has_a_form_and_comes_back_from_it(claim: str, guild: int | None) -> None:
    custom_id = form_id(claim, guild)
    assert len(custom_id) <= 100
    found = FORM.fullmatch(custom_id)
    assert found is not None
    assert found["claim"] == claim
    assert found["guild"] == (None if guild is None else str(guild))


LONG = "counter:" + "t" * 60 + ":ABCDEFGH-1234:against:me"


def test_custom_ids_stay_those_that_are_posted_already() -> None:
    assert press_id("sign:0123", 2**63) == f"crux@{2**63}:sign:0123"
    assert press_id(LONG) == f"crux:{LONG}"
    assert press_id("stand:tea:T-01:agree") == "crux:stand:tea:T-01:agree"
    assert press_id(LONG, 2**63) == f"c@{2**63}:{shortened(LONG)}"
    for custom_id in (f"c:{LONG}", f"crux:{LONG}"):
        assert pressed(custom_id) == Pressed(LONG)
    assert pressed("form:MI-04") is None


def test_a_button_that_fits_nowhere_is_named_in_a_note() -> None:
    (page,) = pages(Message((Paragraph("x"),), buttons=(Button("Agree", "x" * 100),)), guild=2**63)
    assert page.buttons == ()
    assert "Not every button fits" in page.notes


def test_marks_are_the_same_on_every_try_and_differ_by_post_and_part() -> None:
    found = {mark(nonce, part) for nonce in ("a" * 20, "b" * 20) for part in range(3)}
    assert len(found) == 6
    assert mark("a" * 20, 1) in found
    assert all(2**30 <= number < 2**31 for each in found for number in (each.container, each.text))
    assert len({part_nonce("a" * 20, part) for part in range(12)}) == 12
    assert all(len(part_nonce("a" * 20, part)) <= 25 for part in range(2_000))


def test_an_attachment_goes_along_as_a_file_that_is_shown() -> None:
    (part,) = sendables(Message((Paragraph("Here it is."),), attachment=Attachment("../me é.json", "{}")))
    (file,) = part.files
    assert file.filename == "me---.json" or file.filename.endswith(".json")
    assert "/" not in file.filename
    assert errors(part) == []


def test_a_citation_reads_as_one() -> None:
    (page,) = pages(Message((Paragraph("A reason [MI-04]."),)))
    assert cited_ids(page.body) == ("MI-04",)

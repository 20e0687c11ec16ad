"""Messages as Block Kit: within Slack's limits, saying what was said, mentioning nobody, whatever is in them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import Block as SlackBlock

from bot.chat.slack.blocks import growing, rendered, working
from bot.chat.slack.charts import chart_blocks, with_chart
from bot.chat.slack.failures import translated
from bot.chat.slack.text import escaped, markdown_escaped, mentions, pieces, typed
from bot.chat.slack.views import Part, home, position
from bot.chat.slack.views import settings as settings_form
from bot.core.charts import StandingChart
from bot.core.houserules import HouseRules
from bot.core.language import speaking
from bot.core.messages import Button, Listing, Message, Paragraph, SourceLine
from bot.errors import Refused
from tests.pseudo import Pseudo
from tests.slack import seen
from tests.slack.blocks import message_errors, view_errors
from tests.unit.charting import charts
from tests.unit.group import TEA

NASTY = st.sampled_from(
    [
        *(
            "<!channel>",
            "<!here>",
            "<@U123>",
            "<#C1>",
            "<!subteam^S1>",
            "@here",
            "@everyone",
            "@channel",
            "&lt;!here&gt;",
        ),
        *("*b*", "_i_", "~s~", "`c`", "```block```", "> quote", ":wave:", "[a](https://evil)", "<https://evil|good>"),
        *(
            "\u202eright to left\u202c",
            "עברית",
            "漢字仮名",
            "👩‍👩‍👧‍👦",
            "e\u0301",
            "\u0000",
            "\n",
            "\t",
            "& < >",
            "[MI-04, MI-07]",
        ),
        *("# head", "- item", "1. one", "\u2028", "a" * 3000, "&" * 700, "[MI-04]" * 50, "x. " * 900),
    ]
)
TEXT = st.one_of(st.text(max_size=200), st.lists(st.one_of(NASTY, st.text(max_size=20)), max_size=8).map(" ".join))
SOURCE = st.builds(SourceLine, st.just("MI-04"), TEXT, TEXT, st.one_of(st.none(), TEXT, st.just("https://x.org/a?b&c")))
BUTTON = st.builds(Button, TEXT.filter(lambda label: label.strip() != ""), st.text("abc:", min_size=1, max_size=100))
LISTING = st.lists(TEXT, max_size=30).map(
    lambda items: Listing(tuple(items), tuple(number % 3 for number in range(len(items))))
)
MESSAGES = st.builds(
    Message,
    blocks=st.lists(st.one_of(st.builds(Paragraph, TEXT), LISTING), max_size=8).map(tuple),
    title=st.one_of(st.none(), TEXT.filter(lambda title: title.strip() != "")),
    sources=st.lists(SOURCE, max_size=20).map(tuple),
    notes=st.lists(TEXT.filter(lambda note: note.strip() != ""), max_size=25).map(tuple),
    buttons=st.lists(BUTTON, max_size=30).map(tuple),
    channels=st.sampled_from([(), ("C1", "GA"), ("MI", "<!here>", "U123", "S1")]),
)


def letters(text: str) -> str:
    """Letters and digits in order: what a reader reads, whatever stands between."""
    return "".join(character for character in text if character.isalnum())


@settings(max_examples=60, deadline=None)
@given(MESSAGES)
def test_whatever_is_in_a_message_slack_takes_it_and_nobody_is_mentioned(message: Message) -> None:
    payloads = rendered(message)
    for payload in payloads:
        blocks = list(payload.blocks)
        assert message_errors(blocks, charts_known=True) == []
        for block in SlackBlock.parse_all(blocks):
            block.validate_json()
        assert len(payload.text) <= 4_000
        assert payload.text.strip()
        named = {f"<#{channel}>" for channel in message.channels if channel[0] in "CG"}
        assert set(seen(text=payload.text, blocks=blocks).mentions) <= named
    pressed = [
        element["value"]
        for p in payloads
        for block in p.blocks
        for element in block.get("elements", [])
        if "value" in element
    ]
    assert pressed == [button.action for button in message.buttons]


@settings(max_examples=40, deadline=None)
@given(MESSAGES)
def test_nothing_of_the_body_is_lost(message: Message) -> None:
    shown = iter(letters(" ".join(seen(text="", blocks=list(payload.blocks)).text for payload in rendered(message))))
    wanted = letters(" ".join(text for block in message.blocks for text in texts_of(block)))
    assert all(character in shown for character in wanted), "in order, with whatever else is shown between"


def texts_of(block: Paragraph | Listing) -> list[str]:
    return [block.text] if isinstance(block, Paragraph) else list(block.items)


@settings(max_examples=40, deadline=None)
@given(TEXT.filter(lambda title: title.strip() != ""), TEXT)
def test_what_is_still_being_written_fits_too(title: str, text: str) -> None:
    for payload in (working(title), growing(title, text)):
        assert message_errors(list(payload.blocks), charts_known=True) == []
        assert seen(text=payload.text, blocks=list(payload.blocks)).mentions == ()


@settings(max_examples=60, deadline=None)
@given(TEXT)
def test_what_is_streamed_mentions_nobody_and_hides_no_link(text: str) -> None:
    streamed = {"type": "markdown", "text": markdown_escaped(text)[:12_000]}
    assert seen(text="", blocks=[streamed]).mentions == ()
    assert "](" not in streamed["text"]


@settings(max_examples=60, deadline=None)
@given(TEXT, st.integers(20, 400))
def test_pieces_are_short_whole_and_never_cut_a_citation(text: str, most: int) -> None:
    found = pieces(text, most)
    assert all(0 < len(piece) <= most for piece in found)
    assert "".join("".join(found).split()) == "".join(text.split())
    for piece in found:
        opened = re.search(r"\[MI-\d*$", piece)
        assert opened is None or most < 40


def test_commands_in_the_bot_s_words_are_code_and_other_marks_are_not() -> None:
    assert escaped("say `/crux help <x>`") == "say `/crux help &lt;x&gt;`"
    assert "`not" not in escaped("`not a command`")
    assert escaped("a < b & c") == "a &lt; b &amp; c"


def test_what_was_typed_comes_back_without_slack_s_markup() -> None:
    assert typed("<@U1> what of &lt;b&gt; &amp; <@U2|ann>?", "U1") == "what of <b> & @ann?"
    assert (
        typed("see <https://x.org|this> or <https://y.org> in <#C1|general>") == "see this or https://y.org in #general"
    )
    assert mentions("hey <@U1>", "U1")
    assert not mentions("hey U1", "U1")


@settings(max_examples=50, deadline=None)
@given(charts())
def test_the_chart_is_one_that_slack_takes(chart: StandingChart) -> None:
    assert message_errors(chart_blocks(chart), charts_known=True) == []
    (first, *_) = with_chart(rendered(Message((Paragraph("p"),), title="Digest")), chart)
    assert [block["type"] for block in first.blocks][:2] == ["header", "data_visualization"]


def test_the_modal_and_the_home_tab_are_ones_that_slack_takes() -> None:
    claims = [TEA.thesis, *TEA.arguments]
    assert view_errors(position(claims, "T-01", "C1", None, topic="<!here> Is it tea?")) == []
    long = Message(tuple(Paragraph("word " * 300) for _ in range(120)), buttons=(Button("b", "a"), Button("c", "d")))
    parts = [
        Part("Yours", long, "D1"),
        Part("More", Message(buttons=(Button("b", "a"),)), "C1", ("*<#C1>*",), opens_settings=True),
        Part("", Message(buttons=(Button("b", "a"),)), "C2"),
    ]
    assert view_errors(home(parts)) == []
    yours = Part("Your data", Message(buttons=(Button("Forget me", "f"),)), "D1")
    assert "Forget me" in str(home([*parts, yours])["blocks"][-1]), "it is not what is cut off"
    assert view_errors(settings_form(HouseRules(budget=5000, organiser_group="S1"))) == []


def test_channels_are_named_by_links_where_their_ids_are_known_to_be_some() -> None:
    words = "Prompts in C0AB: daily. <@U1> and C0ABC are none."
    told = Message((Paragraph(words), Listing((words,))), channels=("C0AB", "D0X", "<!here>"))
    for blocks in (home([Part("", told, "D1")])["blocks"], rendered(told)[0].blocks):
        for section in blocks:
            for text in section["text"]["text"].split("\n"):
                assert "Prompts in <#C0AB>: daily." in text
                assert "<@U1>" not in text
                assert "<#C0ABC>" not in text


def plain_texts(thing: object) -> Iterator[str]:
    """The words that a form has of its own."""
    if isinstance(thing, dict):
        if thing.get("type") == "plain_text":
            yield thing["text"]
        for each in thing.values():
            yield from plain_texts(each)
    elif isinstance(thing, list):
        for each in thing:
            yield from plain_texts(each)


@settings(max_examples=10, deadline=None)
@given(charts())
def test_charts_forms_and_refusals_are_in_the_language_that_is_spoken(chart: StandingChart) -> None:
    with speaking(Pseudo()):
        charted = chart_blocks(chart)
        forms = [position([], None, "C1", None, topic=""), settings_form(HouseRules())]
        with pytest.raises(Refused) as refused, translated():
            raise SlackApiError("failed", {"error": "not_in_channel"})  # type: ignore[no-untyped-call]
    words = [text for form in forms for text in plain_texts(form)]
    words += [block["title"] for block in charted]
    words += [series["name"] for block in charted for series in block["chart"]["series"]]
    words.append(refused.value.message)
    assert not [each for each in words if re.search(r"[a-z]{2,}", re.sub(r"`[^`]*`", "", each))]

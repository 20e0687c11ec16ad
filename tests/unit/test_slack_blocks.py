"""The Block Kit rules of the small Slack, and how it reads a message."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.slack.blocks import message_errors, view_errors
from tests.slack.seeing import seen

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def section(text: str = "hello", **more: Any) -> Json:
    return {"type": "section", "text": mrkdwn(text), **more}


def button(label: str = "Go", action_id: str = "go", **more: Any) -> Json:
    return {"type": "button", "text": plain(label), "action_id": action_id, **more}


def actions(*elements: Json, **more: Any) -> Json:
    return {"type": "actions", "elements": list(elements), **more}


def options(count: int, text: str = "one") -> list[Json]:
    return [{"text": plain(text), "value": str(number)} for number in range(count)]


def select(count: int, **more: Any) -> Json:
    return {"type": "static_select", "action_id": "pick", "options": options(count), **more}


def radio(count: int) -> Json:
    return {"type": "radio_buttons", "action_id": "pick", "options": options(count)}


def image(**fields: Any) -> Json:
    return {"type": "image", "image_url": "https://example.org/a.png", **fields}


def bar(title: str = "Standing", labels: tuple[str, ...] = ("agree", "disagree"), **more: Any) -> Json:
    data = [{"label": label, "value": 3} for label in labels]
    axis = {"categories": ["agree", "disagree"]}
    chart = {"type": "bar", "series": [{"name": "now", "data": data}], "axis_config": axis, **more}
    return {"type": "data_visualization", "title": title, "chart": chart}


def confirm(title: str) -> Json:
    return {"title": plain(title), "text": plain("Sure?"), "confirm": plain("Yes"), "deny": plain("No")}


TAKEN = [
    [section()],
    [section("x" * 3000)],
    [section(accessory=button())],
    [{"type": "section", "fields": [mrkdwn("x" * 2000)] * 10}],
    [{"type": "divider"}] * 50,
    [{"type": "header", "text": plain("x" * 150)}],
    [actions(*(button(action_id=str(number)) for number in range(25)))],
    [actions(button("x" * 75, "a" * 255, value="v" * 2000, style="danger", confirm=confirm("Really?")))],
    [actions(select(100), radio(10) | {"action_id": "other"})],
    [{"type": "context", "elements": [mrkdwn("a")] * 9 + [image(alt_text="b")]}],
    [image(alt_text="A chart: 4 agree", title=plain("Chart"))],
    [{"type": "markdown", "text": "x" * 6000}] * 2,
    [bar(), bar()],
    [
        {
            "type": "data_visualization",
            "title": "Pie",
            "chart": {"type": "pie", "segments": [{"label": "a", "value": 1}]},
        }
    ],
    [
        {
            "type": "data_table",
            "caption": "Votes",
            "rows": [[{"type": "raw_text", "text": "claim"}], [{"type": "raw_text", "text": "MI-04"}]],
        }
    ],
    [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "hi"}]}]}],
    [
        {
            "type": "context_actions",
            "elements": [
                {
                    "type": "feedback_buttons",
                    "action_id": "endorse",
                    "positive_button": {"text": plain("I'd sign this"), "value": "yes"},
                    "negative_button": {"text": plain("Not my view"), "value": "no"},
                }
            ],
        }
    ],
]


@pytest.mark.parametrize("blocks", TAKEN)
def test_takes(blocks: list[Json]) -> None:
    assert message_errors(blocks) == []


REFUSED = [
    (None, "must be a list"),
    ([], "1 to 50"),
    ([{"type": "divider"}] * 51, "1 to 50"),
    ([{"type": "banner"}], "'banner' not allowed"),
    ([{"type": "file", "external_id": "a", "source": "remote"}], "'file' not allowed"),
    ([section("")], "at least 1"),
    ([section("x" * 3001)], "at most 3000"),
    ([{"type": "section"}], "text or fields"),
    ([{"type": "section", "fields": [mrkdwn("a")] * 11}], "1 to 10"),
    ([{"type": "section", "fields": [mrkdwn("x" * 2001)]}], "at most 2000"),
    ([section(colour="red")], "unknown field 'colour'"),
    ([section(block_id="same"), section(block_id="same")], "not unique"),
    ([section(block_id="x" * 256)], "at most 255"),
    ([{"type": "header", "text": mrkdwn("a")}], "not allowed"),
    ([{"type": "header", "text": plain("x" * 151)}], "at most 150"),
    ([actions(*(button(action_id=str(number)) for number in range(26)))], "1 to 25"),
    ([actions(button(), button())], "not unique"),
    ([actions(button("x" * 76))], "at most 75"),
    ([actions(button(value="x" * 2001))], "at most 2000"),
    ([actions(button(action_id="x" * 256))], "at most 255"),
    ([actions(button(style="loud"))], "'loud' not allowed"),
    ([actions(button() | {"text": mrkdwn("Go")})], "not allowed"),
    ([actions(button(confirm=confirm("x" * 101)))], "at most 100"),
    ([actions(select(101))], "1 to 100"),
    ([actions(select(0))], "1 to 100"),
    ([actions(select(2, initial_option={"text": plain("else"), "value": "9"}))], "not among"),
    ([actions(select(1) | {"options": options(1, "x" * 76)})], "at most 75"),
    ([actions(select(1) | {"options": [{"text": plain("a"), "value": "x" * 151}]})], "at most 150"),
    ([actions(radio(11))], "1 to 10"),
    ([{"type": "context", "elements": [mrkdwn("a")] * 11}], "1 to 10"),
    ([{"type": "context", "elements": [button()]}], "not allowed"),
    ([image()], "alt_text"),
    ([{"type": "image", "alt_text": "a"}], "exactly one"),
    ([{"type": "markdown", "text": "x" * 6001}] * 2, "together at most 12000"),
    ([{"type": "markdown", "text": ""}], "at least 1"),
    ([bar()] * 3, "at most 2"),
    ([bar("x" * 51)], "at most 50"),
    ([bar(labels=("agree", "unsure"))], "labels must be the categories"),
    ([bar(type="radar")], "'radar' not allowed"),
    ([{"type": "data_table", "rows": [[{"type": "raw_text", "text": "a"}]]}], "caption"),
]


@pytest.mark.parametrize(("blocks", "error"), REFUSED)
def test_refuses(blocks: object, error: str) -> None:
    assert error in "\n".join(message_errors(blocks))


def test_older_workspaces_know_no_charts() -> None:
    assert "not allowed" in message_errors([bar()], charts_known=False)[0]


def text_input(**more: Any) -> Json:
    return {
        "type": "input",
        "block_id": "why",
        "label": plain("Why"),
        "element": {"type": "plain_text_input", "action_id": "reason", **more},
    }


def modal(*blocks: Json, **more: Any) -> Json:
    shown = {"type": "modal", "title": plain("Position"), "submit": plain("Save"), "blocks": list(blocks)}
    return {**shown, **more}


@pytest.mark.parametrize(
    "view",
    [
        modal(text_input(max_length=500)),
        modal(*[{"type": "divider"}] * 100, private_metadata="x" * 3000, callback_id="x" * 255),
        {"type": "home", "blocks": [section(), actions(button())]},
    ],
)
def test_takes_views(view: Json) -> None:
    assert view_errors(view) == []


@pytest.mark.parametrize(
    ("view", "error"),
    [
        ({"type": "modal", "title": plain("A"), "blocks": [text_input()]}, "submit"),
        (modal(section(), title=plain("x" * 25)), "at most 24"),
        (modal(section(), submit=plain("x" * 25)), "at most 24"),
        (modal(section(), private_metadata="x" * 3001), "at most 3000"),
        (modal(section(), callback_id="x" * 256), "at most 255"),
        (modal(*[{"type": "divider"}] * 101), "1 to 100"),
        (modal(bar()), "'data_visualization' not allowed"),
        (modal({"type": "markdown", "text": "a"}), "'markdown' not allowed"),
        ({"type": "home", "title": plain("A"), "blocks": [section()]}, "not in a home tab"),
        ({"type": "sheet", "blocks": [section()]}, "'sheet' not allowed"),
    ],
)
def test_refuses_views(view: Json, error: str) -> None:
    assert error in "\n".join(view_errors(view))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("*Bold* and _slanted_ and ~gone~", "Bold and slanted and gone"),
        ("2 * 3 * 4, snake_case_name", "2 * 3 * 4, snake_case_name"),
        ("a &lt; b &amp; c", "a < b & c"),
        ("see <https://example.org|the map>", "see the map (https://example.org)"),
        ("`*code*`", "*code*"),
        ("<!date^1392734382^{date}|a Tuesday>", "a Tuesday"),
        ("&lt;!channel&gt;", "<!channel>"),
    ],
)
def test_reads_mrkdwn(text: str, read: str) -> None:
    message = seen(text=text)
    assert message.text == read
    assert message.mentions == ()


@pytest.mark.parametrize(
    ("text", "mention"),
    [
        ("<!channel> hi", "<!channel>"),
        ("<!here|here>", "<!here>"),
        ("`<@U123>`", "<@U123>"),
        ("<!subteam^S1|@team>", "<!subteam^S1>"),
        ("<#C1>", "<#C1>"),
    ],
)
def test_sees_mentions_in_mrkdwn(text: str, mention: str) -> None:
    assert seen(text=text).mentions == (mention,)
    assert seen(text="", blocks=[section(text)]).mentions == (mention,)
    assert seen(text=text, blocks=[section()]).mentions == (mention,)


@pytest.mark.parametrize("text", ["@channel", "so, @here!", "`@everyone`", "<!channel>", "a <@U1> b"])
def test_sees_mentions_in_markdown(text: str) -> None:
    assert len(seen(text="", blocks=[{"type": "markdown", "text": text}]).mentions) == 1
    assert len(seen(text="", streamed=text).mentions) == 1


@pytest.mark.parametrize(
    "text", ["\\@channel", "&lt;!channel>", "me@here.org", "@\u200bchannel", "\\<!here>", "@channels"]
)
def test_escaped_markdown_mentions_nobody(text: str) -> None:
    assert seen(text="", blocks=[{"type": "markdown", "text": text}]).mentions == ()


def test_plain_text_mentions_nobody() -> None:
    message = seen(text="", blocks=[{"type": "header", "text": plain("<!channel>")}])
    assert message.text == "<!channel>"
    assert message.mentions == ()


def test_reads_markdown() -> None:
    text = "## Case\n\n**Bold** *slanted* `code` [map](https://example.org) \\*star\\* &amp; ~~gone~~"
    read = seen(text="", blocks=[{"type": "markdown", "text": text}]).text
    assert read == "Case\n\nBold slanted code map (https://example.org) *star* & gone"


def test_reads_buttons_images_charts() -> None:
    message = seen(
        text="fallback", blocks=[section(accessory=button("More", "more")), image(alt_text="4 agree"), bar("Now")]
    )
    assert message.text == "hello\nNow"
    assert message.labels == ("More",)
    assert message.images == ("4 agree",)
    assert message.charts == ("Now",)


def test_rich_text_mentions() -> None:
    elements = [{"type": "user", "user_id": "U1"}, {"type": "broadcast", "range": "here"}]
    blocks = [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}]
    assert seen(text="", blocks=blocks).mentions == ("<@U1>", "<!here>")


_NAMES = """
    type text elements element fields accessory options option_groups block_id action_id value label title chart series
    segments axis_config rows data name confirm blocks initial_option positive_button max_length submit placeholder
    categories child_blocks actions tasks url user_id
"""
_KINDS = """
    section actions context input header image rich_text markdown data_visualization table data_table video card link
    context_actions container plain_text mrkdwn button static_select radio_buttons plain_text_input feedback_buttons
    pie bar modal home raw_text alert plan rich_text_section rich_text_list user carousel
"""
NAMES, KINDS = st.sampled_from(_NAMES.split()), st.sampled_from(_KINDS.split())


def grown(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    objects = st.dictionaries(NAMES, inner, max_size=4)
    return st.lists(inner, max_size=3) | objects | st.builds(lambda kind, rest: {**rest, "type": kind}, KINDS, objects)


leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | KINDS
jsons = st.recursive(leaves, grown, max_leaves=25)


@given(jsons)
@settings(max_examples=300, deadline=None)
def test_says_no_to_anything_without_failing(payload: Any) -> None:
    for blocks in (payload, [payload]):
        if message_errors(blocks) == []:
            seen(text="", blocks=blocks)
    view_errors(payload)

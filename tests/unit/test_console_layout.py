"""Text and messages on a terminal: harmless, within the width, and whole."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.console.layout import Style, cells, harmless, paint, words, wrap
from bot.chat.console.rendering import rendered, streamed, usable
from bot.core.messages import Attachment, Button, Listing, Message, Paragraph, SourceLine

PAINT = re.compile(r"\x1b\[[0-9]+m")

texts = st.one_of(
    st.text(max_size=120),
    st.text(alphabet="ab \n\t[]MI-04,;\x1b\x07\x9b\u202e\u2066\u200bé漢👩‍🚀", max_size=120),
    st.lists(
        st.sampled_from(["[MI-04]", "word", "\x1b[2J", "\x1b]0;title\x07", "supercalifragilistic" * 6]), max_size=9
    ).map(" ".join),
)
messages = st.builds(
    Message,
    blocks=st.lists(
        st.one_of(
            st.builds(Paragraph, texts),
            st.builds(
                Listing, st.lists(texts, max_size=4).map(tuple), st.lists(st.integers(0, 9), max_size=4).map(tuple)
            ),
        ),
        max_size=3,
    ).map(tuple),
    title=st.one_of(st.none(), texts),
    sources=st.lists(st.builds(SourceLine, texts, texts, texts, st.one_of(st.none(), texts)), max_size=3).map(tuple),
    notes=st.lists(texts, max_size=3).map(tuple),
    buttons=st.lists(st.builds(Button, texts, texts), max_size=5).map(tuple),
)
widths = st.integers(20, 120)


def lines_of(message: Message, width: int, *, colour: bool = False) -> list[str]:
    numbers = range(1, len(message.buttons) + 1)
    return [paint(line, colour) for line in rendered(message, width, list(numbers))]


def parts_of(message: Message) -> list[str]:
    """Every text of a message that must be shown."""
    parts = [message.title or "", *message.notes, *(button.label for button in message.buttons)]
    for block in message.blocks:
        parts += [block.text] if isinstance(block, Paragraph) else block.items
    for source in message.sources:
        parts += [source.argument_id, source.claim, source.origin, source.address or ""]
    return parts


@given(messages, widths, st.booleans())
def test_no_message_can_send_an_escape_sequence(message: Message, width: int, colour: bool) -> None:
    for line in lines_of(message, width, colour=colour):
        left = PAINT.sub("", line)
        assert all(unicodedata.category(c) not in ("Cc", "Cs", "Cf") or c == "\u200d" for c in left), ascii(left)


@given(messages, widths)
def test_no_line_is_wider_than_the_terminal(message: Message, width: int) -> None:
    assert all(cells(line) <= width for line in lines_of(message, width))


@given(messages, widths)
def test_no_word_is_lost(message: Message, width: int) -> None:
    shown = "".join("".join(lines_of(message, width)).split())
    for part in parts_of(message):
        # Compared without the gaps, since a word wider than a line is cut.
        for word in harmless(part).split():
            assert "".join(word.split()) in shown


@given(messages, widths)
def test_colour_adds_nothing_but_paint(message: Message, width: int) -> None:
    plain = [line.rstrip() for line in lines_of(message, width)]
    painted = [PAINT.sub("", line).rstrip() for line in lines_of(message, width, colour=True)]
    assert painted == plain


@given(st.text(max_size=200))
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert harmless(harmless(text)) == harmless(text)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;a title\x07after", "after"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b2Jgone", "gone"),
        ("a\u202eb\u2066c\u200bd", "abcd"),
        ("a\x00b\x08c", "abc"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("👩‍🚀 stays", "👩‍🚀 stays"),
    ],
)
def test_what_could_deceive_is_taken_out(text: str, left: str) -> None:
    assert harmless(text) == left


def test_lines_are_filled_and_indented() -> None:
    lines = wrap(words("one two three four five"), 10, "- ", "  ")
    assert [paint(line, colour=False) for line in lines] == ["- one two", "  three", "  four", "  five"]


def test_citations_are_dim_and_their_sentence_is_not() -> None:
    (line,) = wrap(words("It holds [MI-04]."), 40)
    assert paint(line, colour=True) == "It holds \x1b[2m[MI-04]\x1b[0m."


def test_wide_characters_take_two_columns() -> None:
    assert [paint(line, colour=False) for line in wrap(words("漢字漢字漢字"), 5)] == ["漢字", "漢字", "漢字"]


def test_a_reply_with_all_its_parts() -> None:
    message = Message(
        (Paragraph("It holds [T-01]."), Listing(("first", "second"), (0, 1))),
        title="The best case for T-01",
        sources=(SourceLine("T-01", "A claim", "A title, section 1", "https://example.org/a"),),
        notes=("Read as T-01.",),
        buttons=(Button("I'd sign this", "sign:1"), Button("Not my view", "notmine:1")),
    )
    assert lines_of(message, 60) == [
        "The best case for T-01",
        "",
        "It holds [T-01].",
        "",
        "- first",
        "  - second",
        "",
        "Sources",
        "  T-01 A claim (A title, section 1) https://example.org/a",
        "",
        "  Read as T-01.",
        "",
        "[1] I'd sign this  [2] Not my view",
    ]


def test_long_labels_get_a_line_each() -> None:
    buttons = (Button("T-01: a claim that takes most of a line", "a"), Button("T-02: another", "b"))
    assert lines_of(Message(buttons=buttons), 30) == [
        "[1] T-01: a claim that takes",
        "    most of a line",
        "[2] T-02: another",
    ]


def test_buttons_without_numbers_are_not_shown() -> None:
    assert rendered(Message((Paragraph("A."),), buttons=(Button("B", "b"),)), 40) == rendered(
        Message((Paragraph("A."),)), 40
    )


def test_a_reply_that_is_not_yet_begun_shows_what_is_going_on() -> None:
    shown = [paint(line, colour=False) for line in streamed("The title", "", 40, "writing …")]
    assert shown == ["The title", "", "writing …"]


@pytest.mark.parametrize(("columns", "width"), [(10, 20), (40, 40), (300, 96)])
def test_the_width_is_bounded(columns: int, width: int) -> None:
    assert usable(columns) == width


def test_bold_is_paint() -> None:
    (line,) = wrap(words("Title", Style.BOLD), 40)
    assert paint(line, colour=True) == "\x1b[1mTitle\x1b[0m"


def test_an_attachment_is_shown_line_by_line_as_it_is() -> None:
    text = '{\n  "reason": "' + "long " * 40 + 'and \x1b[31mred"\n}'
    shown = lines_of(Message((Paragraph("All of it:"),), attachment=Attachment("export.json", text)), 40)
    assert shown[2:] == ["{", '  "reason": "' + "long " * 40 + 'and red"', "}"]

"""Digests as files: what members and maps say stays text, and no id of anybody is in them."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.digest import Digest, Line, Part, Section, Summary, as_data, from_data
from bot.core.digest_files import WITHOUT_PICTURE, as_json, html, markdown, plain
from bot.core.messages import Picture
from tests.integration.values import a_digest
from tests.unit.group import Group
from tests.unit.test_digests import first_week, named, second_week

HOSTILE = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=60),
    st.lists(
        st.sampled_from(
            [
                *("<script>alert(1)</script>", "</title>", "<img src=x onerror=y>", "&lt;", "&", '"', "'", "\n", "\r"),
                *("# ", "- ", "* ", "[a](javascript:x)", "![x](http://x)", "`", "```", "---", "|", "@everyone", "\x00"),
                *(
                    "\u202e",
                    "\u200b",
                    "\u2028",
                    "<!--",
                    "-->",
                    "</style>",
                    "\\",
                    "_x_",
                    "~~",
                    "1. ",
                    "a",
                    "https://x.y",
                ),
            ]
        ),
        max_size=12,
    ).map("".join),
)


def hostile(text: str) -> Digest:
    sections = tuple(Section(part, (Line(text, "MI-04"),)) for part in Part if part is not Part.DOUBLES)
    return a_digest(title=text, sections=sections, summary=Summary(text, text, "digest:1"))


class Reader(HTMLParser):
    """Collects the tags and the text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.said = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))

    def handle_data(self, data: str) -> None:
        self.said += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment")


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader


@settings(max_examples=80, deadline=None)
@given(HOSTILE)
def test_nothing_that_is_said_becomes_markup_in_html(text: str) -> None:
    page, harmless = read(html(hostile(text))), read(html(hostile("x")))
    assert page.tags == harmless.tags
    assert not {tag for tag, _ in page.tags} & {"script", "img", "a", "iframe", "link"}
    assert plain(text) in page.said


@settings(max_examples=80, deadline=None)
@given(HOSTILE)
def test_nothing_that_is_said_becomes_markup_in_markdown(text: str) -> None:
    said, harmless = markdown(hostile(text)), markdown(hostile("x"))
    assert len(said.split("\n")) == len(harmless.split("\n"))
    for line, other in zip(said.split("\n"), harmless.split("\n"), strict=True):
        # Every mark that isn't ours is escaped.
        bare = re.sub(r"\\.", "", line)
        assert not re.search(r"[`*_{}\[\]()<>&@~|!:]", bare)
        ours = ("# ", "## ", "- ", "---")
        assert [line.startswith(mark) for mark in ours] == [other.startswith(mark) for mark in ours]


@settings(max_examples=80, deadline=None)
@given(HOSTILE)
def test_json_has_all_that_is_said_as_it_is_and_reads_back(text: str) -> None:
    digest = hostile(text)
    data = json.loads(as_json(digest))
    assert data["title"] == text
    assert data["summary"]["text"] == text
    assert [line["text"] for section in data["sections"] for line in section["lines"]] == [text] * len(digest.sections)
    assert from_data("w1", "d1", json.loads(json.dumps(as_data(digest)))) == digest


async def test_files_say_what_the_digest_says_and_have_no_id() -> None:
    group = Group()
    for member in ("ann", "dan"):
        await group.store.join("w", member, f"{member.upper()} of Arden", group.clock.now())
    await first_week(group)
    await second_week(group)
    message = await group.say("/crux digest", "olga")
    digest = await group.store.digest("w", "small", "2026-W03")
    assert digest is not None
    pairs = await group.debate.digests.pairs(digest)
    said = {name: write(digest, pairs) for name, write in {**WITHOUT_PICTURE, "html": html}.items()}
    for text in said.values():
        assert not re.search(r"\b(?:ann|ben|cyd|dan|eve|fay|gus|hal|ida|olga)\b|arden", text, re.IGNORECASE)
    shown = read(said["html"]).said
    unescaped = re.sub(r"\\(.)", r"\1", said["md"])
    for line in message.text.split("\n"):
        assert line.rstrip(":") in shown
        assert line.rstrip(":") in unescaped
    assert "color-scheme: light dark" in said["html"]
    data = json.loads(said["json"])
    assert set(data) == {
        "format", "topic", "key", "title", "thesis", "at", "before", "since", "quiet", "whole", "hidden", "summary",
        "sections", "figures", "notes",
    }  # fmt: skip
    assert data["figures"][0] == {
        "claim": "T-00",
        "words": "Claim T-00 holds in most of the cases",
        "version": 1,
        "now": {"voters": 9, "members": 10, "agree": 0, "disagree": 9, "unsure": 0},
        "before": {"voters": 9, "members": 9, "agree": 6, "disagree": 3, "unsure": 0},
    }


async def test_a_file_names_those_who_chose_to_be_public() -> None:
    group = Group()
    await named(group)
    digest = await group.store.digest("w", "small", "2026-W02")
    assert digest is not None
    assert "Ann of Arden" in markdown(digest, await group.debate.digests.pairs(digest))
    await group.say("/stand T-01 agree crux", "ann")
    assert "of Arden" not in markdown(digest, await group.debate.digests.pairs(digest))


def test_a_picture_stands_inside_the_page_with_its_words() -> None:
    page = html(a_digest(), picture=Picture(b"\x89PNG", 'bars of "T-00" & others'))
    assert '<img alt="bars of &quot;T-00&quot; &amp; others" src="data:image/png;base64,iVBORw==">' in page
    assert "<img" not in html(a_digest())

"""A document: read or refused in a sentence, divided so that nothing is lost and every line is known."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.drafts.document import MOST_BYTES, PASSAGE, PIECE, Document, Piece, read_document
from bot.errors import BadInput
from tests.drafting import TEXT

TEXTS = st.one_of(
    st.text(max_size=400),
    st.lists(
        st.sampled_from(
            ["word ", "A sentence ends. ", "\n", "\n\n", "# Head\n", "```\n", "\r\n", "\t", "x" * 700, "é"]
        ),
        max_size=60,
    ).map("".join),
)


def dense(text: str) -> str:
    return "".join(text.split())


def test_paragraphs_know_their_lines_and_headings() -> None:
    found = Document.of("ferry.md", TEXT).pieces
    assert [(piece.first, piece.last, piece.heading) for piece in found] == [
        (1, 1, "Should the ferry go?"),
        (3, 4, "Should the ferry go?"),
        (6, 6, "The cost"),
        (8, 9, "The cost"),
        (11, 11, "The cost"),
    ]


def test_a_comment_in_code_is_no_heading() -> None:
    found = Document.of("a.md", "# Real\n\n```\n# not real\n```\n\nText.\n")
    assert found.headings == ("Real",)
    assert found.title == "Real (a.md)"
    assert Document.of("a.txt", "Text.").title == "a.txt"


@given(TEXTS)
def test_no_word_is_lost_and_every_piece_stands_on_its_lines(text: str) -> None:
    document = Document.of("x", text)
    assert "".join(dense(piece.text) for piece in document.pieces) == dense(text)
    for piece in document.pieces:
        assert 0 < len(piece.text) <= PIECE
        assert 1 <= piece.first <= piece.last <= len(document.lines)
        assert dense(piece.text) in dense("\n".join(document.lines[piece.first - 1 : piece.last]))


@given(TEXTS)
def test_passages_hold_all_pieces_and_overlap_by_one(text: str) -> None:
    document = Document.of("x", text * 9)
    passages = document.passages(2 * PIECE + 100)
    pieces: list[Piece] = list(passages[0].pieces) if passages else []
    for before, after in itertools.pairwise(passages):
        assert after.pieces[0] == before.pieces[-1]
        assert after.number == before.number + 1
        pieces += after.pieces[1:]
    assert tuple(pieces) == document.pieces
    assert all(passage.size <= 2 * PIECE + 100 for passage in passages)


def test_a_long_paragraph_is_divided_after_a_sentence() -> None:
    text = "One more sentence stands here. " * 300
    pieces = Document.of("x", text).pieces
    assert all(piece.text.endswith(".") for piece in pieces)
    assert all(piece.first == piece.last == 1 for piece in pieces)
    assert all(passage.size <= PASSAGE for passage in Document.of("x", text).passages())


def test_a_document_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"\xef\xbb\xbf# Head\r\n\r\nText here.\r\n")
    found = read_document(tmp_path / "a.md")
    assert found.lines == ("# Head", "", "Text here.", "")
    assert found.pieces[0].text == "# Head"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "has no words"),
        (b" \n\n\t- --\n", "has no words"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "is not UTF-8 text; save the document as plain text or Markdown first"),
        ("text".encode("utf-16"), "is not UTF-8 text"),
        (b"a" * (MOST_BYTES + 1), "has more than 400 KB; draft from a part of it"),
    ],
)
def test_what_is_no_document_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "a.md").write_bytes(content)
    with pytest.raises(BadInput, match=told):
        read_document(tmp_path / "a.md")


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"can't be read \(No such file"):
        read_document(tmp_path / "nowhere.md")
    with pytest.raises(BadInput, match="is a folder"):
        read_document(tmp_path)
    with pytest.raises(BadInput, match="can't be read"):
        read_document(Path("a\0b"))

"""The file of a draft: reads back as what was drafted, shows where it comes from, is written whole or not at all."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.arguments import Certainty, Relation, RelationKind, Side
from bot.drafts import repairs
from bot.drafts.document import Document
from bot.drafts.emission import Provenance, emit
from bot.drafts.parts import Changed, Draft, Drafted, Left, Origin, Report, Topic
from bot.drafts.quotes import Place
from bot.drafts.relations import sound
from bot.drafts.saving import check_target, save
from bot.errors import BadInput, MapError
from bot.maps import load_map
from tests.drafting import COST, NIGHT, TEXT, TOPIC

DOCUMENT = Document.of("ferry.md", TEXT)
PROVENANCE = Provenance("m", ("map_topic:1", "map_passage:2"), date(2026, 10, 4))


def topic(**changes: str) -> Topic:
    return Topic(**{"id": "ferry", "prefix": "FE", **TOPIC, **changes})


def drafted(fields: dict[str, str], line: int, quote: str = "some words") -> Drafted:
    found = repairs.statement(fields)
    return Drafted(
        found["claim"],
        found["contrary"],
        found["text"],
        Side(fields["side"]),
        Certainty(fields["certainty"]),
        (Origin(quote, Place(line, line + 1)),),
    )


def small() -> Draft:
    relations = (
        Relation(RelationKind.SUPPORTS, "FE-01", "FE-00"),
        Relation(RelationKind.REBUTS, "FE-02", "FE-00"),
        Relation(RelationKind.UNDERCUTS, "FE-02", "FE-01", "FE-00"),
    )
    return Draft(topic(), (drafted(NIGHT, 3), drafted(COST, 8, COST["quote"])), relations, {"FE-02": 14})


def test_a_draft_is_written_for_a_reviewer() -> None:
    report = Report()
    report.leave(Left.QUOTE, "a claim")
    report.leave(Left.QUOTE, "another claim")
    report.change(Changed.ATTACHED, "FE-01")
    text = emit(small(), DOCUMENT, PROVENANCE, report)
    assert text == (Path(__file__).parents[1] / "data" / "draft.map.yaml").read_text(encoding="utf-8")


def test_it_reads_back_as_what_was_drafted(tmp_path: Path) -> None:
    found = save(tmp_path / "a.yaml", emit(small(), DOCUMENT, PROVENANCE, Report()), force=False)
    assert found == load_map(tmp_path / "a.yaml")
    assert found.relations == small().relations
    assert found["FE-02"].sources[0].where == "lines 8 to 9, under “The cost”"
    assert found["FE-02"].sources[0].title == "Should the ferry go? (ferry.md)"


LINES = st.one_of(
    st.text(max_size=120),
    st.lists(
        st.sampled_from(
            [
                "yes",
                ": ",
                " #",
                "- ",
                "'",
                '"',
                "\\",
                "\n",
                "\u2028",
                "\x85",
                "\ufeff",
                "\ufffe",
                "\ud800",
                "🏴",
                "%",
                "&a",
                "*a",
            ]
        ),
        max_size=20,
    ).map("".join),
)
FILLER = " and this much is said so that it is long enough"


@settings(max_examples=150, deadline=None)
@given(st.lists(LINES, min_size=8, max_size=8), LINES.filter(bool))
def test_whatever_the_words_the_file_reads_back(
    tmp_path_factory: pytest.TempPathFactory, words: list[str], name: str
) -> None:
    claim, contrary, text, quote, title, question, heading, model = words
    fields = {"claim": claim[:80] + FILLER, "contrary": "No" + contrary[:80] + FILLER, "text": (text + FILLER) * 3}
    found = repairs.statement(fields)
    argument = Drafted(**found, side=Side.CON, certainty=Certainty.ASSERTED, origins=(Origin(quote, Place(3, 3)),))
    if repairs.statement_faults(found):
        return
    about = topic(
        title=repairs.as_title("T" + title + "tt"),
        question=repairs.plain("Is it so at all, " + question)[:140].strip(),
        **found,
    )
    relations = sound("FE-00", {"FE-01": Side.CON}, [], Report())
    document = Document.of(name, f"# {heading}\n\ntext\n")
    emitted = emit(
        Draft(about, (argument,), tuple(relations), {}), document, Provenance(model, (), date(2026, 1, 1)), Report()
    )
    path = tmp_path_factory.mktemp("drafts") / "a.yaml"
    read = save(path, emitted, force=False)
    assert (read["FE-01"].claim, read["FE-01"].contrary, read["FE-01"].text) == tuple(found.values())
    assert read.title == about.title
    assert read.question == about.question
    assert yaml.safe_load(emitted)["topic"]["thesis"] == found


# -- saving -----------------------------------------------------------------------------------------------------------


def test_what_is_no_map_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(MapError):
        save(tmp_path / "a.yaml", "topic: {}", force=False)
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_replaced_only_by_force(tmp_path: Path) -> None:
    text = emit(small(), DOCUMENT, PROVENANCE, Report())
    (tmp_path / "a.yaml").write_text("mine")
    with pytest.raises(BadInput, match=r"exists already; name another file with --output, or pass --force"):
        check_target(tmp_path / "a.yaml", force=False)
    with pytest.raises(BadInput, match="made meanwhile"):
        save(tmp_path / "a.yaml", text, force=False)
    assert (tmp_path / "a.yaml").read_text() == "mine"
    check_target(tmp_path / "a.yaml", force=True)
    save(tmp_path / "a.yaml", text, force=True)
    assert load_map(tmp_path / "a.yaml").id == "ferry"
    assert [path.name for path in tmp_path.iterdir()] == ["a.yaml"]


def test_a_new_file_has_the_rights_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("")
    save(tmp_path / "a.yaml", emit(small(), DOCUMENT, PROVENANCE, Report()), force=False)
    assert (tmp_path / "a.yaml").stat().st_mode == (tmp_path / "other").stat().st_mode
    assert (tmp_path / "a.yaml").stat().st_nlink == 1


def test_a_place_that_can_not_be_written_is_told_before_any_work(tmp_path: Path) -> None:
    for path, told in ((tmp_path, "is a folder"), (tmp_path / "no" / "a.yaml", "is no folder")):
        with pytest.raises(BadInput, match=told):
            check_target(path, force=True)

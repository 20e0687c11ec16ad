from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.core.arguments import RelationKind, Side
from bot.errors import MapError
from bot.maps import FolderCatalogue, load_folder, load_map, shipped

SHIPPED = sorted(shipped().glob("*.yaml"))

GOOD = """\
topic:
  id: tea
  prefix: TE
  title: Tea
  question: Is tea better than coffee?
  thesis:
    claim: Tea is a better morning drink than coffee is
    contrary: Coffee is a better morning drink than tea is
    text: Tea wakes people gently. Tea also keeps for a long time in any cupboard, and needs no machine.
sources:
  shelf: {title: Common knowledge of the kitchen}
arguments:
  - id: TE-01
    claim: Coffee wakes people faster than tea does in the morning
    contrary: Tea wakes people as fast as coffee does in the morning
    text: A cup of coffee has about twice the caffeine of a cup of tea. Faster waking matters on a working day.
    side: con
    sources: [{source: shelf, where: second board}]
    rebuts: [TE-00]
"""


def write(folder: Path, text: str, name: str = "tea.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_map_is_read_whole(tmp_path: Path) -> None:
    found = load_map(write(tmp_path, GOOD))
    assert [argument.id for argument in found] == ["TE-00", "TE-01"]
    assert found["TE-01"].side is Side.CON
    assert found["TE-01"].sources[0].where == "second board"
    assert [(r.kind, r.source, r.target) for r in found.relations] == [(RelationKind.REBUTS, "TE-01", "TE-00")]


@pytest.mark.parametrize(
    ("old", "new", "line", "remedy"),
    [
        ("side: con", "side: against", 17, "'pro', 'con' or 'neutral'"),
        ("rebuts: [TE-00]", "rebuts: [TE-77]", 13, "correct the id"),
        ("rebuts: [TE-00]", "supports: [TE-00]", 13, "support their own side"),
        ("rebuts: [TE-00]", "undercuts: [{reason: TE-00, of: TE-01}]", 13, "name a step that exists"),
        ("wakes people faster than tea does in the morning", "wakes", 14, "at least 30"),
        ("in the morning\n    contrary: Tea wakes", "in the morning.\n    contrary: Tea wakes", 14, "final stop"),
        ("source: shelf", "source: attic", 13, "add it under sources"),
        ("id: TE-01", "id: TX-01", 13, "prefix"),
        ("    rebuts: [TE-00]\n", "", 13, "doesn't reach the thesis"),
        ("    rebuts: [TE-00]\n", "    rebut: [TE-00]\n", 19, "Extra inputs"),
        ("topic:\n", "topic: [\n", 3, "not valid YAML"),
    ],
)
def test_a_broken_map_names_file_line_and_remedy(tmp_path: Path, old: str, new: str, line: int, remedy: str) -> None:
    assert old in GOOD
    path = write(tmp_path, GOOD.replace(old, new))
    with pytest.raises(MapError) as caught:
        load_map(path)
    first = caught.value.message.splitlines()[0]
    assert first.startswith(f"{path}:{line}: "), first
    assert remedy in caught.value.message


def test_the_example_in_the_docs_is_a_sound_map(tmp_path: Path) -> None:
    docs = Path(__file__).parents[2] / "docs" / "map-format.md"
    example = docs.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    assert len(load_map(write(tmp_path, example))) == 3


def test_an_empty_file_says_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(MapError, match="begin with `topic:`"):
        load_map(write(tmp_path, ""))


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_bytes(b"\xff\xfe\x00topic")
    with pytest.raises(MapError, match="not UTF-8"):
        load_map(path)


def test_an_empty_folder_and_a_missing_one_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MapError, match="no argument map"):
        load_folder(tmp_path)
    with pytest.raises(MapError, match="no such file or folder"):
        load_folder(tmp_path / "missing")


def test_two_files_of_one_topic_are_refused(tmp_path: Path) -> None:
    write(tmp_path, GOOD, "a.yaml")
    write(tmp_path, GOOD, "b.yaml")
    with pytest.raises(MapError, match="used by another file"):
        load_folder(tmp_path)


def test_an_operators_map_takes_the_place_of_a_shipped_one_and_the_default_comes_first(tmp_path: Path) -> None:
    own = write(tmp_path, GOOD.replace("id: tea", "id: four-day-week"))
    maps = FolderCatalogue([shipped(), own], default="four-day-week").load()
    assert maps[0].title == "Tea"
    assert [found.id for found in maps].count("four-day-week") == 1


def test_an_unknown_default_topic_names_the_known_ones() -> None:
    with pytest.raises(MapError, match="four-day-week, mechanistic-interpretability"):
        FolderCatalogue([shipped()], default="tea").load()


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_maps_are_sound_and_do_not_lean(path: Path) -> None:
    found = load_map(path)
    sides = [argument.side for argument in found.arguments]
    assert abs(sides.count(Side.PRO) - sides.count(Side.CON)) <= 2
    mean = {
        side: sum(len(a.text) for a in found.arguments if a.side is side) / sides.count(side)
        for side in (Side.PRO, Side.CON)
    }
    assert 0.85 < mean[Side.PRO] / mean[Side.CON] < 1.18
    assert 0.3 < found.strengths[found.thesis.id] < 0.7


def test_the_shipped_maps_are_as_large_as_the_readme_says() -> None:
    sizes = {path.stem: len(load_map(path).arguments) for path in SHIPPED}
    assert sizes["mechanistic-interpretability"] >= 45
    assert sizes["four-day-week"] >= 25


def test_what_the_document_does_not_carry_is_marked_as_background() -> None:
    data = yaml.safe_load((shipped() / "mechanistic-interpretability.yaml").read_text(encoding="utf-8"))
    for entry in data["arguments"]:
        carried = int(entry["id"].removeprefix("MI-")) <= 37
        keys = {reference["source"] for reference in entry["sources"]}
        assert ("post" in keys) is carried, entry["id"]
        if not carried:
            assert "background" in keys or keys - {"post"}, entry["id"]


def test_further_wordings_stand_in_a_file_beside_the_map(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    line = '{"id": "TE-01", "wordings": ["espresso first, then words"], "denials": ["tea does the job as quick"]}\n\n'
    write(tmp_path, line, "tea.wordings.jsonl")
    found = load_map(path)
    assert found["TE-01"].further_wordings == ("espresso first, then words",)
    assert found["TE-01"].further_denials == ("tea does the job as quick",)
    assert found["TE-01"].wordings == ()
    assert found.thesis.further_wordings == ()
    assert len(load_folder(tmp_path)) == 1


@pytest.mark.parametrize(
    ("lines", "number", "remedy"),
    [
        ('{"id": "TE-01", "wordings": ["a"]}', 1, "at least 4 characters"),
        ('{"id": "TE-01"}\n{"id": "TE-01"}', 2, "TE-01 has a line already"),
        ('{"id": "TE-09"}', 1, "tea has no argument TE-09"),
        ('{"id": "TE-01", "sayings": []}', 1, "sayings"),
        ("no json", 1, "Invalid JSON"),
    ],
)
def test_a_broken_file_of_further_wordings_names_its_line(tmp_path: Path, lines: str, number: int, remedy: str) -> None:
    path = write(tmp_path, GOOD)
    file = write(tmp_path, lines, "tea.wordings.jsonl")
    with pytest.raises(MapError, match=remedy) as error:
        load_map(path)
    assert error.value.message.startswith(f"{file}:{number}: ")


def test_a_file_of_further_wordings_that_is_no_text_is_told(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    (tmp_path / "tea.wordings.jsonl").write_bytes(b"\xff\xfe")
    with pytest.raises(MapError, match="not UTF-8 text"):
        load_map(path)


def test_the_shipped_maps_say_nothing_twice() -> None:
    for path in SHIPPED:
        for one in load_map(path):
            said = [*one.wordings, *one.further_wordings, *one.denials, *one.further_denials]
            assert len({text.casefold() for text in said}) == len(said), one.id

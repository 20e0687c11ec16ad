from __future__ import annotations

import asyncio
import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.arguments import ArgumentMap, Relation, RelationKind
from bot.retrieval.calibration import Kind, Linear, calibration_of
from bot.retrieval.encoders import TokenVectors, packed, unit, unpacked
from bot.retrieval.index import Group, MapIndex, Tokens, fingerprint, groups_of, soft_top, top, top_by_piece
from bot.retrieval.letters import SMOOTHING, Letters
from bot.retrieval.lexical import K1, B, Bm25, stem
from bot.retrieval.text import letter_runs, words
from bot.testing import BagOfWordsEncoder
from tests.unit.maps import argument, build, sound_maps

DOCUMENTS = ["cats chase mice", "dogs chase cats and cats", "a mouse hides", ""]


def naive_bm25(documents: list[str], query: list[str]) -> list[float]:
    """The formula of `bot.retrieval.lexical`, document by document."""
    stems = [[stem(word) for word in words(document)] for document in documents]
    mean = sum(map(len, stems)) / len(stems)
    scores = []
    for document in stems:
        counts, score = Counter(document), 0.0
        for term in set(map(stem, query)):
            having = sum(term in other for other in stems)
            idf = math.log(1 + (len(stems) - having + 0.5) / (having + 0.5))
            norm = K1 * (1 - B + B * len(document) / max(mean, 1.0))
            score += idf * counts[term] * (K1 + 1) / (counts[term] + norm) if counts[term] else 0.0
        scores.append(score)
    return scores


@settings(deadline=None)
@given(
    st.lists(st.text("abc d", max_size=20), min_size=1, max_size=8),
    st.lists(st.sampled_from(["a", "b", "ab", "abc", "d", "zz"]), max_size=5),
)
def test_bm25_follows_its_formula(documents: list[str], query: list[str]) -> None:
    assert Bm25(documents).scores_of(query) == pytest.approx(naive_bm25(documents, query), rel=1e-4, abs=1e-5)


def test_bm25_matches_stems() -> None:
    scores = Bm25(DOCUMENTS).scores("the cat's chasing")
    assert scores[0] > scores[2] == scores[3] == 0


async def test_centred_cosines_are_those_of_centred_vectors() -> None:
    index = await MapIndex.build(build([], []), BagOfWordsEncoder())
    assert index.vectors is not None
    readings = await BagOfWordsEncoder().encode(["claim ground", "something else"])
    mean = index.vectors.mean(axis=0)
    found = index.centred(readings, readings @ index.vectors.T)
    assert found == pytest.approx(unit(readings - mean) @ unit(index.vectors - mean).T, abs=1e-4)


def test_share_of_known_words() -> None:
    assert Bm25(DOCUMENTS).share_known(["cat", "chased", "elephant", "xyz"]) == 0.5


def test_an_empty_index_scores_nothing() -> None:
    assert Bm25([]).scores("anything").shape == (0,)


def test_top_takes_the_mean_of_the_highest_and_of_all_where_there_are_fewer() -> None:
    values = np.array([1, 5, 3, 7], dtype=np.float32)
    places = np.array([[0, 1, 2], [3, -1, -1]])
    assert top(values, places, 2).tolist() == [4, 7]
    assert top(values, places, 9).tolist() == [3, 7]


@settings(deadline=None, max_examples=25)
@given(sound_maps())
async def test_an_index_holds_every_sentence_of_a_map_in_its_group(argument_map: ArgumentMap) -> None:
    index = await MapIndex.build(argument_map, None)
    for row, one in enumerate(argument_map):
        for group, listed in zip(Group, groups_of(one), strict=True):
            places = index.of_group[group][row]
            assert [index.sentences[place] for place in places[places >= 0]] == list(listed)
    assert index.ids == tuple(one.id for one in argument_map)


def test_the_soft_top_lies_between_the_mean_and_the_highest() -> None:
    values = np.array([0.1, 0.5, 0.9, 7.0], dtype=np.float32)
    places = np.array([[0, 1, 2], [1, -1, -1]])
    several, one = soft_top(values, places)
    assert 0.5 < several < 0.9
    assert one == pytest.approx(0.5)


def test_each_piece_of_a_text_takes_the_sentences_nearest_to_it() -> None:
    values = np.array([[0.6, 0.0], [0.0, 0.4], [9.0, 9.0]], dtype=np.float32)
    assert top_by_piece(values, np.array([[0, 1], [1, -1]]), 1) == pytest.approx([1.0, 0.4])
    assert top_by_piece(values, np.array([[0, 1], [1, -1]]), 2) == pytest.approx([0.5, 0.4])


def test_a_fingerprint_tells_what_arguments_say_and_nothing_else() -> None:
    first = build([], [])
    reworded = ArgumentMap("other", "Other", "?", argument("T-00", denials=("no",)), (), ())
    assert fingerprint(first) == fingerprint(ArgumentMap("other", "Other", "?", first.thesis, (), ()))
    assert fingerprint(first) != fingerprint(reworded)


def token_vectors(pieces: list[int]) -> TokenVectors:
    """Each piece a direction of its own."""
    tokens = np.zeros((len(pieces), 8), dtype=np.float32)
    tokens[range(len(pieces)), pieces] = 1
    return TokenVectors(np.zeros(8, dtype=np.float32), np.array(pieces, dtype=np.int32), tokens)


def test_late_interaction_covers_in_both_directions() -> None:
    tokens = Tokens.of([token_vectors([1, 2]), token_vectors([3, 4, 5])])
    covers, covered, pieces = tokens.compare([token_vectors([3, 4, 5, 1]), token_vectors([])])
    assert covers[0] == pytest.approx([0.25, 0.75])
    assert covered[0] == pytest.approx([0.5, 1.0])
    assert pieces[0] == pytest.approx(np.array([[0, 0, 0, 0.25], [0.25, 0.25, 0.25, 0]]))
    assert not covers[1].any()
    assert not covered[1].any()


@given(st.lists(st.integers(0, 30_521), max_size=6), st.integers(1, 5))
def test_token_vectors_survive_the_cache(pieces: list[int], dimensions: int) -> None:
    found = TokenVectors(
        np.ones(dimensions, dtype=np.float32),
        np.array(pieces, dtype=np.int32),
        np.arange(len(pieces) * 3, dtype=np.float32).reshape(len(pieces), 3),
    )
    again = unpacked(packed(found))
    assert again.whole.tolist() == found.whole.tolist()
    assert again.pieces.tolist() == found.pieces.tolist()
    assert again.tokens.tolist() == found.tokens.tolist()


def test_unit_leaves_zeros() -> None:
    assert unit(np.array([[3, 4], [0, 0]], dtype=np.float32)).tolist() == [
        [pytest.approx(0.6), pytest.approx(0.8)],
        [0, 0],
    ]


def test_a_probability_stays_between_nought_and_one() -> None:
    steep = Linear({"x": 1e6}, 1.0)
    assert 0 < steep.probability({"x": -1e6}) < 0.5 < steep.probability({"x": 1e6}) <= 1


@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_search_is_calibrated(kind: Kind, bare: bool) -> None:
    calibration = calibration_of(kind, bare)
    assert 0 < calibration.nothing_below < 1
    assert 0 < calibration.sure_above < 1
    assert all(weight > 0 for weight in calibration.matching.weights.values())


def test_letters_lean_as_naive_bayes_says() -> None:
    """Against the formula, spelled out."""
    affirming, denying = (
        [["tea is good", "good tea"], ["dogs bark"]],
        [["tea is bad"], ["dogs sleep", "quiet dogs", "no"]],
    )
    text = "good dogs"
    runs = letter_runs(text)

    def log_chance(group: list[str]) -> float:
        having = [sum(run in letter_runs(sentence) for sentence in group) for run in runs]
        return sum(math.log((n + SMOOTHING) / (len(group) + 2 * SMOOTHING)) for n in having)

    expected = [
        (log_chance(yes) - log_chance(no)) / math.sqrt(len(runs) + 1)
        for yes, no in zip(affirming, denying, strict=True)
    ]
    assert Letters(affirming, denying).leaning(text).tolist() == pytest.approx(expected, abs=1e-4)


def test_sentences_without_vectors_come_after_those_with() -> None:
    one = replace(argument("T-01"), wordings=("a wording",), further_wordings=("another one", "a wording"))
    found = build([one], [Relation(RelationKind.SUPPORTS, "T-01", "T-00")])
    index = asyncio.run(MapIndex.build(found, BagOfWordsEncoder()))
    assert index.vectors is not None
    assert len(index.vectors) == index.encoded
    assert index.sentences[index.encoded :] == ("another one",)
    row = index.of_group[Group.AFFIRMS][index.place_of["T-01"]]
    kept = index.encoded_of_group[Group.AFFIRMS][index.place_of["T-01"]]
    assert [index.sentences[i] for i in row if i >= 0] == [one.claim, "a wording", "another one"]
    assert [index.sentences[i] for i in kept if i >= 0] == [one.claim, "a wording"]


def test_a_map_with_little_more_than_claims_is_bare() -> None:
    rich = replace(argument("T-01"), wordings=tuple(f"way {n} to say" for n in range(9)))
    for arguments, bare in (([argument("T-01")], True), ([rich, replace(rich, id="T-02")], False)):
        relations = [Relation(RelationKind.SUPPORTS, one.id, "T-00") for one in arguments]
        assert asyncio.run(MapIndex.build(build(arguments, relations), None)).bare is bare

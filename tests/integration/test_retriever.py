"""The retriever with encoders of every kind, on a small map and on the shipped ones."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest

from bot.core.arguments import Argument, ArgumentMap, Relation, RelationKind, Side
from bot.core.ports import Encoder
from bot.core.reading import Leaning, Verdict
from bot.errors import EncoderError
from bot.retrieval.encoders import BundledEncoder, CachedEncoder, Floats
from bot.retrieval.retriever import MapRetriever
from bot.testing import BagOfWordsEncoder, MemoryStore
from tests.benchmarks.lines import figures, map_of, read_all, topics, unseen_lines_of

PETS = ArgumentMap(
    "pets",
    "Pets",
    "Should offices allow dogs?",
    Argument("P-00", "Offices should allow dogs", "Dogs belong at home, out of the office", "", Side.PRO),
    (
        Argument(
            "P-01", "Dogs in the office lower stress", "Dogs in the office put people on edge", "", Side.PRO,
            wordings=("a dog calms everyone down",), denials=("barking makes everybody nervous",),
        ),
        Argument(
            "P-02", "Some colleagues are allergic to dog hair", "Nobody here is allergic to dog hair", "", Side.CON,
            wordings=("people sneeze all day because of the fur",), denials=("no one sneezes because of fur",),
        ),
    ),
    (Relation(RelationKind.SUPPORTS, "P-01", "P-00"), Relation(RelationKind.REBUTS, "P-02", "P-00")),
)  # fmt: skip


class Broken:
    """An encoder whose endpoint is down until it is mended."""

    def __init__(self) -> None:
        self.inner = BagOfWordsEncoder()
        self.calls = 0
        self.works = False
        self.model_id = "broken"

    async def encode(self, texts: Sequence[str]) -> Floats:
        self.calls += 1
        if not self.works:
            raise EncoderError("down")
        return await self.inner.encode(texts)


@pytest.fixture(scope="module")
def bundled() -> CachedEncoder:
    return CachedEncoder(BundledEncoder(), MemoryStore())


@pytest.mark.parametrize("encoder", [None, BagOfWordsEncoder(), BundledEncoder()], ids=["none", "vectors", "bundled"])
async def test_finds_the_argument_and_its_leaning(encoder: Encoder | None) -> None:
    retriever = MapRetriever(encoder)
    for text, argument_id, leaning in (
        ("a dog in the office calms everyone", "P-01", Leaning.AFFIRMS),
        ("the barking makes me nervous", "P-01", Leaning.DENIES),
        ("allergic colleagues sneeze from the fur and hair", "P-02", Leaning.AFFIRMS),
    ):
        reading = await retriever.read(text, PETS)
        assert reading.best is not None
        assert (reading.best.argument_id, reading.best.leaning) == (argument_id, leaning)
        assert [one.score for one in reading.candidates] == sorted(
            (one.score for one in reading.candidates), reverse=True
        )


@pytest.mark.parametrize(
    ("text", "leaning"),
    [
        ("p-02", Leaning.AFFIRMS),
        ("steelman P-02", Leaning.AFFIRMS),
        ("not P-02", Leaning.DENIES),
        ("nah, P-02 is wrong", Leaning.DENIES),
        ("P-02 isn't wrong", Leaning.AFFIRMS),
    ],
)
async def test_a_claim_that_is_named_comes_first(text: str, leaning: Leaning) -> None:
    reading = await MapRetriever(None).read(text, PETS)
    assert reading.best is not None
    assert reading.verdict is Verdict.SURE
    assert reading.best.argument_id == "P-02"
    assert reading.best.leaning is leaning


@pytest.mark.parametrize("text", ["", " \n", "🦊🦊🦊", "\u202e\u0000", "不明", "a" * 5_000, "no. " * 1_200, "?"])
@pytest.mark.parametrize("with_encoder", [True, False])
async def test_any_text_gets_a_reading(text: str, with_encoder: bool, bundled: CachedEncoder) -> None:
    reading = await MapRetriever(bundled if with_encoder else None).read(text, PETS)
    assert len(reading.candidates) == 3
    assert all(np.isfinite([one.score, one.margin]).all() for one in reading.candidates)
    assert reading.verdict is not Verdict.SURE


async def test_a_text_of_many_sentences_is_found_by_one_of_them(bundled: CachedEncoder) -> None:
    text = "I was late. The train stood still for an hour. Anyway, the fur makes half of us sneeze. What's for lunch?"
    reading = await MapRetriever(bundled).read(text, PETS)
    assert reading.best is not None
    assert reading.best.argument_id == "P-02"


async def test_thresholds_can_be_set() -> None:
    assert (await MapRetriever(None, sure_above=0, nothing_below=0).read("weather", PETS)).verdict is Verdict.SURE
    assert (await MapRetriever(None, sure_above=1, nothing_below=0).read("dogs", PETS)).verdict is Verdict.UNSURE
    assert (await MapRetriever(None, nothing_below=1).read("dogs", PETS)).verdict is Verdict.NOTHING


async def test_a_map_is_indexed_once_and_again_when_its_words_change() -> None:
    encoder = BagOfWordsEncoder()
    retriever = MapRetriever(encoder)
    await asyncio.gather(*(retriever.warm(PETS) for _ in range(5)))
    size = len(encoder.encoded)
    await retriever.warm(ArgumentMap(PETS.id, "Renamed", PETS.question, PETS.thesis, PETS.arguments, PETS.relations))
    assert len(encoder.encoded) == size
    await retriever.warm(
        ArgumentMap(PETS.id, PETS.title, PETS.question, PETS.thesis, PETS.arguments[:1], PETS.relations[:1])
    )
    assert len(encoder.encoded) > size


async def test_what_members_write_is_not_put_into_the_cache() -> None:
    store = MemoryStore()
    retriever = MapRetriever(CachedEncoder(BagOfWordsEncoder(), store))
    await retriever.warm(PETS)
    before = CachedEncoder(Broken(), store)
    await retriever.read("my private words on dogs", PETS)
    with pytest.raises(EncoderError):
        await before.encode(["my private words on dogs"])


async def test_when_the_encoder_fails_words_are_compared_until_it_is_asked_again() -> None:
    now = 0.0
    encoder = Broken()
    retriever = MapRetriever(encoder, monotonic=lambda: now)
    for _ in range(3):
        reading = await retriever.read("the barking makes me nervous", PETS)
        assert reading.best is not None
        assert reading.best.argument_id == "P-01"
        assert reading.by_words
    assert encoder.calls == 1
    with pytest.raises(EncoderError):
        await retriever.warm(PETS)
    encoder.works = True
    now = 61.0
    assert not (await retriever.read("the barking makes me nervous", PETS)).by_words
    assert encoder.inner.encoded


async def test_labelled_lines_that_nothing_was_fitted_on(bundled: CachedEncoder) -> None:
    """The held-out halves and three more authors' lines; `python -m tests.benchmarks.calibrate` prints the table."""
    retriever = MapRetriever(bundled)
    parts = [figures(await read_all(retriever, topic, unseen_lines_of(topic))) for topic in topics()]
    both = sum(parts[1:], start=parts[0])
    assert both.first_three.share >= 0.97
    assert both.polarity.share >= 0.90  # .920 is reached; eight-bit arithmetic varies a little by processor
    assert both.off_refused.share >= 0.90
    assert both.on_refused.share <= 0.04
    assert both.sure_right.share >= 0.90


async def test_labelled_lines_by_words_alone() -> None:
    """Worse, and calibrated apart."""
    retriever = MapRetriever(None)
    parts = [figures(await read_all(retriever, topic, unseen_lines_of(topic))) for topic in topics()]
    both = sum(parts[1:], start=parts[0])
    assert both.first_three.share >= 0.96
    assert both.polarity.share >= 0.88
    assert both.off_refused.share >= 0.80  # .83 is reached; the near misses of the later authors are harder
    assert both.on_refused.share <= 0.06


@pytest.mark.parametrize("topic", topics())
async def test_a_claim_or_contrary_said_word_for_word_finds_itself(topic: str, bundled: CachedEncoder) -> None:
    argument_map = map_of(topic)
    retriever = MapRetriever(bundled)
    for one in list(argument_map)[::4]:
        for text, leaning in ((one.claim, Leaning.AFFIRMS), (one.contrary, Leaning.DENIES)):
            reading = await retriever.read(text, argument_map)
            assert reading.best is not None
            assert (reading.best.argument_id, reading.best.leaning) == (one.id, leaning), text
            assert reading.verdict is not Verdict.NOTHING

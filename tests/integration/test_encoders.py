from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.errors import EncoderError, StorageBusy
from bot.retrieval.encoders import BundledEncoder, CachedEncoder
from bot.retrieval.endpoint import EndpointEncoder
from bot.testing import BagOfWordsEncoder, MemoryStore
from tests.integration.scripted_server import answer, scripted


@pytest.fixture(scope="module")
def bundled() -> BundledEncoder:
    return BundledEncoder(threads=2)


async def test_the_bundled_encoder_gives_unit_vectors_by_meaning(bundled: BundledEncoder) -> None:
    vectors = await bundled.encode(["A dog barks.", "The hound is barking", "Interest rates rose", ""])
    assert vectors.shape == (4, 384)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert vectors[0] @ vectors[1] > 0.6
    assert vectors[0] @ vectors[2] < 0.2
    assert (await bundled.encode([])).shape == (0, 384)


async def test_a_vector_does_not_depend_on_what_else_is_encoded(bundled: BundledEncoder) -> None:
    texts = [f"{'word ' * count}ends" for count in range(1, 40)]
    together = await bundled.encode(texts)
    alone = np.concatenate([await bundled.encode([text]) for text in texts])
    assert together == pytest.approx(alone, abs=1e-3)


async def test_token_vectors_leave_out_the_marks(bundled: BundledEncoder) -> None:
    found, empty = await bundled.encode_tokens(["two words", ""])
    assert found.tokens.shape == (2, 128)
    assert len(found.pieces) == 2
    assert empty.tokens.shape[0] == 0
    assert found.whole == pytest.approx((await bundled.encode(["two words"]))[0], abs=1e-3)


async def test_a_very_long_text_is_cut(bundled: BundledEncoder) -> None:
    [found] = await bundled.encode_tokens(["word " * 5_000])
    assert len(found.pieces) == 254


async def test_changed_or_missing_weights_are_refused_with_a_remedy(tmp_path: Path) -> None:
    changed = tmp_path / "model.onnx"
    changed.write_bytes(b"something else")
    with pytest.raises(EncoderError, match=r"not the ones .* CRUX_ENCODER=none"):
        await BundledEncoder(changed).encode(["text"])
    with pytest.raises(EncoderError, match=r"can't be read .* CRUX_ENCODER=none"):
        await BundledEncoder(tmp_path / "nowhere.onnx").encode_tokens(["text"])


def test_nothing_heavy_is_loaded_before_the_first_text() -> None:
    code = """
import sys
from bot.retrieval.encoders import BundledEncoder
from bot.retrieval.retriever import MapRetriever
MapRetriever(BundledEncoder())
print([name for name in ("onnxruntime", "tokenizers", "httpx2", "openai") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


async def test_a_cache_computes_each_text_once() -> None:
    inner, store = BagOfWordsEncoder(), MemoryStore()
    first = await CachedEncoder(inner, store).encode(["a", "b", "a"])
    again = await CachedEncoder(inner, store).encode(["b", "a", "c"])
    assert inner.encoded == ["a", "b", "c"]
    assert again[:2].tolist() == [first[1].tolist(), first[0].tolist()]


async def test_a_cache_keeps_token_vectors(bundled: BundledEncoder) -> None:
    cached = CachedEncoder(bundled, MemoryStore())
    [computed], [kept] = await cached.encode_tokens(["a dog"]) or [], await cached.encode_tokens(["a dog"]) or []
    assert kept.tokens == pytest.approx(computed.tokens)
    assert await CachedEncoder(BagOfWordsEncoder(), MemoryStore()).encode_tokens(["a"]) is None


class BusyCache:
    async def vectors(self, model_id: str, hashes: Sequence[str]) -> Mapping[str, NDArray[np.float32]]:
        raise StorageBusy

    async def keep_vectors(self, model_id: str, vectors: Mapping[str, NDArray[np.float32]]) -> None:
        raise StorageBusy


async def test_a_cache_that_fails_is_passed_over() -> None:
    assert (await CachedEncoder(BagOfWordsEncoder(), BusyCache()).encode(["a", "b"])).shape == (2, 256)


def embeddings(*vectors: list[float]) -> object:
    rows = [{"index": place, "embedding": vector} for place, vector in enumerate(vectors)]
    return {"data": rows[::-1], "model": "m"}


async def test_an_endpoint_is_asked_with_its_key_and_gives_unit_vectors_in_order() -> None:
    async with scripted(answer(200, embeddings([3.0, 4.0], [0.0, 2.0]))) as server:
        encoder = EndpointEncoder(f"{server.url}/", "m", "secret")
        vectors = await encoder.encode(["one", "two"])
        assert vectors == pytest.approx(np.array([[0.6, 0.8], [0.0, 1.0]]))
        assert server.bodies[0]["input"] == ["one", "two"]
        assert server.headers[0]["authorization"] == "Bearer secret"
        assert "secret" not in encoder.model_id


async def test_an_endpoint_is_asked_again_after_what_may_pass() -> None:
    good = answer(200, embeddings([1.0]))
    async with scripted(answer(503, {}), answer(429, {}, **{"Retry-After": "0"}), good) as server:
        assert (await EndpointEncoder(server.url, "m", pause=0.01).encode(["a"])).tolist() == [[1.0]]
        assert len(server.bodies) == 3


@pytest.mark.parametrize(
    ("status", "body", "remedy", "calls"),
    [
        (401, {}, "CRUX_ENCODER_KEY", 1),
        (404, {}, "CRUX_ENCODER_MODEL", 1),
        (500, {}, "try again later", 2),
        (200, {"data": [{"index": 0}]}, "without vectors", 1),
        (200, {"data": []}, "a vector for each text", 1),
        (200, [], "without vectors", 1),
    ],
)
async def test_what_an_endpoint_gets_wrong_is_said_in_one_sentence(
    status: int, body: object, remedy: str, calls: int
) -> None:
    async with scripted(answer(status, body)) as server:
        with pytest.raises(EncoderError, match=remedy) as caught:
            await EndpointEncoder(server.url, "m", retries=1, pause=0.01).encode(["a"])
        assert len(server.bodies) == calls
        assert "\n" not in caught.value.message


async def test_a_long_pause_is_not_waited_for() -> None:
    async with scripted(answer(429, {}, **{"Retry-After": "3600"})) as server:
        with pytest.raises(EncoderError, match="rate-limited"):
            await EndpointEncoder(server.url, "m").encode(["a"])
        assert len(server.bodies) == 1


async def test_an_endpoint_that_is_not_there() -> None:
    async with scripted(answer(200, {})) as server:
        gone = server.url
    with pytest.raises(EncoderError, match="can't be reached"):
        await EndpointEncoder(gone, "m", retries=1, pause=0.01).encode(["a"])

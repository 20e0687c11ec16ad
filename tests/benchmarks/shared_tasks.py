"""Retrieval on the shared tasks beside the reference figures: `python -m tests.benchmarks.shared_tasks [--train]`.

CRUX_BENCHMARKS names the folder with `retrieval/<task>/{docs,queries,qrels}.jsonl`, by default `../shared/benchmarks`
beside the repository. The weights were chosen on `train`, over all three tasks together; docs/retrieval.md says how,
and how often `dev` was seen. Test splits are left alone.

What is scored is what the retriever is made of, with one thing more: among thousands of documents it pays to look at a
document's neighbours, which a map of a hundred arguments does not have.

    fused(q, d) = cosine + WORDS b / (b + 15)
    score(q, d) = fused(q, d) + NEIGHBOURS max over d's ten nearest documents n of fused(q, n)
                  - HUBNESS mean cosine of d to those ten + COVERS covers + COVERED covered

The last two, late interaction, are for the best hundred by the others. Hubness as in Radovanović, Nanopoulos, Ivanović:
Hubs in space, JMLR 11, 2010.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.retrieval.encoders import BundledEncoder, Floats, TokenVectors
from bot.retrieval.index import Tokens
from bot.retrieval.lexical import Bm25

TASKS = ("argkp_arg2kp", "perspectrum", "perspectrum_para")
WORDS = np.float32(0.4)
COVERS = np.float32(0.8)
COVERED = np.float32(0.5)
NEIGHBOURS = np.float32(0.7)
HUBNESS = np.float32(0.7)
NEAREST = 10
RERANKED = 100
SAME = 0.9995
"""Cosine from which two texts are the same one: a document neither votes for its copies nor, when it is itself the
query, for its neighbours."""
REFERENCE = {
    "argkp_arg2kp": (0.866, 0.736, 0.671),
    "perspectrum": (0.314, 0.612, 0.768),
    "perspectrum_para": (0.776, 0.762, 0.807),
}
"""recall@5, nDCG@10, MRR of cosine + 0.3 b / (b + 15) with FTS5, on dev."""

WHOLE = "cosine, words, neighbours, late interaction"

Scores = tuple[float, float, float]


@dataclass(frozen=True)
class Task:
    documents: dict[str, str]
    queries: list[dict[str, Any]]
    relevant: dict[str, set[str]]


def folder() -> Path:
    default = Path(__file__).parents[3] / "shared" / "benchmarks"
    return Path(os.environ.get("CRUX_BENCHMARKS", default)) / "retrieval"


def load(name: str, split: str) -> Task:
    """One task's documents, and the queries of one split that have an answer."""

    def rows(path: Path) -> list[dict[str, Any]]:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    documents = rows(folder() / name.removesuffix("_para") / "docs.jsonl")
    relevant: dict[str, set[str]] = {}
    for row in rows(folder() / name / "qrels.jsonl"):
        if row["rel"] > 0:
            relevant.setdefault(row["q"], set()).add(row["d"])
    return Task(
        {row["id"]: row["text"] for row in documents if row.get("split") != "test"},
        [row for row in rows(folder() / name / "queries.jsonl") if row["split"] == split and row["id"] in relevant],
        relevant,
    )


class Ranker:
    """Scores one task's queries against its documents."""

    def __init__(self, task: Task, documents: list[TokenVectors]) -> None:
        self.ids = list(task.documents)
        self._words = Bm25(list(task.documents.values()))
        self._documents = documents
        self._vectors = np.stack([one.whole for one in documents])
        self._tokens = Tokens.of(documents)
        self._nearest, self._hubness = neighbours(self._vectors)

    def cosine(self, query: TokenVectors) -> Floats:
        found: Floats = self._vectors @ query.whole
        return found

    def fused(self, text: str, query: TokenVectors) -> Floats:
        words = self._words.scores(text)
        return self.cosine(query) + WORDS * words / (words + 15)

    def ranked(self, text: str, query: TokenVectors) -> Floats:
        fused = self.fused(text, query)
        votes = np.where(self.cosine(query) > SAME, np.float32(-1), fused)
        scores = fused + NEIGHBOURS * votes[self._nearest].max(axis=1) - HUBNESS * self._hubness
        best = np.argpartition(-scores, min(RERANKED, len(scores) - 1))[:RERANKED]
        chosen = [self._documents[place] for place in best]
        lengths = [len(one.pieces) for one in chosen]
        weight_of = self._tokens.weight_of
        tokens = Tokens(
            np.concatenate([one.tokens for one in chosen]),
            weight_of[np.concatenate([one.pieces for one in chosen])],
            np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64),
            weight_of,
        )
        covers, covered, _ = tokens.compare([query])
        found: Floats = scores - 10
        found[best] += 10 + COVERS * covers[0] + COVERED * covered[0]
        return found


def neighbours(vectors: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Each document's ten nearest others, and its mean cosine to them (hubness); copies of itself are left out."""
    count = min(NEAREST, len(vectors) - 1)
    nearest = np.zeros((len(vectors), count), dtype=np.int64)
    hubness = np.zeros(len(vectors), dtype=np.float32)
    for start in range(0, len(vectors), 500):
        cosines = vectors[start : start + 500] @ vectors.T
        cosines[np.arange(len(cosines)), np.arange(start, start + len(cosines))] = -1
        cosines[cosines > SAME] = -1
        places = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
        nearest[start : start + 500] = places
        hubness[start : start + 500] = np.take_along_axis(cosines, places, axis=1).mean(axis=1)
    return nearest, hubness


def judged(ids: list[str], scores: Floats, query: dict[str, Any], relevant: set[str]) -> Scores:
    """recall@5, nDCG@10 and the reciprocal rank; a query's own document is left out."""
    order = [ids[place] for place in np.argsort(-scores, kind="stable")[:101] if ids[place] != query.get("self")][:100]
    right = (relevant & set(ids)) - {query.get("self")}
    hits = np.array([name in right for name in order])
    gains = 1 / np.log2(np.arange(2, 12))
    recall = hits[:5].sum() / len(right)
    gain = (hits[:10] * gains[: len(hits[:10])]).sum() / gains[: min(10, len(right))].sum()
    return float(recall), float(gain), float(1 / (1 + hits.argmax())) if hits.any() else 0.0


async def evaluate(name: str, split: str, encoder: BundledEncoder) -> dict[str, Scores]:
    """Mean scores by way of ranking."""
    task = load(name, split)
    ranker = Ranker(task, await encoder.encode_tokens(list(task.documents.values())))
    queries = await encoder.encode_tokens([row["text"] for row in task.queries])
    found: dict[str, list[Scores]] = {"cosine": [], "cosine and words": [], WHOLE: []}
    for row, query in zip(task.queries, queries, strict=True):
        right = task.relevant[row["id"]]
        ways = (ranker.cosine(query), ranker.fused(row["text"], query), ranker.ranked(row["text"], query))
        for way, scores in zip(found, ways, strict=True):
            found[way].append(judged(ranker.ids, scores, row, right))
    return {way: tuple(np.mean(scores, axis=0).tolist()) for way, scores in found.items()}


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", action="store_true", help="the queries on which settings are chosen")
    split = "train" if parser.parse_args().train else "dev"
    if not folder().is_dir():
        raise SystemExit(f"{folder()} isn't there; set CRUX_BENCHMARKS to the folder that has retrieval/.")
    print(f"{split}: recall@5 / nDCG@10 / MRR")
    encoder = BundledEncoder()
    for name in TASKS:
        print(name)
        if split == "dev":
            print(f"  {'reference':46} {' / '.join(f'{score:.3f}' for score in REFERENCE[name])}")
        for way, scores in (await evaluate(name, split, encoder)).items():
            print(f"  {way:46} {' / '.join(f'{score:.3f}' for score in scores)}")


if __name__ == "__main__":
    asyncio.run(main())

"""Search by words: Okapi BM25 over stems, with precomputed weights, in numpy.

BM25: idf(t) f (k1 + 1) / (f + k1 (1 - b + b |d| / avgdl)), f the count of stem t in document d, and
idf(t) = ln(1 + (N - n + 0.5) / (n + 0.5)) for n of N documents that have t
(Robertson, Zaragoza: The Probabilistic Relevance Framework, 2009; idf as in Lucene, which is never negative).
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from bot.retrieval.text import content_words, words

K1: Final = 1.2
B: Final = 0.75


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...  # noqa: N802 - the library's name


_local = threading.local()


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """A word's stem by Snowball's English stemmer (Porter 2)."""
    stemmer: _Stemmer | None = getattr(_local, "stemmer", None)
    if stemmer is None:
        import snowballstemmer  # noqa: PLC0415 - the stemmer keeps its state inside, so each thread has its own

        stemmer = _local.stemmer = snowballstemmer.stemmer("english")
    return stemmer.stemWord(word.removesuffix("'s"))


class Bm25:
    """An index of documents by their stems.

    Memory is 8 bytes for each (stem, document) pair. Searches touch only the query's own stems.
    """

    def __init__(self, documents: Sequence[str]) -> None:
        numbers: dict[str, int] = {}
        terms: list[int] = []
        places: list[int] = []
        counts: list[int] = []
        lengths = np.zeros(len(documents), dtype=np.float32)
        for place, document in enumerate(documents):
            stems = [stem(word) for word in words(document)]
            lengths[place] = len(stems)
            for term, count in Counter(stems).items():
                terms.append(numbers.setdefault(term, len(numbers)))
                places.append(place)
                counts.append(count)
        self._numbers = numbers
        self._size = len(documents)
        term_of = np.array(terms, dtype=np.int64)
        order = np.argsort(term_of, kind="stable")
        found_in = np.bincount(term_of, minlength=len(numbers)) if terms else np.zeros(len(numbers), dtype=np.int64)
        self._starts = np.concatenate([[0], np.cumsum(found_in)])
        self._places = np.array(places, dtype=np.int32)[order]
        frequency = np.array(counts, dtype=np.float32)[order]
        idf = np.log1p((len(documents) - found_in + 0.5) / (found_in + 0.5)).astype(np.float32)
        mean = float(lengths.mean()) if len(documents) else 0.0
        norm = K1 * (1 - B + B * lengths / max(mean, 1.0))
        weights = np.repeat(idf, found_in) * frequency * (K1 + 1) / (frequency + norm[self._places])
        self._weights = weights.astype(np.float32)

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and stem(word) in self._numbers

    def share_known(self, query_words: Sequence[str]) -> float:
        """The share of words whose stems some document has."""
        return sum(word in self for word in query_words) / max(1, len(query_words))

    def scores(self, query: str) -> NDArray[np.float32]:
        """The BM25 score of every document, shape (documents,); stop words of the query don't count."""
        return self.scores_of(content_words(query))

    def scores_of(self, query_words: Iterable[str]) -> NDArray[np.float32]:
        """As `scores`, of words as they are; a word that is said twice counts once."""
        scores = np.zeros(self._size, dtype=np.float32)
        for term in dict.fromkeys(stem(word) for word in query_words):
            number = self._numbers.get(term)
            if number is not None:
                start, end = self._starts[number], self._starts[number + 1]
                scores[self._places[start:end]] += self._weights[start:end]
        return scores

"""What the load benchmarks of the platforms report, in one form: times as percentiles, answers as counts, one table."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

PERCENTS: Final = (50.0, 95.0, 99.0, 100.0)


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least so many percent of the values do not exceed (nearest rank); 100 is the largest.

    Raises:
        ValueError: there are no values, or the percentage is not in (0, 100].
    """
    if not values:
        raise ValueError("there is nothing to take a percentile of")
    if not 0 < percent <= 100:
        raise ValueError(f"no percentage: {percent}")
    rank = math.ceil(len(values) * percent / 100)
    return sorted(values)[rank - 1]


@dataclass(frozen=True, slots=True)
class Timed:
    """Times of one kind, in seconds, against the longest that each may be."""

    name: str
    seconds: Sequence[float]
    limit: float | None = None

    @property
    def late(self) -> int:
        """How many took longer than the limit."""
        return 0 if self.limit is None else sum(each > self.limit for each in self.seconds)


@dataclass(frozen=True, slots=True)
class Tally:
    """What came of what was asked: every event should have one answer.

    Args:
        asked: ids of what was sent and acknowledged.
        answers: the id that each answer belongs to, once for each answer that can be seen.
    """

    asked: frozenset[str]
    counts: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, asked: Iterable[str], answers: Iterable[str]) -> Tally:
        return cls(frozenset(asked), Counter(answers))

    @property
    def once(self) -> int:
        return sum(self.counts.get(each, 0) == 1 for each in self.asked)

    @property
    def lost(self) -> int:
        return sum(self.counts.get(each, 0) == 0 for each in self.asked)

    @property
    def doubled(self) -> int:
        return sum(self.counts.get(each, 0) > 1 for each in self.asked)

    @property
    def strange(self) -> int:
        """Answers to what was never acknowledged, or never asked."""
        return sum(count for each, count in self.counts.items() if each not in self.asked)

    @property
    def words(self) -> str:
        told = [f"{self.once} of {len(self.asked)} answered once", f"{self.lost} lost", f"{self.doubled} doubled"]
        return "; ".join([*told, *([f"{self.strange} to nothing acknowledged"] if self.strange else [])])


def table(rows: Sequence[Timed]) -> str:
    """One line a kind: how many, the percentiles in milliseconds, and how many were late; as text of fixed columns."""
    width = max([12, *(len(row.name) for row in rows)])
    heads = ["most" if percent == 100 else f"p{percent:g}" for percent in PERCENTS]
    lines = [f"{'ms':{width}}{'count':>8}" + "".join(f"{head:>10}" for head in heads) + f"{'limit':>10}{'late':>7}"]
    for row in rows:
        if row.seconds:
            figures = "".join(f"{1000 * percentile(row.seconds, percent):>10,.0f}" for percent in PERCENTS)
        else:
            figures = f"{'-':>10}" * len(PERCENTS)
        limit = "-" if row.limit is None else f"{1000 * row.limit:,.0f}"
        late = "-" if row.limit is None else str(row.late)
        lines.append(f"{row.name:{width}}{len(row.seconds):>8,}{figures}{limit:>10}{late:>7}")
    return "\n".join(lines)


def report(title: str, rows: Sequence[Timed], tally: Tally) -> str:
    """The whole: what was measured, the table, and whether any answer was lost or doubled."""
    return f"{title}\n\n{table(rows)}\n\n{tally.words}"

from __future__ import annotations

import pytest

from tests.benchmarks.load_report import Tally, Timed, percentile, report, table


def test_percentiles_are_values_that_were_measured() -> None:
    values = [5.0, 1.0, 4.0, 2.0, 3.0]
    assert [percentile(values, each) for each in (1, 20, 21, 50, 99, 100)] == [1.0, 1.0, 2.0, 3.0, 5.0, 5.0]
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 50)
    with pytest.raises(ValueError, match="no percentage"):
        percentile(values, 0)


def test_lost_doubled_and_strange_answers_are_counted_apart() -> None:
    tally = Tally.of(["a", "b", "c"], ["a", "b", "b", "x"])
    assert (tally.once, tally.lost, tally.doubled, tally.strange) == (1, 1, 1, 1)
    assert tally.words == "1 of 3 answered once; 1 lost; 1 doubled; 1 to nothing acknowledged"
    assert Tally.of(["a"], ["a"]).words == "1 of 1 answered once; 0 lost; 0 doubled"


def test_the_table_is_in_milliseconds_and_says_what_was_late() -> None:
    rows = [Timed("acknowledged", [0.010, 0.020, 3.5], limit=3.0), Timed("a kind with a long name", [])]
    head, first, second = table(rows).splitlines()
    assert head.split() == ["ms", "count", "p50", "p95", "p99", "most", "limit", "late"]
    assert first.split() == ["acknowledged", "3", "20", "3,500", "3,500", "3,500", "3,000", "1"]
    assert second.split()[-7:] == ["0", "-", "-", "-", "-", "-", "-"]
    assert len({len(line) for line in (head, first, second)}) == 1
    assert report("Load", rows, Tally.of(["a"], ["a"])).startswith("Load\n\nms ")

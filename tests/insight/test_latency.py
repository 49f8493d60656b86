"""Quantiles of counted values are those of the values; a bucket's middle is within a hundredth of what fell into it."""

from __future__ import annotations

import statistics
from random import Random

import pytest

from core.insight import latency
from core.store.latency.buckets import ERROR, bucket_of, value_of

SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)


def exact(values: list[float], share: float) -> float:
    """Between neighbours in proportion, written the long way."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] * (1 - (place - low)) + ordered[high] * (place - low)


@pytest.mark.parametrize("n", [1, 2, 3, 10, 997])
@pytest.mark.parametrize("humps", [1, 2])
def test_a_histogram_gives_the_quantiles_of_its_values_to_a_hundredth(n: int, humps: int) -> None:
    chance = Random(n)
    values = [chance.lognormvariate(5.5 + 1.7 * (place % humps), 0.6) for place in range(n)]
    counted = latency.counted(value_of(bucket_of(value)) for value in values)
    for share in SHARES:
        assert latency.quantile(counted, share) == pytest.approx(exact(values, share), rel=ERROR)
    assert ERROR < 0.01


@pytest.mark.parametrize("value", [0.02, 1.0, 3.7, 412.9, 60_000.0, 300_000.0])
def test_a_bucket_stands_for_its_middle(value: float) -> None:
    assert value_of(bucket_of(value)) == pytest.approx(value, rel=ERROR)


def test_counted_values_are_summed_up_like_single_ones() -> None:
    single = [200.0, 200.0, 300.0, 300.0, 300.0, 900.0]
    summary_row = latency.summary([(200.0, 2), (300.0, 3), (900.0, 1)])
    assert summary_row is not None
    assert (summary_row.n, summary_row.median) == (6, statistics.median(single))
    assert (summary_row.p5, summary_row.p95) == pytest.approx((exact(single, 0.05), exact(single, 0.95)))


def test_nothing_is_said_of_nothing() -> None:
    assert latency.summary([]) is None
    with pytest.raises(ValueError, match="nothing"):
        latency.quantile([], 0.5)


def test_the_distribution_ends_at_one() -> None:
    assert latency.distribution([(1.0, 1), (2.0, 2), (4.0, 1)]) == [(1.0, 0.25), (2.0, 0.75), (4.0, 1.0)]


def test_the_parts_of_an_answer_follow_each_other() -> None:
    assert latency.parts(300.0, 1200.0, 4000.0) == latency.TimeParts(300.0, 900.0, 2800.0)
    assert latency.parts(300.0, None, 4000.0) is None


def test_the_week_is_turned_to_the_readers_clock() -> None:
    sunday_night, single = 167, [(5.0, 1)]
    assert latency.shifted({sunday_night: single}, 2) == {(0, 1): single}
    assert latency.shifted({0: single}, -1) == {(6, 23): single}

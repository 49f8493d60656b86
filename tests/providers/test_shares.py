"""The arithmetic of fair shares: what is promised holds whatever people ask, and nothing is left over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.providers.shares import ShareClaim, SharedWindow

LENGTH_US = 1_000_000
PEOPLE = tuple("abcdefgh")


def window(limit: int, weights: Sequence[int], *, team: int = 1, short: bool = False) -> SharedWindow:
    claims = {name: ShareClaim(weight) for name, weight in zip(PEOPLE, weights, strict=False)}
    return SharedWindow(limit, limit, 0, 0, LENGTH_US, short, team, claims)


def at(shared: SharedWindow, part: float) -> SharedWindow:
    return replace(shared, now_us=int(LENGTH_US * part))


def take(shared: SharedWindow, name: str, n: int, *, background: bool = False) -> SharedWindow:
    assert n <= shared.available(name, background=background)
    return shared.after(name, n)


def take_all(shared: SharedWindow, name: str, *, background: bool = False) -> SharedWindow:
    """One request after the other, until one is refused."""
    while shared.available(name, background=background):
        shared = shared.after(name, 1)
    return shared


def spent_less(shared: SharedWindow, name: str, back: int) -> SharedWindow:
    """As the ledger settles a call."""
    claim = shared.claims[name]
    moved = claim._replace(taken=claim.taken - back, kept=(claim.kept or 0) + back)
    return replace(shared, free=shared.free + back, claims={**shared.claims, name: moved})


ASKS = st.lists(
    st.tuples(
        st.integers(0, LENGTH_US // 8),  # time that passes before
        st.sampled_from(PEOPLE),
        st.integers(1, 60),
        st.integers(0, 60),  # given back when it is settled
        st.booleans(),
    ),
    max_size=40,
)


@given(limit=st.integers(1, 400), weights=st.lists(st.integers(1, 4), min_size=1, max_size=8), asks=ASKS)
def test_whoever_comes_finds_what_is_kept_for_them(
    limit: int, weights: list[int], asks: list[tuple[int, str, int, int, bool]]
) -> None:
    """Also people who were not known, up to the size of the team; and never more than the limit is granted."""
    team = sum(weights)
    number = len(weights) // 2 + 1
    shared = window(limit, weights[:number], team=team)
    for passed_us, name, n, back, background in asks:
        if PEOPLE.index(name) >= len(weights):
            continue
        shared = replace(shared, now_us=min(shared.now_us + passed_us, LENGTH_US))
        if name not in shared.claims:
            newcomer = ShareClaim(weights[PEOPLE.index(name)], new=True)
            shared = replace(shared, claims={**shared.claims, name: newcomer})
        enough = limit >= team
        if enough:
            assert shared.available(name, background=background) >= shared.kept_for(name)
        if n <= shared.available(name, background=background):
            shared = spent_less(shared.after(name, n), name, min(back, n))
        elif not background:
            shared = shared.refused(name, n)
        assert shared.free >= 0
        assert shared.free + sum(claim.taken for claim in shared.claims.values()) == limit
        if enough:
            assert sum(map(shared.kept_for, shared.claims)) <= shared.free


@given(limit=st.integers(0, 10_000), weights=st.lists(st.integers(1, 9), min_size=1, max_size=8))
def test_shares_are_by_weight_and_fit_the_limit(limit: int, weights: list[int]) -> None:
    shared = window(limit, weights)
    sizes = [shared.share_of(name) for name in shared.claims]
    if limit >= sum(weights):
        assert sum(sizes) <= limit < sum(sizes) + sum(weights)
        assert all(size * weights[0] == sizes[0] * weight for size, weight in zip(sizes, weights, strict=True))
    else:
        assert set(sizes) == {1}, "one each, first come"


@given(limit=st.integers(1, 400), weights=st.lists(st.integers(1, 4), min_size=2, max_size=8), took=st.integers(0, 400))
def test_in_the_last_tenth_all_that_is_free_is_lent(limit: int, weights: list[int], took: int) -> None:
    shared = window(limit, weights, team=20)
    shared = at(shared.after("b", min(took, shared.available("b"))), 0.9)
    assert shared.available("a") == shared.free


def test_a_batch_of_one_leaves_the_shares_of_the_others() -> None:
    shared = take_all(window(250, [1] * 8, team=20), "a")
    assert shared.claims["a"].taken == 12 + 10, "a share, and what shares do not divide"
    for name in PEOPLE[1:]:
        shared = take(shared, name, 12)
    assert shared.free == 250 - 22 - 7 * 12


@pytest.mark.parametrize(("part", "left"), [(0.0, 18), (0.225, 14), (0.45, 9), (0.81, 2), (0.9, 0)])
def test_a_share_that_nobody_uses_is_lent_evenly_until_the_last_tenth(part: float, left: int) -> None:
    shared = take_all(at(window(36, [1, 1]), part), "a")
    assert (shared.free, shared.available("b")) == (left, left)
    assert shared.claims["a"].taken == 36 - left


def test_an_even_pace_finds_the_whole_share_beside_others_who_take_all_they_get() -> None:
    shared = window(180, [1, 1])
    for tenth in range(9):
        shared = take_all(at(shared, tenth / 10), "b")
        shared = take(shared, "a", 10)
    assert shared.claims["a"].taken == shared.share_of("a") == 90


def test_weights() -> None:
    shared = take_all(window(40, [1, 3]), "a")
    assert (shared.claims["a"].taken, shared.available("b")) == (10, 30)


def test_a_batch_borrows_half_of_what_it_could_and_a_person_all() -> None:
    shared = take(at(window(100, [1, 1]), 0.9), "a", 50, background=True)
    assert shared.available("a", background=True) == 25
    assert shared.available("a") == shared.available("b") == 50
    shared = take_all(shared, "a", background=True)
    assert shared.free == 1


def test_when_enough_is_lent() -> None:
    shared = take(window(36, [1, 1]), "a", 18)
    at_us = shared.lent_at("a", 9)
    assert at_us is not None
    assert at_us == pytest.approx(0.45 * LENGTH_US, abs=LENGTH_US / 1000)
    assert replace(shared, now_us=at_us).available("a") >= 9
    assert shared.lent_at("a", 19) is None


def test_what_never_resets_is_lent_to_nobody() -> None:
    shared = replace(take_all(window(40, [1, 1]), "a"), ends_us=None)
    assert (shared.claims["a"].taken, shared.available("a"), shared.lent_at("a", 1)) == (20, 0, None)


def test_in_a_minute_the_first_question_may_be_larger_than_a_share_but_not_a_row_of_a_batch() -> None:
    shared = window(6000, [1, 1, 1], short=True)
    assert shared.available("a") == 6000
    assert shared.available("a", background=True) < 4000
    shared = take(shared, "a", 4000)
    assert shared.available("a") == 0
    assert shared.available("b") == 2000


def test_in_a_minute_who_was_refused_is_first_and_a_batch_last() -> None:
    shared = replace(window(6000, [1, 1, 1], short=True), now_us=5).refused("b", 4000)
    shared = replace(shared, now_us=10).refused("c", 3500)
    assert shared.available("b") == 6000
    assert shared.available("c") == 2000
    assert shared.available("a", background=True) == 0


def test_a_minute_without_others_is_for_whoever_asks_but_a_batch_leaves_a_share_for_the_next() -> None:
    shared = window(30, [1], team=20, short=True)
    assert take_all(shared, "a").claims["a"].taken == 30
    assert take_all(shared, "a", background=True).claims["a"].taken == 15

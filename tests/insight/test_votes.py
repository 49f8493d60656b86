"""The leaderboard: what votes say, exact where it can be worked out by hand, and intervals that hold the truth."""

from __future__ import annotations

import math
import random
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.insight.strengths import Strength, strengths
from core.insight.votes import Pair, WinRate, board, rate, win_rates
from tests.insight.leagues import Ballot, Shape, play

LEAGUES = 60
WORTHY = 0.93
SHAPES = (
    Shape("few", 4, 12),
    Shape("many", 4, 60),
    Shape("ties", 3, 40, ties="chance"),
    Shape("lanes", 6, 40, lanes=4, unbalanced=True),
)


def over(winner: str, *others: str) -> Ballot:
    return Ballot((winner, *others), winner)


def tie(*models: str) -> Ballot:
    return Ballot(models, outcome="tie")


def bad(*models: str) -> Ballot:
    return Ballot(models, outcome="bad")


@pytest.mark.parametrize(("wins", "losses"), [(1, 0), (5, 5), (10, 0), (7, 3), (0, 4)])
def test_two_models_have_the_estimate_that_firth_gives(wins: int, losses: int) -> None:
    """For two it can be written down: half a win is added to each side."""
    (first, second) = strengths(2, {(0, 1): [wins, losses]})
    assert 2 * first.value == pytest.approx(math.log((wins + 0.5) / (losses + 0.5)), abs=1e-4)
    assert second.value == pytest.approx(-first.value, abs=1e-6)
    for end in (first.low, first.high):
        assert fall(wins, losses, 2 * first.value) - fall(wins, losses, 2 * end) == pytest.approx(1.92, abs=0.01)


def fall(wins: int, losses: int, odds: float) -> float:
    share = 1 / (1 + math.exp(-odds))
    return (wins + 0.5) * math.log(share) + (losses + 0.5) * math.log(1 - share)


def test_a_circle_of_wins_makes_all_equal() -> None:
    rows = board([over("a", "b"), over("b", "c"), over("c", "a")]).rows
    assert [row.strength.value for row in rows if row.strength] == pytest.approx([0, 0, 0], abs=1e-6)


def test_a_choice_among_several_is_one_vote() -> None:
    """Shown always together, half a choice is added to each: one click is not a win for each of the others' pairs."""
    standings = strengths(4, {(0, 1, 2, 3): [6, 2, 0, 1]})
    logs = [math.log(count + 0.5) for count in (6, 2, 0, 1)]
    assert [row.value for row in standings] == pytest.approx([log - sum(logs) / 4 for log in logs], abs=1e-4)


def test_intervals_hold_the_truth_and_narrower_ones_would_not() -> None:
    """The control is cut to four fifths on each side and misses the mark that the intervals reach in every shape."""
    rng, wide, narrow = random.Random(7), [], []
    for shape in SHAPES:
        rows = []
        for _ in range(LEAGUES):
            league = play(shape, rng)
            rows += [(row.strength, league.truth[row.model_id]) for row in board(league.ballots).rows if row.strength]
        assert len(rows) == shape.models * LEAGUES
        wide.append(sum(holds(strength, truth, 1.0) for strength, truth in rows) / len(rows))
        narrow.append(sum(holds(strength, truth, 0.8) for strength, truth in rows) / len(rows))
    assert min(wide) >= WORTHY
    assert max(narrow) < WORTHY


def holds(strength: Strength, truth: float, size: float) -> bool:
    low, high = strength.value - strength.low, strength.high - strength.value
    return strength.value - size * low <= truth <= strength.value + size * high


def test_ties_leave_the_strengths_alone_and_count_half_in_the_rate() -> None:
    decided = [over("a", "b")] * 3 + [over("b", "a")]
    plain, with_ties = board(decided), board([*decided, *[tie("a", "b")] * 4])
    assert [row.strength for row in plain.rows] == [row.strength for row in with_ties.rows]
    assert with_ties.rows[0].rate == rate(5, 8)
    assert with_ties.pairs["a", "b"] == Pair(wins=3, losses=1, ties=4)
    assert with_ties.pairs["b", "a"] == Pair(wins=1, losses=3, ties=4)


def test_all_bad_is_a_loss_for_all_and_prefers_none() -> None:
    standings = board([bad("a", "b"), bad("a", "b")])
    assert [(row.strength, row.league, row.rate.share, row.rate.n) for row in standings.rows] == [
        (None, None, 0.0, 2)
    ] * 2
    assert standings.pairs["a", "b"] == Pair(bad=2)


def test_the_average_rate_is_a_half_however_many_lanes() -> None:
    votes = [over(name, *(other for other in "abcd" if other != name)) for name in "abcd"]
    assert {rate.share for rate in win_rates(votes).values()} == {0.5}
    assert win_rates([tie("a", "b", "c")])["b"].share == 0.5


def test_who_never_met_is_not_compared() -> None:
    rows = board([over("a", "b"), over("b", "c"), over("x", "y"), tie("p", "q")]).rows
    assert [(row.model_id, row.league) for row in rows][:5] == [("a", 0), ("b", 0), ("c", 0), ("x", 1), ("y", 1)]
    assert {row.model_id for row in rows if row.league is None} == {"p", "q"}


def test_a_model_cannot_win_against_itself() -> None:
    standings = board([Ballot(("a", "a"), "a"), Ballot(("a", "a", "b"), "a")])
    assert standings.votes == 2
    assert standings.pairs == {("a", "b"): Pair(wins=1), ("b", "a"): Pair(losses=1)}
    assert {row.model_id: row.rate.n for row in standings.rows} == {"a": 1, "b": 1}


def test_no_votes_no_numbers() -> None:
    standings = board([])
    assert (standings.rows, dict(standings.pairs), standings.votes) == ((), {}, 0)
    assert win_rates([]) == {}
    assert rate(0, 0) == WinRate(0.5, 0.0, 1.0, 0)


def test_wilsons_interval_is_the_one_of_the_books() -> None:
    standings = rate(7, 10)
    assert (standings.low, standings.high) == pytest.approx((0.3968, 0.8922), abs=1e-4)
    assert (rate(0, 5).low, rate(5, 5).high) == (0.0, 1.0)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.permutations("abcde"), st.integers(2, 5), st.integers(1, 40)), min_size=1, max_size=8))
def test_every_league_has_finite_numbers_in_order(votes: list[tuple[list[str], int, int]]) -> None:
    """All wins, all losses, chains, one vote: nothing becomes infinite or turned round."""
    standings = board([over(*order[:lanes]) for order, lanes, times in votes for _ in range(times)])
    for row in standings.rows:
        assert row.strength
        assert math.isfinite(row.strength.low)
        assert math.isfinite(row.strength.high)
        assert row.strength.low < row.strength.value < row.strength.high
        assert 0 <= row.rate.low <= row.rate.share <= row.rate.high <= 1


def test_importing_the_room_does_not_bring_numpy() -> None:
    code = "import sys, core.insight.votes, core.insight.topics; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_chance_of_two_is_to_beat_each_other() -> None:
    (best, other) = board([over("a", "b")] * 3 + [over("b", "a")]).rows
    assert best.chance
    assert other.chance
    assert best.chance.share == pytest.approx(3.5 / 5, abs=1e-4)
    assert other.chance.share == pytest.approx(1.5 / 5, abs=1e-4)
    assert best.chance.n == other.chance.n == 4
    assert best.chance.low < best.chance.share < best.chance.high < 1


def test_twenty_votes_tell_three_of_four_from_chance() -> None:
    """What the Insights page promises before the first vote."""
    best = board([over("a", "b")] * 15 + [over("b", "a")] * 5).rows[0]
    assert best.rate.low > 0.5
    assert best.chance
    assert best.chance.low > 0.5

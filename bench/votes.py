"""How often the intervals of the leaderboard cover the truth: `python -m bench.votes [leagues]`, 1,000 of each shape.

Every league has true strengths that are drawn anew (normal, spread as told), votes by them, and a leaderboard of these
votes. Printed in percent: `each` model's interval covers its true strength, in the worst place of the league (the
strongest, the second, ...), `all` of a league's intervals at once, `each` again with intervals a fifth narrower (the
control, which must fail), and `half`: with ties as half a win for each, where there are ties. `ms` is the CPU
time of a whole leaderboard.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Sequence

from core.insight.strengths import Strength, strengths
from core.insight.votes import board
from tests.insight.leagues import League, Shape, play

LEAGUES = 1000
NARROWER = 0.8
SHAPES = (
    Shape("two models, 10 votes", 2, 10),
    Shape("three models, 10 votes", 3, 10),
    Shape("four models, 12 votes", 4, 12),
    Shape("four models, 200 votes", 4, 200),
    Shape("five models, 30 votes, far apart", 5, 30, spread=2.0),
    Shape("five models, 60 votes, equal", 5, 60, spread=0.0),
    Shape("six models, 120 votes, unbalanced", 6, 120, unbalanced=True),
    Shape("eight models, 40 votes", 8, 40),
    Shape("eight models, 400 votes, unbalanced", 8, 400, unbalanced=True),
    Shape("six models, four lanes, 30 votes", 6, 30, lanes=4),
    Shape("eight models, eight lanes, 60 votes", 8, 60, lanes=8),
    Shape("four models, 80 votes, close ones tie", 4, 80, ties="close"),
    Shape("four models, 80 votes, ties by chance", 4, 80, ties="chance"),
    Shape("four models, 800 votes, far apart, ties by chance", 4, 800, spread=1.5, ties="chance"),
)


def main(leagues: int) -> None:
    print(f"{leagues} leagues of each shape, percent of intervals that cover the truth")
    print(f"{'':52}{'each':>7}{'worst':>7}{'all':>7}{'-20 %':>7}{'half':>7}{'ms':>7}")
    for shape in SHAPES:
        rng = random.Random(f"{shape.name} 1")
        played = [play(shape, rng) for _ in range(leagues)]
        begun = time.process_time()
        boards = [intervals(league) for league in played]
        spent_ms = (time.process_time() - begun) * 1000 / leagues
        hits = [covered(league, rows) for league, rows in zip(played, boards, strict=True)]
        less = [covered(league, narrowed(rows)) for league, rows in zip(played, boards, strict=True)]
        places = [sum(each[place] for each in hits) / leagues for place in range(shape.models)]
        halved = [covered(league, half_wins(league)) for league in played] if shape.ties != "none" else []
        half = f"{percent(halved, any_of):7.1f}" if halved else f"{'':>7}"
        print(
            f"{shape.name:52}{percent(hits, any_of):7.1f}{100 * min(places):7.1f}{percent(hits, all):7.1f}"
            f"{percent(less, any_of):7.1f}{half}{spent_ms:7.1f}",
            flush=True,
        )


def intervals(league: League) -> dict[str, Strength]:
    rows = board(league.ballots).rows
    return {row.model_id: row.strength for row in rows if row.strength}


def narrowed(rows: dict[str, Strength]) -> dict[str, Strength]:
    """A fifth of each side cut away: what must be found too narrow."""
    return {
        name: Strength(s.value, s.value - NARROWER * (s.value - s.low), s.value + NARROWER * (s.high - s.value))
        for name, s in rows.items()
    }


def covered(league: League, rows: dict[str, Strength]) -> list[bool]:
    """For each model, the strongest first, whether its interval holds its true strength."""
    order = sorted(league.truth, key=league.truth.__getitem__, reverse=True)
    return [rows[name].low <= league.truth[name] <= rows[name].high for name in order]


def half_wins(league: League) -> dict[str, Strength]:
    """The other way to count ties of two: as half a win for each."""
    names = sorted(league.truth)
    chosen: dict[tuple[int, ...], list[float]] = {}
    for ballot in league.ballots:
        pair = tuple(sorted(names.index(name) for name in ballot.model_ids))
        won = [ballot.winner] if ballot.winner else ballot.model_ids
        for name in won:
            chosen.setdefault(pair, [0.0, 0.0])[pair.index(names.index(name))] += 1 / len(won)
    estimates = strengths(len(names), chosen)
    return dict(zip(names, estimates, strict=True))


def any_of(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits)


def percent(hits: Sequence[Sequence[bool]], count: Callable[[Sequence[bool]], float]) -> float:
    return 100 * sum(count(each) for each in hits) / len(hits)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else LEAGUES)

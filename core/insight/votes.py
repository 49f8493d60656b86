"""From votes to win rates, strengths and a table of pairs, each with its interval and its number of votes.

    ballots -> board(ballots) -> Leaderboard(rows best first, pairs)   win_rates(ballots) -> {model: WinRate}
    counted(ballots with their numbers) -> board_of(counts)            the same from sums, cached by them

How votes count:
- A choice among several says that the chosen one is better than each of the others, nothing about these others.
- A tie gives both of a pair half a win in the win rate and in the table. It does not count in the strengths: in
  Davidson's model the number of ties shows how often it is close, and only decided votes show who is better. So the
  strengths hold whether ties come from closeness or from chance.
- "All bad" is a loss for all in the win rate. It prefers none, so it does not count in the strengths.
- Two lanes with one model count as one: it cannot win against itself.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import permutations
from typing import NamedTuple, Protocol

from .. import intervals
from .strengths import Strength, strengths


class Ballot(Protocol):
    """One vote: the models that were shown, and which was chosen; `outcome` is "winner", "tie" or "bad"."""

    @property
    def model_ids(self) -> Sequence[str]: ...
    @property
    def winner(self) -> str | None: ...
    @property
    def outcome(self) -> str: ...


@dataclass(frozen=True, slots=True)
class WinRate:
    """A share with Wilson's 95 % interval, and the number of votes behind it."""

    share: float
    low: float
    high: float
    n: int


NOTHING = WinRate(0.5, 0.0, 1.0, 0)


@dataclass(frozen=True, slots=True)
class LeaderboardRow:
    """A model's place. `strength` and `chance` None: no vote between it and another was decided.

    Strengths compare only within a `league`: models that decided votes link, counted from 0, the largest first. The
    chance is the same number for people: to be preferred to the average of the others; its n counts decided votes.
    """

    model_id: str
    rate: WinRate
    strength: Strength | None = None
    chance: WinRate | None = None
    league: int | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """How often the first was preferred to the second, the other way round, neither, and both bad."""

    wins: int = 0
    losses: int = 0
    ties: int = 0
    bad: int = 0

    @property
    def n(self) -> int:
        return self.wins + self.losses + self.ties + self.bad

    @property
    def rate(self) -> WinRate:
        return rate(self.wins + self.ties / 2, self.n)


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """Rows league by league, the strongest first; `pairs` by (model, other), both ways; `votes` in all."""

    rows: tuple[LeaderboardRow, ...]
    pairs: Mapping[tuple[str, str], Pair]
    votes: int


class VoteOutcome(NamedTuple):
    """A vote's content: its models once each and sorted, its outcome, and the chosen one or ""."""

    models: tuple[str, ...]
    outcome: str
    winner: str


Counts = Mapping[VoteOutcome, int]


def counted(ballots: Iterable[tuple[Ballot, int]]) -> Counts:
    """How often each outcome occurred, from ballots with their numbers."""
    counts: Counter[VoteOutcome] = Counter()
    for ballot, number in ballots:
        if number > 0:
            counts[VoteOutcome(tuple(sorted(set(ballot.model_ids))), ballot.outcome, ballot.winner or "")] += number
    return counts


def board(ballots: Iterable[Ballot]) -> Leaderboard:
    """The leaderboard of these votes; without any it is empty."""
    return board_of(counted((ballot, 1) for ballot in ballots))


def board_of(counts: Counts) -> Leaderboard:
    """The leaderboard of these sums, cached."""
    return _board(frozenset(counts.items()))


@lru_cache(maxsize=128)
def _board(items: frozenset[tuple[VoteOutcome, int]]) -> Leaderboard:
    counts = dict(sorted(items))
    in_leagues = {row.model_id: row for row in _leagues_of(counts)}
    rates = win_rates_of(counts)
    rows = [
        replace(in_leagues[name], rate=rate) if name in in_leagues else LeaderboardRow(name, rate)
        for name, rate in rates.items()
    ]
    return Leaderboard(tuple(sorted(rows, key=_order)), _pairs(counts), sum(counts.values()))


def win_rates(ballots: Iterable[Ballot]) -> dict[str, WinRate]:
    """`win_rates_of` single votes."""
    return win_rates_of(counted((ballot, 1) for ballot in ballots))


def win_rates_of(counts: Counts) -> dict[str, WinRate]:
    """The share of pairs that each model won, ties half; 50 % is the average however many lanes a vote had.

    The pairs of one vote hang together, so the interval counts votes, those with many lanes a little more (Kish).
    """
    won: dict[str, float] = defaultdict(float)
    met: dict[str, Counter[int]] = defaultdict(Counter)
    for vote, number in counts.items():
        for name, points, rivals in _points(vote):
            won[name] += points * number
            met[name][rivals] += number
    return {
        name: rate(won[name] / _pairs_in(sizes) * (size := _effective(sizes)), size, votes=sizes.total())
        for name, sizes in met.items()
    }


def rate(wins: float, n: float, *, votes: int | None = None) -> WinRate:
    """The rate of `wins` in `n`; `votes` is the number to show, where `n` is an effective one."""
    if n <= 0:
        return NOTHING
    return WinRate(wins / n, *intervals.wilson(wins, n), round(n) if votes is None else votes)


def pairs(ballots: Iterable[Ballot]) -> dict[tuple[str, str], Pair]:
    """Every ordered pair that was shown together and that a vote compares."""
    return _pairs(counted((ballot, 1) for ballot in ballots))


def _pairs(counts: Counts) -> dict[tuple[str, str], Pair]:
    tallies: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for vote, number in counts.items():
        for name, other in permutations(vote.models, 2):
            if between := _between(vote, name, other):
                tallies[name, other][between] += number
    return {pair: Pair(**count) for pair, count in tallies.items()}


def _between(vote: VoteOutcome, name: str, other: str) -> str | None:
    if vote.outcome != "winner":
        return {"tie": "ties", "bad": "bad"}[vote.outcome]
    return {name: "wins", other: "losses"}.get(vote.winner)


def _points(vote: VoteOutcome) -> Iterator[tuple[str, float, int]]:
    """Each model of a vote with the pairs it won and the pairs it was in."""
    rivals = len(vote.models) - 1
    for name in vote.models if rivals else ():
        if vote.outcome == "winner":
            yield (name, float(rivals), rivals) if name == vote.winner else (name, 0.0, 1)
        else:
            yield name, rivals / 2 if vote.outcome == "tie" else 0.0, rivals


def _pairs_in(sizes: Counter[int]) -> int:
    return sum(size * number for size, number in sizes.items())


def _effective(sizes: Counter[int]) -> float:
    return float(_pairs_in(sizes) ** 2 / sum(size * size * number for size, number in sizes.items()))


def _leagues_of(counts: Counts) -> Iterator[LeaderboardRow]:
    """The models with a strength."""
    chosen: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for vote, number in counts.items():
        if vote.outcome == "winner" and vote.winner in vote.models and len(vote.models) > 1:
            chosen[vote.models][vote.winner] += number
    for number, league in enumerate(_leagues(chosen)):
        place = {name: number for number, name in enumerate(league)}
        league_sets = {models: wins for models, wins in chosen.items() if models[0] in place}
        sets = {
            tuple(place[name] for name in models): [wins[name] for name in models]
            for models, wins in league_sets.items()
        }
        league_strengths = strengths(len(league), sets)
        for name, strength in zip(league, league_strengths, strict=True):
            decided = sum(chosen[models].total() for models in league_sets if name in models)
            yield LeaderboardRow(name, NOTHING, strength, _chance(strength, len(league), decided), number)


def _chance(strength: Strength, models: int, decided: int) -> WinRate:
    """The strength is relative to the average of all, the chance to the average of the others."""
    wider = models / (models - 1)
    share, low, high = (1 / (1 + math.exp(-wider * end)) for end in (strength.value, strength.low, strength.high))
    return WinRate(share, low, high, decided)


def _leagues(sets: Iterable[tuple[str, ...]]) -> list[list[str]]:
    """Models linked by decided votes, the largest league first."""
    leagues: list[set[str]] = []
    for models in sets:
        joined = set(models).union(*(league for league in leagues if league & set(models)))
        leagues = [league for league in leagues if not league & joined] + [joined]
    return sorted((sorted(league) for league in leagues), key=lambda league: (-len(league), league))


def _order(row: LeaderboardRow) -> tuple[float, float, float, str]:
    league = math.inf if row.league is None else row.league
    return league, -(row.strength.value if row.strength else 0.0), -row.rate.share, row.model_id

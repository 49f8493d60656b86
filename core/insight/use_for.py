"""What to use for which kind of question: the model that wins most by a person's votes, and its equals.

    use_for(tallies) -> [UseFor(topic, votes, best, others), ...]    one for each topic, the most voted on first

A model counts from `ENOUGH` votes on a topic. `best` begins with the highest win rate; the others in it have intervals
that reach into the first one's, so the votes do not say which of them is better. It is empty while nobody has enough
votes, and where even the first loses more than it wins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Protocol

from .votes import Ballot, WinRate, counted, win_rates_of

ENOUGH = 20
ANY = ""  # the topic of all questions together


class TopicVotes(Ballot, Protocol):
    """A number of equal votes on questions of one topic."""

    @property
    def topic(self) -> str: ...
    @property
    def n(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Contender:
    """A model's win rate in one topic; ties count half, and the share lies within a 95 % interval."""

    model_id: str
    rate: WinRate


@dataclass(frozen=True, slots=True)
class UseFor:
    """`votes` on the topic in all; `most` votes that one model has there, which shows how far `ENOUGH` is."""

    topic: str
    votes: int
    most: int
    best: tuple[Contender, ...]
    others: tuple[Contender, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelOffer:
    """What a model offers now: calls left of its longest counted period, None where unknown; `counted` False where
    nothing limits it; the median of its first tokens in milliseconds over `answers`, None without any."""

    left: Decimal | None = None
    per: Literal["day", "hour", "month", "once"] = "day"
    counted: bool = True
    ttft_ms: float | None = None
    answers: int = 0


def use_for(tallies: Iterable[TopicVotes], may_answer: Callable[[str], bool] = lambda model_id: True) -> list[UseFor]:
    """By topic, then for all questions together (`ANY`). Models that may not answer are left out."""
    by_topic: dict[str, list[TopicVotes]] = {}
    for tally in tallies:
        by_topic.setdefault(tally.topic, []).append(tally)
    everything = [tally for group in by_topic.values() for tally in group]
    each = [_of_topic(topic, group, may_answer) for topic, group in by_topic.items()]
    together = [_of_topic(ANY, everything, may_answer)] if len(by_topic) > 1 else []
    return [*sorted(each, key=lambda use: (-use.votes, use.topic)), *together]


def _of_topic(topic: str, tallies: Sequence[TopicVotes], may_answer: Callable[[str], bool]) -> UseFor:
    rates = win_rates_of(counted((tally, tally.n) for tally in tallies))
    rivals = [Contender(name, rate) for name, rate in rates.items() if may_answer(name)]
    contenders = sorted(
        (rival for rival in rivals if rival.rate.n >= ENOUGH),
        key=lambda rival: (-rival.rate.share, -rival.rate.n, rival.model_id),
    )
    votes, most = sum(tally.n for tally in tallies), max((rival.rate.n for rival in rivals), default=0)
    if not contenders or contenders[0].rate.high < 0.5:
        return UseFor(topic, votes, most, (), tuple(contenders))
    best = [rival for rival in contenders if rival.rate.high >= contenders[0].rate.low]
    return UseFor(topic, votes, most, tuple(best), tuple(rival for rival in contenders if rival not in best))

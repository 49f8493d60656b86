"""Twenty people share one limit over eight processes: what each of them is granted, and what sharing costs.

python -m bench.fair_shares shares sqlite         exactly the limit, and nobody below their share
python -m bench.fair_shares control sqlite        the same without shares: this must lock people out
python -m bench.fair_shares cost sqlite 20        milliseconds of a call, without shares and with

Everybody's requests come from all processes at once. In the morning twelve ask for as much as they get; then six come
who ask for their share; two never come. In the last tenth of the day all who came ask again.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Connection, select

from bench.quota import ask as planned
from bench.quota import call, timed
from bench.quota_torture import PROCESSES, Child, opened
from core.providers.limits import PlannedCall
from core.providers.shares import Sharer
from core.records import Limit, Model, Provider, Usage
from core.store.database import Database
from core.store.quota import ledger
from core.store.quota.grants import Hold
from core.store.quota.tables import meters
from core.store.tables import to_us
from tests.store import postgres

LIMIT, TEAM = 250, 20
SHARE = LIMIT // TEAM
GREEDY = [f"p{number}" for number in range(12)]
LATE = [f"p{number}" for number in range(12, 18)]
MORNING, EVENING = datetime(2026, 11, 22, 0, 1, tzinfo=UTC), datetime(2026, 11, 22, 22, 0, tzinfo=UTC)
LIMITS = (
    Limit("account", "requests", "day", Decimal(LIMIT)),
    Limit("model", "tokens", "day", Decimal(LIMIT * 1000)),
)
PROVIDER = Provider("acme", "Acme", "openai", "https://acme.example/v1", limits=LIMITS)
ASK = PlannedCall(PROVIDER, Model("acme/small", "small", "acme"), "k1", input_tokens=60, output_tokens=40)
HEAD = "| run | database | asked | limit | granted | used | least of a person | share | verdict |\n" + 9 * "|---" + "|"


@dataclass
class Outcome:
    """What people were granted. `shared`: each has a fair share."""

    kind: str
    shared: bool
    asked: int = 0
    used: int = 0
    granted: Counter[str] = field(default_factory=Counter)

    @property
    def least(self) -> int:
        return min(self.granted[name] for name in [*GREEDY, *LATE])

    @property
    def good(self) -> bool:
        exact = sum(self.granted.values()) == self.used == LIMIT
        return exact and (self.least >= SHARE) is self.shared

    def row(self) -> str:
        run = "shares" if self.shared else "control"
        cells = (run, self.kind, self.asked, LIMIT, sum(self.granted.values()), self.used, self.least, SHARE)
        return "| " + " | ".join(map(str, cells)) + f" | {'as it must' if self.good else 'NOT AS IT MUST'} |"


def crowd(outcome: Outcome, url: str | None, folder: Path, at: datetime, wishes: Sequence[str]) -> None:
    """All processes ask what people wish, each its part of it, in an order of its own."""

    def now(_connection: Connection) -> int:
        return to_us(at)

    def work(database: Database, say: Callable[[str], None], part: list[str]) -> None:
        for name in part:
            one = replace(ASK, sharer=Sharer(name, TEAM) if outcome.shared else None)
            for grant in ledger.reserve(database, name, [one], now=now).grants:
                if isinstance(grant, Hold) and ledger.settle(database, grant.hold_id, usage=Usage(60, 40), now=now):
                    say(f"{name} ")

    parts = [list(wishes[number::PROCESSES]) for number in range(PROCESSES)]
    for number, part in enumerate(parts):
        random.Random(number).shuffle(part)
    children = [Child(url, folder, lambda database, say, part=part: work(database, say, part)) for part in parts]  # type: ignore[misc]
    outcome.asked += len(wishes)
    for child in children:
        outcome.granted.update(child.rest().split())


def shares(kind: str, *, shared: bool) -> Outcome:
    outcome = Outcome(kind, shared)
    with ExitStack() as stack:
        url = stack.enter_context(postgres.running()).new() if kind == "postgresql" else None
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        assert Child(url, folder, lambda database, say: say("ready")).rest() == "ready"
        crowd(outcome, url, folder, MORNING, GREEDY * (2 * SHARE))
        crowd(outcome, url, folder, MORNING, LATE * SHARE)
        crowd(outcome, url, folder, EVENING, [*GREEDY, *LATE] * 4)
        with opened(url, folder) as database, database.read() as connection:
            day = select(meters.c.used + meters.c.reserved).where(meters.c.unit == "requests")
            outcome.used = connection.execute(day).scalar_one()
    return outcome


def cost(kind: str, people: int) -> str:
    """Medians of reserving and settling one call with four windows."""
    with ExitStack() as stack:
        url = stack.enter_context(postgres.running()).new() if kind == "postgresql" else None
        database = stack.enter_context(opened(url, Path(stack.enter_context(tempfile.TemporaryDirectory()))))
        alone = planned(0)
        among = [replace(planned(1), sharer=Sharer(f"p{number}", people)) for number in range(people)]
        for each in (alone, *among):
            call(database, [each])
        rounds = [(timed(lambda: call(database, [alone])), timed(lambda: call(database, [among[0]]))) for _ in range(5)]
        without, with_shares = (min(pair[side]["median"] for pair in rounds) for side in (0, 1))
        return f"{kind}, {people} people: {without} ms without, {with_shares} ms with, {with_shares / without:.2f}x"


def main(arguments: list[str]) -> int:
    run, kind, *more = arguments or ["shares", "sqlite"]
    if run == "cost":
        print(cost(kind, int(more[0]) if more else TEAM))
        return 0
    outcome = shares(kind, shared=run == "shares")
    print(HEAD, outcome.row(), sep="\n")
    return 0 if outcome.good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

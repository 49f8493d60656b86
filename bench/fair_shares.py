"""Twenty people share one limit over eight processes: what each of them is granted, and what sharing costs.

python -m bench.fair_shares shares sqlite         exactly the limit, and nobody below their share
python -m bench.fair_shares control sqlite        the same without shares: this must lock people out
python -m bench.fair_shares cost sqlite 20        milliseconds of a call, without shares and with

Everybody's requests come from all processes at once. In the morning twelve ask for as much as they get; then six come
who ask for their share; two never come. In the last tenth of the day all who came ask again.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path

from sqlalchemy import select

from bench.quota import ask as planned
from bench.quota import call
from bench.quota_torture import PROCESSES, Child, opened
from core.providers.limits import PlannedCall
from core.providers.shares import Sharer
from core.records import Limit, Model, Provider, Usage
from core.store.columns import to_us
from core.store.database import Database
from core.store.quota import ledger
from core.store.quota.grants import Hold
from core.store.quota.tables import meters
from tests.store import postgres

LIMIT, TEAM = 130, 20
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


class Phases:
    """Between the parent and its children: begins a phase in all of them, and waits until it has ended in all."""

    def __init__(self, number: int) -> None:
        self._begins = [os.pipe() for _ in range(number)]
        self._ends = os.pipe()

    def wait(self, phase: int) -> None:
        os.read(self._begins[phase][0], 1)

    def done(self) -> None:
        os.write(self._ends[1], b".")

    def run(self, phase: int) -> None:
        os.write(self._begins[phase][1], b"." * PROCESSES)
        for _ in range(PROCESSES):
            os.read(self._ends[0], 1)


def shares(kind: str, *, shared: bool) -> Outcome:
    """All processes ask what people wish, each its part of it, in an order of its own."""
    outcome = Outcome(kind, shared)
    wishes = [(MORNING, GREEDY * (SHARE + 3)), (MORNING, LATE * SHARE), (EVENING, [*GREEDY, *LATE] * 3)]
    phases = Phases(len(wishes))

    def work(database: Database, say: Callable[[str], None], number: int) -> None:
        for phase, (at, names) in enumerate(wishes):
            part = names[number::PROCESSES]
            random.Random(number).shuffle(part)
            phases.wait(phase)
            for name in part:
                ask_once(database, say, name, to_us(at))
            phases.done()

    def ask_once(database: Database, say: Callable[[str], None], name: str, at_us: int) -> None:
        planned_call = replace(ASK, sharer=Sharer(name, TEAM) if shared else None)
        (grant,) = ledger.reserve(database, name, [planned_call], now=lambda _: at_us).grants
        if isinstance(grant, Hold) and ledger.settle(database, grant.hold_id, usage=Usage(60, 40), now=lambda _: at_us):
            say(f"{name} ")

    with ExitStack() as stack:
        url = stack.enter_context(postgres.running()).new() if kind == "postgresql" else None
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        assert Child(url, folder, lambda database, say: say("ready")).rest() == "ready"
        children = [Child(url, folder, partial(work, number=number)) for number in range(PROCESSES)]
        for phase, (_, names) in enumerate(wishes):
            phases.run(phase)
            outcome.asked += len(names)
        for child in children:
            outcome.granted.update(child.rest().split())
        with opened(url, folder) as database, database.read() as connection:
            day = select(meters.c.used + meters.c.reserved).where(meters.c.unit == "requests")
            outcome.used = connection.execute(day).scalar_one()
    return outcome


def cost(kind: str, people: int) -> str:
    """Medians of reserving and settling one call with four windows; of CPU time in SQLite, which is this process."""
    clock = time.process_time if kind == "sqlite" else time.perf_counter
    with ExitStack() as stack:
        url = stack.enter_context(postgres.running()).new() if kind == "postgresql" else None
        database = stack.enter_context(opened(url, Path(stack.enter_context(tempfile.TemporaryDirectory()))))
        alone = planned(0)
        among = [replace(planned(1), sharer=Sharer(f"p{number}", people)) for number in range(people)]
        for each in (alone, *among):
            call(database, [each])
        times: dict[bool, list[float]] = {False: [], True: []}
        for _ in range(400):
            for shared, each in ((False, alone), (True, among[0])):
                began = clock()
                call(database, [each])
                times[shared].append((clock() - began) * 1000)
        without, with_shares = statistics.median(times[False]), statistics.median(times[True])
        ratio = with_shares / without
        return f"{kind}, {people} people: {without:.2f} ms without, {with_shares:.2f} ms with, {ratio:.2f} times"


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

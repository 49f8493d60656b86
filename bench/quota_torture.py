"""Reserve from many processes at once, and kill them in the middle: what is granted, what leaks, what is over.

python -m bench.quota_torture grants sqlite 10000       8 processes reserve: exactly the limit is granted
python -m bench.quota_torture control sqlite 10000      the same by read-then-write: this must grant too much
python -m bench.quota_torture kills sqlite 1000         processes are killed between reserve, sending and settle
python -m bench.quota_torture leaks sqlite 100          the same without holds: this must leak
python -m bench.quota_torture                           all of them on both databases, as a Markdown table
"""

from __future__ import annotations

import os
import random
import select as readiness
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Connection, func, select, update

from core.providers.limits import PlannedCall, meters_of
from core.records import Limit, Model, Provider, Usage
from core.store.database import Database
from core.store.opening import open_database
from core.store.quota import ledger
from core.store.quota import meters as counters
from core.store.quota.grants import DoesNotFit, Hold
from core.store.quota.tables import holds, meters
from tests.store import postgres

PROCESSES = 8
SHARE = Decimal("0.3")  # of the reservations that the limit allows
TOKENS = 100
MOST_S = 0.03  # after its first word a child lives at most that long


@dataclass
class Count:
    """The result of one run; `good` judges it by the run's purpose."""

    run: str
    kind: str
    attempts: int
    limit: int
    granted: int = 0
    used: int = 0
    reserved: int = 0
    holds: int = 0
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        over = self.granted > self.limit or self.used + self.reserved > self.limit
        leaked = self.reserved > 0 or self.holds > 0
        match self.run:
            case "grants":
                return self.granted == min(self.limit, self.attempts) == self.used and not leaked
            case "control":
                return over
            case "leaks":
                return leaked
        return not over and not leaked and self.granted <= self.used  # granted: settled and acknowledged

    def row(self) -> str:
        cells = (self.run, self.kind, self.attempts, self.limit, self.granted, self.used, self.reserved, self.holds)
        verdict = "as it must" if self.good else "NOT AS IT MUST"
        return "| " + " | ".join(map(str, cells)) + f" | {self.seconds:.1f} | {verdict} |"


HEAD = (
    "| run | database | reservations or kills | limit | granted or settled | used | still reserved | holds left | s "
    "| verdict |\n"
    "|---|---|---|---|---|---|---|---|---|---|"
)


def ask(limit: int) -> PlannedCall:
    limits = (
        Limit("account", "requests", "once", Decimal(limit)),
        Limit("model", "requests", "day", Decimal(10) ** 6),
        Limit("model", "tokens", "once", Decimal(limit * TOKENS)),
    )
    provider = Provider("acme", "Acme", "openai", "https://acme.example/v1", limits=limits)
    return PlannedCall(provider, Model("acme/small", "small", "acme"), "k1", input_tokens=60, output_tokens=TOKENS - 60)


def grants(count: Count, url: str | None, folder: Path) -> None:
    """Each process reserves its share and settles what it got."""

    def work(database: Database, say: Callable[[str], None], share: int) -> None:
        planned, got = ask(count.limit), 0
        for _ in range(share):
            for grant in ledger.reserve(database, "torture", [planned]).grants:
                if isinstance(grant, Hold):
                    got += ledger.settle(database, grant.hold_id, usage=Usage(60, 40))
                else:
                    assert isinstance(grant, DoesNotFit), grant
        say(f"{got}\n")

    share = count.attempts // PROCESSES
    children = [Child(url, folder, lambda database, say: work(database, say, share)) for _ in range(PROCESSES)]
    count.granted = sum(int(child.rest()) for child in children)


def control(count: Count, url: str | None, folder: Path) -> None:
    """The failing control: look what is left, then take it."""

    def work(database: Database, say: Callable[[str], None], share: int) -> None:
        meter = meters_of(ask(count.limit).provider, "small", "k1")[0].id
        got = 0
        for _ in range(share):
            with database.read() as connection:
                used = connection.execute(select(meters.c.used).where(meters.c.id == meter)).scalar_one()
            time.sleep(0.001)  # a busy machine would else let each process do its share in one go
            if used < count.limit:
                with database.write(durable=False) as connection:
                    connection.execute(update(meters).where(meters.c.id == meter).values(used=meters.c.used + 1))
                got += 1
        say(f"{got}\n")

    share = count.attempts // PROCESSES
    children = [Child(url, folder, lambda database, say: work(database, say, share)) for _ in range(PROCESSES)]
    count.granted = sum(int(child.rest()) for child in children)


def kills(count: Count, url: str | None, folder: Path) -> None:
    """Four at a time reserve, send and settle until they are killed; then time passes and what they held expires."""

    def work(database: Database, say: Callable[[str], None]) -> None:
        planned = ask(count.limit)
        for number in range(1_000_000):
            if count.run == "leaks":
                with database.write(durable=False) as connection:
                    for meter in meters_of(planned.provider, "small", "k1"):
                        counters.take(connection, meter, 1, counters.now_us(connection), insist=False, exists=True)
                say("r")
                continue
            grant = ledger.reserve(database, "torture", [planned]).grants[0]
            say("r")
            if isinstance(grant, Hold) and number % 3:
                ledger.sending(database, grant.hold_id, 60)
                sent = number % 5 > 0
                if ledger.settle(database, grant.hold_id, sent=sent, usage=Usage(60, 40)) and sent:
                    say("s")

    for wave in range(count.attempts // 4):
        children = [Child(url, folder, work) for _ in range(4)]
        for child in children:
            child.wait()
        for child in children:
            time.sleep(random.random() * MOST_S / 4)
            count.granted += child.kill().count("s")
        if wave % 10 == 9 and count.run == "kills":
            Child(url, folder, expire_all).rest()
    if count.run == "kills":
        Child(url, folder, expire_all).rest()


def expire_all(database: Database, say: Callable[[str], None]) -> None:
    """As if an hour had passed: what was sent counts in full, what was not is given back."""
    while ledger.expire(database, now=in_an_hour):
        say("e")


def in_an_hour(connection: Connection) -> int:
    return counters.now_us(connection) + 3_600_000_000


class Child:
    """A process of its own that works on the database and says so in a pipe."""

    def __init__(self, url: str | None, folder: Path, work: Callable[[Database, Callable[[str], None]], None]) -> None:
        self._ears, mouth = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._ears)
            code = 1
            try:
                work(open_database(url, folder), lambda words: _say(mouth, words))
                code = 0
            finally:
                os._exit(code)
        os.close(mouth)

    def wait(self) -> None:
        readiness.select([self._ears], [], [], 20)

    def kill(self) -> str:
        os.kill(self.pid, signal.SIGKILL)
        return self.rest()

    def rest(self) -> str:
        output = b""
        while piece := os.read(self._ears, 65536):
            output += piece
        os.close(self._ears)
        os.waitpid(self.pid, 0)
        return output.decode()


def _say(mouth: int, words: str) -> None:
    os.write(mouth, words.encode())


RUNS = {"grants": grants, "control": control, "kills": kills, "leaks": kills}


def run(name: str, kind: str, attempts: int) -> Count:
    with ExitStack() as stack:
        url = stack.enter_context(postgres.running()).new() if kind == "postgresql" else None
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        # Kills need a limit that what they settle can reach: a child lives for a few calls.
        limit = int(attempts * SHARE) if name in ("grants", "control") else attempts * (4 if kind == "sqlite" else 1)
        count = Count(name, kind, attempts, limit)
        prepare(url, folder, count.limit)
        began = time.monotonic()
        RUNS[name](count, url, folder)
        count.seconds = time.monotonic() - began
        measure(count, url, folder)
    return count


def prepare(url: str | None, folder: Path, limit: int) -> None:
    """Make the database and its meters in a child, so that this process forks without connections or threads."""

    def work(database: Database, say: Callable[[str], None]) -> None:
        grant = ledger.reserve(database, "torture", [ask(limit)]).grants[0]
        assert isinstance(grant, Hold)
        ledger.settle(database, grant.hold_id, sent=False)
        say("ready")

    assert Child(url, folder, work).rest() == "ready"


def measure(count: Count, url: str | None, folder: Path) -> None:
    with opened(url, folder) as database, database.read() as connection:
        once = select(meters).where(meters.c.per == "once", meters.c.unit == "requests")
        row = connection.execute(once).one()
        count.used, count.reserved = row.used, connection.execute(select(func.sum(meters.c.reserved))).scalar_one()
        count.holds = connection.execute(select(func.count()).select_from(holds)).scalar_one()


@contextmanager
def opened(url: str | None, folder: Path) -> Iterator[Database]:
    database = open_database(url, folder)
    try:
        yield database
    finally:
        database.close()


def main(arguments: list[str]) -> int:
    kinds = ("sqlite", "postgresql")
    wanted = [(arguments[0], arguments[1], int(arguments[2]))] if arguments else [
        *(("grants", kind, 10_000) for kind in kinds),
        *(("control", kind, 10_000) for kind in kinds),
        *(("kills", kind, 1_000) for kind in kinds),
        *(("leaks", kind, 40) for kind in kinds),
    ]  # fmt: skip
    print(HEAD, flush=True)
    good = True
    for name, kind, attempts in wanted:
        count = run(name, kind, attempts)
        print(count.row(), flush=True)
        good = good and count.good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

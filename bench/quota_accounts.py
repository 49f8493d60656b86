"""Compare the ledger with the provider's own books, call by call: `python -m bench.quota_accounts [5000] [sqlite]`.

Questions go over real HTTP to the simulator, which answers some with 429, 503 and cut streams; a fifth are stopped in
mid-answer. Each reply names its call (x-request-id). When an attempt is settled, what the ledger's meter grew by is
read from the database and put beside what the simulator noted of that very call. Printed: a row for each way in which
an attempt can end, with both sums and how many of its calls agree exactly.

`control` as third word adds a token to every fiftieth usage before it is settled: this must be found.
"""

from __future__ import annotations

import dataclasses
import json
import sys
import tempfile
import threading
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import func, select

from core.assemble import build
from core.errors import LLMError
from core.net.loop import BackgroundLoop
from core.net.retry import Policy
from core.options import load
from core.records import Usage
from core.simulator.server import SimulatorServer
from core.store.opening import open_database
from core.store.quota.tables import holds, meters
from core.workspace import Workspace
from core.workspace.admitted_attempt import AdmittedAttempt
from tests.store import postgres

AT_ONCE = 8
SPEED = 60.0
STOPPED = 0.2
MODELS = ("quick", "steady", "thinker", "flaky")
ME = "accounts"
DAY = '{{ pool = "account", unit = "{unit}", per = "day", amount = 1000000000 }}'
TABLE = """\
[acme]
label = "Acme"
wire = "openai"
base_url = "{url}/v1"
key_names = ["ACME_KEY"]
models = [{models}]
limits = [{requests}, {tokens}]
"""


@dataclass(frozen=True)
class InputLimits:
    """One settled attempt: which call of the provider it was, how it ended, what the ledger charged for it."""

    call_id: str
    ended: str
    requests: int
    tokens: int


@dataclass
class Books:
    """A log of what the ledger did."""

    spoil: bool = False
    entries: list[InputLimits] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def watch(self, workspace: Workspace) -> None:
        """Note each settlement with what the meters of its key grew by. Every question has a key of its own."""
        end, books = AdmittedAttempt.end, self

        def noted(
            admission: AdmittedAttempt, error: LLMError | None, usage: Usage | None, cost_usd: Decimal | None
        ) -> None:
            head = admission._head[0] if admission._head else None
            if books.spoil and usage and usage.output_tokens and len(books.entries) % 50 == 0:
                usage = dataclasses.replace(usage, output_tokens=usage.output_tokens + 1)
            before = grown(workspace, admission._ask.key_hash)
            end(admission, error, usage, cost_usd)
            after = grown(workspace, admission._ask.key_hash)
            entry = InputLimits(
                head.headers.get("x-request-id", "") if head else "",
                how(error, usage, head is not None),
                after["requests"] - before["requests"],
                after["tokens"] - before["tokens"],
            )
            with books.lock:
                books.entries.append(entry)

        AdmittedAttempt.end = noted  # type: ignore[assignment, method-assign]


def how(error: LLMError | None, usage: Usage | None, answered: bool) -> str:
    """The way in which an attempt ended, as far as its tokens are concerned."""
    if error is not None and not error.sent:
        return "never sent"
    if usage is not None and usage.output_tokens is not None and not usage.estimated:
        return "usage delivered"
    if not answered:
        return "gone before the head of the reply"
    if usage is not None and usage.output_tokens is not None:
        return "cut or stopped before its usage: our estimate"
    if error is not None and error.kind in ("rate_limited", "overloaded"):
        return "refused: no tokens"
    return "no usage and no text: what was held"


def grown(workspace: Workspace, key_hash: str) -> dict[str, int]:
    query = select(meters.c.unit, func.sum(meters.c.total)).where(meters.c.key_hash == key_hash, meters.c.per == "day")
    with workspace.database.read() as connection:
        usage = {unit: int(total) for unit, total in connection.execute(query.group_by(meters.c.unit))}
    return {"requests": 0, "tokens": 0, **usage}


@contextmanager
def served() -> Iterator[tuple[str, SimulatorServer]]:
    loop, server = BackgroundLoop(), SimulatorServer(seed=3, speed=SPEED)
    server.calls._calls = server.calls._calls.__class__(maxlen=1_000_000)
    runner, port = loop.run(server.listen()).result(10)
    yield f"http://127.0.0.1:{port}", server
    loop.run(runner.cleanup()).result(10)


def workspace_for(folder: Path, url: str, database_url: str | None) -> Workspace:
    models = ", ".join(f'{{ name = "{name}", size = "small", window_tokens = 32000 }}' for name in MODELS)
    (folder / ".streamlit").mkdir()
    limits = {unit: DAY.format(unit=unit) for unit in ("requests", "tokens")}
    (folder / ".streamlit" / "providers.toml").write_text(TABLE.format(url=url, models=models, **limits))

    async def at_once(_: float) -> None:
        return

    policy = Policy(chance=Random(1), sleep=lambda _: None, sleep_async=at_once)
    engine = build(load(environ={}, folder=folder), folder=folder, policy=policy)
    return Workspace(engine, open_database(database_url, folder / "data"))


def ask_all(workspace: Workspace, questions: int) -> None:
    chance, waiting = Random(5), list[tuple[str, bool]]()
    for number in range(questions):
        name = f"r{number}"
        keys = {"acme": f"acme-{number:06}-0123456789abcdef"}
        workspace.of(ME, keys).chats.ask(name, f"Question {number}", f"acme/{MODELS[number % len(MODELS)]}")
        waiting.append((name, chance.random() < STOPPED))
        if len(waiting) == AT_ONCE or number == questions - 1:
            for name, stops in waiting:
                finish(workspace, name, stops)
            waiting.clear()


def finish(workspace: Workspace, name: str, stops: bool) -> None:
    while not (progress := workspace.of(ME).chats.progress(name)).completion:
        if stops and (progress.text or progress.reasoning):
            workspace.of(ME).chats.stop(name)
            return
        time.sleep(0.003)


def is_settled(workspace: Workspace) -> bool:
    with workspace.database.read() as connection:
        return connection.execute(select(func.count()).select_from(holds)).scalar_one() == 0


def compare(entries: list[InputLimits], calls: dict[str, Any]) -> list[tuple[str, int, int, int, int]]:
    """(way, calls, the provider's tokens, the ledger's, calls that agree exactly)."""
    rows: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for entry in entries:
        call = calls.get(entry.call_id, {"input_tokens": 0, "output_tokens": 0, "outcome": ""})
        simulator_tokens = 0 if call["outcome"] == "fault" else call["input_tokens"] + call["output_tokens"]
        row = rows[entry.ended]
        for place, value in enumerate((1, simulator_tokens, entry.tokens, simulator_tokens == entry.tokens)):
            row[place] += int(value)
    return [(ended, *numbers) for ended, numbers in sorted(rows.items())]  # type: ignore[misc]


def main(questions: int, kind: str, spoil: bool) -> int:
    with ExitStack() as stack:
        database_url = stack.enter_context(postgres.running()).new() if kind == "postgresql" else None
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url, _server = stack.enter_context(served())
        workspace = workspace_for(folder, url, database_url)
        books = Books(spoil)
        books.watch(workspace)
        began = time.monotonic()
        ask_all(workspace, questions)
        while not is_settled(workspace):
            time.sleep(0.05)
        seconds = time.monotonic() - began
        with urllib.request.urlopen(f"{url}/_simulator/calls", timeout=60) as reply:
            report = json.load(reply)
        rows = compare(books.entries, {call["id"]: call for call in report["calls"]})
        good = verdict(rows, books.entries, report, questions, seconds)
        workspace.database.close()
    return 0 if good != spoil else 1


def verdict(
    rows: list[tuple[str, int, int, int, int]], entries: list[InputLimits], report: Any, questions: int, seconds: float
) -> bool:
    print(f"{questions} questions in {seconds:.0f} s; the simulator's outcomes: {report['counts']}\n")
    print("| how the attempt ended | calls | tokens by the simulator | by the ledger | calls that agree exactly |")
    print("|---|---:|---:|---:|---:|")
    for ended, number, simulator_units, ledger_units, agree in rows:
        print(f"| {ended} | {number:,} | {simulator_units:,} | {ledger_units:,} | {agree:,} |")
    requests, seen = sum(entry.requests for entry in entries), report["counts"]["requests"]
    print(f"\nrequests: {requests:,} by the ledger, {seen:,} by the simulator")
    named = [entry.call_id for entry in entries if entry.call_id]
    surely = [row for row in rows if row[0] in ("usage delivered", "refused: no tokens")]
    exact = bool(surely) and all(number == agree for _, number, _, _, agree in surely)
    good = exact and requests == seen and len(named) == len(set(named))
    print("as it must" if good else "NOT AS IT MUST")
    return good


if __name__ == "__main__":
    words = sys.argv[1:]
    sys.exit(main(int(words[0]) if words else 5000, words[1] if len(words) > 1 else "sqlite", "control" in words))

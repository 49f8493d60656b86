"""Kill the store in the middle of its work, again and again, and count what was lost.

python -m bench.torture sqlite 1000      a child acknowledges questions, parts and answers and is killed (SIGKILL)
python -m bench.torture postgresql 200   the same against a real PostgreSQL
python -m bench.torture stops 15         PostgreSQL itself is stopped hard while four threads write
python -m bench.torture control 20       the acknowledgement comes before the commit: this must lose something
python -m bench.torture                  all of them, as a Markdown table
"""

from __future__ import annotations

import os
import random
import select as readiness
import signal
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select

from core.records import Completion, Finish, Timing
from core.store import running, turns
from core.store.database import Database
from core.store.opening import FILE, open_database
from core.store.rows import derived
from core.store.tables import jobs, messages
from tests.store import postgres

OWNER = "torture"
MOST_S = 0.03  # after the first acknowledgement a child lives at most that long


@dataclass
class Count:
    """What a run acknowledged, and what was found wrong afterwards."""

    name: str
    kills: int = 0
    questions: dict[str, str] = field(default_factory=dict)  # request id -> message id
    parts: dict[str, int] = field(default_factory=dict)  # request id -> characters
    answers: set[str] = field(default_factory=set)
    lost: int = 0
    duplicates: int = 0
    running: int = 0
    interrupted: int = 0
    sound: bool = True

    @property
    def good(self) -> bool:
        return not (self.lost or self.duplicates or self.running) and self.sound

    def row(self) -> str:
        acknowledged = f"{len(self.questions)} | {len(self.parts)} | {len(self.answers)}"
        sound = "yes" if self.sound else "NO"
        return (
            f"| {self.name} | {self.kills} | {acknowledged} | {self.lost} | {self.duplicates} | {self.running} | "
            f"{self.interrupted} | {sound} |"
        )


HEAD = (
    "| run | kills | questions | parts | answers | lost | duplicates | still running | interrupted | sound |\n"
    "|---|---|---|---|---|---|---|---|---|---|"
)


def answer(text: str) -> Completion:
    return Completion("sim/quick", text, "", None, Finish("stop"), Timing(datetime.now(UTC)))


def work(database: Database, tell: Callable[[str], None], first: str | None, seed: int, *, early: bool) -> None:
    """Ask and answer until killed. `early` is the control: it tells before it commits, as if the call came first."""
    chance = random.Random(seed)
    process = running.process_name()
    running.at_start(database, process)
    number = 0
    while True:
        request = first if first and not number else f"{seed}-{number}"
        number += 1
        tell(f"try {request}")
        if early:
            tell(f"asked {request} {derived(OWNER, request, 'question')}")
            time.sleep(0.004)
        begun = turns.begin(database, OWNER, turns.NewTurn(request, request), owner_process=process)
        if not early:
            tell(f"asked {request} {begun.user_message_id}")
        if not begun.fresh:  # somebody else's answer: the one that the kill interrupted
            continue
        size = 0
        for _ in range(chance.randrange(1, 4)):
            size += chance.randrange(1, 2000)
            if running.checkpoint(database, [running.AnswerCheckpoint(OWNER, request, "x" * size)]):
                tell(f"part {request} {size}")
        turns.finish(database, OWNER, request, answer("x" * size))
        tell(f"answered {request}")


def kill_once(url: str | None, folder: Path, count: Count, first: str | None, seed: int, *, early: bool) -> str | None:
    """Let a child work and kill it; the request that it had begun and not yet acknowledged, for the next one."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.close(read)
        try:
            database = open_database(url, folder)
            work(database, lambda line: void(os.write(write, f"{line}\n".encode())), first, seed, early=early)
        finally:
            os._exit(1)
    os.close(write)
    heard = hear(read, child, random.Random(seed).random() * MOST_S)
    os.waitpid(child, 0)
    os.close(read)
    return note(count, heard)


def void(_: object) -> None:
    return None


def hear(pipe: int, child: int, lives_s: float) -> str:
    """What the child told, up to its last word, the kill included."""
    heard, deadline, killed = b"", time.monotonic() + 30.0, False
    while True:
        now = time.monotonic()
        if now >= deadline and not killed:
            os.kill(child, signal.SIGKILL)
            killed = True
        ready, _, _ = readiness.select([pipe], [], [], None if killed else max(0.0, deadline - now))
        if not ready:
            continue
        piece = os.read(pipe, 65536)
        if not piece:
            return heard.decode()
        if b"asked" not in heard and b"asked" in heard + piece:
            deadline = time.monotonic() + lives_s
        heard += piece


def note(count: Count, heard: str) -> str | None:
    count.kills += 1
    open_request = None
    for line in heard.split("\n")[:-1]:
        word, request, *rest = line.split()
        if word == "try":
            open_request = request
        elif word == "asked":
            count.questions[request] = rest[0]
            open_request = None
        elif word == "part":
            count.parts[request] = int(rest[0])
        else:
            count.answers.add(request)
    return open_request


def judge(database: Database, count: Count) -> Count:
    """Compare what was acknowledged with what is there. Nothing runs any more, so every job must have ended."""
    database.flush()
    running.at_start(database, running.process_name())
    with database.read() as connection:
        message_rows = connection.execute(
            select(messages.c.id, messages.c.text, messages.c.role, messages.c.state)
        ).all()
        rows = connection.execute(select(jobs.c.request_id, jobs.c.message_id, jobs.c.state)).all()
        count.running = connection.execute(select(func.count()).where(jobs.c.state == "running")).scalar_one()
    by_id = {row.id: row for row in message_rows}
    job_of = {row.request_id: row for row in rows}
    count.interrupted = sum(row.state == "interrupted" for row in rows)
    questions = Counter(row.text for row in message_rows if row.role == "user")
    count.duplicates = sum(n - 1 for n in questions.values()) + len(message_rows) - 2 * len(rows)
    answers = {request: by_id[job.message_id] for request, job in job_of.items()}
    lost = [
        f"question {request}"
        for request, message_id in count.questions.items()
        if message_id not in by_id or request not in job_of
    ]
    lost += [f"answer {request}" for request in count.answers & answers.keys() if answers[request].state != "done"]
    lost += [f"part {r}" for r, size in count.parts.items() if r in answers and len(answers[r].text) < size]
    count.lost = len(lost)
    if lost:
        print(f"{count.name}: lost", *lost, file=sys.stderr)
    return count


def kills(name: str, url: str | None, folder: Path, times: int, *, early: bool = False) -> Count:
    """So many kills of a child on one database."""
    count, pending = Count(name), None
    open_database(url, folder).close()
    for seed in range(times):
        pending = kill_once(url, folder, count, pending, seed, early=early)
    database = open_database(url, folder)
    judge(database, count)
    database.close()
    if url is None:
        with closing(sqlite3.connect(folder / FILE)) as connection:
            count.sound = connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    return count


def stops(name: str, server: postgres.Server, folder: Path, times: int) -> Count:
    """So many hard stops of the server while four threads ask and answer; what is kept aside counts as acknowledged."""
    count = Count(name)
    database = open_database(server.new(), folder)
    over, lock = threading.Event(), threading.Lock()

    def load(worker: int) -> None:
        process, number = running.process_name(), 0
        while not over.is_set():
            request, number = f"{worker}-{number}", number + 1
            begun = turns.begin(database, OWNER, turns.NewTurn(request, request), owner_process=process)
            running.checkpoint(database, [running.AnswerCheckpoint(OWNER, request, "x")])
            turns.finish(database, OWNER, request, answer("xx"))
            with lock:
                count.questions[request] = begun.user_message_id or ""
                count.answers.add(request)
            time.sleep(0.002)

    workers = [threading.Thread(target=load, args=(n,)) for n in range(4)]
    for worker in workers:
        worker.start()
    for _ in range(times):
        time.sleep(0.5)
        server.kill()
        count.kills += 1
        time.sleep(0.2)
        server.start()
        database.flush()
    over.set()
    for worker in workers:
        worker.join()
    wait_until(database.flush)
    judge(database, count)
    database.close()
    return count


def wait_until(true: Callable[[], bool], most_s: float = 30.0) -> None:
    deadline = time.monotonic() + most_s
    while not true() and time.monotonic() < deadline:
        time.sleep(0.1)


@contextmanager
def temporary() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="rt-torture-") as name:
        yield Path(name)


def run(kind: str, times: int) -> Count:
    """One of the runs, in a folder of its own."""
    with temporary() as folder:
        if kind == "sqlite":
            return kills("kill -9, SQLite", None, folder, times)
        if kind == "control":
            return kills("control: commit after the call", None, folder, times, early=True)
        with postgres.running() as server:
            if kind == "postgresql":
                return kills("kill -9, PostgreSQL", server.new(), folder, times)
            return stops("hard stop of PostgreSQL", server, folder, times)


PLAN = {"sqlite": 1000, "postgresql": 200, "stops": 15, "control": 50}


def main(arguments: list[str]) -> int:
    plan = {arguments[0]: int(arguments[1]) if len(arguments) > 1 else PLAN[arguments[0]]} if arguments else PLAN
    failed = False
    print(HEAD, flush=True)
    for kind, times in plan.items():
        count = run(kind, times)
        print(count.row(), flush=True)
        failed |= count.good if kind == "control" else not count.good
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

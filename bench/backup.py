"""Export and import of large histories: time, peak memory, and how long another's write waits meanwhile.

`python -m bench.backup [MESSAGES ...]` (50,000 without) and `DATABASE_URL=postgresql://... python -m bench.backup`. Ten
messages a conversation, every fifth entry a comparison of two models. Each act runs in a fresh process.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.process import ROOT
from core.records import Completion, Finish, Timing, Usage
from core.store import completion as codec
from core.store import turns
from core.store.database import Database
from core.store.imports.load import load_file
from core.store.opening import open_database
from core.store.portable import ours
from core.store.portable.export import export

OWNER, OTHER = "0" * 32, "1" * 32
START = datetime(2023, 1, 1, tzinfo=UTC)
TEXT = """the of model a layer data and with token weights to answer is rate test code limit for provider function cache
window gradient learning 机器学习 模型 数据 训练 stream prompt batch index query router vector"""
WORDS = TEXT.split()


def talk(number: int, kind: str, messages: int, dice: random.Random) -> dict[str, Any]:
    """As in our own JSON."""
    at = START + timedelta(minutes=10 * number)
    timing = Timing(at, 300.0, 300.0, 1500.0, 1510.0, 0.0, 120)
    turns: list[dict[str, Any]] = []
    for n in range(messages):
        text = " ".join(dice.choices(WORDS, k=dice.randrange(8, 40) if n % 2 == 0 else dice.randrange(40, 220)))
        row = {
            "id": f"{kind[0]}{number}-{n}",
            "parent_id": turns[-1]["id"] if turns else None,
            "role": "assistant" if n % 2 else "user",
            "text": text,
            "created_at": (at + timedelta(seconds=n)).isoformat(),
        }
        if n % 2:
            done = Completion("sim/quick", text, "", Usage(50, 120), Finish("stop", "stop"), timing)
            row |= {"model_id": "sim/quick", "completion": codec.encode(done)}
        turns.append(row)
    times = {"created_at": at.isoformat(), "updated_at": at.isoformat()}
    return {"id": f"{kind[0]}{number}", "kind": kind, "title": f"Talk {number}", **times, "messages": turns}


def talks(messages: int) -> Iterator[dict[str, Any]]:
    dice = random.Random(messages)
    for number in range(messages // 10):
        if number % 5:
            yield talk(number, "chat", 10, dice)
            continue
        lanes = [f"l{number * 2 + lane}" for lane in range(2)]
        run = talk(number, "comparison", 0, dice)
        yield run | {"options": {}, "lanes": [{"conversation_id": name, "model_id": "sim/quick"} for name in lanes]}
        for lane in range(2):
            yield talk(number * 2 + lane, "lane", 5, dice)


def write(path: Path, messages: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(json.dumps({"format": ours.FORMAT, "version": ours.VERSION})[:-1] + ', "conversations": [')
        for number, each in enumerate(talks(messages)):
            file.write((",\n" if number else "\n") + json.dumps(each, ensure_ascii=False))
        file.write("]}")


def opened(folder: Path) -> Database:
    return open_database(os.environ.get("DATABASE_URL"), folder)


def peak_mb() -> float:
    """Of this process alone: what `getrusage` tells is at first that of the process which started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


class Writer(threading.Thread):
    """Another user, who asks a question ten times a second; `waits` are the seconds until it was stored."""

    def __init__(self, database: Database) -> None:
        super().__init__(daemon=True)
        self.waits: list[float] = []
        self.spooled = 0
        self.over = threading.Event()
        self._database = database

    def run(self) -> None:
        while not self.over.wait(0.1):
            began = time.perf_counter()
            begun = turns.begin(
                self._database, OTHER, turns.NewTurn(f"w{len(self.waits)}", "A question"), owner_process="bench"
            )
            self.waits.append(time.perf_counter() - began)
            self.spooled += not begun.saved


def act(operation: str, folder: Path, path: Path, owner: str = OWNER) -> dict[str, Any]:
    """One act with another's writes beside it."""
    database = opened(folder)
    before = peak_mb()
    writer = Writer(database)
    writer.start()
    began = time.perf_counter()
    if operation == "export":
        number = 0
        with path.open("w", encoding="utf-8") as file:
            for piece in export(database, owner, "json"):
                file.write(piece)
                number += piece.count('"role":')
        result: dict[str, Any] = {"mb": round(path.stat().st_size / 1e6), "messages": number}
    else:
        done = load_file(database, owner, path)
        result = {"conversations": done.conversations, "messages": done.messages, "known": done.known}
    result["s"] = round(time.perf_counter() - began, 2)
    writer.over.set()
    writer.join(10)
    database.close()
    waits = {"worst_wait_s": round(max(writer.waits), 3), "p50_wait_s": round(statistics.median(writer.waits), 4)}
    wal = folder / "roundtable.db-wal"
    return {
        **result,
        **waits,
        "writes": len(writer.waits),
        "spooled": writer.spooled,
        "peak_mb": round(peak_mb()),
        "before_mb": round(before),
        "wal_mb": round(wal.stat().st_size / 1e6, 1) if wal.exists() else 0,
    }


def main(sizes: list[int]) -> None:
    print(
        "| messages | act | s | peak MB | another's write waits, worst s | spooled | |\n|---|---|---|---|---|---|---|"
    )
    for messages in sizes:
        folder = Path(tempfile.mkdtemp(prefix="rt-backup-"))
        try:
            source, copy = folder / "source.json", folder / "copy.json"
            write(source, messages)
            acts = (
                ("import", "one", source),
                ("import", "one", source),
                ("export", "one", copy),
                ("import", "two", copy),
            )
            for operation, place, path in acts:
                command = [sys.executable, "-m", "bench.backup", "--act", operation, str(folder / place), str(path)]
                done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
                run = json.loads(done.stdout.strip().splitlines()[-1])
                rest = {name: run[name] for name in run if name not in ("s", "peak_mb", "worst_wait_s", "spooled")}
                numbers = (run["s"], run["peak_mb"], run["worst_wait_s"], run["spooled"])
                print(
                    f"| {messages:,} | {operation} | {' | '.join(map(str, numbers))} | {json.dumps(rest)} |", flush=True
                )
        finally:
            shutil.rmtree(folder)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--act"]:
        print(json.dumps(act(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]), *sys.argv[5:])))
    else:
        main([int(size) for size in sys.argv[1:]] or [50_000])

"""A person's own questions to a model among a million messages: `python -m bench.past_questions [MESSAGES]`, a Markdown
table. SQLite; one owner has three fifths of everything, twelve models share the answers; warm, the median of nine."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table, insert, text

from bench.world import MODELS, MOST, SMALL
from core.store import model_moves, past_questions
from core.store.database import Database
from core.store.opening import open_database
from core.store.tables import calls, conversations, jobs, messages

ROUNDS, PORTION, TURNS = 9, 200, 5
RARE = "groq/rare"
START = datetime(2026, 1, 1, tzinfo=UTC)
Row = dict[str, Any]


def conversation(n: int) -> Iterator[tuple[Table, Row]]:
    """Five turns with one model; every thousandth conversation, and the first, with a rare one."""
    owner = MOST if n % 5 < 3 else SMALL if n % 500 == 4 else f"other-{n % 100}"
    model_id = RARE if n % 1000 == 0 else MODELS[n % len(MODELS)]
    name, at = f"{n:032d}", START + timedelta(seconds=n)
    entry = {"id": name, "owner_id": owner, "kind": "chat", "title": "t", "title_by_person": False, "pinned": False}
    entry |= {"settings": {}, "model_id": model_id, "version": 1, "created_at": at, "updated_at": at}
    yield conversations, entry
    for turn in range(TURNS):
        question, answer, request = f"{name}q{turn}", f"{name}a{turn}", f"{name}r{turn}"
        row = {"conversation_id": name, "words": "", "state": "done", "created_at": at}
        parent = f"{name}a{turn - 1}" if turn else None
        text_row = {"id": question, "parent_id": parent, "role": "user", "text": "Explain tides " * 20}
        yield messages, {**row, **text_row, "depth": 2 * turn + 1, "model_id": None}
        text_row = {"id": answer, "parent_id": question, "role": "assistant", "text": "They come and go. " * 60}
        yield messages, {**row, **text_row, "depth": 2 * turn + 2, "model_id": model_id}
        job: Row = {"owner_id": owner, "request_id": request, "conversation_id": name, "user_message_id": question}
        job |= {"message_id": answer, "owner_process": "", "lease_until": 0, "state": "done", "text": ""}
        yield jobs, {**job, "reasoning": "", "created_at": at, "updated_at": 0}
        call = {"id": request, "at": at + timedelta(milliseconds=turn), "owner_id": owner, "provider_id": "groq"}
        call |= {"model_id": model_id, "n": 1, "outcome": "ok", "ms": 1.0, "estimated": False, "cached": False}
        yield calls, {**call, "request_id": request, "conversation_id": name}


def fill(database: Database, size: int) -> None:
    number = size // (2 * TURNS)
    for first in range(0, number, PORTION):
        rows = [pair for n in range(first, min(first + PORTION, number)) for pair in conversation(n)]
        with database.write(durable=False) as connection:
            for table in (conversations, messages, jobs, calls):
                connection.execute(insert(table).inline(), [row for of, row in rows if of is table])
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def acts(database: Database) -> dict[str, Callable[[], Any]]:
    model_id = MODELS[1]
    return {
        "models that were asked": lambda: past_questions.models(database, MOST),
        "questions to a common model, counted": lambda: past_questions.number(database, MOST, model_id),
        "the last 20, with what is above them": lambda: past_questions.newest(database, MOST, model_id, 20),
        "the last 100": lambda: past_questions.newest(database, MOST, model_id, 100),
        "the last 20 to a rare model": lambda: past_questions.newest(database, MOST, RARE, 20),
        "the last 20 of an owner with little": lambda: past_questions.newest(database, SMALL, model_id, 20),
        "what a move would change": lambda: model_moves.preview(database, MOST, model_id, "groq/new"),
        "a move and its undo": lambda: model_moves.undo(
            database, MOST, model_moves.move(database, MOST, f"m{time.time_ns()}", model_id, "groq/new").id
        ),
    }


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(None, Path(folder))
        fill(database, size)
        print(f"| {size:,} messages, SQLite | ms |\n|---|---|")
        for name, act in acts(database).items():
            act()
            times_ms = []
            for _ in range(ROUNDS):
                began = time.perf_counter()
                act()
                times_ms.append((time.perf_counter() - began) * 1000)
            print(f"| {name} | {statistics.median(times_ms):.1f} |", flush=True)
        database.close()


if __name__ == "__main__":
    main()

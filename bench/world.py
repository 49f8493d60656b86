"""Years of use, written in bulk: `python -m bench.world FOLDER MESSAGES [URL]` fills a database of ours, seeded.

For each million messages: 100,000 conversations (20,000 of them voted comparisons of three lanes, ten messages to a
chat), a million calls over three years, 20,000 kept answers, 100 batches of 100 rows. One owner has three fifths of it,
three have a tenth each, a hundred share the rest.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Table, insert, text

from bench.calls import rows as call_rows
from core.records import Completion, Finish, Timing, Usage
from core.store import completion as codec
from core.store.batches import tables as batching
from core.store.columns import to_us
from core.store.database import Database
from core.store.opening import open_database
from core.store.quota.tables import cached_answers
from core.store.round_tables import round_questions, rounds
from core.store.search import index_words
from core.store.tables import calls, conversations, lanes, messages, runs
from core.store.votes.tables import votes

MOST, SMALL = "be" * 16, "c0" * 16
OWNERS = (MOST, *(f"{n:02x}" * 16 for n in range(3)), SMALL, *(f"{n:04x}" * 8 for n in range(4096, 4195)))
SHARES = (60, *(10,) * 3, *(0.1,) * 100)
NOW = datetime.now(UTC).replace(microsecond=0)
DAYS = 3 * 365
MODELS = tuple(f"groq/model-{n}" for n in range(12))
LINE_UPS = tuple(MODELS[n : n + 3] for n in range(10))
TOPICS = ("code", "writing", "maths", "facts", "other")
VOCABULARY = tuple(
    f"{a}{b}{c}" for a in "bdfglmnprst" for b in ("an", "el", "ir", "ost", "um") for c in ("ed", "ing", "o", "y")
)
SAID = ("the model", "模型很好", "C++ and C#", "/usr/local/bin", "🎉", "$5", "for a sentence")
COMMON, RARE = (0.6, 0.3, 0.02, 0.02, 0.02, 0.02, 0.5), "zyzzyva 罕见"
POOL, BATCH = 1000, 5000
Row = dict[str, Any]


@dataclass(frozen=True)
class World:
    """An open database, how many messages were asked for, and entries of the owner with most to act on."""

    database: Database
    size: int
    chats: tuple[str, ...]
    comparisons: tuple[str, ...]
    batches: tuple[str, ...]


class Author:
    """Texts from a seeded pool, with their words in the index made once each."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._pools = {
            role: [self._text(length) for _ in range(POOL)] for role, length in (("user", 18), ("assistant", 90))
        }

    def text(self, role: str) -> tuple[str, str]:
        return self._chance.choice(self._pools[role])

    def _text(self, length: int) -> tuple[str, str]:
        words_drawn = [word for word, share in zip(SAID, COMMON, strict=True) if self._chance.random() < share]
        words = [*self._chance.choices(VOCABULARY, k=length), *words_drawn]
        self._chance.shuffle(words)
        made = f"{' '.join(words).capitalize()}."
        return made, index_words(made)


def fill(database: Database, size: int, seed: int = 7) -> World:
    """All of it, in transactions of some thousand rows each."""
    chance = random.Random(seed)
    rare_ids: dict[str, list[str]] = {"chat": [], "comparison": [], "batch": []}
    talk = _talks(chance, Author(chance), size, rare_ids)
    _keep(database, talk, (conversations, messages, runs, lanes, rounds, round_questions, votes))
    for owner, share in zip(OWNERS, SHARES, strict=True):
        of_owner = max(int(size * share / 100), 1)
        _keep(database, (("calls", row) for row, _ in call_rows(of_owner, owner, NOW, DAYS)), (calls,))
    _keep(database, _answers(chance, size // 50), (cached_answers,))
    _keep(
        database, _batches(chance, max(size // 10_000, 1), rare_ids), (batching.batches, batching.rows, batching.items)
    )
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    return World(database, size, *(tuple(rare_ids[kind]) for kind in ("chat", "comparison", "batch")))


def _keep(database: Database, rows: Iterable[tuple[str, Row]], tables: tuple[Table, ...]) -> None:
    """Rows in portions, each table's together, parents first."""
    stream = iter(rows)
    while portion := list(islice(stream, BATCH)):
        with database.write(durable=False) as connection:
            for table in tables:
                if table_rows := [row for name, row in portion if name == table.name]:
                    connection.execute(insert(table).inline(), table_rows)


def _talks(
    chance: random.Random, author: Author, size: int, rare_ids: dict[str, list[str]]
) -> Iterator[tuple[str, Row]]:
    """Conversations in the order of time; every fifth is a comparison; twenty hold rare words."""
    number = max(size // 10, 10)
    step, rare = timedelta(days=DAYS) / number, max(number // 20, 1)
    for n in range(number):
        owner = chance.choices(OWNERS, SHARES)[0]
        at = NOW - step * (number - n)
        make = _comparison if n % 5 == 4 else _chat
        if owner == MOST:
            rare_ids[make.__name__[1:]].append(f"{n:032d}")
        yield from make(chance, author, n, owner, at, RARE if n % rare == 0 else "")


def _chat(
    chance: random.Random, author: Author, n: int, owner: str, at: datetime, rare: str
) -> Iterator[tuple[str, Row]]:
    del chance
    yield from _conversation(author, f"{n:032d}", owner, "chat", at, 5, rare)


def _comparison(
    chance: random.Random, author: Author, n: int, owner: str, at: datetime, rare: str
) -> Iterator[tuple[str, Row]]:
    run_id, models = f"{n:032d}", chance.choice(LINE_UPS)
    yield "conversations", _entry(run_id, owner, "comparison", at, "", None)
    yield "runs", {"id": run_id, "options": {"prompt": "Which?", "blind": True, "revealed": True}}
    question = {"run_id": run_id, "number": 1, "request_id": f"q{n}", "prompt": "Which?", "follows": None}
    yield "rounds", {**question, "created_at": at}
    made = [(f"{n:030d}l{place}", model_id) for place, model_id in enumerate(models)]
    for place, (lane_id, model_id) in enumerate(made):
        yield from _conversation(author, lane_id, owner, "lane", at, 1, rare, model_id)
        yield "lanes", {"run_id": run_id, "position": place, "conversation_id": lane_id, "model_id": model_id}
        where = {"run_id": run_id, "number": 1, "conversation_id": lane_id}
        yield "round_questions", {**where, "question_id": f"{lane_id}m0"}
    outcome = chance.choices(("winner", "tie", "bad"), (80, 14, 6))[0]
    best = chance.choices(range(3), (5, 3, 2))[0] if outcome == "winner" else None
    vote = {"run_id": run_id, "turn": 1, "owner_id": owner, "outcome": outcome, "place": best, "lanes": made}
    yield "votes", {**vote, "blind": n % 2 == 0, "topic": chance.choice(TOPICS), "at": at}


def _conversation(
    author: Author, name: str, owner: str, kind: str, at: datetime, turns: int, rare: str, model_id: str = MODELS[0]
) -> Iterator[tuple[str, Row]]:
    yield "conversations", _entry(name, owner, kind, at, f"{name}m{2 * turns - 1}", model_id)
    for n in range(2 * turns):
        role = "assistant" if n % 2 else "user"
        text, words = author.text(role)
        if rare:
            text, words = f"{text} {rare}", index_words(f"{text} {rare}")
        row = {
            "id": f"{name}m{n}",
            "conversation_id": name,
            "parent_id": f"{name}m{n - 1}" if n else None,
            "depth": n + 1,
        }
        row |= {"role": role, "text": text, "words": words, "model_id": model_id if n % 2 else None, "state": "done"}
        yield "messages", {**row, "completion": COMPLETION if n % 2 else None, "created_at": at + timedelta(seconds=n)}


def _entry(name: str, owner: str, kind: str, at: datetime, leaf: str, model_id: str | None) -> Row:
    row = {"id": name, "owner_id": owner, "kind": kind, "title": f"Conversation {name.lstrip('0')}", "pinned": False}
    times = {"created_at": at, "updated_at": at, "deleted_at": None}
    return {
        **row,
        "title_by_person": False,
        "settings": {},
        "model_id": model_id,
        "leaf_id": leaf,
        "version": 1,
        **times,
    }


def _answers(chance: random.Random, number: int) -> Iterator[tuple[str, Row]]:
    for n in range(number):
        at_us = to_us(NOW) - n * 1_000_000
        row: Row = {
            "key": f"{chance.getrandbits(256):064x}",
            "owner_id": MOST,
            "model_id": MODELS[0],
            "question": f"question {n}",
        }
        row |= {"value": {"text": "word " * 100, "completion": COMPLETION}, "size_bytes": 900, "hits": 0, "tokens": 300}
        yield "cached_answers", {**row, "pico_usd": 0, "made_us": at_us, "used_us": at_us}


def _batches(chance: random.Random, number: int, rare_ids: dict[str, list[str]]) -> Iterator[tuple[str, Row]]:
    for n in range(number):
        name, at = f"{n:032d}", NOW - timedelta(hours=n)
        rare_ids["batch"].append(name)
        row: Row = {"id": name, "owner_id": MOST, "name": f"Batch {n}", "state": "done", "why": "", "system": ""}
        row |= {"model_ids": MODELS[:2], "settings": {}, "rule": None, "when_spent": "wait", "pasted": []}
        row |= {"rows": 100, "items": 200, "done": 200, "failed": 0, "skipped": 0, "rests": {}}
        row |= {"owner_process": "", "lease_until": 0}
        yield "batches", {**row, "created_at": at, "started_at": at, "ended_at": at}
        for place in range(100):
            yield "batch_rows", {"batch_id": name, "n": place, "prompt": f"Prompt {place}", "expected": None}
        for place, m in ((place, m) for place in range(100) for m in range(2)):
            item: Row = {"batch_id": name, "place": m, "n": place, "state": "done", "again": 0, "tries": 1}
            item |= {"ttft_ms": 300.0, "total_ms": chance.uniform(500, 900), "input_tokens": 9, "output_tokens": 90}
            item |= {
                "estimated": False,
                "cost_usd": None,
                "finish": "stop",
                "error_kind": "",
                "error": "",
                "ended_at": at,
            }
            yield "batch_items", {**item, "text": "An answer."}


COMPLETION = codec.encode(
    Completion(
        MODELS[0], "", "", Usage(50, 120), Finish("stop", "stop"), Timing(NOW, 300.0, 300.0, 1500.0, 1510.0, 0.0, 120)
    )
)


def main(folder: str, size: str, url: str | None = None) -> None:
    began, opened = time.perf_counter(), open_database(url, Path(folder))
    fill(opened, int(size))
    opened.close()
    print(f"{size} messages in {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Files in chats: `python -m bench.files`, a Markdown table. SQLite, one process.

What opening a chat of 100 turns costs with a picture of 5 MB in it and without; an export and an import of 200 MB."""

from __future__ import annotations

import os
import resource
import statistics
import tempfile
import time
from pathlib import Path

from core.store import blobs, tree, turns
from core.store.database import Database
from core.store.imports.load import load_file
from core.store.opening import open_database
from core.store.portable import export
from core.views.conversation import File

TURNS, ROUNDS = 100, 60
PICTURE_BYTES, PICTURES = 5_000_000, 40


def picture(database: Database, owner_id: str) -> File:
    name = blobs.put(database, owner_id, os.urandom(PICTURE_BYTES), "image/png")
    return File("a.png", media_type="image/png", sha256=name, size_bytes=PICTURE_BYTES, width=9, height=9)


def chat(database: Database, owner_id: str, *, with_picture: bool) -> str:
    """The id of a chat of so many turns."""
    begun = None
    for number in range(TURNS):
        files = [picture(database, owner_id)] if with_picture and number == TURNS // 2 else []
        begun = turns.begin(
            database,
            owner_id,
            turns.NewTurn(
                f"{owner_id}-{number}",
                f"Question {number}",
                conversation_id=begun.conversation_id if begun else None,
                parent_id=begun.answer_message_id if begun else None,
                files=files,
            ),
            owner_process="bench",
        )
    assert begun
    return begun.conversation_id


def read_ms(database: Database, owner_id: str, chat_id: str) -> float:
    started = time.perf_counter()
    tree.path(database, owner_id, chat_id, limit=2 * TURNS)
    return (time.perf_counter() - started) * 1000


def peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = open_database(None, folder / "data")
        plain, illustrated = chat(database, "ana", with_picture=False), chat(database, "ben", with_picture=True)
        pairs = [(read_ms(database, "ana", plain), read_ms(database, "ben", illustrated)) for _ in range(ROUNDS)]
        before_ms, after_ms = (statistics.median(column) for column in zip(*pairs, strict=True))
        print("| what | result | peak memory, MB (before) |\n|---|---|---|")
        print(f"| opening a chat, with a picture by without | {after_ms / before_ms:.2f} × {before_ms:.1f} ms | |")
        for number in range(PICTURES):
            files = [picture(database, "cleo")]
            turns.begin(database, "cleo", turns.NewTurn(f"c{number}", "Look", files=files), owner_process="bench")
        path, before_mb, started = folder / "out.json", peak_mb(), time.perf_counter()
        with path.open("w") as file:
            file.writelines(export.export(database, "cleo", "json"))
        print(f"| export of 200 MB | {time.perf_counter() - started:.1f} s | {peak_mb()} ({before_mb}) |")
        before_mb, started = peak_mb(), time.perf_counter()
        load_file(database, "dan", path, sleep=lambda _: None)
        print(f"| import of it | {time.perf_counter() - started:.1f} s | {peak_mb()} ({before_mb}) |")
        database.close()


if __name__ == "__main__":
    main()

"""Everything that is stored of one person, as one ZIP file, written piece by piece.

history.json        all that the History page can import: see docs/export.md
batches/*.jsonl     a line for each row of a batch, with every answer
rows/*.jsonl        the rows of all other tables that name the person, a line each
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from io import RawIOBase
from typing import Any

from ..batch import files
from ..store.batches import reading
from ..store.database import Database
from ..store.owners import lines, tables_of_people
from ..store.portable import export
from ..store.tables import conversations

ALL = 1_000_000
README = """Everything that Roundtable stores of you, as of {day}.

history.json     your chats, comparisons, batches, prompts and settings, with their files; the History page imports it
batches/         your batches to read, a line for each row
rows/            the rows of all other tables that carry your id: calls, settings, votes, kept answers and so on

Times in rows/ are microseconds since 1970 UTC unless they are written out. Pasted keys are never stored.
"""


def zipped(database: Database, owner_id: str) -> Iterator[bytes]:
    """The bytes of the ZIP file. Each table is read at one moment, all of them within one export."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", README.format(day=datetime.now(UTC).date()))
        yield from _entry(archive, sink, "history.json", export.export(database, owner_id, "json"))
        for batch in reading.recent(database, owner_id, limit=ALL):
            content = files.encoded(batch, reading.everything(database, owner_id, batch.id), "jsonl")
            archive.writestr(f"batches/{batch.created_at:%Y-%m-%d}-{batch.id}.jsonl", content)
            yield sink.take()
        with database.snapshot() as connection:
            for table in tables_of_people():
                if table is not conversations:
                    yield from _entry(archive, sink, f"rows/{table.name}.jsonl", lines(connection, owner_id, table))
    yield sink.take()


def _entry(archive: zipfile.ZipFile, sink: _Sink, name: str, pieces: Iterable[str]) -> Iterator[bytes]:
    with archive.open(name, "w", force_zip64=True) as entry:
        for piece in pieces:
            entry.write(piece.encode("utf-8", "replace"))
            if sink.size:
                yield sink.take()
    yield sink.take()


class _Sink(RawIOBase):
    """Holds what was written until it is taken."""

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._held.append(bytes(data))
        self.size += len(data)
        return len(data)

    def take(self) -> bytes:
        held, self._held, self.size = b"".join(self._held), [], 0
        return held

"""What our own format has besides conversations, taken item by item as it is read: batches, their rows, the library,
the bytes of files. `found` counts what fits, but for the files."""

from __future__ import annotations

from collections import Counter
from typing import Any, Protocol

from ...views.imports import Thing
from . import batch_records
from .batch_records import ImportedBatch, ImportedRow
from .intake import RecordPlace
from .library import ArrivingLibrary
from .records import ImportedConversation
from .stored_files import ArrivingFiles

MOST_BATCHES = 10_000
LIBRARY: dict[str, Thing] = {"prompts": "prompt", "line_ups": "line_up", "settings": "setting", "checks": "check"}


class TakesBatches(Protocol):
    """Takes batches; each method returns why one is left out, "" where it is not."""

    def add_head(self, head: ImportedBatch, /) -> str: ...
    def add_row(self, row: ImportedRow, /) -> str: ...


class SeenBatches:
    """Takes them without keeping them, for a look at a file."""

    def __init__(self) -> None:
        self._ids: set[str] = set()

    def add_head(self, head: ImportedBatch) -> str:
        seen, self._ids = head.id in self._ids, {*self._ids, head.id}
        return "has the id of another one" if seen else ""

    def add_row(self, row: ImportedRow) -> str:
        return "" if row.batch_id in self._ids else "is of a batch that is not in the file"


class ArrivingParts:
    """`files` puts their pieces together; without it they are left alone."""

    def __init__(self, batches: TakesBatches | None = None, files: ArrivingFiles | None = None) -> None:
        self.found: Counter[Thing] = Counter()
        self.library = ArrivingLibrary()
        self._batches = batches or SeenBatches()
        self._files = files
        self._rows = self._heads = 0

    @property
    def any(self) -> bool:
        """Whether anything of it fits."""
        return self.found.total() > 0

    def kept_files(self) -> list[str]:
        """The hashes of the files that were kept."""
        return self._files.kept if self._files else []

    def count(self, talk: ImportedConversation) -> None:
        """Count what hangs on a conversation."""
        self.found["vote"] += len(talk.votes)
        self.found["verdict"] += talk.kind == "lane" and talk.verdict is not None

    def take(self, name: str, value: Any, place: RecordPlace) -> None:
        """Take an item of the list `name`, or count it as left out."""
        match name:
            case "files":
                self._file(value, place)
            case "batches":
                self._head(value, place)
            case "batch_rows":
                self._row(value, place)
            case _ if self.library.add(name, value, place):
                self.found[LIBRARY[name]] += 1

    def _file(self, piece: Any, place: RecordPlace) -> None:
        if self._files is None:
            return
        if why := self._files.add(piece):
            place.left.add("detail", f"A file: {why}")

    def _head(self, value: Any, place: RecordPlace) -> None:
        self._heads += 1
        place = RecordPlace(f"Batch {self._heads}", place.left, place.most_chars)
        if self._heads > MOST_BATCHES:
            place.leave("batch", " is one too many")
        elif head := batch_records.batch(value, place):
            if why := self._batches.add_head(head):
                place.leave("batch", f" {why}")
            else:
                self.found["batch"] += 1

    def _row(self, value: Any, place: RecordPlace) -> None:
        self._rows += 1
        place = RecordPlace(f"Batch row {self._rows}", place.left, place.most_chars)
        if row := batch_records.row(value, place):
            if why := self._batches.add_row(row):
                place.leave("batch_row", f" {why}")
            else:
                self.found["batch_row"] += 1

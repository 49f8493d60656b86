"""Import: a file is read as a stream and written in portions that stay hidden until all of it was read."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from ...views.imports import Loaded
from .. import BadImport, StoreError, Unavailable, blobs
from ..database import Database
from ..portable.archive import ExportFiles, opened
from ..portable.export_files import FilesOfExport, TakeFile, keeping
from ..portable.file_members import ArrivingParts
from ..portable.intake import MOST_CHARS
from ..portable.load import JsonFile, Reading, nothing_fits
from ..portable.stored_files import ArrivingFiles, KeepFile
from ..running import process_name
from . import progress
from .batches import BatchStaging
from .library import LibraryImport
from .staging import Counts, Staging

MOST_FILE_BYTES = 25_000_000
FULL = "The disk is full: make room, then import the file again."


def load(database: Database, owner_id: str, data: bytes, **how: Any) -> Loaded:
    """Import a file that is in memory; the rest as `load_file`."""
    return _load(database, owner_id, [(io.BytesIO(data), len(data))], **how)


def load_file(database: Database, owner_id: str, path: Path, **how: Any) -> Loaded:
    """Import everything of a file that fits; it is shown when all of it was read. Importing it again adds nothing
    twice.

    BadImport, and nothing is shown, for a file that cannot be read or of which nothing fits, while another import of
    this owner runs, and when the database can no longer be written. Keywords: `name` of the file, `process` that
    imports, `most_chars` of a text, `sleep`; `keep_file` keeps files of our own format, `take_file` those of others,
    both of `most_file_bytes` at most.
    """
    how = {"name": path.name} | how
    try:
        sources, export_files = opened(path)
    except (OSError, BadImport) as error:
        why = str(error) if isinstance(error, BadImport) else f"The file cannot be read: {error}."
        with progress.begin(database, owner_id, how.get("process") or process_name(), how["name"], 0) as failed:
            failed.give_up(why)
        raise BadImport(why) from None
    try:
        return _load(database, owner_id, sources, export_files=export_files, **how)
    finally:
        for file, _ in sources:
            file.close()


def _load(
    database: Database,
    owner_id: str,
    sources: Sequence[JsonFile],
    *,
    name: str = "",
    process: str | None = None,
    most_chars: int = MOST_CHARS,
    sleep: Callable[[float], None] = time.sleep,
    keep_file: KeepFile | None = None,
    take_file: TakeFile | None = None,
    export_files: ExportFiles | None = None,
    most_file_bytes: int = MOST_FILE_BYTES,
) -> Loaded:
    total_bytes = sum(size for _, size in sources)
    with progress.begin(database, owner_id, process or process_name(), name, total_bytes) as running:
        batches = BatchStaging(database, owner_id, sleep)
        keep = running.signing(keep_file or partial(_keep, database, owner_id))
        take = running.signing(take_file or keeping(database, owner_id))
        of_export = FilesOfExport(export_files, take, most_file_bytes)
        parts = ArrivingParts(batches, ArrivingFiles(keep, most_file_bytes))
        reading = Reading(sources, most_chars, parts, of_export)
        try:
            _carry(database, owner_id, reading, batches, running, sleep)
        except Exception as error:
            why = _why(error)
            with suppress(StoreError):  # database unavailable: `recover` does it later
                running.give_up(why)
            if isinstance(error, Unavailable):
                raise BadImport(why) from error
            raise
    database.settle_log()
    done = progress.current(database, owner_id)
    assert done is not None
    counts = (done.conversations, done.messages, done.known)
    return Loaded(done.source, *counts, done.left, done.things, done.known_things)


def _carry(
    database: Database,
    owner_id: str,
    reading: Reading,
    batches: BatchStaging,
    running: progress.Import,
    sleep: Callable[[float], None],
) -> None:
    def report(connection: Any, counts: Counts) -> None:
        fields = {"source": reading.source, "read_bytes": reading.read_bytes, "left_out": reading.left.to_json()}
        running.tell(connection, counts, **fields, things=progress.things_json(batches.things, batches.known))

    stored_hashes = blobs.hashes(database, owner_id)
    staging = Staging(database, owner_id, lambda: reading.source, report, sleep)
    batches.report = lambda connection: report(connection, staging.counts)
    for talk in reading:
        staging.add(talk)
    staging.flush()
    batches.flush()
    if reading.items and not reading.accepted and not reading.parts.any:
        raise BadImport(nothing_fits(reading.left))
    hashes = reading.kept_files()
    batches.things["file"], batches.known["file"] = len(hashes - stored_hashes), len(hashes & stored_hashes)
    library = LibraryImport(reading.parts.library, owner_id, database.now(), reading.left)
    running.finish(reading.left, batches, library, sleep)


def _keep(database: Database, owner_id: str, data: bytes, media_type: str) -> str:
    blobs.put(database, owner_id, data, media_type)
    return ""


def _why(error: Exception) -> str:
    if isinstance(error, Unavailable):
        full = error.health.code == "full"
        return FULL if full else "The database cannot be written now: import the file again when it can."
    return str(error) if isinstance(error, StoreError) else f"It ended with a fault: {type(error).__name__}."

"""The files of a backup: what the database keeps in ROUNDTABLE_FILES_PLACE, a folder or a bucket, as a ZIP beside it.

    roundtable.backup.files.zip     <hash of the person>/<SHA-256>, as in the place itself

The database is saved first and the files after it, so that every file of the saved database is there, but for those
that were deleted in between. Nothing that is in the place is overwritten.
"""

from __future__ import annotations

import os
import sqlite3
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import inspect, text

from core.store import StoreError
from core.store.backends import postgresql
from core.store.blob_places import BlobPlace, key_of
from scripts.database_backup.refusal import BackupRefused, is_new

PRIVATE = 0o600
OUTSIDE = "SELECT owner_id, sha256 FROM blobs WHERE data IS NULL ORDER BY owner_id, sha256"
SHOWN = 5


class StoredFile(NamedTuple):
    owner_id: str
    name: str


def beside(file: Path) -> Path:
    """Where the files of this backup are."""
    return file.with_name(f"{file.name}.files.zip")


def of_sqlite(path: Path) -> list[StoredFile]:
    """What this database, or a backup of it, keeps outside; nothing for one of a version without files."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=30)) as connection:
        with suppress(sqlite3.OperationalError):
            return [StoredFile(*row) for row in connection.execute(OUTSIDE)]
    return []


def of_postgresql(url: str) -> list[StoredFile]:
    engine = postgresql.connect(url)
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table("blobs"):
                return []
            return [StoredFile(*row) for row in connection.execute(text(OUTSIDE))]
    finally:
        engine.dispose()


def save(wanted: Iterable[StoredFile], place: BlobPlace, file: Path) -> str:
    """Copy them beside the backup; what was saved, in a sentence."""
    target = beside(file)
    is_new(target)
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    number, size, gone = 0, 0, 0
    try:
        with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE), "wb") as opened:
            with zipfile.ZipFile(opened, "w", zipfile.ZIP_STORED) as archive:
                for stored in wanted:
                    data = place.get(stored.owner_id, stored.name)
                    if data is None:
                        gone += 1
                        continue
                    archive.writestr(key_of(stored.owner_id, stored.name), data)
                    number, size = number + 1, size + len(data)
            opened.flush()
            os.fsync(opened.fileno())
        is_new(target)
        os.replace(part, target)
    except StoreError as error:
        raise BackupRefused(f"The database was saved, but not its files: {error}") from None
    finally:
        part.unlink(missing_ok=True)
    lacking = f" {gone} were not in their place any more." if gone else ""
    return f"Saved {number} files to {target}: {size:,} bytes.{lacking}"


def check(wanted: Iterable[StoredFile] | None, file: Path) -> str:
    """Whether each file is whole; with the list of the backup's own database, whether each is there."""
    with _opened(file) as archive:
        names = archive.namelist()
        for name in names:
            if sha256(_read(archive, name)).hexdigest() != name.rpartition("/")[2]:
                raise BackupRefused(f"{beside(file)} is damaged: {name}.")
    lacking = {key_of(*stored) for stored in wanted or ()} - set(names)
    return f"{len(names)} files are whole{_named(sorted(lacking), 'is not among them', 'are not among them')}."


def restore(wanted: Iterable[StoredFile], place: BlobPlace, file: Path) -> str:
    """Put into the place what it lacks, and say what it lacks still. May be repeated."""
    wanted = list(wanted)
    lacking: list[str] = []
    copied = 0
    try:
        with _source(file) as read:
            for stored in wanted:
                if place.has(*stored):
                    continue
                data = read(key_of(*stored))
                if data is None or sha256(data).hexdigest() != stored.name:
                    lacking.append(key_of(*stored))
                    continue
                place.put(*stored, data)
                copied += 1
    except StoreError as error:
        raise BackupRefused(f"{error} Then run: scripts/backup files {file}") from None
    return (
        f"{len(wanted) - len(lacking)} of {len(wanted)} files are in their place, {copied} from the backup"
        f"{_named(lacking, 'is lacking', 'are lacking')}."
    )


@contextmanager
def _source(file: Path) -> Iterator[Callable[[str], bytes | None]]:
    """Reads the files of a backup; one that was saved without files has none."""
    if not beside(file).exists():
        yield lambda name: None
        return
    with _opened(file) as archive:
        names = set(archive.namelist())
        yield lambda name: _read(archive, name) if name in names else None


def _opened(file: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(beside(file))
    except (OSError, zipfile.BadZipFile):
        raise BackupRefused(f"{beside(file)} is damaged, or no ZIP.") from None


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        return archive.read(name)
    except (OSError, zipfile.BadZipFile, EOFError, ValueError):
        return b""


def _named(names: list[str], singular: str, plural: str) -> str:
    """The number and the first of them, after a colon."""
    if not names:
        return ""
    more = ", …" if len(names) > SHOWN else ""
    return f"; {len(names)} {singular if len(names) == 1 else plural}: {', '.join(names[:SHOWN])}{more}"

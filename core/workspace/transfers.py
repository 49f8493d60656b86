"""Large exports and imports of the history: on disk, never in memory, each in a thread of its own.

    ExportFile   an export that is written to a file while it is already read
    Transfers    a person's exports, and imports that arrive in chunks, one file at a time
    FileFolder   where these files are

The files are temporary: they are deleted once read, or after some hours.
"""

from __future__ import annotations

import logging
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal
from uuid import uuid4

from ..errors import BlockedInput
from ..records import Owner
from ..store import NotFound, StoreError
from ..store.database import Database
from ..store.imports import load
from ..store.portable import export
from ..store.portable.export_files import TakeFile
from ..views.history import Form
from . import everything
from .import_preview import ImportPreview

LEAST_FREE_BYTES = 500_000_000
FLUSHED_BYTES = 250_000
NAME = re.compile("[0-9a-f]{32}")
OLD_S = 6 * 3600.0
log = logging.getLogger("roundtable.workspace")


class NoRoom(StoreError):
    """No room for a file. `code`: disk (nearly full), large (the file), many (waiting files)."""

    def __init__(self, code: Literal["disk", "large", "many"]) -> None:
        super().__init__(f"There is no room for the file: {code}.")
        self.code = code


class ExportFile:
    """One export. `path` grows until `done`; `error` says why it failed."""

    def __init__(self, path: Path, pieces: Callable[[], Iterator[bytes]]) -> None:
        self.path = path
        self.done = threading.Event()
        self.begun = threading.Event()  # there is something to read, or it has ended
        self.error: StoreError | None = None
        self._discarded = threading.Event()
        self._pieces = pieces
        path.touch(mode=0o600)
        threading.Thread(target=self._run, name="export", daemon=True).start()

    def discard(self) -> None:
        """Delete the file; nobody reads it any more."""
        self._discarded.set()
        if self.done.is_set():
            self.path.unlink(missing_ok=True)

    def _run(self) -> None:
        try:
            self._write()
        except StoreError as error:
            self.error = error
        except OSError as error:
            log.warning("an export could not be written: %s", error)
            self.error = NoRoom("disk")
        except Exception as error:
            log.exception("an export failed")
            self.error = StoreError(f"It ended with a fault: {type(error).__name__}.")
        if self.error:
            self.path.unlink(missing_ok=True)
        self.done.set()
        self.begun.set()
        if self._discarded.is_set():
            self.path.unlink(missing_ok=True)

    def _write(self) -> None:
        unseen = 0
        with self.path.open("wb") as file:
            for piece in self._pieces():
                file.write(piece)
                unseen += len(piece)
                if unseen > FLUSHED_BYTES:
                    unseen = 0
                    file.flush()
                    _check_free_space(self.path.parent, 0)
                    self.begun.set()
                    if self._discarded.is_set():
                        return


class FileFolder:
    """The folder of these files, one per process. `most_bytes`: the largest import, and all those that arrive from one
    network address; all together twice that."""

    def __init__(self, path: Path, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.lock = threading.Lock()
        self._sources: dict[Path, str] = {}
        self._wanted = path
        self._made: Path | None = None

    @property
    def path(self) -> Path:
        """Beside the database, which needs the space anyway; else in the system's folder for temporary files."""
        if self._made is None:
            try:
                self._wanted.mkdir(parents=True, exist_ok=True)
                (self._wanted / "probe").touch()
                (self._wanted / "probe").unlink()
                self._made = self._wanted
            except OSError:
                self._made = Path(tempfile.mkdtemp(prefix="roundtable-"))
        return self._made

    def make_room(self, path: Path, end: int, source: str) -> None:
        """NoRoom if the arriving file `path`, grown to `end` bytes, does not fit beside those of others. `source`: the
        address that it comes from, "" if not known."""
        sizes = {other: other.stat().st_size for other in self.path.glob("*.in") if other != path}
        self._sources = {other: address for other, address in self._sources.items() if other in sizes} | {path: source}
        nearby = sum(size for other, size in sizes.items() if source and self._sources.get(other) == source)
        if sum(sizes.values()) + end > 2 * self.most_bytes or nearby + end > self.most_bytes:
            raise NoRoom("many")

    def forget(self, owner_id: str) -> None:
        """Delete the files of a person who erases everything, whether they arrive, are read or wait for a download."""
        with suppress(OSError):
            for path in self.path.glob(f"{owner_id[:32]}-*"):
                path.unlink(missing_ok=True)

    def tidy(self) -> None:
        """Delete old files."""
        with suppress(OSError):
            for path in self.path.iterdir():
                if time.time() - path.stat().st_mtime > OLD_S:
                    path.unlink(missing_ok=True)


def exported(database: Database, owner_id: str, form: Form, ids: Sequence[str] | None = None) -> Iterator[bytes]:
    """The export in pieces. The form "zip" takes no ids: it is everything of the person."""
    if form == "zip":
        return everything.zipped(database, owner_id)
    return (piece.encode("utf-8", "replace") for piece in export.export(database, owner_id, form, ids))


class Transfers:
    """A person's exports and imports. `put` keeps a file by name, bytes and media type, of at most `most_file_bytes`;
    it raises BlockedInput where there is no room. `take_file` keeps those of other programs' exports."""

    def __init__(
        self,
        folder: FileFolder,
        database: Database,
        process: str,
        owner: Owner,
        put: Callable[[str, bytes, str], object],
        take_file: TakeFile,
        most_file_bytes: int,
    ) -> None:
        self._folder = folder
        self._database = database
        self._process = process
        self._owner_id = owner.id
        self._put = put
        self._take_file = take_file
        self._most_file_bytes = most_file_bytes

    @property
    def most_bytes(self) -> int:
        return self._folder.most_bytes

    def export(self, form: Form, ids: Sequence[str] | None = None) -> ExportFile:
        """Start an export; `ids` None: of everything. NoRoom if the disk is nearly full."""
        folder = self._folder.path
        _check_free_space(folder, 0)
        path = folder / f"{self._owner_id[:32]}-{uuid4().hex}.out"
        return ExportFile(path, lambda: exported(self._database, self._owner_id, form, ids))

    def path_for(self, name: str, size: int, start: int, source: str = "") -> Path:
        """The path to which the chunk that begins at `start` is appended, in a file of this size named `name` (32
        hexadecimal digits), from the address `source`. NoRoom if the file is refused, or has no room any more;
        ValueError for another name, or if the chunk does not follow the previous ones.
        """
        path = self._arriving(name)
        with self._folder.lock:
            if start == 0:
                self._create(path, size, source)
            received = path.stat().st_size if path.exists() else -1
            if not 0 <= start <= received:
                raise ValueError("the piece does not follow the ones before")
            if start < received:  # the chunk arrived before, at least in part
                with path.open("r+b") as file:
                    file.truncate(start)
            if start:
                self._folder.make_room(path, start, source)
                _check_free_space(path.parent, 0)
        return path

    def look(self, name: str, size: int, file_name: str) -> ImportPreview:
        """Start to look at a file that has arrived, before it is imported. Raises as `start_import`."""
        return ImportPreview(self._arrived(name, size), name, size, file_name, self._most_file_bytes)

    def start_import(self, name: str, size: int, file_name: str) -> None:
        """Start importing a file that has arrived; `History.importing` gives the progress. Raises ValueError as
        `path_for`, and NotFound."""
        path = self._arrived(name, size)
        reading_path = path.rename(path.with_suffix(".read"))
        started = threading.Event()
        threading.Thread(target=self._read, args=(reading_path, file_name, started), name="import", daemon=True).start()
        started.wait(10)

    def _keep_file(self, data: bytes, media_type: str) -> str:
        try:
            self._put("A file", data, media_type)
        except BlockedInput as error:
            return str(error)
        return ""

    def _arrived(self, name: str, size: int) -> Path:
        path = self._arriving(name)
        if not path.exists() or path.stat().st_size != size:
            raise NotFound("The file did not arrive whole: choose it again.")
        return path

    def _arriving(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise ValueError("the name of a file that arrives is 32 hexadecimal digits")
        return self._folder.path / f"{self._owner_id[:32]}-{name}.in"

    def _create(self, path: Path, size: int, source: str) -> None:
        """Create the file: replaces the person's previous one, if those of others leave room for it."""
        if size > self.most_bytes:
            raise NoRoom("large")
        for other in path.parent.glob(f"{self._owner_id[:32]}-*.in"):
            other.unlink(missing_ok=True)
        self._folder.make_room(path, size, source)
        _check_free_space(path.parent, size)
        path.touch(mode=0o600)

    def _read(self, path: Path, file_name: str, started: threading.Event) -> None:
        def first_pause(_: float) -> None:
            started.set()
            time.sleep(_)

        try:
            load.load_file(
                self._database,
                self._owner_id,
                path,
                name=file_name,
                process=self._process,
                sleep=first_pause,
                keep_file=self._keep_file,
                take_file=self._take_file,
                most_file_bytes=self._most_file_bytes,
            )
        except StoreError as error:  # the import's row has the reason
            log.info("a file was not imported: %s", error)
        except Exception:
            log.exception("an import failed")
        finally:
            started.set()
            path.unlink(missing_ok=True)


def _check_free_space(folder: Path, size: int) -> None:
    if shutil.disk_usage(folder).free < size + LEAST_FREE_BYTES:
        raise NoRoom("disk")

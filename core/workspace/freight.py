"""Large files on their way out of the history and into it: on disk, never in memory, each act in a thread of its own.

    Outgoing     an export that is written to a file while somebody already reads that
    Freight      one person's: exports, files that arrive in pieces, one at a time, and their imports
    FileFolder   where all of them are

What lies here is temporary: it goes when it was read, and at the next start.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal
from uuid import uuid4

from ..records import Owner
from ..store import NotFound, StoreError
from ..store.database import Database
from ..store.imports import load
from ..store.portable import export
from ..views.history import Form

LEAST_FREE_BYTES = 500_000_000
FLUSHED = 250_000  # characters
OLD_S = 6 * 3600.0
log = logging.getLogger("roundtable.workspace")


class NoRoom(StoreError):
    """No room for a file. `code`: disk (nearly full), large (the file), many (files that wait)."""

    def __init__(self, code: Literal["disk", "large", "many"]) -> None:
        super().__init__(f"There is no room for the file: {code}.")
        self.code = code


class Outgoing:
    """One export. `path` grows until `done`; `error` says why it ended before its end."""

    def __init__(self, path: Path, pieces: Callable[[], Iterator[str]]) -> None:
        self.path = path
        self.done = threading.Event()
        self.begun = threading.Event()  # there is something to read, or it has ended
        self.error: StoreError | None = None
        self._given_up = threading.Event()
        self._pieces = pieces
        path.touch(mode=0o600)
        threading.Thread(target=self._run, name="export", daemon=True).start()

    def give_up(self) -> None:
        """Nobody reads it any more: the file goes."""
        self._given_up.set()
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
            log.exception("an export ended with a fault")
            self.error = StoreError(f"It ended with a fault: {type(error).__name__}.")
        if self.error:
            self.path.unlink(missing_ok=True)
        self.done.set()
        self.begun.set()
        if self._given_up.is_set():
            self.path.unlink(missing_ok=True)

    def _write(self) -> None:
        unseen = 0
        with self.path.open("w", encoding="utf-8", errors="replace", newline="") as file:
            for piece in self._pieces():
                file.write(piece)
                unseen += len(piece)
                if unseen > FLUSHED:
                    unseen = 0
                    file.flush()
                    _look_for_room(self.path.parent, 0)
                    self.begun.set()
                    if self._given_up.is_set():
                        return


class FileFolder:
    """Where these files are, one for a process. `most_bytes`: the largest that may come in; all together twice that."""

    def __init__(self, wanted: Path, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.lock = threading.Lock()
        self._wanted = wanted
        self._made: Path | None = None

    @property
    def path(self) -> Path:
        """Beside the database, where there is room for what is in it; else where the system keeps such files."""
        if self._made is None:
            try:
                self._wanted.mkdir(parents=True, exist_ok=True)
                (self._wanted / "probe").touch()
                (self._wanted / "probe").unlink()
                self._made = self._wanted
            except OSError:
                self._made = Path(tempfile.mkdtemp(prefix="roundtable-"))
        return self._made

    def tidy(self) -> None:
        """Drop what nobody reads any more."""
        with suppress(OSError):
            for path in self.path.iterdir():
                if time.time() - path.stat().st_mtime > OLD_S:
                    path.unlink(missing_ok=True)


class Freight:
    """A person's files on their way."""

    def __init__(self, folder: FileFolder, database: Database, process: str, owner: Owner) -> None:
        self._folder = folder
        self._database = database
        self._process = process
        self._owner_id = owner.id

    @property
    def most_bytes(self) -> int:
        return self._folder.most_bytes

    def export(self, form: Form, ids: Sequence[str] | None = None) -> Outgoing:
        """Begin to write one. NoRoom where the disk is nearly full."""
        folder = self._folder.path
        _look_for_room(folder, 0)
        path = folder / f"{uuid4().hex}.out"
        return Outgoing(path, lambda: export.export(self._database, self._owner_id, form, ids))

    def room(self, name: str, size: int, at: int) -> Path:
        """Where the piece of a file of that size goes that begins at `at`. `name`: 32 hexadecimal digits, of this file.

        NoRoom where it may not come in; ValueError where the piece does not follow the ones before.
        """
        path = self._arriving(name)
        with self._folder.lock:
            if at == 0:
                self._make_way(path, size)
            there = path.stat().st_size if path.exists() else -1
            if not 0 <= at <= there:
                raise ValueError("the piece does not follow the ones before")
            if at < there:  # it came before, or half of it
                with path.open("r+b") as file:
                    file.truncate(at)
        return path

    def bring_in(self, name: str, size: int, called: str) -> None:
        """Begin to import a file that has arrived; `History.importing` tells how far it is."""
        path = self._arriving(name)
        if not path.exists() or path.stat().st_size != size:
            raise NotFound("The file did not arrive whole: choose it again.")
        taken = path.rename(path.with_suffix(".read"))
        begun = threading.Event()
        threading.Thread(target=self._read, args=(taken, called, begun), name="import", daemon=True).start()
        begun.wait(10)

    def _arriving(self, name: str) -> Path:
        return self._folder.path / f"{self._owner_id[:32]}-{name}.in"

    def _make_way(self, path: Path, size: int) -> None:
        """Begin a file at `path`: the person's one before it goes, and those of others leave room for it."""
        if size > self.most_bytes:
            raise NoRoom("large")
        for other in path.parent.glob(f"{self._owner_id[:32]}-*.in"):
            other.unlink(missing_ok=True)
        waiting = sum(each.stat().st_size for each in path.parent.glob("*.in"))
        if waiting + size > 2 * self.most_bytes:
            raise NoRoom("many")
        _look_for_room(path.parent, size)
        path.touch(mode=0o600)

    def _read(self, path: Path, called: str, begun: threading.Event) -> None:
        def first(_: float) -> None:
            begun.set()
            time.sleep(_)

        try:
            load.load_file(self._database, self._owner_id, path, name=called, process=self._process, sleep=first)
        except StoreError as error:  # the row of the import tells it
            log.info("a file was not imported: %s", error)
        except Exception:
            log.exception("an import ended with a fault")
        finally:
            begun.set()
            path.unlink(missing_ok=True)


def _look_for_room(folder: Path, size: int) -> None:
    if shutil.disk_usage(folder).free < size + LEAST_FREE_BYTES:
        raise NoRoom("disk")

"""Operations that could not be saved: in order, on disk if there is room, else in memory, and replayed later.

One JSON line is one operation with everything it needs. Operations are idempotent by id, so a line that was played but
not yet removed from the file may be played again. Lines that the database will never accept are set aside, not deleted.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from .. import StoreError, Unavailable
from ..rows import dumps
from .lock import locked

Values = Mapping[str, Any]
MOST_BYTES = 64_000_000


class SpoolPosition(NamedTuple):
    """How far a spool is filled: its file's number and size, and how many operations are in memory alone."""

    file: int
    size: int
    memory: int


class SpoolFull(StoreError):
    """So much is waiting that nothing more is accepted."""


class Spool:
    """The queue of one database. All processes of a computer that use this database share its file."""

    def __init__(self, folder: Path | None, name: str = "waiting", most_bytes: int = MOST_BYTES) -> None:
        self._on_disk = folder is not None
        self._path = (folder or Path()) / f"{name}.jsonl"
        self._most_bytes = most_bytes
        self._memory: list[str] = []
        self._lock = threading.RLock()

    @property
    def path(self) -> Path | None:
        """The file; None: it is in memory."""
        return self._path if self._on_disk else None

    @property
    def empty(self) -> bool:
        return not self._memory and self._size() == 0

    @property
    def waiting(self) -> int:
        """How many operations wait, those of other processes included."""
        with self._lock:
            return len(self._memory) + (len(self._lines()) if self._size() else 0)

    def add(self, operation: str, values: Values) -> bool:
        """Store the operation; True when it is on disk, False when it is only in memory. SpoolFull at the bound."""
        with self._lock:
            line = dumps({"operation": operation, "values": values})
            if self._size() + sum(map(len, self._memory)) + len(line) > self._most_bytes:
                raise SpoolFull("Too much waits to be saved: nothing more can be kept until the database is back.")
            self._memory.append(line)
            return self._write_down()

    @property
    def in_memory(self) -> bool:
        """Whether something waits that is lost when the process ends."""
        return bool(self._memory)

    def mark(self) -> SpoolPosition:
        """The current position, which changes whenever anything is added or removed."""
        try:
            stat = self._path.stat() if self._on_disk else None
        except OSError:
            stat = None
        return SpoolPosition(stat.st_ino if stat else 0, stat.st_size if stat else 0, len(self._memory))

    def lines(self, start: int = 0, *, memory: bool = True) -> list[str]:
        """What waits, in order; from the file, what follows byte `start`. Lock-free: the file only grows, or is new."""
        return [*self._lines(start), *(self._memory if memory else ())]

    def forget(self, conversation_ids: set[str]) -> None:
        """Drop what was set aside of conversations that are deleted for good."""
        refused = self._refused_path()
        if not self._on_disk or not refused.exists():
            return
        with self._lock, locked(self._lock_path()):
            lines = refused.read_text("utf-8", "replace").splitlines(keepends=True)
            remaining = [line for line in lines if not any(name in line for name in conversation_ids)]
            if len(remaining) < len(lines):
                _replace(refused, remaining)

    def drain(self, play: Callable[[str, Values], None]) -> None:
        """Play everything in order. Unavailable stops it, and what is left stays for the next time."""
        with self._lock:
            if self._size():
                self._drain_file(play)
            while self._memory:
                self._play(self._memory[0], play)
                del self._memory[0]

    def _drain_file(self, play: Callable[[str, Values], None]) -> None:
        with locked(self._lock_path()):
            lines = self._lines()
            done = 0
            try:
                for line in lines:
                    self._play(line, play)
                    done += 1
            finally:
                if done:
                    _replace(self._path, [line + "\n" for line in lines[done:]])

    def _play(self, line: str, play: Callable[[str, Values], None]) -> None:
        entry = read(line)
        if entry is None:
            return self._set_aside(line, "not a whole line")
        try:
            play(entry["operation"], entry["values"])
        except Unavailable:
            raise
        except Exception as error:
            self._set_aside(line, f"{type(error).__name__}: {error}")

    def _set_aside(self, line: str, why: str) -> None:
        if not self._on_disk:
            return
        with self._refused_path().open("a", encoding="utf-8") as file:
            file.write(dumps({"why": why, "line": line}) + "\n")

    def _write_down(self) -> bool:
        """Move the operations in memory to the file, all or none, so that the order stays."""
        if not self._on_disk:
            return False
        try:
            self._path.parent.mkdir(exist_ok=True)  # do not recreate a data folder that was removed
            with locked(self._lock_path()), self._path.open("ab") as file:
                before = file.tell()
                try:
                    _write(file.fileno(), "".join(line + "\n" for line in self._memory).encode())
                except OSError:
                    os.ftruncate(file.fileno(), before)
                    raise
        except (OSError, sqlite3.Error):  # the lock is SQLite's
            return False
        self._memory.clear()
        return True

    def _lines(self, start: int = 0) -> list[str]:
        try:
            if not self._on_disk:
                return []
            with self._path.open("rb") as file:
                file.seek(start)
                return file.read().decode("utf-8", "replace").split("\n")[:-1]
        except OSError:
            return []

    def _size(self) -> int:
        try:
            return self._path.stat().st_size if self._on_disk else 0
        except OSError:
            return 0

    def _refused_path(self) -> Path:
        return self._path.with_name(f"{self._path.stem}.refused.jsonl")

    def _lock_path(self) -> Path:
        return self._path.with_suffix(".lock")


def _replace(path: Path, lines: list[str]) -> None:
    fresh = path.with_suffix(".part")
    with fresh.open("wb") as file:
        _write(file.fileno(), "".join(lines).encode())
    os.replace(fresh, path)


def name_of(address: str) -> str:
    """The name of the spool of the database at this address; it does not reveal the address."""
    return "waiting-" + hashlib.sha256(address.encode()).hexdigest()[:8]


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
    os.fsync(descriptor)


def read(line: str) -> dict[str, Any] | None:
    """An entry with its `operation` and `values`, None where the line is torn."""
    try:
        entry = json.loads(line)
        return entry if isinstance(entry["operation"], str) and isinstance(entry["values"], dict) else None
    except (ValueError, TypeError, KeyError, RecursionError):
        return None

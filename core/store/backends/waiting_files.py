"""Bytes of files that could not be stored while the database was unavailable: on disk for their owner only, else in
memory, until they can be. Each once for a person, under its hash; read from here meanwhile.

    PATH/<hash of the owner>-<SHA-256>      a line of JSON (owner, media type), then the bytes
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from .. import StoreError, Unavailable
from .spool import SpoolFull

MOST_BYTES = 500_000_000
MOST_MEMORY_BYTES = 64_000_000
LEAST_FREE_BYTES = 200_000_000
PRIVATE = 0o600
OLD_S = 3600.0
FULL = "So many files wait to be saved that no more can be kept until the database is back."
log = logging.getLogger("roundtable.store")


class WaitingFile(NamedTuple):
    owner_id: str
    media_type: str
    data: bytes


class WaitingFiles:
    """Those of one database. All processes of a computer that use this database share the folder; without one they are
    in memory. `most_bytes` on disk."""

    def __init__(self, path: Path | None, most_bytes: int = MOST_BYTES) -> None:
        self._path = path
        self._most_bytes = most_bytes
        self._memory: dict[str, WaitingFile] = {}
        self._lock = threading.RLock()

    @property
    def empty(self) -> bool:
        return not self._memory and next(self._names(), None) is None

    def put(self, owner_id: str, name: str, data: bytes, media_type: str) -> None:
        """Hold these bytes; they are on disk then, where there is one. SpoolFull at the bound."""
        with self._lock:
            key = _key(owner_id, name)
            if key in self._memory or (self._path and (self._path / key).exists()):
                return
            if not self._write(key, WaitingFile(owner_id, media_type, data)):
                if sum(len(file.data) for file in self._memory.values()) + len(data) > MOST_MEMORY_BYTES:
                    raise SpoolFull(FULL)
                self._memory[key] = WaitingFile(owner_id, media_type, data)

    def get(self, owner_id: str, name: str) -> WaitingFile | None:
        """What waits of this owner under this hash."""
        key = _key(owner_id, name)
        file = self._memory.get(key) or self._read(key)
        return file if file and file.owner_id == owner_id and sha256(file.data).hexdigest() == name else None

    def size_of(self, owner_id: str) -> int:
        """How many bytes wait of this owner."""
        start = _owner(owner_id)
        return sum(size for key, size in self._sizes().items() if key.startswith(start))

    def drain(self, keep: Callable[[WaitingFile], object]) -> None:
        """Hand each to `keep`, and drop it afterwards. What raises StoreError stays, and Unavailable ends it."""
        with self._lock:
            self._tidy()
            for key in [*self._memory, *self._names()]:
                file = self._memory.get(key) or self._read(key)
                if file is None:  # another process was quicker
                    continue
                if not key.endswith(sha256(file.data).hexdigest()):
                    self._set_aside(key)
                    continue
                try:
                    keep(file)
                except Unavailable:
                    raise
                except StoreError:  # the place for files is away
                    continue
                self._memory.pop(key, None)
                self._unlink(key)

    def forget(self, owner_id: str) -> None:
        """Drop all of this owner."""
        start = _owner(owner_id)
        with self._lock:
            for key in [key for key in self._memory if key.startswith(start)]:
                del self._memory[key]
            with suppress(OSError):
                for path in self._path.glob(f"{start}*") if self._path else ():
                    path.unlink(missing_ok=True)

    def _write(self, key: str, file: WaitingFile) -> bool:
        """Whether it is on disk now. SpoolFull where the folder has as much as it may."""
        if self._path is None:
            return False
        part = self._path / f"{uuid4().hex}.part"
        try:
            self._path.parent.mkdir(exist_ok=True)  # do not recreate a data folder that was removed
            self._path.mkdir(mode=0o700, exist_ok=True)
            on_disk = sum(path.stat().st_size for path in self._path.iterdir())
            if on_disk + len(file.data) > self._most_bytes:
                raise SpoolFull(FULL)
            stat = os.statvfs(self._path) if hasattr(os, "statvfs") else None
            if stat and stat.f_bavail * stat.f_frsize < len(file.data) + LEAST_FREE_BYTES:
                return False
            descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE)
            with os.fdopen(descriptor, "wb") as opened:
                head = {"owner_id": file.owner_id, "media_type": file.media_type}
                opened.write(json.dumps(head).encode() + b"\n" + file.data)
                opened.flush()
                os.fsync(descriptor)
            part.replace(self._path / key)
        except OSError:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            return False
        return True

    def _read(self, key: str) -> WaitingFile | None:
        try:
            head, _, data = (self._path / key).read_bytes().partition(b"\n") if self._path else (b"", b"", b"")
            values = json.loads(head or b"{}")
            return WaitingFile(values["owner_id"], values["media_type"], data)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.warning("a file that waits cannot be read: %s", type(error).__name__)
            return None

    def _set_aside(self, key: str) -> None:
        log.warning("a file that waited is damaged and was set aside")
        if self._path:
            with suppress(OSError):
                (self._path / key).replace(self._path / f"{key}.damaged")

    def _unlink(self, key: str) -> None:
        if self._path:
            with suppress(OSError):
                (self._path / key).unlink(missing_ok=True)

    def _tidy(self) -> None:
        """Drop what processes that ended had begun to write."""
        with suppress(OSError):
            for path in self._path.glob("*.part") if self._path else ():
                if time.time() - path.stat().st_mtime > OLD_S:
                    path.unlink(missing_ok=True)

    def _names(self) -> Iterator[str]:
        with suppress(OSError):
            if self._path:
                yield from sorted(path.name for path in self._path.iterdir() if not path.suffix)

    def _sizes(self) -> Mapping[str, int]:
        sizes = {key: len(file.data) for key, file in self._memory.items()}
        for name in self._names():
            with suppress(OSError):
                sizes[name] = (self._path / name).stat().st_size if self._path else 0
        return sizes


def _owner(owner_id: str) -> str:
    return sha256(owner_id.encode()).hexdigest()[:32] + "-"


def _key(owner_id: str, name: str) -> str:
    return _owner(owner_id) + name

"""A look at a file before it is imported: what it would bring and what it would leave out. Nothing is kept."""

from __future__ import annotations

import io
import logging
import threading
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from ..store import BadImport
from ..store.portable.archive import ExportFiles, opened
from ..store.portable.export_files import FilesOfExport
from ..store.portable.file_members import ArrivingParts
from ..store.portable.load import JsonFile, Reading, look
from ..store.portable.stored_files import ArrivingFiles
from ..views.conversation import File
from ..views.imports import Loaded

log = logging.getLogger("roundtable.workspace")


class ImportPreview:
    """A file that has arrived, read on a thread of its own. When it is `done`, `loaded` is what it would bring, all of
    it counted as new; None: it cannot be imported, and `why` says so."""

    def __init__(self, path: Path, name: str, size: int, file_name: str, most_file_bytes: int) -> None:
        self.name, self.size, self.file_name = name, size, file_name
        self.done = threading.Event()
        self.loaded: Loaded | None = None
        self.why = ""
        self._path = path
        self._most_file_bytes = most_file_bytes
        self._reading: Reading | None = None
        self._discarded = False
        threading.Thread(target=self._run, name="import-preview", daemon=True).start()

    @property
    def share(self) -> float:
        """How much is read, 0 to 1."""
        reading = self._reading
        return min(reading.read_bytes / (reading.total_bytes or 1), 1.0) if reading else 0.0

    def discard(self) -> None:
        """Delete the file; it is not to be imported."""
        self._discarded = True
        self._path.unlink(missing_ok=True)

    def _run(self) -> None:
        sources: Sequence[JsonFile] = ()
        try:
            sources, export_files = opened(self._path)
            self._reading = _reading(sources, export_files, self._most_file_bytes)
            self.loaded = look(self._reading, lambda: self._discarded)
        except BadImport as error:
            self.why = str(error)
        except OSError as error:
            self.why = f"The file cannot be read: {error}."
        except Exception as error:
            log.exception("a look at a file failed")
            self.why = f"It ended with a fault: {type(error).__name__}."
        finally:
            for file, _ in sources:
                file.close()
            if self.loaded is None:
                self._path.unlink(missing_ok=True)
            self.done.set()


def _unkept(name: str, data: bytes) -> File:
    return File(name, sha256=sha256(data).hexdigest())


def of_bytes(data: bytes, most_file_bytes: int) -> Loaded:
    """The same at once, of a file in memory. BadImport where it cannot be imported."""
    return look(_reading([(io.BytesIO(data), len(data))], None, most_file_bytes))


def _reading(sources: Sequence[JsonFile], export_files: ExportFiles | None, most_file_bytes: int) -> Reading:
    parts = ArrivingParts(files=ArrivingFiles(lambda data, media_type: "", most_file_bytes))
    of_export = FilesOfExport(export_files, _unkept, most_file_bytes)
    return Reading(sources, parts=parts, export_files=of_export)

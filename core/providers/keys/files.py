"""Keys in files: `.env`, Streamlit's secrets, and a folder with one file for each key (Docker, Kubernetes).

Each is read again when its files have changed and then stood still between two looks, so that a file which is just
being written is not read in part.
"""

from __future__ import annotations

import os
import re
import stat
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..environ import problem, read_dotenv, read_secrets
from .sources import SourceReading

LOOK_EVERY_S = 0.5
MOST_BYTES = 64_000
MOST_FILES = 1_000
_NAME = re.compile(r"[A-Z][A-Z0-9_]{2,79}")


class ChangingFiles(ABC):
    """A source that is read when what `signature` returns has changed. Subclasses give `signature` and `load`."""

    slow = False
    every_s: float | None = LOOK_EVERY_S
    name: str

    def __init__(self) -> None:
        self._read: Any = None
        self._seen: Any = None
        self._last = SourceReading()

    def read(self) -> SourceReading | None:
        seen = self.signature()
        still = self._read is None or seen == self._seen
        self._seen = seen
        if not still or seen == self._read:
            return None
        self._read = seen
        self._last = self.load()
        return self._last

    @abstractmethod
    def signature(self) -> Any:
        """What differs after a change, without reading the files."""

    @abstractmethod
    def load(self) -> SourceReading:
        """Read the files."""

    def _reading(self, values: Mapping[str, str], problems: list[str], *, broken: bool) -> SourceReading:
        """What was read; of a file that is broken as a whole, what was read before."""
        return SourceReading(self._last.values if broken else values, [("", sentence) for sentence in problems])


class DotenvFile(ChangingFiles):
    """A `.env` file."""

    name = ".env"

    def __init__(self, path: Path | str) -> None:
        super().__init__()
        self._path = Path(path)

    def signature(self) -> Any:
        return (_state(self._path),)

    def load(self) -> SourceReading:
        problems: list[str] = []
        values = read_dotenv(self._path, problems)
        return self._reading(values, problems, broken=bool(problems) and not values)


class SecretsFile(ChangingFiles):
    """Streamlit's secrets: what `load_secrets` returns, and the file at `path` where that is nothing."""

    name = "secrets"

    def __init__(self, load_secrets: Callable[[], Mapping[str, Any] | None], path: Path) -> None:
        super().__init__()
        self._load_secrets = load_secrets
        self._path = path
        self._secrets: Mapping[str, Any] | None = None

    def signature(self) -> Any:
        self._secrets = self._load_secrets()
        return self._secrets or (_state(self._path),)

    def load(self) -> SourceReading:
        problems: list[str] = []
        values = read_secrets(self._secrets, self._path, problems)
        return self._reading(values, problems, broken=bool(problems))


class KeyFolder(ChangingFiles):
    """A folder of files, each named like the variable (`GROQ_API_KEY`, `groq_api_key`), with its value as the text.

    Links are followed, as Kubernetes needs (`GROQ_API_KEY -> ..data/GROQ_API_KEY`). Other names are left alone.
    """

    name = "folder"

    def __init__(self, folder: Path | str) -> None:
        super().__init__()
        self._folder = Path(folder)

    def signature(self) -> Any:
        try:
            files = self._files()
        except OSError as error:
            return type(error).__name__
        return tuple((path.name, _state(path)) for path in files)

    def load(self) -> SourceReading:
        try:
            files = self._files()
        except FileNotFoundError:
            return SourceReading({}, [("", problem(str(self._folder), "is the folder of keys, but does not exist"))])
        except OSError as error:
            says = f"could not be read ({type(error).__name__})"
            return self._reading({}, [problem(str(self._folder), says)], broken=True)
        values: dict[str, str] = {}
        faults: dict[str, str] = {}
        for path in files:
            name = variable(path.name)
            if ending := self._unusable(name, path, values):
                faults[name] = problem(str(path), ending)
        return SourceReading(values, tuple(faults.items()))

    def _unusable(self, name: str, path: Path, values: dict[str, str]) -> str | None:
        """Add the value of a file; returns how the sentence about it ends where there is none."""
        try:
            if not stat.S_ISREG(path.stat().st_mode):
                return None
            with path.open("rb") as file:
                body = file.read(MOST_BYTES + 1)
        except OSError as error:
            if name in self._last.values:
                values[name] = self._last.values[name]
            return f"could not be read ({type(error).__name__})"
        if len(body) > MOST_BYTES:
            return f"is too large for a key (more than {MOST_BYTES // 1000} kB)"
        try:
            text = body.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = "\0"
        if "\0" in text:
            return "is not text, so it cannot be a key"
        if not text.strip():
            return "is empty; write the key into it"
        values[name] = text.rstrip("\r\n")
        return None

    def _files(self) -> list[Path]:
        with os.scandir(self._folder) as entries:
            names = sorted(entry.name for entry in entries if _NAME.fullmatch(variable(entry.name)))
        return [self._folder / name for name in names[:MOST_FILES]]


def variable(name: str) -> str:
    """The name of the variable that a file is named after: `groq-api-key` is GROQ_API_KEY."""
    return name.upper().replace("-", "_")


def _state(path: Path) -> tuple[int, ...] | str:
    try:
        now = path.stat()
    except OSError as error:
        return type(error).__name__
    return now.st_mtime_ns, now.st_ctime_ns, now.st_size, now.st_ino

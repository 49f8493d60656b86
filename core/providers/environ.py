"""Names and values from the environment, `.env`, secrets and other sources, each name with the source that gave it.

The first source that holds a non-empty value wins. Values never appear in `repr` or in a problem.
"""

from __future__ import annotations

import io
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

_LINE = re.compile(r"\bline (\d{1,7})\b")


class Environ(Mapping[str, str]):
    """One mapping over layers `(source, values)`, strongest first."""

    def __init__(self, *layers: tuple[str, Mapping[str, str]]) -> None:
        self.layers = layers
        self._holders: dict[str, tuple[tuple[str, str], ...]] = {}
        for source, values in layers:
            for name, value in values.items():
                if value.strip():
                    self._holders[name] = (*self._holders.get(name, ()), (source, value))

    def source(self, name: str) -> str | None:
        """ "environment", ".env", "secrets", "folder" or "AWS"; None when nobody gave the name."""
        return self._holders[name][0][0] if name in self._holders else None

    def holders(self, name: str) -> Sequence[tuple[str, str]]:
        """Every `(source, value)` of a name, strongest first; the first is the one that counts."""
        return self._holders.get(name, ())

    def __getitem__(self, name: str) -> str:
        return self._holders[name][0][1]

    def __iter__(self) -> Iterator[str]:
        return iter(self._holders)

    def __len__(self) -> int:
        return len(self._holders)

    def __repr__(self) -> str:
        return f"Environ({len(self)} names)"


def problem(where: str, says: str) -> str:
    """One line about the configuration: a place (a variable, a file and its line) and the end of the sentence. Pages
    recognise the end by its words and translate it."""
    return f"{where} {says}"


def read_dotenv(path: Path, problems: list[str]) -> dict[str, str]:
    """The pairs of a `.env` file; a line that cannot be read is named in `problems` and the others still count."""
    try:
        if not path.is_file():
            return {}
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        problems.append(problem(path.name, f"could not be read ({type(error).__name__})"))
        return {}
    from dotenv.parser import parse_stream

    values: dict[str, str] = {}
    for binding in parse_stream(io.StringIO(text)):
        if binding.error or (binding.key and binding.value is None):
            line = binding.original.line + _blank_lines_before(binding.original.string)
            problems.append(problem(f"{path.name} line {line}:", "not of the form NAME=value"))
        elif binding.key and binding.value is not None:
            values[binding.key] = binding.value
    return values


def _blank_lines_before(text: str) -> int:
    return text[: len(text) - len(text.lstrip())].count("\n")


def read_secrets(secrets: Mapping[str, Any] | None, path: Path, problems: list[str]) -> dict[str, str]:
    """Top-level secrets as text; a table (a service account) becomes its JSON. Broken secrets are one problem.

    Streamlit hides why its secrets are empty, so an empty mapping is read again from the file at `path`.
    """
    try:
        values = secrets or (tomllib.loads(path.read_text(encoding="utf-8-sig")) if path.is_file() else {})
        return {str(name): _as_text(values[name]) for name in values}
    except (OSError, KeyError, ValueError, TypeError) as error:
        line = _LINE.search(str(error))
        where = f"{path.parent.name}/{path.name}{f' line {line[1]}' if line else ''}:"
        problems.append(problem(where, f"could not be read ({type(error).__name__})"))
        return {}


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return json.dumps({str(name): value[name] for name in value}, default=str)
    return json.dumps(value, default=str)

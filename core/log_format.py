"""How log lines look: as text, or as one JSON object a line for a log collector.

An exception is written as its types and the lines of code that it passed, without what it says: its text may quote
what a person wrote.
"""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

from . import logs

Form = Literal["text", "json"]
MOST_FRAMES = 40


class _Lines(logging.Formatter):
    def formatException(self, ei: Any) -> str:  # noqa: N802 - the name that logging calls
        return "\n".join(logs.cleaned(line) for line in frames(ei[1]))

    def format(self, record: logging.LogRecord) -> str:
        lines = [self.line(record, record.getMessage())]
        if record.exc_info and record.exc_info[1]:
            lines.append(self.formatException(record.exc_info))
        return "\n".join(lines)

    def line(self, record: logging.LogRecord, message: str) -> str:
        return f"{_time(record)} {record.levelname:<7} {record.name}: {message}"


class _Json(_Lines):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {"time": _time(record), "level": record.levelname.lower(), "logger": record.name}
        if event := getattr(record, "event", None):
            fields = getattr(record, "fields", {})
            line |= {"event": event} | {
                name: logs.cleaned(value) if isinstance(value, str) else value for name, value in fields.items()
            }
        else:
            line["message"] = record.getMessage()
        if record.exc_info and record.exc_info[1]:
            line["traceback"] = self.formatException(record.exc_info).split("\n")
        return json.dumps(line, ensure_ascii=False)


def frames(error: BaseException | None) -> list[str]:
    """The exception and those that led to it, oldest first: type, then file, line and function of each call."""
    lines: list[str] = []
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        calls = traceback.extract_tb(error.__traceback__)[-MOST_FRAMES:]
        own = [f"{type(error).__module__}.{type(error).__qualname__}"]
        own += [f'  File "{call.filename}", line {call.lineno}, in {call.name}: {call.line or ""}' for call in calls]
        lines = own + lines
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return lines


def formatter(form: Form) -> logging.Formatter:
    return _Json() if form == "json" else _Lines()


def write_to(stream: TextIO | None, form: Form) -> logging.Handler:
    """Write the records of this process there (None: standard error), in place of an earlier call's handler."""
    handler = logging.StreamHandler(stream)
    handler.set_name("roundtable")
    handler.setFormatter(formatter(form))
    root = logging.getLogger()
    for earlier in [each for each in root.handlers if each.get_name() == "roundtable"]:
        root.removeHandler(earlier)
    root.addHandler(handler)
    logging.getLogger("roundtable").setLevel(logging.INFO)
    return handler


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

"""Log records without keys: every record of this process, whichever logger writes it and whichever handler prints it.

A filter would have to be on each handler, and Streamlit gives each of its loggers one; so a record class cleans the
message, the traceback and the stack when they are written out. `build` calls `install`.
"""

from __future__ import annotations

import logging
from threading import Lock
from typing import Protocol
from weakref import WeakSet


class LogRedactor(Protocol):
    """`for_log` returns one printable line without keys; `hide` removes the keys that are known by value."""

    def for_log(self, text: str) -> str: ...
    def hide(self, text: str) -> str: ...


_REDACTORS: WeakSet[LogRedactor] = WeakSet()
_CHANGING = Lock()


class CleanRecord(logging.LogRecord):
    """A record whose text passes through every installed redactor."""

    def getMessage(self) -> str:  # noqa: N802 - the name that logging calls
        return cleaned(super().getMessage())

    @property
    def exc_text(self) -> str | None:
        return self._exc_text

    @exc_text.setter
    def exc_text(self, text: str | None) -> None:
        self._exc_text = text and "\n".join(map(cleaned, text.split("\n")))

    @property
    def stack_info(self) -> str | None:
        return self._stack_info

    @stack_info.setter
    def stack_info(self, text: str | None) -> None:
        self._stack_info = text and "\n".join(map(cleaned, text.split("\n")))


def install(redactor: LogRedactor) -> None:
    """Hide the keys that this redactor knows in every log line of this process, as long as the redactor lives."""
    with _CHANGING:
        _REDACTORS.add(redactor)
    if logging.getLogRecordFactory() is not CleanRecord:
        logging.setLogRecordFactory(CleanRecord)


def cleaned(line: str) -> str:
    """One line without keys."""
    with _CHANGING:
        redactors = list(_REDACTORS)
    for redactor in redactors:
        line = redactor.hide(line)
    return redactors[0].for_log(line) if redactors else line

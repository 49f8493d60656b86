"""Log records without keys: every record of this process, whoever writes it and whatever handler prints it.

A filter would have to sit on each handler, and Streamlit gives every logger of its own one; so records are made by a
class that cleans its message, its traceback and its stack when they are written out. `install` is called by `build`.
"""

from __future__ import annotations

import logging
from threading import Lock
from typing import Protocol
from weakref import WeakSet


class Redactor(Protocol):
    """`for_log` gives one printable line without keys; `hide` takes out the keys that are known by value."""

    def for_log(self, text: str) -> str: ...
    def hide(self, text: str) -> str: ...


_REDACTORS: WeakSet[Redactor] = WeakSet()
_CHANGING = Lock()


class CleanRecord(logging.LogRecord):
    """A record whose words pass through every redactor that is in use."""

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


def install(redactor: Redactor) -> None:
    """From now on no log line of this process holds a key that this redactor knows, for as long as it lives."""
    with _CHANGING:
        _REDACTORS.add(redactor)
    if logging.getLogRecordFactory() is not CleanRecord:
        logging.setLogRecordFactory(CleanRecord)


def cleaned(line: str) -> str:
    """One line as it may be written."""
    with _CHANGING:
        redactors = list(_REDACTORS)
    for redactor in redactors:
        line = redactor.hide(line)
    return redactors[0].for_log(line) if redactors else line

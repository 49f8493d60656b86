"""From a server's error reply to an error that carries its own policy.

read(status, headers, body, now)   a reply whose status is not 2xx
is_error(frame), error_in(frame)   an error object inside a reply that began with 200

words.py message and codes   kinds.py which error it is, by table.py   waits.py when to retry, from headers, bodies and
sentences, by spans.py and instants.py   reading.py all of these; imported at the first error, because their patterns
take long to compile
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ...errors import LLMError
from ...records import NOTHING
from . import words
from .words import is_error

__all__ = ["error_in", "is_error", "read"]


def read(status: int, headers: Mapping[str, str], body: bytes, now: datetime, vendor: str = "") -> LLMError:
    """The error behind a reply. `headers` in lower case, `now` aware: dates and epochs are turned into seconds.

    `vendor` is the provider's id: some give a code another meaning than the others do.
    """
    error_body = words.read(status, headers, body)
    if error_body.is_inner and error_body.status and status >= 500:
        status = error_body.status
    from .reading import error

    return error(status, error_body, headers, now, vendor)


def error_in(frame: Any, status: int | None = None, now: datetime | None = None) -> LLMError:
    """The error of an object inside a 200 reply; a status that it names counts like a status line."""
    error_body = words.of_frame(frame)
    from .reading import error

    return error(error_body.status or status, error_body, NOTHING, now)

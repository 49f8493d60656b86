"""From what a server says when it declines to an error that carries its own policy.

read(status, headers, body, now)   a reply whose status is not 2xx
found(frame), inside(frame)        an error object inside a reply that began with 200
words.py what was said   kinds.py which error it is, by table.py   waits.py when to come back, from
headers, bodies and sentences, by spans.py and instants.py   reading.py all of these; imported when a server first
declines, because their patterns take long to compile
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ...errors import LLMError
from ...records import NOTHING
from . import words
from .words import found

__all__ = ["found", "inside", "read"]


def read(status: int, headers: Mapping[str, str], body: bytes, now: datetime, vendor: str = "") -> LLMError:
    """The error behind a reply. `headers` in lower case, `now` aware: dates and epochs are turned into seconds.

    `vendor` is the provider's id: some give a code another meaning than the others do.
    """
    error_body = words.read(status, headers, body)
    if error_body.is_inner and error_body.status and status >= 500:
        status = error_body.status
    from .reading import error

    return error(status, error_body, headers, now, vendor)


def inside(frame: Any, status: int | None = None, now: datetime | None = None) -> LLMError:
    """The error an object inside a 200 tells of; its own status, if it names one, decides like a status line."""
    error_body = words.of_frame(frame)
    from .reading import error

    return error(error_body.status or status, error_body, NOTHING, now)

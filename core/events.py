"""Events for operators: one log line each, with an id that the person sees too ("Error ID 7F3K-9QWD").

    event_id = events.log("provider_failed", provider="groq", model="groq/fast", kind="rate_limited", status=429)

A line holds names, numbers and codes, never what a person or a model wrote: a value that is not one short word is
written as `other`. Keys are removed by `logs`, as from every line. A JSON line also has the `name` of a person who
signed in here, beside the short name that every line has.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from hashlib import sha256
from threading import Lock
from types import MappingProxyType
from typing import Literal

Event = Literal[
    "provider_failed",  # an attempt that a provider or the network failed
    "question_refused",  # a question that we did not send
    "request_refused",  # a request that is not from a page of this server
    "upload_refused",
    "visitor_limited",  # a visitor, or an address, at a limit of tabs, messages or requests
    "upload_lost",  # files that another replica had, which is gone
    "login",
    "login_failed",
    "link_refused",  # a shared link that never was one
    "database_state",
    "page_failed",
    "answer_failed",  # by a fault of ours
    "metrics_failed",
    "key_rule_changed",  # an administrator decided what a person or a group may use
    "batch_approved",
    "batch_declined",
    "shutdown",
]
Value = str | int | float | bool | None

ID = re.compile(r"[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}")
OTHER = "other"
PER_MINUTE = 600
STRANGERS_PER_MINUTE = 60  # anyone on the network can cause these
OF_STRANGERS = frozenset(
    {"request_refused", "upload_refused", "upload_lost", "visitor_limited", "login_failed", "link_refused"}
)
_CHARACTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0 and O, no 1 and I
_WORD = re.compile(r"[A-Za-z0-9._:/@+\[\]-]{1,120}")
MOST_NAMES = 10_000
_names: OrderedDict[str, str] = OrderedDict()  # by the short name of `person`
_log = logging.getLogger("roundtable.events")
_log.addHandler(logging.NullHandler())  # a program without any logging prints nothing


class Throttle:
    """At most so many lines of one event per minute; the next line tells how many were left out."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._minutes: dict[str, tuple[int, int]] = {}  # the minute, and the lines in it
        self._left_out: dict[str, int] = {}

    def admit(self, event: str, most: int) -> int | None:
        """How many lines were left out before this one; None: this one is left out."""
        minute = int(self._clock() // 60)
        with self._lock:
            last_minute, lines = self._minutes.get(event, (minute, 0))
            lines = lines if last_minute == minute else 0
            if lines >= most:
                self._left_out[event] = self._left_out.get(event, 0) + 1
                return None
            self._minutes[event] = (minute, lines + 1)
            return self._left_out.pop(event, 0)


_throttle = Throttle()


def log(
    event: Event,
    *,
    level: int = logging.WARNING,
    error: BaseException | None = None,
    fields: Mapping[str, Value] = MappingProxyType({}),
    **more: Value,
) -> str:
    """Write the line and return its id. `error` adds its type and where it was raised, not what it says."""
    event_id = new_id()
    left_out = _throttle.admit(event, STRANGERS_PER_MINUTE if event in OF_STRANGERS else PER_MINUTE)
    if left_out is None:
        return event_id
    shown = {"id": event_id, **{name: _shown(value) for name, value in {**fields, **more}.items() if value is not None}}
    if error is not None:
        shown["error"] = type(error).__name__
    if left_out:
        shown["left_out"] = left_out
    text = f"{event} {', '.join(f'{name}={value}' for name, value in shown.items())}"  # a comma ends what may be a key
    if name := _names.get(str(shown.get("person"))):
        shown["name"] = name
    _log.log(level, "%s", text, exc_info=error, extra={"event": event, "fields": shown})
    return event_id


def new_id() -> str:
    """Eight characters that are easily read out: 40 random bits."""
    letters = [secrets.choice(_CHARACTERS) for _ in range(8)]
    return f"{''.join(letters[:4])}-{''.join(letters[4:])}"


def person(owner_id: str) -> str:
    """A short name for a person in the log: the same for the same one, and not their id."""
    return sha256(owner_id.encode("utf-8", "replace")).hexdigest()[:10] if owner_id else ""


def introduce(owner_id: str, name: str) -> None:
    """Somebody signed in: the name for their lines, as long as this process lives."""
    _names[person(owner_id)] = name[:200]
    _names.move_to_end(person(owner_id))
    while len(_names) > MOST_NAMES:
        _names.popitem(last=False)


def forget(owner_id: str) -> None:
    """Somebody erased everything of theirs."""
    _names.pop(person(owner_id), None)


def _shown(value: str | int | float | bool) -> str | int | float | bool:
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, str):
        return value if _WORD.fullmatch(value) else OTHER
    return value

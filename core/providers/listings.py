"""Which models a provider itself lists, by key: kept in a file of the data folder, so that a start knows them at once.

    listings.names(provider_id, key)            what it listed last, () when it never did
    listings.keep(provider_id, key, names)      what it lists now; `lasting` also for the next start
    listings.fault(provider_id, key)            why it could not be asked, None after a success

A key is known by its hash only. Any thread; a file that cannot be read or written costs a call, not an answer.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ..errors import LLMError
from .limits import key_hash

FRESH = timedelta(days=1)
FAILED = timedelta(minutes=1)
MOST_NAMES = 2_000
NAME_CHARS = 200
Place = tuple[str, str]
log = logging.getLogger("roundtable.providers")


@dataclass(frozen=True, slots=True)
class Listing:
    """Names as they stand behind "provider/", and when they were listed."""

    names: tuple[str, ...]
    at: datetime
    lasting: bool = False


class Listings:
    """One for an engine. `path` None: nothing outlives the process."""

    def __init__(self, path: Path | None = None, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._path = path
        self._now = now
        self._lock = threading.Lock()
        self._known: dict[Place, Listing] | None = None
        self._faults: dict[Place, tuple[LLMError, datetime]] = {}

    def names(self, provider_id: str, key: str | None) -> tuple[str, ...]:
        found = self._read().get((provider_id, key_hash(provider_id, key)))
        return found.names if found else ()

    def is_settled(self, provider_id: str, key: str | None) -> bool:
        """Whether asking again would be too early: it was listed today, or failed a moment ago."""
        place = provider_id, key_hash(provider_id, key)
        found, failed = self._read().get(place), self._faults.get(place)
        listed = found is not None and self._now() - found.at < FRESH
        return listed or (failed is not None and self._now() - failed[1] < FAILED)

    def fault(self, provider_id: str, key: str | None) -> LLMError | None:
        failed = self._faults.get((provider_id, key_hash(provider_id, key)))
        return failed[0] if failed else None

    def keep(self, provider_id: str, key: str | None, names: Sequence[str], *, lasting: bool) -> None:
        """`lasting`: the key is one of this installation, not one that a visitor pasted."""
        known, place = self._read(), (provider_id, key_hash(provider_id, key))
        with self._lock:
            self._faults.pop(place, None)
            known[place] = Listing(tuple(names[:MOST_NAMES]), self._now(), lasting)
            if lasting:
                self._write(known)

    def failed(self, provider_id: str, key: str | None, error: LLMError) -> None:
        """Asking failed; what was known stays."""
        with self._lock:
            self._faults[provider_id, key_hash(provider_id, key)] = error, self._now()

    def _read(self) -> dict[Place, Listing]:
        with self._lock:
            if self._known is None:
                self._known = _parsed(self._path)
            return self._known

    def _write(self, known: Mapping[Place, Listing]) -> None:
        if self._path is None:
            return
        kept: dict[str, dict[str, Any]] = {}
        for (provider_id, key), listing in known.items():
            if listing.lasting:
                kept.setdefault(provider_id, {})[key] = {"at": listing.at.isoformat(), "names": listing.names}
        if not self._path.parent.is_dir():  # a script that keeps nothing
            return
        aside = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        try:
            aside.write_text(json.dumps(kept, ensure_ascii=False, indent=1), encoding="utf-8")
            aside.replace(self._path)
        except OSError as error:
            log.warning("the lists of models could not be kept (%s)", type(error).__name__)


def _parsed(path: Path | None) -> dict[Place, Listing]:
    """What the file holds, without what is not as we write it."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8")) if path else {}
    except (OSError, ValueError):
        return {}
    found: dict[Place, Listing] = {}
    for provider_id, by_key in raw.items() if isinstance(raw, dict) else ():
        for key, one in by_key.items() if isinstance(by_key, dict) else ():
            try:
                at = datetime.fromisoformat(one["at"]).astimezone(UTC)
                names = tuple(name for name in one["names"] if isinstance(name, str) and len(name) <= NAME_CHARS)
            except (KeyError, TypeError, ValueError):
                continue
            found[provider_id, key] = Listing(names, at, lasting=True)
    return found

"""The models that a provider lists for a key, kept in a file of the data folder so that the next start knows them.

    listings.names(provider_id, key)            the last list, () when there is none
    listings.keep(provider_id, key, names)      store a new list; `lasting`: also for the next start
    listings.fault(provider_id, key)            why listing failed, None after a success

Only a key's hash is stored. Thread-safe; a file that cannot be read or written costs one more call, no answer.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..errors import LLMError
from ..records import NOTHING, ListedModel
from .limits import key_hash

FRESH = timedelta(days=1)
FAILED = timedelta(minutes=1)
NEW = timedelta(days=7)
REMEMBERED = timedelta(days=30)
MOST_NAMES = 2_000
NAME_CHARS = 200
Place = tuple[str, str]
log = logging.getLogger("roundtable.providers")


@dataclass(frozen=True, slots=True)
class Listing:
    """Names without "provider/", and when they were listed. `since`: when each was first listed; `left`: names of
    earlier lists, and when they were first missing; `details`: what the list tells of some beside their names."""

    names: tuple[str, ...]
    at: datetime
    lasting: bool = False
    since: Mapping[str, datetime] = field(default_factory=lambda: NOTHING)
    details: Mapping[str, ListedModel] = field(default_factory=lambda: NOTHING)
    left: Mapping[str, datetime] = field(default_factory=lambda: NOTHING)

    def missing_since(self, name: str) -> datetime:
        """When a name that is not listed was first missing: since the first list, where none had it."""
        return self.left.get(name) or min(self.since.values(), default=self.at)

    def is_new(self, name: str, now: datetime) -> bool:
        """Whether a model came within the last week, to a list that was known before."""
        first = min(self.since.values(), default=None)
        came = self.since.get(name)
        return came is not None and first is not None and came > first and now - came < NEW


class Listings:
    """One per engine. `path` None: nothing outlives the process."""

    def __init__(self, path: Path | None = None, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._path = path
        self._now = now
        self._lock = threading.Lock()
        self._listings: dict[Place, Listing] | None = None
        self._faults: dict[Place, tuple[LLMError, datetime]] = {}

    def names(self, provider_id: str, key: str | None) -> tuple[str, ...]:
        listing = self._read().get((provider_id, key_hash(provider_id, key)))
        return listing.names if listing else ()

    def get(self, provider_id: str, key: str | None) -> Listing | None:
        """The last list with all that it told."""
        return self._read().get((provider_id, key_hash(provider_id, key)))

    def is_settled(self, provider_id: str, key: str | None) -> bool:
        """Whether it is too early to list again: it was listed within a day, or failed within a minute."""
        place = provider_id, key_hash(provider_id, key)
        listing, failed = self._read().get(place), self._faults.get(place)
        is_fresh = listing is not None and self._now() - listing.at < FRESH
        return is_fresh or (failed is not None and self._now() - failed[1] < FAILED)

    def fault(self, provider_id: str, key: str | None) -> LLMError | None:
        failed = self._faults.get((provider_id, key_hash(provider_id, key)))
        return failed[0] if failed else None

    def keep(
        self,
        provider_id: str,
        key: str | None,
        names: Sequence[str],
        *,
        lasting: bool,
        details: Iterable[ListedModel] = (),
    ) -> None:
        """`lasting`: the key belongs to this installation, not to a visitor who pasted it."""
        listings, place = self._read(), (provider_id, key_hash(provider_id, key))
        with self._lock:
            self._faults.pop(place, None)
            now, before = self._now(), listings.get(place)
            first_seen = before.since if before else NOTHING
            stored_names = tuple([name for name in names if len(name) <= NAME_CHARS][:MOST_NAMES])
            details_of = {model.name: model for model in details if model.name in {*stored_names}}
            since = {**first_seen, **{name: now for name in stored_names if name not in first_seen}}
            listings[place] = Listing(
                stored_names,
                now,
                lasting,
                {name: since[name] for name in stored_names},
                details_of,
                _missing(before, stored_names, now),
            )
            if lasting:
                self._write(listings)

    def failed(self, provider_id: str, key: str | None, error: LLMError) -> None:
        """Listing failed; the last list stays."""
        with self._lock:
            self._faults[provider_id, key_hash(provider_id, key)] = error, self._now()

    def _read(self) -> dict[Place, Listing]:
        with self._lock:
            if self._listings is None:
                self._listings = _parsed(self._path)
            return self._listings

    def _write(self, listings: Mapping[Place, Listing]) -> None:
        if self._path is None:
            return
        payload: dict[str, dict[str, Any]] = {}
        for (provider_id, key), listing in listings.items():
            if listing.lasting:
                payload.setdefault(provider_id, {})[key] = {
                    "at": listing.at.isoformat(),
                    "names": listing.names,
                    "since": {name: at.isoformat() for name, at in listing.since.items()},
                    "left": {name: at.isoformat() for name, at in listing.left.items()},
                    "details": [_as_json(model) for model in listing.details.values()],
                }
        if not self._path.parent.is_dir():  # a script that keeps nothing
            return
        aside = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        try:
            aside.write_text(json.dumps(payload, ensure_ascii=False, indent=1), encoding="utf-8")
            aside.replace(self._path)
        except OSError as error:
            log.warning("the lists of models could not be kept (%s)", type(error).__name__)


def _missing(before: Listing | None, names: Sequence[str], now: datetime) -> dict[str, datetime]:
    """The names that this list lacks and an earlier one of the last weeks had."""
    if before is None:
        return {}
    left = {**dict.fromkeys(before.names, now), **before.left}
    listed = frozenset(names)
    return {name: at for name, at in left.items() if name not in listed and now - at < REMEMBERED}


def _parsed(path: Path | None) -> dict[Place, Listing]:
    """The content of the file, without entries that are not as we write them."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8")) if path else {}
    except (OSError, ValueError):
        return {}
    listings: dict[Place, Listing] = {}
    for provider_id, by_key in raw.items() if isinstance(raw, dict) else ():
        for key, entry in by_key.items() if isinstance(by_key, dict) else ():
            try:
                at = datetime.fromisoformat(entry["at"]).astimezone(UTC)
                names = tuple(name for name in entry["names"] if isinstance(name, str) and len(name) <= NAME_CHARS)
                since = {name: datetime.fromisoformat(day) for name, day in entry.get("since", {}).items()}
                left = {name: datetime.fromisoformat(day) for name, day in entry.get("left", {}).items()}
                details_of = {model.name: model for model in map(_from_json, entry.get("details", ()))}
            except (AttributeError, KeyError, TypeError, ValueError, ArithmeticError):
                continue
            since = since or dict.fromkeys(names, at)
            listings[provider_id, key] = Listing(names, at, True, since, details_of, left)
    return listings


def _as_json(model: ListedModel) -> dict[str, Any]:
    return {name: _plain(value) for name, value in asdict(model).items() if value}


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, date | Decimal) else value


def _from_json(raw: Mapping[str, Any]) -> ListedModel:
    made: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in raw.items()}
    for name in ("usd_per_million_in", "usd_per_million_out", "usd_per_million_cached"):
        made |= {name: Decimal(raw[name])} if name in raw else {}
    made |= {"ends_on": date.fromisoformat(raw["ends_on"])} if "ends_on" in raw else {}
    return ListedModel(**made)

"""What each person may use of the server's keys: their own rule, then their group's, then the options'.

    key_rules.models(owner_id)      patterns of models; None: those of the option
    key_rules.meters(owner_id)      the counters of the person's day, for the ledger
    key_rules.day(owner_id)         as they stand

Rules are read from the database at most every few seconds. While it cannot be asked, what was known before holds;
nothing is sent with a shared key then. Callers of what changes a rule must have checked that this is an administrator.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import suppress

from ..providers.keys import allowance
from ..providers.limits import Meter
from ..records import NIGHTLY, Window
from ..store import Unavailable
from ..store.database import Database
from ..store.people import key_rules as rows
from ..store.quota import daily_limits
from ..views.people import KeyRule, PersonRule

KNOWN_S = 5.0  # for so long another replica's change may be unknown here
MOST_KNOWN = 10_000
NOBODY = frozenset(["", NIGHTLY.id])  # scripts, and the nightly probe, which has limits of its own


class BadPatterns(ValueError):
    """A text that does not list models."""


def patterns(text: str) -> tuple[str, ...]:
    """The patterns in a text. Raises BadPatterns."""
    words = text.replace(",", " ").split()
    if not all(map(allowance.PATTERN.fullmatch, words)):
        raise BadPatterns(text)
    return tuple(dict.fromkeys(words))


class KeyRules:
    """One per process, thread-safe. A person's day begins at midnight in `zone`."""

    def __init__(
        self, database: Database, options: KeyRule, zone: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.options = options
        self._database = database
        self._zone = zone
        self._clock = clock
        self._lock = threading.Lock()
        self._known: OrderedDict[str, tuple[float, KeyRule]] = OrderedDict()

    def is_known(self, owner_id: str) -> bool:
        """Whether `of` answers without the database."""
        with self._lock:
            held = self._known.get(owner_id)
        return owner_id in NOBODY or (held is not None and self._clock() - held[0] < KNOWN_S)

    def of(self, owner_id: str) -> KeyRule:
        """The rule that holds for this person. May read the database."""
        if owner_id in NOBODY:
            return KeyRule()
        with self._lock:
            held = self._known.get(owner_id)
        if held and self._clock() - held[0] < KNOWN_S:
            return held[1]
        try:
            rule = rows.of(self._database, owner_id).before(self.options)
        except Unavailable:
            return held[1] if held else self.options
        with self._lock:
            self._known[owner_id] = (self._clock(), rule)
            self._known.move_to_end(owner_id)
            while len(self._known) > MOST_KNOWN:
                self._known.popitem(last=False)
        return rule

    def models(self, owner_id: str) -> tuple[str, ...] | None:
        return self.of(owner_id).models

    def meters(self, owner_id: str) -> tuple[Meter, ...]:
        return daily_limits.meters_of(owner_id, self.of(owner_id), self._zone)

    def day(self, owner_id: str) -> list[Window]:
        """A window for each limit of the person's day. Raises Unavailable."""
        return daily_limits.windows(self._database, owner_id, self.of(owner_id), self._zone)

    def groups(self) -> dict[str, KeyRule]:
        return rows.groups(self._database)

    def everybody(self) -> dict[str, PersonRule]:
        """Those for whom something was decided."""
        return rows.everybody(self._database)

    def days(self, owner_ids: Iterable[str]) -> dict[str, list[Window]]:
        """`day` of several people, by their ids."""
        groups, decided = self.groups(), self.everybody()
        rules = {}
        for owner_id in owner_ids:
            rule = decided.get(owner_id, PersonRule())
            rules[owner_id] = rule.own.before(groups.get(rule.group, KeyRule())).before(self.options)
        return daily_limits.windows_of_people(self._database, rules, self._zone)

    def set_person(self, owner_id: str, rule: PersonRule) -> None:
        rows.set_person(self._database, owner_id, rule)
        self._forget()

    def set_group(self, name: str, rule: KeyRule) -> None:
        rows.set_group(self._database, name, rule)
        self._forget()

    def remove_group(self, name: str) -> None:
        rows.remove_group(self._database, name)
        self._forget()

    def tidy(self) -> None:
        """For a timer: delete counters of past days."""
        with suppress(Unavailable):
            daily_limits.expire(self._database)

    def _forget(self) -> None:
        with self._lock:
            self._known.clear()

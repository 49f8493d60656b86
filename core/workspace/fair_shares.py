"""Who has a share of the server's keys, and how large it is against the others'.

fair_shares.sharer(owner_id)     for the ledger; None where keys are not shared out
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping

from ..providers.shares import Sharer
from ..records import NIGHTLY
from ..store import Unavailable
from ..store.database import Database
from ..store.people import directory
from ..store.quota import shares

KNOWN_S = 60.0  # for so long a change of somebody's role or address may be unknown here
MOST_KNOWN = 10_000
ADMINS = "admins"
NOBODY = frozenset(["", NIGHTLY.id])  # scripts, and the nightly probe


class FairShares:
    """One per process, thread-safe. `team` 0: off. `weights` by name in small letters, `admins` too."""

    def __init__(
        self,
        database: Database,
        team: int,
        weights: Mapping[str, int],
        admins: frozenset[str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.team = team
        self._database = database
        self._weights = weights
        self._admins = admins
        self._clock = clock
        self._lock = threading.Lock()
        self._known: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def sharer(self, owner_id: str, *, background: bool = False) -> Sharer | None:
        """May read the database, where there are weights."""
        if not self.team or owner_id in NOBODY:
            return None
        return Sharer(owner_id, self.team, self._weight(owner_id) if self._weights else 1, background)

    def drop_old(self) -> None:
        """For a timer."""
        if self.team:
            shares.drop_old(self._database)

    def _weight(self, owner_id: str) -> int:
        with self._lock:
            cached = self._known.get(owner_id)
        if cached and self._clock() - cached[0] < KNOWN_S:
            return cached[1]
        try:
            names, role = directory.names(self._database, owner_id)
        except Unavailable:
            return cached[1] if cached else 1
        is_admin = role == "admin" or not names.isdisjoint(self._admins)
        by_name = [self._weights[name] for name in names if name in self._weights]
        weight = max(by_name, default=self._weights.get(ADMINS, 1) if is_admin else 1)
        with self._lock:
            self._known[owner_id] = (self._clock(), weight)
            self._known.move_to_end(owner_id)
            while len(self._known) > MOST_KNOWN:
                self._known.popitem(last=False)
        return weight

"""What was last shown, in memory, for use while the database is unavailable."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Generic, TypeVar

MOST = 500
View = TypeVar("View")


class Recent(Generic[View]):
    """The newest 500 views of one kind, by owner."""

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[str, str], View] = OrderedDict()
        self._lock = Lock()

    def keep(self, owner_id: str, thing_id: str, view: View) -> View:
        with self._lock:
            self._seen[owner_id, thing_id] = view
            self._seen.move_to_end((owner_id, thing_id))
            while len(self._seen) > MOST:
                self._seen.popitem(last=False)
        return view

    def get(self, owner_id: str, thing_id: str) -> View | None:
        with self._lock:
            return self._seen.get((owner_id, thing_id))

    def of(self, owner_id: str) -> list[View]:
        with self._lock:
            return [view for (owner, _), view in self._seen.items() if owner == owner_id]

    def forget(self, owner_id: str) -> None:
        with self._lock:
            for key in [key for key in self._seen if key[0] == owner_id]:
                del self._seen[key]

"""What is left for a person, what a question would take, and what they used."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, tzinfo

from ..budget import Budget
from ..providers.limits import Price
from ..records import Message, Owner, Window
from ..store import calls
from ..store.database import Database
from ..store.quota import cache_savings, usage
from ..views.usage import CacheSavings, CallRow, Day


class PersonalQuota:
    """What a person's keys may still ask, and the calls they made."""

    def __init__(self, budget: Budget, database: Database, owner: Owner) -> None:
        self._budget = budget
        self._database = database
        self._owner = owner

    def price(self, model_ids: Sequence[str], asked: str | Sequence[Message]) -> list[Price]:
        """What this question would take of what is left, a line a provider."""
        return self._budget.price(model_ids, asked, self._owner.keys)

    def windows(self) -> list[Window]:
        """The windows of every provider that is ready for a call with the person's keys."""
        return self._budget.windows(self._owner.keys)

    def forget(self, meter_id: str) -> bool:
        """Drop what a provider said of a meter; False where it said nothing, or the person's keys have no such one."""
        return any(window.id == meter_id for window in self.windows()) and self._budget.forget(meter_id)

    def calls(self, since: datetime) -> list[CallRow]:
        """The calls that were sent since an instant, the newest first."""
        found = calls.recent(self._database, self._owner.id, since=since)
        return [call for call in found if call.sent is not False]

    def usage(self, first: date, last: date, zone: tzinfo) -> tuple[list[Day], bool]:
        """The days with calls; True where there are only simulated ones."""
        without = self._budget.simulated()
        found = usage.by_day(self._database, self._owner.id, first, last, zone, without=without)
        if found:
            return found, False
        found = usage.by_day(self._database, self._owner.id, first, last, zone)
        return found, bool(found)

    def cache_savings(self, starts: Sequence[datetime]) -> tuple[list[CacheSavings], bool]:
        """What kept answers saved since each instant; True where all are simulated."""
        found = cache_savings.since(self._database, self._owner.id, starts, without=self._budget.simulated())
        if any(one.requests for one in found):
            return found, False
        found = cache_savings.since(self._database, self._owner.id, starts)
        return found, any(one.requests for one in found)

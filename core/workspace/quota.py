"""A person's remaining quota, the price of a question, and usage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, tzinfo

from ..budget import Budget, Efforts
from ..providers.limits import Need, PlannedCall, Price, price
from ..records import ExpectedOutput, Message, Owner, Window
from ..store import calls, costs
from ..store.database import Database
from ..store.quota import cache_savings, day_costs, usage
from ..views.costs import AnswerCost
from ..views.usage import CacheSavings, CallRow, Day
from .key_rules import KeyRules


class PersonalQuota:
    """The quota of a person's keys, and the calls they made."""

    def __init__(self, budget: Budget, database: Database, key_rules: KeyRules, owner: Owner) -> None:
        self._budget = budget
        self._key_rules = key_rules
        self._database = database
        self._owner = owner

    def price(self, model_ids: Sequence[str], messages: str | Sequence[Message], efforts: Efforts = ()) -> list[Price]:
        """What this question would take, one price per provider."""
        return self._budget.price(model_ids, messages, self._owner.keys, efforts=efforts, owner_id=self._owner.id)

    def expected(self, model_ids: Sequence[str], efforts: Efforts = ()) -> list[ExpectedOutput]:
        """How long the answers of these models will probably be, the thinking included."""
        return self._budget.expected(model_ids, efforts, self._owner.id)

    def day(self) -> list[Window]:
        """What the person may use of the server's keys today, a window for each limit."""
        return self._key_rules.day(self._owner.id)

    def day_needs(
        self,
        model_ids: Sequence[str],
        messages: str | Sequence[Message],
        rows: int = 1,
        tokens: int = 0,
        efforts: Efforts = (),
    ) -> tuple[Need, ...]:
        """What this question would take of that, or a batch of `rows`, which have so many `tokens` together; nothing
        with keys of one's own, or without limits."""
        asks = [
            _of_rows(ask, rows, tokens)
            for ask in self._budget.asks(
                model_ids, messages, self._owner.keys, efforts=efforts, owner_id=self._owner.id
            )
            if ask.key_hash and not ask.own
        ]
        windows = self._key_rules.day(self._owner.id) if asks else []
        together = [replace(ask, provider=asks[0].provider) for ask in asks]  # they share the day
        return tuple(need for line in price(together, [windows] * len(asks)) for need in line.needs)

    def windows(self) -> list[Window]:
        """The windows of every provider that is ready with the person's keys."""
        return self._budget.windows(self._owner.keys, self._owner.id)

    def forget(self, meter_id: str) -> bool:
        """Drop what a provider reported for a meter; False if it reported nothing, or the person has no such meter."""
        return any(window.id == meter_id for window in self.windows()) and self._budget.forget(meter_id)

    def calls(self, since: datetime) -> list[CallRow]:
        """The calls sent since a time, newest first."""
        rows = calls.recent(self._database, self._owner.id, since=since)
        return [call for call in rows if call.sent is not False]

    def usage(self, first: date, last: date, zone: tzinfo) -> tuple[list[Day], bool]:
        """The days with calls; True if there are only simulated ones."""
        without = self._budget.simulated()
        free = self._budget.free_of_charge()
        days = usage.by_day(self._database, self._owner.id, first, last, zone, without=without, free=free)
        if days:
            return days, False
        days = usage.by_day(self._database, self._owner.id, first, last, zone)
        return days, bool(days)

    def costs(self, conversation_ids: Sequence[str]) -> list[AnswerCost]:
        """What each answer of these conversations cost."""
        return costs.of_conversations(self._database, self._owner.id, conversation_ids) if conversation_ids else []

    def costs_of_entry(self, entry_id: str) -> list[AnswerCost]:
        """What each answer of a chat, or of all columns of a comparison, cost."""
        return costs.of_entry(self._database, self._owner.id, entry_id)

    def costs_of_day(self, day: date, zone: tzinfo) -> list[AnswerCost]:
        """What the calls of a day cost, a sum for each model."""
        return day_costs.of_day(self._database, self._owner.id, day, zone)

    def cache_savings(self, starts: Sequence[datetime]) -> tuple[list[CacheSavings], bool]:
        """Savings from cached answers since each time; True if all are simulated."""
        savings = cache_savings.since(self._database, self._owner.id, starts, without=self._budget.simulated())
        if any(period.requests for period in savings):
            return savings, False
        savings = cache_savings.since(self._database, self._owner.id, starts)
        return savings, any(period.requests for period in savings)


def _of_rows(ask: PlannedCall, rows: int, tokens: int) -> PlannedCall:
    """All calls of a batch as one, or the single call that it is."""
    each = ask.as_usual() if rows > 1 else ask
    return replace(
        each,
        requests=rows,
        input_tokens=(each.input_tokens or 0) + tokens,
        output_tokens=(each.output_tokens or 0) * rows,
        reasoning_tokens=(each.reasoning_tokens or 0) * rows,
    )

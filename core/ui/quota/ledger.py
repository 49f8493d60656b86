"""What the screen asks of the ledger: the price of calls, the windows as they stand, and to forget what was told.

Before the database is open nothing waits for it: then a price is what the catalogue says, with what is left unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, tzinfo
from itertools import zip_longest

from ...errors import LLMError
from ...expected_output import expected_output
from ...providers import limits
from ...providers.limits import Need, Price
from ...records import AskedEffort, ExpectedOutput, Message, Provider, Window
from ...store import StoreError
from ...views.costs import AnswerCost
from ...views.usage import CacheSavings, CallRow, Day
from .. import session

Efforts = Sequence[AskedEffort | None]  # one a model; those that are left out are not set


def is_counted(provider: Provider) -> bool:
    """Whether calls are counted: not for local servers and simulated models."""
    return not (provider.simulated or provider.local)


def is_ready(provider: Provider) -> bool:
    """Whether the provider can be called: nothing is missing, and the key was not refused."""
    return session.standing(provider).may_be_asked


def countable(model_ids: Sequence[str]) -> list[str]:
    """The models whose calls are counted and can be made."""
    providers = session.engine().catalog.providers
    provider_of = {model_id: providers.get(model_id.partition("/")[0]) for model_id in model_ids}
    return [
        name for name in model_ids if (provider := provider_of[name]) and is_counted(provider) and is_ready(provider)
    ]


def is_early(model_ids: Sequence[str]) -> bool:
    """Whether some of these models are counted but the database is not open yet."""
    return not session.is_open() and bool(countable(model_ids))


def prices(model_ids: Sequence[str], history: Sequence[Message] = (), efforts: Efforts = ()) -> list[Price]:
    """What one call of each model takes: one price per provider that is counted and ready."""
    model_ids_counted = countable(model_ids)
    if not model_ids_counted:
        return []
    if session.is_open():
        effort_of = zip_longest(model_ids, efforts[: len(model_ids)])
        efforts_counted = [effort for name, effort in effort_of if name in model_ids_counted]
        return session.person().quota.price(model_ids_counted, history, efforts_counted)
    return _documented(model_ids_counted)


def expected(model_ids: Sequence[str], efforts: Efforts = ()) -> list[ExpectedOutput]:
    """How long the answers will probably be; before the database is open, as if these were the first."""
    if session.is_open():
        return session.person().quota.expected(model_ids, efforts)
    outputs = []
    for name, effort in zip_longest(model_ids, efforts[: len(model_ids)]):
        with suppress(LLMError):  # "auto", or a model of no provider
            outputs.append(expected_output(effort, *session.engine().catalog.find(name)))
    return outputs


def day_needs(
    model_ids: Sequence[str],
    history: Sequence[Message] = (),
    rows: int = 1,
    tokens: int = 0,
    efforts: Efforts = (),
) -> tuple[Need, ...]:
    """What the calls take of what this visitor may use of the server's keys today; in a batch `rows` of each, which
    have so many `tokens` together. Nothing before the database is open."""
    if not session.is_open():
        return ()
    return session.person().quota.day_needs(model_ids, history, rows, tokens, efforts)


def day() -> list[Window]:
    """The windows of that. Opens the database."""
    return session.person().quota.day()


def _documented(model_ids: Sequence[str]) -> list[Price]:
    """Prices from the catalogue alone, with unknown remainders, before the database is open."""
    find, at = session.engine().catalog.find, datetime.now(UTC)
    asks = [limits.PlannedCall(*find(name)) for name in model_ids]
    meters = [limits.meters_of(ask.provider, ask.model.name) for ask in asks]
    return limits.price(
        asks, [[limits.without_remaining(limits.window_of(meter, at)) for meter in own_meters] for own_meters in meters]
    )


def windows() -> list[Window]:
    """The windows of all providers that this visitor can call. Opens the database."""
    providers = session.engine().catalog.providers
    return [window for window in session.person().quota.windows() if not providers[window.provider_id].local]


def forget(meter_id: str) -> bool:
    """Drop what the provider reported for a window of this visitor; False if there is nothing to drop."""
    with suppress(StoreError):
        return session.person().quota.forget(meter_id)
    return False


def calls(since: datetime) -> list[CallRow]:
    """This visitor's own calls that were sent since an instant, the newest first; none while the database is away."""
    with suppress(StoreError):
        return session.person().quota.calls(since)
    return []


def usage(first: date, last: date, zone: tzinfo) -> tuple[list[Day], bool]:
    """This visitor's days with calls; True where all are simulated. Raises `StoreError`."""
    return session.person().quota.usage(first, last, zone)


def costs_of_day(day: date, zone: tzinfo) -> list[AnswerCost]:
    """What this visitor's calls of a day cost, a sum for each model. Raises `StoreError`."""
    return session.person().quota.costs_of_day(day, zone)


def cache_savings(starts: Sequence[datetime]) -> tuple[list[CacheSavings], bool]:
    """What kept answers spared this visitor since each instant; True where all are simulated. Raises `StoreError`."""
    return session.person().quota.cache_savings(starts)

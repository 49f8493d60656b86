"""What the screen asks of the ledger: the price of calls, the windows as they stand, and to forget what was told.

Before the database is open nothing waits for it: then a price is what the catalogue says, with what is left unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, tzinfo

from ...providers import limits
from ...providers.limits import Price
from ...records import Message, Provider, Window
from ...store import StoreError
from ...views.usage import CacheSavings, CallRow, Day
from .. import session


def counted(provider: Provider) -> bool:
    """Whether calls are counted at all: not on this computer, and not where nobody is called."""
    return not (provider.simulated or provider.local)


def ready(provider: Provider) -> bool:
    """Whether nothing is missing for a call, and the key was not refused."""
    return session.standing(provider).may_be_asked


def priced(model_ids: Sequence[str]) -> list[str]:
    """Those of the models whose calls are counted and could be made."""
    providers = session.engine().catalog.providers
    of = {model_id: providers.get(model_id.partition("/")[0]) for model_id in model_ids}
    return [name for name in model_ids if (known := of[name]) and counted(known) and ready(known)]


def is_early(model_ids: Sequence[str]) -> bool:
    """Whether the ledger has something to say of these models, but cannot be asked yet without waiting for it."""
    return not session.is_open() and bool(priced(model_ids))


def prices(model_ids: Sequence[str], history: Sequence[Message] = ()) -> list[Price]:
    """What one call of each model takes, a line for each provider that counts and can be asked."""
    asked = priced(model_ids)
    if not asked:
        return []
    if session.is_open():
        return session.person().quota.price(asked, history)
    return _documented(asked)


def _documented(model_ids: Sequence[str]) -> list[Price]:
    """By the catalogue alone, before the database is open: what is left is not known."""
    find, at = session.engine().catalog.find, datetime.now(UTC)
    asks = [limits.PlannedCall(*find(name)) for name in model_ids]
    meters = [limits.meters_of(ask.provider, ask.model.name) for ask in asks]
    return limits.price(
        asks, [[limits.without_remaining(limits.window_of(meter, at)) for meter in mine] for mine in meters]
    )


def windows() -> list[Window]:
    """Every window of the providers that this visitor can call. Opens the database."""
    providers = session.engine().catalog.providers
    return [window for window in session.person().quota.windows() if not providers[window.provider_id].local]


def forget(meter_id: str) -> bool:
    """Drop what the provider said of a window that this visitor has the key of; False when nothing can be changed."""
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


def cache_savings(starts: Sequence[datetime]) -> tuple[list[CacheSavings], bool]:
    """What kept answers spared this visitor since each instant; True where all are simulated. Raises `StoreError`."""
    return session.person().quota.cache_savings(starts)

"""What the screen asks of the ledger: the price of calls, the windows as they stand, and to forget what was told.

Before the database is open nothing waits for it: then a price is what the catalogue says, with what is left unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, tzinfo

from core.providers import limits
from core.providers.limits import Price
from core.records import Message, Provider, Window
from core.store import StoreError
from core.ui import here, runtime
from core.views.usage import CallRow, Day, Spared


def counted(provider: Provider) -> bool:
    """Whether calls are counted at all: not on this computer, and not where nobody is called."""
    return not (provider.simulated or provider.local)


def ready(provider: Provider) -> bool:
    """Whether nothing is missing for a call, and the key was not refused."""
    return here.standing(provider).may_be_asked


def priced(model_ids: Sequence[str]) -> list[str]:
    """Those of the models whose calls are counted and could be made."""
    providers = here.engine().catalog.providers
    of = {model_id: providers.get(model_id.partition("/")[0]) for model_id in model_ids}
    return [name for name in model_ids if (known := of[name]) and counted(known) and ready(known)]


def is_early(model_ids: Sequence[str]) -> bool:
    """Whether the ledger has something to say of these models, but cannot be asked yet without waiting for it."""
    return not runtime.get().is_open and bool(priced(model_ids))


def prices(model_ids: Sequence[str], said: Sequence[Message] = ()) -> list[Price]:
    """What one call of each model takes, a line for each provider that counts and can be asked."""
    asked = priced(model_ids)
    if not asked:
        return []
    if runtime.get().is_open:
        return runtime.get().desk.price(here.owner(), asked, said, here.keys())
    return _documented(asked)


def _documented(model_ids: Sequence[str]) -> list[Price]:
    """By the catalogue alone, before the database is open: what is left is not known."""
    find, at = here.engine().catalog.find, datetime.now(UTC)
    asks = [limits.Ask(*find(name)) for name in model_ids]
    meters = [limits.meters_of(ask.provider, ask.model.name) for ask in asks]
    return limits.price(asks, [[limits.unknown(limits.window_of(meter, at)) for meter in mine] for mine in meters])


def windows() -> list[Window]:
    """Every window of the providers that this visitor can call. Opens the database."""
    providers = here.engine().catalog.providers
    return [window for window in runtime.get().desk.windows(here.keys()) if not providers[window.provider_id].local]


def forget(meter_id: str) -> bool:
    """Drop what the provider said of a window that this visitor has the key of; False when nothing can be changed."""
    with suppress(StoreError):
        if any(window.id == meter_id for window in windows()):
            return runtime.get().desk.budget.forget(meter_id)
    return False


def calls(since: datetime) -> list[CallRow]:
    """This visitor's own calls that were sent since an instant, the newest first; none while the database is away."""
    with suppress(StoreError):
        return runtime.get().desk.budget.calls(here.owner(), since)
    return []


def used(first: date, last: date, zone: tzinfo) -> tuple[list[Day], bool]:
    """This visitor's days with calls; True where all are simulated. Raises `StoreError`."""
    return runtime.get().desk.budget.used(here.owner(), first, last, zone)


def spared(starts: Sequence[datetime]) -> tuple[list[Spared], bool]:
    """What kept answers spared this visitor since each instant; True where all are simulated. Raises `StoreError`."""
    return runtime.get().desk.budget.spared(here.owner(), starts)

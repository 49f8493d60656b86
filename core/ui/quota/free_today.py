"""What a provider still gives, of all its models together: a counter that several models share counts once. Pure.

    supply_of("groq", windows, names) -> Supply("requests" per "day", size 3,000, measured 940, documented 2,000)

What was counted or reported is `measured`; of counters that nothing has touched yet only the documentation tells.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ...providers.capacity import capacity, covered
from ...providers.limits import BY_MODEL, personal
from ...records import Per, Unit, Window

UNITS: Sequence[Unit] = ("requests", "tokens", "neurons", "usd", "output_tokens", "input_tokens")
NONE = Decimal(0)


@dataclass(frozen=True, slots=True)
class Supply:
    """`size` None: not published. `measured` and `documented` are left; both None: what is left is unknown.

    `used` is used or reserved; `held` is left but not to be had now: another limit ends first, or it is kept for
    others. `is_least`: there are models whose limit is not known, so it may be more.
    """

    provider_id: str
    unit: Unit
    per: Per
    size: Decimal | None
    measured: Decimal | None
    documented: Decimal | None
    used: Decimal
    held: Decimal
    is_least: bool

    @property
    def left(self) -> Decimal | None:
        if self.measured is None or self.documented is None:
            return None
        return self.measured + self.documented


def supply_of(
    provider_id: str, windows: Sequence[Window], names: Sequence[str], speech: Collection[str] = ()
) -> Supply | None:
    """None where no limit of the provider says how much. `names`: its models; those that were asked count anyway,
    except those of `speech`, which answer no question."""
    windows = [window for window in windows if not (window.pool in BY_MODEL and window.scope in speech)]
    names = [name for name in names if name not in speech]
    names = [*dict.fromkeys([*names, *(window.scope for window in windows if is_asked_model(window))])]
    own = [personal(window) for window in windows]
    for unit in UNITS:
        whole = capacity(own, names, unit)
        if whole is None:
            continue
        of_period = [window for window in windows if window.per == whole.per]
        pool = capacity(of_period, names, unit)
        pool_left = pool.left if pool else None
        used = NONE if whole.amount is None or pool_left is None else max(whole.amount - pool_left, NONE)
        held = NONE if whole.left is None or pool_left is None else max(pool_left - whole.left, NONE)
        measured = documented = None
        if whole.left is not None:
            measured = min(_measured(own, names, unit), whole.left)
            documented = whole.left - measured
        return Supply(provider_id, unit, whole.per, whole.amount, measured, documented, used, held, whole.is_least)
    return None


def _measured(windows: Sequence[Window], names: Sequence[str], unit: Unit) -> Decimal:
    """What is left for the models of which a counter was touched."""
    touched = [window for window in windows if window.unit == unit and is_touched(window)]
    reached = frozenset[str]().union(*(covered(window, names) for window in touched))
    part = capacity(windows, [name for name in names if name in reached], unit) if reached else None
    return part.left or NONE if part else NONE


def is_touched(window: Window) -> bool:
    """Whether there was a call, or a report by the provider."""
    return window.source != "documented" or window.used > 0 or window.reserved > 0


def is_asked_model(window: Window) -> bool:
    return window.pool in BY_MODEL and is_touched(window)


def total(supplies: Iterable[Supply]) -> tuple[Decimal, Decimal, bool]:
    """Requests of today over providers: left as measured, left as documented, and whether it may be more."""
    daily = [supply for supply in supplies if supply.unit == "requests" and supply.per == "day"]
    measured = sum((supply.measured or NONE for supply in daily), NONE)
    documented = sum((supply.documented or NONE for supply in daily), NONE)
    return measured, documented, any(supply.is_least or supply.left is None for supply in daily)

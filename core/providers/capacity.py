"""What all models of a provider may use together, from its windows: a counter that several models share counts once.

    capacity(windows, names, "requests") -> Capacity(per="day", amount=3,000, left=2,940, is_least=False)

Of several periods the one nearest to a day counts, because a person plans by the day: day, hour, month, minute, once.
No more is left of it than of the longer ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase

from ..records import Per, Unit, Window
from .limits import BY_MODEL

PERIODS: Sequence[Per] = ("day", "hour", "month", "minute", "once")
_BY_LENGTH: Sequence[Per] = ("minute", "hour", "day", "month", "once")
_A_DAY = {"day": Decimal(1), "hour": Decimal(24), "month": 1 / Decimal(30)}
Share = tuple[frozenset[str], Decimal | None]  # models that are counted together, and how much they may use


@dataclass(frozen=True, slots=True)
class Capacity:
    """`amount` and `left` None: unknown. `is_least`: there are models whose limit is not known, so it may be more."""

    unit: Unit
    per: Per
    amount: Decimal | None
    left: Decimal | None
    is_least: bool

    @property
    def left_a_day(self) -> Decimal | None:
        """What is left, or all where nothing was counted, spread over a day; None where no period says so."""
        amount = self.amount if self.left is None else self.left
        return amount * _A_DAY[self.per] if amount is not None and self.per in _A_DAY else None


def capacity(windows: Iterable[Window], names: Sequence[str], unit: Unit) -> Capacity | None:
    """What these models may use of a unit. None where no window has it, or none says how much."""
    of_unit = [window for window in windows if window.unit == unit]
    for per in PERIODS:
        of_period = [window for window in of_unit if window.per == per]
        if not of_period:
            continue
        amount, unsized = _together(of_period, names, lambda window: window.limit)
        at_least_as_long = _BY_LENGTH[_BY_LENGTH.index(per) :]
        _, uncounted = _together(of_period, names, lambda window: window.remaining)
        bounding = [window for window in of_unit if window.per in at_least_as_long]
        left, _ = _together(bounding, names, lambda window: window.remaining)
        if amount is not None or left is not None:
            is_least = bool(uncounted if amount is None else unsized)
            return Capacity(unit, per, amount, left if uncounted <= unsized else None, is_least)
    return None


def _together(
    windows: Iterable[Window], names: Sequence[str], amount_of: Callable[[Window], Decimal | None]
) -> tuple[Decimal | None, frozenset[str]]:
    """The sum over the models, each counter at most once, and the models whose share is unknown."""
    shares: list[Share] = [(frozenset([name]), None) for name in names]
    for models, amount in sorted(_counters(windows, names, amount_of), key=lambda share: len(share[0])):
        inside = [share for share in shares if share[0] & models]
        parts = [part for _models, part in inside]
        subtotal = sum((part for part in parts if part is not None), Decimal(0))
        if amount is None:
            within = None if None in parts else subtotal
        else:
            within = min(amount, subtotal) if parts and None not in parts else amount
        shares = [share for share in shares if share not in inside]
        shares.append((models.union(*(share[0] for share in inside)), within))
    amounts = [amount for _models, amount in shares if amount is not None]
    unknown = [models for models, amount in shares if amount is None]
    return (sum(amounts, Decimal(0)) if amounts else None), frozenset().union(*unknown)


def _counters(
    windows: Iterable[Window], names: Sequence[str], amount_of: Callable[[Window], Decimal | None]
) -> Iterable[Share]:
    for window in windows:
        models = covered(window, names)
        if models or "*" in _patterns(window):
            yield models, amount_of(window)


def covered(window: Window, names: Sequence[str]) -> frozenset[str]:
    """Which of these models the window counts."""
    return frozenset(name for name in names if any(fnmatchcase(name, pattern) for pattern in _patterns(window)))


def _patterns(window: Window) -> list[str]:
    return [window.scope] if window.pool in BY_MODEL else window.scope.split(",")

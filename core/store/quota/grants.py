"""Results of `ledger.reserve`: a call is held, does not fit, or cannot be counted as the database is unreachable."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ...records import Window


@dataclass(frozen=True, slots=True)
class Hold:
    """Granted: send it, and settle it by this id."""

    hold_id: str


@dataclass(frozen=True, slots=True)
class DoesNotFit:
    """Not granted: `window` has no room for `needed` (None: nothing is left at all).

    `of_share`: it has room, but kept for others; `lent_at` is when there will be enough of it for this call, if nobody
    else takes it before; None: not before the reset.
    """

    window: Window
    needed: Decimal | None
    of_share: bool = False
    lent_at: datetime | None = None

    @property
    def resets_at(self) -> datetime | None:
        return self.window.resets_at

    @property
    def again_at(self) -> datetime | None:
        """When to ask again; None: unknown, or never."""
        return self.lent_at or self.window.resets_at


@dataclass(frozen=True, slots=True)
class Uncounted:
    """The database is unreachable, and the key is the person's own: send it uncounted."""

    why: str


@dataclass(frozen=True, slots=True)
class CannotCount:
    """The database is unreachable, and the key is shared: nothing is sent that cannot be counted."""

    why: str


Grant = Hold | DoesNotFit | Uncounted | CannotCount


@dataclass(frozen=True, slots=True)
class Reserved:
    """A grant for each ask, in the order of the asks."""

    grants: tuple[Grant, ...]

    @property
    def all_granted(self) -> bool:
        return all(isinstance(grant, Hold | Uncounted) for grant in self.grants)

"""Which rows and columns of the log: a range of time, owners and names, checked before any database is asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from .columns import Frame, LogColumn, chosen

When = datetime | date | str
Owners = str | Iterable[str]


@dataclass(frozen=True, slots=True)
class Selection:
    """`since` is in the range, `until` is not; None: no bound. `owners` None: everybody, (): nobody."""

    frame: Frame
    columns: tuple[LogColumn, ...]
    since: datetime | None = None
    until: datetime | None = None
    owners: tuple[str, ...] | None = None

    def within(self, owner_id: str) -> Selection:
        """The same of one person only."""
        if self.owners not in (None, (owner_id,)):
            raise ValueError("This log is one person's: it takes no owner.")
        return replace(self, owners=(owner_id,))


def select(
    frame: Frame,
    since: When | None = None,
    until: When | None = None,
    owner: Owners | None = None,
    columns: Iterable[str] | None = None,
) -> Selection:
    """Raises ValueError, in a sentence, for what cannot be meant."""
    start, end = instant("since", since), instant("until", until)
    if start and end and start > end:
        raise ValueError(f"since ({start.isoformat()}) is after until ({end.isoformat()}).")
    owners = None if owner is None else (owner,) if isinstance(owner, str) else tuple(owner)
    return Selection(frame, chosen(frame, columns), start, end, owners)


def instant(name: str, value: When | None) -> datetime | None:
    """An instant in UTC. A time without a zone is taken as UTC, a day as its beginning."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError(f"{name} is not a time such as 2026-10-01 or 2026-10-01T08:00: {value!r}.") from None
    if value is None or isinstance(value, datetime):
        return value and (value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC))
    return datetime.combine(value, time(), UTC)

"""Whether the database can be used, as far as its last failure tells: others do not wait for the next one to fail."""

from __future__ import annotations

from collections.abc import Callable

from . import Health
from .backends import faults

HOLD_OFF_S = 5.0


class Availability:
    """The last fault, and from when on it is worth trying again. `announce` logs a new state and returns its id."""

    def __init__(self, announce: Callable[[Health], str], clock: Callable[[], float]) -> None:
        self.fault: Health | None = None
        self.event_id = ""
        self._announce = announce
        self._clock = clock
        self._retry_at = 0.0

    def failed(self, fault: Health) -> None:
        self._change(fault)
        self.hold_off(0.0 if fault is faults.GONE else None)  # a look at a folder is free

    def worked(self) -> None:
        self._change(None)

    def hold_off(self, seconds: float | None = None) -> None:
        """None: for as long as is usual."""
        self._retry_at = self._clock() + (HOLD_OFF_S if seconds is None else seconds)

    @property
    def holds_off(self) -> bool:
        """Whether a failure was a moment ago, so that trying again would only cost time."""
        return self._clock() < self._retry_at

    @property
    def is_down(self) -> bool:
        """Whether the database could not even be read a moment ago."""
        return self.fault is not None and self.fault.state == "down" and self.holds_off

    @property
    def is_locked(self) -> bool:
        """Whether another program held the file a moment ago."""
        return self.fault is faults.LOCKED and self.holds_off

    def _change(self, fault: Health | None) -> None:
        """Remember it; a change of the state is announced, once."""
        before, self.fault = self.fault, fault
        if (before and before.code) != (fault and fault.code):
            self.event_id = self._announce(fault or Health("ok"))

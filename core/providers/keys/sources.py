"""The sources of keys, strongest first, as one `Environ` that is replaced when a source changes.

    sources.environ       the names and values now; never waits
    sources.watch()       look for changes from now on, on threads of their own
    sources.wait(10)      until slow sources (AWS) have been read once

A call that is under way holds the key it began with; the next one finds the new one. Values that are gone are still
told to the redactor for a day.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol

from ...records import NOTHING
from ..environ import Environ, problem

CLOSE_S = 1.0
REDACTED_FOR_S = 86_400.0
MOST_FORMER = 1_000


@dataclass(frozen=True, slots=True)
class SourceReading:
    """What a source holds, and what of it cannot be used: one sentence each, by name ("" concerns the whole source)."""

    values: Mapping[str, str] = field(default_factory=lambda: NOTHING, repr=False)
    faults: Sequence[tuple[str, str]] = ()


class KeySource(Protocol):
    """One place where keys are. `read` returns None while nothing has changed since it was last called; it may wait
    for a disk, one with `slow` for the network. It is called again every `every_s` seconds; None: it never changes."""

    name: str
    slow: bool
    every_s: float | None

    def read(self) -> SourceReading | None: ...


class FixedSource:
    """Values that do not change: the environment of this process."""

    slow = False
    every_s: float | None = None

    def __init__(self, name: str, values: Mapping[str, str]) -> None:
        self.name = name
        self._values = values

    def read(self) -> SourceReading:
        return SourceReading(self._values)


class KeySources:
    """One per engine, thread-safe. Reads all but slow sources when it is made."""

    def __init__(self, sources: Iterable[KeySource] = (), clock: Callable[[], float] = time.monotonic) -> None:
        self.environ = Environ()
        self._clock = clock
        self._sources: list[KeySource] = []
        self._readings: dict[str, SourceReading] = {}
        self._former: dict[tuple[str, str], float] = {}  # (name, value) that is gone -> until when it is redacted
        self._lock = threading.RLock()
        self._waiting: set[str] = set()  # slow sources that have not been read yet
        self._settled = threading.Condition(self._lock)
        self._stopped = threading.Event()
        self._watched: set[str] = set()
        self._watchers: list[threading.Thread] = []
        self._listener: Callable[[Environ], None] = lambda environ: None
        for source in sources:
            self.add(source)

    def __repr__(self) -> str:
        return f"KeySources({', '.join(source.name for source in self._sources)})"

    def add(self, source: KeySource) -> None:
        """Append a source, the weakest so far; one whose name is taken is called "folder 2"."""
        with self._lock:
            names = {other.name for other in self._sources}
            if source.name in names:
                source.name = next(name for n in count(2) if (name := f"{source.name} {n}") not in names)
            self._sources.append(source)
            if source.slow:
                self._waiting.add(source.name)
            else:
                self.refresh(source)

    def listen(self, listener: Callable[[Environ], None]) -> None:
        """From now on call this with each new `Environ` before anyone finds it."""
        with self._lock:
            self._listener = listener
            listener(self.environ)

    @property
    def faults(self) -> list[tuple[str, str]]:
        """`(name, sentence)` of all that cannot be used now; the name "" concerns a whole source."""
        with self._lock:
            readings = [self._readings[source.name] for source in self._sources if source.name in self._readings]
            return [fault for reading in readings for fault in reading.faults]

    @property
    def is_waiting(self) -> bool:
        """Whether a slow source has not been read yet."""
        return bool(self._waiting)

    def secrets(self) -> set[tuple[str, str]]:
        """`(name, value)` of all sources, those that another source hides included, and of the last day."""
        with self._lock:
            now = self._clock()
            self._former = {pair: until for pair, until in self._former.items() if until > now}
            return self._current() | self._former.keys()

    def refresh(self, *sources: KeySource) -> None:
        """Read these sources (none: all) if they changed."""
        for source in sources or tuple(self._sources):
            reading = source.read()
            with self._settled:
                if reading is not None:
                    self._take(source, reading)
                self._waiting.discard(source.name)
                self._settled.notify_all()

    def watch(self) -> None:
        """Look at the sources that may change again and again, for as long as this object is in use."""
        with self._lock:
            for every_s, slow in {(source.every_s, source.slow) for source in self._sources if source.every_s}:
                names = {source.name for source in self._sources if (source.every_s, source.slow) == (every_s, slow)}
                if every_s and not names <= self._watched:
                    self._watched |= names
                    arguments = (weakref.ref(self), self._stopped, names, every_s, slow)
                    watcher = threading.Thread(target=_watch, args=arguments, name="keys", daemon=True)
                    self._watchers.append(watcher)
                    watcher.start()

    def wait(self, timeout_s: float) -> None:
        """Until slow sources have been read, successfully or not. Blocks."""
        if self._waiting:
            self.watch()
            with self._settled:
                self._settled.wait_for(lambda: not self._waiting, timeout_s)

    def close(self) -> None:
        """Look for changes no more."""
        self._stopped.set()
        for watcher in self._watchers:
            watcher.join(CLOSE_S)

    def _look(self, names: set[str]) -> None:
        for source in [source for source in self._sources if source.name in names]:
            try:
                self.refresh(source)
            except Exception as error:  # of a source of somebody else: what it told before stays
                sentence = problem(source.name, f"could not be read ({type(error).__name__})")
                with self._settled:
                    before = self._readings.get(source.name, SourceReading())
                    self._take(source, SourceReading(before.values, [("", sentence)]))
                    self._waiting.discard(source.name)
                    self._settled.notify_all()

    def _take(self, source: KeySource, reading: SourceReading) -> None:
        before = self._current()
        self._readings[source.name] = reading
        current, until = self._current(), self._clock() + REDACTED_FOR_S
        self._former.update(dict.fromkeys(before - current, until))
        self._former = dict([pair for pair in self._former.items() if pair[0] not in current][-MOST_FORMER:])
        environ = Environ(
            *((each.name, self._readings[each.name].values) for each in self._sources if each.name in self._readings)
        )
        self._listener(environ)
        self.environ = environ

    def _current(self) -> set[tuple[str, str]]:
        return {item for reading in self._readings.values() for item in reading.values.items()}


def _watch(
    sources_ref: weakref.ref[KeySources], stopped: threading.Event, names: set[str], every_s: float, slow: bool
) -> None:
    """Ends with the object, which it does not keep alive."""
    wait_s = 0.0 if slow else every_s
    while not stopped.wait(wait_s):
        sources = sources_ref()
        if sources is None:
            return
        sources._look(names)
        del sources
        wait_s = every_s

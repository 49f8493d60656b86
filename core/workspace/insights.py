"""What a person's own log shows: read and analysed in a thread, once; afterwards only what is new.

    person.insights.look()      a `Look`: how far it is, and the findings as soon as there are some

Nothing is sent anywhere, and no text is kept but those of the examples shown. Findings are kept in memory for the
people who looked last; a restart begins anew.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace

from ..insight import findings as arithmetic
from ..insight import question_topics
from ..insight.findings import Findings, TopicMemory
from ..insight.prompt_log import PromptLog
from ..records import Owner
from ..store import StoreError, own_messages
from ..store.database import Database
from ..views.insights import HourlyCalls, OwnConversation

AT_ONCE = 100  # conversations
MESSAGES_AT_ONCE = 200
FRESH_S = 10.0  # so soon after a look nothing is read again
MOST_PEOPLE, MOST_MESSAGES = 32, 400_000
REST_S = 0.002  # for the threads of others, after each batch
log = logging.getLogger("roundtable.workspace")


@dataclass(frozen=True)
class Look:
    """`findings` None: none yet, or nothing was asked (`done`). `error`: why the last reading failed.

    `share` is done of the reading now under way, from 0 to 1; `stage` is waiting, reading, sums, topics, repeats or "".
    """

    findings: Findings | None = None
    calls: tuple[HourlyCalls, ...] = ()
    stage: str = ""
    share: float = 0.0
    done: bool = False
    error: StoreError | None = None

    @property
    def is_reading(self) -> bool:
        return bool(self.stage)


class _Reading:
    """Of one person."""

    def __init__(self) -> None:
        self.look = Look()
        self.log = PromptLog()
        self.memory = TopicMemory(None)
        self.known: dict[str, tuple[int, int]] = {}
        self.thread: threading.Thread | None = None
        self.ended_at: float | None = None


class InsightReader:
    """One per process. Reads for one person at a time, so that the others' pages stay quick."""

    def __init__(
        self,
        database: Database,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._database = database
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._turn = threading.Semaphore(1)
        self._stopped = threading.Event()
        self._readings: OrderedDict[str, _Reading] = OrderedDict()

    def look(self, owner_id: str) -> Look:
        """Begin to read what is new, unless that is being done, or was done just now."""
        with self._lock:
            reading = self._readings.get(owner_id)
            if reading is None:
                reading = self._readings[owner_id] = _Reading()
            self._readings.move_to_end(owner_id)
            self._forget_others()
            fresh = reading.ended_at is not None and self._clock() - reading.ended_at < FRESH_S
            if reading.thread is None and not fresh and not self._stopped.is_set():
                reading.look = replace(reading.look, stage="waiting", share=0.0)
                arguments = (owner_id, reading)
                reading.thread = threading.Thread(target=self._run, args=arguments, name="insights", daemon=True)
                reading.thread.start()
            return reading.look

    def close(self) -> None:
        """End all readings."""
        self._stopped.set()
        with self._lock:
            threads = [reading.thread for reading in self._readings.values() if reading.thread]
        for thread in threads:
            thread.join()

    def _forget_others(self) -> None:
        """All but those who looked last."""
        while len(self._readings) > 1 and (
            len(self._readings) > MOST_PEOPLE
            or sum(len(reading.log) for reading in self._readings.values()) > MOST_MESSAGES
        ):
            oldest = next(iter(self._readings))
            if self._readings[oldest].thread:
                return
            del self._readings[oldest]

    def _run(self, owner_id: str, reading: _Reading) -> None:
        error: StoreError | None = None
        look = reading.look
        done = look.done
        try:
            with self._turn:
                look = self._read(owner_id, reading)
                done = True
        except _Stopped:
            pass
        except StoreError as failure:
            error = failure
        except Exception as failure:
            log.exception("a log could not be analysed")
            error = StoreError(f"It ended with a fault: {type(failure).__name__}.")
        with self._lock:
            reading.thread = None
            reading.ended_at = self._clock()
            reading.look = replace(look, stage="", share=1.0, done=done, error=error)

    def _read(self, owner_id: str, reading: _Reading) -> Look:
        present = own_messages.conversations_of(self._database, owner_id)
        calls = tuple(own_messages.calls_by_hour(self._database, owner_id))
        runs = {each.id: each.run_id for each in present}
        changed = reading.log.keep(runs)
        reading.known = {name: stamp for name, stamp in reading.known.items() if name in runs}
        new = [
            each for each in present if reading.known.get(each.id) != each.changed or each.id in reading.log.unfinished
        ]
        for start, part in _parts(new):
            self._tell(reading, "reading", 0.7 * start / len(new))
            messages = own_messages.read(self._database, owner_id, [each.id for each in part])
            for first in range(0, len(messages), MESSAGES_AT_ONCE):
                reading.log.read(messages[first : first + MESSAGES_AT_ONCE], runs)
                self._rest()
            reading.known |= {each.id: each.changed for each in part}
            changed = True
        if not changed and reading.look.done:
            return replace(reading.look, calls=calls)
        if reading.memory.factorize is None:
            reading.memory.factorize = library()
        shares = {"sums": 0.7, "topics": 0.78, "repeats": 0.9}
        found = arithmetic.of(reading.log, reading.memory, lambda stage: self._tell(reading, stage, shares[stage]))
        if found:
            texts = own_messages.texts(self._database, owner_id, arithmetic.shown(found))
            found = replace(found, texts=texts)
        return Look(found, calls, done=True)

    def _tell(self, reading: _Reading, stage: str, share: float) -> None:
        self._rest()
        with self._lock:
            reading.look = replace(reading.look, stage=stage, share=share)

    def _rest(self) -> None:
        if self._stopped.is_set():
            raise _Stopped
        self._sleep(REST_S)


class _Stopped(Exception):
    """The process ends."""


class Insights:
    """A person's own."""

    def __init__(self, reader: InsightReader, owner: Owner) -> None:
        self._reader = reader
        self._owner_id = owner.id

    def look(self) -> Look:
        """What is known now; what is new is read in a thread meanwhile."""
        return self._reader.look(self._owner_id)


def library() -> question_topics.Factorize | None:
    """NMF of scikit-learn; None without the extra `insights`."""
    try:
        import sklearn.decomposition  # noqa: F401
    except ImportError:
        return None
    return question_topics.nmf


def _parts(new: list[OwnConversation]) -> list[tuple[int, list[OwnConversation]]]:
    return [(start, new[start : start + AT_ONCE]) for start in range(0, len(new), AT_ONCE)]

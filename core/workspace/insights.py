"""What a person's own log shows: read and analysed in a thread, once; afterwards only what is new.

    person.insights.look()      a `LogReading`: how far it is, and the findings as soon as there are some

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

from ..insight import log_findings, question_topics
from ..insight.log_findings import LogFindings, TopicMemory
from ..insight.prompt_log import PromptLog
from ..records import Owner
from ..store import StoreError, own_messages
from ..store.database import Database
from ..views.insights import HourlyCalls, OwnConversation, SettingCalls

AT_ONCE = 100  # conversations
MESSAGES_AT_ONCE = 200
FRESH_S = 10.0  # so soon after a look nothing is read again
MOST_PEOPLE, MOST_MESSAGES = 32, 400_000
PATIENCE_S = 2.0
REST_S = 0.002  # for the threads of others, after each batch
log = logging.getLogger("roundtable.workspace")


@dataclass(frozen=True)
class LogReading:
    """`findings` None: none yet, or nothing was asked (`done`). `error`: why the last reading failed.

    `share` is done of the reading now under way, from 0 to 1; `stage` is waiting, reading, sums, topics, repeats or "".
    """

    findings: LogFindings | None = None
    calls: tuple[HourlyCalls, ...] = ()
    settings: tuple[SettingCalls, ...] = ()
    stage: str = ""
    share: float = 0.0
    done: bool = False
    error: StoreError | None = None

    @property
    def is_reading(self) -> bool:
        return bool(self.stage)


class _OwnLog:
    """Of one person."""

    def __init__(self) -> None:
        self.look = LogReading()
        self.log = PromptLog()
        self.memory = TopicMemory(None)
        self.known: dict[str, tuple[int, int]] = {}
        self.thread: threading.Thread | None = None
        self.ended_at: float | None = None
        self.erased = threading.Event()


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
        self._readings: OrderedDict[str, _OwnLog] = OrderedDict()

    def look(self, owner_id: str) -> LogReading:
        """Begin to read what is new, unless that is being done, or was done just now."""
        with self._lock:
            own = self._readings.get(owner_id)
            if own is None:
                own = self._readings[owner_id] = _OwnLog()
            self._readings.move_to_end(owner_id)
            self._forget_others()
            fresh = own.ended_at is not None and self._clock() - own.ended_at < FRESH_S
            if own.thread is None and not fresh and not self._stopped.is_set():
                own.look = replace(own.look, stage="waiting", share=0.0)
                arguments = (owner_id, own)
                own.thread = threading.Thread(target=self._run, args=arguments, name="insights", daemon=True)
                own.thread.start()
            return own.look

    def close(self) -> None:
        """End all readings."""
        self._stopped.set()
        with self._lock:
            threads = [own.thread for own in self._readings.values() if own.thread]
        for thread in threads:
            thread.join(PATIENCE_S)  # one that factorizes ends a little later, and finds the database closed

    def forget(self, owner_id: str) -> None:
        """Drop what is known of a person who erases everything."""
        with self._lock:
            own = self._readings.pop(owner_id, None)
            if own:
                own.erased.set()

    def _forget_others(self) -> None:
        """All but those who looked last."""
        while len(self._readings) > 1 and (
            len(self._readings) > MOST_PEOPLE or sum(len(own.log) for own in self._readings.values()) > MOST_MESSAGES
        ):
            oldest = next(iter(self._readings))
            if self._readings[oldest].thread:
                return
            del self._readings[oldest]

    def _run(self, owner_id: str, own: _OwnLog) -> None:
        error: StoreError | None = None
        look = own.look
        done = look.done
        try:
            with self._turn:
                look = self._read(owner_id, own)
                done = True
        except _Stopped:
            pass
        except StoreError as failure:
            error = failure
        except Exception as failure:
            log.exception("a log could not be analysed")
            error = StoreError(f"It ended with a fault: {type(failure).__name__}.")
        with self._lock:
            own.thread = None
            own.ended_at = self._clock()
            own.look = replace(look, stage="", share=1.0, done=done, error=error)

    def _read(self, owner_id: str, own: _OwnLog) -> LogReading:
        present = own_messages.conversations_of(self._database, owner_id)
        calls = tuple(own_messages.calls_by_hour(self._database, owner_id))
        settings = tuple(own_messages.calls_by_setting(self._database, owner_id))
        runs = {each.id: each.run_id for each in present}
        changed = own.log.keep(runs)
        own.known = {name: stamp for name, stamp in own.known.items() if name in runs}
        new = [each for each in present if own.known.get(each.id) != each.changed or each.id in own.log.unfinished]
        for start, part in _parts(new):
            self._tell(own, "reading", 0.7 * start / len(new))
            messages = own_messages.read(self._database, owner_id, [each.id for each in part])
            for first in range(0, len(messages), MESSAGES_AT_ONCE):
                changed |= own.log.read(messages[first : first + MESSAGES_AT_ONCE], runs)
                self._rest()
            own.known |= {each.id: each.changed for each in part}
        if not changed and own.look.done:
            return replace(own.look, calls=calls, settings=settings)
        if own.memory.factorize is None:
            own.memory.factorize = question_topics.library()
        shares = {"sums": 0.7, "topics": 0.78, "repeats": 0.9}
        findings = log_findings.of(own.log, own.memory, lambda stage: self._tell(own, stage, shares[stage]))
        if findings:
            texts = own_messages.texts(self._database, owner_id, log_findings.shown(findings))
            findings = replace(findings, texts=texts)
        return LogReading(findings, calls, settings, done=True)

    def _tell(self, own: _OwnLog, stage: str, share: float) -> None:
        if own.erased.is_set():
            raise _Stopped
        self._rest()
        with self._lock:
            own.look = replace(own.look, stage=stage, share=share)

    def _rest(self) -> None:
        if self._stopped.is_set():
            raise _Stopped
        self._sleep(REST_S)


class _Stopped(Exception):
    """The process ends, or the person erased everything."""


class Insights:
    """A person's own."""

    def __init__(self, reader: InsightReader, owner: Owner) -> None:
        self._reader = reader
        self._owner_id = owner.id

    def look(self) -> LogReading:
        """What is known now; what is new is read in a thread meanwhile."""
        return self._reader.look(self._owner_id)


def _parts(new: list[OwnConversation]) -> list[tuple[int, list[OwnConversation]]]:
    return [(start, new[start : start + AT_ONCE]) for start in range(0, len(new), AT_ONCE)]

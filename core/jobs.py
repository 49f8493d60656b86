"""All answers in progress of this process: they run on the background loop and outlive the page that asked for them.

A page starts a job, polls it about ten times a second and may go away; whoever returns with the job's id finds it
running or finished. An answer store, if there is one, receives the text every second or every 500 characters.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import Counter
from collections.abc import Coroutine, Mapping
from concurrent.futures import Future
from dataclasses import replace
from typing import Any
from uuid import uuid4

from .engine import Engine
from .job import AnswerStore, Job
from .net.loop import BackgroundLoop
from .question import Question
from .records import NOTHING, ChatRequest

KEPT_JOBS, KEPT_OF_OWNER = 1000, 100
KEPT_CHARS = 30_000_000  # of questions and answers that have ended
LOOK_S = 0.25
log = logging.getLogger("roundtable.jobs")


class Jobs:
    """All answers of this process, the newest thousand, on one event loop."""

    def __init__(
        self,
        engine: Engine,
        answer_store: AnswerStore | None = None,
        tick_s: float = 10.0,
        loop: BackgroundLoop | None = None,
    ) -> None:
        self._engine = engine
        self._answer_store = answer_store
        self._tick_s = tick_s
        self._loop = loop or BackgroundLoop()
        self._rounds: Future[None] | None = None
        self._lock = threading.Lock()
        self._jobs: dict[tuple[str, str], Job] = {}  # by owner and request id

    def start(
        self,
        request: ChatRequest,
        keys: Mapping[str, str] = NOTHING,
        owner_id: str = "",
        question: Question | None = None,
    ) -> Job:
        """Start an answer, or return the one that this owner started under the same `request_id` already.

        `question` is the request where it was prepared already.
        """
        self.keep_watch()
        with self._lock:
            job = self._jobs.get((owner_id, request.request_id or ""))
            if job is None or job.waits_again:
                request = replace(request, request_id=request.request_id or uuid4().hex)
                job = Job(request, self._engine, keys, owner_id, self._answer_store, question)
                self._jobs[owner_id, job.id] = job
                job.start(self._loop)
                self._forget_old()
            return job

    def get(self, job_id: str, owner_id: str = "") -> Job | None:
        """The owner's job of that id. Lock-free: every page that shows an answer calls it ten times a second."""
        job = self._jobs.get((owner_id, job_id))
        return None if job is None or job.waits_again else job

    def stop_all(self, owner_id: str) -> None:
        """Stop the answers of one owner in this process."""
        with self._lock:
            running = [job for job in self._jobs.values() if job.owner_id == owner_id and not job.done]
        for job in running:
            job.cancel()

    def beside(self, work: Coroutine[Any, Any, None]) -> Future[None]:
        """Run `work` on the answers' loop, over the same connections; cancel the future to end it."""
        return self._loop.run(work)

    def keep_watch(self) -> None:
        """Begin to store parts and renew leases regularly, once."""
        with self._lock:
            if self._answer_store and self._rounds is None:
                self._rounds = self._loop.run(self._make_rounds(self._answer_store))

    def running(self) -> list[Job]:
        with self._lock:
            return [job for job in self._jobs.values() if not job.done]

    def running_of(self, owner_id: str) -> int:
        """How many answers of this owner run."""
        return sum(job.owner_id == owner_id for job in self.running())

    def interrupt(self) -> None:
        """End all work and store the text so far of the running answers."""
        running = self.running()
        self.close()
        parts = [part for job in running if (part := job.all_so_far())]
        if parts and self._answer_store:
            self._answer_store.checkpoint(parts)

    def close(self) -> None:
        """End all work. What was stored of an answer stays; another process marks it as interrupted."""
        with self._lock:
            self._rounds = None
        self._loop.close()

    async def _make_rounds(self, answer_store: AnswerStore) -> None:
        ticked = 0.0
        while True:
            parts = [part for job in self.running() if (part := job.part())]
            try:
                if parts:
                    await asyncio.to_thread(answer_store.checkpoint, parts)
                if time.monotonic() - ticked > self._tick_s:
                    ticked = time.monotonic()
                    await asyncio.to_thread(answer_store.tick)
            except RuntimeError:
                return  # the interpreter is ending: it takes no more work for its threads
            except Exception:
                log.exception("a round of keeping failed")
            await asyncio.sleep(LOOK_S)

    def _forget_old(self) -> None:
        """Drop ended jobs, oldest first, where there are too many, of one owner or of all, or too much text in them."""
        number, chars = len(self._jobs), sum(job.chars for job in self._jobs.values())
        of_owner = Counter(job.owner_id for job in self._jobs.values() if job.owner_id)
        for key, job in list(self._jobs.items()):
            is_one_too_many = number > KEPT_JOBS or of_owner[job.owner_id] > KEPT_OF_OWNER or chars > KEPT_CHARS
            if job.done and is_one_too_many:
                del self._jobs[key]
                number, chars = number - 1, chars - job.chars
                of_owner[job.owner_id] -= 1

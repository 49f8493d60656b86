"""Checks whether hosts of one model give the same answers: short questions at temperature 0, on the background loop.

    checks.start(family, models, questions)   -> EqualityRun; the running one, if there is one
    checks.current()                          -> the newest
    run.stop()
    checks.recent()                           results of the last month

Hosts are asked concurrently, each one's questions in turn and spaced by its limits. A host that fails ends early; the
others go on. What is asked and how it is judged is in `core/insight/model_equality/`.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import uuid4

from ..budget import Budget, read_tokens
from ..errors import LLMError
from ..insight.model_equality import MOST_CALLS_MORE, QUESTIONS, Sample, first_words, to_repeat, verdicts
from ..jobs import Jobs
from ..providers.limits import Price
from ..providers.pace import spaced
from ..records import ChatRequest, Completion, Message, Owner
from ..store import StoreError, equality_checks
from ..store.database import Database
from ..views.model_equality import FEWEST_HOSTS, MOST_HOSTS, CheckedHost, EqualityCheck
from .paced import PacedCalls

State = Literal["waiting", "running", "done", "ended", "stopped"]
ONE_TOKEN = 1
MORE_TOKENS = 24  # for hosts that show nothing within one token, or that accept no limit so small
MOST_FAILURES = 3  # in a row
REMEMBERED = 500
log = logging.getLogger("roundtable.workspace")


@dataclass
class HostRun:
    """One host: the calls sent, the questions asked (`turns`) and those still `queued`. `why` it ended early is the
    kind of an error, "no_text" or "no_temperature"; `until` is the end of a wait for its limit. `failed` and `silent`
    count answers in a row."""

    model_id: str
    samples: list[list[Sample]]
    calls: int = 0
    turns: int = 0
    queued: int = 0
    failed: int = 0
    silent: int = 0
    most_tokens: int = ONE_TOKEN
    state: State = "waiting"
    why: str = ""
    until: datetime | None = None
    answered_by: str = ""

    def end(self, why: str) -> None:
        self.state, self.why, self.queued = "ended", why, 0


@dataclass
class EqualityRun:
    """A running or ended check. The loop writes, any thread may read. `check` is its result, None before the end."""

    owner: Owner
    family: str
    questions: int
    hosts: tuple[HostRun, ...]
    shared: bool
    id: str = field(default_factory=lambda: uuid4().hex)
    ended_at: datetime | None = None
    check: EqualityCheck | None = None
    future: Future[None] | None = field(default=None, repr=False)

    @property
    def ended(self) -> bool:
        return self.ended_at is not None

    @property
    def stopped(self) -> bool:
        return any(host.state == "stopped" for host in self.hosts)

    @property
    def made(self) -> int:
        return sum(host.calls for host in self.hosts)

    @property
    def total(self) -> int:
        """The calls made and those that are known to follow; repeats may still be added."""
        return self.made + sum(host.queued for host in self.hosts)

    def stop(self) -> None:
        """Stop; what was answered is judged, and kept if two hosts can be compared."""
        if self.future:
            self.future.cancel()


class EqualityRunner:
    """One per process; one check at a time per owner."""

    def __init__(self, paced: PacedCalls, database: Database, jobs: Jobs) -> None:
        self._paced = paced
        self._database = database
        self._jobs = jobs
        self._lock = threading.Lock()
        self._newest: dict[str, EqualityRun] = {}

    def start(self, owner: Owner, family: str, model_ids: Sequence[str], questions: int) -> EqualityRun:
        """Start a check, or return the running one of this owner. ValueError for fewer than two hosts, or too many."""
        names = list(dict.fromkeys(model_ids))
        if not FEWEST_HOSTS <= len(names) <= MOST_HOSTS or not 0 < questions <= len(QUESTIONS):
            raise ValueError(f"{len(names)} hosts, {questions} questions")
        with self._lock:
            running = self._newest.get(owner.id)
            if running and not running.ended:
                return running
            hosts = tuple(self._host(name, questions) for name in names)
            run = EqualityRun(owner, family, questions, hosts, shared=not _pasted(names, owner.keys))
            self._newest.pop(owner.id, None)
            self._newest[owner.id] = run
            while len(self._newest) > REMEMBERED:
                del self._newest[next(iter(self._newest))]
            run.future = self._jobs.beside(self._run(run))
            return run

    def current(self, owner: Owner) -> EqualityRun | None:
        with self._lock:
            return self._newest.get(owner.id)

    def _host(self, model_id: str, questions: int) -> HostRun:
        try:
            _provider, model = self._paced.engine.catalog.find(model_id)
        except LLMError:  # the calls will say why
            return HostRun(model_id, [[] for _ in range(questions)])
        return HostRun(
            model_id, [[] for _ in range(questions)], most_tokens=MORE_TOKENS if model.reasoning else ONE_TOKEN
        )

    async def _run(self, run: EqualityRun) -> None:
        hosts = {host.model_id: host for host in run.hosts}
        try:
            wanted: Mapping[str, Sequence[int]] = {name: range(run.questions) for name in hosts}
            while wanted:
                for name, numbers in wanted.items():
                    hosts[name].queued = len(numbers)
                async with asyncio.TaskGroup() as tasks:
                    for name, numbers in wanted.items():
                        tasks.create_task(self._ask_all(run, hosts[name], numbers))
                repeats = to_repeat({name: host.samples for name, host in hosts.items()})
                wanted = {name: numbers for name, numbers in repeats.items() if hosts[name].state != "ended"}
            for host in run.hosts:
                host.state = "ended" if host.state == "ended" else "done"
        except Exception:
            log.exception("a check of one model at several hosts failed")
        finally:
            for host in run.hosts:
                if host.state in ("waiting", "running"):
                    host.state = "stopped"
            run.check = self._judged(run)
            try:
                if run.check.has_result or not run.stopped:
                    await asyncio.to_thread(equality_checks.add, self._database, run.owner.id, run.check)
            except StoreError:
                log.exception("the result of a check could not be saved")
            finally:
                run.ended_at = self._database.now()

    async def _ask_all(self, run: EqualityRun, host: HostRun, numbers: Sequence[int]) -> None:
        """Ask one host these questions in turn."""
        clock, keys = asyncio.get_running_loop().time, run.owner.keys
        gap = self._paced.gap_s([host.model_id], QUESTIONS[0], keys, MORE_TOKENS)

        def waiting(until: datetime | None) -> None:
            host.until = until

        next_at = 0.0
        for number in numbers:
            if not await self._paced.fits(host.model_id, QUESTIONS[number], keys, waiting, MORE_TOKENS):
                host.end("quota_spent")
                return
            if (pause := next_at - clock()) > 0:
                await self._paced.sleep(pause)
            next_at = clock() + gap
            host.state = "running"
            await self._ask(run, host, number)
            if host.why:
                return
            host.queued -= 1

    async def _ask(self, run: EqualityRun, host: HostRun, number: int) -> None:
        request = ChatRequest(
            (Message("user", QUESTIONS[number]),),
            host.model_id,
            max_output_tokens=host.most_tokens,
            temperature=0.0,
            request_id=f"{run.id}-{run.hosts.index(host)}-{host.turns}",
        )
        host.turns += 1
        completion = await self._paced.answer(request, run.owner)
        host.calls += sum(attempt.sent for attempt in completion.attempts)
        if completion.error is not None:
            self._failed(host, completion)
            return
        host.failed = 0
        dropped = {note.detail for note in completion.notes if note.kind == "parameter_dropped"}
        if "temperature" in dropped and not self._is_simulated(host.model_id):
            host.end("no_temperature")
            return
        if completion.answered_by != host.model_id:
            host.answered_by = completion.answered_by
        sample = first_words(completion.text, completion.reasoning)
        if host.most_tokens < MORE_TOKENS and (sample is None or sample.is_reasoning or "max_output_tokens" in dropped):
            host.most_tokens = MORE_TOKENS
            if sample is None or sample.is_reasoning:
                await self._ask(run, host, number)
                return
        if sample is not None:
            host.silent = 0
            host.samples[number].append(sample)
        elif completion.finish is None or completion.finish.reason not in ("filter", "refusal"):
            host.silent += 1
            if host.silent >= MOST_FAILURES:
                host.end("no_text")

    def _failed(self, host: HostRun, completion: Completion) -> None:
        error = completion.error
        assert error
        host.failed += 1
        is_final = error.scope != "question" and not error.retryable  # the next question would fail as well
        if is_final or host.failed >= MOST_FAILURES:
            host.end(error.kind)

    def _is_simulated(self, model_id: str) -> bool:
        """Simulated models answer as at temperature 0, and say that they ignore it."""
        provider = self._paced.engine.catalog.providers.get(model_id.partition("/")[0])
        return provider is not None and provider.simulated

    def _judged(self, run: EqualityRun) -> EqualityCheck:
        results = verdicts({host.model_id: host.samples for host in run.hosts})
        checked = [
            CheckedHost(
                model_id=host.model_id,
                verdict=verdict.kind,
                calls=host.calls,
                answered=verdict.answered,
                compared=verdict.compared,
                different=verdict.different,
                p_value=verdict.p_value,
                repeated=verdict.repeated,
                varied=verdict.varied,
                why=host.why,
                answered_by=host.answered_by,
                answers=[[sample.text for sample in samples] for samples in host.samples],
            )
            for host in run.hosts
            for verdict in [results[host.model_id]]
        ]
        return EqualityCheck(run.id, run.family, self._database.now(), run.questions, checked, run.shared)


def _pasted(model_ids: Sequence[str], keys: Mapping[str, str]) -> bool:
    """Whether a pasted key is used."""
    return any(keys.get(model_id.partition("/")[0], "").strip() for model_id in model_ids)


class EqualityChecks:
    """A person's checks."""

    def __init__(self, runner: EqualityRunner, database: Database, budget: Budget, owner: Owner) -> None:
        self._runner = runner
        self._database = database
        self._budget = budget
        self._owner = owner

    def start(self, family: str, model_ids: Sequence[str], questions: int) -> EqualityRun:
        """Start a check, or return the running one."""
        return self._runner.start(self._owner, family, model_ids, questions)

    def current(self) -> EqualityRun | None:
        """The newest check of this process."""
        return self._runner.current(self._owner)

    def prices(self, model_ids: Sequence[str], questions: int, *, at_most: bool = False) -> list[Price]:
        """What a check takes, a price for each provider that counts: without repeats, or with all of them."""
        calls = questions + (MOST_CALLS_MORE if at_most else 0)
        longest = max(QUESTIONS[:questions], key=len)
        planned = [model_id for model_id in model_ids for _ in range(calls)]
        prices = self._budget.price(
            planned, longest, self._owner.keys, max_output_tokens=MORE_TOKENS, owner_id=self._owner.id
        )
        return [spaced(price) for price in prices]

    def most_tokens(self, questions: int) -> int:
        """How many tokens a host reads and writes at most, estimated."""
        longest = max(read_tokens([Message("user", question)]) for question in QUESTIONS[:questions])
        return (questions + MOST_CALLS_MORE) * (longest + MORE_TOKENS)

    def recent(self) -> list[EqualityCheck]:
        """Results of the last month that this person may see, newest first. Raises `StoreError`."""
        return equality_checks.recent(self._database, self._owner.id)

"""Sends a process's scheduled questions when their limits have reset, and takes over those of ended processes.

Each is an ordinary job. Right before the provider is called `commit_sending` makes it sent, once in all processes; a
refusal that names another reset puts it back instead of failing it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ..errors import BlockedInput, LLMError, MissingKey, Overloaded, RateLimited
from ..job import Job
from ..question import Question
from ..records import AUTO, ChatRequest, Completion, Finish, Owner, Timing
from ..store import NotFound, Unavailable, tree, turns
from ..store.quota.ledger import Now
from ..store.quota.meters import now_us
from ..store.scheduled import carrying, making
from ..views.conversation import GenerationSettings
from ..views.scheduled import WAITS_H
from . import question as questions
from .answer_store import state_of
from .settings import PersonalSettings
from .shared import Shared

LOOK_S = 60.0  # at the latest: another process may have left something, or this computer may have slept
SOON_S = 0.05
LONGEST_S = 25 * 3600.0  # a day, one with the end of daylight saving included
MOST_TRIES = 3
PACE_S = 300.0  # a shorter wait of our own is the pace of the minute's limit, and no try
UNKNOWN_S = (60.0, 300.0, 900.0)  # where the refusal does not say when, by try
LANE = "lane"
CANCELLED = "cancelled"
KeysOf = Callable[[str], Mapping[str, str]]
log = logging.getLogger("roundtable.scheduled")


@dataclass
class _Carried:
    """One question of this process. `sent`: this process may have called the provider; `lost`: another has it."""

    due: carrying.DueQuestion
    sent: bool = False
    lost: bool = False


class ScheduledCarrier:
    """One per process. `keys_of`: a person's pasted keys, as far as this process has them."""

    def __init__(self, shared: Shared, keys_of: KeysOf, *, now: Now = now_us, look_s: float = LOOK_S) -> None:
        self._shared = shared
        self._database = shared.database
        self._process = shared.process
        self._keys_of = keys_of
        self._now = now
        self._look_s = look_s
        self._loop: asyncio.AbstractEventLoop | None = None
        self._news = asyncio.Event()
        self._closing = False
        self._carried: dict[tuple[str, str], _Carried] = {}

    def begin_work(self) -> None:
        self._shared.jobs.beside(self._rounds())

    def wind_up(self) -> None:
        """Send nothing any more; what runs is stored, and what waits is for another process."""
        self._closing = True

    def nudge(self) -> None:
        """Something was scheduled, cancelled or moved, or a key was pasted: look now. From any thread."""
        if self._loop:
            with suppress(RuntimeError):  # the loop is closing
                self._loop.call_soon_threadsafe(self._news.set)

    def commit_sending(self, question: Question) -> None:
        """Before each attempt: note that it is sent. Raises where that must not be."""
        carried = self._carried.get((question.owner_id, question.request.request_id or ""))
        try:
            if carried and carrying.sending(self._database, self._process, *_key(carried)):
                carried.sent = True
                return
        except Unavailable:
            raise _unsent(Overloaded("The database cannot save right now.", retryable=False)) from None
        if carried:
            carried.lost = True
        raise _unsent(LLMError("This question was cancelled, or another process sends it."))

    def end_answer(self, owner_id: str, request_id: str, completion: Completion, keep: Callable[[], None]) -> bool:
        """An answer came to its end; `keep` stores it as usual. False: it waits again, or is not ours."""
        carried = self._carried.pop((owner_id, request_id), None)
        if carried is None:
            keep()
            return True
        try:
            if carried.lost or self._wait_again(carried, completion):
                return False
            if carried.sent:
                keep()
                return True
            state = state_of(completion)
            return carrying.end(self._database, self._process, owner_id, request_id, completion, state)
        except Unavailable:  # nothing was sent: once its lease has ended it is taken again
            if carried.sent:
                keep()
            return carried.sent
        finally:
            self.nudge()

    def _wait_again(self, carried: _Carried, completion: Completion) -> bool:
        wait = wait_of(carried.due, completion)
        return wait is not None and carrying.put_back(
            self._database,
            self._process,
            *_key(carried),
            completion,
            wait_us=int(wait.s * 1_000_000),
            counts=wait.counts,
            now=self._now,
        )

    async def _rounds(self) -> None:
        self._loop = asyncio.get_running_loop()
        while not self._closing:
            self._news.clear()
            wait_s = self._look_s
            try:
                wait_s = min(wait_s, await asyncio.to_thread(self._round))
            except Unavailable:
                pass  # the next round tries again
            except RuntimeError:
                return  # the interpreter is ending: it takes no more work for its threads
            except Exception:
                log.exception("a round of sending scheduled questions failed")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), wait_s)

    def _round(self) -> float:
        """Do what is to be done now; returns in how many seconds the next one is due."""
        look = carrying.look(self._database, self._process, now=self._now)
        keys = {owner_id: self._keys_of(owner_id) for owner_id in look.owners}  # this counts as a use of them
        busy = set(look.busy)
        for due in look.due:
            if ending := _ending(due, self._label(due.model_id)):
                making.cancel(self._database, due.owner_id, due.request_id, *ending)
            elif self._closing:
                break
            elif due.above not in ("running", "scheduled") and (due.insist or due.pool not in busy):
                own_keys = keys.get(due.owner_id) or self._keys_of(due.owner_id)
                if due.own_key and due.model_id.partition("/")[0] not in own_keys:
                    continue
                busy.add(due.pool)
                if carrying.claim(self._database, self._process, due):
                    self._send(due, own_keys)
        return self._look_s if look.next_us is None else max((look.next_us - look.now_us) / 1_000_000, SOON_S)

    def _send(self, due: carrying.DueQuestion, keys: Mapping[str, str]) -> None:
        carried = _Carried(due)
        self._carried[_key(carried)] = carried
        try:
            job = self._shared.jobs.start(self._request(due, Owner(due.owner_id, keys)), keys, due.owner_id)
        except NotFound:  # deleted meanwhile: the next round sees it
            del self._carried[_key(carried)]
            return
        job.listen(_FirstToken(job, lambda: self._shared.jobs.beside(self._heard(carried))))

    def _request(self, due: carrying.DueQuestion, owner: Owner) -> ChatRequest:
        *above, message = tree.history(self._database, due.owner_id, due.conversation_id, due.question_id)
        request = questions.request_for(
            due.request_id,
            due.conversation_id,
            due.model_id,
            [*questions.paired(above), message],
            GenerationSettings.of(str(due.generation.get("system") or ""), due.generation),
            lane=bool(due.generation.get(LANE)),
            insist=due.insist,
        )
        if not due.generation.get(LANE):
            request = PersonalSettings(self._shared, owner).applied(request)
        substitute = request.substitute and due.model_id in AUTO  # it waited for this model
        return replace(request, substitute=substitute, scheduled=True)

    def _label(self, model_id: str) -> str:
        provider = self._shared.engine.catalog.providers.get(model_id.partition("/")[0])
        return provider.label if provider else model_id

    async def _heard(self, carried: _Carried) -> None:
        with suppress(Unavailable, RuntimeError):
            await asyncio.to_thread(carrying.heard, self._database, self._process, *_key(carried))
        self._news.set()


class _FirstToken:
    """Listens to a job until its first token."""

    def __init__(self, job: Job, tell: Callable[[], object]) -> None:
        self._job = job
        self._tell = tell

    def set(self) -> None:
        if self._job.done or self._job.progress().phase in ("thinking", "answering"):
            self._job.unlisten(self)
            if not self._job.done:
                self._tell()


@dataclass(frozen=True)
class AnotherWait:
    """How long a question waits again; `counts`: as one of its tries."""

    s: float
    counts: bool


def wait_of(due: carrying.DueQuestion, completion: Completion) -> AnotherWait | None:
    """How long it waits again after this refusal; None where it has ended."""
    error = completion.error
    if error is None or completion.text or error.oversize:
        return None
    if not isinstance(error, RateLimited) and (error.sent or error.retry_after_s is None):
        return None
    wait_s = error.retry_after_s
    if wait_s is None:
        wait_s = UNKNOWN_S[min(due.tries, len(UNKNOWN_S) - 1)]
    counts = error.sent or wait_s > PACE_S
    if wait_s > LONGEST_S or (counts and not due.insist and due.tries >= MOST_TRIES):
        return None
    return AnotherWait(max(wait_s, SOON_S), counts)


def _ending(due: carrying.DueQuestion, provider: str) -> tuple[Completion, turns.End] | None:
    """The end of a question that is not sent any more."""
    if due.gone:
        return cancelled(due.model_id), "stopped"
    if due.expired and due.own_key:
        error: LLMError = MissingKey(
            f"This question waited {WAITS_H} hours for your {provider} key, and was not sent.", code="expired"
        )
    elif due.expired:
        error = Overloaded(f"This question waited {WAITS_H} hours, and was not sent.", code="expired", retryable=False)
    elif due.above in ("failed", "interrupted"):
        error = BlockedInput("The question above it was not answered. Press Retry to send this one.", code="above")
    else:
        return None
    return replace(cancelled(due.model_id), finish=None, error=_unsent(error)), "failed"


def cancelled(model_id: str) -> Completion:
    """The completion of a question that was cancelled before it was sent."""
    return Completion(model_id, "", "", None, Finish("stopped", CANCELLED), Timing(datetime.now(UTC)))


def _unsent(error: LLMError) -> LLMError:
    error.sent = False
    return error


def _key(carried: _Carried) -> tuple[str, str]:
    return carried.due.owner_id, carried.due.request_id

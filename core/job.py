"""One answer in progress: its text so far, its end, and how to stop it.

Stopping keeps the text so far. Every end leaves a Completion. An answer store, if there is one, has the whole answer
before a page sees it as done.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import NamedTuple, Protocol

from . import events
from .call import Call
from .context import estimate_tokens
from .engine import Engine
from .errors import Server
from .net.loop import BackgroundLoop
from .question import Question
from .records import ChatRequest, Completion, Event, Finish, PersonalKeys, ToolStep, Usage
from .tools import built_in
from .views.progress import Phase, Progress

CHECKPOINT_S = 1.0
CHECKPOINT_CHARS = 500
log = logging.getLogger("roundtable.jobs")


class AnswerPart(NamedTuple):
    """The text of an answer so far."""

    owner_id: str
    request_id: str
    text: str
    reasoning: str


class AnswerStore(Protocol):
    """Stores answers. Its methods may block for a while and are called off the event loop. `finish` returns False where
    the answer has not ended: the question waits again, and may be started again under the same id."""

    def checkpoint(self, parts: Sequence[AnswerPart]) -> None: ...
    def finish(self, owner_id: str, request_id: str, completion: Completion) -> bool: ...
    def tick(self) -> None: ...


class Listener(Protocol):
    """Such as a `threading.Event`."""

    def set(self) -> None: ...


class Job:
    """One answer. Thread-safe."""

    def __init__(
        self,
        request: ChatRequest,
        engine: Engine,
        keys: Mapping[str, str],
        owner_id: str = "",
        answer_store: AnswerStore | None = None,
        question: Question | None = None,
    ) -> None:
        self.id = request.request_id or ""
        self.request = request
        self.owner_id = owner_id
        self.waits_again = False
        self._answer_store = answer_store
        self._kept_chars = 0
        self._kept_at = time.monotonic()
        keys = keys if isinstance(keys, PersonalKeys) else dict(keys)
        self._generation = engine.generation(request, keys, owner_id, question, tools=built_in(request.tools))
        self._phase: Phase = "waiting"
        self._completion: Completion | None = None
        self._future: Future[None] | None = None
        self._loop: BackgroundLoop | None = None
        self._nudge = threading.Event()
        self._listeners: set[Listener] = set()
        self._counted = (0, 0, 0)
        self._asked_chars = sum(len(message.text) for message in request.messages)

    @property
    def done(self) -> bool:
        return self._completion is not None

    @property
    def chars(self) -> int:
        """How much text it holds: the question with what was said before, and the answer."""
        answer = self._completion
        return self._asked_chars + (len(answer.text) + len(answer.reasoning) if answer else 0)

    def cancel(self) -> None:
        """Stop at once; the text so far is kept and the answer ends as "stopped"."""
        completion = self._generation.stopped()
        if not self.done:
            self._generation.ended(completion)
        self._end(completion)
        if self._future and self._future.cancel() and self._loop:
            self._loop.run(self._keep(completion))

    def wait(self, timeout_s: float) -> None:
        """Wait at most `timeout_s`; returns at once for the first token, a retry, the last word and the end."""
        self._nudge.wait(timeout_s)
        if not self.done:
            self._nudge.clear()

    def listen(self, news: Listener) -> None:
        """Set `news`, too, whenever `wait` would return at once; until `unlisten`."""
        self._listeners.add(news)

    def unlisten(self, news: Listener) -> None:
        self._listeners.discard(news)

    def _notify(self) -> None:
        self._nudge.set()
        for news in tuple(self._listeners):
            news.set()

    def progress(self) -> Progress:
        completion, call = self._completion, self._generation.call
        if completion is not None:
            return Progress.of(completion)
        if call is None:
            return Progress("waiting", "", "", None, 0.0, None, None, None, 0, None, None)
        answer, trail = call.answer, call.trail
        text, reasoning = answer.text, answer.reasoning
        waiting = call.waiting
        return Progress(
            phase=_phase(call),
            text=text,
            reasoning=reasoning,
            usage=self._usage_so_far(answer.usage, text, reasoning),
            elapsed_ms=(trail.clock() - trail.sent) * 1000,
            ttft_ms=answer.ttft_ms,
            first_answer_ms=answer.first_answer_ms,
            last_ms=answer.last_ms,
            chunks=answer.chunks,
            attempt=trail.attempts[-1] if trail.attempts else None,
            completion=None,
            steps=self._generation.steps,
            wait_s=max(waiting.until - trail.clock(), 0.0) if waiting else None,
            ahead=waiting.place.ahead if waiting else 0,
        )

    def _usage_so_far(self, usage: Usage | None, text: str, reasoning: str) -> Usage:
        """An estimate that counts only the text since the last call: a long answer is not counted over and over."""
        if usage and usage.output_tokens is not None and usage.output_tokens > 1:
            return usage
        seen_text, seen_reasoning, tokens = self._counted
        if seen_text > len(text) or seen_reasoning > len(reasoning):
            seen_text = seen_reasoning = tokens = 0
        tokens += estimate_tokens(text[seen_text:]) + estimate_tokens(reasoning[seen_reasoning:])
        self._counted = (len(text), len(reasoning), tokens)
        return replace(usage or Usage(), output_tokens=tokens, estimated=True)

    def start(self, loop: BackgroundLoop) -> None:
        self._loop = loop
        self._future = loop.run(self.run())

    async def run(self) -> None:
        """Run the call to its end. Every exit leaves a Completion."""
        try:
            completion = await self._generation.completion(self._heard, lambda _attempt: self._notify())
            await self._keep(completion)
            self._end(completion)
        except asyncio.CancelledError:
            self._end(self._generation.stopped())
            raise
        except Exception as error:
            fault = Server(
                f"Roundtable itself failed while handling this answer ({type(error).__name__}).", retryable=False
            )
            fault.event_id = events.log(
                "answer_failed",
                level=logging.ERROR,
                error=error,
                model=self.request.model_id,
                person=events.person(self.owner_id) or None,
            )
            self._end(self._generation.failed(fault))
            await self._keep(self._generation.failed(fault))
            raise

    def _heard(self, event: Event) -> None:
        """Notify the listeners of the first token, the first one of the answer, and the last."""
        call = self._generation.call
        assert call
        if event.__class__ is Finish or event.__class__ is ToolStep:
            self._notify()
        elif self._phase != "answering" and self._phase != (phase := _phase(call)):
            self._phase = phase
            self._notify()

    async def _keep(self, completion: Completion) -> None:
        """Hand the Completion to the answer store; a failure to store it never changes the answer (a banner reports
        it)."""
        if self._answer_store:
            try:
                ended = await asyncio.to_thread(self._answer_store.finish, self.owner_id, self.id, completion)
                self.waits_again = not ended
            except Exception:
                log.exception("an answer could not be kept")

    def part(self) -> AnswerPart | None:
        """The text to store now: None while little is new. Called on the loop's thread."""
        call = self._generation.call
        if call is None or self.done:
            return None
        text, reasoning = call.answer.text, call.answer.reasoning
        grown, now = len(text) + len(reasoning) - self._kept_chars, time.monotonic()
        if not grown or (grown < CHECKPOINT_CHARS and now - self._kept_at < CHECKPOINT_S):
            return None
        self._kept_chars, self._kept_at = len(text) + len(reasoning), now
        return AnswerPart(self.owner_id, self.id, text, reasoning)

    def all_so_far(self) -> AnswerPart | None:
        """The text that had come when the loop was closed; None for an answer that had ended before, or not begun."""
        call = self._generation.call
        return AnswerPart(self.owner_id, self.id, call.answer.text, call.answer.reasoning) if call else None

    def _end(self, completion: Completion) -> None:
        """The first end counts: a stop that coincides with the last word does not end an answer twice."""
        if self._completion is None:
            self._completion = completion
        self._generation.forget_keys()
        self._notify()


def _phase(call: Call) -> Phase:
    answer = call.answer
    if answer.first_answer_ms is not None:
        return "answering"
    if answer.ttft_ms is not None:
        return "thinking"
    if call.waiting:
        return "queued"
    return "retrying" if call.pausing else "waiting"

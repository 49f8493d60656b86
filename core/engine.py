"""The straight line from a question to an answer: prepare, sign, try, read, complete.

    stream(request)     events as they arrive, last a Completion       (asyncio, aiohttp)
    complete(request)   one Completion                                  (sync, requests)
    compare(requests)   (index, event) in order of arrival              (asyncio, aiohttp)

A provider's failure is a Completion with an `error`; only a mistake in the program raises. Everything but the
exchange itself is shared by `stream` and `complete`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any
from uuid import uuid4

from core import context, logs
from core.call import Call, Gate, refused, stopped
from core.config import Settings
from core.errors import BadRequest, ContextTooLong, LLMError
from core.net.retry import Policy
from core.net.transport import Patience
from core.offered import Offered
from core.providers.catalog import Catalog
from core.providers.keys import Keyring
from core.providers.listings import Listings
from core.records import AUTO, NOTHING, ChatRequest, Completion, Event, Message, Model, Note, Provider, Size, WireEvent
from core.routing.candidates import Route
from core.safety.incoming import clean_prompt
from core.safety.redact import Redactor
from core.succession import is_alone, may_pass_on, note_size, pass_on, prospects, reserved, route_of, stand_in, suggest
from core.tries import OnAttempt, Opened, Transports, Tries
from core.wire import ignored

Keys = Mapping[str, str]


class Engine:
    """Asks models. Made by `build()`; safe to share between threads and event loops."""

    def __init__(
        self,
        settings: Settings,
        catalog: Catalog,
        keyring: Keyring,
        transports: Transports,
        patience: Patience,
        policy: Policy,
        clock: Callable[[], float] = time.monotonic,
        listings: Listings | None = None,
    ) -> None:
        self.settings = settings
        self.catalog = catalog
        self.keyring = keyring
        self.transports = transports
        self.tries = Tries(transports, patience, policy, clock, alone=lambda call: is_alone(call, self))
        self._clock = clock
        self._redactor = Redactor(keyring.values())
        logs.install(self._redactor)
        self.offered = Offered(
            catalog, keyring, transports, listings or Listings(), self.redactor, look_here=settings.local_servers
        )

    def guard(self, gate: Gate) -> None:
        """From now on ask this gate before each attempt, and tell it what came of it."""
        self.tries.gate = gate

    async def stream(
        self,
        request: ChatRequest,
        keys: Keys = NOTHING,
        on_attempt: OnAttempt | None = None,
        *,
        owner_id: str = "",
    ) -> AsyncGenerator[Event]:
        """Yield `Delta`, `Reasoning`, `Usage` and `Finish` as they arrive, and last a `Completion`.

        `keys` are pasted keys by provider id, used for this request alone. `on_attempt` hears of each attempt that
        failed and is followed by another. `owner_id` says whose kept answers may be used.
        """
        try:
            call = await self.prepare_soon(request, keys, owner_id)
        except LLMError as error:
            yield refused(request, error, self.redactor(keys))
            return
        async with aclosing(self.run(call, on_attempt)) as events:
            async for event in events:
                yield event

    def complete(self, request: ChatRequest, keys: Keys = NOTHING, on_attempt: OnAttempt | None = None) -> Completion:
        """Return the whole answer at once; blocks, so not for use inside an event loop."""
        try:
            call = self.prepare(request, keys)
        except LLMError as error:
            return refused(request, error, self.redactor(keys))
        kept, asked = self.tries.recalled(call), call.request
        if kept:
            return kept
        try:
            for event in self._send(call, on_attempt):
                call.answer.add(event)
        except LLMError as error:
            error = call.turn_back(error)
            suggest(call, error, self)
            return call.completion(error)
        completion = call.completion()
        self.tries.kept(call, asked, completion)
        return completion

    async def compare(self, requests: Sequence[ChatRequest], keys: Keys = NOTHING) -> AsyncGenerator[tuple[int, Event]]:
        """Ask all at once; yield `(index of the request, event)` in order of arrival. One failing moves no other."""
        arrivals: asyncio.Queue[tuple[int, Event | BaseException]] = asyncio.Queue()

        async def lane(index: int, request: ChatRequest) -> None:
            try:
                async for event in self.stream(request, keys):
                    arrivals.put_nowait((index, event))
            except Exception as error:
                arrivals.put_nowait((index, error))

        lanes = [asyncio.create_task(lane(index, request)) for index, request in enumerate(requests)]
        open_lanes = len(lanes)
        try:
            while open_lanes:
                index, event = await arrivals.get()
                if isinstance(event, BaseException):
                    raise event
                open_lanes -= isinstance(event, Completion)
                yield index, event
        finally:
            for task in lanes:
                task.cancel()
            await asyncio.gather(*lanes, return_exceptions=True)

    def prepare(self, request: ChatRequest, keys: Keys = NOTHING, owner_id: str = "") -> Call:
        """Check and complete a question without sending it. Raises `LLMError` when it cannot be sent."""
        if not request.model_id:
            request = replace(request, model_id=self.settings.default_model or self.offered.first(keys).model.id)
        if request.model_id not in AUTO:
            return self._prepared(request, keys, owner_id)
        routed = route_of(self, request, keys, owner_id)
        ids = [choice.model.id for choice in routed.models]
        while True:
            try:
                call = self._prepared(replace(request, model_id=ids.pop(0)), keys, owner_id)
                break
            except ContextTooLong:
                if not ids:
                    raise
        call.original, call.heirs = replace(request, substitute=True), ids
        call.notes = [*routed.notes, *call.notes]
        note_size(call)
        return call

    def _prepared(self, request: ChatRequest, keys: Keys, owner_id: str) -> Call:
        """The same for a model that was named."""
        original = request
        provider, model = self.catalog.find(request.model_id or "")
        unused = ignored(request, provider)
        without: dict[str, Any] = dict.fromkeys(unused)
        request = replace(request, model_id=model.id, messages=self._checked(request.messages), **without)
        if not request.conversation_id and not request.request_id:  # two calls of a script never share a session
            request = replace(request, request_id=uuid4().hex)
        if provider.quirks.get("counts_max_tokens") and request.max_output_tokens is None:
            request = replace(request, max_output_tokens=self.settings.default_max_output_tokens)
        most_turns = provider.quirks.get("max_messages")
        fitted = context.fit(request.messages, model.window_tokens, reserved(request, model), most_turns)
        return Call(
            request=replace(request, messages=fitted.messages),
            provider=provider,
            model=model,
            key=self.keyring.find(provider, keys),
            keyring=self.keyring,
            redactor=self.redactor(keys),
            clock=self._clock,
            owner_id=owner_id,
            keys=keys,
            original=original,
            notes=[
                *([Note("turns_left_out", str(fitted.left_out))] if fitted.left_out else ()),
                *(Note("parameter_dropped", name) for name in unused),
            ],
        )

    async def run(self, call: Call, on_attempt: OnAttempt | None = None) -> AsyncGenerator[Event]:
        """Yield the events of a prepared call, last its Completion. Cancel it and `call` still holds the part."""
        kept, asked = await self.tries.recall(call), call.request
        if kept:
            await self.tries.leave(call)
            yield replace(kept, timing=call.looked_up())
            return
        try:
            heard, rest = await self._open(call, on_attempt)  # from here on nothing is awaited but under `finally`
        except LLMError as error:
            await self.tries.leave(call)
            error = call.turn_back(error)
            if error.oversize:
                await asyncio.to_thread(suggest, call, error, self)
            yield call.completion(error)
            return
        except BaseException:
            await self.tries.leave(call)
            raise
        add = call.answer.add
        failed: LLMError | None = stopped()
        try:
            async with aclosing(rest):
                for early in heard:
                    yield add(early)
                async for event in rest:
                    yield add(event)
            for event in call.answer.close():
                yield event
            failed = None
        except LLMError as error:
            call.failed(error)
            failed = error
        finally:
            await self.tries.end(call, failed)
        completion = call.completion(failed)
        await self.tries.keep(call, asked, completion)
        yield completion

    async def prepare_soon(self, request: ChatRequest, keys: Keys = NOTHING, owner_id: str = "") -> Call:
        """The same on a loop: to choose a model may mean to read the database, or to ask a provider which it has."""
        named = request.model_id or self.settings.default_model
        if named is None or named in AUTO:
            return await asyncio.to_thread(self.prepare, request, keys, owner_id)
        return self.prepare(request, keys, owner_id)

    async def _open(self, call: Call, on_attempt: OnAttempt | None) -> Opened:
        """The first model that comes to a visible word: the one asked, or who may stand in for it."""
        while True:
            try:
                return await self.tries.open(call, on_attempt)
            except LLMError as error:
                if not may_pass_on(call, error, self.tries.policy.deadline_s):
                    raise
                if not await asyncio.to_thread(pass_on, call, error, self):
                    raise
                if on_attempt:
                    on_attempt(call.attempts[-1])

    def _send(self, call: Call, on_attempt: OnAttempt | None) -> list[WireEvent]:
        """The same whole: of the model asked, or of who may stand in for it."""
        while True:
            try:
                return self.tries.send(call, on_attempt)
            except LLMError as error:
                if not may_pass_on(call, error, self.tries.policy.deadline_s) or not pass_on(call, error, self):
                    raise
                if on_attempt:
                    on_attempt(call.attempts[-1])

    def prospects(self, request: ChatRequest, keys: Keys = NOTHING, owner_id: str = "") -> dict[Size, Route]:
        """Whom "auto" would ask now for an easy and for a hard question; may read the database."""
        return prospects(self, request, keys, owner_id)

    def stand_in(self, request: ChatRequest, keys: Keys = NOTHING) -> Model | None:
        """Who would answer a question to a model that there is no key for; None for nobody."""
        return stand_in(self, request, keys)

    def is_ready(self, provider: Provider, keys: Keys = NOTHING) -> bool:
        """True when nothing is missing for a call: not retired, options filled, a key found or none needed."""
        return self.keyring.is_ready(provider, keys)

    def list_models(self, provider_id: str, keys: Keys = NOTHING) -> list[str]:
        """The names the provider itself lists now, ready to stand behind "provider/". Raises `LLMError`."""
        provider, _model = self.catalog.find(f"{provider_id}/any")
        return self.offered.listed(provider, keys)

    def redactor(self, keys: Keys = NOTHING) -> Redactor:
        """Of the configured keys and of these; made once where nothing was pasted."""
        redactor = self._redactor.knowing(keys.values())
        if redactor is not self._redactor:
            logs.install(redactor)
        return redactor

    def _checked(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        limit = self.settings.max_prompt_chars
        asked = [message for message in messages if message.role == "user"]
        if not asked or messages[-1].role != "user":
            raise BadRequest("The last message must be the user's question.")
        clean_prompt(asked[-1].text, limit)
        return tuple(message for message in messages if message.text.strip())

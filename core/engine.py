"""The library's entry point: a question goes to one model or to many, and comes back as events or as one Completion.

    stream(request)        events as they arrive, last a Completion       (asyncio, aiohttp)
    answer(request)        the Completion alone                           (asyncio, aiohttp)
    complete(request)      the same, whole                                (sync, requests)
    stream_sync(request)   as `stream`, for a thread that blocks          (sync, aiohttp)
    compare(requests)      (index, event) in order of arrival             (asyncio, aiohttp)
    chat(model_id=…)       a conversation that keeps its context          (both)

With `tools=[…]`, functions, the calls of a model are run and it goes on with the results (`tool_loop`).

Its parts: `directory` knows which models can be asked, `router` chooses for "auto", `preparation` makes a question
ready, `runner` makes the attempts, `fallback` names the next model; a `Generation` runs one question through them.
A provider's failure is a Completion with an `error`; only a bug raises.
"""

from __future__ import annotations

import asyncio
import time
import weakref
from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from . import logs
from .admission import AdmissionControl
from .answer_cache import MemoryCache
from .attempts import AttemptRunner, OnAttempt
from .call_log import CallLog
from .chat import ChatSession
from .directory import ModelDirectory
from .fallback import Fallback
from .generation import Generation
from .net.loop import BackgroundLoop
from .net.retry import Policy
from .net.sync_stream import blocking
from .net.transport import Timeouts
from .options import Settings
from .preparation import Preparation
from .providers.catalog import Catalog, fill_options
from .providers.keys import Keyring
from .providers.listings import Listings
from .question import Question
from .records import NOTHING, UNFILTERED, ChatRequest, Completion, Event, InputFilter, Message
from .router import Router
from .safety.redact import Redactor
from .tool_loop import ToolLoop
from .tools import ToolFunction
from .transports import Transports

if TYPE_CHECKING:  # it brings the schema of the catalogue, which few need
    from .catalog_feed import CatalogFeed
    from .transcription import Transcriber

Keys = Mapping[str, str]


class Engine:
    """Asks models. Made by `build()`; safe to share between threads and event loops.

    In all methods `keys` are pasted keys by provider id, used for this request alone; `on_attempt` is called for each
    failed attempt that is followed by another; `owner_id` says whose stored answers may be used, and whose the call is
    in the log; `tools` are functions, or `FunctionTool`s, that the model may call: they are run here, at most 8 rounds.
    Tools that are only in the request are the caller's to run. With `with` or `async with` it is closed at the end.
    """

    def __init__(
        self,
        settings: Settings,
        catalog: Catalog,
        keyring: Keyring,
        transports: Transports,
        timeouts: Timeouts,
        policy: Policy,
        clock: Callable[[], float] = time.monotonic,
        listings: Listings | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        feed: CatalogFeed | None = None,
        input_filter: InputFilter = UNFILTERED,
        log: CallLog | None = None,
    ) -> None:
        self.feed = feed
        self.settings = settings
        self.catalog = catalog
        self.keyring = keyring
        self.transports = transports
        self._redactor = Redactor()
        keyring.sources.listen(self._keys_changed)
        self.directory = ModelDirectory(
            catalog,
            keyring,
            transports,
            listings or Listings(now=now),
            self.redactor,
            look_here=settings.local_servers,
            now=now,
        )
        self.router = Router(catalog, keyring, self.directory)
        self.preparation = Preparation(
            settings, catalog, keyring, self.directory, self.router, self.redactor, input_filter
        )
        self.fallback = Fallback(self.preparation.prepare, self.directory, self.router)
        self.runner = AttemptRunner(keyring, transports, timeouts, policy, clock, alone=self.fallback.is_alone)
        self.runner.cache = MemoryCache(settings)
        self.runner.learn = self.directory.model_life.learn
        self._log = log
        self._loop = BackgroundLoop()
        weakref.finalize(self, self._loop.close)  # for one that is dropped without being closed

    def guard(self, control: AdmissionControl) -> None:
        """From now on ask this control before each attempt, and report the outcome to it."""
        self.runner.control = self.router.control = self.runner.cache = control

    async def stream(
        self,
        request: ChatRequest,
        keys: Keys = NOTHING,
        on_attempt: OnAttempt | None = None,
        *,
        owner_id: str = "",
        tools: Sequence[ToolFunction] = (),
    ) -> AsyncGenerator[Event]:
        """Yield `Delta`, `Reasoning`, `Usage`, `ToolStep` and `Finish` as they arrive, and last a `Completion`."""
        generation, completion = self.generation(request, keys, owner_id, tools=tools), None
        try:
            async with aclosing(generation.events(on_attempt)) as events:
                async for event in events:
                    if isinstance(event, Completion):
                        completion = event
                        await self._write_soon(generation, event)
                    yield event
        finally:
            if completion is None:  # nobody reads on
                await self._write_soon(generation, generation.stopped())

    def stream_sync(
        self,
        request: ChatRequest,
        keys: Keys = NOTHING,
        on_attempt: OnAttempt | None = None,
        *,
        owner_id: str = "",
        tools: Sequence[ToolFunction] = (),
    ) -> Generator[Event]:
        """The same for a thread that blocks, such as a view of Flask; not for use inside an event loop.

        Close the generator, or drop it, to stop: the connection to the provider is closed then. All such streams share
        one thread of the engine, which `close` ends.
        """
        return blocking(self._loop, lambda: self.stream(request, keys, on_attempt, owner_id=owner_id, tools=tools))

    async def answer(
        self, request: ChatRequest, keys: Keys = NOTHING, owner_id: str = "", *, tools: Sequence[ToolFunction] = ()
    ) -> Completion:
        """Return the Completion alone."""
        async with aclosing(self.stream(request, keys, owner_id=owner_id, tools=tools)) as events:
            async for event in events:
                if isinstance(event, Completion):
                    return event
        raise RuntimeError("a stream ended without its completion")

    def complete(
        self,
        request: ChatRequest,
        keys: Keys = NOTHING,
        on_attempt: OnAttempt | None = None,
        *,
        owner_id: str = "",
        tools: Sequence[ToolFunction] = (),
    ) -> Completion:
        """Return the whole answer at once; blocks, so not for use inside an event loop."""
        generation = self.generation(request, keys, owner_id, tools=tools)
        completion = generation.complete(on_attempt)
        self._write(generation, completion)
        return completion

    def chat(
        self,
        model_id: str | None = None,
        system: str = "",
        *,
        messages: Sequence[Message] = (),
        window_tokens: int | None = None,
        keys: Keys = NOTHING,
        owner_id: str = "",
        tools: Sequence[ToolFunction] = (),
        **fields: Any,
    ) -> ChatSession:
        """A conversation that keeps its context, from `messages` on. `fields` are those of `ChatRequest`, for every
        turn; `window_tokens` sends less of what was said than the model's window holds."""
        return ChatSession(self, system, messages, window_tokens, keys, owner_id, tools, model_id=model_id, **fields)

    async def compare(
        self, requests: Sequence[ChatRequest], keys: Keys = NOTHING, *, owner_id: str = ""
    ) -> AsyncGenerator[tuple[int, Event]]:
        """Ask all at once; yield `(index of the request, event)` in order of arrival. A failure does not affect the
        others."""
        arrivals: asyncio.Queue[tuple[int, Event | BaseException]] = asyncio.Queue()

        async def lane(index: int, request: ChatRequest) -> None:
            try:
                async for event in self.stream(request, keys, owner_id=owner_id):
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

    def prepare(self, request: ChatRequest, keys: Keys = NOTHING, owner_id: str = "") -> Question:
        """Check and complete a question without sending it. Raises `LLMError` when it cannot be sent."""
        return self.preparation.prepare(request, keys, owner_id)

    def generation(
        self,
        request: ChatRequest,
        keys: Keys = NOTHING,
        owner_id: str = "",
        question: Question | None = None,
        *,
        tools: Sequence[ToolFunction] = (),
    ) -> Generation | ToolLoop:
        """One question's generation, to be run and watched; `question` is the request if it was prepared already."""

        def begin(request: ChatRequest, question: Question | None = None) -> Generation:
            return Generation(self.preparation, self.runner, self.fallback, request, keys, owner_id, question)

        return ToolLoop.of(begin, request, question, tools) if tools else begin(request, question)

    @cached_property
    def transcriber(self) -> Transcriber:
        """Speech to text."""
        from .transcription import Transcriber

        return Transcriber(self.catalog, self.keyring, self.directory, self.runner, self.redactor)

    def close(self) -> None:
        """End what `stream_sync` runs, look for changed keys no more, close the log. Closing twice does no harm; what
        runs on an event loop of the caller ends with that loop."""
        self._loop.close()
        self.keyring.sources.close()
        if self._log:
            self._log.close()

    async def aclose(self) -> None:
        """The same on an event loop, with the connections that it still holds open."""
        await self.runner.transports.close()
        await asyncio.to_thread(self.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def _write(self, generation: Generation | ToolLoop, completion: Completion) -> None:
        if self._log:
            self._log.add(generation, completion, self.redactor())

    async def _write_soon(self, generation: Generation | ToolLoop, completion: Completion) -> None:
        if self._log:
            await asyncio.shield(asyncio.to_thread(self._write, generation, completion))

    def _keys_changed(self, environ: Mapping[str, str]) -> None:
        """New keys are redacted, and addresses that waited for an option filled, before anyone finds them."""
        self._redactor = Redactor(self.keyring.values())
        logs.install(self._redactor)
        fill_options(self.catalog, environ)

    def redactor(self, keys: Keys = NOTHING) -> Redactor:
        """For the configured keys and these; the same one wherever nothing was pasted."""
        redactor = self._redactor.knowing(keys.values())
        if redactor is not self._redactor:
            logs.install(redactor)
        return redactor

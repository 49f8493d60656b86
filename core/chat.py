"""A conversation that keeps its context: each question is sent with what was said before it.

chat = engine.chat(model_id="sim/quick", system="Answer in one sentence.")
chat.ask("What is a tide?").text            whole, blocking
chat.stream_sync("And a spring tide?")      events, blocking
await chat.answer("How often?")             whole, asyncio
chat.stream("Why?")                         events, asyncio
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import aclosing, closing
from dataclasses import replace
from typing import Any, Protocol
from uuid import uuid4

from . import context
from .errors import ContextTooLong
from .records import NOTHING, ChatRequest, Completion, Event, Message, Note
from .tools import ToolFunction

CLOSING_S = 1.0
LOOK_S = 0.005
BUSY = "This chat is still answering: read that answer to its end or close it, or use another chat."


class AnsweringEngine(Protocol):
    """What a chat needs of an engine."""

    def stream(
        self,
        request: ChatRequest,
        keys: Mapping[str, str] = NOTHING,
        *,
        owner_id: str = "",
        tools: Sequence[ToolFunction] = (),
    ) -> AsyncGenerator[Event]: ...
    def stream_sync(
        self,
        request: ChatRequest,
        keys: Mapping[str, str] = NOTHING,
        *,
        owner_id: str = "",
        tools: Sequence[ToolFunction] = (),
    ) -> Generator[Event]: ...
    def complete(
        self,
        request: ChatRequest,
        keys: Mapping[str, str] = NOTHING,
        *,
        owner_id: str = "",
        tools: Sequence[ToolFunction] = (),
    ) -> Completion: ...


class ChatSession:
    """One conversation, with any model; made by `engine.chat()`. `messages` are the turns so far.

    All turns are kept here, and the newest that fit the model's window are sent (or `window_tokens`, if that is less);
    the answer's note `turns_left_out` tells how many were not. A turn is kept when its answer came without an error and
    was read to its end; after a failed or an abandoned one the chat is as before, so the question can be asked again.

    Any thread or task may use a chat, one turn at a time: a second one raises RuntimeError. People who talk at the same
    time need a chat each.
    """

    def __init__(
        self,
        engine: AnsweringEngine,
        system: str = "",
        messages: Sequence[Message] = (),
        window_tokens: int | None = None,
        keys: Mapping[str, str] = NOTHING,
        owner_id: str = "",
        tools: Sequence[ToolFunction] = (),
        **fields: Any,
    ) -> None:
        self.id = fields.pop("conversation_id", None) or uuid4().hex
        self.system = system
        self.messages: list[Message] = list(messages)
        self._engine = engine
        self._window_tokens = window_tokens
        self._sending: dict[str, Any] = {"keys": keys, "owner_id": owner_id, "tools": tools}
        self._fields = fields
        self._turn = threading.Lock()
        self._request("")  # names that are no fields of a request fail here

    def ask(self, question: str, **fields: Any) -> Completion:
        """Ask, and return the whole answer; blocks. `fields` are those of `ChatRequest`, for this turn only."""
        self._begin()
        try:
            request, left_out = self._request(question, **fields)
            return self._remember(question, self._engine.complete(request, **self._sending), left_out)
        finally:
            self._turn.release()

    def stream_sync(self, question: str, **fields: Any) -> Generator[Event]:
        """The same as events, blocking; a client that leaves closes the generator and with it the connection."""
        self._begin()
        try:
            request, left_out = self._request(question, **fields)
            with closing(self._engine.stream_sync(request, **self._sending)) as events:
                for event in events:
                    yield self._remember(question, event, left_out) if isinstance(event, Completion) else event
        finally:
            self._turn.release()

    async def answer(self, question: str, **fields: Any) -> Completion:
        """Ask, and return the whole answer."""
        async with aclosing(self.stream(question, **fields)) as events:
            async for event in events:
                if isinstance(event, Completion):
                    return event
        raise RuntimeError("a stream ended without its completion")

    async def stream(self, question: str, **fields: Any) -> AsyncGenerator[Event]:
        """The same as events."""
        await self._begin_soon()
        try:
            request, left_out = self._request(question, **fields)
            async with aclosing(self._engine.stream(request, **self._sending)) as events:
                async for event in events:
                    yield self._remember(question, event, left_out) if isinstance(event, Completion) else event
        finally:
            self._turn.release()

    def _begin(self) -> None:
        if not self._turn.acquire(blocking=False):
            raise RuntimeError(BUSY)

    async def _begin_soon(self) -> None:
        """A stream that was left in its middle is closed by the event loop a moment later."""
        until = asyncio.get_running_loop().time() + CLOSING_S
        while not self._turn.acquire(blocking=False):
            if asyncio.get_running_loop().time() > until:
                raise RuntimeError(BUSY)
            await asyncio.sleep(LOOK_S)

    def _request(self, question: str, **fields: Any) -> tuple[ChatRequest, int]:
        """The request, and how many turns it leaves out because of `window_tokens`."""
        system = [Message("system", self.system)] if self.system else []
        messages, left_out = (*system, *self.messages, Message("user", question)), 0
        request = ChatRequest(messages, conversation_id=self.id, **{**self._fields, **fields})
        if self._window_tokens is not None:
            reserve_tokens = request.max_output_tokens or context.USUAL_ANSWER_TOKENS
            try:
                fitted = context.fit(messages, self._window_tokens, min(reserve_tokens, self._window_tokens // 2))
                messages, left_out = fitted.messages, fitted.left_out
            except ContextTooLong:  # the question alone; whether it is too long for the model, the engine says
                messages, left_out = (*system, messages[-1]), len(self.messages)
        return replace(request, messages=messages), left_out

    def _remember(self, question: str, completion: Completion, left_out: int) -> Completion:
        """The same, told what was left out; its turn is kept if the answer is whole."""
        stopped = completion.finish is not None and completion.finish.reason == "stopped"
        if completion.error is None and completion.text.strip() and not stopped:
            self.messages += [Message("user", question), *completion.steps, completion.message()]
        notes = [Note("turns_left_out", str(left_out))] if left_out else []
        return replace(completion, notes=(*completion.notes, *notes))

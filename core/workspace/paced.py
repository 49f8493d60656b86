"""Calls that nobody asked one by one: spaced by the limits, admitted like any other, and logged as a probe's."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

from ..budget import Budget
from ..engine import Engine
from ..errors import LLMError
from ..providers.pace import free_at, gap_s
from ..records import ChatRequest, Completion, Owner
from ..store import StoreError, calls
from ..store.database import Database

LONGEST_WAIT_S = 90.0
Sleep = Callable[[float], Awaitable[None]]
log = logging.getLogger("roundtable.workspace")


class PacedCalls:
    """One per process. `sleep` waits on the event loop."""

    def __init__(self, engine: Engine, database: Database, budget: Budget, sleep: Sleep = asyncio.sleep) -> None:
        self.engine = engine
        self.sleep = sleep
        self._database = database
        self._budget = budget

    def gap_s(self, model_ids: Sequence[str], prompt: str, keys: Mapping[str, str], most_tokens: int) -> float:
        """Seconds from the beginning of one call to that of the next."""
        try:
            return gap_s(self._budget.asks(model_ids, prompt, keys, max_output_tokens=most_tokens))
        except LLMError:
            return 0.0

    async def fits(
        self,
        model_id: str,
        prompt: str,
        keys: Mapping[str, str],
        waiting: Callable[[datetime | None], None],
        most_tokens: int | None = None,
    ) -> bool:
        """Wait until a call fits the limits; False if that is too far away. `waiting` is told until when, then None."""
        prices = await asyncio.to_thread(self._budget.price, [model_id], prompt, keys, max_output_tokens=most_tokens)
        now = self._database.now()
        free_from = free_at(prices, now)
        if free_from is None or (free_from - now).total_seconds() > LONGEST_WAIT_S:
            return False
        if free_from > now:
            waiting(free_from)
            await self.sleep((free_from - now).total_seconds())
            waiting(None)
        return True

    async def answer(self, request: ChatRequest, owner: Owner) -> Completion:
        """One call, logged as a probe's."""
        completion = await self.engine.answer(request, owner.keys, owner_id=owner.id)
        try:
            await asyncio.to_thread(
                calls.add, self._database, owner.id, completion, request_id=request.request_id, probe=True
            )
        except StoreError:
            log.exception("a probe's call could not be logged")
        return completion

"""How a call gets past the gate: at once, or when a limit that is soon free again has room for it.

Only the first in a queue asks again when there is room; the others wait for their turn. What is granted is granted by
the gate alone, so that other processes and whoever comes meanwhile need not know of the queue.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from concurrent.futures import Future
from contextlib import closing, suppress

from core.call import Call, Gate, Later, Permit, Waiting, stopped
from core.errors import LLMError
from core.net.queues import Queues
from core.net.retry import Policy

Answer = Permit | Later
Pause = tuple[Future[None] | None, float]  # wait for this, or for nothing, at most so many seconds


class Admission:
    """One for a process, for any thread and any event loop."""

    def __init__(self) -> None:
        self._queues = Queues()

    async def enter(self, gate: Gate, call: Call, policy: Policy) -> Permit:
        """The permit; raises the `LLMError` that forbids the attempt. Cancel it and nothing is held."""
        answer = await _ask(gate, call)
        if not isinstance(answer, Later):
            return answer
        with closing(self._pauses(call, answer, policy)) as pauses:
            pause = next(pauses)
            while True:
                turn, longest_s = pause
                if turn:
                    await asyncio.wait([asyncio.wrap_future(turn)], timeout=longest_s)
                else:
                    await asyncio.sleep(longest_s)
                answer = await _ask(gate, call)
                try:
                    pause = pauses.send(answer)
                except StopIteration as end:
                    permit: Permit = end.value
                    return permit

    def enter_blocking(self, gate: Gate, call: Call, policy: Policy) -> Permit:
        """The same on a thread of one's own."""
        answer = gate.enter(call)
        if not isinstance(answer, Later):
            return answer
        with closing(self._pauses(call, answer, policy)) as pauses:
            pause = next(pauses)
            while True:
                turn, longest_s = pause
                with suppress(TimeoutError):
                    (turn or Future()).result(longest_s)
                try:
                    pause = pauses.send(gate.enter(call))
                except StopIteration as end:
                    permit: Permit = end.value
                    return permit

    def _pauses(self, call: Call, answer: Answer, policy: Policy) -> Generator[Pause, Answer, Permit]:
        """Yields each pause, is sent what the gate answers after it, and returns the permit.

        Raises the refusal when it would take longer than the policy waits.
        """
        began = call.clock()
        most_s = min(policy.longest_wait_s, policy.deadline_s - (began - call.started)) if call.request.waits else 0.0
        try:
            while isinstance(answer, Later):
                queue = answer.queue
                with self._queues.join(queue) as place:
                    while isinstance(answer, Later) and answer.queue == queue:
                        left_s = most_s - (call.clock() - began)
                        if left_s <= 0 or answer.wait_s > left_s:
                            raise answer.error
                        call.waiting = Waiting(place, call.clock() + answer.wait_s)
                        if place.ahead:
                            answer = yield place.turn, left_s
                        else:
                            answer = yield None, answer.wait_s + policy.scatter(answer.wait_s)
            return answer
        finally:
            call.waiting = None


async def _ask(gate: Gate, call: Call) -> Answer:
    """Off the loop; when the call is stopped meanwhile, what was granted is given back."""
    asking = asyncio.ensure_future(asyncio.to_thread(gate.enter, call))
    try:
        return await asyncio.shield(asking)
    except asyncio.CancelledError:
        with suppress(LLMError):
            unused = await asking
            if not isinstance(unused, Later):
                await asyncio.to_thread(unused.end, stopped(sent=False), None, None)
        raise

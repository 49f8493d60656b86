"""Who answers when the model that was asked cannot: the next of a list, as long as there are providers and time left.

Only before the first visible word, and only where the question allows it (`ChatRequest.substitute`, or "auto").
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.call import Call
from core.errors import LLMError
from core.routing.candidates import OF_ONE_MODEL, Choice, successors

if TYPE_CHECKING:
    from core.engine import Engine

MOST_PROVIDERS = 3


def may_pass_on(call: Call, error: LLMError, deadline_s: float) -> bool:
    """Whether anybody else may be asked after this failure."""
    if not error.failover or not call.original.substitute or call.provider.simulated:
        return False
    return call.heirs != [] and call.clock() - call.started < deadline_s


def pass_on(call: Call, error: LLMError, engine: Engine) -> bool:
    """Turn the call to the next model that can be asked; False when there is none. May read files, so not on a loop."""
    if error.kind not in OF_ONE_MODEL:
        call.barred.add(call.provider.id)
    if call.heirs is None:
        gate = engine.tries.gate
        ready = engine.choices(call.keys)
        speeds = gate.speeds() if gate else {}
        found = successors(Choice(call.provider, call.model), ready, speeds, kind=error.kind)
        call.heirs = [one.model.id for one in found]
    while call.heirs:
        model_id = call.heirs.pop(0)
        provider_id = model_id.partition("/")[0]
        full = len(call.reached) >= MOST_PROVIDERS and provider_id not in call.reached
        if full or provider_id in call.barred:
            continue
        try:
            call.turn_to(engine.prepare(replace(call.original, model_id=model_id), call.keys, call.owner_id), error)
        except LLMError:
            continue
        return True
    return False

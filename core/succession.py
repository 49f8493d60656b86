"""Who answers: for "auto" whom the route names; when the model that was asked cannot, the next of a list.

Others are asked only before the first visible word, where the question allows it (`ChatRequest.substitute`, always for
"auto"), and as long as there are providers and time left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from core.call import Call, Candidate
from core.errors import LLMError, NotFound
from core.records import ChatRequest, Note
from core.routing.candidates import OF_ONE_MODEL, Choice, Route, route, successors

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
        if call.model.size == "small" and any(note.detail.startswith("big") for note in _of(call, "routed")):
            call.notes += [] if _of(call, "tier_fell") else [Note("tier_fell", "big · small")]
        return True
    return False


def route_of(engine: Engine, request: ChatRequest, keys: Mapping[str, str]) -> Route:
    """Whom to ask for "auto". May read the database, so not on a loop. Raises NotFound when there is nobody.

    Without any key the simulator answers, so that a first question has an answer.
    """
    ready = engine.choices(keys) or engine.simulated()
    gate = engine.tries.gate
    candidates = [Candidate(one.provider, one.model, engine.keyring.find(one.provider, keys)) for one in ready]
    left_out = gate.passed_over(request, candidates) if gate else {}
    texts = [message.text for message in request.messages if message.role == "user"]
    found = route(texts, ready, gate.speeds() if gate else {}, left_out, request.size)
    if not found.models:
        raise NotFound("No model can be asked: none in the catalogue tells its size.")
    return found


def _of(call: Call, kind: str) -> list[Note]:
    return [note for note in call.notes if note.kind == kind]

"""Who answers: for "auto" whom the route names; when the model that was asked cannot, the next of a list.

Others are asked only before the first visible word, where the question allows it (`ChatRequest.substitute`, always for
"auto"), as long as there are providers and time left, and never one with weaker privacy than those that the text was
meant for (`routing.privacy`), unless the person allowed that (`ChatRequest.may_leave`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from core.call import Call, Candidate
from core.context import MARGIN, TURN_TOKENS, estimate_tokens
from core.errors import KeptPrivate, LLMError, NotFound
from core.providers.limits import is_free
from core.records import AUTO, ChatRequest, Model, Note, Provider, Size
from core.routing.candidates import MIDDLE, OF_ONE_MODEL, Choice, Route, is_model, route, successors, was_hard
from core.routing.privacy import is_private, may_reach

if TYPE_CHECKING:
    from core.engine import Engine

MOST_PROVIDERS = 3
USUAL_ANSWER_TOKENS = 1024


def may_pass_on(call: Call, error: LLMError, deadline_s: float) -> bool:
    """Whether anybody else may be asked after this failure."""
    if not error.failover or not call.original.substitute or call.provider.simulated:
        return False
    return call.heirs != [] and call.clock() - call.started < deadline_s


def pass_on(call: Call, error: LLMError, engine: Engine) -> bool:
    """Turn the call to the next model that can be asked; False when there is none. May read files, so not on a loop."""
    if error.kind not in (*OF_ONE_MODEL, "credits"):  # no credit binds what costs money, which the gate sees to
        call.barred.add(call.provider.id)
    if call.heirs is None:
        call.heirs = _heirs(call, error, engine)
    while call.heirs:
        model_id = call.heirs.pop(0)
        provider_id = model_id.partition("/")[0]
        full = len(call.reached) >= MOST_PROVIDERS and provider_id not in call.reached
        if full or provider_id in call.barred:
            continue
        try:
            call.turn_to(
                engine.prepare(replace(call.original, model_id=model_id, insist=False), call.keys, call.owner_id), error
            )
        except LLMError:
            continue
        note_size(call)
        return True
    return False


def stand_in(engine: Engine, request: ChatRequest, keys: Mapping[str, str]) -> Model | None:
    """Who would answer where there is no key for the model that is named; None for nobody."""
    try:
        call = engine.prepare(request, keys)
    except LLMError:
        return None
    found = _allowed(call, _like(call, "missing_key", engine), engine)
    return found[0].model if found else None


def is_alone(call: Call, engine: Engine) -> bool:
    """Whether nobody else would answer if this model is overloaded. May read files, so not on a loop."""
    if not call.original.substitute or call.provider.simulated:
        return True
    return not (_allowed(call, _like(call, "overloaded", engine), engine) if call.heirs is None else call.heirs)


def _heirs(call: Call, error: LLMError, engine: Engine) -> list[str]:
    """Who may stand in for the model that was named, best first; a note where privacy alone leaves nobody."""
    found = _like(call, error.kind, engine)
    allowed = _allowed(call, found, engine)
    if found and not allowed:
        bound = [call.provider, *meant_for(engine, call.original)]
        call.notes.append(Note("kept_private", _first_binding(bound, found[0].provider, call.original).id))
    return [one.model.id for one in sorted(allowed, key=lambda one: is_cut(call.original, one.model))]


def _like(call: Call, kind: str, engine: Engine) -> list[Choice]:
    gate = engine.tries.gate
    speeds = gate.speeds() if gate else {}
    return successors(Choice(call.provider, call.model), engine.offered.choices(call.keys), speeds, kind=kind)


def _allowed(call: Call, found: Sequence[Choice], engine: Engine) -> list[Choice]:
    """Those that what was said so far may reach."""
    bound = [call.provider, *meant_for(engine, call.original)]
    return [one for one in found if may_reach(bound, one.provider, call.original.may_leave)]


def meant_for(engine: Engine, request: ChatRequest) -> list[Provider]:
    """The own and local providers that were asked by name for turns of this conversation."""
    ids = dict.fromkeys(turn.model_id.partition("/")[0] for turn in request.messages if turn.model_id)
    known = [engine.catalog.providers[one] for one in ids if one in engine.catalog.providers]
    return [provider for provider in known if is_private(provider)]


def _first_binding(bound: Sequence[Provider], other: Provider, request: ChatRequest) -> Provider:
    return next(one for one in bound if not may_reach([one], other, request.may_leave))


def suggest(call: Call, error: LLMError, engine: Engine) -> None:
    """For a request that is larger than its limit: name in its error a ready model whose window and limits take it."""
    if error.oversize is None or error.oversize.instead:
        return
    request = replace(call.original, model_id=call.model.id)
    ready, _speeds, left_out = _field(engine, request, call.keys, learn=False)
    like = _like(call, error.kind, engine)
    others = _allowed(call, [*like, *(one for one in ready if one not in like and is_model(one))], engine)
    if error.oversize.per == "credit":  # which pays for this provider's other models too
        others = [one for one in others if one.provider.id != call.provider.id or is_free(one.model)]
    fits = (one.model.id for one in others if one.model.id not in {*left_out, call.model.id})
    instead = next(fits, "")
    error.oversize = replace(error.oversize, instead=instead)
    if instead and error.origin == "local":
        error.message = " ".join((error.message, f"{instead} takes it."))


def is_cut(request: ChatRequest, model: Model) -> bool:
    """Whether this model would be sent less than the whole conversation, because its window is too short for it."""
    if model.window_tokens is None:
        return False
    turns, free = request.messages, model.window_tokens - reserved(request, model)
    if sum(2 * len(turn.text) + TURN_TOKENS for turn in turns) * MARGIN <= free:  # nothing has more tokens than that
        return False
    return sum(_estimated(turn.text) + TURN_TOKENS for turn in turns) * MARGIN > free


def reserved(request: ChatRequest, model: Model) -> int:
    """The tokens of a window that are kept free for the answer."""
    return request.max_output_tokens or min(model.max_output_tokens or USUAL_ANSWER_TOKENS, USUAL_ANSWER_TOKENS)


_estimated = lru_cache(maxsize=256)(estimate_tokens)


def note_size(call: Call) -> None:
    """Say that the model which answers now has not the size that "auto" wanted."""
    tier = next((note.detail.partition(" · ")[0] for note in _of(call, "routed")), None)
    if tier and call.model.size not in (tier, None) and not _of(call, "tier_fell"):
        call.notes.append(Note("tier_fell", f"{tier} · {call.model.size}"))


def route_of(
    engine: Engine, request: ChatRequest, keys: Mapping[str, str], owner_id: str = "", *, learn: bool = True
) -> Route:
    """Whom to ask for "auto". May read the database, so not on a loop; `learn` as in `Offered.ready`.

    Raises NotFound or MissingKey when there is nobody, KeptPrivate when nobody may be told this conversation.
    """
    field = _field(engine, request, keys, learn=learn)
    found = route(_asked(request), *field, size_of(request), _middle(engine, owner_id))
    if not found.models:
        raise NotFound("No model can be asked: none in the catalogue tells its size.")
    return found


def prospects(engine: Engine, request: ChatRequest, keys: Mapping[str, str], owner_id: str = "") -> dict[Size, Route]:
    """Whom "auto" would ask now, by the size that the next question turns out to need.

    `request` holds the conversation so far. One size is left where it is chosen, or where the conversation was hard.
    """
    size = size_of(request)
    sizes: tuple[Size, ...] = ("small", "big") if size == "auto" else (size,)
    if size == "auto" and was_hard(_asked(request), _middle(engine, owner_id)):
        sizes = ("big",)
    try:
        field = _field(engine, request, keys, learn=False)
    except LLMError:
        return {}
    found = {one: route(_asked(request), *field, one) for one in sizes}
    return {one: way for one, way in found.items() if way.models}


def size_of(request: ChatRequest) -> Literal["auto", "small", "big"]:
    """The size that a question to "auto" is limited to: by the model's id, else by the request."""
    named = AUTO.get(request.model_id or "", "auto")
    return request.size if named == "auto" else named


def _middle(engine: Engine, owner_id: str) -> float:
    """The difficulty that divides small from big for this person."""
    gate = engine.tries.gate
    return gate.threshold(owner_id) if gate and owner_id else MIDDLE


def _asked(request: ChatRequest) -> list[str]:
    return [message.text for message in request.messages if message.role == "user"]


def _field(
    engine: Engine, request: ChatRequest, keys: Mapping[str, str], *, learn: bool
) -> tuple[list[Choice], Mapping[str, float], Mapping[str, str]]:
    """Who could be asked, how fast each was measured, and who should not be asked now, with the reason."""
    ready = _reachable(engine, request, engine.offered.ready(keys, demo=request.demo, learn=learn))
    cut = {one.model.id: "window" for one in ready if is_cut(request, one.model)}
    gate = engine.tries.gate
    if gate is None:
        return ready, {}, cut
    candidates = [Candidate(one.provider, one.model, engine.keyring.find(one.provider, keys)) for one in ready]
    return ready, gate.speeds(), {**gate.passed_over(request, candidates), **cut}


def _reachable(engine: Engine, request: ChatRequest, ready: list[Choice]) -> list[Choice]:
    bound = meant_for(engine, request)
    allowed = [one for one in ready if may_reach(bound, one.provider, request.may_leave)]
    if ready and not allowed:
        provider = _first_binding(bound, ready[0].provider, request)
        raise KeptPrivate(
            f"Earlier turns of this chat were for {provider.label}, which is private, so no other provider is chosen. "
            "Name a model, or allow other providers for it.",
            code=provider.id,
        )
    return allowed


def _of(call: Call, kind: str) -> list[Note]:
    return [note for note in call.notes if note.kind == kind]

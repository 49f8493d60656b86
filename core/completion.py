"""The Completion of a call: whole, cut off, stopped or refused; its usage and cost."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256

from .call import Call
from .context import estimate_tokens
from .errors import LLMError
from .picture_tokens import media_tokens
from .providers.pricing import usage_cost_usd
from .question import Question
from .records import (
    CallFacts,
    ChatRequest,
    Completion,
    Finish,
    MediaPart,
    Model,
    Note,
    Part,
    Served,
    Thought,
    Timing,
    ToolCall,
    ToolCallDelta,
    Unshown,
    Usage,
    WireEvent,
)
from .routing.served import counted_for, is_quantised, relation
from .safety.redact import Redactor
from .wire.endings import BY_STOP_SEQUENCE, normal
from .wire.reader import Answer

log = logging.getLogger("roundtable.served")


def completion_of(call: Call, error: LLMError | None = None, finish: Finish | None = None) -> Completion:
    """The answer so far, whole or cut off; `finish` overrides the provider's when we ended it ourselves."""
    answer = call.answer
    answer.close()
    if error is None and finish is None:
        call.trail.attempts.append(call.attempt("ok"))
    if error is not None and (answer.text or answer.reasoning):
        finish = Finish("truncated", answer.finish.raw if answer.finish else None)
    usage, served, parts = usage_of(call), answer.served, parts_of(call)
    completion = Completion(
        model_id=call.question.model.id,
        text=answer.text,
        reasoning=answer.reasoning,
        usage=usage,
        finish=finish or answer.finish,
        timing=_timing(call),
        cost_usd=cost_of(call.question, usage, served),
        attempts=tuple(call.trail.attempts),
        notes=(*call.notes(), *_answer_notes(answer), *_uncalled(call, parts), *_another(call)),
        error=error,
        routing=call.routing(),
        served_model_id=_counted_for(call.question, served),
        response_model=served.response_model or None,
        served_by=served.served_by or None,
        system_fingerprint=served.system_fingerprint or None,
        facts=facts_of(call.question.request),
        parts=parts,
        effort=call.question.request.effort,
        response_format=call.question.asked.response_format,
    )
    return call.question.redactor.clean(completion)


def refused(request: ChatRequest, error: LLMError, redactor: Redactor) -> Completion:
    """The Completion of a question that was never sent."""
    error.sent = False
    completion = Completion(
        model_id=request.model_id or "",
        text="",
        reasoning="",
        usage=None,
        finish=None,
        timing=Timing(started_at=datetime.now(UTC)),
        error=error,
        facts=facts_of(request),
    )
    return redactor.clean(completion)


def facts_of(request: ChatRequest) -> CallFacts:
    text = request.messages[-1].text if request.messages else ""
    form = request.response_format
    return CallFacts(
        sha256(text.encode("utf-8", "replace")).hexdigest(),
        request.temperature,
        request.top_p,
        request.seed,
        request.max_output_tokens,
        request.effort,
        form.kind if form and form.kind != "text" else None,
        " ".join(tool.name for tool in request.tools) or None,
    )


def stopped(*, sent: bool = True) -> LLMError:
    """The error for an attempt that we ended ourselves, which is no failure."""
    error = LLMError("The answer was stopped.")
    error.sent = sent
    return error


def stored_answer_timing(call: Call) -> Timing:
    """The times of a stored answer: all of it arrives at once."""
    ms = call.trail.spent_s() * 1000
    return Timing(call.trail.started_at, ms, ms, ms, ms, chunks=1, arrivals=1, streamed=False)


def usage_of(call: Call) -> Usage | None:
    """The usage so far: the provider's, else our own count.

    A count that came before the end may be an early one: where it is far below the text, ours replaces it.
    """
    usage = call.answer.usage
    if usage is None or usage.input_tokens is None or usage.output_tokens is None:
        return _estimate(call)
    if call.answer.finish is None:
        estimate = _estimate(call)
        if estimate and (estimate.output_tokens or 0) > 2 * usage.output_tokens:
            return estimate
    return usage


def cost_of(question: Question, usage: Usage | None, served: Served) -> Decimal | None:
    """The cost of a call: the provider's, else by the prices of the model that answered; None if neither is known."""
    if usage and usage.cost_usd is not None:
        return usage.cost_usd
    model = _priced(question, served)
    return usage_cost_usd(model, usage or Usage())


def _counted_for(question: Question, served: Served) -> str | None:
    response_model = served.response_model
    return counted_for(question.provider, question.model, response_model) if response_model else None


def _priced(question: Question, served: Served) -> Model:
    """The model whose price applies. A free name is free whichever model answers; another model has its own price."""
    requested, model_id = question.model, _counted_for(question, served)
    if requested.free or model_id in (None, requested.id):
        return requested
    listed = next((model for model in question.provider.models if model.id == model_id), None)
    return listed or Model(model_id or "", served.response_model, question.provider.id)


def _another(call: Call) -> Iterator[Note]:
    """A note, and a log line, if another model than the requested one answered, and neither by a router nor an
    alias; a note alone, if the answer counts for a model of which a quantisation answered."""
    response_model, model_id = call.answer.served.response_model, _counted_for(call.question, call.answer.served)
    if response_model and relation(call.question.model, response_model) == "another":
        log.warning("%s was asked, %s answered", call.question.model.id, response_model)
        yield Note("another_model", response_model)
    elif model_id and is_quantised(model_id, response_model):
        yield Note("served_as", response_model)


def is_empty(events: Iterable[WireEvent]) -> bool:
    """True for an answer that ended normally without any content, which is worth a retry.

    An immediate stop sequence is intended; a picture or a tool call is content.
    """
    for event in events:
        if isinstance(event, Unshown | ToolCallDelta | MediaPart):
            return False
        if isinstance(event, Finish) and (
            event.reason not in ("stop", "unknown") or normal(event.raw) in BY_STOP_SEQUENCE
        ):
            return False
    return True


def _timing(call: Call) -> Timing:
    answer, trail, streamed = call.answer, call.trail, call.streamed
    return Timing(
        started_at=trail.started_at,
        ttft_ms=answer.ttft_ms if streamed else None,
        first_answer_ms=answer.first_answer_ms if streamed else None,
        last_ms=answer.last_ms if streamed else None,
        total_ms=(trail.clock() - trail.sent) * 1000,
        waited_ms=(trail.sent - trail.started) * 1000,
        chunks=answer.chunks,
        arrivals=answer.arrivals if streamed else None,
        streamed=streamed,
    )


def _estimate(call: Call) -> Usage | None:
    """Our own count, marked as estimated, where the provider sent none (a cut stream, a server that never does)."""
    answer = call.answer
    if not answer.text and not answer.reasoning:
        return answer.usage
    counted = answer.usage or Usage()
    messages = call.question.request.messages
    read = sum(estimate_tokens(message.text) for message in messages)
    read += media_tokens(messages, call.question.model.name)
    wrote = estimate_tokens(answer.text) + estimate_tokens(answer.reasoning)
    output = wrote if answer.finish is None else counted.output_tokens or wrote
    return replace(counted, input_tokens=counted.input_tokens or read, output_tokens=output, estimated=True)


def parts_of(call: Call) -> tuple[Part, ...]:
    """What the answer has beside its text, with the words that were masked put back into the calls of tools."""
    question, answer = call.question, call.answer
    parts = answer.parts(question.provider.id, question.shown, question.model.name)
    back = question.provider.quirks.get("reasoning_back")
    if not back or not answer.reasoning or any(isinstance(part, Thought) for part in parts):
        return parts
    wanted = back == "always" or any(isinstance(part, ToolCall) for part in parts)
    return (Thought(answer.reasoning, provider_id=question.provider.id), *parts) if wanted else parts


def _uncalled(call: Call, parts: Iterable[Part]) -> Iterator[Note]:
    """Calls of tools that nobody offered."""
    if not call.question.request.tools:
        for name in dict.fromkeys(part.name for part in parts if isinstance(part, ToolCall)):
            yield Note("unshown", f"tool_call · {name}")


def _answer_notes(answer: Answer) -> Iterator[Note]:
    """Notes on the answer itself: parts that are not text, an unknown end."""
    for part in dict.fromkeys((part.kind, part.detail) for part in answer.unshown):
        yield Note("unshown", " · ".join(filter(None, part)))
    if answer.finish and answer.finish.reason == "unknown":
        yield Note("ended", answer.finish.raw or "")

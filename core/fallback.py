"""Which model is asked when one cannot answer: the next of a list.

Others are asked only before the first visible word, where the question allows it (`ChatRequest.substitute`, always for
"auto"), as long as providers and time are left, and never one with weaker privacy than those the text was meant for
(`routing.privacy`), unless the person allowed that (`ChatRequest.may_leave`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from .call import Call
from .context import is_cut
from .directory import ModelDirectory
from .errors import LLMError, MissingKey, ModelEnded, Overloaded
from .providers.pricing import is_free
from .question import Question
from .records import NOTHING, ChatRequest, Model, Note
from .router import Router, first_binding, seeing
from .routing.candidates import Choice, is_model, successors
from .routing.privacy import may_reach

Keys = Mapping[str, str]
Prepare = Callable[[ChatRequest, Keys, str], Question]
Failure = LLMError | type[LLMError]
MOST_PROVIDERS = 3


class Fallback:
    """One per engine, thread-safe. Every method may read files or the database, so none may run on an event loop."""

    def __init__(self, prepare: Prepare, directory: ModelDirectory, router: Router) -> None:
        self._prepare = prepare
        self._directory = directory
        self._router = router

    def next_call(self, call: Call, error: LLMError) -> Call | None:
        """The call of the next model that can be asked after this failure; None when there is none."""
        trail, question = call.trail, call.question
        if error.scope == "provider":  # the admission control handles "paid"
            trail.excluded.add(question.provider.id)
        if trail.candidates is None:
            trail.candidates = self._candidates(call, error)
        while trail.candidates:
            model_id = trail.candidates.pop(0)
            provider_id = model_id.partition("/")[0]
            full = len(trail.reached) >= MOST_PROVIDERS and provider_id not in trail.reached
            if full or provider_id in trail.excluded:
                continue
            request = replace(question.asked, model_id=model_id, insist=False)
            try:
                other = self._prepare(request, question.keys, question.owner_id)
            except LLMError:
                continue
            if other.forbidden:
                continue
            trail.first = trail.first or (call, error)
            return Call(other, trail, pausing=True)
        return None

    def stand_in(self, request: ChatRequest, keys: Keys = NOTHING) -> Model | None:
        """The model that would answer where the named one has ended or has no key; None: none would."""
        try:
            question = self._prepare(request, keys, "")
        except LLMError:
            return None
        candidates = self._allowed(question, self._successors(question, question.forbidden or MissingKey))
        candidates = seeing(question.asked, candidates)
        return candidates[0].model if candidates else None

    def is_alone(self, call: Call) -> bool:
        """Whether no other model would answer if this one is overloaded."""
        question, candidates = call.question, call.trail.candidates
        if not question.asked.substitute or question.provider.simulated:
            return True
        if candidates is None:
            return not self._allowed(question, self._successors(question, Overloaded))
        return not candidates

    def suggest(self, call: Call, error: LLMError) -> None:
        """For a request larger than its limit: name in its error a model whose window and limits allow it."""
        if error.oversize is None or error.oversize.instead:
            return
        question = call.question
        request = replace(question.asked, model_id=question.model.id)
        ready, _speeds, left_out = self._router.field(request, question.keys, question.owner_id, learn=False)
        alike = self._successors(question, error)
        others = self._allowed(
            question, [*alike, *(choice for choice in ready if choice not in alike and is_model(choice))]
        )
        if error.oversize.per == "credit":  # this provider's other models share the credit
            others = [
                choice for choice in others if choice.provider.id != question.provider.id or is_free(choice.model)
            ]
        fits = (choice.model.id for choice in others if choice.model.id not in {*left_out, question.model.id})
        instead = next(fits, "")
        error.oversize = replace(error.oversize, instead=instead)
        if instead and error.origin == "local":
            error.message = " ".join((error.message, f"{instead} can take it."))

    def _candidates(self, call: Call, error: LLMError) -> list[str]:
        """The substitutes for the named model, best first; a note where only privacy forbids all of them."""
        question = call.question
        successors_found = self._successors(question, error)
        allowed = self._allowed(question, successors_found)
        if successors_found and not allowed:
            sources = [question.provider, *self._router.meant_for(question.asked)]
            source = first_binding(sources, successors_found[0].provider, question.asked)
            call.trail.notes.append(Note("kept_private", source.id))
        return [choice.model.id for choice in sorted(allowed, key=lambda choice: is_cut(question.asked, choice.model))]

    def _successors(self, question: Question, why: Failure) -> list[Choice]:
        original, ready = Choice(question.provider, question.model), self._directory.choices(question.keys)
        choices = successors(original, ready, self._router.speeds(), why=why)
        named = [choice for choice in ready if isinstance(why, ModelEnded) and choice.model.id == why.code]
        return [*named, *(choice for choice in choices if choice not in named)]

    def _allowed(self, question: Question, choices: Sequence[Choice]) -> list[Choice]:
        """Those that may receive this conversation."""
        sources = [question.provider, *self._router.meant_for(question.asked)]
        return [choice for choice in choices if may_reach(sources, choice.provider, question.asked.may_leave)]


def may_ask_another(call: Call, error: LLMError, deadline_s: float) -> bool:
    """Whether another model may be asked after this failure. Reads nothing."""
    if not error.failover or not call.question.asked.substitute or call.question.provider.simulated:
        return False
    return call.trail.candidates != [] and call.trail.spent_s() < deadline_s

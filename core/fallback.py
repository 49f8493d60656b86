"""Who is asked when a model cannot answer: the next of a list.

Others are asked only before the first visible word, where the question allows it (`ChatRequest.substitute`, always for
"auto"), as long as there are providers and time left, and never one with weaker privacy than those that the text was
meant for (`routing.privacy`), unless the person allowed that (`ChatRequest.may_leave`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from .call import Call
from .context import is_cut
from .directory import ModelDirectory
from .errors import LLMError, MissingKey, ModelEnded, Overloaded
from .providers.limits import is_free
from .question import Question
from .records import NOTHING, ChatRequest, Model, Note
from .router import Router, first_binding
from .routing.candidates import Choice, is_model, successors
from .routing.privacy import may_reach

Keys = Mapping[str, str]
Prepare = Callable[[ChatRequest, Keys, str], Question]
Failure = LLMError | type[LLMError]
MOST_PROVIDERS = 3


class Fallback:
    """One for an engine, in any thread. Every method may read files or the database, so none is for a loop."""

    def __init__(self, prepare: Prepare, directory: ModelDirectory, router: Router) -> None:
        self._prepare = prepare
        self._directory = directory
        self._router = router

    def next_call(self, call: Call, error: LLMError) -> Call | None:
        """The call of the next model that can be asked after this failure; None when there is none."""
        trail, question = call.trail, call.question
        if error.scope == "provider":  # no credit binds what costs money, which the admission sees to
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
        """Who would answer where the model that is named has ended, or has no key; None for nobody."""
        try:
            question = self._prepare(request, keys, "")
        except LLMError:
            return None
        found = self._allowed(question, self._alike(question, question.forbidden or MissingKey))
        return found[0].model if found else None

    def is_alone(self, call: Call) -> bool:
        """Whether nobody else would answer if this model is overloaded."""
        question, candidates = call.question, call.trail.candidates
        if not question.asked.substitute or question.provider.simulated:
            return True
        if candidates is None:
            return not self._allowed(question, self._alike(question, Overloaded))
        return not candidates

    def suggest(self, call: Call, error: LLMError) -> None:
        """For a request that is larger than its limit: name in its error a model whose window and limits take it."""
        if error.oversize is None or error.oversize.instead:
            return
        question = call.question
        request = replace(question.asked, model_id=question.model.id)
        ready, _speeds, left_out = self._router.field(request, question.keys, learn=False)
        alike = self._alike(question, error)
        others = self._allowed(question, [*alike, *(one for one in ready if one not in alike and is_model(one))])
        if error.oversize.per == "credit":  # which pays for this provider's other models too
            others = [one for one in others if one.provider.id != question.provider.id or is_free(one.model)]
        fits = (one.model.id for one in others if one.model.id not in {*left_out, question.model.id})
        instead = next(fits, "")
        error.oversize = replace(error.oversize, instead=instead)
        if instead and error.origin == "local":
            error.message = " ".join((error.message, f"{instead} takes it."))

    def _candidates(self, call: Call, error: LLMError) -> list[str]:
        """Who may stand in for the model that was named, best first; a note where privacy alone leaves nobody."""
        question = call.question
        found = self._alike(question, error)
        allowed = self._allowed(question, found)
        if found and not allowed:
            bound = [question.provider, *self._router.meant_for(question.asked)]
            answer_store = first_binding(bound, found[0].provider, question.asked)
            call.trail.notes.append(Note("kept_private", answer_store.id))
        return [one.model.id for one in sorted(allowed, key=lambda one: is_cut(question.asked, one.model))]

    def _alike(self, question: Question, why: Failure) -> list[Choice]:
        asked, ready = Choice(question.provider, question.model), self._directory.choices(question.keys)
        found = successors(asked, ready, self._router.speeds(), why=why)
        named = [one for one in ready if isinstance(why, ModelEnded) and one.model.id == why.code]
        return [*named, *(one for one in found if one not in named)]

    def _allowed(self, question: Question, found: Sequence[Choice]) -> list[Choice]:
        """Those that what was said so far may reach."""
        bound = [question.provider, *self._router.meant_for(question.asked)]
        return [one for one in found if may_reach(bound, one.provider, question.asked.may_leave)]


def may_ask_another(call: Call, error: LLMError, deadline_s: float) -> bool:
    """Whether anybody else may be asked after this failure. Reads nothing."""
    if not error.failover or not call.question.asked.substitute or call.question.provider.simulated:
        return False
    return call.trail.candidates != [] and call.trail.spent_s() < deadline_s

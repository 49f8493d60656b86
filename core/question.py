"""A question made ready for one model: checked, fitted to its window, with its key. Immutable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .errors import LLMError
from .providers.keys import Key
from .records import NOTHING, ChatRequest, Model, Note, Provider, Routing, Sound
from .safety.masking import Restorer
from .safety.redact import Redactor
from .wire import FORMATS, Format, fitted
from .wire.fitting import without_thoughts
from .wire.reader import TextFilter

SAMPLING = {
    "temperature": "temperature",
    "top_p": "top_p",
    "topP": "top_p",
    "p": "top_p",
    "seed": "seed",
    "random_seed": "seed",
    "max_tokens": "max_output_tokens",
    "max_completion_tokens": "max_output_tokens",
    "maxOutputTokens": "max_output_tokens",
}
# What a provider refuses, by the names that `wire.failure` gives it, and what it then lacks.
FEATURES: Mapping[str, tuple[str, ...]] = {
    "effort": ("effort",),
    "response_format": ("json", "schema"),
    "tools": ("tools",),
    "tool_choice": ("tool_choice",),
    "stop": ("stop",),
    "picture": ("picture",),
    "sound": ("sound",),
    "document": ("document",),
}


@dataclass(frozen=True)
class Question:
    """`asked` is the person's request, `request` the one sent to `model`; `keys` are pasted ones by provider id.

    `candidates` are ids of the models that are asked when this one cannot answer, best first; None: not looked up yet.
    `forbidden`: why it must not be sent; another model may still answer. `masked`: the words for which `request` has
    placeholders. `recording`: a recording is to be written down; the request then has no messages.
    """

    asked: ChatRequest
    request: ChatRequest
    provider: Provider
    model: Model
    key: Key | None
    redactor: Redactor
    owner_id: str = ""
    keys: Mapping[str, str] = field(default_factory=lambda: NOTHING, repr=False)
    notes: tuple[Note, ...] = ()
    routing: Routing | None = None
    candidates: tuple[str, ...] | None = None
    forbidden: LLMError | None = None
    masked: Mapping[str, str] = field(default_factory=lambda: NOTHING, repr=False)
    recording: Sound | None = None

    @property
    def wire(self) -> Format:
        return FORMATS[self.provider.wire]

    @property
    def may_reuse(self) -> bool:
        """Whether a stored answer may be returned, and this one stored: not where two questions look the same because
        their words are masked."""
        return self.asked.reuse is not False and not self.masked

    @property
    def has_media(self) -> bool:
        """Whether pictures, sounds or files go with it, whose encoding takes a while."""
        return any(part.data or part.sha256 for message in self.request.messages for part in message.media)

    @property
    def unread(self) -> frozenset[str]:
        """The hashes of the media whose bytes have not been read."""
        media = (part for message in self.request.messages for part in message.media)
        return frozenset(part.sha256 for part in media if part.sha256 and not part.data)

    def filters(self) -> tuple[TextFilter, TextFilter] | None:
        """What text and reasoning pass before anybody sees them: keys are taken out, masked words put back."""
        sieves = (self.redactor.sieve(), self.redactor.sieve())
        if not self.masked:
            return (sieves[0], sieves[1]) if sieves[0] and sieves[1] else None
        words = {name: word for name, word in self.masked.items() if self.redactor.hide(word) == word}
        return Restorer(words, sieves[0]), Restorer(words, sieves[1])

    def shown(self, text: str) -> str:
        """A whole text of the answer, as `filters` let it pass."""
        sieves = self.filters()
        return sieves[0].feed(text) + sieves[0].close() if sieves else text

    def knowing(self, secrets: Iterable[str]) -> Question:
        """The question whose answers hide these values too."""
        redactor = self.redactor.knowing(secrets)
        return self if redactor is self.redactor else replace(self, redactor=redactor)

    def without(self, parameter: str | None) -> Question | None:
        """The question without the parameter that the provider refuses; None where there is nothing to leave out."""
        if parameter in ("stream_options", "details"):
            return self._with_quirk(f"no_{parameter}", True)
        if parameter == "thoughts":
            return self._without_thoughts()
        if parameter == "stream":
            return self._with_quirk("unstreamed", ("text", "json", "schema", "tools"))
        if parameter == "unthinking_tools" and self.request.tools:
            return self._with_quirk(parameter, (self.model.name,))
        if parameter == "form_or_tools" and self.request.tools and self.request.response_format:
            return self._with_quirk(parameter, True)
        if features := FEATURES.get(parameter or ""):
            return self._lacking(features)
        name = SAMPLING.get(parameter or "")
        if name is None or getattr(self.request, name) is None:
            return None
        unset: dict[str, Any] = {name: None}
        return replace(
            self,
            request=replace(self.request, **unset),
            notes=(*self.notes, Note("parameter_dropped", name)),
        )

    def _without_thoughts(self) -> Question | None:
        """The question without what earlier answers signed; None where they signed nothing."""
        messages = [without_thoughts(message) for message in self.request.messages]
        if messages == list(self.request.messages):
            return None
        notes = (*self.notes, Note("parameter_dropped", "thoughts"))
        return replace(self, request=replace(self.request, messages=messages), notes=notes)

    def _with_quirk(self, name: str, value: Any) -> Question | None:
        """The question for a provider that was found to have this quirk; None where that was known."""
        if self.provider.quirks.get(name) == value:
            return None
        provider = replace(self.provider, quirks={**self.provider.quirks, name: value})
        lesser = fitted(self.request, provider, self.model)
        notes = [note for note in lesser.notes() if note not in self.notes]
        return replace(self, request=lesser.request, provider=provider, notes=(*self.notes, *notes))

    def _lacking(self, features: tuple[str, ...]) -> Question | None:
        """The question for a provider that was found not to have these; None where it asks for none of them, or cannot
        do without."""
        lacks = (*self.provider.quirks.get("lacks", ()), *features)
        provider = replace(self.provider, quirks={**self.provider.quirks, "lacks": lacks})
        lesser = fitted(self.request, provider, self.model)
        notes = [note for note in lesser.notes() if note not in self.notes]
        if lesser.refused or lesser.request == self.request:
            return None
        return replace(self, request=lesser.request, provider=provider, notes=(*self.notes, *notes))

"""Which model "auto" asks: the available ones, by the question, its privacy and what is left of the limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from .admission import AdmissionControl, Candidate
from .context import is_cut
from .directory import ModelDirectory
from .errors import KeptPrivate, LLMError, ModelNotFound
from .providers.catalog import Catalog
from .providers.keys import Keyring
from .records import AUTO, NOTHING, ChatRequest, Picture, Provider, Size
from .routing.candidates import MIDDLE, Choice, Route, route, was_hard
from .routing.privacy import is_private, may_reach
from .wire.capabilities import takes

Keys = Mapping[str, str]


class Router:
    """One per engine, thread-safe. `control` knows blocked models and speeds; None: none are blocked or measured."""

    def __init__(self, catalog: Catalog, keyring: Keyring, directory: ModelDirectory) -> None:
        self.control: AdmissionControl | None = None
        self._catalog = catalog
        self._keyring = keyring
        self._directory = directory

    def route(self, request: ChatRequest, keys: Keys = NOTHING, owner_id: str = "", *, learn: bool = True) -> Route:
        """The route for "auto". May read the database, so not on an event loop; `learn` as in `ModelDirectory.ready`.

        Raises ModelNotFound or MissingKey when there is no model, KeptPrivate when none may receive this conversation.
        """
        field = self.field(request, keys, owner_id, learn=learn)
        chosen = route(_requested_ids(request), *field, size_of(request), self._middle(owner_id))
        if not chosen.models:
            raise ModelNotFound("No model is available: none in the catalogue states its size.")
        return chosen

    def prospects(self, request: ChatRequest, keys: Keys = NOTHING, owner_id: str = "") -> dict[Size, Route]:
        """What "auto" would ask now, by the size that the next question turns out to need. May read the database.

        `request` holds the conversation so far. There is one size where it was chosen or the conversation was hard.
        """
        size = size_of(request)
        sizes: tuple[Size, ...] = ("small", "big") if size == "auto" else (size,)
        if size == "auto" and was_hard(_requested_ids(request), self._middle(owner_id)):
            sizes = ("big",)
        try:
            field = self.field(request, keys, owner_id, learn=False)
        except LLMError:
            return {}
        routes = {tier: route(_requested_ids(request), *field, tier) for tier in sizes}
        return {tier: outcome for tier, outcome in routes.items() if outcome.models}

    def field(
        self, request: ChatRequest, keys: Keys, owner_id: str = "", *, learn: bool
    ) -> tuple[list[Choice], Mapping[str, float], Mapping[str, str]]:
        """The available models, their measured speeds, and those that should not be asked now with the reason."""
        ready = self._reachable(request, self._directory.ready(keys, demo=request.demo, learn=learn))
        ready = seeing(request, ready)
        cut = {choice.model.id: "window" for choice in ready if is_cut(request, choice.model)}
        if self.control is None:
            return ready, {}, cut
        candidates = [
            Candidate(choice.provider, choice.model, self._keyring.find(choice.provider, keys)) for choice in ready
        ]
        return ready, self.speeds(), {**self.control.passed_over(request, candidates, owner_id), **cut}

    def speeds(self) -> Mapping[str, float]:
        """Recent tokens per second by model."""
        return self.control.speeds() if self.control else {}

    def meant_for(self, request: ChatRequest) -> list[Provider]:
        """The own and local providers that were asked by name for turns of this conversation."""
        ids = dict.fromkeys(turn.model_id.partition("/")[0] for turn in request.messages if turn.model_id)
        providers = [
            self._catalog.providers[provider_id] for provider_id in ids if provider_id in self._catalog.providers
        ]
        return [provider for provider in providers if is_private(provider)]

    def _reachable(self, request: ChatRequest, ready: list[Choice]) -> list[Choice]:
        sources = self.meant_for(request)
        allowed = [choice for choice in ready if may_reach(sources, choice.provider, request.may_leave)]
        if ready and not allowed:
            provider = first_binding(sources, ready[0].provider, request)
            raise KeptPrivate(
                f"This chat began with {provider.label}, which is private, so no other provider is chosen. "
                "Choose a model, or allow other providers for it.",
                code=provider.id,
            )
        return allowed

    def _middle(self, owner_id: str) -> float:
        """The difficulty that divides small from big for this person."""
        return self.control.threshold(owner_id) if self.control and owner_id else MIDDLE


def seeing(request: ChatRequest, choices: list[Choice]) -> list[Choice]:
    """Who may be asked about a conversation with pictures: the models that see them; without any, those of which that
    is not known; without these, all."""
    if not any(isinstance(part, Picture) for message in request.messages for part in message.media):
        return choices
    sight = [(choice, takes("picture", choice.provider, choice.model)) for choice in choices]
    able = [choice for choice, sees in sight if sees]
    return able or [choice for choice, sees in sight if sees is None] or choices


def size_of(request: ChatRequest) -> Literal["auto", "small", "big"]:
    """The size that a question to "auto" is limited to: by the model's id, else by the request."""
    named = AUTO.get(request.model_id or "", "auto")
    return request.size if named == "auto" else named


def first_binding(sources: Sequence[Provider], other: Provider, request: ChatRequest) -> Provider:
    """The first of these providers whose text may not go on to `other`."""
    return next(source for source in sources if not may_reach([source], other, request.may_leave))


def _requested_ids(request: ChatRequest) -> list[str]:
    return [message.text for message in request.messages if message.role == "user"]

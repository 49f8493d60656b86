"""Whom "auto" asks: the models that can be asked, held against the question, its privacy and what is left of limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from .admission import AdmissionControl, Candidate
from .context import is_cut
from .directory import ModelDirectory
from .errors import KeptPrivate, LLMError, NotFound
from .providers.catalog import Catalog
from .providers.keys import Keyring
from .records import AUTO, NOTHING, ChatRequest, Provider, Size
from .routing.candidates import MIDDLE, Choice, Route, route, was_hard
from .routing.privacy import is_private, may_reach

Keys = Mapping[str, str]


class Router:
    """One for an engine, in any thread. `control` tells who rests; None: nobody does, and nothing was measured."""

    def __init__(self, catalog: Catalog, keyring: Keyring, directory: ModelDirectory) -> None:
        self.control: AdmissionControl | None = None
        self._catalog = catalog
        self._keyring = keyring
        self._directory = directory

    def route(self, request: ChatRequest, keys: Keys = NOTHING, owner_id: str = "", *, learn: bool = True) -> Route:
        """Whom to ask for "auto". May read the database, so not on a loop; `learn` as in `ModelDirectory.ready`.

        Raises NotFound or MissingKey when there is nobody, KeptPrivate when nobody may be told this conversation.
        """
        field = self.field(request, keys, learn=learn)
        found = route(_asked(request), *field, size_of(request), self._middle(owner_id))
        if not found.models:
            raise NotFound("No model can be asked: none in the catalogue tells its size.")
        return found

    def prospects(self, request: ChatRequest, keys: Keys = NOTHING, owner_id: str = "") -> dict[Size, Route]:
        """Whom "auto" would ask now, by the size that the next question turns out to need. May read the database.

        `request` holds the conversation so far. One size is left where it is chosen, or where the conversation was
        hard.
        """
        size = size_of(request)
        sizes: tuple[Size, ...] = ("small", "big") if size == "auto" else (size,)
        if size == "auto" and was_hard(_asked(request), self._middle(owner_id)):
            sizes = ("big",)
        try:
            field = self.field(request, keys, learn=False)
        except LLMError:
            return {}
        found = {one: route(_asked(request), *field, one) for one in sizes}
        return {one: way for one, way in found.items() if way.models}

    def field(
        self, request: ChatRequest, keys: Keys, *, learn: bool
    ) -> tuple[list[Choice], Mapping[str, float], Mapping[str, str]]:
        """Who could be asked, how fast each was measured, and who should not be asked now, with the reason."""
        ready = self._reachable(request, self._directory.ready(keys, demo=request.demo, learn=learn))
        cut = {one.model.id: "window" for one in ready if is_cut(request, one.model)}
        if self.control is None:
            return ready, {}, cut
        candidates = [Candidate(one.provider, one.model, self._keyring.find(one.provider, keys)) for one in ready]
        return ready, self.speeds(), {**self.control.passed_over(request, candidates), **cut}

    def speeds(self) -> Mapping[str, float]:
        """Tokens a second by model, as measured lately."""
        return self.control.speeds() if self.control else {}

    def meant_for(self, request: ChatRequest) -> list[Provider]:
        """The own and local providers that were asked by name for turns of this conversation."""
        ids = dict.fromkeys(turn.model_id.partition("/")[0] for turn in request.messages if turn.model_id)
        known = [self._catalog.providers[one] for one in ids if one in self._catalog.providers]
        return [provider for provider in known if is_private(provider)]

    def _reachable(self, request: ChatRequest, ready: list[Choice]) -> list[Choice]:
        bound = self.meant_for(request)
        allowed = [one for one in ready if may_reach(bound, one.provider, request.may_leave)]
        if ready and not allowed:
            provider = first_binding(bound, ready[0].provider, request)
            raise KeptPrivate(
                f"Earlier turns of this chat were for {provider.label}, which is private, so no other provider is "
                "chosen. Name a model, or allow other providers for it.",
                code=provider.id,
            )
        return allowed

    def _middle(self, owner_id: str) -> float:
        """The difficulty that divides small from big for this person."""
        return self.control.threshold(owner_id) if self.control and owner_id else MIDDLE


def size_of(request: ChatRequest) -> Literal["auto", "small", "big"]:
    """The size that a question to "auto" is limited to: by the model's id, else by the request."""
    named = AUTO.get(request.model_id or "", "auto")
    return request.size if named == "auto" else named


def first_binding(bound: Sequence[Provider], other: Provider, request: ChatRequest) -> Provider:
    """The first of these providers whose text may not go on to `other`."""
    return next(one for one in bound if not may_reach([one], other, request.may_leave))


def _asked(request: ChatRequest) -> list[str]:
    return [message.text for message in request.messages if message.role == "user"]

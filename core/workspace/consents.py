"""What a person allowed for a provider, until it is taken back: small lists of provider ids in the person's settings.

may_leave      its questions may be answered by a provider with weaker privacy when it cannot answer
without_key    its questions are answered by another provider while there is no key for it
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from ..engine import Engine
from ..records import ChatRequest
from ..store import Unavailable, settings
from ..store.database import Database

Consent = Literal["may_leave", "without_key"]


class Consents:
    """What the people of a process allowed."""

    def __init__(self, engine: Engine, database: Database) -> None:
        self._engine = engine
        self._database = database

    def given(self, owner_id: str, consent: Consent) -> tuple[str, ...]:
        """Ids of the providers it was given for; none while the database is away."""
        try:
            kept = settings.get(self._database, owner_id, consent, [])
        except Unavailable:
            return ()
        return tuple(map(str, kept)) if isinstance(kept, list) else ()

    def give(self, owner_id: str, consent: Consent, provider_id: str, allowed: bool) -> None:
        """Give it for a provider, or take it back. Unavailable while nothing can be kept."""
        kept = settings.get(self._database, owner_id, consent, [])
        others = [name for name in kept if name != provider_id] if isinstance(kept, list) else []
        settings.put(self._database, owner_id, consent, [*others, *([provider_id] if allowed else [])] or None)

    def applied(self, owner_id: str, request: ChatRequest, keys: Mapping[str, str]) -> ChatRequest:
        """The request with what its person allowed. Where there is no key for the model that was named, nobody else is
        asked before the person said so."""
        provider = self._engine.catalog.providers.get((request.model_id or "").partition("/")[0])
        substitute = request.substitute
        if provider and self._engine.directory.standing(provider, keys).state == "no_key":
            substitute = substitute and provider.id in self.given(owner_id, "without_key")
        return replace(request, substitute=substitute, may_leave=self.given(owner_id, "may_leave"))

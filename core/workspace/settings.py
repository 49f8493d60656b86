"""A person's consents and settings, as lists of ids.

may_leave      if the provider cannot answer, one with weaker privacy may
without_key    while there is no key for the provider, another one answers
pasted         a key was pasted for the provider; the keys themselves are never stored
closed_tips    names of the tips that were closed or done
favourite_models, last_model   what the person marked in the picker, and chose last
key_choices    which key answers, by provider: the name of a variable, or "session" for the pasted one
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

from ..records import ChatRequest, Consent, Owner
from ..store import Unavailable, settings
from ..store.columns import from_us, to_us
from .shared import Shared

PASTED = "pasted"
TIPS = "closed_tips"
PASSCODE = "passcode"
FAVOURITES, LAST_MODEL = "favourite_models", "last_model"
MOST_FAVOURITES = 100


class PersonalSettings:
    """The settings of one person."""

    def __init__(self, shared: Shared, owner: Owner) -> None:
        self._engine = shared.engine
        self._database = shared.database
        self._owner = owner

    def consents(self, consent: Consent) -> tuple[str, ...]:
        """Ids of the providers with this consent; none while the database is unavailable."""
        try:
            return self._ids(consent)
        except Unavailable:
            return ()

    def consent(self, consent: Consent, provider_id: str, allowed: bool) -> None:
        """Give a consent for a provider, or take it back. Unavailable while nothing can be stored."""
        others = [name for name in self._ids(consent) if name != provider_id]
        self._keep(consent, [*others, *([provider_id] if allowed else [])])

    def applied(self, request: ChatRequest) -> ChatRequest:
        """The request with the person's consents. Without a key for the named model, no other model is asked unless the
        person allowed it."""
        provider = self._engine.catalog.providers.get((request.model_id or "").partition("/")[0])
        substitute = request.substitute
        if provider and self._engine.directory.standing(provider, self._owner.keys).state == "no_key":
            substitute = substitute and provider.id in self.consents("without_key")
        return replace(request, substitute=substitute, may_leave=self.consents("may_leave"))

    def pasted(self) -> tuple[str, ...]:
        """Ids of the providers for which the person pasted a key. Raises `StoreError`."""
        return self._ids(PASTED)

    def note_pasted(self, provider_ids: Iterable[str]) -> None:
        self._keep(PASTED, list(provider_ids))

    def closed_tips(self) -> tuple[str, ...]:
        """Names of the tips that are not to be shown again. Raises `StoreError`."""
        return self._ids(TIPS)

    def close_tip(self, tip: str) -> None:
        self._keep(TIPS, [*dict.fromkeys([*self._ids(TIPS), tip])])

    def passcode_proof(self, kept_for: timedelta) -> str | None:
        """The proof that this person gave the passcode, unless it is older. Raises `StoreError`."""
        stored = settings.get(self._database, self._owner.id, PASSCODE)
        if not (isinstance(stored, list) and len(stored) == 2):
            return None
        proof, at_us = stored
        return str(proof) if self._database.now() - from_us(int(at_us)) < kept_for else None

    def keep_passcode_proof(self, proof: str) -> None:
        settings.put(self._database, self._owner.id, PASSCODE, [proof, to_us(self._database.now())])

    def key_choices(self) -> Mapping[str, str]:
        """Which key the person chose, by provider id, as in `PersonalKeys.chosen`. Raises `StoreError`."""
        return settings.key_choices(self._database, self._owner.id)

    def choose_keys(self, choices: Mapping[str, str]) -> None:
        settings.put(self._database, self._owner.id, settings.KEY_CHOICES, dict(choices) or None)

    def favourites(self) -> tuple[str, ...]:
        """Ids of the models that the person marked, in the order of marking. Raises `StoreError`."""
        return self._ids(FAVOURITES)

    def favour(self, model_id: str, marked: bool) -> None:
        """Mark a model, or take the mark away. Beyond 100, the oldest mark goes."""
        others = [name for name in self._ids(FAVOURITES) if name != model_id]
        self._keep(FAVOURITES, [*others, *([model_id] if marked else [])][-MOST_FAVOURITES:])

    def last_model(self) -> str | None:
        """Id of the model that the person chose last, or of a router. Raises `StoreError`."""
        stored = settings.get(self._database, self._owner.id, LAST_MODEL)
        return stored if isinstance(stored, str) else None

    def note_last_model(self, model_id: str) -> None:
        settings.put(self._database, self._owner.id, LAST_MODEL, model_id)

    def _ids(self, name: str) -> tuple[str, ...]:
        stored = settings.get(self._database, self._owner.id, name)
        return tuple(map(str, stored)) if isinstance(stored, list) else ()

    def _keep(self, name: str, provider_ids: list[str]) -> None:
        settings.put(self._database, self._owner.id, name, provider_ids or None)

"""Which models can be asked: those of the catalogue, those a provider lists itself, those that run on this computer.

    directory.choices(keys)        models of every provider that can be asked, for "auto" and for fallback
    directory.learn(keys)          ask the providers that have a key, where no model of theirs or nothing of the key is
                                   known
    directory.first(keys)          who answers when no model is named
    directory.listed(provider, keys)    ask one provider now
    directory.look_soon()          look for local servers beside everything else, where the last look is some time ago

Nothing simulated is ever a choice: it answers by name, or "auto" where a demo was asked for and no provider can be.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Literal

from .attempts import Transports
from .errors import Auth, LLMError, MissingKey, NotFound, Setup, Unreachable
from .net import exchange
from .net.transport import Sending
from .providers.catalog import Catalog, missing_options
from .providers.keys import Keyring
from .providers.limits import key_hash
from .providers.listings import Listings
from .providers.standing import LastCallStore, MemoryLastCalls, Standing, standing
from .records import NOTHING, Model, Provider
from .routing.candidates import Choice
from .routing.family import handy, size_of
from .routing.privacy import names_a_model
from .safety.redact import Redactor
from .wire import FORMATS

Keys = Mapping[str, str]
AT_ONCE = 8  # providers asked beside each other
LOOK_EVERY_S = 30.0


class ModelDirectory:
    """One for an engine, in any thread. `local` are the servers seen on this computer, with their models; `locked` are
    those that run here and list nothing without another key; `marks` tell how the last calls ended."""

    def __init__(
        self,
        catalog: Catalog,
        keyring: Keyring,
        transports: Transports,
        listings: Listings,
        redactor: Callable[[Keys], Redactor],
        *,
        look_here: bool,
    ) -> None:
        self._catalog = catalog
        self._keyring = keyring
        self._transports = transports
        self._redactor = redactor
        self._look_here = look_here
        self.listings = listings
        self.local: Mapping[str, Sequence[str]] = {}
        self.locked: frozenset[str] = frozenset()
        self._looking = threading.Lock()
        self._looked_at = -LOOK_EVERY_S
        self.marks: LastCallStore = MemoryLastCalls()

    def choices(self, keys: Keys = NOTHING) -> list[Choice]:
        """Every listed model of every provider that can be asked with these keys, or without one where it is own.

        One that refused its key is left out until a call or a test with it gets through.
        """
        return [
            Choice(provider, model)
            for provider in self._catalog.providers.values()
            if self._can_be_asked(provider, keys)
            for model in self.models(provider, keys)
        ]

    def is_ready(self, provider: Provider, keys: Keys = NOTHING) -> bool:
        """True when nothing is missing for a call: not retired, options filled, a key found or none needed."""
        return self._keyring.is_ready(provider, keys)

    def standing(self, provider: Provider, keys: Keys = NOTHING) -> Standing:
        """What is known of a provider with the key that it would be asked with."""
        if not self.is_ready(provider, keys) or self._waits_for_key(provider, keys):
            return Standing("no_key")
        return standing(self.marks.get(provider.id, key_hash(provider.id, self._value(provider, keys))))

    def models(self, provider: Provider, keys: Keys = NOTHING) -> list[Model]:
        """The catalogue's models; those that the provider listed itself where it has none."""
        known = [model for model in provider.models if model.listed]
        return known or [
            Model(f"{provider.id}/{name}", name, provider.id, size_of(name) or "big")
            for name in handy(self.names(provider, keys))
        ]

    def names(self, provider: Provider, keys: Keys = NOTHING) -> Sequence[str]:
        """What the provider listed when it was asked last, all kinds of models."""
        return self.local.get(provider.id) or self.listings.names(provider.id, self._value(provider, keys))

    def fault(self, provider: Provider, keys: Keys = NOTHING) -> LLMError | None:
        """Why the provider could not be asked for its models, None where it was or nobody tried."""
        return self.listings.fault(provider.id, self._value(provider, keys))

    def simulated(self) -> list[Choice]:
        """The listed models that are made up on this computer."""
        providers = [provider for provider in self._catalog.providers.values() if provider.simulated]
        return [Choice(provider, model) for provider in providers for model in provider.models if model.listed]

    def real(self, keys: Keys = NOTHING) -> list[Provider]:
        """The providers somebody set up: with a key, or own, or seen on this computer. Some may lack something yet."""
        return [
            provider
            for provider in self._catalog.providers.values()
            if not provider.simulated
            and provider.state != "retired"
            and provider.wire != "dialogflow"
            and self._is_set_up(provider, keys)
        ]

    def first(self, keys: Keys = NOTHING) -> Choice:
        """The first that can be asked. Raises as `nobody` does."""
        found = self.choices(keys) or self._learned(keys)
        named = [one for one in found if names_a_model(one.provider, one.model.name)]
        if not named:
            raise self.nobody(keys)
        return named[0]

    def ready(self, keys: Keys = NOTHING, *, demo: bool = False, learn: bool = True) -> list[Choice]:
        """For "auto": the choices, or simulated ones for a demo while nobody is set up.

        `learn`: providers are asked for their models where none is known, which may take seconds. Raises MissingKey
        where nobody is set up, and what is wrong where somebody is.
        """
        found = self.choices(keys) or (self._learned(keys) if learn else [])
        if not found and demo and not self.real(keys):
            found = self.simulated()
        if not found:
            raise self.nobody(keys)
        return found

    def nobody(self, keys: Keys = NOTHING) -> LLMError:
        """Why no model can be asked, as what a person is told."""
        set_up = self.real(keys)
        faults = [fault for provider in set_up if (fault := self._lacks(provider, keys))]
        if len(faults) == 1:
            return faults[0]
        if set_up:
            said = " ".join(fault.message for fault in faults)
            unknown = f"No model is known of {', '.join(one.label for one in set_up)}."
            return NotFound(f"{unknown} {said}".strip())
        return MissingKey(
            "No provider has a key: set one, such as GROQ_API_KEY, or name a simulated model, such as sim/quick."
        )

    def learn(self, keys: Keys = NOTHING) -> None:
        """Ask those that can be asked for their models, which costs nothing, where none is known, or where that proves
        or refuses a key that nobody has used yet; beside each other. What they say is kept."""
        asked = [
            provider
            for provider in self._catalog.providers.values()
            if (not provider.local or provider.id in self.locked)
            and self._can_be_asked(provider, keys)
            and (self._is_unknown(provider, keys) or self._is_unproven(provider, keys))
        ]
        if not asked:
            return
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="models") as threads:
            list(threads.map(lambda provider: self._ask(provider, keys), asked))

    def listed(self, provider: Provider, keys: Keys = NOTHING) -> list[str]:
        """The names the provider lists now, kept with its key. Raises `LLMError`."""
        value = self._value(provider, keys)
        try:
            names = self._fetch(provider, self._transports.listing(), keys)
        except LLMError as error:
            self.listings.failed(provider.id, value, error)
            if not error.no_list:
                self.marks.note(provider.id, key_hash(provider.id, value), error)
            raise
        if names and self._list_tells_key(provider):
            self.marks.note(provider.id, key_hash(provider.id, value), None)
        self.listings.keep(provider.id, value, names, lasting=not (keys.get(provider.id) or "").strip())
        return names

    def list_models(self, provider_id: str, keys: Keys = NOTHING) -> list[str]:
        """`listed` by the provider's id: names ready to stand behind "provider/". Raises `LLMError`."""
        provider, _model = self._catalog.find(f"{provider_id}/any")
        return self.listed(provider, keys)

    @property
    def running(self) -> frozenset[str]:
        """Ids of the servers seen on this computer, also of those that want a key."""
        return self.locked.union(self.local)

    def look_soon(self) -> None:
        """Look around on a thread of its own, at most every `LOOK_EVERY_S` seconds; nothing is waited for."""
        if not self._look_here or time.monotonic() - self._looked_at < LOOK_EVERY_S:
            return
        self._looked_at = time.monotonic()
        threading.Thread(target=self.look_around, name="local-servers", daemon=True).start()

    def look_around(self) -> Mapping[str, Sequence[str]]:
        """What runs on this computer: model names by provider id, for each server that answers at once.

        Who looks while somebody looks waits for that look. A server that is busy stays as it was seen last.
        """
        here = [one for one in self._catalog.providers.values() if one.local and self._look_here]
        with self._looking:
            if here:
                with ThreadPoolExecutor(len(here), thread_name_prefix="local-servers") as threads:
                    seen = dict(zip((one.id for one in here), threads.map(self._seen_here, here), strict=True))
                self.local = {name: found for name, found in seen.items() if isinstance(found, list | tuple)}
                self.locked = frozenset(name for name, found in seen.items() if found == "locked")
            self._looked_at = time.monotonic()
            return self.local

    def _seen_here(self, provider: Provider) -> Sequence[str] | Literal["locked"] | None:
        """The names a local server lists; None: it does not run."""
        key = self._keyring.find(provider)
        asked = replace(provider, auth="none") if key and key.fault else provider
        place = provider.id, key_hash(provider.id, key.value if key else None)
        try:
            names = self._fetch(asked, self._transports.local(), NOTHING)
        except LLMError as error:
            if error.key_state in ("refused", "forbidden"):
                if key:
                    self.marks.note(*place, error)
                return "locked"
            if isinstance(error, Unreachable) or not error.sent:
                return None
            return "locked" if provider.id in self.locked else self.local.get(provider.id)
        if key and standing(self.marks.get(*place)).state == "refused":
            self.marks.note(*place, None)
        return names

    def _learned(self, keys: Keys) -> list[Choice]:
        self.learn(keys)
        if not self.choices(keys) and not self.local:
            self.look_around()
            self.learn(keys)
        return self.choices(keys)

    def _is_unknown(self, provider: Provider, keys: Keys) -> bool:
        known = any(model.listed for model in provider.models)
        return not known and not self.listings.is_settled(provider.id, self._value(provider, keys))

    def _is_unproven(self, provider: Provider, keys: Keys) -> bool:
        value = self._value(provider, keys)
        if value is None or not self._list_tells_key(provider) or self.listings.is_settled(provider.id, value):
            return False
        return self.marks.get(provider.id, key_hash(provider.id, value)) is None

    def _list_tells_key(self, provider: Provider) -> bool:
        """Whether only a good key is told the models."""
        has_list = FORMATS[provider.wire].models_request(provider) is not None
        return has_list and not provider.quirks.get("lists_without_key")

    def _waits_for_key(self, provider: Provider, keys: Keys) -> bool:
        return provider.id in self.locked and self._keyring.find(provider, keys) is None

    def _ask(self, provider: Provider, keys: Keys) -> None:
        with suppress(LLMError):
            self.listed(provider, keys)

    def _fetch(self, provider: Provider, transport: Sending, keys: Keys) -> list[str]:
        wire = FORMATS[provider.wire]
        request = wire.models_request(provider)
        if request is None:
            return []
        transport = self._transports.simulator() if provider.simulated else transport
        signed = self._keyring.sign(request, provider, self._keyring.find(provider, keys))
        fetched = exchange.fetch(transport, signed, redactor=self._redactor(keys), vendor=provider.id)
        return wire.decode_models(fetched)

    def _can_be_asked(self, provider: Provider, keys: Keys) -> bool:
        """Without a key only where the operator or this computer serves it: nothing leaves before somebody chose so."""
        if provider.simulated or provider.id in self._catalog.blocked or not self._keyring.is_ready(provider, keys):
            return False
        return self._is_set_up(provider, keys) and self.standing(provider, keys).may_be_asked

    def _is_set_up(self, provider: Provider, keys: Keys) -> bool:
        has_key = self._keyring.find(provider, keys) is not None
        if provider.local:
            wanted = provider.id in self.locked or not self._look_here
            return provider.id in self.local or (has_key and wanted)
        if has_key:
            return True
        return provider.own and provider.auth in ("none", "optional") and not missing_options(provider)

    def _lacks(self, provider: Provider, keys: Keys) -> LLMError | None:
        key = self._keyring.find(provider, keys)
        if key and key.fault:
            return Setup(key.fault)
        if missing := missing_options(provider):
            return MissingKey(f"{provider.label} needs more than a key: set {' and '.join(missing)}.")
        if self.standing(provider, keys).state == "refused":
            return self.fault(provider, keys) or Auth(
                f"{provider.label} refused this key: change it, or test it on the Providers page."
            )
        return self.fault(provider, keys) or next(self._silent(provider, keys), None)

    def _silent(self, provider: Provider, keys: Keys) -> Iterator[LLMError]:
        if not self.models(provider, keys):
            yield NotFound(f"{provider.label} lists no model that answers in text; name one: {provider.id}/model.")

    def _value(self, provider: Provider, keys: Keys) -> str | None:
        key = self._keyring.find(provider, keys)
        return key.value if key else None

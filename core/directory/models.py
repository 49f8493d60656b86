"""Which models can be asked: those of the catalogue, those a provider lists, those that run on this computer.

directory.choices(keys)        models of every provider that can be asked, for "auto" and for fallback
directory.learn(keys)          list the models of providers with a key, where no model is known or the key is untested
directory.first(keys)          the model that answers when none is named
directory.listed(provider, keys)    list one provider's models now
directory.local                the servers on this computer

Simulated models are never among the choices: they answer by name, or for "auto" in a demo without any provider.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from .. import events
from ..errors import Auth, LLMError, MissingKey, ModelEnded, ModelNotFound, Setup
from ..model_life import ModelLife, ProviderLife
from ..providers import lifecycle
from ..providers.catalog import Catalog, missing_options
from ..providers.feature_refusals import place_of
from ..providers.keys import Keyring
from ..providers.limits import key_hash
from ..providers.listings import Listings
from ..providers.pricing import is_free
from ..providers.standing import LastCallStore, MemoryLastCalls, Standing, standing
from ..records import NOTHING, Model, Provider
from ..routing.candidates import Choice, missing_abilities, successors
from ..routing.family import chat_models, size_of
from ..routing.privacy import names_a_model
from ..routing.served import is_router, is_router_name
from ..safety.redact import Redactor
from ..transports import Transports
from ..wire import FORMATS
from .lister import ModelLister
from .local_servers import LocalServers

Keys = Mapping[str, str]
MOST_PROPOSED = 3
AT_ONCE = 8  # providers asked in parallel


class ModelDirectory:
    """One per engine, thread-safe. `local`: the servers on this computer; `last_calls`: how they ended, by key."""

    def __init__(
        self,
        catalog: Catalog,
        keyring: Keyring,
        transports: Transports,
        listings: Listings,
        redactor: Callable[[Keys], Redactor],
        *,
        look_here: bool,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._catalog = catalog
        self._keyring = keyring
        self._transports = transports
        self._lister = ModelLister(keyring, redactor)
        self.listings = listings
        self.model_life = ModelLife(listings, now)
        self.last_calls: LastCallStore = MemoryLastCalls()
        self.local = LocalServers(
            catalog, keyring, transports, self._lister, lambda: self.last_calls, enabled=look_here
        )

    def choices(self, keys: Keys = NOTHING) -> list[Choice]:
        """Every listed model of every provider that can be asked with these keys; own providers need none.

        A provider that refused its key is left out until a call or a test with it succeeds.
        """
        return [
            Choice(provider, model)
            for provider in self._catalog.providers.values()
            if self._can_be_asked(provider, keys)
            for model in self.models(provider, keys)
            if self._keyring.may_use(provider, model, keys)
        ]

    def is_ready(self, provider: Provider, keys: Keys = NOTHING) -> bool:
        """True when a call can be made: not retired, options filled, a key found or none needed."""
        return self._keyring.is_ready(provider, keys)

    def standing(self, provider: Provider, keys: Keys = NOTHING) -> Standing:
        """The state of a provider with the key that would be used."""
        if not self.is_ready(provider, keys) or self._waits_for_key(provider, keys):
            return Standing("no_key")
        return standing(self.last_calls.get(provider.id, key_hash(provider.id, self._value(provider, keys))))

    def models(self, provider: Provider, keys: Keys = NOTHING) -> list[Model]:
        """The catalogue's models; where it has none, those that the provider lists."""
        life = self.life(provider, keys)
        offered = [life.row(model) for model in provider.models if life.is_offered(model)]
        rows = {model.name for model in provider.models}
        listed_only = [
            Model(f"{provider.id}/{name}", name, provider.id, None if is_router_name(name) else size_of(name) or "big")
            for name in sorted(chat_models(self.names(provider, keys)), key=is_router_name)
            if name not in rows
        ]
        return offered or [life.row(model) for model in listed_only if life.is_offered(model)]

    def life(self, provider: Provider, keys: Keys = NOTHING) -> ProviderLife:
        """The life cycle of the provider's models with these keys: which may be chosen, which end, which are gone or
        new."""
        life = self.model_life.of(provider, self._value(provider, keys))
        local_details = self.local.details.get(provider.id)
        return replace(life, local=local_details) if local_details else life

    def forget_refusals(self, provider: Provider, keys: Keys = NOTHING, model_name: str | None = None) -> None:
        """From now on ask this provider again for what it refused, for one model or all. Raises `StoreError`."""
        self.model_life.refusals.forget(place_of(provider, self._value(provider, keys)), model_name)

    def instead_of(self, model_id: str, keys: Keys = NOTHING) -> str | None:
        """The default model to use when this one has ended: its successor if that can be asked, else the first that
        can; None while it has not ended."""
        provider = self._catalog.providers.get(model_id.partition("/")[0])
        model = next((model for model in provider.models if model.id == model_id), None) if provider else None
        if provider is None or model is None or not self.life(provider, keys).has_ended(model):
            return None
        other = self.named_successor(model_id, keys)
        choices = self.choices(keys)
        if other and any(choice.model.id == other.id for choice in choices):
            return other.id
        first = _first(choices)
        return first.model.id if first else None

    def named_successor(self, model_id: str, keys: Keys = NOTHING) -> Model | None:
        """The replacement that the provider names for this model, if it is in the catalogue, with a key or without."""
        provider = self._catalog.providers.get(model_id.partition("/")[0])
        model = next((model for model in provider.models if model.id == model_id), None) if provider else None
        return self.life(provider, keys).successor(model) if provider and model else None

    def proposals(self, model_id: str, keys: Keys = NOTHING, speeds: Mapping[str, float] = NOTHING) -> list[Model]:
        """Whom to try in place of a model that ends, at most three: the successor that its provider names, even without
        a key; then free models that can be asked and do not end soon, one of each provider: the same model elsewhere,
        or one of its size, those first that have most of its abilities."""
        named = self.named_successor(model_id, keys)
        proposed = [named] if named else []
        try:
            provider, model = self._catalog.find(model_id)
        except LLMError:
            return proposed
        ready = [choice for choice in self.choices(keys) if self._is_free(choice) and self._stays(choice, keys)]
        alike = [choice.model for choice in successors(Choice(provider, model), ready, speeds, why=ModelEnded)]
        others = sorted((other for other in alike if other not in proposed), key=partial(missing_abilities, model))
        return [*proposed, *others][:MOST_PROPOSED]

    def _is_free(self, choice: Choice) -> bool:
        return is_free(choice.model) or bool(choice.model.free is None and choice.provider.free)

    def _stays(self, choice: Choice, keys: Keys) -> bool:
        left = self.life(choice.provider, keys).days_left(choice.model)
        return left is None or left > lifecycle.SOON_DAYS

    def names(self, provider: Provider, keys: Keys = NOTHING) -> Sequence[str]:
        """The provider's last list, all kinds of models."""
        return self.local.models.get(provider.id) or self.listings.names(provider.id, self._value(provider, keys))

    def fault(self, provider: Provider, keys: Keys = NOTHING) -> LLMError | None:
        """Why the provider's models could not be listed; None after a success and before the first try."""
        return self.listings.fault(provider.id, self._value(provider, keys))

    def simulated(self) -> list[Choice]:
        """The listed models of the simulator."""
        providers = [provider for provider in self._catalog.providers.values() if provider.simulated]
        return [Choice(provider, model) for provider in providers for model in self.models(provider)]

    def real(self, keys: Keys = NOTHING) -> list[Provider]:
        """The providers that are set up: with a key, own, or found on this computer. Some may still lack something."""
        return [
            provider
            for provider in self._catalog.providers.values()
            if not provider.simulated
            and provider.state != "retired"
            and provider.wire != "dialogflow"
            and self._is_set_up(provider, keys)
        ]

    def first(self, keys: Keys = NOTHING) -> Choice:
        """The first model that can be asked. Raises `no_model_error`."""
        first = _first(self.choices(keys) or self._learned(keys))
        if first is None:
            raise self.no_model_error(keys)
        return first

    def ready(self, keys: Keys = NOTHING, *, demo: bool = False, learn: bool = True) -> list[Choice]:
        """For "auto": the choices, or simulated ones for a demo while no provider is set up.

        `learn`: list the models of providers where none is known, which may take seconds. Raises MissingKey where no
        provider is set up, and that provider's fault where one is.
        """
        choices = self.choices(keys) or (self._learned(keys) if learn else [])
        if not choices and demo and not self.real(keys):
            choices = self.simulated()
        if not choices:
            raise self.no_model_error(keys)
        return choices

    def no_model_error(self, keys: Keys = NOTHING) -> LLMError:
        """Why no model can be asked, as an error to show."""
        set_up = self.real(keys)
        faults = [fault for provider in set_up if (fault := self._problem(provider, keys))]
        if len(faults) == 1:
            return faults[0]
        if set_up:
            reasons = " ".join(fault.message for fault in faults)
            unknown = f"No models are known for {', '.join(provider.label for provider in set_up)}."
            return ModelNotFound(f"{unknown} {reasons}".strip())
        return MissingKey(
            "No provider has a key: set one, such as GROQ_API_KEY, or name a simulated model, such as sim/quick."
        )

    def learn(self, keys: Keys = NOTHING) -> None:
        """List the models of providers where none is known, where that tests a key nobody has used yet, or where the
        list is a day old. Free of charge; all in parallel. The lists are stored."""
        providers = [
            provider
            for provider in self._catalog.providers.values()
            if (not provider.local or provider.id in self.local.locked)
            and self._can_be_asked(provider, keys)
            and any(worth(provider, keys) for worth in (self._is_unknown, self._is_unproven, self._is_stale))
        ]
        if not providers:
            return
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="models") as threads:
            list(threads.map(lambda provider: self._ask(provider, keys), providers))

    def listed(self, provider: Provider, keys: Keys = NOTHING) -> list[str]:
        """The names the provider lists now, stored for its key. Raises `LLMError`."""
        value = self._value(provider, keys)
        transport = self._transports.simulator() if provider.simulated else self._transports.listing()
        try:
            names, details = self._lister.fetch(provider, transport, keys)
        except LLMError as error:
            self.listings.failed(provider.id, value, error)
            if not error.no_list:
                error.event_id = events.log(
                    "provider_failed",
                    provider=provider.id,
                    call="models",
                    kind=error.kind,
                    origin=error.origin,
                    status=error.status,
                    code=error.code,
                )
                self.last_calls.note(provider.id, key_hash(provider.id, value), error)
            raise
        if names and self._list_tells_key(provider):
            self.last_calls.note(provider.id, key_hash(provider.id, value), None)
        lasting = not (keys.get(provider.id) or "").strip()
        self.listings.keep(provider.id, value, names, lasting=lasting, details=details)
        return names

    def list_models(self, provider_id: str, keys: Keys = NOTHING) -> list[str]:
        """`listed` by the provider's id: names without "provider/". Raises `LLMError`."""
        provider, _model = self._catalog.find(f"{provider_id}/any")
        return self.listed(provider, keys)

    def _learned(self, keys: Keys) -> list[Choice]:
        self.learn(keys)
        if not self.choices(keys) and not self.local.models:
            self.local.look_around()
            self.learn(keys)
        return self.choices(keys)

    def _is_unknown(self, provider: Provider, keys: Keys) -> bool:
        life = self.life(provider, keys)
        has_models = any(life.is_offered(model) for model in provider.models)
        return not has_models and not self.listings.is_settled(provider.id, self._value(provider, keys))

    def _is_unproven(self, provider: Provider, keys: Keys) -> bool:
        value = self._value(provider, keys)
        if value is None or not self._list_tells_key(provider) or self.listings.is_settled(provider.id, value):
            return False
        return self.last_calls.get(provider.id, key_hash(provider.id, value)) is None

    def _is_stale(self, provider: Provider, keys: Keys) -> bool:
        """Whether a provider with a key has a list, but none of today is known."""
        value = self._value(provider, keys)
        has_list = FORMATS[provider.wire].models_request(provider) is not None
        return value is not None and has_list and not self.listings.is_settled(provider.id, value)

    def _list_tells_key(self, provider: Provider) -> bool:
        """Whether the provider lists its models only for a good key."""
        has_list = FORMATS[provider.wire].models_request(provider) is not None
        return has_list and not provider.quirks.get("lists_without_key")

    def _waits_for_key(self, provider: Provider, keys: Keys) -> bool:
        return provider.id in self.local.locked and self._keyring.find(provider, keys) is None

    def _ask(self, provider: Provider, keys: Keys) -> None:
        with suppress(LLMError):
            self.listed(provider, keys)

    def _can_be_asked(self, provider: Provider, keys: Keys) -> bool:
        """Without a key only own and local providers: no text leaves before a person chose a provider."""
        if provider.simulated or provider.id in self._catalog.blocked or not self._keyring.is_ready(provider, keys):
            return False
        return self._is_set_up(provider, keys) and self.standing(provider, keys).may_be_asked

    def _is_set_up(self, provider: Provider, keys: Keys) -> bool:
        has_key = self._keyring.find(provider, keys) is not None
        if provider.local:
            wanted = provider.id in self.local.locked or not self.local.enabled
            return provider.id in self.local.models or (has_key and wanted)
        if has_key:
            return True
        return provider.own and provider.auth in ("none", "optional") and not missing_options(provider)

    def _problem(self, provider: Provider, keys: Keys) -> LLMError | None:
        key = self._keyring.find(provider, keys)
        if key and key.fault:
            return Setup(key.fault)
        if missing := missing_options(provider):
            return MissingKey(f"{provider.label} needs more than a key: set {' and '.join(missing)}.")
        if self.standing(provider, keys).state == "refused":
            return self.fault(provider, keys) or Auth(
                f"{provider.label} rejected this key: change it, or test it on the Providers page."
            )
        return self.fault(provider, keys) or next(self._no_chat_model(provider, keys), None)

    def _no_chat_model(self, provider: Provider, keys: Keys) -> Iterator[LLMError]:
        if not self.models(provider, keys):
            yield ModelNotFound(f"{provider.label} lists no model that answers in text; name one: {provider.id}/model.")

    def _value(self, provider: Provider, keys: Keys) -> str | None:
        key = self._keyring.find(provider, keys)
        return key.value if key else None


def _first(choices: Sequence[Choice]) -> Choice | None:
    """The first that names a model; a router only where there is nothing else."""
    named = [choice for choice in choices if names_a_model(choice.provider, choice.model.name)]
    return next((choice for choice in named if not is_router(choice.model)), next(iter(named), None))

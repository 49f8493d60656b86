"""Which models can be picked, and how the list is searched, without widgets: those are in `picker`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...engine import Engine
from ...providers.standing import Standing
from ...records import Model, Provider
from .names import matches

Listed = Mapping[str, Sequence[str]]
_NAME = re.compile(r"\S+(?: \S+)*")


@dataclass(frozen=True, slots=True)
class ModelOption:
    """A model that can be picked. `ready`: nothing is missing for a call, and its key was not refused. `alive`: its
    local server is running. `allowed`: the server's key may be used for it, or another one is."""

    provider: Provider
    model: Model
    ready: bool
    alive: bool
    refused: bool = False
    allowed: bool = True

    @property
    def free(self) -> bool:
        return bool(self.model.free or (self.model.free is None and self.provider.free))


def all_options(engine: Engine, keys: Mapping[str, str], listed: Listed, alive: Iterable[str]) -> list[ModelOption]:
    """All models of all providers that still exist, ready ones first, otherwise in catalogue order.

    `listed`: names from the providers' own lists, by provider id; `alive`: running local servers.
    """
    running = frozenset(alive)
    options = [
        ModelOption(
            provider,
            model,
            standing.may_be_asked and allowed,
            provider.id in running,
            standing.state == "refused",
            allowed,
        )
        for provider, standing in _offered(engine, keys, running)
        for life in [engine.directory.life(provider, keys)]
        for model in models_of(provider, listed)
        if life.is_offered(model)
        for allowed in [engine.keyring.may_use(provider, model, keys)]
    ]
    return sorted(options, key=lambda choice: (not choice.ready, choice.provider.simulated))


def _offered(engine: Engine, keys: Mapping[str, str], alive: frozenset[str]) -> Iterator[tuple[Provider, Standing]]:
    for provider in engine.catalog.providers.values():
        if provider.state == "retired" or (provider.local and provider.id not in alive):
            continue
        yield provider, engine.directory.standing(provider, keys)


def models_of(provider: Provider, listed: Listed) -> Iterator[Model]:
    """The catalogue's models, then those found only in the provider's own list."""
    yield from provider.models
    names = {model.name for model in provider.models}
    for name in listed.get(provider.id, ()):
        if name not in names:
            yield Model(id=f"{provider.id}/{name}", name=name, provider_id=provider.id)


def matching(
    choices: Iterable[ModelOption], words: str, *, free: bool, ready: bool, provider_id: str | None
) -> list[ModelOption]:
    """The choices that match every word by name or provider and pass the filters."""
    return [
        choice
        for choice in choices
        if (not free or choice.free)
        and (not ready or choice.ready)
        and (provider_id is None or choice.provider.id == provider_id)
        and matches(words, choice.provider, [choice.model.name])
    ]


def typed_model_id(words: str, providers: Mapping[str, Provider], choices: Iterable[ModelOption]) -> str | None:
    """A model id typed in full that the list lacks, such as "groq/some-new-model"; otherwise None.

    A name may contain single spaces, as file names do.
    """
    model_id = words.strip()
    provider_id, slash, name = model_id.partition("/")
    provider = providers.get(provider_id)
    if not (slash and name) or provider is None or provider.state == "retired" or not _NAME.fullmatch(name):
        return None
    return None if any(choice.model.id == model_id for choice in choices) else model_id

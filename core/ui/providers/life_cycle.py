"""What happens to models this fortnight: which end, which are gone, which are new. The reader's own providers first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ...model_life import ProviderLife
from ...providers.listings import NEW
from ...records import Model, Provider
from ...routing.family import chat_models
from .. import session
from ..models.life import ending
from ..text import ago, plain, t

SOON_DAYS = 14
GONE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class LifeEvent:
    """What happens to one model. `at`: when; `text`: how, as Markdown; `is_own`: the reader can call the provider."""

    provider: Provider
    model: Model
    at: datetime
    text: str
    is_own: bool


def ending_soon(lives: Iterable[ProviderLife]) -> list[LifeEvent]:
    """Models that end within two weeks, the soonest first."""
    events = [
        LifeEvent(
            life.provider, row, life.now + timedelta(days=left), _ending(life.provider, row), _is_own(life.provider)
        )
        for life in lives
        for model in life.provider.models
        if (left := life.days_left(model)) and left <= SOON_DAYS and life.is_offered(model)
        for row in [life.row(model)]
    ]
    return sorted(events, key=lambda event: (not event.is_own, event.at))


def just_gone(lives: Iterable[ProviderLife]) -> list[LifeEvent]:
    """Models that ended in the last week, or were first seen gone in it, with the reason; the latest first."""
    events = [
        LifeEvent(life.provider, life.row(model), at, _gone(life, model, at), _is_own(life.provider))
        for life in lives
        for model in life.provider.models
        if model.listed and (at := life.gone_at(model)) and timedelta(0) <= life.now - at < GONE
    ]
    return _latest_first(events)


def new_this_week(lives: Iterable[ProviderLife]) -> list[LifeEvent]:
    """Models that came to a provider's list or with the operator's feed in the last week; the latest first."""
    feed = session.engine().feed
    added = feed.added if feed else {}
    events = [
        LifeEvent(life.provider, model, at, "", _is_own(life.provider))
        for life in lives
        for model, at in _new(life, added)
        if life.is_offered(model)
    ]
    return _latest_first(events)


def _latest_first(events: Iterable[LifeEvent]) -> list[LifeEvent]:
    return sorted(events, key=lambda event: (not event.is_own, -event.at.timestamp()))


def _is_own(provider: Provider) -> bool:
    return session.engine().keyring.find(provider, session.keys()) is not None


def _ending(provider: Provider, model: Model) -> str:
    return _followed(f":orange[{ending(provider, model)}]", model)


def _gone(life: ProviderLife, model: Model, at: datetime) -> str:
    """Why it is gone: it ended, the provider refused it, or does not list it."""
    if life.has_ended(model):
        return _followed(ending(life.provider, model), life.row(model))
    when = ago(at, life.now)
    if life.state(model).evidence == "listing":
        return _followed(t("missing in the provider's list, seen {ago}", ago=when), life.row(model))
    return _followed(t("the provider refused it as unknown {ago}", ago=when), life.row(model))


def _followed(text: str, model: Model) -> str:
    """The text, and the successor where there is one."""
    return t("{end}; replaced by {model}", end=text, model=plain(model.successor)) if model.successor else text


def _new(life: ProviderLife, added: Mapping[str, datetime]) -> Iterator[tuple[Model, datetime]]:
    """The new models of a provider, and when they came."""
    provider, rows = life.provider, {model.name: model for model in life.provider.models}
    if life.listing:
        for name in chat_models(life.listing.names):
            if life.listing.is_new(name, life.now):
                model = rows.get(name) or Model(f"{provider.id}/{name}", name, provider.id)
                yield model, life.listing.since[name]
    for model in provider.models:
        at = added.get(model.id)
        is_listed_new = life.listing is not None and life.listing.is_new(model.name, life.now)
        if at and life.now - at < NEW and not is_listed_new:
            yield model, at

"""What becomes of models: which may be chosen now, when one ends, how it stands, what is new.

life = directory.life(provider, keys)
life.is_offered(model)      listed, not ended, and not gone by what was seen with this key
life.row(model)             the model with what the provider's own list tells of it, which is newer than the catalogue
life.state(model)           live, limited, degraded, gone or unknown, with its evidence
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from .errors import LLMError
from .providers import lifecycle, sunset
from .providers.belief import belief, sureness
from .providers.feature_refusals import ByModel, FeatureRefusalStore, NoRefusals, place_of, refused_feature
from .providers.limits import key_hash
from .providers.listings import Listing, Listings
from .providers.model_states import ANOTHER, MemoryModelStates, ModelState, ModelStateStore, State, newest
from .providers.standing import Standing
from .providers.sunset import EndNotice
from .records import NOTHING, ChatRequest, ListedModel, Model, Provider
from .routing.privacy import names_a_model

# What the last call with a key tells of the provider, where no call tells of a model.
_BY_KEY: Mapping[str, State] = {"works": "live", "limited": "limited", "unreachable": "degraded"}


def _cached(model: Model, listed: ListedModel) -> Decimal | None:
    """The listed price of cached tokens, where the listed price of the others is the one that counts."""
    same = model.usd_per_million_in in (None, listed.usd_per_million_in)
    return listed.usd_per_million_cached if same and listed.usd_per_million_in is not None else None


@dataclass(frozen=True, slots=True)
class ProviderLife:
    """The state of one provider's models with one key at one instant."""

    provider: Provider
    now: datetime
    listing: Listing | None
    states: Mapping[str, ModelState]
    local: Mapping[str, ListedModel] = field(default_factory=lambda: NOTHING)  # told by a server on this computer
    refused: ByModel = field(default_factory=lambda: NOTHING)  # features, by model

    def row(self, model: Model) -> Model:
        """The model with what its provider refused lately, updated from the list, which fills in gaps, and from what
        tells its end: see `_end`."""
        if refused := self.refused.get(model.name):
            model = replace(model, refused=refused)
        listed = self.local.get(model.name) or (self.listing.details.get(model.name) if self.listing else None)
        end = self._end(model, listed)
        if listed is None:
            return replace(model, **end) if end else model
        open_: dict[str, Any] = {
            "window_tokens": listed.window_tokens,
            "max_output_tokens": listed.max_output_tokens,
            "usd_per_million_in": listed.usd_per_million_in if listed.usd_per_million_out is not None else None,
            "usd_per_million_out": listed.usd_per_million_out if listed.usd_per_million_in is not None else None,
            "usd_per_million_cached": _cached(model, listed),
            "input": listed.input,
            "abilities": listed.abilities,
            "lacks": () if model.abilities else listed.lacks,
        }
        filled = {name: value for name, value in open_.items() if value not in (None, ()) and not getattr(model, name)}
        return replace(model, **filled, **end)

    def _end(self, model: Model, listed: ListedModel | None) -> dict[str, Any]:
        """The end that is believed most: told in headers, or by the provider's list; both before the catalogue, unless
        it tells one and the headers are old."""
        listed_end = {"ends_on": listed.ends_on, "successor": listed.successor} if listed and listed.ends_on else {}
        end = self._heard_end(model, listed_end) or listed_end
        return {**end, "successor": end["successor"] or model.successor} if end else {}

    def _heard_end(self, model: Model, listed_end: Mapping[str, Any]) -> dict[str, Any]:
        """The end told in headers; {} where the list or the catalogue is believed more."""
        notice = self.end_notice(model)
        if notice is None or notice.ends_on is None:
            return {}
        belief_heard = belief("seen", notice.at, self.now)
        if listed_end and self.listing and belief_heard < belief("listing", self.listing.at, self.now):
            return {}
        if not listed_end and model.ends_on and sureness(belief_heard) == "doubtful":
            return {}
        names = {other.name for other in self.provider.models}.union(self.listing.names if self.listing else ())
        return {"ends_on": notice.ends_on, "successor": sunset.successor(notice, names - {model.name})}

    def end_notice(self, model: Model) -> EndNotice | None:
        """What headers told of its end, and when."""
        state = self.states.get(model.name)
        return state.end if state else None

    def has_ended(self, model: Model) -> bool:
        return lifecycle.has_ended(self.row(model), self.provider, self.now)

    def days_left(self, model: Model) -> int | None:
        """Whole days until it ends, 0 once it has ended; None if no end date is known."""
        return lifecycle.days_left(self.row(model), self.provider, self.now)

    def is_offered(self, model: Model) -> bool:
        """Whether it may be chosen, by a person or by the router."""
        return lifecycle.is_offered(self.row(model), self.provider, self.now) and self.state(model).state != "gone"

    def successor(self, model: Model) -> Model | None:
        """The replacement in the catalogue that the provider names; its own where that has ended or is gone."""
        passed = {model.name}
        other = lifecycle.successor(self.row(model), self.provider)
        while other and other.name not in passed:
            if not self.has_ended(other) and self.state(other).state != "gone":
                return other
            passed.add(other.name)
            other = lifecycle.successor(self.row(other), self.provider)
        return None

    def is_new(self, model: Model) -> bool:
        return self.listing is not None and self.listing.is_new(model.name, self.now)

    def gone_at(self, model: Model) -> datetime | None:
        """When it ended, or was first seen gone; None while it is neither."""
        if self.has_ended(model):
            return lifecycle.ends_at(self.row(model), self.provider)
        state = self.state(model)
        if state.state == "gone" and state.evidence == "listing" and self.listing:
            return self.listing.missing_since(model.name)
        return state.at if state.state == "gone" else None

    def state(self, model: Model) -> ModelState:
        return newest(self.states.get(model.name), self._listed(model), self.now)

    def overall(self, standing: Standing) -> ModelState:
        """How the provider stands: by its last call, whatever model that was; gone only when all its models are."""
        called = [_of_provider(state) for state in self.states.values() if state.at and state.state != "gone"]
        last_call = max(called, key=lambda state: state.at or self.now, default=ModelState())
        if gone := self._all_gone():
            return gone
        of_key = ModelState(_BY_KEY.get(standing.state, "unknown"), standing.at, "", standing.why)
        is_newer = standing.at is not None and (last_call.at is None or standing.at > last_call.at)
        return of_key if is_newer and (last_call.at is None or of_key.state in ("limited", "degraded")) else last_call

    def _all_gone(self) -> ModelState | None:
        states = [self.state(model) for model in self.provider.models if not self.has_ended(model)]
        if not states or any(state.state != "gone" for state in states):
            return None
        return max(states, key=lambda state: state.at or self.now)

    def _listed(self, model: Model) -> ModelState:
        if self.listing is None or not names_a_model(self.provider, model.name):
            return ModelState()
        if model.name in self.listing.names:
            return ModelState("live", self.listing.at, "listing")
        return ModelState("gone", self.listing.at, "listing", "not_listed") if self._is_telling() else ModelState()

    def _is_telling(self) -> bool:
        """Whether the list has at least half of the catalogue's models; if not, it uses other names."""
        names = frozenset(self.listing.names if self.listing else ())
        rows = [
            model.name
            for model in self.provider.models
            if lifecycle.is_offered(model, self.provider, self.now) and names_a_model(self.provider, model.name)
        ]
        common = sum(name in names for name in rows)
        return common > 0 and 2 * common >= len(rows)


def _of_provider(state: ModelState) -> ModelState:
    """What the state of one model tells of its provider, which did answer where it answered with another model."""
    return replace(state, state="live", why="") if state.why == ANOTHER else state


class ModelLife:
    """One per engine, thread-safe. `states` stores the results of calls: in memory if there is no database;
    `refusals` what was refused, nothing if there is none."""

    def __init__(self, listings: Listings, now: Callable[[], datetime]) -> None:
        self.states: ModelStateStore = MemoryModelStates()
        self.refusals: FeatureRefusalStore = NoRefusals()
        self._listings = listings
        self._now = now

    def of(self, provider: Provider, key: str | None) -> ProviderLife:
        listing = None if provider.simulated else self._listings.get(provider.id, key)
        states = self.states.of(provider.id, key_hash(provider.id, key))
        refused = self.refusals.of(place_of(provider, key))
        return ProviderLife(provider, self._now(), listing, states, refused=refused)

    def learn(self, error: LLMError, request: ChatRequest, provider: Provider, model: Model, key: str | None) -> None:
        """Remember what this refusal says the model does not have. May block."""
        if feature := refused_feature(error, request):
            self.refusals.note(place_of(provider, key), model.name, feature)

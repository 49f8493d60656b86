"""The end of life of models, by a clock passed in, and their successors.

has_ended(model, provider, now)     true from the start of `ends_on`, in the provider's zone or UTC, whichever is
                                    earlier: from then on the provider may answer, and bill, with another model
days_left(model, provider, now)     1: it ends tomorrow; None: no end date is known
successor(model, provider)          the replacement that the provider names, which may have ended itself
"""

from __future__ import annotations

from datetime import UTC, datetime

from ..errors import ModelEnded
from ..records import Model, Provider
from .limits import zone_of

SOON_DAYS = 30


def ends_at(model: Model, provider: Provider) -> datetime | None:
    """The instant from which it is no longer called; None if no end date is known."""
    if model.ends_on is None:
        return None
    day = model.ends_on
    return min(datetime(day.year, day.month, day.day, tzinfo=zone) for zone in (UTC, zone_of(provider.zone)))


def has_ended(model: Model, provider: Provider, now: datetime) -> bool:
    at = ends_at(model, provider)
    return at is not None and now >= at


def is_offered(model: Model, provider: Provider, now: datetime) -> bool:
    """Whether it may be chosen, by a person, by "auto" or as a substitute."""
    return model.listed and not has_ended(model, provider, now)


def days_left(model: Model, provider: Provider, now: datetime) -> int | None:
    """Whole days until it ends, 0 once it has ended; None if no end date is known."""
    if has_ended(model, provider, now):
        return 0
    return None if model.ends_on is None else max((model.ends_on - now.date()).days, 1)


def successor(model: Model, provider: Provider) -> Model | None:
    """The replacement that its provider names, if it is in the catalogue."""
    return next((other for other in provider.models if other.name == model.successor), None)


def refusal(model: Model, provider: Provider, other: Model | None) -> ModelEnded:
    """The error for a request to an ended model; `code` is the id of its successor `other`, "" if there is none."""
    ended = f"{model.name} ended on {model.ends_on}."
    why = f"{provider.label} may answer by another model and bill that one, so nothing was sent."
    after = f"Its successor is {other.id}." if other else "Choose another model."
    return ModelEnded(" ".join((ended, why, after)), code=other.id if other else "")

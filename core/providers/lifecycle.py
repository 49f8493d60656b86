"""When a model ends, by a clock passed in, and what is asked instead.

has_ended(model, provider, now)     from the first instant of `ends_on` on, by the provider's zone or UTC, whichever
                                    comes first: from then on the provider may answer, and bill, by another
days_left(model, provider, now)     1: it ends tomorrow; None: no end is known
successor(model, provider)          the model that the provider names instead
"""

from __future__ import annotations

from datetime import UTC, datetime

from ..errors import ModelEnded
from ..records import Model, Provider
from .limits import zone_of

SOON_DAYS = 30


def ends_at(model: Model, provider: Provider) -> datetime | None:
    """The instant from which it is not asked any more; None where no end is known."""
    if model.ends_on is None:
        return None
    day = model.ends_on
    return min(datetime(day.year, day.month, day.day, tzinfo=zone) for zone in (UTC, zone_of(provider.zone)))


def has_ended(model: Model, provider: Provider, now: datetime) -> bool:
    at = ends_at(model, provider)
    return at is not None and now >= at


def is_offered(model: Model, provider: Provider, now: datetime) -> bool:
    """Whether a person, "auto" and whoever stands in may choose it."""
    return model.listed and not has_ended(model, provider, now)


def days_left(model: Model, provider: Provider, now: datetime) -> int | None:
    """Whole days until it ends, 0 once it has; None where no end is known."""
    if has_ended(model, provider, now):
        return 0
    return None if model.ends_on is None else max((model.ends_on - now.date()).days, 1)


def successor(model: Model, provider: Provider) -> Model | None:
    """The model that its provider names instead, where that is one of the catalogue."""
    return next((other for other in provider.models if other.name == model.successor), None)


def refusal(model: Model, provider: Provider) -> ModelEnded:
    """What a person is told who asks for it all the same; `code` is the id of the successor, "" where none is named."""
    other = successor(model, provider)
    ended = f"{model.name} ended on {model.ends_on}."
    why = f"{provider.label} may answer by another model and bill that one, so nothing was sent."
    after = f"Its successor is {other.id}." if other else "Choose another model."
    return ModelEnded(" ".join((ended, why, after)), code=other.id if other else "")

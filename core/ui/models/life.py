"""When a model ends, in words: beside the picker, in its list, and on the Providers page."""

from __future__ import annotations

from ...providers import lifecycle
from ...records import Model, Provider
from .. import session
from ..text import plain, t, tn


def ending(provider: Provider | None, model: Model, within_days: int = lifecycle.SOON_DAYS) -> str:
    """ "ends in 3 days", "ended on 2026-12-01", as plain words; "" where no end is known, or it is further away."""
    left = session.engine().directory.days_left(provider, model) if provider else None
    if left is None or left > within_days:
        return ""
    if left == 0:
        return t("ended on {day}", day=model.ends_on)
    return t("ends tomorrow") if left == 1 else tn("ends in {number} day", "ends in {number} days", left)


def badge(provider: Provider | None, model: Model) -> str:
    """The same as a badge with a space before it; "" where there is nothing to tell."""
    said = ending(provider, model)
    colour = "red" if said and provider and session.engine().directory.has_ended(provider, model) else "orange"
    return f" :{colour}-badge[{said}]" if said else ""


def story(provider: Provider, model: Model) -> str:
    """How a model ends and what comes after it, for its line on the Providers page."""
    said = ending(provider, model) or (t("ends on {day}", day=model.ends_on) if model.ends_on else "")
    if model.successor and (said or not model.listed):
        return ", ".join(filter(None, (said, t("successor: {model}", model=plain(model.successor)))))
    return said


def ending_soon(within_days: int) -> list[tuple[Provider, Model, int]]:
    """The offered models that end within so many days, of providers that can be asked first, the nearest end first."""
    directory = session.engine().directory
    found = [
        (provider, model, left)
        for provider in session.engine().catalog.providers.values()
        for model in provider.models
        if (left := directory.days_left(provider, model)) and left <= within_days
    ]
    return sorted(found, key=lambda one: (not session.standing(one[0]).may_be_asked, one[2]))

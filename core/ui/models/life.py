"""When a model ends, in words, for the picker and the Providers page."""

from __future__ import annotations

from ...providers import lifecycle
from ...records import Model, Provider
from .. import session
from ..text import plain, t, tn


def ending(provider: Provider | None, model: Model, within_days: int = lifecycle.SOON_DAYS) -> str:
    """Such as "ends in 3 days" or "ended on 2026-12-01"; "" if no end is known, or not within `within_days`."""
    left = session.engine().directory.days_left(provider, model) if provider else None
    if left is None or left > within_days:
        return ""
    if left == 0:
        return t("ended on {day}", day=model.ends_on)
    return t("ends tomorrow") if left == 1 else tn("ends in {number} day", "ends in {number} days", left)


def badge(provider: Provider | None, model: Model) -> str:
    """The same as a badge with a space before it, or ""."""
    text = ending(provider, model)
    colour = "red" if text and provider and session.engine().directory.has_ended(provider, model) else "orange"
    return f" :{colour}-badge[{text}]" if text else ""


def story(provider: Provider, model: Model) -> str:
    """The end and the successor of a model, for its line on the Providers page."""
    text = ending(provider, model) or (t("ends on {day}", day=model.ends_on) if model.ends_on else "")
    if model.successor and (text or not model.listed):
        return ", ".join(filter(None, (text, t("successor: {model}", model=plain(model.successor)))))
    return text


def ending_soon(within_days: int) -> list[tuple[Provider, Model, int]]:
    """Models that end within so many days, with the days left; those of ready providers first, soonest first."""
    directory = session.engine().directory
    ending_models = [
        (provider, model, left)
        for provider in session.engine().catalog.providers.values()
        for model in provider.models
        if (left := directory.days_left(provider, model)) and left <= within_days
    ]
    return sorted(ending_models, key=lambda entry: (not session.standing(entry[0]).may_be_asked, entry[2]))

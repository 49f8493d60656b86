"""When a model ends, in words: beside the picker, in its list, and on the Providers page."""

from __future__ import annotations

from ...providers import lifecycle
from ...records import Model, Provider
from .. import session
from ..text import ago, plain, t, tn


def ending(provider: Provider | None, model: Model, within_days: int = lifecycle.SOON_DAYS) -> str:
    """ "ends in 3 days", "ended on 2026-12-01", as plain words; "" where no end is known, or it is further away."""
    left = session.life(provider).days_left(model) if provider else None
    if left is None or left > within_days:
        return ""
    if left == 0 and provider:
        return t("ended on {day}", day=session.life(provider).row(model).ends_on)
    return t("ends tomorrow") if left == 1 else tn("ends in {number} day", "ends in {number} days", left)


def badge(provider: Provider | None, model: Model) -> str:
    """The same as a badge with a space before it; "" where there is nothing to tell."""
    said = ending(provider, model)
    colour = "red" if said and provider and session.life(provider).has_ended(model) else "orange"
    return f" :{colour}-badge[{said}]" if said else ""


def story(provider: Provider, model: Model) -> str:
    """How a model ends and what comes after it, for its line on the Providers page."""
    model = session.life(provider).row(model)
    said = ending(provider, model) or (t("ends on {day}", day=model.ends_on) if model.ends_on else "")
    said = ", ".join(filter(None, (said, standing(provider, model))))
    if model.successor and (said or not model.listed):
        return ", ".join(filter(None, (said, t("successor: {model}", model=plain(model.successor)))))
    return said


def standing(provider: Provider, model: Model) -> str:
    """How a model stands with this visitor's key, and by what that is known; "" where nothing was seen of it."""
    life = session.life(provider)
    seen = life.state(model)
    words = [t("new")] if life.is_new(model) else []
    if seen.at is not None:
        when = ago(seen.at, life.now)
        card = t("asks for a card, seen {ago}", ago=when) if seen.why == "needs_card" else ""
        words.append(card or _seen(when).get((seen.state, seen.evidence), ""))
    return ", ".join(filter(None, words))


def _seen(when: str) -> dict[tuple[str, str], str]:
    return {
        ("gone", "listing"): t("gone: not in the provider's list {ago}", ago=when),
        ("gone", "refusal"): t("gone: the provider said so {ago}", ago=when),
        ("live", "call"): t("answered {ago}", ago=when),
        ("limited", "refusal"): t("limit reached {ago}", ago=when),
        ("limited", "header"): t("limit used up {ago}", ago=when),
        ("degraded", "refusal"): t("failed {ago}", ago=when),
    }


def ending_soon(within_days: int) -> list[tuple[Provider, Model, int]]:
    """The offered models that end within so many days, of providers that can be asked first, the nearest end first."""
    found = [
        (provider, life.row(model), left)
        for provider in session.engine().catalog.providers.values()
        for life in [session.life(provider)]
        for model in provider.models
        if (left := life.days_left(model)) and left <= within_days
    ]
    return sorted(found, key=lambda one: (not session.standing(one[0]).may_be_asked, one[2]))

"""When a model ends, in words, for the picker and the Providers page."""

from __future__ import annotations

from ...providers import lifecycle
from ...records import Model, Provider
from .. import session
from ..text import ago, plain, t, tn


def ending(provider: Provider | None, model: Model, within_days: int = lifecycle.SOON_DAYS) -> str:
    """Such as "ends in 3 days" or "ended on 2026-12-01"; "" if no end is known, or not within `within_days`."""
    left = session.life(provider).days_left(model) if provider else None
    if left is None or left > within_days:
        return ""
    if left == 0 and provider:
        return t("ended on {day}", day=session.life(provider).row(model).ends_on)
    return t("ends tomorrow") if left == 1 else tn("ends in {number} day", "ends in {number} days", left)


def badge(provider: Provider | None, model: Model) -> str:
    """The same as a badge with a space before it, or ""."""
    text = ending(provider, model) or _deprecated(provider, model)
    colour = "red" if text and provider and session.life(provider).has_ended(model) else "orange"
    return f" :{colour}-badge[{text}]" if text else ""


def _deprecated(provider: Provider | None, model: Model) -> str:
    notice = session.life(provider).end_notice(model) if provider else None
    return t("deprecated") if notice and notice.deprecated else ""


def story(provider: Provider, model: Model) -> str:
    """The end and the successor of a model, for its line on the Providers page."""
    model = session.life(provider).row(model)
    text = ending(provider, model) or (t("ends on {day}", day=model.ends_on) if model.ends_on else "")
    text = ", ".join(filter(None, (text, _heard(provider, model))))
    if model.successor and (text or not model.listed):
        return ", ".join(filter(None, (text, t("successor: {model}", model=plain(model.successor)))))
    return text


def _heard(provider: Provider, model: Model) -> str:
    """What the headers of its replies tell of its end, and when that was seen; "" for nothing."""
    life = session.life(provider)
    notice = life.end_notice(model)
    if notice is None:
        return ""
    seen = t("seen in headers {ago}", ago=ago(notice.at, life.now))
    word = _deprecated(provider, model)
    return ", ".join(filter(None, (word, seen))) if word or notice.ends_on == model.ends_on else ""


def standing(provider: Provider, model: Model) -> str:
    """How a model stands with this visitor's key, and by what that is known; "" where nothing was seen of it."""
    life = session.life(provider)
    if life.has_ended(model):
        return ""
    state = life.state(model)
    words = [t("new")] if life.is_new(model) else []
    if state.at is not None:
        when = ago(state.at, life.now)
        card = t("asks for a card, seen {ago}", ago=when) if state.why == "needs_card" else ""
        words.append(card or _seen(when).get((state.state, state.evidence), ""))
    return ", ".join(filter(None, words))


def _seen(when: str) -> dict[tuple[str, str], str]:
    return {
        ("gone", "listing"): t("gone: not in the provider's list {ago}", ago=when),
        ("gone", "refusal"): t("gone: the provider said so {ago}", ago=when),
        ("live", "call"): t("answered {ago}", ago=when),
        ("limited", "refusal"): t("limit reached {ago}", ago=when),
        ("limited", "header"): t("limit used up {ago}", ago=when),
        ("degraded", "refusal"): t("failed {ago}", ago=when),
        ("degraded", "call"): t("another model answered {ago}", ago=when),
    }

"""A provider's facts in words: state, limits, privacy, models. Unknown facts are shown as unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import groupby
from math import ceil

from ...errors import LLMError
from ...providers.standing import Standing
from ...records import Limit, Model, Privacy, Provider
from ..failures import failure
from ..money import in_usd
from ..text import count, noted, plain, t, tn
from .names import named


def last_call(provider: Provider, standing: Standing, clock: str) -> str:
    """The result and time of the last call or test with this key, as Markdown; "" if there was none."""
    name = named(provider)
    return {
        "works": t("The last call worked ({clock}).", clock=clock),
        "refused": t(
            "{provider} rejected this key ({clock}). Paste another one, or test it again.", provider=name, clock=clock
        ),
        "limited": t("The key works, but its quota or credit is used up ({clock}).", clock=clock),
        "unreachable": t("{provider} could not be reached ({clock}).", provider=name, clock=clock),
    }.get(standing.state, "")


def limits(provider: Provider, tell: Callable[[Limit], str] = lambda limit: "") -> Iterator[str]:
    """One line of Markdown for each set of models that share their limits; `tell`: how a limit is known."""
    for models, group in groupby(provider.limits, key=lambda limit: limit.models):
        shared_limits = list(group)
        scope = t("all models") if models == ("*",) else ", ".join(map(plain, models))
        parts = " · ".join(f"**{amount(limit)}**" for limit in shared_limits)
        notes = "; ".join(dict.fromkeys(plain(noted(limit.note)) for limit in shared_limits if limit.note))
        sources = "; ".join(dict.fromkeys(filter(None, map(tell, shared_limits))))
        yield f"{parts}  \n:small[:gray[{' — '.join(filter(None, (scope, notes, sources)))}]]"


def amount(limit: Limit) -> str:
    """Such as "30 requests per minute", or that the number is not published."""
    if limit.amount is None:
        quantity = {
            "requests": t("requests limited, number unpublished"),
            "tokens": t("tokens limited, number unpublished"),
        }.get(limit.unit, t("limited, amount unpublished"))
    else:
        quantity = _quantity(limit.unit, limit.amount)
    return t("{what} {per}", what=quantity, per=per_period(limit.per))


def _quantity(unit: str, value: Decimal) -> str:
    if unit == "usd":
        return in_usd(value)
    number = count(float(value)) if value >= 10_000 else f"{value.normalize():f}"
    return {
        "requests": tn("{number} request", "{number} requests", ceil(value), number=number),
        "tokens": tn("{number} token", "{number} tokens", ceil(value), number=number),
        "audio_seconds": tn("{number} second of sound", "{number} seconds of sound", ceil(value), number=number),
    }.get(unit, f"{number} {plain(unit)}")


def per_period(period: str) -> str:
    """Such as "per day"."""
    return {
        "second": t("per second"),
        "minute": t("per minute"),
        "hour": t("per hour"),
        "day": t("per day"),
        "month": t("per month"),
        "once": t("once"),
        "at_once": t("at once"),
    }.get(period, plain(period))


def privacy(facts: Privacy) -> list[tuple[str, str]]:
    """(question, answer) pairs; an unknown answer says so."""
    return [
        (t("Trains on your content"), _yes_no(facts.trains)),
        (t("Card required"), _yes_no(facts.card)),
        (t("Phone required"), _yes_no(facts.phone)),
        *([(t("Real-name check"), _yes_no(facts.real_name))] if facts.real_name is not None else []),
        (t("Region"), plain(noted(facts.region)) if facts.region else t("unknown")),
    ]


def _yes_no(fact: bool | None) -> str:
    if fact is None:
        return t("unknown")
    return t("yes") if fact else t("no")


def not_listed(provider: Provider, fault: LLMError) -> str:
    """That a provider's models could not be listed, and why."""
    reason = failure.sentence(fault, named(provider), "")
    return t("Could not list the models of {provider}: {why}", provider=named(provider), why=reason)


MODALITIES: dict[str, Callable[[], str]] = {
    "image": lambda: t("reads images"),
    "audio": lambda: t("hears audio"),
    "video": lambda: t("sees video"),
    "pdf": lambda: t("reads PDF"),
}
ABILITIES: dict[str, Callable[[], str]] = {
    "tools": lambda: t("tools"),
    "json_schema": lambda: t("JSON schema"),
    "reasoning_effort": lambda: t("reasoning effort"),
}


EFFORTS: dict[str, Callable[[], str]] = {  # the other levels are words of the interfaces
    "toggle": lambda: t("on or off"),
    "budget": lambda: t("token budget"),
}


def model_line(model: Model, life: str = "", standing: str = "", *, offered: bool = True) -> str:
    """A model as one line of Markdown: name, window, size, abilities, price; greyed when it is no longer offered.

    `life` tells how it ends, `standing` what was last seen of it.
    """
    marks = []
    if model.window_tokens:
        marks.append(t("{tokens} context", tokens=count(model.window_tokens)))
    if model.size:
        marks.append(t("small") if model.size == "small" else t("big"))
    if model.reasoning:
        marks.append(t("reasoning"))
    marks += [MODALITIES[modality]() for modality in model.input if modality in MODALITIES]
    marks += [
        ABILITIES[ability]() for ability in model.abilities if not (model.efforts and ability == "reasoning_effort")
    ]
    if model.efforts:
        levels = [EFFORTS[effort]() if effort in EFFORTS else effort for effort in model.efforts]
        marks.append(t("reasoning effort: {levels}", levels=t(", ").join(levels)))
    if model.usd_per_million_in is not None and model.usd_per_million_out is not None:
        prices = f"{model.usd_per_million_in.normalize():f} / {model.usd_per_million_out.normalize():f}"
        marks.append(t("{prices} USD per million tokens", prices=prices))
    if model.note:
        marks.append(plain(noted(model.note)))
    if life:
        marks.append(f":orange[{life}]" if offered else life)
    if standing:
        marks.append(standing)
    about = f" :gray[:small[{' · '.join(marks)}]]" if marks else ""
    return f"{plain(model.name)}{about}" if offered else f":gray[{plain(model.name)}]{about}"

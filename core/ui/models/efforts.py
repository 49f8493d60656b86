"""Reasoning effort in words, and what a model makes of it."""

from __future__ import annotations

from collections.abc import Sequence

from ...records import AskedEffort, Model, Provider
from ...wire.capabilities import refused, takes
from ...wire.effort import chosen
from .. import session
from ..base.time_zone import zone
from ..text import count, date_of, t
from .marks import speaker_of

LEVELS: tuple[AskedEffort, ...] = ("none", "low", "medium", "high")


def effort_name(effort: object) -> str:
    """One word for a level; a budget with its tokens."""
    if isinstance(effort, int):
        return t("{tokens} thinking tokens", tokens=count(effort))
    return {
        "none": t("none"),
        "minimal": t("minimal"),
        "low": t("low"),
        "medium": t("medium"),
        "high": t("high"),
        "xhigh": t("extra high"),
        "max": t("maximum"),
        "budget": t("token budget"),
        "on": t("on"),
        "off": t("off"),
        "default": t("default"),
    }.get(str(effort), f"{count(int(str(effort)))}" if str(effort).isdigit() else str(effort))


def sent_instead(effort: AskedEffort, provider: Provider, model: Model) -> str | None:
    """The word for what this model is sent instead, "" where it is sent nothing; None where it has just this effort,
    or nobody knows."""
    if takes("effort", provider, model) is False:
        return ""
    sent = chosen(effort, model.efforts)
    if sent is None:
        return ""
    return None if sent.exact else sent.word


def levels_of(model: Model) -> tuple[AskedEffort, ...]:
    """The levels by which this model can be compared with itself, the lowest first: its own, or what its numbers of
    tokens stand for; all but "none" where nobody knows."""
    own = tuple(level for level in LEVELS if level in model.efforts)
    if not own and model.efforts and "budget" not in model.efforts:
        return ()
    named = own or LEVELS[1:]
    return named[1:] if len(named) == len(LEVELS) else named


def can_be_compared(provider: Provider, model: Model) -> bool:
    return takes("effort", provider, model) is not False and len(levels_of(model)) > 1


def remarks(effort: AskedEffort, model_ids: Sequence[str], providers: dict[str, Provider]) -> list[str]:
    """A sentence for each model that does not have this effort."""
    lines = []
    for model_id in dict.fromkeys(model_ids):
        speaker = speaker_of(model_id, providers)
        if speaker.provider is None:
            continue
        model = session.life(speaker.provider).row(speaker.model)
        instead = sent_instead(effort, speaker.provider, model)
        if at := refused("effort", model):
            lines.append(
                t(
                    "{provider} refused reasoning effort for {model} on {day}; none is sent.",
                    provider=speaker.provider_name,
                    model=speaker.model_name,
                    day=date_of(at.astimezone(zone()).date()),
                )
            )
        elif instead == "":
            lines.append(t("{model} has no reasoning effort; none is sent.", model=speaker.model_name))
        elif instead is not None:
            lines.append(
                t(
                    "{model} does not have this effort; the nearest is sent: {effort}.",
                    model=speaker.model_name,
                    effort=effort_name(instead),
                )
            )
    return lines

"""Figures of votes and names of topics, in words."""

from __future__ import annotations

from ...insight.votes import WinRate
from ..text import t


def topic_name(topic: str) -> str:
    names = {
        "translation": t("Translation"),
        "code": t("Code"),
        "maths": t("Maths"),
        "writing": t("Writing"),
        "reasoning": t("Reasoning"),
        "facts": t("Facts"),
    }
    return names.get(topic, t("Other"))


def with_interval(rate: WinRate) -> str:
    """Such as "63 % (41 to 81)"."""
    share, low, high = map(percent, (rate.share, rate.low, rate.high))
    return unbroken(t("{share}% ({low} to {high})", share=share, low=low, high=high))


def unbroken(figure: str) -> str:
    """The figure with spaces that do not break."""
    return figure.replace(" ", "\u00a0")


def percent(share: float) -> str:
    return f"{100 * share:.0f}"

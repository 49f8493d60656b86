"""All free capacity at a glance: one stacked bar a provider, and the requests of today in one sentence.

HTML as in `gauge`: numbers, our own words, and the catalogue's names, escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from html import escape

import streamlit as st

from .. import session
from ..base import chart_theme
from ..models.facts import per_period
from ..models.marks import colour_and_shape
from ..models.names import label
from ..text import t
from . import words
from .free_today import NONE, Supply, total

TAIL = 0.06  # of a bar: more than is known
TWO_COLUMNS = 7  # from so many bars on


def draw(supplies: Sequence[Supply], own_day: Sequence[Supply] = ()) -> None:
    """`own_day`: what this person may use of the server's keys today; it stands first."""
    with st.container(key="free-today", gap="xsmall"):
        st.markdown(headline(supplies))
        bars(supplies, own_day)


def bars(supplies: Sequence[Supply], own_day: Sequence[Supply] = ()) -> None:
    """The bars and what their colours mean."""
    items = [_bar(supply, t("Your daily limit"), "") for supply in own_day]
    items += [_bar(supply, *_name(supply)) for supply in _most_first(supplies)]
    columns = " two" if len(items) >= TWO_COLUMNS else ""
    kinds = {kind for supply in (*own_day, *supplies) for kind, _ in shares(supply)}
    if items:
        st.html(f'<ul class="today{columns}">{"".join(items)}</ul>{_legend(kinds)}')


def figures(supplies: Sequence[Supply]) -> None:
    """The same without bars: of what nobody has used there is nothing to draw."""
    items = []
    for supply in _most_first(supplies):
        name, mark = _name(supply)
        unit_and_period = _unit_and_period(supply, per_period(supply.per))
        size = words.number(supply.unit, supply.size or NONE) + "+" * supply.is_least
        items.append(
            f'<li><span class="of">{mark}{escape(name)}</span>'
            f'<span class="figure"><b>{escape(size)}</b> {escape(unit_and_period)}</span></li>'
        )
    st.html(f'<ul class="today figures">{"".join(items)}</ul>')


def headline(supplies: Sequence[Supply]) -> str:
    """ "2,940 requests left today · 14,400 more as documented, not used yet"; Markdown."""
    measured, documented, is_least = total(supplies)
    plus = "+" * is_least
    if not any(supply.unit == "requests" and supply.per == "day" for supply in supplies):
        return t("No provider with your keys counts requests by the day.")
    if not documented:
        return t("**{number} requests** left today", number=words.number("requests", measured) + plus)
    more = words.number("requests", documented) + plus
    if not measured:
        return t("**{number} requests** left today, as documented: nothing is used yet", number=more)
    left = words.number("requests", measured)
    return t("**{number} requests** left today · {more} more as documented, not used yet", number=left, more=more)


def _most_first(supplies: Sequence[Supply]) -> list[Supply]:
    """By what is left of the day, measured before documented; other periods and units after it."""
    return sorted(
        supplies,
        key=lambda supply: (
            (supply.unit, supply.per) != ("requests", "day"),
            supply.left is None,
            not supply.measured,
            -(supply.left or NONE),
        ),
    )


def _name(supply: Supply) -> tuple[str, str]:
    """The provider's name and its mark, as HTML."""
    providers = session.engine().catalog.providers
    colour, shape = colour_and_shape(supply.provider_id, providers)
    mark = f'<span class="mark" style="color:{chart_theme.colour(colour)}" aria-hidden="true">{shape}</span>'
    return label(providers[supply.provider_id]), mark


def shares(supply: Supply) -> list[tuple[str, float]]:
    """The parts of the bar from the left, each a kind and a share from 0 to 1; together 1."""
    if supply.left is None or not supply.size:
        used = min(float(supply.used / supply.size), 1.0) if supply.size else 0.0
        return [("unknown", 1 - used), ("used", used)] if used else [("unknown", 1.0)]
    parts = [
        ("left", supply.measured or NONE),
        ("documented", supply.documented or NONE),
        ("held", supply.held),
        ("used", supply.used),
    ]
    whole = sum((amount for _, amount in parts), NONE) or Decimal(1)
    scale = 1 - TAIL if supply.is_least else 1.0
    drawn = [(kind, float(amount / whole) * scale) for kind, amount in parts if amount > 0]
    return [*drawn, ("unknown", TAIL)] if supply.is_least else drawn


def _bar(supply: Supply, name: str, mark: str) -> str:
    parts = "".join(f'<i class="{kind}" style="width:{share * 100:.2f}%"></i>' for kind, share in shares(supply))
    figure, of = _figure(supply)
    description = escape(f"{name}: {figure} {of}", quote=True)
    return (
        f'<li><span class="of">{mark}{escape(name)}</span>'
        f'<span class="bar" role="img" aria-label="{description}">{parts}</span>'
        f'<span class="figure"><b>{escape(figure)}</b> {escape(of)}</span></li>'
    )


def _figure(supply: Supply) -> tuple[str, str]:
    """ "940 + 2,000", "of 3,000 requests today": as measured, and as documented; of what is unknown a dash."""
    plus = "+" * supply.is_least
    size = None if supply.size is None else words.number(supply.unit, supply.size) + plus
    unit_and_period = _unit_and_period(supply, words.when(supply.per))
    if supply.left is None:
        return "—", unit_and_period if size is None else t("of {size} {unit}", size=size, unit=unit_and_period)
    parts = [words.number(supply.unit, part) for part in (supply.measured, supply.documented) if part]
    left = " + ".join(parts) or words.number(supply.unit, NONE)
    return left, unit_and_period if size is None else t("of {size} {unit}", size=size, unit=unit_and_period)


def _unit_and_period(supply: Supply, when: str) -> str:
    noun = words.noun(supply.unit)
    return t("{unit} {when}", unit=noun, when=when) if noun else when


def _legend(kinds: set[str]) -> str:
    texts = {
        "left": t("left"),
        "documented": t("left as documented, not used yet"),
        "held": t("not available now: another limit or kept for others"),
        "used": t("used"),
        "unknown": t("unknown"),
    }
    shown = "".join(
        f'<span><i class="{kind}"></i>{escape(text)}</span>' for kind, text in texts.items() if kind in kinds
    )
    return f'<p class="today-legend">{shown}</p>'

""" "Ten more comparisons?": whether the line-up of Compare could be asked so often, and who would end first."""

from __future__ import annotations

from datetime import datetime, tzinfo
from decimal import Decimal

import streamlit as st

from ...providers.limits import Need, Price
from .. import session
from ..models.called import named
from ..models.line_up import USUAL as USUAL_LANES
from ..models.line_up import usual
from ..models.marks import who
from ..text import t
from . import left, words

USUAL = 10
SHORT = ("second", "minute", "at_once")


def what_if(now: datetime, zone: tzinfo | None) -> None:
    """The number, the line-up and the answer in words."""
    providers = session.engine().catalog.providers
    models = line_up()
    with st.container(key="what-if", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            number = st.number_input(
                t("Number of comparisons"),
                min_value=1,
                max_value=1000,
                value=USUAL,
                step=1,
                key="more-comparisons",
                label_visibility="collapsed",
                width=130,
            )
            st.markdown(f"**{t('more comparisons?')}**", width="content")
        names = ", ".join(who(model_id, providers).model_name for model_id in models)
        st.caption(t("With the models of the Compare page ({names}) and a question of usual length.", names=names))
        for line in answers(left.prices(models), int(number), now, zone):
            st.markdown(line)


def line_up() -> list[str]:
    """The models of the comparison of this session, else those it would begin with."""
    known: list[str] = list(st.session_state.get("line-up", {}).get("m", ()))
    return known or usual()[:USUAL_LANES]


def answers(prices: list[Price], number: int, now: datetime, zone: tzinfo | None) -> list[str]:
    """One line a provider, those that do not suffice first."""
    if not prices:
        return [t("These models use no quota: compare as often as you like.")]
    lines = sorted((_answer(price, number, now, zone) for price in prices), key=lambda line: line[0])
    return [text for _, text in lines]


def _answer(price: Price, number: int, now: datetime, zone: tzinfo | None) -> tuple[int, str]:
    name = named(session.engine().catalog.providers[price.provider_id])
    first = scarcest(price)
    if first is None:
        return 2, f":gray[:material/help: {t('{provider}: unknown, no remaining quota is reported', provider=name)}]"
    need, times = first
    reach = t("enough for {times}", times=times)
    pace = _per_minute(price)
    until = f" · {words.reset(need.window, now, zone)}" if need.window.resets_at else ""
    if times < number:
        return 0, f":red[:material/block: **{name}**{t(': ')}{reach}]{until}{pace}"
    return 1, f":green[:material/check: **{name}**{t(': ')}{reach}]{pace}"


def scarcest(price: Price) -> tuple[Need, int] | None:
    """The window that ends first, and how often the calls fit in it; None when nothing says so."""
    fits = [
        (need, int(max(need.window.remaining, Decimal(0)) // need.needed))
        for need in price.needs
        if need.needed and need.window.remaining is not None and need.window.per not in SHORT
    ]
    return min(fits, key=lambda pair: pair[1], default=None)


def _per_minute(price: Price) -> str:
    """How many fit in a minute, where that is limited."""
    paces = [
        int(need.window.limit // need.needed)
        for need in price.needs
        if need.needed and need.window.limit is not None and need.window.per == "minute"
    ]
    return f" · {t('at most {number} per minute', number=min(paces))}" if paces else ""

""" "Ten more comparisons?": whether the models of Compare have quota for them, and which runs out first."""

from __future__ import annotations

from datetime import datetime, tzinfo
from decimal import Decimal

import streamlit as st

from ...providers.limits import Need, Price
from .. import session
from ..models.default_selection import USUAL as USUAL_LANES
from ..models.default_selection import default_selection
from ..models.marks import speaker_of
from ..models.names import named
from ..text import t
from . import ledger, words

USUAL = 10
SHORT = ("second", "minute", "at_once")


def what_if(now: datetime, zone: tzinfo | None) -> None:
    """Draw the input, the models and the answer."""
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
            st.markdown(f"**{t('more comparisons: enough quota?')}**", width="content")
        names = ", ".join(speaker_of(model_id, providers).model_name for model_id in models)
        st.caption(t("With the models of the Compare page ({names}) and a question of usual length.", names=names))
        for line in answers(ledger.prices(models), int(number), now, zone):
            st.markdown(line)


def line_up() -> list[str]:
    """The models selected on Compare in this session, else the default selection."""
    chosen: list[str] = list(st.session_state.get("line-up", {}).get("m", ()))
    return chosen or default_selection()[:USUAL_LANES]


def answers(prices: list[Price], number: int, now: datetime, zone: tzinfo | None) -> list[str]:
    """One line per provider, insufficient ones first."""
    if not prices:
        return [t("These models use no quota: compare as often as you like.")]
    lines = sorted((_answer(price, number, now, zone) for price in prices), key=lambda line: line[0])
    return [text for _, text in lines]


def _answer(price: Price, number: int, now: datetime, zone: tzinfo | None) -> tuple[int, str]:
    name = named(session.engine().catalog.providers[price.provider_id])
    scarcest_need = scarcest(price)
    if scarcest_need is None:
        return 2, f":gray[:material/help: {t('{provider}: unknown, no remaining quota is reported', provider=name)}]"
    need, times = scarcest_need
    times_text = t("enough for {times}", times=times)
    pace = _per_minute(price)
    until = f" · {words.reset(need.window, now, zone)}" if need.window.resets_at else ""
    if times < number:
        return 0, f":red[:material/block: **{name}**{t(': ')}{times_text}]{until}{pace}"
    return 1, f":green[:material/check: **{name}**{t(': ')}{times_text}]{pace}"


def scarcest(price: Price) -> tuple[Need, int] | None:
    """The window that runs out first, and how often the calls fit in it; None if unknown."""
    fits = [
        (need, int(max(need.window.remaining, Decimal(0)) // need.needed))
        for need in price.needs
        if need.needed and need.window.remaining is not None and need.window.per not in SHORT
    ]
    return min(fits, key=lambda pair: pair[1], default=None)


def _per_minute(price: Price) -> str:
    """How many fit into a minute, if that is limited."""
    paces = [
        int(need.window.limit // need.needed)
        for need in price.needs
        if need.needed and need.window.limit is not None and need.window.per == "minute"
    ]
    return f" · {t('at most {number} per minute', number=min(paces))}" if paces else ""

"""What a person may use of the server's keys today: beside Send, and as a card on the Quota page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

import streamlit as st

from ...providers.limits import Need
from ...records import Message, Window
from ...store import StoreError
from ..text import t
from . import ledger, words
from .gauge import gauge
from .outlook import outlook

WORST_FIRST = ("over", "tight", "unknown", "fits")


def note(
    model_ids: Sequence[str],
    history: Sequence[Message],
    now: datetime,
    zone: tzinfo | None,
    efforts: ledger.Efforts = (),
) -> str:
    """What is left of the day for calls of these models with the server's keys, as Markdown; "" where it is not
    limited."""
    try:
        needs = ledger.day_needs(model_ids, history, efforts=efforts)
    except StoreError:
        return ""
    if not needs:
        return ""
    worst = min(needs, key=lambda need: WORST_FIRST.index(need.state))
    if worst.state == "over":
        return f":red[:material/block: {_over(worst, now, zone)}]"
    text = t("your daily limit for the server's keys: {left}", left=t(", ").join(left(need.window) for need in needs))
    return f":orange[:material/warning: {text}]" if worst.state == "tight" else text


def of_batch(
    model_ids: Sequence[str], rows: int, tokens: int, when_spent: str, now: datetime, zone: tzinfo | None
) -> str:
    """Whether the day has room for a batch of so many rows, which have so many tokens together; "" where it has, or is
    not limited."""
    needs = [need for need in ledger.day_needs(model_ids, (), rows, tokens) if need.state == "over"]
    if not needs:
        return ""
    window = needs[0].window
    if when_spent == "skip" or window.resets_at is None:
        text = t("more than your daily limit for the server's keys has room for ({left}); the rest is skipped",
                 left=left(window))  # fmt: skip
    else:
        text = t(
            "more than your daily limit for the server's keys has room for ({left}); the rest waits until {clock}",
            left=left(window),
            clock=words.moment(window.resets_at, now, zone),
        )
    return f":orange[:material/warning: {text}]"


def _over(need: Need, now: datetime, zone: tzinfo | None) -> str:
    window = need.window
    until = words.moment(window.resets_at, now, zone) if window.resets_at else ""
    if window.remaining:
        return t(
            "too little is left of your daily limit for the server's keys ({left}) until {clock}; a key of your own "
            "has no such limit",
            left=left(window),
            clock=until,
        )
    return t(
        "your daily limit for the server's keys is used up until {clock}; a key of your own has no such limit",
        clock=until,
    )


def left(window: Window) -> str:
    """ "12 of 50 requests left"."""
    if window.remaining is None or window.limit is None:
        return words.figure(window)
    rest, size = words.number(window.unit, window.remaining), words.number(window.unit, window.limit)
    if window.unit == "requests":
        return t("{left} of {size} requests left", left=rest, size=size)
    return t("{left} of {size} tokens left", left=rest, size=size) if window.unit == "tokens" else words.figure(window)


def card(now: datetime, zone: tzinfo | None) -> None:
    """A row for each limit of the person's day; nothing where there is none."""
    try:
        windows = ledger.day()
    except StoreError:
        return  # the page says that nothing can be loaded
    if not windows:
        return
    with st.container(border=True, key="quota-day", gap="small"):
        st.markdown(f"**{t('Your daily limit for the server’s keys')}**")
        for window in windows:
            look = outlook(window, now)
            with st.container(key=f"pool-day-{window.unit}", gap=None):
                with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                    st.markdown(f":small[{words.title(window)}]", width="stretch")
                    st.markdown(f"**{words.figure(window)}**", width="content")
                st.html(gauge(look))  # contains numbers only
                st.caption(words.reset(window, now, zone))
        st.caption(t("Set by the administrator. Calls with a key of your own are not counted here."))

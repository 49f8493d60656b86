"""What one day of the calendar cost, the newest at first: only the calls of that day are read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

import streamlit as st

from ...store import StoreError
from ...views.usage import Day
from ..money import dollars
from ..quota import ledger, total
from ..text import date_of, t


def draw(days: Sequence[Day], zone: tzinfo) -> None:
    """A choice of the days on which something was sent, and the cost of the chosen one."""
    dates = [day.day for day in reversed(days) if day.requests]
    if not dates:
        return
    if st.session_state.get("calendar-day") not in dates:
        st.session_state.pop("calendar-day", None)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="day-cost"):
        chosen = st.selectbox(t("Cost of a day"), dates, format_func=date_of, key="calendar-day", width=200)
        try:
            st.markdown(words(total.total(ledger.costs_of_day(chosen, zone))), width="content")
        except StoreError:
            st.caption(t("This cannot be loaded right now."))


def words(of_day: total.Total) -> str:
    """ "**$0.0123 + 2 unknown** · free answers would have cost about $0.0456". About, since calls do not tell which of
    their tokens came from a cache."""
    parts = [f"**{total.known_and_unknown(of_day) or t('free')}**"]
    if of_day.would_usd:
        parts.append(t("free answers would have cost about {cost}", cost=dollars(of_day.would_usd)))
    return " · ".join(parts)

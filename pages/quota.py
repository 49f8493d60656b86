"""Quota: a row per pool and window with gauge, reset, source and forecast; alerts; burn-down, calendar, savings."""

import streamlit as st

from core.ui import layout, session
from core.ui.admin import login
from core.ui.base.expander import expander
from core.ui.base.flash import show_flash
from core.ui.base.head import head
from core.ui.base.time_zone import zone
from core.ui.models.names import named
from core.ui.quota import day
from core.ui.quota.board import board
from core.ui.quota.burndown import burn_down
from core.ui.quota.rows import card, now_utc, shares_notice
from core.ui.quota.whatif import what_if
from core.ui.text import t
from core.ui.usage.cache_savings import savings_section
from core.ui.usage.calendar import calendar

layout.open_page("quota")
providers = session.engine().catalog.providers
now, reader_zone = now_utc(), zone()

with head(t("Quota"), t("How much quota is left, when it resets, and where the numbers come from.")):
    st.button(t("Refresh"), icon=":material/refresh:", type="tertiary", key="look-again")

show_flash()
shares_notice()
what_if(now, reader_zone)
day.card(now, reader_zone)
shown, folded = board()
if not shown:
    with st.container(key="uncounted"):
        st.markdown(t("No quota to show yet: no provider with limits has a key."))
        st.page_link("pages/providers.py", label=t("Add a key"), icon=":material/key:", width="content")
burn_down(shown, now, reader_zone)
calendar(now, reader_zone)
savings_section(now, reader_zone)
if folded:
    names = ", ".join(named(providers[name]) for name in folded)
    box = expander(t("Without a key, not used yet: {names}", names=names), key="folded")
    if box.open:
        with box:
            for name, outlooks in folded.items():
                card(providers[name], outlooks, now, reader_zone)
if login.is_possible():
    layout.admin_links()

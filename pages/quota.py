"""Quota: what is free today in one picture, a row for each limit with its card; burn-down, calendar, savings."""

import streamlit as st

from core.ui import layout
from core.ui.admin import login
from core.ui.base.flash import show_flash
from core.ui.base.head import head
from core.ui.base.time_zone import zone
from core.ui.quota import offers
from core.ui.quota.board import board
from core.ui.quota.burndown import burn_down
from core.ui.quota.rows import now_utc, shares_notice
from core.ui.quota.whatif import what_if
from core.ui.text import t
from core.ui.usage.cache_savings import savings_section
from core.ui.usage.calendar import calendar

layout.open_page("quota")
now, reader_zone = now_utc(), zone()

with head(t("Quota"), t("How much quota is left, when it resets, and where the numbers come from.")):
    st.button(t("Refresh"), icon=":material/refresh:", type="tertiary", key="look-again")

show_flash()
shown, folded = board()
if not shown:
    with st.container(key="uncounted"):
        st.markdown(t("No quota to show yet: no provider with limits has a key. Simulated models have no limit."))
offers.draw(folded, now, alone=not shown)
shares_notice()
what_if(now, reader_zone)
burn_down(shown, now, reader_zone)
calendar(now, reader_zone)
savings_section(now, reader_zone)
if login.is_possible():
    layout.admin_links()

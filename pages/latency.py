"""Latency: medians and p95 in a table, one chart at a time, and a probe."""

import streamlit as st

from core.store import StoreError
from core.ui import layout
from core.ui.base.flash import show_flash
from core.ui.base.head import head
from core.ui.latency import night, probe
from core.ui.latency.choice import choose, measured_series
from core.ui.latency.table import read, table
from core.ui.latency.view import charts, nothing
from core.ui.text import t

layout.open_page("latency")
with head(t("Latency"), t("How fast the answers you received were.")):
    st.button(t("Refresh"), icon=":material/refresh:", type="tertiary", key="look-again")
show_flash()
with st.container(key="latency"):
    probe.status()
    try:
        night.switch()
        measured = measured_series()
        if measured:
            choice = choose(measured)
            histograms = read(choice)
            if histograms:
                table(histograms, choice)
                charts(choice, histograms)
            else:
                nothing(choice)
        else:
            with st.container(key="empty"):
                st.markdown(t("No measurements yet."))
                st.caption(
                    t(
                        "Every answer in Chat and Compare is measured: a row and a point appear after the first "
                        "answer, a box plot after five, and p95 after twenty. Or measure now, below."
                    )
                )
    except StoreError:
        st.caption(
            t("The measurements cannot be loaded right now: the database is unavailable. Refresh when it is back.")
        )
    probe.form()
    night.panel()

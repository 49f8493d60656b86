"""Latency: medians and p95 in a table, one chart at a time, and a probe."""

import streamlit as st

from core.store import StoreError
from core.ui import layout
from core.ui.base.flash import show_flash
from core.ui.latency import probe
from core.ui.latency.choice import choose, known
from core.ui.latency.table import read, table
from core.ui.latency.view import charts
from core.ui.text import t

layout.open_page("latency")
with st.container(key="head", horizontal=True, vertical_alignment="center", gap="xsmall"):
    st.markdown(f"**{t('Latency')}**", width="content")
    st.caption(t("How fast your own answers came."), width="stretch")
    st.button(t("Look again"), icon=":material/refresh:", type="tertiary", key="look-again")
show_flash()
with st.container(key="latency"):
    probe.panel()
    try:
        measured = known()
        if measured:
            choice = choose(measured)
            histograms = read(choice)
            if histograms:
                table(histograms, choice)
            else:
                st.caption(t("No answer in this range. Choose a longer one, or switch the disturbed answers on."))
            charts(choice, histograms)
        else:
            with st.container(key="empty"):
                st.markdown(t("Nothing has been measured yet."))
                st.caption(
                    t(
                        "Every answer in Chat and Compare is measured: after the first one its numbers stand here, "
                        "after five a box, after twenty the slow end. Or measure now, above."
                    )
                )
    except StoreError:
        st.caption(t("The measurements cannot be read now: the database is away. Look again when it is back."))

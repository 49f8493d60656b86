"""Insights: which models win by your votes, and whether Auto chose the right size."""

import streamlit as st

from core.ui import layout
from core.ui.base.flash import show_flash
from core.ui.insight import routing_feedback, use_for, votes
from core.ui.text import t

layout.open_page("insights")
with st.container(key="head", horizontal=True, vertical_alignment="center", gap="xsmall"):
    st.markdown(f"**{t('Insights')}**", width="content")
    st.caption(t("What your own usage shows."), width="stretch")

show_flash()
use_for.draw()
votes.draw()
routing_feedback.draw()

"""A chat or a comparison that somebody shared by a link: read-only."""

import streamlit as st

from core.ui import layout
from core.ui.sharing import page

layout.open_shared_page()
copy_id = page.draw()
if copy_id:
    st.session_state["conversation"] = copy_id
    layout.go("chat")

"""People, for administrators: who uses this server, how much, and who may."""

import streamlit as st

from core.store import StoreError
from core.ui import layout
from core.ui.admin import login, people
from core.ui.base.flash import show_flash
from core.ui.base.head import head
from core.ui.batch import waiting
from core.ui.text import t

layout.open_page("people")
with head(t("People"), t("Usage of the last 30 days. What people write is not shown here.")):
    if st.session_state.get("admin"):
        st.button(t("Close"), icon=":material/lock:", type="tertiary", key="admin-leave", on_click=login.log_out)
show_flash()

if not login.is_possible():
    login.disabled()
elif not login.is_logged_in():
    login.login_form()
else:
    try:
        waiting.listing(people.names)
        people.listing()
    except StoreError:
        st.caption(t("The list cannot be loaded right now."))

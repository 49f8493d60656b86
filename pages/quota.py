"""What is left: a row a pool and window with its gauge, reset, source and forecast; alerts; ten more comparisons?"""

import streamlit as st

from core.store import StoreError
from core.ui import frame, here
from core.ui.answer.view import zone
from core.ui.asking.state import said
from core.ui.quota import left
from core.ui.quota.burndown import burn_down
from core.ui.quota.rows import alarms, card, looks_of, now_utc
from core.ui.quota.whatif import what_if
from core.ui.text import plain, t

frame.open_page("quota")
providers = here.engine().catalog.providers
now, there = now_utc(), zone()
try:
    looks = looks_of(left.windows(), now)
except StoreError:
    looks = {}
    st.caption(t("What is left cannot be read now."))

with st.container(key="head", horizontal=True, vertical_alignment="center", gap="xsmall"):
    st.markdown(f"**{t('Quota')}**", width="content")
    st.caption(t("What is left, until when, and who says so."), width="stretch")
    st.button(t("Look again"), icon=":material/refresh:", type="tertiary", key="look-again")

said()
if lines := alarms(looks, now, there):
    with st.container(key="quota-alarms"):
        st.warning("\n".join(f"- {line}" for line in lines), icon=":material/warning:")

keyed = {name: mine for name, mine in looks.items() if here.engine().keyring.find(providers[name], here.keys())}
shown = {name: mine for name, mine in looks.items() if name in keyed or any(look.touched for look in mine)}
folded = {name: mine for name, mine in looks.items() if name not in shown}

what_if(now, there)
if len(shown) > 1:
    chosen = st.pills(
        t("Filter"),
        list(shown),
        selection_mode="multi",
        format_func=lambda name: providers[name].label,
        key="quota-filter",
        label_visibility="collapsed",
    )
    shown = {name: mine for name, mine in shown.items() if not chosen or name in chosen}
for name, mine in shown.items():
    card(providers[name], mine, now, there)
if not shown:
    with st.container(key="empty"):
        st.markdown(t("Nothing is counted yet: no provider with limits has a key."))
        st.page_link("pages/providers.py", label=t("Add a key"), icon=":material/key:", width="content")
burn_down(shown, now, there)
if folded:
    names = ", ".join(plain(providers[name].label) for name in folded)
    box = st.expander(t("Without a key, not used yet: {names}", names=names), key="folded", on_change="rerun")
    if box.open:
        with box:
            for name, mine in folded.items():
                card(providers[name], mine, now, there)

"""History: all conversations and comparisons by day; search, rename, pin, delete and undo, export and import."""

import streamlit as st

from core.store import StoreError
from core.ui import layout, session
from core.ui.base.flash import show_flash
from core.ui.base.head import head
from core.ui.history import erase_everything
from core.ui.history.files import downloads, import_form
from core.ui.history.listing import listing, search_results
from core.ui.history.menu import undo_bar
from core.ui.sharing import links
from core.ui.text import t, tn

layout.open_page("history")
try:
    number: int | None = session.person().history.count()
except StoreError:
    number = None
with head(t("History"), "" if number is None else tn("{number} conversation", "{number} conversations", number)):
    if number is not None:
        box = st.popover(t("Import"), icon=":material/upload:", type="tertiary", key="menu-import", on_change="rerun")
        if box.open:
            with box:
                import_form()
        box = st.popover(
            t("Export all"), icon=":material/download:", type="tertiary", key="menu-export", on_change="rerun"
        )
        if box.open:
            with box:
                downloads("roundtable", "all")
        links.popover()
        erase_everything.box()

show_flash()
erase_everything.clear_browser()
undo_bar()
erase_everything.kept_for()
words = st.text_input(
    t("Search all messages"),
    key="search",
    type="search",
    live="300ms",
    placeholder=t("Search all messages"),
    icon=":material/search:",
    label_visibility="collapsed",
)
try:
    if (words or "").strip():
        search_results(words or "")
    else:
        listing()
except StoreError:
    st.caption(t("The history cannot be loaded right now. Nothing is lost; try again when the database is back."))

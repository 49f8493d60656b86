"""History: all conversations and comparisons by day; search, rename, pin, tag, delete and undo, export and import."""

import streamlit as st

from core.store import StoreError
from core.ui import layout, session
from core.ui.base.flash import show_flash
from core.ui.base.head import head
from core.ui.history import erase_everything, filters, tagging
from core.ui.history.files import downloads, import_form
from core.ui.history.listing import PAGE, listing, search_results
from core.ui.history.menu import undo_bar
from core.ui.sharing import links
from core.ui.text import t, tn

filters.open_address(arrived=layout.open_page("history"))
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
with st.container(key="looked-for", horizontal=True, vertical_alignment="center", gap="xsmall"):
    typed = filters.search_box()
    tagging.switch()
try:
    history = session.person().history
    tags = history.tags()
    words, named = history.read_query(typed)
    tagged = list(dict.fromkeys([*filters.tag_pills(tags), *named]))
    if words:
        search_results(words, tagged)
    else:
        listing(tagged, tags)
    filters.keep_address(PAGE)
except StoreError:
    st.caption(t("The history cannot be loaded right now. Nothing is lost; try again when the database is back."))

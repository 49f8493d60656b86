"""One banner on every page while something is not saved, and one sentence about what opening the database found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.ui import here, runtime
from core.ui.text import plain, t

if TYPE_CHECKING:
    from core.store import Health, Notice


def banner() -> None:
    shared = runtime.get()
    if not shared.is_open:
        return
    health = shared.archive.health()
    if health.state != "ok":
        with st.container(key="banner", horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.warning(_sentence(health), icon=":material/cloud_off:")
            if health.state == "down":
                _take_along()
    seen: set[str] = st.session_state.setdefault("notices", set())
    for notice in shared.archive.notices():
        if notice.code == "moved_aside" and notice.path not in seen:
            _notice(notice)


def _sentence(health: Health) -> str:
    words = {
        "full": lambda: t(
            "The disk is full. What you write is kept aside and saved as soon as there is room; answers come as always."
        ),
        "locked": lambda: t("Another program holds the database. What you write is kept aside and saved afterwards."),
        "read_only": lambda: t(
            "The database cannot be written. What you write is kept aside and saved as soon as it can be."
        ),
        "unreachable": lambda: t(
            "The database cannot be reached. New messages are kept aside and saved when it is back; "
            "older conversations are not shown until then."
        ),
        "broken": lambda: t(
            "The database file is damaged. It is never deleted: at the next start it is moved aside, a new one begun."
        ),
        "newer": lambda: t(
            "A newer Roundtable wrote this database. It is left as it is: update the app to use it again."
        ),
        "memory": lambda: t(
            "Nothing is saved on disk here: conversations last until the app stops. Export what matters."
        ),
    }
    sentence = words[health.code]() if health.code in words else t("The database does not save at the moment.")
    if health.code == "memory":
        sentence += f"  \n:small[{plain(health.sentence)}]"
    if health.waiting:
        sentence += " " + t("Waiting to be saved: {number}.", number=health.waiting)
    return sentence


def _take_along() -> None:
    """What this process still remembers, as a file."""
    desk, owner = runtime.get().desk, here.owner()

    def made() -> str:
        from core.desk.archive import written

        return written(desk.held(owner))

    if desk.held(owner):
        st.download_button(
            t("Export what is open"),
            made,
            file_name="roundtable.md",
            mime="text/markdown",
            icon=":material/download:",
            key="take-along",
            on_click="ignore",
        )


def _notice(notice: Notice) -> None:
    with st.container(key="notice", horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.warning(
            t(
                "The database file was damaged. It was moved aside, nothing in it was deleted; a new one was begun. "
                "The old one: {path}",
                path=plain(notice.path),
            ),
            icon=":material/healing:",
        )
        st.button(
            t("Close"),
            icon=":material/close:",
            type="tertiary",
            key="notice-close",
            on_click=_close,
            args=(notice.path,),
        )


def _close(path: str) -> None:
    st.session_state["notices"].add(path)

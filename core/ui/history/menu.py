"""The menu of an entry: rename, pin, export, delete; and the bar that undoes a deletion."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import streamlit as st

from .. import session
from ..base.flash import store_errors_shown
from ..base.time_zone import zone
from ..chat import drafts
from ..text import clock, plain, t
from .files import downloads

Done = Callable[[], None]


def menu(entry_id: str, title: str, pinned: bool, key: str, on_delete: Done | None = None) -> None:
    """A button with three dots; what is behind it is drawn only while it is open. `gone` is called after a deletion."""
    box = st.popover(
        t("More"),
        icon=":material/more_horiz:",
        type="tertiary",
        key=f"menu-{key}",
        on_change="rerun",
        help=t("Rename, pin, export, delete"),
    )
    if not box.open:
        return
    with box:
        field = f"rename-{key}"
        st.text_input(t("Title"), value=title, key=field, max_chars=200, on_change=_rename, args=(entry_id, field, key))
        st.button(
            t("Unpin") if pinned else t("Pin to the top"),
            icon=":material/keep_off:" if pinned else ":material/keep:",
            key=f"pin-{key}",
            width="stretch",
            on_click=_pin,
            args=(entry_id, not pinned, key),
        )
        downloads(title, key, [entry_id])
        st.button(
            t("Delete"),
            icon=":material/delete:",
            key=f"delete-{key}",
            width="stretch",
            on_click=_delete,
            args=(entry_id, title, key, on_delete),
        )


def undo_bar() -> None:
    """The bar with Undo after a deletion, while it is possible."""
    deleted = st.session_state.get("deleted")
    if not deleted:
        return
    entry_id, title, until = deleted
    if datetime.now(UTC) > until:
        _forget()
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", border=True, key="undo-bar"):
        st.markdown(t("Deleted: {title}", title=f"**{plain(title) or t('Untitled')}**"), width="content")
        st.button(t("Undo"), icon=":material/undo:", key="undo", on_click=_restore, args=(entry_id,))
        st.caption(t("until {time}", time=clock(until, zone())), width="content")
        st.space("stretch")
        st.button(t("Close"), icon=":material/close:", key="undo-close", type="tertiary", on_click=_forget)


def _rename(entry_id: str, field: str, key: str) -> None:
    with store_errors_shown():
        session.person().history.rename(entry_id, str(st.session_state.get(field) or ""))
    st.session_state[f"menu-{key}"] = False


def _pin(entry_id: str, pinned: bool, key: str) -> None:
    with store_errors_shown():
        session.person().history.pin(entry_id, pinned)
    st.session_state[f"menu-{key}"] = False


def _delete(entry_id: str, title: str, key: str, on_delete: Done | None) -> None:
    st.session_state[f"menu-{key}"] = False
    with store_errors_shown():
        session.person().history.remove(entry_id)
        undo_time = timedelta(minutes=session.engine().settings.undo_minutes)
        st.session_state["deleted"] = (entry_id, title, datetime.now(UTC) + undo_time)
        drafts.forget(entry_id)
        if on_delete:
            on_delete()


def _restore(entry_id: str) -> None:
    with store_errors_shown():
        session.person().history.restore(entry_id)
        drafts.remember(entry_id)
    _forget()


def _forget() -> None:
    st.session_state.pop("deleted", None)

"""The menu of an entry: rename, pin, tag, export, delete; and the bar that undoes a deletion."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal

import streamlit as st

from ...store import StoreError
from .. import session
from ..base.flash import store_errors_shown
from ..base.time_zone import zone
from ..chat import drafts
from ..quota import total
from ..text import clock, plain, t
from .files import downloads

Place = Literal["page", "sidebar"]


def menu(entry_id: str, title: str, pinned: bool, key: str, *, place: Place = "page") -> None:
    """A button with three dots; what is behind it is drawn only while it is open. `place` is where a deletion can be
    undone; the menu of the sidebar has no exports."""
    box = st.popover(
        t("More"),
        icon=":material/more_horiz:",
        type="tertiary",
        key=f"menu-{key}",
        on_change="rerun",
        help=t("Rename, pin, tag, export, delete") if place == "page" else t("Rename, pin, tag, delete"),
    )
    if not box.open:
        return
    with box:
        field = f"rename-{key}"
        st.text_input(t("Title"), value=title, key=field, max_chars=200, on_change=_rename, args=(entry_id, field, key))
        _tags(entry_id, key)
        total.draw_entry(entry_id)
        st.button(
            t("Unpin") if pinned else t("Pin to the top"),
            icon=":material/keep_off:" if pinned else ":material/keep:",
            key=f"pin-{key}",
            width="stretch",
            on_click=_pin,
            args=(entry_id, not pinned, key),
        )
        if place == "page":
            downloads(title, key, [entry_id])
        st.button(
            t("Delete"),
            icon=":material/delete:",
            key=f"delete-{key}",
            width="stretch",
            on_click=_delete,
            args=(entry_id, title, key, place),
        )


def undo_bar(place: Place = "page") -> None:
    """The bar with Undo after a deletion in this place, while it is possible."""
    deleted = st.session_state.get("deleted")
    if not deleted or deleted[3] != place:
        return
    entry_id, title, until, _ = deleted
    if datetime.now(UTC) > until:
        _forget()
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", border=True, key="undo-bar"):
        st.markdown(t("Deleted: {title}", title=f"**{plain(title) or t('Untitled')}**"), width="content")
        st.button(t("Undo"), icon=":material/undo:", key="undo", on_click=_restore, args=(entry_id,))
        st.caption(t("until {time}", time=clock(until, zone())), width="content")
        st.space("stretch")
        st.button(t("Close"), icon=":material/close:", key="undo-close", type="tertiary", on_click=_forget)


def _tags(entry_id: str, key: str) -> None:
    history, field = session.person().history, f"tags-{key}"
    try:
        names = [tag.name for tag in history.tags()]
        current = history.tags_of([entry_id]).get(entry_id, ())
    except StoreError:
        return
    st.multiselect(
        t("Tags"),
        list(dict.fromkeys([*names, *current])),
        default=list(current),
        accept_new_options=True,
        placeholder=t("Type a word, or choose"),
        key=field,
        on_change=_tag,
        args=(entry_id, field),
    )


def _tag(entry_id: str, field: str) -> None:
    with store_errors_shown():
        session.person().history.tag(entry_id, list(st.session_state.get(field) or ()))


def _rename(entry_id: str, field: str, key: str) -> None:
    with store_errors_shown():
        session.person().history.rename(entry_id, str(st.session_state.get(field) or ""))
    st.session_state[f"menu-{key}"] = False


def _pin(entry_id: str, pinned: bool, key: str) -> None:
    with store_errors_shown():
        session.person().history.pin(entry_id, pinned)
    st.session_state[f"menu-{key}"] = False


def _delete(entry_id: str, title: str, key: str, place: Place) -> None:
    st.session_state[f"menu-{key}"] = False
    with store_errors_shown():
        session.person().history.remove(entry_id)
        undo_time = timedelta(minutes=session.engine().settings.undo_minutes)
        st.session_state["deleted"] = (entry_id, title, datetime.now(UTC) + undo_time, place)
        drafts.forget(entry_id)
        _leave(entry_id)


def _leave(entry_id: str) -> None:
    """Where the deleted entry is open, or was last, a new one begins."""
    state, line_up = st.session_state, st.session_state.get("line-up", {})
    if state.get("conversation") == entry_id:
        del state["conversation"]
    if st.query_params.get("c") == entry_id:
        for name in ("c", "at"):
            st.query_params.pop(name, None)
    if line_up.get("run") == entry_id:
        del line_up["run"]
        state.pop("line-up-link", None)
    if st.query_params.get("run") == entry_id:
        del st.query_params["run"]


def _restore(entry_id: str) -> None:
    with store_errors_shown():
        session.person().history.restore(entry_id)
        drafts.remember(entry_id)
    _forget()


def _forget() -> None:
    st.session_state.pop("deleted", None)

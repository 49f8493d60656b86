"""One batch: how far it is, what each model makes of it, and the buttons. Drawn anew by itself while it runs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import streamlit as st

from ...store import NotFound, StoreError
from ...views.batches import Batch, BatchView
from .. import session
from ..base.flash import flash, store_errors_shown
from ..base.time_zone import zone
from ..text import clock, day_and_clock, plain, t, whole
from . import words

EVERY_S = 2.0
ACTED = "batch-acted"


def current() -> Batch | None:
    """The batch in the address, if it is this visitor's."""
    batch_id = st.query_params.get("batch")
    if not batch_id:
        st.session_state.pop("batch", None)
        return None
    try:
        found = session.person().batches.get(batch_id)
    except NotFound:
        flash(t("That batch was deleted or belongs to another browser."))
        del st.query_params["batch"]
        st.session_state.pop("batch", None)
        return None
    except StoreError:
        flash(
            t("That batch cannot be loaded right now. It keeps running; reload when the database is back."),
            warning=True,
        )
        return None
    st.session_state["batch"] = batch_id
    return found


def leave() -> None:
    """Back to the list. For callbacks."""
    st.query_params.pop("batch", None)
    st.session_state.pop("batch", None)


def board(batch: Batch) -> None:
    """The state of a batch; while something goes on it looks again by itself."""
    live = batch.state == "running" or batch.carried
    st.fragment(_board, run_every=EVERY_S if live else None)(batch.id, live)


def _board(batch_id: str, live: bool) -> None:
    if st.session_state.pop(ACTED, False):
        st.rerun()  # a click within this piece of the page: the rest shows it too
    try:
        view = session.person().batches.look(batch_id)
    except NotFound:
        st.rerun()
    except StoreError:
        st.caption(t("It cannot be loaded right now. It keeps running."))
        return
    if live and view.batch.state != "running" and not view.batch.carried:
        st.rerun()  # it came to an end, or to rest: the whole page is drawn once more
    _draw(view)


def _draw(view: BatchView) -> None:
    batch, now = view.batch, datetime.now(UTC)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="batch-state"):
        st.markdown(words.badge(batch, view.asking), width="content")
        st.caption(_when(batch), width="stretch")
        _buttons(view)
    if batch.state == "paused" and batch.why == "keys":
        st.warning(
            t("The pasted key was lost when the app restarted. Paste it again, then resume."),
            icon=":material/key:",
        )
        st.page_link("pages/providers.py", label=t("Add a key"), icon=":material/key:", width="content")
    st.progress(min(batch.over / max(batch.items, 1), 1.0), text=words.progress(view))
    for one in view.sums:
        with st.container(key=f"batch-model-{one.place}", gap=None):
            st.markdown(f"{words.name_of(one.model_id)} · {words.standing(one, batch.rows)}")
            if one.place in view.rests and one.waiting:
                until, kind = view.rests[one.place]
                st.caption(f":orange[:material/schedule: {words.rest(kind, until, now, zone())}]")
            if line := words.figures(one):
                st.caption(line)


def _when(batch: Batch) -> str:
    begun = clock(batch.created_at, zone())
    if batch.ended_at is None:
        return t("started {begun}", begun=begun)
    return t("{begun} to {ended}", begun=begun, ended=clock(batch.ended_at, zone()))


def _buttons(view: BatchView) -> None:
    batch = view.batch
    if batch.state == "running":
        _button("pause", t("Pause"), ":material/pause:", _pause, batch.id)
    if batch.state == "paused":
        _button("resume", t("Resume"), ":material/play_arrow:", _resume, batch.id, primary=True)
    if batch.state in ("running", "paused"):
        with st.popover(t("Cancel"), icon=":material/stop:", key="batch-sure-cancel"):
            st.markdown(t("Answers so far are kept. The remaining rows will not be sent."))
            _button("cancel", t("Cancel batch"), ":material/stop:", _cancel, batch.id)
    if batch.failed + batch.skipped and batch.state == "done":
        number = whole(batch.failed + batch.skipped)
        _button("retry", t("Retry the {number} that failed", number=number), ":material/replay:", _retry, batch.id)
    if batch.state in ("done", "cancelled"):
        with st.popover(t("Delete"), icon=":material/delete:", key="batch-sure-delete"):
            st.markdown(t("This deletes the prompts and all answers. It cannot be undone."))
            _button("delete", t("Delete permanently"), ":material/delete:", _delete, batch.id)


def _button(
    name: str, label: str, icon: str, act: Callable[[str], None], batch_id: str, *, primary: bool = False
) -> None:  # fmt: skip
    kind = "primary" if primary else "secondary"
    st.button(label, icon=icon, type=kind, key=f"batch-{name}", on_click=_act, args=(act, batch_id))  # type: ignore[arg-type]


def _act(act: Callable[[str], None], batch_id: str) -> None:
    with store_errors_shown():
        act(batch_id)
    st.session_state[ACTED] = True


def _pause(batch_id: str) -> None:
    session.person().batches.pause(batch_id)


def _resume(batch_id: str) -> None:
    session.person().batches.resume(batch_id)


def _cancel(batch_id: str) -> None:
    session.person().batches.cancel(batch_id)


def _retry(batch_id: str) -> None:
    session.person().batches.retry(batch_id)


def _delete(batch_id: str) -> None:
    session.person().batches.remove(batch_id)
    leave()


def listing() -> None:
    """The owner's batches, the newest first."""
    if not session.has_history():
        return
    try:
        found = session.person().batches.recent()
    except StoreError:
        st.caption(t("The batches cannot be loaded right now. Nothing is lost."))
        return
    if not found:
        return
    st.caption(f"**{t('Your batches')}**")
    with st.container(gap="xxsmall", key="batch-list"):
        for batch in found:
            _row(batch)


def _row(batch: Batch) -> None:
    query = {"batch": batch.id}
    if st.session_state.get("language"):
        query["lang"] = st.session_state["language"]
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"batch-entry-{batch.id}"):
        label = plain(batch.name) or t("Batch")
        st.page_link("pages/batch.py", label=label, icon=":material/table_rows:", query_params=query, width="stretch")
        done = t("{over} of {items}", over=whole(batch.over), items=whole(batch.items))
        st.caption(f"{done} · {day_and_clock(batch.created_at, zone())}", width="content")
        st.markdown(words.badge(batch), width="content")

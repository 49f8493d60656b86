"""One batch: progress, results by model, and the buttons, refreshed while it runs; and the list of batches."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import streamlit as st

from ...store import NotFound, StoreError
from ...views.batches import Batch, BatchView
from .. import session
from ..base import lasting
from ..base.flash import flash, store_errors_shown
from ..base.time_zone import zone
from ..text import clock, day_and_clock, plain, t, tn, whole
from . import approval, form_words, words

EVERY_S = 2.0
WAITING_S = 10.0  # while an administrator is asked
ACTED = "batch-acted"
CHECKS_S = 0.5  # between the pieces of answers that are checked late
CHECKING = "batch-checking"


def current() -> Batch | None:
    """The batch in the address, if it is this visitor's."""
    batch_id = st.query_params.get("batch")
    if not batch_id:
        st.session_state.pop("batch", None)
        return None
    try:
        batch = session.person().batches.get(batch_id)
    except NotFound:
        flash(lasting.gone(t("That batch was deleted or belongs to another browser.")))
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
    return batch


def leave() -> None:
    """Go back to the list. For callbacks."""
    st.query_params.pop("batch", None)
    st.session_state.pop("batch", None)


def board(batch: Batch) -> None:
    """The state of a batch, refreshed by a timer while it runs."""
    waits = batch.state == "approval"
    live = batch.state == "running" or batch.carried
    checks = st.session_state.get(CHECKING) == batch.id
    every_s = EVERY_S if live else CHECKS_S if checks else WAITING_S if waits else None
    st.fragment(_board, run_every=every_s)(batch.id, live, waits)


def _board(batch_id: str, live: bool, waits: bool) -> None:
    if st.session_state.pop(ACTED, False):
        st.rerun()  # after a click in this fragment the whole page changes
    try:
        view = session.person().batches.look(batch_id)
    except NotFound:
        st.rerun()
    except StoreError:
        st.caption(t("It cannot be loaded right now. It keeps running."))
        return
    if live and view.batch.state != "running" and not view.batch.carried:
        st.rerun()  # it ended or was paused: redraw the whole page without the timer
    if waits and view.batch.state != "approval":
        st.rerun()  # an administrator decided
    if (view.unchecked and not live) or view.old_unchecked:
        _check_some(view)
    elif st.session_state.get(CHECKING) == batch_id:
        del st.session_state[CHECKING]
        st.rerun()  # all are checked: redraw the table, without the timer
    _draw(view)


def _check_some(view: BatchView) -> None:
    """Answers that were not checked when they landed are checked while somebody looks, some at a time."""
    with store_errors_shown():
        if not session.person().batches.check_some(view.batch.id):
            return
    if st.session_state.get(CHECKING) != view.batch.id:
        st.session_state[CHECKING] = view.batch.id
        st.rerun()  # with a timer


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
    approval.notice(batch)
    st.progress(min(batch.over / max(batch.items, 1), 1.0), text=words.progress(view))
    _old_answers(view)
    for model_sum in view.sums:
        with st.container(key=f"batch-model-{model_sum.place}", gap=None):
            st.markdown(f"{words.name_of(model_sum.model_id)} · {words.standing(model_sum, batch.rows)}")
            if model_sum.place in view.rests and model_sum.waiting:
                until, kind = view.rests[model_sum.place]
                st.caption(f":orange[:material/schedule: {words.rest(kind, until, now, zone())}]")
            for line in filter(None, (words.answered_by(model_sum), words.figures(model_sum))):
                st.caption(line)
    _form(view)


def _old_answers(view: BatchView) -> None:
    """How a rehearsal's old answers were checked, which the new ones can be held against."""
    if view.old is None or not (figures := words.figures(view.old)):
        return
    with st.container(key="batch-model-old", gap=None):
        number = tn("{number} old answer", "{number} old answers", view.batch.rows - view.old_unchecked)
        st.markdown(f"{words.name_of(view.old.model_id)} · {number}")
        st.caption(figures)


def _form(view: BatchView) -> None:
    """The fields as expected, and the repair of answers that are no JSON."""
    batch = view.batch
    if batch.fields:
        text = st.column_config.TextColumn
        names = {"old": text(t("Old answers"))} if view.old else {}
        names |= {f"m{place}": text(name) for place, name in enumerate(words.distinct_names(batch.model_ids))}
        st.dataframe(
            form_words.field_rows(view),
            hide_index=True,
            column_config={"field": text(t("Field as expected")), **names},
            key=f"batch-fields-{batch.id}",
        )
    not_json = sum(part.forms.get("not_json", 0) for part in view.sums)
    repaired = sum(part.repaired for part in view.sums)
    if view.unchecked and not batch.carried:
        number = tn("{number} answer", "{number} answers", view.unchecked)
        st.caption(t("{number} still to be checked against the form", number=number))
    elif batch.carried or batch.form is None or batch.state == "running":
        return
    elif batch.mends:
        number = tn("{number} answer was repaired", "{number} answers were repaired", repaired)
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="batch-repaired"):
            st.caption(
                t("{number} before being checked; the answers themselves are unchanged.", number=number),
                width="content",
            )
            _button("unrepair", t("Check them as they came"), ":material/undo:", _unrepair, batch.id)
    elif not_json:
        label = tn("Repair the {number} that is not JSON", "Repair the {number} that are not JSON", not_json)
        _button("repair", label, ":material/build:", _repair, batch.id)
        st.caption(
            t(
                "Without code fences, text around the JSON, comments and trailing commas, as far as that is enough; "
                "then they are checked again. The answers themselves stay unchanged."
            )
        )


def _repair(batch_id: str) -> None:
    session.person().batches.wish_repairs(batch_id, wished=True)


def _unrepair(batch_id: str) -> None:
    session.person().batches.wish_repairs(batch_id, wished=False)


def _when(batch: Batch) -> str:
    started = clock(batch.created_at, zone())
    if batch.state == "approval" and batch.approval:
        return t("asked {when}", when=clock(batch.approval.asked_at, zone()))
    if batch.ended_at is None:
        return t("started {begun}", begun=started)
    return t("{begun} to {ended}", begun=started, ended=clock(batch.ended_at, zone()))


def _buttons(view: BatchView) -> None:
    batch = view.batch
    if batch.state == "running":
        _button("pause", t("Pause"), ":material/pause:", _pause, batch.id)
    if batch.state == "approval":
        _button("cancel", t("Withdraw"), ":material/undo:", _cancel, batch.id)
    if batch.state == "declined":
        _button("resume", t("Ask again"), ":material/replay:", _resume, batch.id)
    if batch.state == "paused":
        _button("resume", t("Resume"), ":material/play_arrow:", _resume, batch.id, primary=True)
    if batch.state in ("running", "paused"):
        with st.popover(t("Cancel"), icon=":material/stop:", key="batch-sure-cancel"):
            st.markdown(t("Answers so far are kept. The remaining rows will not be sent."))
            _button("cancel", t("Cancel batch"), ":material/stop:", _cancel, batch.id)
    if batch.failed + batch.skipped and batch.state == "done":
        number = whole(batch.failed + batch.skipped)
        _button("retry", t("Retry the {number} that failed", number=number), ":material/replay:", _retry, batch.id)
    if batch.state in ("done", "cancelled", "declined"):
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
    """The visitor's batches, newest first."""
    if not session.has_history():
        return
    try:
        batches = session.person().batches.recent()
    except StoreError:
        st.caption(t("The batches cannot be loaded right now. Nothing is lost."))
        return
    if not batches:
        return
    st.caption(f"**{t('Your batches')}**")
    with st.container(gap="xxsmall", key="batch-list"):
        for batch in batches:
            _row(batch)


def _row(batch: Batch) -> None:
    query = {"batch": batch.id}
    if st.session_state.get("language"):
        query["lang"] = st.session_state["language"]
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"batch-entry-{batch.id}"):
        label = plain(batch.name) or t("Batch")
        st.page_link("pages/batch.py", label=label, icon=":material/table_rows:", query_params=query, width="stretch")
        progress = t("{over} of {items}", over=whole(batch.over), items=whole(batch.items))
        st.caption(f"{progress} · {day_and_clock(batch.created_at, zone())}", width="content")
        st.markdown(words.badge(batch), width="content")

"""Line-ups on the Compare page: save the columns under a name, and open, rename or delete what was saved."""

from __future__ import annotations

import streamlit as st

from ...records import AUTO
from ...store import Changed, StoreError
from ...views.line_ups import LineUp
from .. import default_model, session
from ..base.buttons import icon_button
from ..base.flash import flash, store_errors_shown
from ..base.lazy_popover import lazy_popover
from ..models import life
from ..models.marks import speaker_of
from ..text import plain, t
from . import column_settings
from .board import Board, remember

NAME, RENAMED = "line-up-name", "line-up-renamed"


def popover(board: Board) -> None:
    """A button that opens the list; in a blind comparison, which must not tell its models, there is none."""
    if board.is_blind:
        return
    lazy_popover(t("Line-ups"), _list, board, icon="bookmarks", key="line-ups")


def _list(board: Board) -> None:
    try:
        saved = session.person().line_ups.all()
    except StoreError:
        st.caption(t("Your line-ups cannot be loaded right now. Try again when the database is back."))
        return
    if not saved:
        st.caption(t("Save the models of these columns under a name, to compare them again with one click."))
    for line_up in saved:
        _row(board, line_up)
    _save(board, saved)


def _row(board: Board, line_up: LineUp) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall", key=f"line-up-{line_up.id}"):
        if st.session_state.get(RENAMED) == line_up.id:
            key = f"line-up-rename-{line_up.id}"
            st.text_input(
                t("Name"), value=line_up.name, key=key, max_chars=60, label_visibility="collapsed",
                on_change=_rename, args=(line_up.id, key),
            )  # fmt: skip
            icon_button("close", t("Cancel"), f"line-up-cancel-{line_up.id}", _renaming, None)
            return
        providers = session.engine().catalog.providers
        models = t(", ").join(speaker_of(model_id, providers).model_name for model_id in line_up.model_ids)
        st.button(
            f"**{plain(line_up.name)}**  \n:gray[:small[{models}]]",
            key=f"line-up-open-{line_up.id}",
            type="tertiary",
            width="stretch",
            on_click=_open,
            args=(line_up,),
        )
        icon_button("edit", t("Rename"), f"line-up-edit-{line_up.id}", _renaming, line_up.id)
        icon_button("delete", t("Delete"), f"line-up-delete-{line_up.id}", _remove, line_up)
    for model_id in line_up.model_ids:
        _ended(line_up, model_id)


def _ended(line_up: LineUp, model_id: str) -> None:
    """A model that has ended, and who takes its place."""
    engine = session.engine()
    speaker = speaker_of(model_id, engine.catalog.providers)
    if not (speaker.provider and session.life(speaker.provider).has_ended(speaker.model)):
        return
    st.caption(f":orange[:material/warning: {speaker.model_name} {life.ending(speaker.provider, speaker.model)}]")
    named = engine.directory.named_successor(model_id, session.keys())
    successors = [*([named.id] if named else []), *default_model.usual()]
    successor = next((each for each in successors if each not in line_up.model_ids), None)
    if successor:
        st.button(
            t("Use {model} instead", model=speaker_of(successor, engine.catalog.providers).model_name),
            icon=":material/swap_horiz:",
            key=f"line-up-swap-{line_up.id}-{model_id}",
            on_click=_swap,
            args=(line_up.id, model_id, successor),
        )


def _save(board: Board, saved: list[LineUp]) -> None:
    same = next((line_up for line_up in saved if line_up.model_ids == board.models), None)
    if same:
        st.caption(t("These columns are saved as {name}.", name=f"**{plain(same.name)}**"))
        return
    with st.form("line-up-form", border=False, clear_on_submit=True):
        st.text_input(t("Save these columns as"), key=NAME, max_chars=60, placeholder=t("Fast four"))
        st.form_submit_button(t("Save"), icon=":material/bookmark_add:", on_click=_saved, args=(board.models,))


def _saved(model_ids: tuple[str, ...]) -> None:
    name = str(st.session_state.get(NAME) or "")
    if not name.strip():
        flash(t("Give the line-up a name first."), warning=True)
        return
    with store_errors_shown():
        try:
            session.person().line_ups.save(name, [model_id for model_id in model_ids if model_id not in AUTO])
        except Changed:
            flash(t("There are {number} line-ups, the most that are kept. Delete one first.", number=100), warning=True)


def _open(line_up: LineUp) -> None:
    """Begin a comparison of these models; the one that is open stays in the history."""
    st.session_state.pop(column_settings.DRAFTS, None)
    remember(list(line_up.model_ids), None)
    st.session_state["line-ups"] = False


def _renaming(line_up_id: str | None) -> None:
    st.session_state[RENAMED] = line_up_id


def _rename(line_up_id: str, key: str) -> None:
    with store_errors_shown():
        try:
            session.person().line_ups.rename(line_up_id, str(st.session_state.get(key) or ""))
        except Changed:
            flash(t("Another line-up has this name."), warning=True)
    _renaming(None)


def _swap(line_up_id: str, old: str, new: str) -> None:
    with store_errors_shown():
        session.person().line_ups.swap(line_up_id, old, new)


def _remove(line_up: LineUp) -> None:
    with store_errors_shown():
        session.person().line_ups.remove(line_up.id)

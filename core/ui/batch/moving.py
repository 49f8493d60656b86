"""From a model that ends to another by one click: chats, comparisons, defaults, this tab's choices; and the undo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from ...store import StoreError
from ...views.model_moves import ModelMove
from .. import default_model, session
from ..base.flash import flash, store_errors_shown
from ..base.time_zone import zone
from ..text import day_and_clock, sentences, t, tn
from . import draft, model_choice, words

LISTS = ("line-up-chosen", "batch-models")
HERE = "moved-here"


def panel(model_id: str, tried: Sequence[str] = ()) -> None:
    """Offer to move, or tell what was moved. `tried` are proposed first."""
    st.markdown(f"**{t('Move to a successor')}**")
    with st.container(border=True, gap="small", key="moving"):
        try:
            moved = session.person().model_moves.last(model_id)
            if moved:
                _moved(moved)
            else:
                _offer(model_id, tried)
        except StoreError:
            st.caption(t("This cannot be loaded right now. Nothing was changed."))


def _offer(model_id: str, tried: Sequence[str]) -> None:
    labels = model_choice.ready_labels()
    proposed = [other.id for other in session.person().rehearsals.proposals(model_id)]
    targets = [name for name in dict.fromkeys([*tried, *proposed, *labels]) if name in labels and name != model_id]
    if not targets:
        st.caption(t("No other model can be asked: add a key on the Providers page first."))
        return
    key = f"move-to-{model_id}"
    preferred = st.session_state.get(key)
    target = preferred if preferred in targets else targets[0]
    chats, columns = session.person().model_moves.preview(model_id, target)
    parts = [*_counted(chats, columns), *_in_tab(model_id), t("the default of new chats")]
    sentence = t("This changes, from {model} to the new model: {parts}.", model=_name(model_id), parts=_joined(parts))
    st.caption(sentences(sentence, t("Answers stay as they are. It can be undone.")))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="moving-row"):
        st.selectbox(t("New model"), targets, format_func=labels.__getitem__, key=key, width=340)
        st.button(
            t("Move"),
            icon=":material/swap_horiz:",
            key="move",
            on_click=_move,
            args=(f"move-{draft.nonce()}", model_id, target),
        )


def _moved(move: ModelMove) -> None:
    restorable: dict[str, Any] = st.session_state.get(HERE, {}).get(move.id, {})
    parts = [*_counted(move.chats, move.columns), *_names_of(restorable), t("the default of new chats")]
    st.markdown(
        t(
            ":green[:material/check:] Moved from {old} to {new}: {parts}.",
            old=_name(move.from_model_id),
            new=_name(move.to_model_id),
            parts=_joined(parts),
        )
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="moved-row"):
        st.caption(day_and_clock(move.at, zone()), width="content")
        st.button(t("Undo"), icon=":material/undo:", type="tertiary", key="move-undo", on_click=_undo, args=(move,))


def _counted(chats: int, columns: int) -> list[str]:
    parts = [tn("{number} chat", "{number} chats", chats)] if chats else []
    if columns:
        parts.append(tn("{number} column of comparisons", "{number} columns of comparisons", columns))
    return parts


def _name(model_id: str) -> str:
    return words.name_of(model_id)


def _joined(parts: Sequence[str]) -> str:
    return t(", ").join(parts)


def _labels() -> dict[str, str]:
    return {
        "model": t("the model chosen in this tab"),
        "line-up": t("the Compare line-up of this tab"),
        "batch-models": t("the models of the Batch page"),
    }


def _names_of(changes: Any) -> list[str]:
    return [label for name, label in _labels().items() if name in changes]


def _in_tab(model_id: str) -> list[str]:
    return _names_of(_changes(model_id, ""))


def _changes(old: str, new: str) -> dict[str, tuple[Any, Any]]:
    """What this tab holds of the old model: (before, after) by the name in the session."""
    state, changes = st.session_state, dict[str, tuple[Any, Any]]()
    if state.get("model") == old:
        changes["model"] = (old, new)
    for name in LISTS:
        if old in (models := list(state.get(name) or ())):
            changes[name] = (models, _replaced(models, old, new))
    line_up = state.get("line-up") or {}
    if old in (models := list(line_up.get("m", ()))):
        changes["line-up"] = (line_up, {**line_up, "m": _replaced(models, old, new)})
    by_chat: dict[str, str] = state.get("models") or {}
    if old in by_chat.values():
        changes["models"] = (by_chat, {chat: new if name == old else name for chat, name in by_chat.items()})
    return changes


def _replaced(models: Sequence[str], old: str, new: str) -> list[str]:
    """With the new model in the place of the old one, each once."""
    return list(dict.fromkeys(new if name == old else name for name in models))


def _move(request_id: str, old: str, new: str) -> None:
    with store_errors_shown():
        move = session.person().model_moves.move(request_id, old, new)
        changes = _changes(old, new)
        st.session_state.setdefault(HERE, {})[move.id] = changes
        for name, (_before, after) in changes.items():
            _put(name, after)
        default_model.forget_moved()
        draft.renew_nonce()


def _undo(move: ModelMove) -> None:
    with store_errors_shown():
        number = session.person().model_moves.undo(move.id)
        for name, (before, after) in st.session_state.get(HERE, {}).pop(move.id, {}).items():
            if st.session_state.get(name) == after:
                _put(name, before)
        default_model.forget_moved()
        flash(
            tn(
                "Undone: {number} conversation uses {model} again.",
                "Undone: {number} conversations use {model} again.",
                number,
                model=_name(move.from_model_id),
            )
        )


def _put(name: str, value: Any) -> None:
    st.session_state[name] = value
    link = st.session_state.get("line-up-link") or {}
    if name == "line-up" and "m" in link:
        st.session_state["line-up-link"] = {**link, "m": value["m"]}

"""One model at several providers: its providers become the columns, and how far their answers drift apart."""

from __future__ import annotations

from functools import lru_cache

import streamlit as st

from ...insight.drift import Drift, drift
from ...records import Model
from ...routing.family import elsewhere as others
from ...routing.family import families, family
from .. import session
from ..models.choices import ModelOption, everything
from ..models.line_up import FEWEST
from ..text import plain, t, tn
from . import names
from .board import MOST, Board, ColumnSlot, remember

KEY = "same-model"


def chooser(board: Board) -> None:
    """A popover with every model that two or more providers have; choosing one makes the line-up."""
    box = st.popover(
        t("Same model, several providers"),
        icon=":material/hub:",
        type="tertiary",
        key="same",
        on_change="rerun",
        help=t("Compare one model across its providers"),
    )
    if not box.open:
        return
    with box:
        found = _found()
        st.caption(t("Each provider becomes a column; those that are ready come first."))
        st.selectbox(
            t("Model"),
            list(found),
            index=None,
            key=KEY,
            placeholder=t("Search models"),
            format_func=lambda name: _label(found[name]),
            on_change=_chosen,
            args=(board,),
        )


def elsewhere(model_id: str) -> list[ModelOption]:
    """The same model at other providers that could answer now, those that are ready first."""
    known = _choices()
    by_id = {choice.model.id: choice for choice in known}
    return [by_id[model.id] for model in others(model_id, [choice.model for choice in known]) if by_id[model.id].ready]


def is_one(board: Board) -> bool:
    """Whether all columns are one model at different providers."""
    ids = [model_id.partition("/") for model_id in board.models]
    return len({family(name) for _, _, name in ids}) == 1 and len({provider for provider, _, _ in ids}) > 1


def drifts(board: Board) -> None:
    """How alike the newest answers are to the first column's, and where each first parts from it."""
    if board.is_blind or not is_one(board):
        return
    said = [(place, text) for place in board.places if (text := _text(board, place))]
    if len(said) < FEWEST:
        return
    first, base = said[0]
    with st.container(key="drift", border=True, gap="xsmall"):
        st.markdown(f"**{t('Drift: same model, different answers')}**")
        for place, text in said[1:]:
            st.markdown(_line(board, first, place, _drift(base, text)))


def _line(board: Board, first: ColumnSlot, place: ColumnSlot, drift: Drift) -> str:
    one, other = (names.shown(board, each).letter for each in (first, place))
    share = t("{percent}% alike", percent=f"{100 * drift.alike:.0f}")
    head = f"**{other}** · {plain(_provider(board, place))} · {share}"
    if drift.same:
        return f"{head} · {t('identical')}"
    after = f"“…{plain(drift.before)}”" if drift.before else t("the beginning")
    parts = tn(
        "differs after {number} word, after {after}: {one} “{first}…”, {other} “{second}…”",
        "differs after {number} words, after {after}: {one} “{first}…”, {other} “{second}…”",
        drift.shared,
        after=after,
        one=one,
        first=plain(drift.first),
        other=other,
        second=plain(drift.second),
    )
    return f"{head} · {parts}"


def _provider(board: Board, place: ColumnSlot) -> str:
    column_label = names.shown(board, place)
    return column_label.who.provider.label if column_label.named and column_label.who.provider else ""


def _text(board: Board, place: ColumnSlot) -> str:
    turn = board.turn(place)
    return turn.completion.text.strip() if turn and turn.completion and not turn.completion.error else ""


@lru_cache(maxsize=256)
def _drift(first: str, second: str) -> Drift:
    return drift(first, second)


def _choices() -> list[ModelOption]:
    return everything(session.engine(), session.keys(), session.listed_models(), session.running_servers())


def _found() -> dict[str, list[ModelOption]]:
    """Families of two or more providers: those with the most ready ones first."""
    known = _choices()
    by_id = {choice.model.id: choice for choice in known}
    grouped: dict[str, list[Model]] = {
        name: models for name, models in families(choice.model for choice in known).items() if len(models) >= FEWEST
    }
    found = {name: [by_id[model.id] for model in models] for name, models in grouped.items()}
    return dict(sorted(found.items(), key=lambda item: (-sum(choice.ready for choice in item[1]), item[0])))


def _label(choices: list[ModelOption]) -> str:
    """ "gpt-oss-120b · 8 providers, 1 ready"."""
    name = min((choice.model.name.rpartition("/")[2].removesuffix(":free") for choice in choices), key=len)
    ready = sum(choice.ready for choice in choices)
    return tn(
        "{model} · {number} provider, {ready} ready",
        "{model} · {number} providers, {ready} ready",
        len(choices),
        model=name,
        ready=ready,
    )


def _chosen(board: Board) -> None:
    name = st.session_state.get(KEY)
    found = _found().get(name or "")
    if not found:
        return
    ready = sorted(found, key=lambda choice: not choice.ready)
    st.session_state["same"] = False
    remember([choice.model.id for choice in ready][:MOST], None)

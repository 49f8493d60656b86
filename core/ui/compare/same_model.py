"""One model as all columns: at several providers, or with several efforts. The page shows how far the answers of
several providers differ."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import streamlit as st

from ...insight.drift import Drift, drift
from ...routing.family import elsewhere as others
from ...routing.family import family
from ...views.model_equality import EqualityCheck
from ..base.lazy_popover import lazy_popover
from ..model_equality import progress, results, start, words
from ..models import families
from ..models.choices import ModelOption
from ..models.default_selection import FEWEST
from ..text import plain, t, tn
from . import labels, same_efforts
from .board import MOST, Board, ColumnSlot, remember

BOX, KEY = "same", "same-model"


def chooser(board: Board) -> None:
    """A popover with the models that several providers have, and those that have several efforts."""
    lazy_popover(t("Same model"), _choices, board, icon="hub", key=BOX, tip=t("Compare one model with itself"))


def _choices(board: Board) -> None:
    by_family = families.at_several()
    st.selectbox(
        t("At several providers"),
        list(by_family),
        index=None,
        key=KEY,
        placeholder=t("Search models"),
        format_func=lambda name: _label(by_family[name]),
        on_change=_model_chosen,
    )
    st.caption(t("Each provider becomes a column; those that are ready come first."))
    if not board.is_blind:
        same_efforts.draw(board, close=_close)


def elsewhere(model_id: str) -> list[ModelOption]:
    """The same model at other ready providers."""
    options = families.options()
    by_id = {choice.model.id: choice for choice in options}
    return [
        by_id[model.id] for model in others(model_id, [choice.model for choice in options]) if by_id[model.id].ready
    ]


def is_one(board: Board) -> bool:
    """Whether all columns are one model at different providers."""
    ids = [model_id.partition("/") for model_id in board.models]
    return len({family(name) for _, _, name in ids}) == 1 and len({provider for provider, _, _ in ids}) > 1


def drifts(board: Board) -> None:
    """How similar the newest answers are to the first column's, and where each diverges."""
    if board.is_blind or not is_one(board):
        return
    answers = [(slot, text) for slot in board.places if (text := _text(board, slot))]
    if len(answers) < FEWEST:
        return
    base_slot, base_text = answers[0]
    with st.container(key="drift", border=True, gap="xsmall"):
        st.markdown(f"**{t('Drift: same model, different answers')}**")
        checks = results.newest(board.models)
        for slot, text in answers[1:]:
            st.markdown(_line(board, base_slot, slot, _drift(base_text, text), checks))


def equality(board: Board) -> None:
    """Whether the hosts of one model were found to differ, and a button to compare them; not while names are hidden."""
    if board.is_blind or not is_one(board):
        return
    ids = list(dict.fromkeys(board.models))
    checks = [check for check in results.newest(ids) if sum(host.model_id in ids for host in check.hosts) >= FEWEST]
    progress.panel(checks[:1])
    with st.container(key="equality", horizontal=True, vertical_alignment="center", gap="small"):
        with st.container():
            for check in checks[:1]:
                results.line(check)
            if not checks:
                st.caption(t("Whether these hosts serve the same model has not been checked."))
        start.offer("equality-check", ids, label=t("Check again") if checks else t("Check the hosts"))


def _line(board: Board, base_slot: ColumnSlot, slot: ColumnSlot, drift: Drift, checks: Sequence[EqualityCheck]) -> str:
    first_letter, second_letter = (labels.label_of(board, column).letter for column in (base_slot, slot))
    share = t("{percent}% alike", percent=f"{100 * drift.alike:.0f}")
    checked = _checked(labels.label_of(board, slot).speaker.model.id, checks)
    head = " · ".join(filter(None, (f"**{second_letter}**", plain(_provider(board, slot)), checked, share)))
    if drift.same:
        return f"{head} · {t('identical')}"
    position = f"“…{plain(drift.before)}”" if drift.before else t("the beginning")
    parts = tn(
        "differs after {number} word, after {after}: {one} “{first}…”, {other} “{second}…”",
        "differs after {number} words, after {after}: {one} “{first}…”, {other} “{second}…”",
        drift.shared,
        after=position,
        one=first_letter,
        first=plain(drift.first),
        other=second_letter,
        second=plain(drift.second),
    )
    return f"{head} · {parts}"


def _checked(model_id: str, checks: Sequence[EqualityCheck]) -> str:
    """The verdict of the newest check on a host; "" without one."""
    host = next((host for check in checks if (host := check.host(model_id))), None)
    return f":small[{t('check')}{t(': ')}{words.verdict(host)}]" if host else ""


def _provider(board: Board, slot: ColumnSlot) -> str:
    column_label = labels.label_of(board, slot)
    return column_label.speaker.provider.label if column_label.named and column_label.speaker.provider else ""


def _text(board: Board, slot: ColumnSlot) -> str:
    turn = board.turn(slot)
    return turn.completion.text.strip() if turn and turn.completion and not turn.completion.error else ""


@lru_cache(maxsize=256)
def _drift(first: str, second: str) -> Drift:
    return drift(first, second)


def _label(choices: list[ModelOption]) -> str:
    """ "gpt-oss-120b · 8 providers, 1 ready"."""
    name = families.name_of([choice.model.name for choice in choices])
    ready = sum(choice.ready for choice in choices)
    return tn(
        "{model} · {number} provider, {ready} ready",
        "{model} · {number} providers, {ready} ready",
        len(choices),
        model=name,
        ready=ready,
    )


def _close() -> None:
    st.session_state[BOX] = False


def _model_chosen() -> None:
    name = st.session_state.get(KEY)
    options = families.at_several().get(name or "")
    if not options:
        return
    ready = sorted(options, key=lambda choice: not choice.ready)
    _close()
    remember([choice.model.id for choice in ready][:MOST], None)

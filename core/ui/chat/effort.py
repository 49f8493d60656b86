"""The setting for how hard a model should think, with what the chosen models make of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from .. import session
from ..models import efforts
from ..models.efforts import LEVELS, effort_name
from ..models.marks import speaker_of
from ..text import t

BUDGET = "budget"
USUAL_BUDGET, LARGEST_BUDGET = 8_192, 200_000
Change = Callable[[str, object], None]


def setting(value: Any, name: str, change: Change, models: Sequence[str]) -> None:
    """A box for the effort, and one for the tokens of a budget; `models` are those that will be asked."""
    providers = dict(session.engine().catalog.providers)
    is_budget = isinstance(value, int)
    st.selectbox(
        t("Reasoning effort"),
        [None, *LEVELS, BUDGET],
        index=[None, *LEVELS, BUDGET].index(BUDGET if is_budget else value),
        format_func=lambda level: _label(level, models),
        placeholder=_label(None, models),  # shown for None once its state is set
        key=key(name),
        on_change=_chosen,
        args=(name, change),
    )
    if is_budget:
        st.number_input(
            t("Thinking tokens, at most"),
            min_value=1,
            max_value=LARGEST_BUDGET,
            value=min(max(int(value), 1), LARGEST_BUDGET),
            step=1_024,
            key=tokens_key(name),
            on_change=_budget,
            args=(name, change),
        )
    if value is not None:
        for line in efforts.remarks(value, models, providers):
            st.caption(f":material/info: {line}")


def key(name: str) -> str:
    return f"set-{name}-effort"


def tokens_key(name: str) -> str:
    return f"set-{name}-effort-tokens"


def _label(level: Any, models: Sequence[str]) -> str:
    """A level; where the only model does not have it, what is sent instead."""
    if level is None:
        return t("not set")
    word = t("budget of tokens") if level == BUDGET else effort_name(level)
    if len(set(models)) != 1 or (instead := _sent(level, models[0])) is None:
        return word
    if not instead:
        return t("{effort} (not for this model)", effort=word)
    return t("{effort} (sent as {instead})", effort=word, instead=effort_name(instead))


def _sent(level: Any, model_id: str) -> str | None:
    speaker = speaker_of(model_id, session.engine().catalog.providers)
    if speaker.provider is None:
        return None
    model = session.life(speaker.provider).row(speaker.model)
    return efforts.sent_instead(USUAL_BUDGET if level == BUDGET else level, speaker.provider, model)


def _chosen(name: str, change: Change) -> None:
    level = st.session_state.get(key(name))
    change("effort", USUAL_BUDGET if level == BUDGET else level)


def _budget(name: str, change: Change) -> None:
    change("effort", st.session_state.get(tokens_key(name)) or USUAL_BUDGET)

"""The switches for blind comparisons: set before the first question, kept for this session's comparisons.

A blind comparison hides the models' names until its vote. Its models are the selected ones in random order, or picked
at random from the ready ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import streamlit as st

from ...routing.served import is_router
from .. import default_model, session
from ..models import fit
from ..models.fit import Load
from ..text import t

FEWEST = 2
NOTHING = Load()
BLIND, LOT, CHOSEN = "blind-on", "blind-lot", "line-up-chosen"


def is_on() -> bool:
    return bool(st.session_state.get(BLIND))


def by_lot() -> bool:
    """Whether the next comparison picks its models at random."""
    return is_on() and bool(st.session_state.get(LOT))


def draw() -> None:
    """Two switches and a sentence, before the first question."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="blind"):
        _toggle(t("Blind"), BLIND, t("Model names stay hidden until you vote"))
        if not is_on():
            return
        _toggle(t("Pick models at random"), LOT, t("The models are picked at random from those that are ready"))
        st.caption(
            t(
                "Columns have letters instead of names, in random order. All answers appear at the same "
                "time; names are shown after your vote."
            )
        )


def _toggle(label: str, name: str, hint: str) -> None:
    st.toggle(
        label, value=bool(st.session_state.get(name)), key=f"{name}-switch", help=hint, on_change=_keep, args=(name,)
    )


def _keep(name: str) -> None:
    """Streamlit drops the state of a widget that is not drawn, so the value is copied."""
    st.session_state[name] = st.session_state.get(f"{name}-switch", False)


def drawn(number: int, seed: str, load: Load = NOTHING) -> list[str]:
    """`number` random models for this request: one of each ready provider, then more of theirs; simulated ones only if
    there are fewer than two others. `load`: none that is known not to take it, unless there are no others."""
    pool = list(dict.fromkeys(default_model.usual()))
    if load:
        pool = [name for name in pool if fit.lack_of(name, load) is None] or pool
    real = [name for name in pool if not _simulated(name)]
    if 0 < len(real) < FEWEST:
        simulated = session.engine().directory.simulated()
        pool += [choice.model.id for choice in simulated if not is_router(choice.model)]
    candidates = pool[: max(number, sum(not _simulated(name) for name in pool))]
    return Random(seed).sample(candidates, min(number, len(candidates)))  # noqa: S311 - a lot, not a secret


def _simulated(model_id: str) -> bool:
    return session.engine().catalog.providers[model_id.partition("/")[0]].simulated


def choose(models: Sequence[str], seed: str, load: Load = NOTHING) -> Sequence[str]:
    """The models of a blind comparison; the selection is kept for the next one."""
    st.session_state[CHOSEN] = list(models)
    return drawn(len(models), seed, load) if by_lot() else models


def chosen() -> list[str]:
    """The selected models in the chosen order, which may be shown while a comparison is blind."""
    models: list[str] = st.session_state.get(CHOSEN, [])
    return models

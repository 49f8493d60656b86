"""Below the files above a box: about how many tokens they are, and which models they fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from ... import session
from ...models import fit
from ...models.choices import ModelOption
from ...models.fit import Fits, Load
from ...models.marks import speaker_of
from ...models.names import named
from ...text import count, plain, t, tn, whole

SHOWN = 8
Choose = Callable[[str], None]


def draw(load: Load, choose: Choose | None) -> None:
    """The number of models in a line, the models on a click; `choose` takes one."""
    fits = fit.fits(load)
    label = t("Fits {fits} of {number} models", fits=whole(len(fits.fitting)), number=whole(fits.number))
    if st.button(label, key="tray-fits", type="tertiary", icon=":material/fit_width:"):
        _models(label, fits, load, choose)


def too_long(load: Load, models: Sequence[str]) -> str:
    """The first of these models whose window has no room for the files, in a sentence; "" where all have."""
    for model_id in models:
        row, lacks = fit.row_of(model_id), fit.lack_of(model_id, load)
        if row and lacks and lacks.kind == "window":
            model = row[1]
            return t(
                "Together about {tokens} tokens; {model} reads {window}. Choose some pages, or another model.",
                tokens=whole(load.tokens(model.name)),
                model=plain(speaker_of(model_id, session.engine().catalog.providers).model_name),
                window=whole(model.window_tokens or 0),
            )
    return ""


@st.dialog(" ", width="small")
def _models(label: str, fits: Fits, load: Load, choose: Choose | None) -> None:
    st.markdown(f"**{label}**")
    st.caption(
        t("The files are about {tokens} tokens. A model needs room for its answer too.", tokens=whole(load.tokens()))
    )
    with st.container(gap="xxsmall", key="tray-fits-models"):
        for option in fits.fitting[:SHOWN]:
            _row(option, "", choose)
        _more(len(fits.fitting) - SHOWN)
        if fits.lacking:
            st.caption(f"**{t('Does not fit')}**")
        for option, lacks in fits.lacking[:SHOWN]:
            _row(option, fit.words(lacks), None)
        _more(len(fits.lacking) - SHOWN)
        if fits.unknown:
            number = len(fits.unknown)
            st.caption(tn("{number} model: window not known", "{number} models: window not known", number))


def _row(option: ModelOption, lacks: str, choose: Choose | None) -> None:
    marks = [f":gray-badge[{count(option.model.window_tokens)}]"] if option.model.window_tokens else []
    if not option.ready:
        marks.append(f":orange-badge[{t('no key')}]")
    words = f"{plain(option.model.name)} :gray[{named(option.provider)}] {' '.join(marks)}"
    if choose is None or not option.ready:
        st.caption(f"{words} {lacks}".strip())
        return
    if st.button(words, key=f"tray-fits-{option.model.id}", type="tertiary"):
        choose(option.model.id)
        st.rerun()


def _more(number: int) -> None:
    if number > 0:
        st.caption(tn("and {number} more", "and {number} more", number))

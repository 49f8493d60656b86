"""The settings of a chat or a comparison: system prompt, sampling (sent only when set), longest answer."""

from __future__ import annotations

import streamlit as st

from core.ui.asking.state import Wishes
from core.ui.text import t


def settings(wishes: Wishes, name: str) -> None:
    """A popover; every change is kept in `wishes` and holds from the next question on. `name` names the widgets."""
    label = t("Settings") + (" :blue[●]" if wishes.any else "")
    with st.popover(label, icon=":material/tune:", type="tertiary", key="settings"):
        st.text_area(
            t("System prompt"),
            value=wishes.system,
            placeholder=t("How the model should behave; optional"),
            key=f"set-{name}-system",
            on_change=_set,
            args=(wishes, name, "system"),
            height=110,
        )
        st.caption(t("Left empty, a setting is not sent and the provider decides."))
        left, right = st.columns(2)
        with left:
            _number(wishes, name, "temperature", t("Temperature"), 0.0, 2.0, 0.1)
            _number(wishes, name, "max_output_tokens", t("Longest answer, tokens"), 1, 200_000, 256)
        with right:
            _number(wishes, name, "top_p", t("Top p"), 0.0, 1.0, 0.05)
            _number(wishes, name, "seed", t("Seed"), 0, 2**31 - 1, 1)


def _number(wishes: Wishes, name: str, field: str, label: str, least: float, most: float, step: float) -> None:
    st.number_input(
        label,
        min_value=least,
        max_value=most,
        value=getattr(wishes, field),
        step=step,
        placeholder=t("not set"),
        key=f"set-{name}-{field}",
        on_change=_set,
        args=(wishes, name, field),
    )


def _set(wishes: Wishes, name: str, field: str) -> None:
    setattr(wishes, field, st.session_state[f"set-{name}-{field}"])

"""The life cycle of models, above the providers: what ends soon."""

from __future__ import annotations

import streamlit as st

from ..models import life
from ..models.called import named
from ..text import plain, t

SOON_DAYS = 14
SHOWN = 6


def life_cycle() -> None:
    """One line a model that ends soon; nothing where none does."""
    found = life.ending_soon(SOON_DAYS)[:SHOWN]
    if not found:
        return
    lines = []
    for provider, model, _left in found:
        after = t("then {model}", model=plain(model.successor)) if model.successor else ""
        told = ", ".join(filter(None, (f":orange[{life.ending(provider, model)}]", after)))
        lines.append(f"{plain(model.name)} :gray[{named(provider)}] {told}")
    with st.container(key="life-cycle", gap="xxsmall"):
        st.caption(f"**{t('Ends soon')}**  \n" + "  \n".join(lines))

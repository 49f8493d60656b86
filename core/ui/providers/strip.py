"""Models that end soon, above the list of providers."""

from __future__ import annotations

import streamlit as st

from ..models import life, rehearsal_link
from ..models.names import named
from ..text import plain, t

SOON_DAYS = 14
SHOWN = 6


def life_cycle() -> None:
    """A line per model that ends soon, or nothing."""
    ending_soon = life.ending_soon(SOON_DAYS)[:SHOWN]
    if not ending_soon:
        return
    lines = []
    for provider, model, _left in ending_soon:
        after = t("then {model}", model=plain(model.successor)) if model.successor else ""
        text = t(", ").join(filter(None, (f":orange[{life.ending(provider, model)}]", after)))
        lines.append(f"{plain(model.name)} :gray[{named(provider)}] {text}")
    with st.container(key="life-cycle", gap="xxsmall"):
        st.caption(f"**{t('Ends soon')}**")
        for line, (_provider, model, _left) in zip(lines, ending_soon, strict=True):
            with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"ends-{model.id}"):
                st.caption(line, width="content")
                rehearsal_link.link(model.id, f"strip-{model.id}")

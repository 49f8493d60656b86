"""The section of a provider's card: how its models compare with the same models at other hosts."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ..text import t
from . import progress, results, start


def section(provider_id: str, model_ids: Sequence[str], open_ids: Sequence[str], *, ready: bool) -> None:
    """The newest result for each of its models, and a button to compare hosts. `open_ids`: providers of open cards."""
    checks = results.newest(model_ids)
    if not (checks or (ready and model_ids)):
        return
    st.markdown(f"**{t('Same model at other hosts')}**")
    if progress.place(open_ids) == provider_id:
        progress.panel(checks)
    for check in checks:
        results.line(check)
    if not checks:
        st.caption(t("Not checked yet. A host may serve other weights under the same name."))
    start.offer(f"equality-check-{provider_id}", model_ids, label=t("Compare hosts"), disabled=not ready)

"""The models selected by default on the Compare page."""

from __future__ import annotations

import streamlit as st

from .. import default_model, session
from ..text import t

FEWEST, USUAL = 2, 4
SIMULATED = ("sim/quick", "sim/steady", "sim/thinker", "sim/flaky")


def default_selection() -> list[str]:
    """Real models if a provider is set up, filled up to two with simulated ones; otherwise simulated ones."""
    directory, keys = session.engine().directory, session.keys()
    if not directory.real(keys):
        return list(dict.fromkeys([*SIMULATED, *default_model.usual()]))
    if not directory.choices(keys):
        with st.spinner(t("Loading the model list")):
            directory.learn(keys)
    model_ids = list(default_model.usual())
    return [*model_ids, *SIMULATED[: max(FEWEST - len(model_ids), 0)]]

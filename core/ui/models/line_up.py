"""The models that are compared where nobody chose others."""

from __future__ import annotations

import streamlit as st

from .. import session
from ..text import t

FEWEST, USUAL = 2, 4
SIMULATED = ("sim/quick", "sim/steady", "sim/thinker", "sim/flaky")


def usual() -> list[str]:
    """Real models where a provider is set up, with simulated ones only to make two; else simulated ones."""
    directory, keys = session.engine().directory, session.keys()
    if not directory.real(keys):
        return list(dict.fromkeys([*SIMULATED, *session.usual_models()]))
    if not directory.choices(keys):
        with st.spinner(t("Loading the model list")):
            directory.learn(keys)
    found = list(session.usual_models())
    return [*found, *SIMULATED[: max(FEWEST - len(found), 0)]]

"""The models that are compared where nobody chose others."""

from __future__ import annotations

import streamlit as st

from core.ui import here
from core.ui.text import t

FEWEST, USUAL = 2, 4
SIMULATED = ("sim/quick", "sim/steady", "sim/thinker", "sim/flaky")


def usual() -> list[str]:
    """Real models where a provider is set up, with simulated ones only to make two; else simulated ones."""
    directory, keys = here.engine().directory, here.keys()
    if not directory.real(keys):
        return list(dict.fromkeys([*SIMULATED, *here.usual()]))
    if not directory.choices(keys):
        with st.spinner(t("Asking which models there are")):
            directory.learn(keys)
    found = list(here.usual())
    return [*found, *SIMULATED[: max(FEWEST - len(found), 0)]]

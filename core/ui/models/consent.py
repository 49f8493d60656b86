"""What a person allows for a provider, as switches that can be turned back."""

from __future__ import annotations

import streamlit as st

from core.records import Provider
from core.ui import here, runtime
from core.ui.asking.state import told
from core.ui.text import t


def may_leave(provider: Provider) -> None:
    """Whether its questions may be answered by a provider that promises less privacy."""
    from core.desk import consents

    key = f"may-leave-{provider.id}"
    given = consents.given(runtime.get().desk.database, here.owner(), "may_leave")
    if provider.own or provider.local:
        st.caption(f":material/lock: {t('Questions asked here stay here: no other provider answers them.')}")
    st.toggle(
        t("Let a provider with weaker privacy answer when this one cannot"),
        value=provider.id in given,
        key=key,
        on_change=_changed,
        args=(provider.id, key),
    )


def _changed(provider_id: str, key: str) -> None:
    from core.desk import consents

    with told():
        database = runtime.get().desk.database
        consents.give(database, here.owner(), "may_leave", provider_id, bool(st.session_state.get(key)))

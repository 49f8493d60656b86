"""What a person allows for a provider, as switches."""

from __future__ import annotations

import streamlit as st

from ...records import Consent, Provider
from .. import session
from ..base.flash import store_errors_shown
from ..text import t


def may_leave(provider: Provider) -> None:
    """Whether a provider with weaker privacy may answer its questions."""
    if provider.own or provider.local:
        st.caption(f":material/lock: {t('Questions asked here stay here: no other provider answers them.')}")
    _switch(
        "may_leave",
        provider,
        t("Others may answer for it"),
        t("When it cannot answer, a provider with weaker privacy may be asked, with the whole chat."),
    )


def without_key(provider: Provider) -> None:
    """Whether another provider answers while this one has no key."""
    _switch(
        "without_key",
        provider,
        t("Others may answer meanwhile"),
        t("While there is no key, another provider answers, and the answer says so."),
    )


def _switch(consent: Consent, provider: Provider, label: str, about: str) -> None:
    key = f"{consent}-{provider.id}"
    allowed = session.person().settings.consents(consent)
    st.toggle(
        label, value=provider.id in allowed, key=key, help=about, on_change=_changed, args=(consent, provider.id, key)
    )


def _changed(consent: Consent, provider_id: str, key: str) -> None:
    with store_errors_shown():
        session.person().settings.consent(consent, provider_id, bool(st.session_state.get(key)))

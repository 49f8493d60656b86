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
        st.caption(f":material/lock: {t('Chats with this provider are not sent to any other provider.')}")
    _switch(
        "may_leave",
        provider,
        t("Let other providers answer on failure"),
        t("If it fails, the whole chat may be sent to a provider with weaker privacy."),
    )


def without_key(provider: Provider) -> None:
    """Whether another provider answers while this one has no key."""
    _switch(
        "without_key",
        provider,
        t("Let other providers answer until then"),
        t("As long as there is no key, another provider answers; each answer names it."),
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

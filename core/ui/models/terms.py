"""What happens with a question's text, in one line beside the box: whether it is trained on, and where it is read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st

from ...records import Provider
from .. import session
from ..text import noted, plain, t
from .names import named


def line(model_ids: Iterable[str]) -> None:
    """The terms of the providers of these models; nothing where none of them leaves this computer."""
    providers = session.engine().catalog.providers
    chosen = [providers[id_] for id_ in dict.fromkeys(name.partition("/")[0] for name in model_ids) if id_ in providers]
    remote = [provider for provider in chosen if not (provider.simulated or provider.local)]
    if remote:
        with st.container(key="terms"):
            st.caption(words(remote))


def words(providers: Sequence[Provider]) -> str:
    """As Markdown; each by its name where there are several."""
    lead = len(providers) > 1
    return " · ".join((f"{named(each)}{t(': ')}" if lead else "") + _of(each) for each in providers)


def _of(provider: Provider) -> str:
    privacy = provider.privacy
    trains = {
        True: f":orange[{t('may train on your text')}]",
        False: t("does not train on your text"),
        None: t("training on your text: unknown"),
    }[privacy.trains]
    region = t("region: {region}", region=plain(noted(privacy.region)) if privacy.region else t("unknown"))
    parts = [trains, region, plain(noted(privacy.note))] if privacy.note else [trains, region]
    return t(", ").join(parts)

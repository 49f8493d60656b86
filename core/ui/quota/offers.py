"""What providers without a key would give, by their documentation: a sentence, and on opening a line each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import streamlit as st

from ...providers.limits import meters_of, window_of
from ...records import Provider
from .. import session
from ..base.expander import expander
from ..text import t, tn
from . import picture, words
from .board import gives_freely, names_of, supplies_of
from .free_today import Supply, supply_of, total
from .outlook import Outlook

CACHE = "quota-offers"


def draw(ready: Mapping[str, Sequence[Outlook]], now: datetime, *, alone: bool) -> None:
    """`ready` need no key and were never called. `alone`: nothing else is on the page, so it is open."""
    providers = session.engine().catalog.providers
    supplies = [*supplies_of(ready).values(), *_without_key(providers, now)]
    if not supplies:
        return
    _measured, documented, is_least = total(supplies)
    number = words.number("requests", documented) + "+" * is_least
    label = tn(
        "{number} provider not in use would give {requests} requests a day, as documented",
        "{number} providers not in use would give {requests} requests a day, as documented",
        len(supplies),
        requests=number,
    )
    if alone:
        st.markdown(f"**{label}**")
        _list(supplies)
        return
    box = expander(label, key="folded")
    if box.open:
        with box:
            _list(supplies)


def _list(supplies: Sequence[Supply]) -> None:
    with st.container(key="offers", gap="xsmall"):
        st.page_link("pages/providers.py", label=t("Add a key"), icon=":material/key:", width="content")
        picture.figures(supplies)


def _without_key(providers: Mapping[str, Provider], now: datetime) -> list[Supply]:
    """Of providers with a free tier or a trial that a key is missing for. Worked out once a session and day: it takes
    longer than the rest of the page, and only the catalogue or a key changes it."""
    lacking = [
        provider
        for provider in providers.values()
        if not (provider.simulated or provider.local) and gives_freely(provider) and _lacks_key(provider)
    ]
    cached_day, cached_of, cached = st.session_state.get(CACHE, (None, [], []))
    if cached_day == now.date() and cached_of == lacking:
        return list(cached)
    supplies = []
    for provider in lacking:
        names = names_of(provider)
        meters = {meter.id: meter for name in names for meter in meters_of(provider, name)}
        if supply := supply_of(provider.id, [window_of(meter, now) for meter in meters.values()], names):
            supplies.append(supply)
    st.session_state[CACHE] = (now.date(), lacking, supplies)
    return supplies


def _lacks_key(provider: Provider) -> bool:
    return session.standing(provider).state == "no_key"

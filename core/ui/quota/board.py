"""The self-updating part of the Quota page: the picture, alerts and the table, without a rerun of the page.

every 30 s      everything is read and drawn again
every second    an open card with a used window that ends within 100 s is drawn; it is read again when the window ends
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import streamlit as st

from ...records import Provider, Window
from ...store import StoreError
from .. import session
from ..base.time_zone import zone
from ..models.choices import models_of
from ..text import t, tn
from . import day, ledger, picture
from .free_today import Supply, supply_of
from .outlook import Outlook, outlook
from .rows import NEAR, alarms, card, looks_of, now_utc
from .table import OWN_DAY, table

SLOW_S = 30.0
QUICK_S = 1.0
ALARMS = 3  # lines; the table shows all
Looks = Mapping[str, Sequence[Outlook]]


class WindowsSnapshot:
    """The windows as read last, shared by all fragments of one page run."""

    def __init__(self) -> None:
        self.windows: list[Window] = []
        self.own_day: list[Window] = []
        self.away = False
        self.drawn = False
        self.read()

    def read(self) -> None:
        try:
            self.windows, self.own_day, self.away = ledger.windows(), ledger.day(), False
        except StoreError:
            self.away = True

    def looks(self, now: datetime) -> dict[str, list[Outlook]]:
        """The outlooks by provider; reads the windows again if one has ended."""
        if any(window.resets_at and window.resets_at <= now for window in self.windows):
            self.read()
        return looks_of(self.windows, now)


def board() -> tuple[Looks, Looks]:
    """Draw it. Returns the providers in it, and those left out: no key and never called."""
    snapshot, now = WindowsSnapshot(), now_utc()
    shown, folded = sorted_out(snapshot.looks(now))
    if shown or snapshot.own_day:
        _live(snapshot)
    else:
        _alerts(snapshot, shown, now)
    return shown, folded


def sorted_out(looks: Looks) -> tuple[Looks, Looks]:
    """Those with a key or in use, and the others."""
    keyring, providers, keys = session.engine().keyring, session.engine().catalog.providers, session.keys()
    shown = {
        name: outlooks
        for name, outlooks in looks.items()
        if keyring.find(providers[name], keys) or any(look.touched for look in outlooks)
    }
    return shown, {name: outlooks for name, outlooks in looks.items() if name not in shown}


def is_near(looks: Sequence[Outlook], now: datetime) -> bool:
    """Whether a used window ends so soon that seconds are shown."""
    resets = [look.window.resets_at for look in looks if look.moved]
    return any(end is not None and end - now <= NEAR for end in resets)


def names_of(provider: Provider) -> list[str]:
    """The models that its limits are counted over; [""] where none is known: its limits hold for any."""
    life = session.life(provider)
    return [model.name for model in models_of(provider, session.listed_models()) if life.is_offered(model)] or [""]


def speech_of(provider: Provider) -> frozenset[str]:
    """The models that write down what is said: their requests are not to be had for questions."""
    return frozenset(model.name for model in provider.speech)


def gives_freely(provider: Provider) -> bool:
    """Whether it has a free tier or a trial, as far as is known."""
    return provider.free is not False and provider.state != "retired"


def supplies_of(looks: Looks) -> dict[str, Supply]:
    """What each provider still gives; none where no limit says how much."""
    providers = session.engine().catalog.providers
    supplies = {
        name: supply_of(name, [look.window for look in outlooks], names_of(providers[name]), speech_of(providers[name]))
        for name, outlooks in looks.items()
    }
    return {name: supply for name, supply in supplies.items() if supply}


@st.fragment(run_every=SLOW_S)
def _live(snapshot: WindowsSnapshot) -> None:
    if snapshot.drawn:
        snapshot.read()
    snapshot.drawn, now = True, now_utc()
    looks = snapshot.looks(now)
    shown, _folded = sorted_out(looks)
    providers, supplies = session.engine().catalog.providers, supplies_of(shown)
    own_day = [outlook(window, now) for window in snapshot.own_day]
    free = [supply for name, supply in supplies.items() if gives_freely(providers[name])]
    picture.draw(free, [supply for look in own_day if (supply := supply_of(OWN_DAY, [look.window], [""]))])
    _alerts(snapshot, looks, now)

    def below(name: str) -> None:
        with st.container(key="quota-card"):
            if name == OWN_DAY:
                day.card(now, zone())
            elif is_near(shown[name], now):
                _quick(snapshot, name)
            else:
                with st.container():  # as a fragment has, so that the element tree stays the same
                    card(providers[name], shown[name], now, zone())

    with st.container(key="quota-table"):
        table(shown, supplies, own_day, now, zone(), below=below)


@st.fragment(run_every=QUICK_S)
def _quick(snapshot: WindowsSnapshot, name: str) -> None:
    now = now_utc()
    card(session.engine().catalog.providers[name], snapshot.looks(now).get(name, []), now, zone())


def _alerts(snapshot: WindowsSnapshot, looks: Looks, now: datetime) -> None:
    if snapshot.away:
        st.caption(t("The remaining quota cannot be loaded right now."))
    if lines := alarms(looks, now, zone()):
        more = len(lines) - ALARMS
        if more > 0:
            lines = [*lines[:ALARMS], f":small[{tn('{number} more in the table', '{number} more in the table', more)}]"]
        with st.container(key="quota-alarms"):
            st.warning("\n".join(f"- {line}" for line in lines), icon=":material/warning:")

"""The self-updating part of the Quota page: alerts and rows, without a rerun of the page.

every 30 s      everything is read and drawn again
every second    a card with a used window that ends within 100 s is drawn; it is read again when the window ends
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import streamlit as st

from ...records import Window
from ...store import StoreError
from .. import session
from ..base.time_zone import zone
from ..models.names import label
from ..text import t
from . import ledger
from .outlook import Outlook
from .rows import alarms, card, looks_of, now_utc

SLOW_S = 30.0
QUICK_S = 1.0
NEAR = timedelta(seconds=100)  # within this time seconds are shown
Looks = Mapping[str, Sequence[Outlook]]


class WindowsSnapshot:
    """The windows as read last, shared by all fragments of one page run."""

    def __init__(self) -> None:
        self.windows: list[Window] = []
        self.away = False
        self.drawn = False
        self.read()

    def read(self) -> None:
        try:
            self.windows, self.away = ledger.windows(), False
        except StoreError:
            self.away = True

    def looks(self, now: datetime) -> dict[str, list[Outlook]]:
        """The outlooks by provider; reads the windows again if one has ended."""
        if any(window.resets_at and window.resets_at <= now for window in self.windows):
            self.read()
        return looks_of(self.windows, now)


def board() -> tuple[Looks, Looks]:
    """Draw alerts and rows. Returns what is shown, and the providers left out: no key and never called."""
    snapshot, now = WindowsSnapshot(), now_utc()
    shown, folded = sorted_out(snapshot.looks(now))
    if shown:
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


@st.fragment(run_every=SLOW_S)
def _live(snapshot: WindowsSnapshot) -> None:
    if snapshot.drawn:
        snapshot.read()
    snapshot.drawn, now = True, now_utc()
    looks = snapshot.looks(now)
    _alerts(snapshot, looks, now)
    for name, outlooks in _chosen(sorted_out(looks)[0]).items():
        if is_near(outlooks, now):
            _quick(snapshot, name)
        else:
            with st.container():  # as a fragment has, so that the element tree stays the same
                card(session.engine().catalog.providers[name], outlooks, now, zone())


@st.fragment(run_every=QUICK_S)
def _quick(snapshot: WindowsSnapshot, name: str) -> None:
    now = now_utc()
    card(session.engine().catalog.providers[name], snapshot.looks(now).get(name, []), now, zone())


def _alerts(snapshot: WindowsSnapshot, looks: Looks, now: datetime) -> None:
    if snapshot.away:
        st.caption(t("The remaining quota cannot be loaded right now."))
    if lines := alarms(looks, now, zone()):
        with st.container(key="quota-alarms"):
            st.warning("\n".join(f"- {line}" for line in lines), icon=":material/warning:")


def _chosen(shown: Looks) -> Looks:
    """The providers chosen in the filter; all if none is."""
    if len(shown) < 2:
        return shown
    providers = session.engine().catalog.providers
    chosen = st.pills(
        t("Filter"),
        list(shown),
        selection_mode="multi",
        format_func=lambda name: label(providers[name]),
        key="quota-filter",
        label_visibility="collapsed",
    )
    return {name: outlooks for name, outlooks in shown.items() if not chosen or name in chosen}

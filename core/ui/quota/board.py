"""The part of the Quota page that keeps itself up to date: alerts and rows, without a run of the whole page.

    every 30 s      all of it is read and drawn again: hours and minutes count down, and other tabs' calls show
    every second    a card with a window in use that ends within 100 s is drawn; read again at the moment it has ended

Nothing is asked again where nothing is shown that could end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import streamlit as st

from ...records import Window
from ...store import StoreError
from .. import session
from ..base.time_zone import zone
from ..models.called import label
from ..text import t
from . import left
from .outlook import Outlook
from .rows import alarms, card, looks_of, now_utc

SLOW_S = 30.0
QUICK_S = 1.0
NEAR = timedelta(seconds=100)  # up to here seconds are shown
Looks = Mapping[str, Sequence[Outlook]]


class WindowsSnapshot:
    """The windows as they were read last. One for a run of the page, which all its redrawings share."""

    def __init__(self) -> None:
        self.windows: list[Window] = []
        self.away = False
        self.drawn = False
        self.read()

    def read(self) -> None:
        try:
            self.windows, self.away = left.windows(), False
        except StoreError:
            self.away = True

    def looks(self, now: datetime) -> dict[str, list[Outlook]]:
        """By provider; read again where a window has ended since."""
        if any(window.resets_at and window.resets_at <= now for window in self.windows):
            self.read()
        return looks_of(self.windows, now)


def board() -> tuple[Looks, Looks]:
    """Draw alerts and rows; what is shown, and what is not because it has no key and nobody called it."""
    held, now = WindowsSnapshot(), now_utc()
    shown, folded = sorted_out(held.looks(now))
    if shown:
        _live(held)
    else:
        _alerts(held, shown, now)
    return shown, folded


def sorted_out(looks: Looks) -> tuple[Looks, Looks]:
    """Those with a key or in use, and the others."""
    keyring, providers, keys = session.engine().keyring, session.engine().catalog.providers, session.keys()
    shown = {
        name: mine
        for name, mine in looks.items()
        if keyring.find(providers[name], keys) or any(look.touched for look in mine)
    }
    return shown, {name: mine for name, mine in looks.items() if name not in shown}


def is_near(looks: Sequence[Outlook], now: datetime) -> bool:
    """Whether a window that is in use ends so soon that its seconds are shown."""
    ends = [look.window.resets_at for look in looks if look.moved]
    return any(end is not None and end - now <= NEAR for end in ends)


@st.fragment(run_every=SLOW_S)
def _live(held: WindowsSnapshot) -> None:
    if held.drawn:
        held.read()
    held.drawn, now = True, now_utc()
    looks = held.looks(now)
    _alerts(held, looks, now)
    for name, mine in _chosen(sorted_out(looks)[0]).items():
        if is_near(mine, now):
            _quick(held, name)
        else:
            with st.container():  # a fragment has one too: what is drawn keeps its place
                card(session.engine().catalog.providers[name], mine, now, zone())


@st.fragment(run_every=QUICK_S)
def _quick(held: WindowsSnapshot, name: str) -> None:
    now = now_utc()
    card(session.engine().catalog.providers[name], held.looks(now).get(name, []), now, zone())


def _alerts(held: WindowsSnapshot, looks: Looks, now: datetime) -> None:
    if held.away:
        st.caption(t("The remaining quota cannot be loaded right now."))
    if lines := alarms(looks, now, zone()):
        with st.container(key="quota-alarms"):
            st.warning("\n".join(f"- {line}" for line in lines), icon=":material/warning:")


def _chosen(shown: Looks) -> Looks:
    """Those of the filter; all while nothing is chosen."""
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
    return {name: mine for name, mine in shown.items() if not chosen or name in chosen}

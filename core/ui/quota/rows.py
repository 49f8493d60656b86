"""The card of a provider: a row for each pool and window; unused ones are collapsed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from fnmatch import fnmatchcase
from hashlib import sha256
from itertools import groupby

import streamlit as st

from ...records import Provider, Window
from .. import session
from ..base.expander import expander
from ..base.flash import flash
from ..models.marks import mark
from ..models.names import named
from ..text import noted, plain, t
from . import ledger, words
from .gauge import gauge
from .outlook import LONG, Outlook, alert_badge, outlook, pace

PERS = ("at_once", "second", "minute", "hour", "day", "month", "once")
SHOWN_UNTOUCHED = 4
NEAR = timedelta(seconds=100)  # within this time a card shows seconds
Looks = Sequence[Outlook]


def looks_of(windows: Sequence[Window], now: datetime) -> dict[str, list[Outlook]]:
    """Outlooks by provider in catalogue order, those in use first; per provider by pool, short windows first."""
    by_provider: dict[str, list[Outlook]] = {}
    for name in session.engine().catalog.providers:
        outlooks = [outlook(window, now) for window in windows if window.provider_id == name]
        if outlooks:
            by_provider[name] = sorted(outlooks, key=_order)
    return dict(sorted(by_provider.items(), key=lambda item: not any(look.touched for look in item[1])))


def _order(look: Outlook) -> tuple[bool, str, str, int, str]:
    window = look.window
    return (not look.touched, window.key_hash, window.scope, PERS.index(window.per), window.unit)


def alarms(looks: Mapping[str, Looks], now: datetime, zone: tzinfo | None) -> list[str]:
    """A line for each long window that is used up, low, or will be used up before its reset."""
    providers = session.engine().catalog.providers
    lines = []
    for name, outlooks in looks.items():
        for look in outlooks:
            if look.alerts and look.window.per in LONG:
                pace_text = pace(look, now, zone)
                prediction = pace_text if "pace" in look.alerts else words.reset(look.window, now, zone)
                label = f"**{named(providers[name])}** · {words.scope(look.window)} · {words.title(look.window)}"
                lines.append(f":small[{label}{t(': ')}{words.figure(look.window)}{t('; ')}{prediction}]")
    return lines


def shares_notice() -> None:
    """What a share is, where the server's keys are shared out."""
    if session.engine().settings.fair_shares:
        st.caption(
            t(
                "The server's keys are shared: a part of every limit is kept for each person. What others do not use "
                "is lent to you as the reset nears. Keys that you pasted are yours alone."
            )
        )


def card(provider: Provider, looks: Looks, now: datetime, zone: tzinfo | None) -> None:
    """The provider's rows; unused ones beyond the first few are in an expander."""
    shown = [look for look in looks if look.touched]
    if not shown:
        shown = list(looks[:SHOWN_UNTOUCHED])
    rest = [look for look in looks if look not in shown]
    with st.container(border=True, key=f"quota-{provider.id}", gap="small"):
        dot = mark(provider.id, session.engine().catalog.providers)
        st.markdown(f"{dot} **{named(provider)}** :gray[:small[{_key_words(provider)}]]")
        _groups(provider, shown, now, zone)
        if rest:
            box = expander(t("{number} more, not used yet", number=len(rest)), key=f"more-{provider.id}")
            if box.open:
                with box:
                    _groups(provider, rest, now, zone)


def _key_words(provider: Provider) -> str:
    key = session.engine().keyring.find(provider, session.keys())
    if key is None:
        return t("no key: counted for this IP address")
    if key.name is None:
        return t("pasted key")
    return t("key from {name}", name=plain(key.name))


def _groups(provider: Provider, looks: Looks, now: datetime, zone: tzinfo | None) -> None:
    for scope, group in groupby(looks, key=lambda look: words.scope(look.window)):
        st.markdown(f":small[{scope}]")
        for look in group:
            _row(provider, look, now, zone)


def _row(provider: Provider, look: Outlook, now: datetime, zone: tzinfo | None) -> None:
    window = look.window
    name = sha256(window.id.encode()).hexdigest()[:12]
    with st.container(key=f"pool-{name}", gap=None):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            badges = " ".join(map(alert_badge, look.alerts))
            st.markdown(f":small[{words.title(window)}] {badges}", width="stretch")
            st.markdown(f"**{words.figure(window)}**", width="content")
        st.html(gauge(look))  # contains numbers only
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"about-{name}"):
            st.caption(_about(provider, look, now, zone), width="stretch")
            if window.source != "documented":
                st.button(
                    t("Reset this count"),
                    key=f"wrong-{name}",
                    type="tertiary",
                    help=t("Discards the number reported by the provider; the app's own count stays"),
                    on_click=_reset_count,
                    args=(window.id,),
                )


def _about(provider: Provider, look: Outlook, now: datetime, zone: tzinfo | None) -> str:
    window = look.window
    reserved = ""
    if window.reserved:
        reserved = t("{number} reserved by calls in progress", number=words.number(window.unit, window.reserved))
    hide_reset = window.per == "second" or (window.per == "minute" and not look.moved)
    parts = [
        _share(window),
        pace(look, now, zone),
        "" if hide_reset or "pace" in look.alerts else words.reset(window, now, zone),
        reserved,
        words.source(window, named(provider), now, checked(provider, window)),
        plain(noted(window.note)),
    ]
    return " · ".join(filter(None, parts))


def _share(window: Window) -> str:
    """The reader's fair share, "" where keys are not shared out."""
    if window.share is None:
        return ""
    size, used, available = (
        words.number(window.unit, amount) for amount in (window.share.size, window.share.taken, window.share.available)
    )
    return t("your share: {size}, {taken} used, {available} available to you now",
             size=size, taken=used, available=available)  # fmt: skip


def checked(provider: Provider, window: Window) -> str:
    """The day on which the catalogue's size was checked."""
    for limit in provider.limits:
        covers = fnmatchcase(window.scope, limit.models[0]) if len(limit.models) == 1 else window.scope in limit.models
        fits = covers or ",".join(limit.models) == window.scope
        if fits and (limit.pool, limit.unit, limit.per) == (window.pool, window.unit, window.per) and limit.checked:
            return str(limit.checked)
    return ""


def _reset_count(window_id: str) -> None:
    if ledger.forget(window_id):
        flash(t("Done. Until the provider reports a new number, the app's own count and the documented limit apply."))
    else:
        flash(t("There is nothing to reset."))
    st.rerun()  # the whole page: the message is above this fragment


def now_utc() -> datetime:
    return datetime.now(UTC)

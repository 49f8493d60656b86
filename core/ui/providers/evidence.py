"""How a fact is known, in words: seen or read where and when, how far it is believed, and who says otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime

import streamlit as st

from ...providers.evidence import Fact, Witness, facts_of, of_limit
from ...records import Limit, Provider, Window
from ...store import StoreError
from .. import app_state
from ..models import facts
from ..quota import left
from ..text import ago, noted, plain, t, tn

# Every text goes through `t` as a literal, so that the test of the translations finds it.
HOW: dict[str, Callable[[str], str]] = {
    "seen": lambda ago: t("seen in headers {ago}", ago=ago),
    "listing": lambda ago: t("listed by the provider {ago}", ago=ago),
    "official": lambda ago: t("documented by the provider {ago}", ago=ago),
    "list": lambda ago: t("documented elsewhere {ago}", ago=ago),
    "report": lambda ago: t("reported by users {ago}", ago=ago),
}
SURENESS: dict[str, Callable[[], str]] = {
    "sure": lambda: t("certain"),
    "likely": lambda: t("likely"),
    "doubtful": lambda: t("uncertain"),
}
WHAT: dict[str, Callable[[], str]] = {
    "added": lambda: t("terms"),
    "base_url": lambda: t("address"),
    "card": lambda: t("card"),
    "default": lambda: t("first choice"),
    "docs": lambda: t("documentation"),
    "ends_on": lambda: t("ends"),
    "free": lambda: t("free"),
    "key_url": lambda: t("where keys are made"),
    "limits": lambda: t("limits"),
    "listed": lambda: t("models"),
    "price": lambda: t("price"),
    "real_name": lambda: t("real-name check"),
    "successor": lambda: t("successor"),
    "trial": lambda: t("trial credit"),
}


def known(witness: Witness, now: datetime) -> str:
    """ "documented elsewhere 6 weeks ago, likely"."""
    return t(
        "{how}, {sureness}", how=HOW[witness.kind](ago(witness.at, now)), sureness=SURENESS[witness.sureness(now)]()
    )


def limit_teller(provider: Provider) -> Callable[[Limit], str]:
    """How each limit of a provider is known: what its headers said before what was read of it."""
    windows, now = _seen(provider), datetime.now(UTC)

    def tell(limit: Limit) -> str:
        for window in windows:
            if (window.unit, window.per) == (limit.unit, limit.per) and _covers(limit, window) and window.seen_at:
                size = "" if window.limit is None or window.limit == limit.amount else _size(limit, window)
                return size + known(Witness("", provider.label, window.seen_at, "seen"), now)
        witness = of_limit(limit, provider, facts.amount(limit))
        return f"{known(witness, now)} ({plain(witness.source)})" if witness else plain(limit.source)

    return tell


def _seen(provider: Provider) -> Sequence[Window]:
    """The windows that the provider itself has spoken of; none before the database is open."""
    if not app_state.get().is_open:
        return ()
    with suppress(StoreError):
        return [one for one in left.windows() if one.provider_id == provider.id and one.source == "header"]
    return ()


def _covers(limit: Limit, window: Window) -> bool:
    return "*" in limit.models or window.scope in (*limit.models, "*", ",".join(limit.models))


def _size(limit: Limit, window: Window) -> str:
    """What the header says, where that is another number than the documented one."""
    seen = Limit(limit.pool, limit.unit, limit.per, window.limit)
    return f"**{facts.amount(seen)}** "


def facts_known(provider: Provider) -> None:
    """Behind a button: every fact with its witnesses, disputed ones first."""
    found = facts_of(provider)
    if not found:
        return
    disputed = sum(fact.is_disputed for fact in found)
    label = t("Sources")
    if disputed:
        label += f" :orange[{tn('{number} disputed', '{number} disputed', disputed)}]"
    with st.popover(label, icon=":material/fact_check:", key=f"evidence-{provider.id}"):
        for fact in sorted(found, key=lambda fact: not fact.is_disputed):
            st.markdown("  \n".join(_lines(fact, datetime.now(UTC))))


def _lines(fact: Fact, now: datetime) -> Iterator[str]:
    best = fact.best(now)
    about = fact.subject.partition("/")[2]
    yield f"**{' · '.join(filter(None, (plain(about), WHAT[fact.topic]())))}**"
    for witness in sorted(fact.witnesses, key=lambda witness: (witness is not best, -witness.belief(now))):
        mark = "" if best.says.startswith(witness.says) else f":orange[{t('other sources say')}] "
        yield f"{mark}{plain(noted(witness.says))} :small[:gray[{known(witness, now)} · {plain(witness.source)}]]"

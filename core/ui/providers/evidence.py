"""The evidence for facts about providers, in words: source, age, certainty, and contradicting sources."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import streamlit as st

from ...providers.evidence import Fact, Witness, facts_of, of_limit
from ...records import Limit, Provider, Window
from ...store import StoreError
from .. import app_state, session
from ..models import facts
from ..quota import ledger
from ..text import ago, noted, plain, t, tn

# Each text is a literal argument of `t`, so that it is found for translation.
HOW: dict[str, Callable[[str], str]] = {
    "seen": lambda ago: t("seen in headers {ago}", ago=ago),
    "listing": lambda ago: t("listed by the provider {ago}", ago=ago),
    "official": lambda ago: t("documented by the provider {ago}", ago=ago),
    "list": lambda ago: t("documented elsewhere {ago}", ago=ago),
    "report": lambda ago: t("reported by users {ago}", ago=ago),
    "undocumented": lambda ago: t("no source stored, noted {ago}", ago=ago),
}
SURENESS: dict[str, Callable[[], str]] = {
    "sure": lambda: t("certain"),
    "likely": lambda: t("likely"),
    "doubtful": lambda: t("uncertain"),
}
SUBJECTS: dict[str, Callable[[], str]] = {
    "added": lambda: t("terms"),
    "base_url": lambda: t("address"),
    "card": lambda: t("card"),
    "default": lambda: t("first choice"),
    "docs": lambda: t("documentation"),
    "efforts": lambda: t("reasoning effort"),
    "ends_on": lambda: t("ends"),
    "free": lambda: t("free"),
    "key_url": lambda: t("where keys are made"),
    "limits": lambda: t("limits"),
    "listed": lambda: t("models"),
    "phone": lambda: t("phone number"),
    "max_output": lambda: t("longest answer"),
    "price": lambda: t("price"),
    "real_name": lambda: t("real-name check"),
    "region": lambda: t("region"),
    "successor": lambda: t("successor"),
    "trains": lambda: t("training on content"),
    "trial": lambda: t("trial credit"),
    "window": lambda: t("context"),
}


def how_known(witness: Witness, now: datetime) -> str:
    """Such as "documented elsewhere 6 weeks ago, likely"."""
    return t(
        "{how}, {sureness}", how=HOW[witness.kind](ago(witness.at, now)), sureness=SURENESS[witness.sureness(now)]()
    )


def limit_teller(provider: Provider) -> Callable[[Limit], str]:
    """A function that says how a limit is known: from the provider's headers, else from documents."""
    windows, now = _seen(provider), datetime.now(UTC)

    def tell(limit: Limit) -> str:
        for window in windows:
            if (window.unit, window.per) == (limit.unit, limit.per) and _covers(limit, window) and window.seen_at:
                size = "" if window.limit is None or window.limit == limit.amount else _size(limit, window)
                return size + how_known(Witness("", provider.label, window.seen_at, "seen"), now)
        witness = of_limit(limit, provider, facts.amount(limit))
        return f"{how_known(witness, now)} ({plain(witness.source)})" if witness else plain(limit.source)

    return tell


def _seen(provider: Provider) -> Sequence[Window]:
    """The windows reported in the provider's headers; none before the database is open."""
    if not app_state.get().is_open:
        return ()
    with suppress(StoreError):
        return [
            window for window in ledger.windows() if window.provider_id == provider.id and window.source == "header"
        ]
    return ()


def _covers(limit: Limit, window: Window) -> bool:
    return "*" in limit.models or window.scope in (*limit.models, "*", ",".join(limit.models))


def _size(limit: Limit, window: Window) -> str:
    """The size given by the header, which differs from the documented one."""
    measured = Limit(limit.pool, limit.unit, limit.per, window.limit)
    return f"**{facts.amount(measured)}** "


def facts_known(provider: Provider) -> None:
    """A popover with all facts and their sources, disputed ones first."""
    evidence = _with_ends_heard(provider, facts_of(provider))
    if not evidence:
        return
    disputed = sum(fact.is_disputed for fact in evidence)
    label = t("Sources")
    if disputed:
        label += f" :orange[{tn('{number} disputed', '{number} disputed', disputed)}]"
    with st.popover(label, icon=":material/fact_check:", key=f"evidence-{provider.id}"):
        for fact in sorted(evidence, key=lambda fact: not fact.is_disputed):
            st.markdown("  \n".join(_lines(fact, datetime.now(UTC))))


def _with_ends_heard(provider: Provider, documented: Sequence[Fact]) -> list[Fact]:
    """The facts, with the ends that headers of this provider's replies told."""
    life = session.life(provider)
    heard = {
        model.id: Witness(str(notice.ends_on), notice.about_url or provider.label, notice.at, "seen")
        for model in provider.models
        if (notice := life.end_notice(model)) and notice.ends_on
    }
    updated = [
        replace(fact, witnesses=(heard.pop(fact.subject), *fact.witnesses))
        if fact.topic == "ends_on" and fact.subject in heard
        else fact
        for fact in documented
    ]
    return [*updated, *(Fact(subject, "ends_on", (witness,)) for subject, witness in heard.items())]


def _lines(fact: Fact, now: datetime) -> Iterator[str]:
    best = fact.best(now)
    about = fact.subject.partition("/")[2] or ", ".join(fact.models)
    yield f"**{' · '.join(filter(None, (plain(about), SUBJECTS[fact.topic]())))}**"
    for witness in sorted(fact.witnesses, key=lambda witness: (witness is not best, -witness.belief(now))):
        mark = "" if best.says.startswith(witness.says) else f":orange[{t('other sources say')}] "
        yield f"{mark}{plain(noted(witness.says))} :small[:gray[{how_known(witness, now)} · {plain(witness.source)}]]"

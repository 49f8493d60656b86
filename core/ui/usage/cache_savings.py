"""Savings from the cache by period: requests, tokens, money and time, as far as known."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo

import streamlit as st

from ...store import StoreError
from ...views.usage import CacheSavings
from .. import session
from ..quota import ledger, words
from ..text import count, seconds, t

UNKNOWN = "—"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def savings_section(now: datetime, zone: tzinfo | None) -> None:
    """A table of four periods in an expander."""
    box = st.expander(t("What the cache saved"), icon=":material/savings:", key="saved", on_change="rerun")
    if not box.open:
        return
    with box:
        names = periods(now, zone)
        try:
            sums, simulated = ledger.cache_savings(list(names.values()))
        except StoreError:
            st.caption(t("This cannot be read now."))
            return
        if not sums[-1].requests:
            st.caption(_nothing_yet())
            return
        st.markdown(table(list(names), sums))
        if simulated:
            st.caption(t("Simulated answers only: no provider was spared anything."))
        st.caption(
            t(
                "Your questions that were answered from the cache, and what their answers took when they were made. "
                "{unknown}: not known; {more}: not known of all of them.",
                unknown=UNKNOWN,
                more="≥",
            )
        )


def _nothing_yet() -> str:
    mode = session.engine().settings.cache
    if mode == "off":
        return t("The cache is switched off in this installation.")
    if mode == "faq":
        return t("Here stands what was saved, once a question of the list for everybody is asked again.")
    return t(
        "Here stands what was saved, once the same question is asked again. Switch it on in a chat: "
        "Settings, “Give a kept answer to the same question again”."
    )


def periods(now: datetime, zone: tzinfo | None) -> dict[str, datetime]:
    """The periods' names and beginnings; days begin at the reader's midnight."""
    today = datetime.combine(now.astimezone(zone or UTC).date(), time(), tzinfo=zone or UTC).astimezone(UTC)
    return {
        t("today"): today,
        t("7 days"): today - timedelta(days=6),
        t("30 days"): today - timedelta(days=29),
        t("in all"): EPOCH,
    }


def table(names: list[str], sums: list[CacheSavings]) -> str:
    """A Markdown table; a sum that does not cover all answers is marked."""
    head = f"| | {t('Requests')} | {t('Tokens')} | {t('Money')} | {t('Time')} |\n|---|---:|---:|---:|---:|"
    return "\n".join([head, *(_line(name, savings) for name, savings in zip(names, sums, strict=True))])


def _line(name: str, savings: CacheSavings) -> str:
    cells = [
        f"{savings.requests:,}",
        _partly_known(None if savings.tokens is None else count(savings.tokens), savings.counted, savings.requests),
        _partly_known(
            None if savings.cost_usd is None else words.number("usd", savings.cost_usd),
            savings.priced,
            savings.requests,
        ),
        _partly_known(None if savings.ms is None else seconds(savings.ms), savings.timed, savings.requests),
    ]
    return f"| {name} | " + " | ".join(cells) + " |"


def _partly_known(value: str | None, known_count: int, total: int) -> str:
    if value is None:
        return UNKNOWN
    return value if known_count == total else f"≥ {value}"

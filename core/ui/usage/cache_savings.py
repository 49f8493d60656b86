"""Savings from the cache by period: requests, tokens, money and time, as far as known."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo

import streamlit as st

from ...store import StoreError
from ...views.usage import CacheSavings
from .. import session
from ..quota import ledger, words
from ..text import count, seconds, t, whole

UNKNOWN = "—"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def savings_section(now: datetime, zone: tzinfo | None) -> None:
    """A table of four periods in an expander."""
    box = st.expander(t("Saved by the cache"), icon=":material/savings:", key="saved", on_change="rerun")
    if not box.open:
        return
    with box:
        names = periods(now, zone)
        try:
            sums, simulated = ledger.cache_savings(list(names.values()))
        except StoreError:
            st.caption(t("This cannot be loaded right now."))
            return
        if not sums[-1].requests:
            st.caption(_nothing_yet())
            return
        st.markdown(table(list(names), sums))
        if simulated:
            st.caption(t("Simulated answers only: no quota was saved."))
        st.caption(
            t(
                "Your questions answered from the cache, and what their answers cost originally. {unknown}: "
                "unknown; {more}: unknown for some.",
                unknown=UNKNOWN,
                more="≥",
            )
        )


def _nothing_yet() -> str:
    mode = session.engine().settings.cache
    if mode == "off":
        return t("The cache is turned off on this server.")
    if mode == "faq":
        return t("Savings from cached answers appear here once a question from the FAQ is asked again.")
    return t(
        "Savings from cached answers appear here. To use them, turn on “Reuse cached answers” in the settings of "
        "a chat."
    )


def periods(now: datetime, zone: tzinfo | None) -> dict[str, datetime]:
    """The periods' names and beginnings; days begin at the reader's midnight."""
    today = datetime.combine(now.astimezone(zone or UTC).date(), time(), tzinfo=zone or UTC).astimezone(UTC)
    return {
        t("today"): today,
        t("7 days"): today - timedelta(days=6),
        t("30 days"): today - timedelta(days=29),
        t("in total"): EPOCH,
    }


def table(names: list[str], sums: list[CacheSavings]) -> str:
    """A Markdown table; a sum that does not cover all answers is marked."""
    head = f"| | {t('Requests')} | {t('Tokens')} | {t('Cost')} | {t('Time')} |\n|---|---:|---:|---:|---:|"
    return "\n".join([head, *(_line(name, savings) for name, savings in zip(names, sums, strict=True))])


def _line(name: str, savings: CacheSavings) -> str:
    cells = [
        whole(savings.requests),
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

"""What the page is asked to show: range, provider, size, with or without the odd answers; one line of widgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import streamlit as st

from ...store.latency import buckets
from ...views.latency import Series
from .. import session
from ..models.called import label
from ..models.marks import who
from ..text import t

if TYPE_CHECKING:
    from ...store.latency.read import Measurements

HOURS = {"24h": 24, "7d": 7 * 24, "30d": 30 * 24, "all": None}
USUAL = "7d"


@dataclass(frozen=True)
class SeriesSelection:
    """`kept` is drawn, `left_out` would be with the switch off; `since` is an hour since 1970, None for all time.
    `times` are to be asked for what is drawn."""

    kept: tuple[Series, ...]
    left_out: tuple[Series, ...]
    since: int | None
    now: datetime
    range: str
    clean: bool
    times: Measurements

    @property
    def everything(self) -> tuple[Series, ...]:
        return (*self.kept, *self.left_out)

    def of(self, model_id: str) -> list[Series]:
        return [one for one in self.kept if one.model_id == model_id]


def measurements() -> Measurements:
    """Of this visitor. Opens the database."""
    return session.person().measurements


def known() -> list[Series]:
    """Who was ever measured for this visitor. Opens the database; StoreError while it is away."""
    return measurements().series_of()


def choose(measured: Sequence[Series]) -> SeriesSelection:
    """Draw the line of filters; what they leave of `measured`."""
    providers = session.engine().catalog.providers
    with st.container(key="latency-filters", horizontal=True, vertical_alignment="center", gap="small"):
        span = _range()
        provider = st.selectbox(
            t("Provider"),
            list(dict.fromkeys(one.provider_id for one in measured)),
            index=None,
            format_func=lambda name: label(providers[name]) if name in providers else name,
            placeholder=t("All providers"),
            key="latency-provider",
            label_visibility="collapsed",
            width=170,
        )
        size = st.selectbox(
            t("Size"),
            ["small", "big"],
            index=None,
            format_func=lambda name: t("Small models") if name == "small" else t("Big models"),
            placeholder=t("All sizes"),
            key="latency-size",
            label_visibility="collapsed",
            width=150,
        )
        clean = st.toggle(
            t("Hide retries and cached answers"),
            value=True,
            key="latency-clean",
            help=t(
                "Leaves out answers that were retried, came from a fallback model or the cache, or were not "
                "streamed, and the first call to each host."
            ),
        )
    mine = [
        one
        for one in measured
        if (provider is None or one.provider_id == provider)
        and (size is None or who(one.model_id, providers).model.size == size)
    ]
    return _choice(mine, span, clean)


def _range() -> str:
    words = {"24h": t("24 h"), "7d": t("7 days"), "30d": t("30 days"), "all": t("All")}
    return str(
        st.segmented_control(
            t("Range"),
            list(words),
            default=USUAL,
            required=True,
            format_func=words.__getitem__,
            key="latency-range",
            label_visibility="collapsed",
        )
    )


def _choice(mine: Sequence[Series], span: str, clean: bool) -> SeriesSelection:
    now, hours = datetime.now(UTC), HOURS[span]
    since = None if hours is None else buckets.since(now, hours)
    odd = [one for one in mine if clean and one.marks & buckets.ODD]
    return SeriesSelection(
        tuple(one for one in mine if one not in odd), tuple(odd), since, now, span, clean, measurements()
    )

"""The filters of the page: range, provider, size, and whether retries and cached answers are hidden."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from datetime import time as clock_time
from typing import TYPE_CHECKING

import streamlit as st

from ...store.latency import buckets
from ...views.latency import Series
from .. import session
from ..base.segments import segments
from ..base.time_zone import zone
from ..models.marks import speaker_of
from ..models.names import label
from ..text import t
from . import efforts

if TYPE_CHECKING:
    from ...store.latency.read import Measurements

TODAY = "today"
HOURS = {"24h": 24, "7d": 7 * 24, "30d": 30 * 24, "all": None}


@dataclass(frozen=True)
class SeriesSelection:
    """`kept` is drawn, `left_out` is hidden by the switch; `since` is in hours since 1970, None for all time.
    `times` reads the values."""

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
        return [series for series in self.kept if series.name == model_id]


def measurements() -> Measurements:
    """Of this visitor, or of the nightly probe where that is switched on. Opens the database."""
    person = session.person()
    return person.nightly_measurements if st.session_state.get("latency-nightly") else person.measurements


def measured_series() -> list[Series]:
    """All series measured for this visitor. Opens the database; StoreError while it is unavailable."""
    return measurements().series_of()


def of_kind(measured: Sequence[Series]) -> list[Series]:
    """The series of real models or of simulated ones, never of both; where there are both, draw the switch."""
    simulated = [series for series in measured if series.flags & buckets.AnswerFlag.SIMULATED]
    real = [series for series in measured if series not in simulated]
    if not (simulated and real):
        return list(measured)
    labels = {"real": t("Real models"), "simulated": t("Simulated")}
    return simulated if segments(t("Models"), labels, "latency-kind", "real") == "simulated" else real


def choose(measured: Sequence[Series]) -> SeriesSelection:
    """Draw the filters and apply them to `measured`."""
    providers = session.engine().catalog.providers
    with st.container(key="latency-filters", horizontal=True, vertical_alignment="center", gap="small"):
        span = _range()
        measured = of_kind(measured)
        provider = st.selectbox(
            t("Provider"),
            list(dict.fromkeys(series.provider_id for series in measured)),
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
        hide_disturbed = st.toggle(
            t("Hide retries and cached answers"),
            value=True,
            key="latency-clean",
            help=t(
                "Leaves out answers that were retried, came from a fallback model or the cache, were not streamed, or "
                "called tools, and the first call to each host. An answer that called tools is a line of its own: its "
                "first token is that of its first request; until the text begins and ends, all its requests and the "
                "tools count; it has no speed."
            ),
        )
        told_apart = efforts.switch(measured)
    selected = [
        replace(series, apart=efforts.apart(series.flags, with_effort=told_apart))
        for series in measured
        if (provider is None or series.provider_id == provider)
        and (size is None or speaker_of(series.model_id, providers).model.size == size)
    ]
    return _choice(selected, span, hide_disturbed)


def _range() -> str:
    words = {TODAY: t("Today"), "24h": t("24 h"), "7d": t("7 days"), "30d": t("30 days"), "all": t("All")}
    return segments(t("Range"), words, "latency-range", TODAY)


def _choice(selected: Sequence[Series], span: str, clean: bool) -> SeriesSelection:
    now = datetime.now(UTC)
    since = first_hour(span, now)
    left_out = [series for series in selected if clean and series.flags & buckets.ODD]
    return SeriesSelection(
        tuple(series for series in selected if series not in left_out),
        tuple(left_out),
        since,
        now,
        span,
        clean,
        measurements(),
    )


def first_hour(span: str, now: datetime) -> int | None:
    """Where a range begins, in hours since 1970; today with the hour of the reader's midnight. None: all time."""
    if span == TODAY:
        midnight = datetime.combine(now.astimezone(zone()).date(), clock_time.min, zone()).astimezone(UTC)
        return int(midnight.timestamp()) // 3600
    hours = HOURS[span]
    return None if hours is None else buckets.since(now, hours)


def widen() -> None:
    """A longer range. For callbacks."""
    longer = {TODAY: "7d", "24h": "7d", "7d": "30d"}
    st.session_state["latency-range"] = longer.get(st.session_state.get("latency-range", TODAY), "all")

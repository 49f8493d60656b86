"""Measure now: a form with models, number and price; then a progress bar with Stop that survives a reload."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import streamlit as st

from ...records import Message
from ...store import StoreError
from .. import session
from ..base.flash import store_errors_shown
from ..base.progress_row import progress_row
from ..base.time_zone import zone
from ..failures.kinds import outcome
from ..models.choices import all_options
from ..models.marks import speaker_of
from ..quota import price_line
from ..quota.whatif import line_up
from ..text import clock, plain, sentences, t, tn, wait

if TYPE_CHECKING:
    from ...workspace.probe import Probe, ProbeLane

MOST_MODELS, MOST_TIMES, USUAL_TIMES = 8, 30, 5
TICK_S, CHARTS_S = 0.7, 4.0
NEWS = timedelta(minutes=10)
PROMPT = "Explain in about 120 words why the sky is blue."


def status() -> None:
    """The running probe, or the result of the last one."""
    probe = _current()
    if probe and not probe.ended:
        _running()
    elif probe and st.session_state.get("probe-told") != probe.id and _is_fresh(probe):
        _result(probe)


def form() -> None:
    """What starts a new one, while none is running."""
    probe = _current()
    if probe and not probe.ended:
        return
    box = st.expander(t("Measure now"), icon=":material/timer_play:", key="probe", on_change="rerun")
    if box.open:
        with box:
            _form()


def _is_fresh(probe: Probe) -> bool:
    """Whether the probe ended recently enough for its result to be shown."""
    return probe.ended_at is not None and datetime.now(UTC) - probe.ended_at < NEWS


def _current() -> Probe | None:
    return session.person().probes.current() if session.is_open() else None


def _form() -> None:
    models = [
        choice.model.id
        for choice in all_options(session.engine(), session.keys(), session.listed_models(), session.running_servers())
        if choice.ready
    ]
    providers = session.engine().catalog.providers

    def name(model_id: str) -> str:
        speaker = speaker_of(model_id, providers)
        label = speaker.provider.label if speaker.provider else speaker.provider_name
        return f"{model_id.partition('/')[2]} · {label}"

    chosen = st.multiselect(
        t("Models"),
        models,
        default=[model_id for model_id in line_up() if model_id in models][:4],
        format_func=name,
        max_selections=MOST_MODELS,
        key="probe-models",
        placeholder=t("Choose models"),
        label_visibility="collapsed",
    )
    prompt = st.text_area(t("Prompt"), PROMPT, key="probe-prompt", height=68, label_visibility="collapsed")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        times = int(
            st.number_input(
                t("Calls per model"),
                1,
                MOST_TIMES,
                USUAL_TIMES,
                key="probe-times",
                label_visibility="collapsed",
                width=120,
            )
        )
        st.markdown(t("× each model"), width="content")
        st.button(
            t("Start"),
            icon=":material/play_arrow:",
            type="primary",
            key="probe-start",
            disabled=not chosen or not prompt.strip(),
            on_click=_start,
            args=(chosen, times, prompt),
        )
    with st.container(key="price"):
        st.caption(price(chosen, times, prompt) if chosen else t("Choose at least one model."))


def price(models: Sequence[str], times: int, prompt: str) -> str:
    """The number of calls, what they take of the remaining quota, and how long the pauses for limits last."""
    calls = [model_id for model_id in models for _ in range(times)]
    parts = [
        tn("{number} call", "{number} calls", len(calls)),
        price_line.line(calls, [Message("user", prompt)], datetime.now(UTC), zone(), spaced=True),
    ]
    try:
        pauses_s = session.person().probes.lasts_s(models, times, prompt)
    except StoreError:
        pauses_s = 0.0
    if pauses_s >= 1:
        parts.append(t("spaced out for rate limits: at least {time}", time=wait(pauses_s)))
    return " · ".join(parts)


def _start(models: Sequence[str], times: int, prompt: str) -> None:
    with store_errors_shown():
        session.person().probes.start(models, times, prompt.strip())
        st.session_state["probe"] = False


@st.fragment(run_every=TICK_S)
def _running() -> None:
    """The progress, redrawn by a timer; from time to time the page is rerun, so that the charts fill."""
    probe = _current()
    if probe is None or probe.ended:
        st.rerun()
    with st.container(border=True, key="probe-running", gap="small"):
        words = t("Measuring · {made} of {total}", made=probe.made, total=probe.total)
        progress_row(probe.made, probe.total, words, "probe-stop", probe.stop)
        for lane in probe.lanes:
            st.caption(_lane(lane, probe.n))
    if _is_due(probe):
        st.rerun()


def _is_due(probe: Probe) -> bool:
    """Whether to redraw the charts: there are new answers, and a few seconds have passed."""
    drawn_calls, drawn_at = st.session_state.get("probe-drawn", (0, datetime.now(UTC)))
    now = datetime.now(UTC)
    if "probe-drawn" in st.session_state and (probe.made == drawn_calls or (now - drawn_at).total_seconds() < CHARTS_S):
        return False
    first = "probe-drawn" not in st.session_state
    st.session_state["probe-drawn"] = (probe.made, now)
    return not first


def _lane(lane: ProbeLane, n: int) -> str:
    speaker = speaker_of(lane.model_id, session.engine().catalog.providers)
    parts = [
        f"{speaker.mark} {speaker.model_name} :gray[{speaker.provider_name}]",
        f"{lane.answered + lane.failed}/{n}",
    ]
    if lane.failed and lane.state != "ended":
        parts.append(f":orange[{t('{number} failed', number=lane.failed)} ({outcome(lane.why)})]")
    if lane.until:
        parts.append(t("waiting for the rate limit until {clock}", clock=clock(lane.until, zone())))
    if lane.state == "ended":
        parts.append(f":orange[{t('ended early')}: {outcome(lane.why)}]")
    return " · ".join(parts)


def _result(probe: Probe) -> None:
    """The result of the last probe, until it is closed."""
    st.session_state.pop("probe-drawn", None)
    answered, failed = sum(lane.answered for lane in probe.lanes), sum(lane.failed for lane in probe.lanes)
    stopped = any(lane.state == "stopped" for lane in probe.lanes)
    if stopped:
        words = tn("Stopped: {number} answer measured.", "Stopped: {number} answers measured.", answered)
    else:
        words = tn("Measured {number} answer.", "Measured {number} answers.", answered)
    if failed:
        words = sentences(words, t("Failed: {number}; the Errors chart shows why.", number=failed))
    ended_early = [lane for lane in probe.lanes if lane.state == "ended"]
    if ended_early:
        providers = session.engine().catalog.providers
        models = ", ".join(
            f"{speaker_of(lane.model_id, providers).model_name} ({plain(outcome(lane.why))})" for lane in ended_early
        )
        words = sentences(words, t("Ended early: {models}.", models=models))
    with st.container(key="probe-told", horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.info(words, icon=":material/timer:")
        st.button(
            t("Close"), icon=":material/close:", type="tertiary", key="probe-close", on_click=_close, args=(probe.id,)
        )


def _close(probe_id: str) -> None:
    st.session_state["probe-told"] = probe_id

"""The running check, with Stop; then what it came to, until that is closed. Both survive a reload."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import streamlit as st

from .. import session
from ..base.progress_row import progress_row
from ..base.time_zone import zone
from ..models.marks import speaker_of
from ..text import clock, t
from . import words

if TYPE_CHECKING:
    from ...views.model_equality import EqualityCheck
    from ...workspace.equality_runs import EqualityRun, HostRun

TICK_S = 0.7
NEWS = timedelta(minutes=10)
CLOSED = "equality-closed"


def panel(shown: Sequence[EqualityCheck] = ()) -> None:
    """Draw the running check, or the news of the last one, unless that is among the results `shown` nearby."""
    run = _current()
    if run is None:
        return
    if not run.ended:
        _running()
    elif run.check not in shown and _is_news(run):
        _news(run)


def place(provider_ids: Sequence[str]) -> str:
    """The first of these providers that the newest check asks; "" for none. Its card has the panel, if it is open."""
    run = _current()
    hosts = {host.model_id.partition("/")[0] for host in run.hosts} if run else set()
    return next((name for name in provider_ids if name in hosts), "")


def _is_news(run: EqualityRun) -> bool:
    is_fresh = run.ended_at is not None and datetime.now(UTC) - run.ended_at < NEWS
    return is_fresh and st.session_state.get(CLOSED) != run.id


def _current() -> EqualityRun | None:
    return session.person().equality_checks.current() if session.is_open() else None


@st.fragment(run_every=TICK_S)
def _running() -> None:
    """The progress, redrawn by a timer; at the end the page is rerun."""
    run = _current()
    if run is None or run.ended:
        st.rerun()
    with st.container(border=True, key="equality-running", gap="small"):
        title = t("Comparing hosts · {made} of {total} calls", made=run.made, total=run.total)
        progress_row(run.made, run.total, title, "equality-stop", run.stop)
        st.caption("  \n".join(_host(host, run.questions) for host in run.hosts))


def _host(host: HostRun, questions: int) -> str:
    speaker = speaker_of(host.model_id, session.engine().catalog.providers)
    answered = sum(map(bool, host.samples))
    parts = [f"{speaker.mark} {speaker.provider_name} :gray[{speaker.model_name}]", f"{answered}/{questions}"]
    if host.until:
        parts.append(t("waiting for the rate limit until {clock}", clock=clock(host.until, zone())))
    if host.why:
        parts.append(f":orange[{t('ended early')}: {words.why_ended(host.why)}]")
    return " · ".join(parts)


def _news(run: EqualityRun) -> None:
    """The result of the last check, until it is closed."""
    check = run.check
    if check is None:
        sentence = t("The comparison failed. Try again.")
    elif run.stopped and not check.has_result:
        sentence = t("Stopped before two hosts could be compared.")
    else:
        sentence = f"**{words.model_name(check)}**{t(': ')}{words.result(check)}"
        sentence += f" {t('Stopped early.')}" if run.stopped else ""
    with st.container(key="equality-news", border=True, horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.markdown(sentence, width="stretch")
        st.button(
            t("Close"), icon=":material/close:", type="tertiary", key="equality-close", on_click=_close, args=(run.id,)
        )


def _close(run_id: str) -> None:
    st.session_state[CLOSED] = run_id

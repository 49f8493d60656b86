"""The Providers page's test: one tiny request to one provider, as a job; what came back stays for the session."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from ...records import ChatRequest, Completion, Message
from .. import session
from ..asking.pace import FRAME_S
from ..text import t

QUESTION = "Reply with the single word: ready"
MOST_TOKENS = 256  # models that think spend some before they speak


@dataclass
class Trial:
    """One test; `completion` is None while it runs."""

    model_id: str
    request_id: str
    completion: Completion | None = None


def _trials() -> dict[str, Trial]:
    held: dict[str, Trial] = st.session_state.setdefault("trials", {})
    return held


def last(provider_id: str) -> Trial | None:
    """The last test of this provider in this session."""
    return _trials().get(provider_id)


def forget(provider_id: str) -> None:
    _trials().pop(provider_id, None)


def running(provider_id: str) -> bool:
    trial = last(provider_id)
    return trial is not None and trial.completion is None


def start(provider_id: str, model_id: str) -> None:
    """Send the request, unless one is on its way; who rests is asked once all the same."""
    if running(provider_id):
        return
    fresh = Trial(model_id, session.new_id())
    request = ChatRequest(
        messages=(Message("user", QUESTION),),
        model_id=model_id,
        max_output_tokens=MOST_TOKENS,
        request_id=fresh.request_id,
        insist=True,
    )
    trials = _trials()
    session.trials().start(request, session.keys())
    trials[provider_id] = fresh


def outcome_words(trial: Trial) -> str:
    """How far a running test is."""
    job = session.trials().get(trial.request_id)
    return t("Testing · {time}", time=f"{int(job.progress().elapsed_ms / 1000) if job else 0} s")


def follow() -> None:
    """Wait for the running tests, then draw the page anew."""
    waiting = {name: trial for name, trial in _trials().items() if trial.completion is None}
    if not waiting:
        return
    jobs = session.trials()
    for name, trial in waiting.items():
        job = jobs.get(trial.request_id)
        while job and not job.done:
            st.session_state.get("tick")  # here Streamlit may stop this run; the test goes on
            job.wait(FRAME_S)
        if job:
            trial.completion = job.progress().completion
        else:  # forgotten among a thousand newer ones
            _trials().pop(name, None)
    st.rerun()

"""The test on the Providers page: one tiny request as a job; the result is kept for the session."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from ...records import ChatRequest, Completion, Message
from .. import session
from ..chat.frame_pace import FRAME_S
from ..text import t

QUESTION = "Reply with the single word: ready"
MOST_TOKENS = 256  # reasoning models use some before they answer


@dataclass
class Trial:
    """One test; `completion` is None while it runs."""

    model_id: str
    request_id: str
    completion: Completion | None = None


def _trials() -> dict[str, Trial]:
    trials: dict[str, Trial] = st.session_state.setdefault("trials", {})
    return trials


def last(provider_id: str) -> Trial | None:
    """The last test of this provider in this session."""
    return _trials().get(provider_id)


def forget(provider_id: str) -> None:
    _trials().pop(provider_id, None)


def running(provider_id: str) -> bool:
    trial = last(provider_id)
    return trial is not None and trial.completion is None


def start(provider_id: str, model_id: str) -> None:
    """Send the request, also to a paused model, unless one is running."""
    if running(provider_id):
        return
    trial = Trial(model_id, session.new_id())
    request = ChatRequest(
        messages=(Message("user", QUESTION),),
        model_id=model_id,
        max_output_tokens=MOST_TOKENS,
        request_id=trial.request_id,
        insist=True,
    )
    session.start_trial(request)
    _trials()[provider_id] = trial


def outcome_words(trial: Trial) -> str:
    """The progress of a running test."""
    job = session.trial(trial.request_id)
    return t("Testing · {time}", time=f"{int(job.progress().elapsed_ms / 1000) if job else 0} s")


def follow() -> None:
    """Wait for the running tests, then rerun the page."""
    waiting = {name: trial for name, trial in _trials().items() if trial.completion is None}
    if not waiting:
        return
    for name, trial in waiting.items():
        job = session.trial(trial.request_id)
        while job and not job.done:
            st.session_state.get("tick")  # lets Streamlit stop this run; the test goes on
            job.wait(FRAME_S)
        if job:
            trial.completion = job.progress().completion
        else:  # dropped after a thousand newer jobs
            _trials().pop(name, None)
    st.rerun()

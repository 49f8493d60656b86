"""The attempts behind an answer, with reasons and times, in a popover under it."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from ...records import Attempt, Completion
from .. import session
from ..failures import kinds
from ..models.marks import speaker_of
from ..text import seconds, t
from . import words


def attempts_popover(completion: Completion, key: str) -> None:
    """Draws nothing if the first model asked has answered at once."""
    passed = words.passed_over(completion)
    tried = len(completion.attempts)
    if tried < 2 and not passed:
        return
    label = t("{number} attempts", number=tried) if tried > 1 else t("{number} skipped", number=len(passed))
    with st.popover(label, icon=":material/alt_route:", type="tertiary", key=f"ladder-{key}"):
        st.markdown(f"**{t('Attempts')}**")
        st.markdown("\n".join(steps(completion)))
        st.caption(total(completion))


def steps(completion: Completion) -> Iterator[str]:
    """A Markdown list: models passed over, then each attempt in order."""
    for model_id, reason in words.passed_over(completion):
        yield f"- {_model(model_id)}  \n  :gray[:material/block: {t('skipped: {why}', why=reason)}]"
    waited_s = 0.0
    for number, attempt in enumerate(completion.attempts, 1):
        yield f"{number}. {_model(attempt.model_id)}  \n   {_outcome(attempt, waited_s)}"
        waited_s = attempt.wait_s or 0.0


def total(completion: Completion) -> str:
    """The total time, and how much of it was waiting."""
    total_ms = completion.timing.waited_ms + (completion.timing.total_ms or 0.0)
    waited_s = sum(attempt.wait_s or 0.0 for attempt in completion.attempts)
    if not waited_s:
        return t("{time} in total", time=seconds(total_ms))
    return t("{time} in total, including {waited} waiting", time=seconds(total_ms), waited=seconds(waited_s * 1000))


def _model(model_id: str) -> str:
    speaker = speaker_of(model_id, session.engine().catalog.providers)
    return f"{speaker.mark} **{speaker.model_name}** :gray[{speaker.provider_name}]"


def _outcome(attempt: Attempt, waited_s: float) -> str:
    succeeded = attempt.outcome == "ok"
    result = f":green[:material/check: {t('answered')}]" if succeeded else f":red[:material/close:] {_reason(attempt)}"
    pause = t("after waiting {time}", time=seconds(waited_s * 1000)) if waited_s else ""
    return " · ".join(filter(None, (result, seconds(attempt.ms), pause)))


def _reason(attempt: Attempt) -> str:
    return kinds.outcome(attempt.outcome, sent=attempt.sent)

"""What testing a provider's key has given, in a line or two: it runs, the key works, or why it does not."""

from __future__ import annotations

import streamlit as st

from ...records import Provider
from .. import session
from ..failures import failure
from ..models.marks import speaker_of
from ..models.names import named
from ..text import plain, seconds, t, tn
from . import checking, trial

SAID_CHARS = 80


def result(provider: Provider) -> None:
    """The last test of this visitor's key; nothing where there was none."""
    check = checking.last(provider.id)
    if check is not None and (check.is_free or not check.done):
        _checked(provider, check)
    last_trial = trial.last(provider.id)
    if last_trial is not None:
        _outcome(provider, trial.outcome_words(last_trial) if last_trial.completion is None else "")


def _checked(provider: Provider, check: checking.Check) -> None:
    """The result of testing a pasted key."""
    if not check.done:
        st.markdown(f":shimmer[{t('Testing the key')}]")
    elif check.error is not None:
        sentence = failure.sentence(check.error, named(provider), "")
        help_ = "" if check.error.no_list else failure.advice(check.error)
        st.markdown(f":red[:material/error: {sentence}] {help_}")
    else:
        sentence = tn(
            "The key works: {provider} lists {number} model. This check is free.",
            "The key works: {provider} lists {number} models. This check is free.",
            check.listed or 0,
            provider=named(provider),
        )
        st.markdown(f":green[:material/check:] {sentence}")


def _outcome(provider: Provider, waiting: str) -> None:
    last_trial = trial.last(provider.id)
    if waiting or last_trial is None or last_trial.completion is None:
        st.markdown(f":shimmer[{waiting or t('Testing')}]")
        return
    completion = last_trial.completion
    speaker = speaker_of(last_trial.model_id, session.engine().catalog.providers)
    if completion.error is not None:
        sentence = failure.sentence(completion.error, speaker.provider_name, speaker.model_name)
        st.markdown(f":red[:material/error: {sentence}] {failure.advice(completion.error)}")
        return
    text = plain(" ".join(completion.text.split())[:SAID_CHARS]) or t("no readable text")
    elapsed = seconds(completion.timing.total_ms or 0)
    words = t("{model} answered in {time}: “{text}”", model=speaker.model_name, time=elapsed, text=text)
    st.markdown(f":green[:material/check:] {words}")

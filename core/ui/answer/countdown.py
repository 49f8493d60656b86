"""When to try again, as a line that counts down."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

import streamlit as st

from ...records import Completion
from ..failures import failure
from ..text import clock, sentences, t, wait

IN_SECONDS_S = 100.0  # below this `wait` shows seconds, above it minutes
EVERY_S, SELDOM_S = 1.0, 20.0


def countdown(completion: Completion, advice: str, zone: tzinfo | None, *, live: bool) -> None:
    """The advice, and when the provider allows another try. `live`: redrawn by a timer until then."""
    moment = failure.again_at(completion)
    left_s = (moment - datetime.now(UTC)).total_seconds() if moment else 0.0
    if moment and live and left_s > 0:
        st.fragment(_tick, run_every=_pace(left_s))(advice, moment, zone, _pace(left_s))
    else:
        st.caption(line(advice, moment, left_s, zone))


def line(advice: str, moment: datetime | None, left_s: float, zone: tzinfo | None) -> str:
    """What to do, and when."""
    if moment is None:
        return advice
    if left_s <= 0:
        return sentences(advice, t("You can try again now."))
    return sentences(advice, t("Try again at {clock} (in {time}).", clock=clock(moment, zone), time=wait(left_s)))


def _tick(advice: str, moment: datetime, zone: tzinfo | None, pace_s: float) -> None:
    left_s = (moment - datetime.now(UTC)).total_seconds()
    if left_s <= 0 or _pace(left_s) != pace_s:
        st.rerun()  # without the timer, or with a faster one
    st.caption(line(advice, moment, left_s, zone))


def _pace(left_s: float) -> float:
    return EVERY_S if left_s < IN_SECONDS_S else SELDOM_S

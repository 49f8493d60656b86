"""Where a question can be queued until a limit resets: beside the price, and on the card of a refusal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import zip_longest

import streamlit as st

from ...errors import RateLimited
from ...providers.limits import Need, is_too_large
from ...records import Completion, Message
from ...store import StoreError
from .. import session
from ..base.time_zone import zone
from ..failures import failure
from ..quota import ledger, words
from ..routing.words import is_auto
from ..text import t, wait

LONGEST = timedelta(hours=25)  # a day; the one on which summer time ends has 25 hours
WAITED_FOR = timedelta(seconds=20)  # a limit that resets sooner is waited for anyway
RESETS = "later-resets"


def used_up(
    model_ids: Sequence[str], history: Sequence[Message], now: datetime, efforts: ledger.Efforts = ()
) -> dict[str, datetime]:
    """The models whose limit is used up and comes back within a day, and when."""
    if not session.is_open() or not session.engine().settings.scheduled_questions:
        return {}
    resets: dict[str, datetime] = {}
    for model_id, effort in zip_longest(model_ids, efforts[: len(model_ids)]):
        if is_auto(model_id):
            continue
        try:
            prices = ledger.prices([model_id], history, [effort])
            day_needs = ledger.day_needs([model_id], history, efforts=[effort])
        except StoreError:
            return {}
        needs = (*(need for price in prices for need in price.needs), *day_needs)
        if (at := _reset(needs)) and now + WAITED_FOR < at <= now + LONGEST:
            resets[model_id] = at
    return resets


def _reset(needs: Sequence[Need]) -> datetime | None:
    """When there is room again for a call that has none now; None if waiting does not help."""
    blocking = [need for need in needs if need.state == "over"]
    resets = [need.window.resets_at for need in blocking if need.window.resets_at]
    too_large = any(is_too_large(need.window, need.needed if need.each is None else need.each) for need in blocking)
    return max(resets) if resets and len(resets) == len(blocking) and not too_large else None


def toggle(name: str, model_ids: Sequence[str], history: Sequence[Message], efforts: ledger.Efforts = ()) -> None:
    """A switch below the price: the next question waits. Drawn only where a limit is used up."""
    now = datetime.now(UTC)
    resets = used_up(model_ids, history, now, efforts)
    st.session_state[RESETS] = resets
    if not resets:
        return
    label = send_at(min(resets.values()), now)
    if len(model_ids) > 1:
        label = f"{t('Let columns without quota wait')}{t(': ')}{label}"
    with st.container(key="later"):
        st.toggle(
            label,
            key=_key(name),
            help=t("The question waits here and is sent by itself, also when this page is closed."),
        )


def chosen(name: str) -> Mapping[str, datetime]:
    """When the next question to each model is to be sent, as chosen; for callbacks."""
    if not st.session_state.get(_key(name)):
        return {}
    resets: Mapping[str, datetime] = st.session_state.get(RESETS, {})
    return {model_id: at for model_id, at in resets.items() if at > datetime.now(UTC)}


def send_at(at: datetime, now: datetime) -> str:
    left_s = (at - now).total_seconds()
    return t("Send at {clock} (in {time})", clock=words.moment(at, now, zone()), time=wait(left_s))


def after_refusal(completion: Completion) -> datetime | None:
    """When a refused question can be sent again, if that is to come and within a day."""
    error = completion.error
    if not isinstance(error, RateLimited) or error.oversize or completion.text.strip():
        return None
    at, now = failure.again_at(completion), datetime.now(UTC)
    allowed = session.engine().settings.scheduled_questions
    return at if at and allowed and now < at <= now + LONGEST else None


def _key(name: str) -> str:
    return f"later-{name}"

"""What to use for a kind of question, as a sentence: below the chat's model picker, and under an answer by Auto.

"Code: gpt-oss-120b wins 70% (56 to 81) of 58 votes, 900 calls left today, first token 0.4 s". Nothing is said where the
kind of question is not known, and while a model has fewer than 20 votes on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

import streamlit as st

from ...insight.topics import topic
from ...store import StoreError
from ...views.conversation import CONTINUE, Turn
from .. import session
from ..models.marks import speaker_of
from ..text import count, seconds, t, tn, whole
from .vote_words import topic_name, with_interval

if TYPE_CHECKING:
    from ...insight.use_for import Contender, ModelOffer, UseFor
    from ...workspace.use_for import Advice

NAMED = 3  # models in a sentence
_topic = lru_cache(maxsize=256)(topic)  # a chat is drawn again and again


def below_picker(turns: Sequence[Turn], model_id: str, choose: Callable[[str], None]) -> None:
    """The sentence for the kind of the last question of a chat, in a line that stays in sight, with a button that
    chooses the best model, unless one of the best is chosen."""
    advice, use = _advice_for(_last_question(turns))
    if advice is None or use is None:
        return
    with st.container(key="use-for", horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.caption(f":material/leaderboard: {sentence(use, advice)}", width="stretch")
        if all(rival.model_id != model_id for rival in use.best):
            first = use.best[0].model_id
            st.button(
                t("Use {model}", model=_name(first)), type="tertiary", key="use-best", on_click=choose, args=(first,)
            )


def reason(prompt: str, model_id: str) -> Iterator[str]:
    """For an answer that Auto chose by difficulty: whether the votes on such questions agree."""
    advice, use = _advice_for(prompt)
    if advice is None or use is None:
        return
    preferred = sentence(use, advice, offers=False)
    if any(rival.model_id == model_id for rival in use.best):
        yield t("Your votes agree: {advice}", advice=preferred)
    else:
        yield t("Auto goes by difficulty, not by votes; yours say: {advice}", advice=preferred)


def sentence(use: UseFor, advice: Advice, *, offers: bool = True) -> str:
    """The best model with its figures, or the best ones where the votes do not separate them, as Markdown.

    `offers`: also what is left today, and the first token.
    """
    first, *rest = use.best[:NAMED]
    parts = [
        t(
            "**{model}** wins {rate} of {number} votes{offer}",
            model=_name(first.model_id),
            rate=with_interval(first.rate),
            number=first.rate.n,
            offer=_offer(first, advice) if offers else "",
        ),
        *(
            t(
                "or **{model}**: {rate} of {number} votes{offer}",
                model=_name(rival.model_id),
                rate=with_interval(rival.rate),
                number=rival.rate.n,
                offer=_offer(rival, advice) if offers else "",
            )
            for rival in rest
        ),
    ]
    if more := len(use.best) - NAMED if len(use.best) > NAMED else 0:
        parts.append(tn("or {number} more", "or {number} more", more))
    line = f"{topic_name(use.topic)}{t(': ')}{t('; ').join(parts)}"
    return t("{advice}. Your votes do not separate them.", advice=line) if rest else line


def left(offer: ModelOffer) -> str:
    """ "900 calls left today"; "" where nothing is counted or nothing is known."""
    if not offer.counted or offer.left is None:
        return ""
    calls = int(offer.left)
    period = {"day": t("today"), "hour": t("this hour"), "month": t("this month"), "once": t("in total")}[offer.per]
    amount = whole(calls) if calls < 10_000 else count(calls)
    return tn("{number} call left {when}", "{number} calls left {when}", calls, number=amount, when=period)


def _offer(rival: Contender, advice: Advice) -> str:
    offer = advice.offers.get(rival.model_id)
    if offer is None:
        return ""
    first_token = "" if offer.ttft_ms is None else t("first token {time}", time=seconds(offer.ttft_ms))
    return "".join(f"{t(', ')}{part}" for part in (left(offer), first_token) if part)


def _advice_for(prompt: str) -> tuple[Advice | None, UseFor | None]:
    """What the votes say of questions like this one. Nothing is read while the database is not open."""
    if prompt and session.is_open():
        with suppress(StoreError):
            advice = session.person().recommendations.recent()
            return advice, advice.on(_topic(prompt)) if advice.uses else None
    return None, None


def _last_question(turns: Sequence[Turn]) -> str:
    return next((turn.prompt for turn in reversed(turns) if turn.question_id and turn.prompt != CONTINUE), "")


def _name(model_id: str) -> str:
    speaker = speaker_of(model_id, session.engine().catalog.providers)
    simulated = speaker.provider is not None and speaker.provider.simulated
    return f"{speaker.provider_name} · {speaker.model_name}" if simulated else speaker.model_name

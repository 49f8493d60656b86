"""A failed answer in words: a sentence by kind, what to do about it, and when to try again."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from ...errors import LLMError, Oversize
from ...records import Completion
from ...views.scheduled import WAITS_H
from ..text import count, plain, sentences, t
from . import own_messages
from .kinds import kind_of

DAILY_LIMIT = "daily_limit"  # a person used up what they may use of the server's keys
# A "not found" about a model mentions one in its text or code; any other may mean a wrong address.
MODEL_WORDS = re.compile(r"model|engine|deployment|模型|部署", re.IGNORECASE)


def sentence(error: LLMError, provider: str, model: str, *, has_part: bool = False) -> str:
    """What happened, with these names (safe Markdown). `has_part`: part of the answer arrived. `model` is "" if the
    list of models was requested."""
    if has_part and error.origin == "local" and error.kind == "server":
        return t("Roundtable itself failed during the answer. The partial answer is kept.")
    if has_part:
        return kind_of(error.kind).broke_off(provider, model)
    if error.code == "expired" and not error.sent:
        return _expired(error, provider)
    if error.code == "share_used" and not error.sent:
        return t("Not sent: your share of the shared {provider} key is used up for now.", provider=provider)
    if error.code == "above" and not error.sent:
        return t("Not sent: the question above was not answered.")
    if error.code == DAILY_LIMIT and error.param:
        return t("Not sent: too little is left of your daily limit for the server's keys.")
    if error.code == DAILY_LIMIT:
        return t("Not sent: your daily limit for the server's keys is used up.")
    if error.oversize:
        return _too_large(error.oversize, provider, model, refused_here=error.origin == "local")
    if not model and error.no_list:
        return t("{provider} offers no model list. Type provider/model in the picker, or check the base URL.",
                 provider=provider)  # fmt: skip
    if _may_be_wrong_address(error):
        return t("{provider} answered “not found”. The model name or the base URL may be wrong.", provider=provider)
    kind = kind_of(error.kind)
    make = (kind.not_sent if error.origin == "local" else None) or kind.sentence
    return make(provider, model)


def _expired(error: LLMError, provider: str) -> str:
    if error.kind == "missing_key":
        return t("Not sent: it waited {number} hours for your {provider} key.", number=WAITS_H, provider=provider)
    return t("Not sent: it waited {number} hours, and no longer.", number=WAITS_H)


def _may_be_wrong_address(error: LLMError) -> bool:
    provider_not_found = error.kind == "not_found" and error.origin == "provider"
    return provider_not_found and not MODEL_WORDS.search(f"{error.code} {error.message}")


def _too_large(size: Oversize, provider: str, model: str, *, refused_here: bool) -> str:
    if size.per == "credit":
        return _beyond_credit(size, provider)
    limit = _limit(size)
    if size.needed is None:
        text = t("This is too long: {provider} limits {model} to {limit}.",
                 provider=provider, model=model, limit=limit)  # fmt: skip
    else:
        text = t("This needs {needed} tokens, but {provider} limits {model} to {limit}.",
                 needed=count(size.needed), provider=provider, model=model, limit=limit)  # fmt: skip
    return f"{t('Not sent.')} {text}" if refused_here else text


def _beyond_credit(size: Oversize, provider: str) -> str:
    affordable = count(size.limit)
    if size.needed is None:
        return t("Your credit at {provider} is too low: it covers only {there} tokens.",
                 provider=provider, there=affordable)  # fmt: skip
    return t("This needs credit for {needed} tokens, but your credit at {provider} covers only {there}.",
             needed=count(size.needed), provider=provider, there=affordable)  # fmt: skip


def _limit(size: Oversize) -> str:
    tokens = count(size.limit)
    return {
        "second": t("{size} per second", size=tokens),
        "minute": t("{size} per minute", size=tokens),
        "hour": t("{size} per hour", size=tokens),
        "day": t("{size} per day", size=tokens),
        "month": t("{size} per month", size=tokens),
        "request": t("{size} per request", size=tokens),
    }.get(size.per, tokens)


def advice(error: LLMError, *, has_part: bool = False) -> str:
    """What to do about it; "" if there is nothing to add."""
    if has_part and error.countable:
        return t("Press Continue for the rest, or Retry for a new answer.")
    if error.code in ("expired", "above") and not error.sent:
        return t("Press Retry to send it now.")
    if error.code == "share_used" and not error.sent:
        return t("Choose another model, use a key of your own, or wait until more of it is free.")
    if error.code == DAILY_LIMIT and error.retry_after_s is None:
        return t("Shorten it, or use a key of your own: it has no such limit.")
    if error.code == DAILY_LIMIT:
        return t("Wait until it resets, or use a key of your own: it has no such limit.")
    if error.oversize:
        instead = plain(error.oversize.instead)
        if error.oversize.per == "credit":
            shorter = t(
                "Shorten the chat, lower the maximum answer length in its settings, or add credit at the provider."
            )
            return sentences(shorter, t("{model} can take it.", model=instead)) if instead else shorter
        return t("Shorten it, or use {model}.", model=instead) if instead else t("Shorten it, or use another model.")
    if _may_be_wrong_address(error):
        return t("Choose another model, or check the base URL: most end in /v1.")
    if error.kind == "model_ended" and error.code:
        return t("Its successor is {model}. Retry asks the old one all the same.", model=plain(error.code))
    kind = kind_of(error.kind)
    make = (kind.not_sent_advice if error.origin == "local" else None) or kind.advice
    return make()


def source(error: LLMError) -> str:
    """The title above the error's message, which says whose words they are."""
    if error.origin == "local":
        return t("Why it was not sent") if not error.sent else t("Details")
    return t("Details") if own_messages.is_ours(error.message, error.origin) else t("Message from the provider")


def again_at(completion: Completion) -> datetime | None:
    """When the provider allows another try, UTC; None if it did not say."""
    error = completion.error
    if error is None or error.retry_after_s is None:
        return None
    timing = completion.timing
    ended = timing.started_at + timedelta(milliseconds=timing.waited_ms + (timing.total_ms or 0))
    return ended + timedelta(seconds=error.retry_after_s)

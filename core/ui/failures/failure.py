"""A failed answer in words: a sentence by kind, what to do about it, and when to try again."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from ...errors import LLMError, Oversize
from ...records import Completion
from ..text import count, plain, t
from . import ours
from .kinds import kind_of

# A "not found" about a model mentions one in its text or code; any other may mean a wrong address.
MODEL_WORDS = re.compile(r"model|engine|deployment|模型|部署", re.IGNORECASE)


def sentence(error: LLMError, provider: str, model: str, *, has_part: bool = False) -> str:
    """What happened, with these names (safe Markdown). `has_part`: part of the answer arrived. `model` is "" if the
    list of models was requested."""
    if has_part and error.origin == "local" and error.kind == "server":
        return t("Roundtable itself failed in mid-answer. What came is kept.")
    if has_part:
        return kind_of(error.kind).broke_off(provider, model)
    if error.oversize:
        return _too_large(error.oversize, provider, model, refused_here=error.origin == "local")
    if not model and error.no_list:
        return t("{provider} tells no list of models: type provider/model in the picker, or check the base URL.",
                 provider=provider)  # fmt: skip
    if _may_be_the_address(error):
        return t("{provider} answered “not found”: the model's name or the base URL may be wrong.", provider=provider)
    kind = kind_of(error.kind)
    make = (kind.not_sent if error.origin == "local" else None) or kind.sentence
    return make(provider, model)


def _may_be_the_address(error: LLMError) -> bool:
    provider_not_found = error.kind == "not_found" and error.origin == "provider"
    return provider_not_found and not MODEL_WORDS.search(f"{error.code} {error.message}")


def _too_large(size: Oversize, provider: str, model: str, *, refused_here: bool) -> str:
    if size.per == "credit":
        return _beyond_credit(size, provider)
    limit = _limit(size)
    if size.needed is None:
        text = t("This is too long: the limit of {provider} for {model} is {limit}.",
                 provider=provider, model=model, limit=limit)  # fmt: skip
    else:
        text = t("This needs {needed} tokens, and the limit of {provider} for {model} is {limit}.",
                 needed=count(size.needed), provider=provider, model=model, limit=limit)  # fmt: skip
    return f"{t('Not sent.')} {text}" if refused_here else text


def _beyond_credit(size: Oversize, provider: str) -> str:
    affordable = count(size.limit)
    if size.needed is None:
        return t("This needs more credit than there is at {provider}: there is enough for {there} tokens.",
                 provider=provider, there=affordable)  # fmt: skip
    return t("This needs credit for {needed} tokens at {provider}; there is enough for {there}.",
             needed=count(size.needed), provider=provider, there=affordable)  # fmt: skip


def _limit(size: Oversize) -> str:
    tokens = count(size.limit)
    return {
        "second": t("{size} a second", size=tokens),
        "minute": t("{size} a minute", size=tokens),
        "hour": t("{size} an hour", size=tokens),
        "day": t("{size} a day", size=tokens),
        "month": t("{size} a month", size=tokens),
        "request": t("{size} a request", size=tokens),
    }.get(size.per, tokens)


def advice(error: LLMError, *, has_part: bool = False) -> str:
    """What to do about it; "" if there is nothing to add."""
    if has_part and error.countable:
        return t("Continue asks for the rest, Retry for the whole answer.")
    if error.oversize:
        instead = plain(error.oversize.instead)
        if error.oversize.per == "credit":
            shorter = t("Shorten the chat, lower the longest answer in its settings, or add credit there.")
            return f"{shorter} {t('{model} takes it.', model=instead)}" if instead else shorter
        return t("Shorten it, or use {model}.", model=instead) if instead else t("Shorten it, or use another model.")
    if _may_be_the_address(error):
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
    return t("Details") if ours.is_ours(error.message, error.origin) else t("In the provider's own words")


def again_at(completion: Completion) -> datetime | None:
    """When the provider allows another try, UTC; None if it did not say."""
    error = completion.error
    if error is None or error.retry_after_s is None:
        return None
    timing = completion.timing
    ended = timing.started_at + timedelta(milliseconds=timing.waited_ms + (timing.total_ms or 0))
    return ended + timedelta(seconds=error.retry_after_s)

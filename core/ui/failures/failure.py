"""A failed answer in words: one sentence by kind, what to do about it, and when to try again."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from ...errors import LLMError, Oversize
from ...records import Completion
from ..text import count, plain, t
from . import ours
from .kinds import kind_of

# A "not found" that tells of a model: in its words or its code. Others may as well mean the address.
MODEL_WORDS = re.compile(r"model|engine|deployment|模型|部署", re.IGNORECASE)


def sentence(error: LLMError, provider: str, model: str, *, kept: bool = False) -> str:
    """What happened and who says so, with the names given (Markdown, already safe). `kept`: a part came. `model`: ""
    where the list of models was asked for."""
    if kept and error.origin == "local" and error.kind == "server":
        return t("Roundtable itself failed during the answer. The partial answer is kept.")
    if kept:
        return kind_of(error.kind).broke_off(provider, model)
    if error.oversize:
        return _too_large(error.oversize, provider, model, refused_here=error.origin == "local")
    if not model and error.no_list:
        return t("{provider} offers no model list. Type provider/model in the picker, or check the base URL.",
                 provider=provider)  # fmt: skip
    if _may_be_the_address(error):
        return t("{provider} answered “not found”. The model name or the base URL may be wrong.", provider=provider)
    kind = kind_of(error.kind)
    make = (kind.not_sent if error.origin == "local" else None) or kind.sentence
    return make(provider, model)


def _may_be_the_address(error: LLMError) -> bool:
    found_nothing = error.kind == "not_found" and error.origin == "provider"
    return found_nothing and not MODEL_WORDS.search(f"{error.code} {error.message}")


def _too_large(size: Oversize, provider: str, model: str, *, refused_here: bool) -> str:
    if size.per == "credit":
        return _beyond_credit(size, provider)
    limit = _limit(size)
    if size.needed is None:
        said = t("This is too long: {provider} limits {model} to {limit}.",
                 provider=provider, model=model, limit=limit)  # fmt: skip
    else:
        said = t("This needs {needed} tokens, but {provider} limits {model} to {limit}.",
                 needed=count(size.needed), provider=provider, model=model, limit=limit)  # fmt: skip
    return f"{t('Not sent.')} {said}" if refused_here else said


def _beyond_credit(size: Oversize, provider: str) -> str:
    there = count(size.limit)
    if size.needed is None:
        return t("Your credit at {provider} is too low: it covers only {there} tokens.",
                 provider=provider, there=there)  # fmt: skip
    return t("This needs credit for {needed} tokens, but your credit at {provider} covers only {there}.",
             needed=count(size.needed), provider=provider, there=there)  # fmt: skip


def _limit(size: Oversize) -> str:
    told = count(size.limit)
    return {
        "second": t("{size} per second", size=told),
        "minute": t("{size} per minute", size=told),
        "hour": t("{size} per hour", size=told),
        "day": t("{size} per day", size=told),
        "month": t("{size} per month", size=told),
        "request": t("{size} per request", size=told),
    }.get(size.per, told)


def advice(error: LLMError, *, kept: bool = False) -> str:
    """What to do about it; "" when there is nothing to add."""
    if kept and error.countable:
        return t("Press Continue for the rest, or Retry for a new answer.")
    if error.oversize:
        instead = plain(error.oversize.instead)
        if error.oversize.per == "credit":
            shorter = t(
                "Shorten the chat, lower the maximum answer length in its settings, or add credit at the provider."
            )
            return f"{shorter} {t('{model} can take it.', model=instead)}" if instead else shorter
        return t("Shorten it, or use {model}.", model=instead) if instead else t("Shorten it, or use another model.")
    if _may_be_the_address(error):
        return t("Choose another model, or check the base URL: most end in /v1.")
    kind = kind_of(error.kind)
    make = (kind.not_sent_advice if error.origin == "local" else None) or kind.advice
    return make()


def source(error: LLMError) -> str:
    """Whose words the error's message is, as the title above them."""
    if error.origin == "local":
        return t("Why it was not sent") if not error.sent else t("Details")
    return t("Details") if ours.is_ours(error.message, error.origin) else t("Message from the provider")


def again_at(completion: Completion) -> datetime | None:
    """The moment the provider named for another try, UTC; None when it named none."""
    error = completion.error
    if error is None or error.retry_after_s is None:
        return None
    timing = completion.timing
    ended = timing.started_at + timedelta(milliseconds=timing.waited_ms + (timing.total_ms or 0))
    return ended + timedelta(seconds=error.retry_after_s)

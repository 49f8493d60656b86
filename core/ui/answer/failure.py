"""A failed answer in words: one sentence by kind, what to do about it, and when to try again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from core.errors import LLMError, Oversize
from core.records import Completion
from core.ui.answer import ours
from core.ui.text import count, plain, t

Sentence = Callable[[str, str], str]

# Every text goes through `t` as a literal, so that the test of the translations finds it.
SENTENCES: dict[str, Sentence] = {
    "setup": lambda p, m: t("{provider} is not fully set up.", provider=p),
    "missing_key": lambda p, m: t("There is no key for {provider} yet.", provider=p),
    "blocked_input": lambda p, m: t("This prompt was not sent."),
    "auth": lambda p, m: t("{provider} did not accept the key.", provider=p),
    "credits": lambda p, m: t("The credit at {provider} is used up.", provider=p),
    "forbidden": lambda p, m: t("{provider} does not allow this for your account or region.", provider=p),
    "not_found": lambda p, m: t("{provider} has no model called {model}.", provider=p, model=m),
    "bad_request": lambda p, m: t("{provider} refused the request.", provider=p),
    "context_too_long": lambda p, m: t("This conversation is too long for {model}.", model=m),
    "rate_limited": lambda p, m: t("{provider} asks for a pause: too many requests in a short time.", provider=p),
    "quota_spent": lambda p, m: t("Your allowance at {provider} is spent for now.", provider=p),
    "overloaded": lambda p, m: t("{provider} is overloaded at the moment.", provider=p),
    "server": lambda p, m: t("{provider} had a fault on its side.", provider=p),
    "unreachable": lambda p, m: t("{provider} could not be reached.", provider=p),
    "timeout": lambda p, m: t("{provider} did not answer in time.", provider=p),
    "truncated": lambda p, m: t("The answer from {provider} broke off; it may be incomplete.", provider=p),
    "bad_reply": lambda p, m: t("{provider} sent something that could not be read.", provider=p),
    "filtered": lambda p, m: t("{provider} held the answer back with its content filter.", provider=p),
    "kept_private": lambda p, m: t("Earlier turns of this chat were for a private provider; Auto keeps them there."),
}
ADVICE: dict[str, Callable[[], str]] = {
    "setup": lambda: t("The Providers page tells what is missing."),
    "missing_key": lambda: t("Paste a key, or choose another model."),
    "auth": lambda: t("Check the key on the Providers page."),
    "credits": lambda: t("Add credit there, or choose another model."),
    "forbidden": lambda: t("Choose another model or provider."),
    "not_found": lambda: t("Choose another model, or refresh the list on the Providers page."),
    "bad_request": lambda: t("The provider's own words below say why."),
    "context_too_long": lambda: t("Start a new chat, or choose a model with a larger window."),
    "rate_limited": lambda: t("Wait a little, or choose another model."),
    "quota_spent": lambda: t("Choose another model until it returns."),
    "overloaded": lambda: t("Try again in a moment, or choose another model."),
    "server": lambda: t("Try again; if it stays, choose another model."),
    "unreachable": lambda: t("Check the connection, then try again."),
    "timeout": lambda: t("Try again; long answers may need a faster model."),
    "truncated": lambda: t("What came is kept. Try again for the whole answer."),
    "bad_reply": lambda: t("Try again; if it stays, choose another model."),
    "filtered": lambda: t("Put the question in other words, or choose another model."),
    "kept_private": lambda: t("Choose a model, or let other providers answer: Providers page, under Privacy."),
}
# What we did not send ourselves: the provider was not asked.
NOT_SENT: dict[str, Sentence] = {
    "auth": lambda p, m: t("Not sent: {provider} refused this key before.", provider=p),
    "credits": lambda p, m: t("Not sent: {provider} said before that there is no credit left.", provider=p),
    "not_found": lambda p, m: t("Not sent: {provider} has no model called {model}.", provider=p, model=m),
    "bad_request": lambda p, m: t("Not sent: {provider} does not take such a request.", provider=p),
    "context_too_long": lambda p, m: t("Not sent: this conversation is too long for {model}.", model=m),
    "rate_limited": lambda p, m: t("Not sent: the rate limit of {provider} is reached.", provider=p),
    "quota_spent": lambda p, m: t("Not sent: your allowance at {provider} is used up for now.", provider=p),
    "overloaded": lambda p, m: t("Not sent: {model} failed several times in a row and is given a rest.", model=m),
    "server": lambda p, m: t("Roundtable itself failed on this answer."),
}
NOT_SENT_ADVICE: dict[str, Callable[[], str]] = {
    "auth": lambda: t("Change the key on the Providers page, or press Retry: it is sent at once."),
    "credits": lambda: t("Add credit there, then press Retry: it is sent at once."),
    "bad_request": lambda: t("The reason stands below."),
    "overloaded": lambda: t("Press Retry to ask it all the same, or choose another model."),
}
# Where a part of the answer came and is kept: what ended it.
BROKE_OFF: dict[str, Sentence] = {
    "unreachable": lambda p, m: t(
        "The connection to {provider} was lost in mid-answer. What came is kept.", provider=p
    ),
    "timeout": lambda p, m: t("{provider} fell silent in mid-answer. What came is kept.", provider=p),
    "server": lambda p, m: t("{provider} failed in mid-answer. What came is kept.", provider=p),
    "overloaded": lambda p, m: t("{provider} failed in mid-answer. What came is kept.", provider=p),
    "rate_limited": lambda p, m: t("{provider} stopped in mid-answer at a limit. What came is kept.", provider=p),
    "quota_spent": lambda p, m: t("{provider} stopped in mid-answer at a limit. What came is kept.", provider=p),
    "credits": lambda p, m: t(
        "{provider} stopped in mid-answer: the credit is used up. What came is kept.", provider=p
    ),
    "filtered": lambda p, m: t("{provider} cut the answer off with its content filter. What came is kept.", provider=p),
}


def broke_off(kind: str) -> Sentence:
    """The headline of a failure of this kind after a part of the answer came."""
    return BROKE_OFF.get(kind) or (
        lambda p, m: t("The answer from {provider} broke off. What came is kept.", provider=p)
    )


def sentence(error: LLMError, provider: str, model: str, *, kept: bool = False) -> str:
    """What happened and who says so, with the names given (Markdown, already safe). `kept`: a part came."""
    if kept and error.origin == "local" and error.kind == "server":
        return t("Roundtable itself failed in mid-answer. What came is kept.")
    if kept:
        return broke_off(error.kind)(provider, model)
    if error.oversize:
        return _too_large(error.oversize, provider, model, refused_here=error.origin == "local")
    make = (NOT_SENT if error.origin == "local" else {}).get(error.kind) or SENTENCES.get(error.kind)
    return make(provider, model) if make else t("{provider} could not answer.", provider=provider)


def _too_large(size: Oversize, provider: str, model: str, *, refused_here: bool) -> str:
    if size.per == "credit":
        return _beyond_credit(size, provider)
    limit = _limit(size)
    if size.needed is None:
        said = t("This is too long: the limit of {provider} for {model} is {limit}.",
                 provider=provider, model=model, limit=limit)  # fmt: skip
    else:
        said = t("This needs {needed} tokens, and the limit of {provider} for {model} is {limit}.",
                 needed=count(size.needed), provider=provider, model=model, limit=limit)  # fmt: skip
    return f"{t('Not sent.')} {said}" if refused_here else said


def _beyond_credit(size: Oversize, provider: str) -> str:
    there = count(size.limit)
    if size.needed is None:
        return t("This needs more credit than there is at {provider}: there is enough for {there} tokens.",
                 provider=provider, there=there)  # fmt: skip
    return t("This needs credit for {needed} tokens at {provider}; there is enough for {there}.",
             needed=count(size.needed), provider=provider, there=there)  # fmt: skip


def _limit(size: Oversize) -> str:
    told = count(size.limit)
    return {
        "second": t("{size} a second", size=told),
        "minute": t("{size} a minute", size=told),
        "hour": t("{size} an hour", size=told),
        "day": t("{size} a day", size=told),
        "month": t("{size} a month", size=told),
        "request": t("{size} a request", size=told),
    }.get(size.per, told)


def advice(error: LLMError, *, kept: bool = False) -> str:
    """What to do about it; "" when there is nothing to add."""
    if kept and error.countable:
        return t("Continue asks for the rest, Retry for the whole answer.")
    if error.oversize:
        instead = plain(error.oversize.instead)
        if error.oversize.per == "credit":
            shorter = t("Shorten the chat, lower the longest answer in its settings, or add credit there.")
            return f"{shorter} {t('{model} takes it.', model=instead)}" if instead else shorter
        return t("Shorten it, or use {model}.", model=instead) if instead else t("Shorten it, or use another model.")
    make = (NOT_SENT_ADVICE if error.origin == "local" else {}).get(error.kind) or ADVICE.get(error.kind)
    return make() if make else ""


def source(error: LLMError) -> str:
    """Whose words the error's message is, as the title above them."""
    if error.origin == "local":
        return t("Why it was not sent") if not error.sent else t("Details")
    return t("Details") if ours.is_ours(error.message, error.origin) else t("In the provider's own words")


def again_at(completion: Completion) -> datetime | None:
    """The moment the provider named for another try, UTC; None when it named none."""
    error = completion.error
    if error is None or error.retry_after_s is None:
        return None
    timing = completion.timing
    ended = timing.started_at + timedelta(milliseconds=timing.waited_ms + (timing.total_ms or 0))
    return ended + timedelta(seconds=error.retry_after_s)


def outcome(kind: str, *, sent: bool = True) -> str:
    """Why an attempt came to nothing, in two words; `kind` is an error's."""
    if not sent:
        return t("not sent: {why}", why=outcome(kind))
    return {
        "missing_key": t("no key"),
        "auth": t("key not accepted"),
        "credits": t("credit used up"),
        "forbidden": t("not allowed"),
        "not_found": t("unknown model"),
        "bad_request": t("request refused"),
        "context_too_long": t("too long for it"),
        "quota_spent": t("allowance spent"),
        "filtered": t("held back by the filter"),
        "rate_limited": t("too many requests"),
        "overloaded": t("overloaded"),
        "server": t("server fault"),
        "unreachable": t("not reachable"),
        "timeout": t("no answer in time"),
        "truncated": t("broken off"),
        "bad_reply": t("unreadable reply"),
    }.get(kind, t("failed"))

"""A failed answer in words: one sentence by kind, what to do about it, and when to try again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from core.errors import LLMError
from core.records import Completion
from core.ui.text import t

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
    "missing_key": lambda: t("Paste one on the Providers page, or choose another model."),
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
NEEDS_PROVIDERS_PAGE = frozenset({"setup", "missing_key", "auth", "credits", "kept_private"})


def sentence(error: LLMError, provider: str, model: str) -> str:
    """What happened, with the names given (Markdown, already safe)."""
    make = SENTENCES.get(error.kind)
    return make(provider, model) if make else t("{provider} could not answer.", provider=provider)


def advice(error: LLMError) -> str:
    """What to do about it; "" when there is nothing to add."""
    make = ADVICE.get(error.kind)
    return make() if make else ""


def again_at(completion: Completion) -> datetime | None:
    """The moment the provider named for another try, UTC; None when it named none."""
    error = completion.error
    if error is None or error.retry_after_s is None:
        return None
    timing = completion.timing
    ended = timing.started_at + timedelta(milliseconds=timing.waited_ms + (timing.total_ms or 0))
    return ended + timedelta(seconds=error.retry_after_s)


def outcome(kind: str) -> str:
    """Why an attempt came to nothing, in two words; `kind` is an error's."""
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

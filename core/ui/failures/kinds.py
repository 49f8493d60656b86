"""The texts for each kind of error, one entry per kind.

Each text is a literal argument of `t`, so that it is found for translation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..text import t

Words = Callable[[], str]
Sentence = Callable[[str, str], str]  # of the provider's and the model's name, as Markdown


@dataclass(frozen=True, slots=True)
class Kind:
    """`short` is two or three words for a table, `sentence` the headline, `advice` what to do about it.

    `not_sent` and `not_sent_advice`: we did not send it. `broke_off`: part of the answer arrived and is kept.
    `waits`: shown by a batch while it waits; its argument says until when.
    """

    sentence: Sentence
    short: Words = lambda: t("failed")
    advice: Words = lambda: ""
    not_sent: Sentence | None = None
    not_sent_advice: Words | None = None
    broke_off: Sentence = lambda p, m: t(
        "The answer from {provider} is incomplete. The partial answer is kept.", provider=p
    )
    waits: Callable[[str], str] = lambda when: t("failing right now; retried {when}", when=when)


KINDS: dict[str, Kind] = {
    "setup": Kind(
        sentence=lambda p, m: t("{provider} is not fully set up.", provider=p),
        advice=lambda: t("The Providers page shows what is missing."),
    ),
    "missing_key": Kind(
        sentence=lambda p, m: t("No {provider} key in this session.", provider=p),
        short=lambda: t("no key"),
        advice=lambda: t("Paste a key, or choose another model."),
    ),
    "blocked_input": Kind(
        sentence=lambda p, m: t("This prompt was not sent."),
    ),
    "auth": Kind(
        sentence=lambda p, m: t("{provider} rejected the API key.", provider=p),
        short=lambda: t("key rejected"),
        advice=lambda: t("Check the key on the Providers page."),
        not_sent=lambda p, m: t("Not sent: {provider} has rejected this key before.", provider=p),
        not_sent_advice=lambda: t("Change the key on the Providers page, or press Retry to send it anyway."),
    ),
    "credits": Kind(
        sentence=lambda p, m: t("Your credit at {provider} is used up.", provider=p),
        short=lambda: t("credit used up"),
        advice=lambda: t("Add credit at the provider, or choose another model."),
        not_sent=lambda p, m: t("Not sent: {provider} reported that your credit is used up.", provider=p),
        not_sent_advice=lambda: t("Add credit at the provider, then press Retry to send it."),
        broke_off=lambda p, m: t(
            "Your credit at {provider} ran out during the answer. The partial answer is kept.", provider=p
        ),
    ),
    "forbidden": Kind(
        sentence=lambda p, m: t("{provider} does not allow this for your account or region.", provider=p),
        short=lambda: t("not allowed"),
        advice=lambda: t("Choose another model or provider."),
    ),
    "not_found": Kind(
        sentence=lambda p, m: t("{provider} has no model called {model}.", provider=p, model=m),
        short=lambda: t("unknown model"),
        advice=lambda: t("Choose another model, or refresh the list on the Providers page."),
        not_sent=lambda p, m: t("Not sent: {provider} has no model called {model}.", provider=p, model=m),
    ),
    "model_ended": Kind(
        sentence=lambda p, m: t("Not sent: {model} of {provider} has ended.", provider=p, model=m),
        short=lambda: t("model ended"),
        advice=lambda: t("Choose another model, or press Retry: it is asked all the same."),
    ),
    "bad_request": Kind(
        sentence=lambda p, m: t("{provider} rejected the request.", provider=p),
        short=lambda: t("request rejected"),
        advice=lambda: t("The provider's message below says why."),
        not_sent=lambda p, m: t("Not sent: {provider} does not support such a request.", provider=p),
        not_sent_advice=lambda: t("The reason is below."),
    ),
    "context_too_long": Kind(
        sentence=lambda p, m: t("This conversation exceeds the context window of {model}.", model=m),
        short=lambda: t("too long for its context window"),
        advice=lambda: t("Start a new chat, or choose a model with a larger context window."),
        not_sent=lambda p, m: t("Not sent: this conversation exceeds the context window of {model}.", model=m),
    ),
    "rate_limited": Kind(
        sentence=lambda p, m: t("{provider} rate limit reached: too many requests in a short time.", provider=p),
        short=lambda: t("rate limited"),
        advice=lambda: t("Wait a moment, or choose another model."),
        not_sent=lambda p, m: t("Not sent: the {provider} rate limit is reached.", provider=p),
        broke_off=lambda p, m: t("{provider} hit a limit during the answer. The partial answer is kept.", provider=p),
        waits=lambda when: t("rate limited; resumes {when}", when=when),
    ),
    "quota_spent": Kind(
        sentence=lambda p, m: t("Your quota at {provider} is used up for now.", provider=p),
        short=lambda: t("quota used up"),
        advice=lambda: t("Choose another model until it resets."),
        not_sent=lambda p, m: t("Not sent: your quota at {provider} is used up for now.", provider=p),
        broke_off=lambda p, m: t("{provider} hit a limit during the answer. The partial answer is kept.", provider=p),
        waits=lambda when: t("quota used up; resumes {when}", when=when),
    ),
    "overloaded": Kind(
        sentence=lambda p, m: t("{provider} is overloaded right now.", provider=p),
        short=lambda: t("overloaded"),
        advice=lambda: t("Try again in a moment, or choose another model."),
        not_sent=lambda p, m: t("Not sent: {model} failed several times in a row and is paused.", model=m),
        not_sent_advice=lambda: t("Press Retry to send it anyway, or choose another model."),
        broke_off=lambda p, m: t("{provider} failed during the answer. The partial answer is kept.", provider=p),
    ),
    "server": Kind(
        sentence=lambda p, m: t("{provider} had a server error.", provider=p),
        short=lambda: t("server error"),
        advice=lambda: t("Try again. If it keeps failing, choose another model."),
        not_sent=lambda p, m: t("Roundtable itself failed while handling this answer."),
        broke_off=lambda p, m: t("{provider} failed during the answer. The partial answer is kept.", provider=p),
    ),
    "unreachable": Kind(
        sentence=lambda p, m: t("{provider} could not be reached.", provider=p),
        short=lambda: t("unreachable"),
        advice=lambda: t("Check your connection, then try again."),
        broke_off=lambda p, m: t(
            "The connection to {provider} broke during the answer. The partial answer is kept.", provider=p
        ),
    ),
    "timeout": Kind(
        sentence=lambda p, m: t("{provider} did not answer in time.", provider=p),
        short=lambda: t("timed out"),
        advice=lambda: t("Try again. A long answer may need a faster model."),
        broke_off=lambda p, m: t(
            "{provider} stopped sending during the answer. The partial answer is kept.", provider=p
        ),
    ),
    "truncated": Kind(
        sentence=lambda p, m: t("The answer from {provider} was cut off and may be incomplete.", provider=p),
        short=lambda: t("cut off"),
        advice=lambda: t("The partial answer is kept. Retry for the whole answer."),
    ),
    "bad_reply": Kind(
        sentence=lambda p, m: t("{provider} sent a reply that cannot be read.", provider=p),
        short=lambda: t("unreadable reply"),
        advice=lambda: t("Try again. If it keeps failing, choose another model."),
    ),
    "filtered": Kind(
        sentence=lambda p, m: t("{provider}'s content filter blocked the answer.", provider=p),
        short=lambda: t("blocked by the filter"),
        advice=lambda: t("Rephrase the question, or choose another model."),
        broke_off=lambda p, m: t(
            "{provider}'s content filter cut the answer off. The partial answer is kept.", provider=p
        ),
    ),
    "kept_private": Kind(
        sentence=lambda p, m: t("This chat began with a private provider, and Auto does not send it to others."),
        advice=lambda: t("Choose a model, or allow other providers on the Providers page, under Privacy."),
    ),
}
UNKNOWN = Kind(lambda p, m: t("{provider} could not answer.", provider=p))


def kind_of(name: str) -> Kind:
    """The texts of a kind, also of one stored by a later version."""
    return KINDS.get(name, UNKNOWN)


def outcome(name: str, *, sent: bool = True) -> str:
    """Why an attempt failed, in two or three words; `name` is an error's kind."""
    short = kind_of(name).short()
    return short if sent else t("not sent: {why}", why=short)

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
    broke_off: Sentence = lambda p, m: t("The answer from {provider} broke off. What came is kept.", provider=p)
    waits: Callable[[str], str] = lambda when: t("it fails at the moment; tried again {when}", when=when)


KINDS: dict[str, Kind] = {
    "setup": Kind(
        sentence=lambda p, m: t("{provider} is not fully set up.", provider=p),
        advice=lambda: t("The Providers page tells what is missing."),
    ),
    "missing_key": Kind(
        sentence=lambda p, m: t("There is no key for {provider} yet.", provider=p),
        short=lambda: t("no key"),
        advice=lambda: t("Paste a key, or choose another model."),
    ),
    "blocked_input": Kind(
        sentence=lambda p, m: t("This prompt was not sent."),
    ),
    "auth": Kind(
        sentence=lambda p, m: t("{provider} did not accept the key.", provider=p),
        short=lambda: t("key not accepted"),
        advice=lambda: t("Check the key on the Providers page."),
        not_sent=lambda p, m: t("Not sent: {provider} refused this key before.", provider=p),
        not_sent_advice=lambda: t("Change the key on the Providers page, or press Retry: it is sent at once."),
    ),
    "credits": Kind(
        sentence=lambda p, m: t("The credit at {provider} is used up.", provider=p),
        short=lambda: t("credit used up"),
        advice=lambda: t("Add credit there, or choose another model."),
        not_sent=lambda p, m: t("Not sent: {provider} said before that there is no credit left.", provider=p),
        not_sent_advice=lambda: t("Add credit there, then press Retry: it is sent at once."),
        broke_off=lambda p, m: t(
            "{provider} stopped in mid-answer: the credit is used up. What came is kept.", provider=p
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
        sentence=lambda p, m: t("{provider} refused the request.", provider=p),
        short=lambda: t("request refused"),
        advice=lambda: t("The provider's own words below say why."),
        not_sent=lambda p, m: t("Not sent: {provider} does not take such a request.", provider=p),
        not_sent_advice=lambda: t("The reason stands below."),
    ),
    "context_too_long": Kind(
        sentence=lambda p, m: t("This conversation is too long for {model}.", model=m),
        short=lambda: t("too long for it"),
        advice=lambda: t("Start a new chat, or choose a model with a larger window."),
        not_sent=lambda p, m: t("Not sent: this conversation is too long for {model}.", model=m),
    ),
    "rate_limited": Kind(
        sentence=lambda p, m: t("{provider} asks for a pause: too many requests in a short time.", provider=p),
        short=lambda: t("too many requests"),
        advice=lambda: t("Wait a little, or choose another model."),
        not_sent=lambda p, m: t("Not sent: the rate limit of {provider} is reached.", provider=p),
        broke_off=lambda p, m: t("{provider} stopped in mid-answer at a limit. What came is kept.", provider=p),
        waits=lambda when: t("its limit asks for a pause; goes on {when}", when=when),
    ),
    "quota_spent": Kind(
        sentence=lambda p, m: t("Your allowance at {provider} is spent for now.", provider=p),
        short=lambda: t("allowance spent"),
        advice=lambda: t("Choose another model until it returns."),
        not_sent=lambda p, m: t("Not sent: your allowance at {provider} is used up for now.", provider=p),
        broke_off=lambda p, m: t("{provider} stopped in mid-answer at a limit. What came is kept.", provider=p),
        waits=lambda when: t("its allowance is used up; goes on {when}", when=when),
    ),
    "overloaded": Kind(
        sentence=lambda p, m: t("{provider} is overloaded at the moment.", provider=p),
        short=lambda: t("overloaded"),
        advice=lambda: t("Try again in a moment, or choose another model."),
        not_sent=lambda p, m: t("Not sent: {model} failed several times in a row and is given a rest.", model=m),
        not_sent_advice=lambda: t("Press Retry to ask it all the same, or choose another model."),
        broke_off=lambda p, m: t("{provider} failed in mid-answer. What came is kept.", provider=p),
    ),
    "server": Kind(
        sentence=lambda p, m: t("{provider} had a fault on its side.", provider=p),
        short=lambda: t("server fault"),
        advice=lambda: t("Try again; if it stays, choose another model."),
        not_sent=lambda p, m: t("Roundtable itself failed on this answer."),
        broke_off=lambda p, m: t("{provider} failed in mid-answer. What came is kept.", provider=p),
    ),
    "unreachable": Kind(
        sentence=lambda p, m: t("{provider} could not be reached.", provider=p),
        short=lambda: t("not reachable"),
        advice=lambda: t("Check the connection, then try again."),
        broke_off=lambda p, m: t("The connection to {provider} was lost in mid-answer. What came is kept.", provider=p),
    ),
    "timeout": Kind(
        sentence=lambda p, m: t("{provider} did not answer in time.", provider=p),
        short=lambda: t("no answer in time"),
        advice=lambda: t("Try again; long answers may need a faster model."),
        broke_off=lambda p, m: t("{provider} fell silent in mid-answer. What came is kept.", provider=p),
    ),
    "truncated": Kind(
        sentence=lambda p, m: t("The answer from {provider} broke off; it may be incomplete.", provider=p),
        short=lambda: t("broken off"),
        advice=lambda: t("What came is kept. Try again for the whole answer."),
    ),
    "bad_reply": Kind(
        sentence=lambda p, m: t("{provider} sent something that could not be read.", provider=p),
        short=lambda: t("unreadable reply"),
        advice=lambda: t("Try again; if it stays, choose another model."),
    ),
    "filtered": Kind(
        sentence=lambda p, m: t("{provider} held the answer back with its content filter.", provider=p),
        short=lambda: t("held back by the filter"),
        advice=lambda: t("Put the question in other words, or choose another model."),
        broke_off=lambda p, m: t(
            "{provider} cut the answer off with its content filter. What came is kept.", provider=p
        ),
    ),
    "kept_private": Kind(
        sentence=lambda p, m: t("Earlier turns of this chat were for a private provider; Auto keeps them there."),
        advice=lambda: t("Choose a model, or let other providers answer: Providers page, under Privacy."),
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

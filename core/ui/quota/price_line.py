"""The price line beside Send: what the next question takes of the remaining quota."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from math import ceil

import streamlit as st

from ...providers import pace
from ...providers.limits import BY_MODEL, Need, Price, is_too_large
from ...records import Message, Provider, Text
from ...store import StoreError
from ...views.conversation import File, Turn
from .. import session
from ..base.time_zone import zone
from ..models.key_texts import answering_keys
from ..models.names import named
from ..routing.prospects import prospects
from ..routing.words import is_auto
from ..text import plain, t, tn
from . import day, ledger, output_words, words
from .ledger import Efforts
from .outlook import outlook

EARLY_S = 1.0
PERIODS = ("day", "month", "hour", "once", "minute")  # a limit per second is of no interest here
LONG = ("hour", "day", "month")
TOKENS = ("tokens", "input_tokens", "output_tokens")
WORST_FIRST = ("over", "tight", "fits", "unknown")


def draw(model_ids: Sequence[str], history: Sequence[Message] = (), efforts: Efforts = ()) -> None:
    """Draw the line for one call of each model; `history` is sent along with the question, which is not yet typed, and
    `efforts` are how hard they are to think."""
    with st.container(key="price"):
        if not session.is_open() and ledger.is_early([*model_ids, *_auto_models(model_ids, history)]):
            _early(model_ids, history, efforts)
        else:
            st.caption(line(model_ids, history, datetime.now(UTC), zone(), efforts))


def total(model_ids: Sequence[str], history: Sequence[Message] = (), efforts: Efforts = ()) -> None:
    """One total without model names: how many calls, whether they fit, what they cost together."""
    try:
        prices = ledger.prices(model_ids, history, efforts)
        output = output_words.expected(model_ids, efforts)
    except StoreError:
        caption(t("The remaining quota cannot be loaded right now."))
        return
    providers = session.engine().catalog.providers
    own_providers = [provider for name in model_ids if (provider := providers.get(name.partition("/")[0]))]
    does_not_fit = any(price.state == "over" for price in prices)
    fits = t("not enough quota for all") if does_not_fit else ""
    money = _money(prices, own_providers) if prices else t("uses no quota")
    of_day = day.note(model_ids, history, datetime.now(UTC), zone(), efforts)
    parts = (tn("{number} call", "{number} calls", len(model_ids)), fits, output, money, of_day)
    caption(" · ".join(filter(None, parts)))


def caption(sentence: str) -> None:
    with st.container(key="price"):
        st.caption(sentence)


@st.fragment(run_every=EARLY_S)
def _early(model_ids: Sequence[str], history: Sequence[Message], efforts: Efforts) -> None:
    """The line until the database is open; then the page is rerun."""
    if session.is_open():
        st.rerun()
    st.caption(line(model_ids, history, datetime.now(UTC), zone(), efforts))


def _auto_models(model_ids: Sequence[str], history: Sequence[Message]) -> dict[str, str]:
    """The models that the router would ask, with a label for each price."""
    return {
        model_id: label
        for option in filter(is_auto, model_ids)
        for model_id, label in prospects(option, history).items()
    }


def line(
    model_ids: Sequence[str],
    history: Sequence[Message],
    now: datetime,
    local_zone: tzinfo | None,
    efforts: Efforts = (),
    *,
    spaced: bool = False,
) -> str:
    """The line as Markdown, for "auto" with the models that the router would ask.

    `spaced`: the calls are spaced so that limits per minute do not matter.
    """
    labels = _auto_models(model_ids, history)
    if labels:
        of_providers = _of_auto(
            labels, [_line([name], history, now, local_zone, efforts[:1], spaced=spaced) for name in labels]
        )
    else:
        of_providers = _line(model_ids, history, now, local_zone, efforts, spaced=spaced)
    return " · ".join(filter(None, (of_providers, day.note(model_ids, history, now, local_zone, efforts))))


def _of_auto(labels: Mapping[str, str], prices: Sequence[str]) -> str:
    """The prices of the models that the router would ask."""
    if len(set(prices)) == 1:
        return " · ".join([*labels.values(), prices[0]])
    return t("; ").join(f"{lead} · {price}" for lead, price in zip(labels.values(), prices, strict=True))


def _line(
    model_ids: Sequence[str],
    history: Sequence[Message],
    now: datetime,
    local_zone: tzinfo | None,
    efforts: Efforts,
    *,
    spaced: bool,
) -> str:
    providers = session.engine().catalog.providers
    providers_of = [providers.get(model_id.partition("/")[0]) for model_id in model_ids]
    try:
        prices = ledger.prices(model_ids, history, efforts)
        output = output_words.expected(model_ids, efforts)
    except StoreError:
        return t("The remaining quota cannot be loaded right now.")
    if spaced:
        prices = [pace.spaced(price) for price in prices]
    parts = [
        _price(price, named(providers[price.provider_id]), now, local_zone)
        for price in sorted(prices, key=lambda price: WORST_FIRST.index(price.state))
    ]
    unready = {
        provider_.label: session.standing(provider_).state
        for provider_ in providers_of
        if provider_ and ledger.is_counted(provider_) and not ledger.is_ready(provider_)
    }
    parts += [
        t("{provider} rejected the key", provider=plain(label))
        if state == "refused"
        else t("{provider}: not set up", provider=plain(label))
        for label, state in sorted(unready.items())
    ]
    parts += answering_keys([provider for provider in providers_of if provider])
    if any(map(is_auto, model_ids)):
        unknown = any(
            not session.engine().directory.fault(provider_, session.keys())
            for provider_ in session.engine().directory.real(session.keys())
        )
        parts.append(t("loads its model list first") if unknown else t("no model is ready to answer"))
    if any(provider is not None and provider.local for provider in providers_of):
        parts.append(t("on this computer: uses no quota"))
    simulated = [provider is not None and provider.simulated for provider in providers_of]
    if all(simulated):
        return " · ".join(filter(None, (t("simulated · uses no quota"), output)))
    if any(simulated):
        parts.append(t("simulated models use no quota"))
    money = _money(prices, [provider for provider in providers_of if provider]) if prices else ""
    return " · ".join(filter(None, [*parts, output, money]))


def _price(price: Price, name: str, now: datetime, local_zone: tzinfo | None) -> str:
    """One provider: what the calls take, and what to do if that is too much."""
    worst = _worst(price)
    shown_need = _request_need(price, worst)
    until = "" if worst else _until(shown_need, now, local_zone)
    first, second = f"{_requests(shown_need)}{until}", _tokens(price.tokens)
    if worst and worst.window.unit in TOKENS:
        first, second = _tokens(worst), ""
    elif worst and worst.window.unit != "requests":
        first, second = words.figure(worst.window), ""
    elif worst and price.state == "over":
        second = ""
    text = " · ".join(filter(None, (first, second))) or _budget(price)
    if not text:
        fits = price.state == "fits"
        return (
            t("{provider}: enough quota", provider=name)
            if fits
            else t("{provider}: remaining quota unknown", provider=name)
        )
    text = f"{name}{_of_one(price, worst)}{t(': ')}{text}"
    if worst and price.state == "over":
        return f":red[:material/block: {text} · **{_what_to_do(worst, now, local_zone)}**]"
    if worst and price.state == "tight":
        return f":orange[:material/warning: {text} · {_few_left(worst, now, local_zone)}]"
    warning = _ends_early(price, now, local_zone)
    return f":orange[:material/trending_down: {text} · {warning}]" if warning else text


def _budget(price: Price) -> str:
    """The remaining money, if nothing else is counted."""
    money_needs = [need for need in price.needs if need.window.unit == "usd" and need.window.remaining is not None]
    return words.figure(money_needs[0].window) if money_needs else ""


def _of_one(price: Price, worst: Need | None) -> str:
    """The model whose window is exceeded, if several of one provider have their own."""
    models = {need.window.scope for need in price.needs if need.window.pool in BY_MODEL}
    return f" ({plain(worst.window.scope)})" if worst and worst.window.pool in BY_MODEL and len(models) > 1 else ""


def _worst(price: Price) -> Need | None:
    """The exceeded or tight window with the latest reset; None if everything fits."""
    if price.state not in ("over", "tight"):
        return None
    blocking = [need for need in price.needs if need.state == price.state]
    endless = [need for need in blocking if need.window.resets_at is None]
    resets = {need.window.id: need.window.resets_at.timestamp() for need in blocking if need.window.resets_at}
    return endless[0] if endless else max(blocking, key=lambda need: resets[need.window.id], default=None)


def _request_need(price: Price, worst: Need | None) -> Need | None:
    """The window of requests to show: the exceeded one, else of the longest period the one with the least left."""
    if worst and worst.window.unit == "requests":
        return worst
    request_needs = [need for need in price.needs if need.window.unit == "requests" and need.window.per in PERIODS]
    with_remaining = [need for need in request_needs if need.window.remaining is not None] or request_needs
    longest = min((PERIODS.index(need.window.per) for need in with_remaining), default=0)
    candidates = [need for need in with_remaining if PERIODS.index(need.window.per) == longest]
    return min(candidates, key=lambda need: need.window.remaining or Decimal(0), default=None)


def _requests(need: Need | None) -> str:
    """Requests used of those remaining."""
    if need is None:
        return ""
    window, needed = need.window, f"{need.needed or 0:,.0f}"
    when = words.when(window.per)
    if window.remaining is not None and window.remaining <= 0:
        return t("your share is used up {when}", when=when) if window.share else t("no requests left {when}", when=when)
    if window.remaining is not None:
        remaining = words.number("requests", window.remaining)
        if (need.needed or 0) > window.remaining:
            return t("needs {needed} requests, {left} left {when}", needed=needed, left=remaining, when=when)
        return tn(
            "uses your last remaining request {when}",
            "uses {needed} of your {number} remaining requests {when}",
            ceil(window.remaining),
            needed=needed,
            number=remaining,
            when=when,
        )
    if window.limit is not None:
        size = words.number("requests", window.limit)
        return t("uses {needed} of at most {size} requests {when}, remaining unknown",
                 needed=needed, size=size, when=when)  # fmt: skip
    return t("requests: uses {needed}, remaining {when} unknown", needed=needed, when=when)


def _until(need: Need | None, now: datetime, local_zone: tzinfo | None) -> str:
    """When a long window resets, and whether what remains is the reader's share of it."""
    if need is None or need.window.resets_at is None or need.window.remaining is None or need.window.per not in LONG:
        return ""
    clock = words.moment(need.window.resets_at, now, local_zone)
    return t(" (your share, until {clock})", clock=clock) if need.window.share else t(" (until {clock})", clock=clock)


def _tokens(need: Need | None) -> str:
    if need is None or need.needed is None or need.window.remaining is None:
        return ""
    window = need.window
    if need.state == "over" or not window.limit:
        needed, remaining = words.number("tokens", need.needed), words.number("tokens", window.remaining or Decimal(0))
        return t("needs {needed} tokens, {left} remaining {when}",
                 needed=needed, left=remaining, when=words.when(window.per))  # fmt: skip
    share = need.needed / window.limit * 100
    return t("{share}% of {whose} tokens", share=f"{share:.0f}", whose=words.whose(window.per)) if share >= 1 else ""


def _what_to_do(need: Need, now: datetime, local_zone: tzinfo | None) -> str:
    window = need.window
    if is_too_large(window, need.needed if need.each is None else need.each):
        return t("too long for its limit; shorten the chat or choose another model")
    if window.resets_at is None:
        return t("not enough quota; choose another model")
    reset = words.moment(window.resets_at, now, local_zone)
    if window.share and window.share.available < (need.needed or 1):
        return t("the rest is kept for others; choose another model, use your own key, or wait until {clock}",
                 clock=reset)  # fmt: skip
    return t("not enough quota; choose another model or wait until {clock}", clock=reset)


def _few_left(need: Need, now: datetime, local_zone: tzinfo | None) -> str:
    if need.window.resets_at is None:
        return t("little quota left; another model saves it")
    reset = words.moment(need.window.resets_at, now, local_zone)
    if need.window.share:
        return t("little of your share left until {clock}; another model saves it", clock=reset)
    return t("little quota left until {clock}; another model saves it", clock=reset)


def _ends_early(price: Price, now: datetime, local_zone: tzinfo | None) -> str:
    """When the first long window will be used up, if one is before its reset at the current pace."""
    looks = [outlook(need.window, now) for need in price.needs if need.needed]
    used_up = [look.forecast.ends_at for look in looks if "pace" in look.alerts and look.forecast]
    earliest = min((at for at in used_up if at), default=None)
    return (
        ""
        if earliest is None
        else t("at this rate used up by about {clock}", clock=words.moment(earliest, now, local_zone))
    )


def _money(prices: Sequence[Price], providers: Sequence[Provider]) -> str:
    """What the calls cost together, if known."""
    costs = [price.cost_usd for price in prices]
    known_costs = [cost for cost in costs if cost is not None]
    if known_costs and len(known_costs) == len(costs):
        usual = sum((price.usual_cost_usd or Decimal(0) for price in prices), Decimal(0))
        return _cost(usual, sum(known_costs, Decimal(0)))
    free = all(provider.free or not ledger.is_counted(provider) for provider in providers)
    return t("free tier") if free else t("price unknown")


def _cost(usual_usd: Decimal, most_usd: Decimal) -> str:
    usual, most = words.number("usd", usual_usd or most_usd), words.number("usd", most_usd)
    if not most_usd:
        return t("free")
    return t("about {cost}", cost=most) if usual == most else t("about {usual}, seldom above {most}",
                                                               usual=usual, most=most)  # fmt: skip


def messages_of(turns: Sequence[Turn], files: Sequence[File] = ()) -> list[Message]:
    """The messages that a conversation sends with the next question: its texts and pictures, and the files above the
    box."""
    earlier = [message for turn in turns for message in (_question(turn), _answer(turn))]
    return [*earlier, Message("user", [file.part() for file in files])] if files else earlier


def _question(turn: Turn) -> Message:
    pictures = filter(None, (file.picture() for file in turn.attached))
    return Message("user", [Text(turn.prompt), *pictures])


def _answer(turn: Turn) -> Message:
    return Message("assistant", turn.completion.text if turn.completion else "", turn.named)

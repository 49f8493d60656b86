"""What a chat or a comparison has cost so far, in one line; unknown parts are counted, never taken for nothing.

Read again only when an answer was added: `stamp` says how many there are.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import reduce

import streamlit as st

from ...providers.pricing import is_free, paid_price, would_cost_usd
from ...records import Model, Provider
from ...store import StoreError
from ...views.costs import AnswerCost
from .. import session
from ..money import dollars
from ..text import t, tn


@dataclass(frozen=True, slots=True)
class Total:
    """`cost_usd` of the answers whose cost is known, `unknown`: of how many it is not; `would_usd`: what the free ones
    would have cost, as far as known; `answers`: all, those that cost nothing too."""

    cost_usd: Decimal = Decimal(0)
    unknown: int = 0
    would_usd: Decimal = Decimal(0)
    answers: int = 0


def draw(conversation_ids: Sequence[str], stamp: Hashable) -> None:
    """The line, where there is something to tell."""
    if text := words(reduce(add, by_conversation(conversation_ids, stamp).values(), Total())):
        with st.container(key="cost-so-far"):
            st.caption(text)


def draw_entry(entry_id: str) -> None:
    """The line of an entry of the history, read each time: it is drawn only where somebody opened it."""
    with suppress(StoreError):
        if text := words(total(session.person().quota.costs_of_entry(entry_id))):
            st.caption(text)


def by_conversation(conversation_ids: Sequence[str], stamp: Hashable) -> Mapping[str, Total]:
    """The total of each; none before the database is open and while it is away."""
    if not conversation_ids or not session.is_open():
        return {}
    key, remembered = (tuple(conversation_ids), stamp), st.session_state.get("cost-so-far")
    if remembered is None or remembered[0] != key:
        try:
            answers = session.person().quota.costs(conversation_ids)
        except StoreError:
            return {}
        of_each = {
            name: total([answer for answer in answers if answer.conversation_id == name]) for name in conversation_ids
        }
        remembered = st.session_state["cost-so-far"] = (key, of_each)
    return {**remembered[1]}


def add(total: Total, other: Total) -> Total:
    return Total(
        total.cost_usd + other.cost_usd,
        total.unknown + other.unknown,
        total.would_usd + other.would_usd,
        total.answers + other.answers,
    )


def total(answers: Sequence[AnswerCost]) -> Total:
    """Simulated answers and those of local servers cost nothing and would have cost nothing."""
    total = Total(answers=sum(answer.answers for answer in answers))
    providers = session.engine().catalog.providers
    for answer in answers:
        provider, model = _model(answer.model_id, providers)
        if answer.cached or provider is None or provider.simulated or provider.local:
            continue
        if answer.cost_usd:
            total = replace(total, cost_usd=total.cost_usd + answer.cost_usd)
        elif answer.cost_usd is None and not (is_free(model) or provider.free):
            total = replace(total, unknown=total.unknown + answer.answers)
        elif paid := paid_price(model, provider):
            total = replace(total, would_usd=total.would_usd + (would_cost_usd(paid, answer.usage) or 0))
    return total


def words(total: Total) -> str:
    """ "$0.0123 + 2 unknown so far · free answers would have cost $0.0456"; "" where nothing cost anything."""
    parts = []
    if sums := known_and_unknown(total):
        parts.append(t("{cost} so far", cost=sums))
    if total.would_usd:
        parts.append(t("free answers would have cost {cost}", cost=dollars(total.would_usd)))
    return " · ".join(parts)


def known_and_unknown(total: Total) -> str:
    """ "$0.0123 + 2 unknown"; "" where nothing cost anything."""
    amount = dollars(total.cost_usd) if total.cost_usd else ""
    unknown = tn("{number} unknown", "{number} unknown", total.unknown) if total.unknown else ""
    return " + ".join(filter(None, (amount, unknown)))


def _model(model_id: str, providers: Mapping[str, Provider]) -> tuple[Provider | None, Model]:
    provider_id, _, name = model_id.partition("/")
    provider = providers.get(provider_id)
    listed = next((model for model in provider.models if model.name == name), None) if provider else None
    return provider, listed or Model(model_id, name, provider_id)

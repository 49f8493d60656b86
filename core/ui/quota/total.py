"""What a chat or a comparison has cost so far, in one line; unknown parts are counted, never taken for nothing.

Read again only when an answer was added: `stamp` says how many there are.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

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
    would have cost, as far as known."""

    cost_usd: Decimal = Decimal(0)
    unknown: int = 0
    would_usd: Decimal = Decimal(0)


def draw(conversation_ids: Sequence[str], stamp: Hashable) -> None:
    """The line, where there is something to tell."""
    if not conversation_ids or not session.is_open():
        return
    key, remembered = (tuple(conversation_ids), stamp), st.session_state.get("cost-so-far")
    if remembered is None or remembered[0] != key:
        try:
            answers = session.person().quota.costs(conversation_ids)
        except StoreError:
            return
        remembered = st.session_state["cost-so-far"] = (key, words(total(answers)))
    if remembered[1]:
        with st.container(key="cost-so-far"):
            st.caption(remembered[1])


def total(answers: Sequence[AnswerCost]) -> Total:
    """Simulated answers and those of local servers cost nothing and would have cost nothing."""
    total = Total()
    providers = session.engine().catalog.providers
    for answer in answers:
        provider, model = _model(answer.model_id, providers)
        if answer.cached or provider is None or provider.simulated or provider.local:
            continue
        if answer.cost_usd:
            total = replace(total, cost_usd=total.cost_usd + answer.cost_usd)
        elif answer.cost_usd is None and not (is_free(model) or provider.free):
            total = replace(total, unknown=total.unknown + 1)
        elif paid := paid_price(model, provider):
            total = replace(total, would_usd=total.would_usd + (would_cost_usd(paid, answer.usage) or 0))
    return total


def words(total: Total) -> str:
    """ "$0.0123 + 2 unknown so far · free answers would have cost $0.0456"; "" where nothing cost anything."""
    parts = []
    if total.cost_usd or total.unknown:
        amount = dollars(total.cost_usd) if total.cost_usd else ""
        unknown = tn("{number} unknown", "{number} unknown", total.unknown) if total.unknown else ""
        parts.append(t("{cost} so far", cost=" + ".join(filter(None, (amount, unknown)))))
    if total.would_usd:
        parts.append(t("free answers would have cost {cost}", cost=dollars(total.would_usd)))
    return " · ".join(parts)


def _model(model_id: str, providers: Mapping[str, Provider]) -> tuple[Provider | None, Model]:
    provider_id, _, name = model_id.partition("/")
    provider = providers.get(provider_id)
    listed = next((model for model in provider.models if model.name == name), None) if provider else None
    return provider, listed or Model(model_id, name, provider_id)

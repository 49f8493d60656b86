"""The nightly probe: what a night costs, whether it is on, and what the last one brought."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

import streamlit as st

from ...records import Limit
from ...store import StoreError
from .. import session
from ..models import facts
from ..models.names import named
from ..quota import words
from ..text import count, t, tn

if TYPE_CHECKING:
    from ...workspace.nightly import NightPlan

LEAST_SHOWN = Decimal("0.0001")
OPTION = "ROUNDTABLE_NIGHTLY_PROBE"
REASONS: dict[str, Callable[[int], str]] = {
    "no room": lambda n: tn("{number} with too little quota left", "{number} with too little quota left", n),
    "price unknown": lambda n: tn("{number} of unknown price", "{number} of unknown price", n),
    "too slow": lambda n: tn("{number} with a very low rate limit", "{number} with a very low rate limit", n),
    "enough": lambda n: tn("{number} for another night", "{number} for another night", n),
}


def panel() -> None:
    """An expander; the price is computed only while it is open."""
    box = st.expander(t("Nightly probe"), icon=":material/bedtime:", key="night", on_change="rerun")
    if not box.open:
        return
    with box:
        try:
            st.markdown("  \n".join(_lines()))
        except StoreError:
            st.caption(t("The remaining quota cannot be loaded right now."))


def switch() -> None:
    """Whether the charts show the nightly probe's measurements instead of the visitor's; drawn only where there are
    any. Raises StoreError."""
    if session.person().nightly_measurements.series_of():
        st.toggle(t("Show the nightly probe instead of your answers"), key="latency-nightly")


def _lines() -> Iterator[str]:
    nightly = session.person().nightly
    yield t(
        "Once a night, each model is asked for one token, one after another, with the keys of this installation. So "
        "states and first-token times stay current without anyone asking."
    )
    yield price(nightly.price())
    if nightly.enabled:
        yield f":green-badge[{t('on')}] " + t("It starts at a random minute between 1:00 and 4:00.")
    else:
        yield f":gray-badge[{t('off')}] " + t("To switch it on, set {option} and restart.", option=f"`{OPTION}=true`")
    if last := nightly.last():
        yield t(
            "Last night ({day}): {answered} answered, {failed} failed, {skipped} skipped.",
            day=last.night,
            answered=last.answered,
            failed=last.failed,
            skipped=last.skipped,
        )


def _cost(usd: Decimal) -> str:
    if not usd:
        return t("free")
    if usd < LEAST_SHOWN:
        return t("less than {cost}", cost=words.number("usd", LEAST_SHOWN))
    return t("at most {cost}", cost=words.number("usd", usd))


def price(plan: NightPlan) -> str:
    """Such as "A night costs 43 calls, about 430 tokens, at most $0.0001, 2% of the smallest daily quota (…)"."""
    if not plan.calls:
        return t("There is nothing to ask: no provider is set up in the environment, or none has enough quota left.")
    parts = [
        tn("{number} call", "{number} calls", len(plan.calls)),
        t("about {tokens} tokens", tokens=count(plan.tokens)),
        _cost(plan.cost_usd),
    ]
    if plan.largest_share:
        share, window = plan.largest_share
        quota = facts.amount(Limit("account", window.unit, window.per, window.limit))  # type: ignore[arg-type]
        provider = session.engine().catalog.providers[window.provider_id]
        parts.append(
            t(
                "at most {share}% of a daily quota ({provider}: {quota})",
                share=f"{share * 100:.1f}".removesuffix(".0"),
                provider=named(provider),
                quota=quota,
            )
        )
    left_out = Counter(plan.skipped.values())
    skipped = t("; ").join(REASONS[reason](number) for reason, number in left_out.items())
    line = t("A night costs: {price}", price=" · ".join(parts))
    return f"**{line}**" + (f"  \n:gray[{t('Not asked: {models}', models=skipped)}]" if skipped else "")

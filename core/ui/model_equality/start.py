"""The dialog that begins a check: what it takes comes first."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import streamlit as st

from ...insight.model_equality import MOST_CALLS_MORE, SIZES
from ...providers.limits import Price
from ...routing.family import family
from ...store import StoreError
from ...views.model_equality import FEWEST_HOSTS, MOST_HOSTS
from .. import session
from ..base.flash import store_errors_shown
from ..models.choices import ModelOption
from ..models.families import at_several, name_of
from ..models.names import named
from ..quota import words as quota_words
from ..text import plain, t


def offer(key: str, model_ids: Sequence[str], *, label: str, disabled: bool = False) -> None:
    """A button that opens the dialog for the families of these models; several models of one family are its hosts."""
    running = _is_running()
    if st.button(
        label,
        icon=":material/compare_arrows:",
        key=key,
        disabled=disabled or running,
        help=t("A check is already running") if running else t("Asks short questions; the price is shown first"),
    ):
        _dialog(tuple(model_ids))


def _is_running() -> bool:
    run = session.person().equality_checks.current() if session.is_open() else None
    return run is not None and not run.ended


def _dialog(model_ids: tuple[str, ...]) -> None:
    st.dialog(t("Do these hosts serve the same model?"), width="medium")(_form)(model_ids)


def _form(model_ids: tuple[str, ...]) -> None:
    st.caption(
        t(
            "Each host gets the same short questions at temperature 0, and the answers are compared. That can show a "
            "difference, but never prove that the models are the same."
        )
    )
    wanted = {family(model_id.partition("/")[2]) for model_id in model_ids}
    families = {
        name: ready
        for name, options in at_several().items()
        if name in wanted and len(ready := [choice for choice in options if choice.ready]) >= FEWEST_HOSTS
    }
    if not families:
        st.info(
            t("No second provider with this model is ready. Add a key on the Providers page."),
            icon=":material/key_off:",
        )
        return
    name = st.selectbox(
        t("Model"),
        list(families),
        key="equality-family",
        format_func=lambda name: name_of([choice.model.name for choice in families[name]]),
    )
    _hosts(name, families[name], model_ids)


def _hosts(name: str, options: Sequence[ModelOption], model_ids: tuple[str, ...]) -> None:
    """The hosts to ask, how many questions, and the price of each host."""
    by_id = {choice.model.id: choice for choice in options}
    for model_id in model_ids:  # a comparison may ask another name of the same model
        by_id.setdefault(model_id, next((choice for choice in options if choice.model.id == model_id), options[0]))
    by_id = {model_id: choice for model_id, choice in by_id.items() if choice.model.id == model_id}
    questions = st.segmented_control(
        t("Questions"),
        SIZES,
        default=SIZES[0],
        key="equality-questions",
        required=True,
        help=t("More questions find smaller differences."),
    )
    lines = {model_id: _price(choice, questions) for model_id, choice in by_id.items()}
    fitting = [model_id for model_id, (_, fits) in lines.items() if fits]
    preferred = [model_id for model_id in fitting if model_id in model_ids]
    chosen = st.pills(
        t("Hosts"),
        list(by_id),
        selection_mode="multi",
        default=(preferred if len(preferred) >= FEWEST_HOSTS else fitting)[:MOST_HOSTS],
        format_func=lambda model_id: named(by_id[model_id].provider),
        key=f"equality-hosts-{name}",
    )
    st.markdown("  \n".join(lines[model_id][0] for model_id in chosen))
    calls = len(chosen) * questions
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if st.button(
            t("Start"),
            icon=":material/play_arrow:",
            type="primary",
            key="equality-start",
            disabled=not FEWEST_HOSTS <= len(chosen) <= MOST_HOSTS,
        ):
            with store_errors_shown():
                session.person().equality_checks.start(name, chosen, questions)
            st.rerun()  # which closes the dialog
        if len(chosen) < FEWEST_HOSTS:
            st.caption(t("Choose at least two hosts."))
        elif len(chosen) > MOST_HOSTS:
            st.caption(t("Choose at most {number} hosts.", number=MOST_HOSTS))
        else:
            most = calls + len(chosen) * MOST_CALLS_MORE
            st.caption(t("{least} to {most} calls: different answers are asked again.", least=calls, most=most))


def _price(choice: ModelOption, questions: int) -> tuple[str, bool]:
    """What a host's calls take, as Markdown, and whether they fit."""
    name = f"**{named(choice.provider)}** :gray[{plain(choice.model.name)}]"
    if choice.provider.simulated:
        return f"{name} · {t('simulated · uses no quota')}", True
    checks = session.person().equality_checks
    try:
        least, most = (checks.prices([choice.model.id], questions, at_most=at_most) for at_most in (False, True))
    except StoreError:
        return f"{name} · {t('The remaining quota cannot be loaded right now.')}", True
    calls = f"{questions}–{questions + MOST_CALLS_MORE}"
    parts = [name, t("{calls} calls", calls=calls)]
    tokens = quota_words.number("tokens", Decimal(checks.most_tokens(questions)))
    parts.append(t("at most {number} tokens", number=tokens))
    parts += [_shares(low, high) for low, high in zip(least, most, strict=False)]
    parts.append(_money(choice, most))
    over = any(price.state == "over" for price in least)
    if over:
        parts.append(f":red[{t('not enough quota left')}]")
    elif any(price.state == "over" for price in most):
        parts.append(f":orange[{t('may run out before the end')}]")
    return " · ".join(filter(None, parts)), not over


def _shares(least: Price, most: Price) -> str:
    """The share of what is left of the day's requests, or of another long window."""
    parts = []
    for low, high in zip(least.needs, most.needs, strict=False):
        left = high.window.remaining
        if high.needed is None or low.needed is None or left is None or left <= 0 or high.window.unit == "usd":
            continue
        percent = [f"{100 * need.needed / left:.0f}" for need in (low, high) if need.needed is not None]
        share = "–".join(dict.fromkeys(percent)) + "%" if percent[-1] != "0" else "< 1%"
        kind = t("requests") if high.window.unit == "requests" else t("tokens")
        parts.append(
            t(
                "{share} of the {left} {kind} left {when}",
                share=share,
                left=quota_words.number(high.window.unit, left),
                kind=kind,
                when=quota_words.when(high.window.per),
            )
        )
    return " · ".join(parts)


def _money(choice: ModelOption, prices: Sequence[Price]) -> str:
    costs = [price.cost_usd for price in prices]
    if costs and None not in costs:
        total = sum((cost for cost in costs if cost is not None), Decimal(0))
        return t("at most {cost}", cost=quota_words.number("usd", total)) if total else t("free")
    if choice.free:
        return t("free tier")
    return t("on this computer: uses no quota") if choice.provider.local else t("price unknown")

"""What a provider refused for a model lately: said before the next question is sent, and tried again by one click."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import streamlit as st

from ...errors import LLMError
from ...records import AUTO, Provider, RefusedFeature
from .. import session
from ..base.flash import store_errors_shown
from ..base.time_zone import zone
from ..text import date_of, t
from .features import feature_name
from .marks import speaker_of


def wanted(generation: Mapping[str, Any], *, pictures: bool = False, documents: bool = False) -> frozenset[str]:
    """The features that a question with these settings asks for."""
    are_wanted = {
        "effort": generation.get("effort") is not None,
        str(generation.get("response_format")): generation.get("response_format") in ("json", "schema"),
        "tools": bool(generation.get("calculator")),
        "stop": bool(generation.get("stop")),
        "picture": pictures,
        "document": documents,
    }
    return frozenset(name for name, is_so in are_wanted.items() if is_so)


def notice(model_ids: Sequence[str], features: Collection[str]) -> None:
    """A line for each model that refused some of these features."""
    for model_id in dict.fromkeys(model_ids):
        refusals = [refusal for refusal in _of(model_id) if refusal.feature in features]
        if not refusals:
            continue
        speaker = speaker_of(model_id, session.engine().catalog.providers)
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"refused-{model_id}"):
            sentence = t("Not sent to {model}, because its provider refused it: {features}",
                         model=f"**{speaker.model_name}**", features=dated(refusals))  # fmt: skip
            st.caption(f":material/block: {sentence}", width="content")
            st.button(
                t("Try again"),
                key=f"try-again-{model_id}",
                type="tertiary",
                on_click=forget,
                args=(speaker.provider, speaker.model.name),
            )


def dated(refusals: Sequence[RefusedFeature]) -> str:
    """ "reasoning effort (Nov 30, 2026), tools (Nov 28, 2026)"."""
    names = [
        f"{feature_name(refusal.feature)} ({date_of(refusal.at.astimezone(zone()).date())})" for refusal in refusals
    ]
    return t(", ").join(names)


def forget(provider: Provider, model_name: str | None = None) -> None:
    """From now on ask for it again, at one model or at all of the provider. For callbacks."""
    with store_errors_shown():
        session.engine().directory.forget_refusals(provider, session.keys(), model_name)


def _of(model_id: str) -> tuple[RefusedFeature, ...]:
    if not model_id or model_id in AUTO:
        return ()
    try:
        provider, model = session.engine().catalog.find(model_id)
    except LLMError:
        return ()
    return session.life(provider).refused.get(model.name, ())

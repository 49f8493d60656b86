"""A row of segments above what it switches: one of a few choices, always chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar, cast

import streamlit as st

Choice = TypeVar("Choice", bound=str)


def segments(
    label: str,
    names: Mapping[Choice, str],
    key: str,
    default: Choice | None = None,
    *,
    on_change: Callable[[], None] | None = None,
) -> Choice:
    """Draw it and return the choice. `names`: what each choice is called; `label` is read aloud, not shown. Without a
    `default` the session state holds the choice already."""
    chosen = st.segmented_control(
        label,
        list(names),
        default=default,
        required=True,
        format_func=names.__getitem__,
        key=key,
        label_visibility="collapsed",
        on_change=on_change,
    )
    return cast(Choice, chosen)  # never None where one is required

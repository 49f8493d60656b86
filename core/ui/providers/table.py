"""The table of providers: a row each, the card of an open row below it.

It is HTML of our own (`static/providers_table.js`), because Streamlit draws its tables on a canvas, where neither
keyboard nor screen reader finds a row. It cannot hold widgets, so it ends after each open row and goes on
below the card.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import streamlit as st

from ...records import Provider
from .. import session
from ..models.marks import colour_and_shape
from ..models.names import label
from ..text import t
from . import filters
from .cells import cells, kind
from .order import BY_USE, ORDERS
from .rows import ProviderRow

FOLDER = Path(__file__).parents[1] / "static"
_HTML = '<div class="providers"></div>'
COLUMNS = [name for name in ORDERS if name != BY_USE]
NUMBERS = {"requests", "tokens", "models", "first-token"}


@cache
def _source(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def table(
    rows: Sequence[ProviderRow], view: filters.TableView, card: Callable[[Provider], None], *, reveal: str = ""
) -> None:
    """Draw the rows in this order; `card` draws what an open row shows."""
    component = st.components.v2.component(
        "roundtable-providers", html=_HTML, css=_source("providers_table.css"), js=_source("providers_table.js")
    )
    open_ids = filters.opened()
    heads = [_head(name, view) for name in COLUMNS]
    for number, part in enumerate(_parts(rows, open_ids)):
        key = f"providers-{number}"
        component(
            key=key,
            data=[_data(part, heads, open_ids, reveal=reveal, is_first=number == 0)],  # in a list: see chat/drafts.py
            on_toggle_change=partial(_toggled, key),
            on_sort_change=partial(_sorted, key),
        )
        if part[-1].provider.id in open_ids:
            provider = part[-1].provider
            with st.container(key=f"provider-{provider.id}"):
                card(provider)


def _parts(rows: Sequence[ProviderRow], open_ids: Sequence[str]) -> list[list[ProviderRow]]:
    """The rows cut after each open one."""
    parts: list[list[ProviderRow]] = [[]]
    for row in rows:
        parts[-1].append(row)
        if row.provider.id in open_ids:
            parts.append([])
    return [part for part in parts if part]


def _head(name: str, view: filters.TableView) -> dict[str, Any]:
    is_reversed = view.reverse != ORDERS[name].most_first
    return {
        "id": name,
        "text": ORDERS[name].title(),
        "sorted": ("descending" if is_reversed else "ascending") if view.sort == name else "",
        "number": name in NUMBERS,
    }


def _data(
    part: Sequence[ProviderRow],
    heads: Sequence[dict[str, Any]],
    open_ids: Sequence[str],
    *,
    reveal: str,
    is_first: bool,
) -> dict[str, Any]:
    return {
        "caption": t("Providers"),
        "unknown": t("unknown"),
        "heads": heads,
        "first": is_first,
        "reveal": reveal,
        "rows": [_row(row, is_open=row.provider.id in open_ids) for row in part],
    }


def _row(row: ProviderRow, *, is_open: bool) -> dict[str, Any]:
    colour, shape = colour_and_shape(row.provider.id, session.engine().catalog.providers)
    return {
        "id": row.provider.id,
        "name": label(row.provider),
        "kind": kind(row),
        "colour": colour,
        "shape": shape,
        "retired": row.provider.state == "retired",
        "open": is_open,
        "cells": cells(row),
    }


def _toggled(key: str) -> None:
    if name := _event(key, "toggle"):
        filters.toggle(name)


def _sorted(key: str) -> None:
    if column := _event(key, "sort"):
        filters.sort_by(column)


def _event(key: str, name: str) -> str:
    """What the browser said, which may be anything."""
    value = (st.session_state.get(key) or {}).get(name)
    return value if isinstance(value, str) else ""

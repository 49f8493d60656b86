"""The table of providers: a row each, the card of an open row below it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from ...records import Provider
from .. import session
from ..base import table as tables
from ..models.marks import colour_and_shape
from ..models.names import label
from ..text import t
from . import filters
from .cells import cells, kind
from .order import BY_USE, ORDERS
from .rows import ProviderRow

COLUMNS = [name for name in ORDERS if name != BY_USE]
NUMBERS = {"requests", "tokens", "models", "first-token"}


def table(
    rows: Sequence[ProviderRow], view: filters.TableView, card: Callable[[Provider], None], *, reveal: str = ""
) -> None:
    """Draw the rows in this order; `card` draws what an open row shows."""
    open_ids, providers = filters.opened(), {row.provider.id: row.provider for row in rows}

    def below(provider_id: str) -> None:
        with st.container(key=f"provider-{provider_id}"):
            card(providers[provider_id])

    tables.draw(
        "providers",
        t("Providers"),
        [_head(name, view) for name in COLUMNS],
        [_row(row, is_open=row.provider.id in open_ids) for row in rows],
        sort=filters.sort_by,
        toggle=filters.toggle,
        below=below,
        reveal=reveal,
    )


def _head(name: str, view: filters.TableView) -> tables.TableHead:
    is_reversed = view.reverse != ORDERS[name].most_first
    return tables.TableHead(
        name,
        ORDERS[name].title(),
        name in NUMBERS,
        ("descending" if is_reversed else "ascending") if view.sort == name else "",
    )


def _row(row: ProviderRow, *, is_open: bool) -> tables.TableRow:
    colour, shape = colour_and_shape(row.provider.id, session.engine().catalog.providers)
    return tables.TableRow(
        row.provider.id,
        label(row.provider),
        cells(row),
        kind(row),
        colour,
        shape,
        is_open,
        faded=row.provider.state == "retired",
    )

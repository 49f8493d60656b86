"""Search, filters and order of the Providers page, kept in the address, and the rows that pass them.

Which rows are shown in which order is settled when the reader comes, searches, filters or sorts, and not again: pasting
or testing a key moves no row under the reader's hands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from ...records import Provider
from .. import session
from ..models.names import matches
from ..text import noted, t
from .order import BY_USE, ORDERS, ordered
from .rows import ProviderRow

SEARCH, FILTER, REGION, SORT, OPEN = "search", "filter", "region", "sort", "open"  # widgets, and names in the address
LINK = "providers-link"
REVERSED = "providers-reversed"
OPENED = "providers-opened"
SETTLED = "providers-settled"

# Each text is a literal argument of `t`, so that it is found for translation.
FILTERS: Mapping[str, tuple[Callable[[], str], Callable[[ProviderRow], bool]]] = {
    "ready": (lambda: t("Ready to use"), lambda row: row.ready),
    "free": (lambda: t("Free tier"), lambda row: bool(row.provider.free) and row.provider.state == "live"),
    "no-card": (lambda: t("No card"), lambda row: row.provider.privacy.card is False),
    "no-phone": (lambda: t("No phone"), lambda row: row.provider.privacy.phone is False),
    "private": (lambda: t("Does not train"), lambda row: row.provider.privacy.trains is False),
    "trial": (lambda: t("Trial"), lambda row: row.provider.state == "trial"),
    "local": (lambda: t("On this computer"), lambda row: row.provider.local),
    "retired": (lambda: t("Retired"), lambda row: row.provider.state == "retired"),
}


@dataclass(frozen=True, slots=True)
class TableView:
    """What the reader asked to see."""

    words: str
    filters: tuple[str, ...]
    region: str | None
    sort: str
    reverse: bool


def arrive() -> None:
    """Take search, filters, order and open rows from the address; forget what an earlier visit settled."""
    state, query = st.session_state, st.query_params
    sort = query.get(SORT, "")
    state[FILTER] = [name for name in query.get_all(FILTER) if name in FILTERS]
    state[REGION] = query.get(REGION)
    state[SORT] = sort.removeprefix("-") if sort.removeprefix("-") in ORDERS else BY_USE
    state[REVERSED] = sort.startswith("-") and state[SORT] != BY_USE
    state[OPENED] = [name for name in query.get_all(OPEN) if name in session.engine().catalog.providers]
    state.pop(SETTLED, None)


def controls(rows: Sequence[ProviderRow]) -> TableView:
    """Draw search, filters and order."""
    with st.container(key="finding", horizontal=True, vertical_alignment="center", gap="small"):
        words = st.text_input(
            t("Search providers and models"),
            key=SEARCH,
            type="search",
            live="200ms",
            placeholder=t("Search providers and models"),
            icon=":material/search:",
            label_visibility="collapsed",
            width="stretch",
        )
        region = _region(rows)
        st.selectbox(
            t("Sort by"),
            list(ORDERS),
            format_func={name: t("Sort: {column}", column=ORDERS[name].title()) for name in ORDERS}.__getitem__,
            key=SORT,
            on_change=_sort_chosen,
            label_visibility="collapsed",
            width=210,
        )
    chosen = st.pills(
        t("Filter"),
        list(FILTERS),
        selection_mode="multi",
        format_func={name: title() for name, (title, _passes) in FILTERS.items()}.__getitem__,
        key=FILTER,
        label_visibility="collapsed",
    )
    return TableView(words or "", tuple(chosen), region, st.session_state[SORT], st.session_state[REVERSED])


def _region(rows: Sequence[ProviderRow]) -> str | None:
    regions = sorted({row.provider.privacy.region for row in rows if row.provider.privacy.region}, key=noted)
    if st.session_state.get(REGION) not in regions:
        st.session_state[REGION] = None
    return st.selectbox(
        t("Region"),
        regions,
        index=None,
        format_func={region: noted(region) for region in regions}.__getitem__,
        key=REGION,
        placeholder=t("Any region"),
        label_visibility="collapsed",
        width=150,
    )


def _sort_chosen() -> None:
    st.session_state[REVERSED] = False


def sort_by(column: str) -> None:
    """A click on a head: order by it, or the other way round where it is the order already. For callbacks."""
    if column not in ORDERS:
        return
    st.session_state[REVERSED] = st.session_state[SORT] == column and not st.session_state[REVERSED]
    st.session_state[SORT] = column


def toggle(provider_id: str) -> None:
    """Open a row, or close it. For callbacks."""
    opened: list[str] = st.session_state[OPENED]
    if provider_id in opened:
        opened.remove(provider_id)
    elif provider_id in session.engine().catalog.providers:
        opened.append(provider_id)


def opened() -> Sequence[str]:
    """Ids of the open rows."""
    names: list[str] = st.session_state[OPENED]
    return names


def settle_again() -> None:
    """Filter and order anew in the next run: what the rows tell has changed by the reader's wish."""
    st.session_state.pop(SETTLED, None)


def shown(view: TableView, rows: Sequence[ProviderRow]) -> list[ProviderRow]:
    """The rows that pass, in order."""
    settled: tuple[TableView, list[str]] | None = st.session_state.get(SETTLED)
    if settled is None or settled[0] != view:
        passing = [row for row in rows if _passes(view, row)]
        settled = view, [row.provider.id for row in ordered(passing, view.sort, reverse=view.reverse)]
        st.session_state[SETTLED] = settled
    by_id = {row.provider.id: row for row in rows}
    return [by_id[name] for name in settled[1] if name in by_id]


def _passes(view: TableView, row: ProviderRow) -> bool:
    if not all(FILTERS[name][1](row) for name in view.filters):
        return False
    if view.region and row.provider.privacy.region != view.region:
        return False
    return not view.words or matches(view.words, row.provider, _names(row.provider))


def _names(provider: Provider) -> list[str]:
    return [
        *(model.name for model in provider.models),
        *session.engine().directory.names(provider, session.keys()),
    ]


def remember(view: TableView, *, arrived: bool) -> None:
    """Keep the view for reload, Back and links to this page. The words of the search are not part of it: each of
    their letters would be a page of its own for Back."""
    order = f"{'-' * view.reverse}{view.sort}"
    link = {
        FILTER: [*view.filters],
        REGION: [view.region] if view.region else [],
        SORT: [order] if order != BY_USE else [],
        OPEN: [*opened()],
    }
    link = {name: values for name, values in link.items() if values}
    st.session_state[LINK] = link
    if arrived:  # the browser is still turning to this page, and has the address that it came with
        return
    for name in (FILTER, REGION, SORT, OPEN):
        if st.query_params.get_all(name) != link.get(name, []):
            if name in link:
                st.query_params[name] = link[name]
            else:
                del st.query_params[name]

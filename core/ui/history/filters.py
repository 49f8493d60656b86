"""What the History page shows of the history: words, tags, and how far the list was opened.

All of it stands in the address, so that Back, a reload and a copied link lead to the same results. The browser's script
writes the address, since Streamlit would make an entry of the browser's history for every pause in typing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from ...views.history import Tag
from ..text import plain, t

WORDS, TAGS, SHOWN = "search", "tag", "shown"
SCRIPT = Path(__file__).parents[1] / "static" / "place.js"
MOST_TAGS = 30
MOST_SHOWN = 10_000
REMEMBERED = 5  # addresses that were written last: one of them comes back with a click that was faster
Address = tuple[tuple[str, ...], ...]


def open_address(*, arrived: bool) -> None:
    """Take over what the address looks for, if the visitor came by it: by a link, Back or a reload."""
    address = tuple(tuple(st.query_params.get_all(name)) for name in (WORDS, TAGS, SHOWN))
    written: list[Address] = st.session_state.setdefault("history-written", [])
    if not arrived and (address == st.session_state.get("history-address") or address in written):
        st.session_state["history-address"] = address
        return
    written.clear()
    st.session_state["history-address"] = address
    words, tags, shown = address
    st.session_state[WORDS] = words[-1] if words else ""
    st.session_state[TAGS] = list(tags)
    number = shown[-1] if shown else ""
    pages = min(int(number), MOST_SHOWN) if number.isascii() and number.isdecimal() and len(number) < 9 else 0
    st.session_state["history-shown"] = (_looked_for(), pages)


def search_box() -> str:
    """What is typed into the search box."""
    typed = st.text_input(
        t("Search all messages"),
        key=WORDS,
        type="search",
        live="300ms",
        placeholder=t("Search all messages, or tag:work"),
        icon=":material/search:",
        label_visibility="collapsed",
    )
    return str(typed or "").strip()


def tag_pills(tags: Sequence[Tag]) -> list[str]:
    """The tags that are chosen; nothing is drawn where there are none."""
    counts = {tag.name: tag.entries for tag in sorted(tags, key=lambda tag: -tag.entries)}
    chosen = [name for name in st.session_state.get(TAGS) or () if name in counts]
    st.session_state[TAGS] = chosen
    if not counts:
        return []
    st.pills(
        t("Tags"),
        list(dict.fromkeys([*list(counts)[:MOST_TAGS], *chosen])),
        selection_mode="multi",
        format_func=lambda name: f"{plain(name)} :gray[{counts[name]}]",
        key=TAGS,
        label_visibility="collapsed",
    )
    return chosen


def shown(page: int) -> int:
    """How many entries, or results, to show: more after each click on "More", until something else is looked for."""
    looked_for, number = st.session_state.get("history-shown", (None, 0))
    return max(int(number), page) if looked_for == _looked_for() else page


def more(page: int) -> None:
    """Show one page more. For callbacks."""
    st.session_state["history-shown"] = (_looked_for(), min(shown(page) + page, MOST_SHOWN))


def keep_address(page: int) -> None:
    """Write the address, and scroll to where its list was left after Back and after a reload."""
    number = shown(page)
    words, tags = str(st.session_state.get(WORDS) or "").strip(), list(st.session_state.get(TAGS) or ())
    address = ((words,) if words else (), tuple(tags), (str(number),) if number > page else ())
    written: list[Address] = st.session_state["history-written"]
    if address not in (*written, st.session_state["history-address"]):
        written.append(address)
        del written[:-REMEMBERED]
    looked_for = [(name, value) for name, values in zip((WORDS, TAGS, SHOWN), address, strict=True) for value in values]
    others = [(name, value) for name in ("lang",) for value in st.query_params.get_all(name)]
    component = st.components.v2.component("roundtable-place", js=SCRIPT.read_text(encoding="utf-8"))
    component(key="place", height=0, data=[urlencode([*looked_for, *others])])


def _looked_for() -> tuple[str, tuple[str, ...]]:
    return str(st.session_state.get(WORDS) or "").strip(), tuple(st.session_state.get(TAGS) or ())

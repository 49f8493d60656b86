"""A table whose heads sort and whose rows open, with what an open row shows below it.

It is HTML of our own (`static/table.js`), because Streamlit draws its tables on a canvas, where neither keyboard nor
screen reader finds a row. It cannot hold widgets, so it ends after each open row and goes on below what that shows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path
from typing import Literal, TypedDict

import streamlit as st

from ..text import t

FOLDER = Path(__file__).parents[1] / "static"
_HTML = '<div class="table"></div>'
Hear = Callable[[str], None]


class Cell(TypedDict, total=False):
    """`text` "" where nothing is known; `small` stands below it; `tone`: good, warning, bad or "" ."""

    text: str
    small: str
    tone: str


@dataclass(frozen=True, slots=True)
class TableHead:
    """A column; the first one holds the names of the rows. `id` is its class in the stylesheet."""

    id: str
    text: str
    number: bool = False
    sorted: Literal["", "ascending", "descending"] = ""


@dataclass(frozen=True, slots=True)
class TableRow:
    """`kind` stands small beside the name; `cells` follow it. `open` None: there is nothing to open. Plain text all."""

    id: str
    name: str
    cells: Sequence[Cell]
    kind: str = ""
    colour: str = "gray"
    shape: str = ""
    open: bool | None = None
    faded: bool = False


@cache
def _source(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def draw(
    name: str,
    caption: str,
    heads: Sequence[TableHead],
    rows: Sequence[TableRow],
    *,
    sort: Hear,
    toggle: Hear = lambda _row_id: None,
    below: Hear = lambda _row_id: None,
    reveal: str = "",
) -> None:
    """`static/{name}_table.css` has the widths of the columns. `sort` and `toggle` hear the id of a head or a row,
    which is text of the browser and may be anything. `below` draws what an open row shows; `reveal`: the row to
    scroll to."""
    component = st.components.v2.component(
        f"roundtable-{name}",
        html=_HTML,
        css=_source("table.css") + _source(f"{name}_table.css"),
        js=_source("table.js"),
    )
    for number, part in enumerate(_parts(rows)):
        key = f"{name}-{number}"
        component(
            key=key,
            data=[  # in a list: see chat/drafts.py
                {
                    "caption": caption,
                    "unknown": t("unknown"),
                    "heads": [asdict(head) for head in heads],
                    "first": number == 0,
                    "reveal": reveal,
                    "rows": [asdict(row) for row in part],
                }
            ],
            on_toggle_change=partial(_heard, key, "toggle", toggle),
            on_sort_change=partial(_heard, key, "sort", sort),
        )
        if part[-1].open:
            below(part[-1].id)


def _parts(rows: Sequence[TableRow]) -> list[list[TableRow]]:
    """The rows cut after each open one."""
    parts: list[list[TableRow]] = [[]]
    for row in rows:
        parts[-1].append(row)
        if row.open:
            parts.append([])
    return [part for part in parts if part]


def _heard(key: str, event: str, hear: Hear) -> None:
    value = (st.session_state.get(key) or {}).get(event)
    if isinstance(value, str) and value:
        hear(value)

"""CSV and JSON as a table or a tree (`core.safety.data_shapes`), with the text itself one click away.

    draw(place, shape, text, "json")     # tabs: table or tree, and the code
    show(place, shape)                   # the table or tree alone

Streamlit imports pandas for a table, so nothing here may be called for an answer without one.
"""

from __future__ import annotations

from streamlit.delta_generator import DeltaGenerator

from ...safety.data_shapes import DataTable, DataTree
from ..text import t, whole

ROWS_IN_SIGHT, ROW_PX = 12, 35


def unnamed() -> str:
    """What `data_shapes` calls a column without a head."""
    return t("Column {number}", number="{number}")


def draw(place: DeltaGenerator, shape: DataTable | DataTree, text: str, language: str) -> None:
    """`text` is the block's, ready to draw (`core.safety.outgoing`)."""
    label = t("Table") if isinstance(shape, DataTable) else t("Tree")
    drawn, code = place.container(gap="xsmall").tabs([label, t("Code")])
    show(drawn, shape)
    code.code(text, language=language)


def show(place: DeltaGenerator, shape: DataTable | DataTree) -> None:
    if isinstance(shape, DataTree):
        place.json(shape.value, expanded=2)
        return
    rows = len(next(iter(shape.columns.values()), []))
    if rows <= ROWS_IN_SIGHT:
        place.dataframe(shape.columns, hide_index=True, width="stretch", height="content")
    else:
        place.dataframe(shape.columns, hide_index=True, width="stretch", height=(ROWS_IN_SIGHT + 1) * ROW_PX)
    if rows < shape.total:
        shown, number = whole(rows), whole(shape.total)
        place.caption(t("The first {shown} of {number} rows. The code has them all.", shown=shown, number=number))

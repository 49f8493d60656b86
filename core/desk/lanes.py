"""One more lane in a comparison that is there already: another model answers the same prompt."""

from __future__ import annotations

from collections.abc import Mapping

from core.desk import Desk
from core.desk.sheet import Comparison, Sheet
from core.records import NOTHING
from core.store import runs


def add(
    desk: Desk,
    owner_id: str,
    request_id: str,
    comparison: Comparison,
    model_id: str,
    keys: Mapping[str, str] = NOTHING,
) -> None:
    """Put the comparison's prompt to one more model, once for a request id. NotFound for another owner's."""
    lane_id = runs.add_lane(desk.database, owner_id, comparison.id, request_id, model_id)
    sheet = Sheet(lane_id, model_id=model_id, wishes=comparison.wishes, lane=True)
    desk.ask(owner_id, request_id, comparison.prompt, model_id, sheet=sheet, wishes=comparison.wishes, keys=keys)

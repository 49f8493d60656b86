"""The log of calls, for the administrator. Who may read it is the caller's business."""

from __future__ import annotations

from collections.abc import Iterator

from ..safety import spreadsheet
from ..store import audit
from ..views.audit import AuditFilter, AuditPage, AuditRow
from .shared import Shared

HEADER = (
    "at", "person", "name", "provider", "model_asked", "model_served", "response_model", "outcome", "attempt",
    "settings", "duration_ms", "input_tokens", "output_tokens", "cost_usd", "cached", "prompt_sha256", "error_id",
    "question",
)  # fmt: skip


class AuditLog:
    """Raises `StoreError`."""

    def __init__(self, shared: Shared) -> None:
        self._database = shared.database
        self.shows_texts = shared.engine.settings.audit_text == "text"

    def page(self, chosen: AuditFilter) -> AuditPage:
        return audit.page(self._database, chosen, texts=self.shows_texts)

    def models(self) -> list[str]:
        return audit.models(self._database)

    def outcomes(self) -> list[str]:
        return audit.outcomes(self._database)

    def csv(self, chosen: AuditFilter) -> Iterator[str]:
        """All that match, at most a hundred thousand, as lines of a file."""
        rows = audit.everything(self._database, chosen, texts=self.shows_texts)
        return spreadsheet.lines(HEADER, map(_cells, rows))


def _cells(row: AuditRow) -> tuple[object, ...]:
    settings = " ".join(f"{name}={value}" for name, value in (row.settings or {}).items())
    numbers = (row.ms, row.input_tokens, row.output_tokens, row.cost_usd, row.cached)
    person = (row.at.isoformat(), row.person, row.name)
    names = (row.provider_id, row.model_id, row.served_model_id, row.response_model, row.outcome, row.n, settings)
    return (*person, *names, *numbers, row.prompt_hash, row.event_id, row.text)

"""Whether a batch has to be approved by an administrator: it makes many calls with keys that all share.

needed(...)          what the administrator is asked; None: the batch may run
BatchApprovals       the list for administrators, and their decisions
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from .. import events
from ..budget import Budget
from ..engine import Engine
from ..records import AUTO, Owner
from ..store.batches import approvals
from ..store.database import Database
from ..views.batches import Approval, Fit, WaitingBatch
from .carrier import BatchCarrier
from .price import fits


def needed(
    engine: Engine,
    database: Database,
    budget: Budget,
    owner: Owner,
    calls: Mapping[str, int],
    tokens_per_call: int,
    settings: Mapping[str, Any],
    now: datetime,
) -> Approval | None:
    """`calls` are those that each model is still to be asked, with these settings."""
    limit = engine.settings.batch_approval_calls
    shared = {model_id: number for model_id, number in calls.items() if number and is_shared(engine, owner, model_id)}
    total = sum(shared.values())
    if limit is None or total <= limit:
        return None
    forecasts: list[Fit] = []
    for model_id, number in shared.items():
        planned = [
            budget.asks(
                [model_id],
                "",
                owner.keys,
                efforts=[settings.get("effort")],
                max_output_tokens=settings.get("max_output_tokens"),
                owner_id=owner.id,
            )
        ]
        forecasts += fits(database, engine, [model_id], planned, number, tokens_per_call * number)
    costs = [fit.cost_usd for fit in forecasts]
    return Approval(
        calls=total,
        input_tokens=sum(fit.input_tokens for fit in forecasts),
        output_tokens=sum(fit.output_tokens for fit in forecasts),
        cost_usd=sum((cost for cost in costs if cost is not None), Decimal(0)),
        unpriced=None in costs,
        asked_at=now,
    )


def is_shared(engine: Engine, owner: Owner, model_id: str) -> bool:
    """Whether the model would be called with a key of the server; "auto" may be."""
    provider = engine.catalog.providers.get(model_id.partition("/")[0])
    if provider is None:
        return model_id in AUTO
    key = None if provider.simulated else engine.keyring.find(provider, owner.keys)
    return key is not None and key.is_shared


class BatchApprovals:
    """For administrators alone: callers must have checked that this is one. Raises `StoreError`."""

    def __init__(self, carrier: BatchCarrier) -> None:
        self._carrier = carrier

    def waiting(self) -> list[WaitingBatch]:
        """The oldest first."""
        return approvals.waiting(self._carrier.database)

    def approve(self, batch_id: str, reason: str = "", *, by: str = "") -> bool:
        """Let it run now. False where it does not wait any more. `by` is the short name of the administrator."""
        return self._decide(batch_id, reason, by, approved=True)

    def decline(self, batch_id: str, reason: str = "", *, by: str = "") -> bool:
        """It does not run; its owner reads the reason."""
        return self._decide(batch_id, reason, by, approved=False)

    def _decide(self, batch_id: str, reason: str, by: str, *, approved: bool) -> bool:
        owner_id = approvals.decide(self._carrier.database, batch_id, reason, approved=approved)
        if owner_id is None:
            return False
        events.log(
            "batch_approved" if approved else "batch_declined",
            level=logging.INFO,
            batch=batch_id,
            person=events.person(owner_id),
            by=by or None,
        )
        if approved:
            self._carrier.look_now()
        return True

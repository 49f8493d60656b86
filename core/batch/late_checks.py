"""Answers that are checked against their form after they landed: of a batch of an older version, or since its owner
wished repairs. Some at a time, while somebody looks at the batch."""

from __future__ import annotations

import time

from ..store.batches import forms
from ..store.batches.forms import FoundForm
from ..store.database import Database
from ..views.batches import Batch
from .form_check import check_form

MOST = 1_000
PIECE_S = 1.0


def check_some(database: Database, owner_id: str, batch: Batch) -> int:
    """Check what can be within about a second. Returns how many."""
    form = batch.form
    if form is None:
        return 0
    until = time.monotonic() + PIECE_S
    checked = []
    for answer in forms.unchecked(database, owner_id, batch.id, MOST):
        made = check_form(answer.text, form, batch.fields, answer.expected_fields, mend=batch.mends)
        checked.append(FoundForm(answer.place, answer.n, made.state, made.problem, made.marks, made.repaired))
        if time.monotonic() > until:
            break
    forms.keep(database, owner_id, batch.id, checked, mends=batch.mends)
    return len(checked)

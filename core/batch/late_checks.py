"""Answers that are checked after they landed: of a batch of an older version, since its owner wished repairs, or the
old answers of a rehearsal. Some at a time, while somebody looks at the batch."""

from __future__ import annotations

import time
from typing import Any

from ..insight.expected import Rule, check
from ..store.batches import forms, old_answers
from ..store.batches.forms import FoundForm
from ..store.batches.old_answers import OldAnswer
from ..store.database import Database
from ..views.batches import Batch
from ..views.conversation import GenerationSettings
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


def check_old_answers(database: Database, owner_id: str, batch: Batch) -> int:
    """Check the old answers of a rehearsal, as many as can be within about a second. Returns how many."""
    if batch.rehearsal is None:
        return 0
    until = time.monotonic() + PIECE_S
    checks = []
    for answer in old_answers.unchecked(database, owner_id, batch.id):
        checks.append((answer.n, _of_old(answer, batch)))
        if time.monotonic() > until:
            break
    old_answers.keep(database, owner_id, batch.id, checks)
    return len(checks)


def _of_old(answer: OldAnswer, batch: Batch) -> dict[str, Any]:
    """As `Item` has it; nothing where the question had neither a rule nor a form."""
    rule = Rule.of(answer.setup.get("rule")) or Rule.of(batch.rule)
    form = GenerationSettings.of("", answer.setup.get("settings") or {}).form()
    checks: dict[str, Any] = {}
    if rule and (passed := check(rule, answer.expected, answer.text)) is not None:
        checks["passed"] = passed
    if form:
        made = check_form(answer.text, form, batch.fields, answer.expected_fields)
        checks |= {"form": made.state, "form_problem": made.problem or None, "marks": made.marks or None}
    return checks

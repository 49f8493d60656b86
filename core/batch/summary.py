"""The results of a batch as CSV, a line a model: shares with n and Wilson's 95 % interval, times, tokens, money.

Shares are between 0 and 1. What is not known is an empty cell.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..intervals import wilson
from ..safety import spreadsheet
from ..views.batches import BatchView, Sum


def encoded(view: BatchView) -> bytes:
    facts = [_facts(view, part) for part in view.sums]
    if view.old:
        facts.append({"model": f"{view.old.model_id} before", "rows": view.batch.rows, **_shares(view, view.old)})
    names = list(dict.fromkeys(name for fact in facts for name in fact))
    rows = [[fact.get(name) for name in names] for fact in facts]
    return "".join(spreadsheet.lines(names, rows)).encode()


def _facts(view: BatchView, part: Sum) -> dict[str, object]:
    facts: dict[str, object] = {
        "model": part.model_id,
        "rows": view.batch.rows,
        "answered": part.done,
        "failed": part.failed,
        "skipped": part.skipped,
    }
    facts |= _shares(view, part)
    return facts | {
        "median_ms": None if part.median_ms is None else round(part.median_ms, 1),
        "input_tokens": part.input_tokens,
        "output_tokens": part.output_tokens,
        "tokens_estimated": part.estimated,
        "cost_usd": None if part.unpriced else f"{part.cost_usd:f}",
        "unpriced_answers": part.unpriced,
        "free_answers": part.free_answers,
        "would_cost_usd": f"{part.would_cost_usd:f}" if part.free_answers > part.would_cost_unknown else None,
        "would_cost_unknown": part.would_cost_unknown,
    }


def _shares(view: BatchView, part: Sum) -> dict[str, object]:
    facts: dict[str, object] = {}
    if view.batch.rule:
        facts |= _share("as_expected", part.passed, part.checked)
    if part.forms or view.batch.form:
        facts |= _share("valid", part.forms.get("valid", 0), part.formed)
        facts |= {state: part.forms.get(state, 0) for state in ("invalid", "not_json", "unchecked")}
        facts["repaired"] = part.repaired
    for name in view.batch.fields:
        facts |= _share(f"field.{name}", *part.fields.get(name, (0, 0)))
    return facts


def _share(name: str, right: int, n: int) -> Mapping[str, object]:
    """Empty cells where nothing was checked."""
    low, high = wilson(right, n)
    share = (round(right / n, 4), round(low, 4), round(high, 4)) if n else (None, None, None)
    return dict(zip((f"{name} {part}" for part in ("share", "low", "high", "n")), (*share, n), strict=True))

"""The effect of an answer or a failure on its row and on its model's other rows. Pure.

answered                        done, checked against what was expected
larger than a whole limit       the row has failed
a limit, nothing was sent       the row waits again, the model pauses until the limit resets
a limit of the day or month     the same, or the rest of the model is skipped: as the person chose
a refusal by the provider's limit, or overload    the row waits again, a few times; then it has failed
no key, no credit, no such model     the row has failed, and the rest of the model is skipped
anything else                   the row has failed; its text so far is kept
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ..errors import LLMError, QuotaSpent, class_of
from ..insight.agreement import agree
from ..insight.expected import Rule, check
from ..records import Completion, ResponseFormat
from ..store.batches.carrying import DONE, FAILED, SKIPPED, WAITING, ClaimedRow, Ended
from ..views.batches import Item
from .form_check import check_form

PUT_BACK_S = 10.0  # where the provider named no wait
SPENT_S = 3600.0
LONGEST_REST_S = 32 * 24 * 3600.0
MOST_TRIES = 5


@dataclass(frozen=True, slots=True)
class FormWish:
    """The form of an answer, the fields that its batch compares, and whether it is repaired first."""

    form: ResponseFormat
    fields: Sequence[str] = ()
    mends: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """The row's end. `rest_s`: its model pauses so long, because of `why` (an error's kind).

    `skip`: its model is not asked any more, with the kind and the message of the error.
    """

    ended: Ended
    rest_s: float | None = None
    why: str = ""
    skip: tuple[str, str] | None = None


def outcome(
    claimed: ClaimedRow,
    completion: Completion,
    rule: Rule | None,
    when_spent: str,
    now: datetime,
    calls: Sequence[dict[str, Any]] = (),
    form: FormWish | None = None,
) -> Outcome:
    """`calls` are its rows of the call log; `form` was asked for."""
    error = completion.error
    if error is None:
        passed = check(rule, claimed.expected, completion.text) if rule else None
        likeness, clashes = compared(claimed.reference, completion.text)
        ended = _ended(claimed, completion, DONE, now, calls, passed=passed)
        item = replace(ended.item, likeness=likeness, clashes=clashes)
        return Outcome(replace(ended, item=_formed(item, claimed, form) if form else item))
    if isinstance(error, QuotaSpent):
        if when_spent == "skip":
            return Outcome(_ended(claimed, completion, SKIPPED, now, calls), skip=(error.kind, error.message))
        return Outcome(_later(claimed, calls, 0), _rest(error, SPENT_S), error.kind)
    if _is_busy(error) and not error.oversize and claimed.tries + error.sent < MOST_TRIES:
        pause_s = PUT_BACK_S * 2 ** min(claimed.tries, 4)
        return Outcome(_later(claimed, calls, int(error.sent)), _rest(error, pause_s), error.kind)
    of_all = error.needs_change and not error.oversize  # a shorter row may be accepted
    skip = (error.kind, error.message) if of_all else None
    return Outcome(_ended(claimed, completion, FAILED, now, calls), skip=skip)


def _formed(item: Item, claimed: ClaimedRow, wish: FormWish) -> Item:
    """With what was found out about its form."""
    made = check_form(item.text, wish.form, wish.fields, claimed.expected_fields, mend=wish.mends)
    return replace(
        item, form=made.state, form_problem=made.problem or None, marks=made.marks or None, repaired=made.repaired
    )


def compared(reference: str | None, answer: str) -> tuple[float | None, int | None]:
    """How much of both texts the other has too, 0 to 1, and in how many places they contradict each other.

    None where one of them has nothing to compare. May take tenths of a second for long texts.
    """
    if not reference:
        return None, None
    agreement = agree([reference, answer])
    return agreement.overall, None if agreement.overall is None else len(agreement.clashes)


def broken(claimed: ClaimedRow, error: BaseException, now: datetime) -> Outcome:
    """For a fault of this program: the row has failed, the others continue."""
    words = f"Roundtable itself failed while handling this row ({type(error).__name__})."
    return Outcome(Ended(claimed.n, Item(claimed.place, FAILED, error_kind="server", error=words), ended_at=now))


def stopped(claimed: ClaimedRow, now: datetime) -> Ended:
    """For a question in flight when the batch was cancelled."""
    return Ended(claimed.n, Item(claimed.place, SKIPPED, error_kind="stopped"), ended_at=now)


def _is_busy(error: LLMError) -> bool:
    """Whether this model will accept questions again by itself; our own refusals are final for their call only."""
    return class_of(error.kind).retryable and error.scope == "model"


def _rest(error: LLMError, usual_s: float) -> float:
    retry_after_s = error.retry_after_s
    return min(max(usual_s if retry_after_s is None else retry_after_s, 1.0), LONGEST_REST_S)


def _later(claimed: ClaimedRow, calls: Sequence[dict[str, Any]], sent: int) -> Ended:
    return Ended(claimed.n, Item(claimed.place, WAITING), tries=claimed.tries + sent, calls=calls)


def _ended(
    claimed: ClaimedRow,
    completion: Completion,
    state: str,
    now: datetime,
    calls: Sequence[dict[str, Any]],
    *,
    passed: bool | None = None,
) -> Ended:
    usage, timing, error = completion.usage, completion.timing, completion.error
    item = Item(
        place=claimed.place,
        state=state,
        text=completion.text,
        passed=passed,
        ttft_ms=timing.ttft_ms,
        total_ms=timing.total_ms,
        input_tokens=usage.input_tokens if usage else None,
        output_tokens=usage.output_tokens if usage else None,
        cached_tokens=usage.cached_tokens if usage else None,
        reasoning_tokens=usage.reasoning_tokens if usage else None,
        estimated=bool(usage and usage.estimated),
        cost_usd=completion.cost_usd,
        finish=completion.finish.reason if completion.finish else "",
        error_kind=error.kind if error else "",
        error=error.message if error else "",
        origin=error.origin if error else None,
        served_model_id=completion.served_model_id,
        response_model=completion.response_model,
        served_by=completion.served_by,
        system_fingerprint=completion.system_fingerprint,
    )
    return Ended(claimed.n, item, claimed.tries, now, calls)

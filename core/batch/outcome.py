"""What an answer, or the lack of one, means for its row and for the rest of its model. Pure.

answered                        done, held against what was expected
larger than a limit ever allows    the row has failed
a limit, nothing was sent       the row waits again, the model rests until the limit's reset
a limit of the day or month     the same, or the rest of the model is skipped: as the person chose
a refusal by the provider's limit, or overload    the row waits again, a few times; then it has failed
no key, no credit, no such model     the row has failed, and the rest of the model is skipped
anything else                   the row has failed; what had come of the text is kept
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..errors import LLMError, QuotaSpent, class_of
from ..insight.expected import Rule, check
from ..records import Completion
from ..store.batches.carrying import DONE, FAILED, SKIPPED, WAITING, ClaimedRow, Ended
from ..views.batches import Item

PUT_BACK_S = 10.0  # where nobody said how long a busy model rests
SPENT_S = 3600.0
LONGEST_REST_S = 32 * 24 * 3600.0
MOST_TRIES = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """The row's end. `rest_s`: its model is not asked for so long, because of `why` (an error's kind).

    `skip`: its model is not asked any more, with the kind and the words of the error.
    """

    ended: Ended
    rest_s: float | None = None
    why: str = ""
    skip: tuple[str, str] | None = None


def outcome(
    taken: ClaimedRow,
    completion: Completion,
    rule: Rule | None,
    when_spent: str,
    now: datetime,
    calls: Sequence[dict[str, Any]] = (),
) -> Outcome:
    """`calls` are the rows of the call log that go with it."""
    error = completion.error
    if error is None:
        passed = check(rule, taken.expected, completion.text) if rule else None
        return Outcome(_ended(taken, completion, DONE, now, calls, passed=passed))
    if isinstance(error, QuotaSpent):
        if when_spent == "skip":
            return Outcome(_ended(taken, completion, SKIPPED, now, calls), skip=(error.kind, error.message))
        return Outcome(_later(taken, calls, 0), _rest(error, SPENT_S), error.kind)
    if _is_busy(error) and not error.oversize and taken.tries + error.sent < MOST_TRIES:
        pause_s = PUT_BACK_S * 2 ** min(taken.tries, 4)
        return Outcome(_later(taken, calls, int(error.sent)), _rest(error, pause_s), error.kind)
    of_all = error.needs_change and not error.oversize  # a shorter row may be taken
    skip = (error.kind, error.message) if of_all else None
    return Outcome(_ended(taken, completion, FAILED, now, calls), skip=skip)


def broken(taken: ClaimedRow, error: BaseException, now: datetime) -> Outcome:
    """For a fault of this program: the row has failed, the others go on."""
    words = f"Roundtable itself failed on this row ({type(error).__name__})."
    return Outcome(Ended(taken.n, Item(taken.place, FAILED, error_kind="server", error=words), ended_at=now))


def stopped(taken: ClaimedRow, now: datetime) -> Ended:
    """For a question that was on its way when the batch was cancelled."""
    return Ended(taken.n, Item(taken.place, SKIPPED, error_kind="stopped"), ended_at=now)


def _is_busy(error: LLMError) -> bool:
    """Whether this model will take questions again by itself; refusals of ours are final for their call alone."""
    return class_of(error.kind).retryable and error.scope == "model"


def _rest(error: LLMError, usual_s: float) -> float:
    wished = error.retry_after_s
    return min(max(usual_s if wished is None else wished, 1.0), LONGEST_REST_S)


def _later(taken: ClaimedRow, calls: Sequence[dict[str, Any]], sent: int) -> Ended:
    return Ended(taken.n, Item(taken.place, WAITING), tries=taken.tries + sent, calls=calls)


def _ended(
    taken: ClaimedRow,
    completion: Completion,
    state: str,
    now: datetime,
    calls: Sequence[dict[str, Any]],
    *,
    passed: bool | None = None,
) -> Ended:
    usage, timing, error = completion.usage, completion.timing, completion.error
    item = Item(
        place=taken.place,
        state=state,
        text=completion.text,
        passed=passed,
        ttft_ms=timing.ttft_ms,
        total_ms=timing.total_ms,
        input_tokens=usage.input_tokens if usage else None,
        output_tokens=usage.output_tokens if usage else None,
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
    return Ended(taken.n, item, taken.tries, now, calls)

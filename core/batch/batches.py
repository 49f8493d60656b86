"""A person's batches: created, controlled, read and downloaded. `BatchCarrier` runs them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ..budget import Budget
from ..errors import BlockedInput
from ..input_limits import InputLimits
from ..records import NOTHING, AskedEffort, Owner
from ..store.batches import approvals, forms, making, old_answers, reading
from ..store.columns import from_us
from ..store.rows import derived
from ..views.batches import Approval, Batch, BatchPlan, BatchRow, BatchView, Fit, Sum, Which
from ..views.conversation import GenerationSettings
from . import expected_fields, files, summary
from .approval import needed
from .carrier import BatchCarrier
from .late_checks import check_old_answers, check_some
from .price import fits
from .size import input_tokens, plan_tokens
from .would_cost import with_would_cost

SPEED_OF = timedelta(seconds=120)
MOST_TITLE_CHARS = 200


class Batches:
    """The batches of one person. Raises `StoreError`: NotFound for another's."""

    def __init__(self, carrier: BatchCarrier, input_limits: InputLimits, budget: Budget, owner: Owner) -> None:
        self._carrier = carrier
        self._database = carrier.database
        self._input_limits = input_limits
        self._budget = budget
        self._owner = owner

    def start(self, request_id: str, plan: BatchPlan) -> str:
        """Create a batch and start it, once per request id however often it is sent. Returns the batch's id. One that
        makes too many calls with the server's keys waits for an administrator.

        BlockedInput, and nothing kept, where a row cannot be sent, or too many batches of the person run.
        """
        plan = checked(self._input_limits, plan)
        approval = self._approval_of(plan)
        if approval is None:
            self._admit(derived(self._owner.id, request_id, "batch"))
        batch_id, fresh = making.create(
            self._database, self._owner.id, request_id, plan, self._carrier.process, approval
        )
        if fresh and approval is None:
            self._carrier.carry(self._owner, batch_id)
        return batch_id

    def pause(self, batch_id: str) -> None:
        making.pause(self._database, self._owner.id, batch_id)
        self._carrier.nudge(batch_id)

    def cancel(self, batch_id: str) -> None:
        making.cancel(self._database, self._owner.id, batch_id)
        self._carrier.nudge(batch_id)

    def resume(self, batch_id: str) -> None:
        """Continue, with the keys pasted in this session, which a batch does not store; or ask an administrator, where
        its calls have become too many for the server's keys. BlockedInput as in `start`."""
        if self._asks(batch_id):
            return
        self._admit(batch_id)
        pasted = self.pasted(self.get(batch_id).model_ids)
        carried_here = making.resume(self._database, self._owner.id, batch_id, self._carrier.process, pasted)
        self._go_on(batch_id, carried_here)

    def retry(self, batch_id: str) -> None:
        """Ask again what failed or was skipped; as `resume`."""
        if self._asks(batch_id):
            return
        self._admit(batch_id)
        pasted = self.pasted(self.get(batch_id).model_ids)
        carried_here = making.retry(self._database, self._owner.id, batch_id, self._carrier.process, pasted)
        self._go_on(batch_id, carried_here)

    def remove(self, batch_id: str) -> None:
        making.remove(self._database, self._owner.id, batch_id)
        self._carrier.nudge(batch_id)

    def reveal(self, batch_id: str) -> None:
        """Show the answers of a blind rehearsal with their models, for good."""
        making.reveal(self._database, self._owner.id, batch_id)

    def recent(self, *, limit: int = 50) -> list[Batch]:
        return reading.recent(self._database, self._owner.id, limit=limit)

    def get(self, batch_id: str) -> Batch:
        """NotFound for another owner's."""
        return reading.get(self._database, self._owner.id, batch_id)

    def look(self, batch_id: str) -> BatchView:
        """The batch with a sum for each model, its speed and the time left."""
        batch, now = self.get(batch_id), self._database.now()
        since = max(batch.started_at, now - SPEED_OF)
        providers = self._carrier.engine.catalog.providers
        sums = [
            with_would_cost(part, providers)
            for part in reading.sums(self._database, self._owner.id, batch, since=since)
        ]
        rests = {place: (from_us(us), why) for place, (us, why) in batch.rests.items() if from_us(us) > now}
        span_s = max((now - since).total_seconds(), 1.0)
        lately = sum(part.lately for part in sums)
        running = batch.state == "running"
        return BatchView(
            batch,
            tuple(sums),
            lately * 60 / span_s if running and lately else None,
            left_s(sums, rests, span_s, now) if running else None,
            rests if running else {},
            old_answers.sum_of(self._database, self._owner.id, batch),
            old_answers.number_unchecked(self._database, self._owner.id, batch),
        )

    def number(self, batch_id: str, which: Which = "all") -> int:
        return reading.number(self._database, self._owner.id, batch_id, which)

    def page(
        self,
        batch_id: str,
        which: Which = "all",
        *,
        first: int = 0,
        most: int = 25,
        answer_chars: int = reading.CELL,
    ) -> list[BatchRow]:
        """Rows with the beginnings of their answers; see `reading.page`."""
        return reading.page(
            self._database, self._owner.id, batch_id, which, first=first, most=most, answer_chars=answer_chars
        )

    def line(self, batch_id: str, n: int) -> BatchRow:
        """One row whole."""
        return reading.line(self._database, self._owner.id, batch_id, n)

    def download(self, batch_id: str, form: files.Form, say: files.Say = files.stored_error) -> bytes:
        """Everything so far as a file; `say` words failures for the reader."""
        batch = self.get(batch_id)
        lines = reading.everything(self._database, self._owner.id, batch_id)
        return files.encoded(batch, lines, form, say, self._carrier.engine.catalog.providers)

    def summary(self, batch_id: str) -> bytes:
        """The results by model as CSV."""
        return summary.encoded(self.look(batch_id))

    def check_some(self, batch_id: str) -> int:
        """Check some answers that were not checked yet, as the batch wishes; about a second. Returns how many."""
        batch = self.get(batch_id)
        old = check_old_answers(self._database, self._owner.id, batch)
        return old or check_some(self._database, self._owner.id, batch)

    def wish_repairs(self, batch_id: str, *, wished: bool) -> None:
        """Read answers that are no JSON after a repair, or as they are; `check_some` does it. Answers stay as they
        came."""
        forms.wish_repairs(self._database, self._owner.id, batch_id, wished=wished)

    def fits(
        self,
        model_ids: Sequence[str],
        rows: int,
        input_tokens: int,
        max_output_tokens: int | None = None,
        effort: AskedEffort | None = None,
    ) -> list[Fit]:
        """A forecast for each model: that many rows against what is left; `input_tokens` of all rows together."""
        planned = [
            self._budget.asks(
                [model_id],
                "",
                self._owner.keys,
                efforts=[effort],
                max_output_tokens=max_output_tokens,
                owner_id=self._owner.id,
            )
            for model_id in model_ids
        ]
        expected = [self._budget.expected_of(model_id, effort, self._owner.id) for model_id in model_ids]
        return fits(self._database, self._carrier.engine, model_ids, planned, rows, input_tokens, expected)

    def needs_approval(self, model_ids: Sequence[str], rows: int) -> bool:
        """Whether an administrator would be asked."""
        return self._needed(dict.fromkeys(model_ids, rows), 0, NOTHING) is not None

    def pasted(self, model_ids: Sequence[str]) -> list[str]:
        """Ids of the models' providers that are called with a pasted key."""
        provider_ids = {model_id.partition("/")[0] for model_id in model_ids}
        return sorted(provider_id for provider_id in provider_ids if self._owner.keys.get(provider_id, "").strip())

    def _admit(self, batch_id: str) -> None:
        if not self._carrier.runs(batch_id):
            self._input_limits.batches(self._carrier.running_of(self._owner.id))

    def _approval_of(self, plan: BatchPlan) -> Approval | None:
        per_call = -(-plan_tokens(plan) // max(len(plan.prompts), 1))
        calls = dict.fromkeys(plan.model_ids, len(plan.prompts))
        return self._needed(calls, per_call, plan.settings)

    def _asks(self, batch_id: str) -> bool:
        """Whether an administrator is asked before this batch goes on; none is asked twice."""
        batch = self.get(batch_id)
        if batch.is_approved or self._carrier.engine.settings.batch_approval_calls is None:
            return False
        sums = reading.sums(self._database, self._owner.id, batch, since=batch.started_at)
        calls = {part.model_id: batch.rows - part.done for part in sums}
        rows = reading.questions(self._database, self._owner.id, batch_id)
        tokens = input_tokens(rows, {"system": batch.system, "settings": batch.settings})
        per_call = -(-tokens // max(len(rows), 1))
        approval = self._needed(calls, per_call, batch.settings)
        return approval is not None and approvals.ask(self._database, self._owner.id, batch_id, approval)

    def _needed(self, calls: Mapping[str, int], tokens_per_call: int, settings: Mapping[str, Any]) -> Approval | None:
        engine = self._carrier.engine
        now = self._database.now()
        return needed(engine, self._database, self._budget, self._owner, calls, tokens_per_call, settings, now)

    def _go_on(self, batch_id: str, carried_here: bool) -> None:
        if carried_here:
            self._carrier.carry(self._owner, batch_id)
        self._carrier.nudge(batch_id)


def checked(input_limits: InputLimits, plan: BatchPlan) -> BatchPlan:
    """The plan, ready to be stored and sent. BlockedInput names a row in `param`, from 1."""
    for model_id in plan.model_ids:
        input_limits.name(model_id, "model")
    prompts = []
    files_of_rows = plan.files or [()] * len(plan.prompts)
    for row, ((prompt, expected), own_files) in enumerate(zip(plan.prompts, files_of_rows, strict=True), 1):
        try:
            prompts.append(
                (input_limits.prompt(prompt, own_files), input_limits.optional(expected, "expected") or None)
            )
        except BlockedInput as error:
            error.param = f"row {row}"
            raise
    if unknown := expected_fields.unknown(plan.fields, GenerationSettings.of("", plan.settings).form()):
        raise BlockedInput(f"{unknown[0]} is no field of the schema.", param="expected_fields")
    system = input_limits.optional(plan.system, "system")
    return replace(plan, name=plan.name[:MOST_TITLE_CHARS], prompts=prompts, system=system)


def left_s(
    sums: Sequence[Sum], rests: Mapping[int, tuple[datetime, str]], span_s: float, now: datetime
) -> float | None:
    """Seconds until the slowest model is done, at the speed of the last `span_s`; None if one has no speed yet."""
    longest = 0.0
    for part in sums:
        left = part.waiting + part.asking
        if left and not part.lately:
            return None
        rest_s = (rests[part.place][0] - now).total_seconds() if part.place in rests else 0.0
        longest = max(longest, (left * span_s / part.lately if left else 0.0) + rest_s)
    return longest

"""A batch: its plan, its state and its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from ..records import ResponseFormat, Window
from .conversation import File, GenerationSettings


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a batch rehearses: the end of this model. `blind`: its answers are read in votes only, without names."""

    model_id: str
    blind: bool = False


@dataclass(frozen=True, slots=True)
class PastQuestion:
    """A question that a model answered before, and how it was asked.

    `files` went with it; `above` are the (role, text) of the conversation above it, oldest first, with the text of
    their files, `settings` the sampling. `expected`, `rule` and `expected_fields` come from a row of a batch.
    """

    id: str
    prompt: str
    answer: str
    asked_at: datetime
    source: Literal["chat", "batch"] = "chat"
    above: tuple[tuple[str, str], ...] = ()
    system: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    expected: str | None = None
    rule: Mapping[str, Any] | None = None
    expected_fields: Mapping[str, str] = field(default_factory=dict)
    files: tuple[File, ...] = ()

    def setup(self) -> dict[str, Any]:
        """How it was asked, as a batch's row stores it."""
        return {
            "above": [list(message) for message in self.above],
            "system": self.system,
            "settings": dict(self.settings),
            "rule": dict(self.rule) if self.rule else None,
        }


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """A batch as a person defines it. `prompts` are (prompt, expected or None); `rule` says how an answer is
    checked. A rehearsal has a past question for each prompt, and `files`, where there are some, a list for each.
    `fields`: those whose values are compared, and `expected_fields`, for each prompt, what they are to be."""

    name: str
    model_ids: Sequence[str]
    prompts: Sequence[tuple[str, str | None]]
    system: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    rule: Mapping[str, Any] | None = None
    when_spent: str = "wait"
    pasted: Sequence[str] = ()
    rehearsal: Rehearsal | None = None
    past: Sequence[PastQuestion] = ()
    files: Sequence[Sequence[File]] = ()
    fields: Sequence[str] = ()
    expected_fields: Sequence[Mapping[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Approval:
    """What an administrator is asked about a batch: `calls` with keys of the server, and what they would take; some of
    them have no known price where it is `unpriced`. `decision` "": none yet. The `reason` is for the batch's owner."""

    calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal
    unpriced: bool
    asked_at: datetime
    decision: Literal["", "approved", "declined"] = ""
    reason: str = ""
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WaitingBatch:
    """A batch that waits for an administrator, as they see it: nothing that its owner wrote."""

    id: str
    person_id: str
    model_ids: tuple[str, ...]
    rows: int
    approval: Approval


Which = Literal["all", "failed", "wrong", "answered", "clashing", "misfit", "wrong_field"]


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch. `rests` are the models that wait, by place: (until, kind of error). `carried`: a process works on
    it. `fields`: those whose values are compared; `mends`: answers that are no JSON are repaired before they are
    checked."""

    id: str
    name: str
    state: str
    why: str
    model_ids: tuple[str, ...]
    system: str
    settings: Mapping[str, Any]
    rule: Mapping[str, Any] | None
    when_spent: str
    pasted: tuple[str, ...]
    rows: int
    items: int
    done: int
    failed: int
    skipped: int
    rests: Mapping[int, tuple[int, str]]
    carried: bool
    created_at: datetime
    started_at: datetime
    ended_at: datetime | None
    rehearsal: Rehearsal | None = None
    approval: Approval | None = None
    has_files: bool = False
    fields: tuple[str, ...] = ()
    mends: bool = False

    @property
    def form(self) -> ResponseFormat | None:
        """The form of all answers; None where it is text, or each row's own."""
        return GenerationSettings.of("", self.settings).form()

    @property
    def is_approved(self) -> bool:
        """Whether an administrator approved it."""
        return self.approval is not None and self.approval.decision == "approved"

    @property
    def over(self) -> int:
        """Items that have ended."""
        return self.done + self.failed + self.skipped


@dataclass(frozen=True, slots=True)
class Sum:
    """One model's totals. `checked` answers had an expected value, `passed` of them matched it.

    `cost_usd` leaves out answers without a price (`unpriced` of them). `lately` ended since the instant in the query.
    `compared` answers could be compared with earlier ones: `likeness` is their mean, 0 to 1, `clashing` contradict.
    `answered_by`: how many answers came from another model than the one asked, by its id, the most first. `forms`: how
    many answers fit the form asked for, by the state of `CheckedAnswer`, `repaired` of them after a repair. `fields`:
    by name, (as expected, of how many). `free_answers` cost nothing and would have cost `would_cost_usd`, without
    `would_cost_unknown` of them, for which nobody knows a price.
    """

    place: int
    model_id: str
    waiting: int = 0
    asking: int = 0
    done: int = 0
    failed: int = 0
    skipped: int = 0
    again: int = 0
    checked: int = 0
    passed: int = 0
    median_ms: float | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    estimated: bool = False
    cost_usd: Decimal = Decimal(0)
    unpriced: int = 0
    lately: int = 0
    compared: int = 0
    likeness: float | None = None
    clashing: int = 0
    answered_by: Mapping[str, int] = field(default_factory=dict)
    forms: Mapping[str, int] = field(default_factory=dict)
    repaired: int = 0
    fields: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    free: Sequence[FreeUse] = ()
    free_answers: int = 0
    would_cost_usd: Decimal = Decimal(0)
    would_cost_unknown: int = 0

    @property
    def formed(self) -> int:
        """How many answers were checked against their form."""
        return sum(number for state, number in self.forms.items() if state != "unchecked")


@dataclass(frozen=True, slots=True)
class FreeUse:
    """The answers of a model, by its id, that cost nothing, or whose price was not known where they are `unpriced`.
    Tokens None: not known of all of them. Of these were read from a cache, and thought, as many as are known."""

    model_id: str
    answers: int
    input_tokens: int | None
    output_tokens: int | None
    unpriced: bool = False
    cached_tokens: int = 0
    reasoning_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """One model's answer to one row, or where it stands. Who answered is told as in `Completion`, `form` and what
    follows it as in `batch.form_check`."""

    place: int
    state: str
    text: str = ""
    passed: bool | None = None
    again: int = 0
    ttft_ms: float | None = None
    total_ms: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    estimated: bool = False
    cost_usd: Decimal | None = None
    finish: str = ""
    error_kind: str = ""
    error: str = ""
    origin: str | None = None
    served_model_id: str | None = None
    response_model: str | None = None
    served_by: str | None = None
    system_fingerprint: str | None = None
    likeness: float | None = None
    clashes: int | None = None
    form: str | None = None
    form_problem: str | None = None
    marks: str | None = None
    repaired: str | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One row of the batch with the models' answers, by place. `reference` is what the rehearsed model answered before,
    `setup` how it was asked then, `old` the same answer once it is checked; `expected_fields` what is expected of the
    fields of its answers."""

    n: int
    prompt: str
    expected: str | None
    items: Mapping[int, Item] = field(default_factory=dict)
    reference: str | None = None
    setup: Mapping[str, Any] | None = None
    files: tuple[File, ...] = ()
    expected_fields: Mapping[str, str] = field(default_factory=dict)
    old: Item | None = None


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch and its progress. `per_minute` is the speed of the last two minutes, `left_s` the rest at that speed.

    `rests`: until when a model waits and why (an error's kind), by place. None: not known yet. `old`: how the old
    answers of a rehearsal were checked, without `old_unchecked` of them.
    """

    batch: Batch
    sums: tuple[Sum, ...]
    per_minute: float | None
    left_s: float | None
    rests: Mapping[int, tuple[datetime, str]]
    old: Sum | None = None
    old_unchecked: int = 0

    @property
    def asking(self) -> int:
        return sum(part.asking for part in self.sums)

    @property
    def unchecked(self) -> int:
        """How many answers were not held against the batch's form yet."""
        if self.batch.form is None:
            return 0
        return sum(part.done - sum(part.forms.values()) for part in self.sums)


@dataclass(frozen=True, slots=True)
class Fit:
    """One model's forecast. `counted` False: it has no limits (simulated, on this computer), or it cannot be asked.

    `fits` of the calls fit into what is left of `window`, the scarcest of a day or longer; None: not known. The limits
    of a minute or an hour make it take `least_s` at least. Output tokens are an estimate by the usual length.
    """

    model_id: str
    calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal | None
    counted: bool
    fits: int | None = None
    window: Window | None = None
    least_s: float | None = None

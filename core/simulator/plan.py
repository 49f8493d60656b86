"""The pure planner: what a simulated model sends and when. The transport and the server only play a plan.

Everything is drawn from (seed, model, prompt, attempt): the same call gives the same plan on any machine. A model
name may carry an option: `flaky:429`, `flaky:503` and `flaky:cut` force a fault, `flaky:ok` forbids them,
`steady:as=quick` names another model in the reply, `oneword:int4` answers with quantised weights, and
`bench:chunks=500,rate=50` sends exactly so many even chunks a second.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random
from typing import Literal, NamedTuple

from ..records import Delta, Finish, Message, Reasoning, ToolCall, ToolCallDelta, Usage, WireEvent
from . import answer, models, one_word, tokens
from .wish import NO_WISH, AnswerWish, Unreadable

Kind = Literal["limited", "down", "unknown_model", "bad_request", "bad_key"]
STATUS: dict[Kind, int] = {"limited": 429, "down": 503, "unknown_model": 404, "bad_request": 400, "bad_key": 401}
FAULTS: dict[str, str] = {"429": "limited", "503": "down", "cut": "cut", "ok": ""}
REQUESTS_PER_MINUTE = 30
TOKENS_PER_MINUTE = 6000


@dataclass(frozen=True, slots=True)
class SimulatedFailure:
    """Why there is no answer; each shape words it like its vendor."""

    kind: Kind
    message: str
    retry_after_s: float | None = None

    @property
    def status(self) -> int:
        return STATUS[self.kind]


@dataclass(frozen=True, slots=True)
class Quota:
    """The numbers of the rate-limit headers; resets are seconds from now."""

    requests_left: int
    tokens_left: int
    requests_reset_s: float
    tokens_reset_s: float
    requests_limit: int = REQUESTS_PER_MINUTE
    tokens_limit: int = TOKENS_PER_MINUTE


class ReplyPiece(NamedTuple):
    """`event` is due `delay_s` after the piece before it (the first: after the head)."""

    delay_s: float
    event: WireEvent


@dataclass(frozen=True, slots=True)
class ReplyPlan:
    """A reply: the head after `head_delay_s`, then the pieces. A `cut` one ends without a finish reason.

    `stopped_by` is the stop sequence in front of which the text ends, "" for none. `others` are the further choices
    when more than one was asked for. `served` is the model that the reply names, `served_by` the host behind a router.
    """

    model: str
    reply_id: str
    head_delay_s: float
    pieces: tuple[ReplyPiece, ...] = ()
    input_tokens: int = 0
    fault: SimulatedFailure | None = None
    quota: Quota | None = None
    cut: bool = False
    stopped_by: str = ""
    others: tuple[ReplyPlan, ...] = ()
    served: str = ""
    served_by: str = ""

    @property
    def named(self) -> str:
        """The model that the reply names."""
        return self.served or self.model

    @property
    def choices(self) -> tuple[ReplyPlan, ...]:
        """This plan and the others."""
        return (self, *self.others)

    @property
    def text(self) -> str:
        return "".join(piece.event.text for piece in self.pieces if isinstance(piece.event, Delta))

    @property
    def reasoning(self) -> str:
        return "".join(piece.event.text for piece in self.pieces if isinstance(piece.event, Reasoning))

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The tools that it calls, as far as the reply goes."""
        pieces: dict[int, list[ToolCallDelta]] = {}
        for piece in self.pieces:
            if isinstance(event := piece.event, ToolCallDelta):
                pieces.setdefault(event.index, []).append(event)
        return tuple(
            ToolCall(several[0].id, several[0].name, "".join(event.arguments for event in several))
            for several in pieces.values()
        )

    @property
    def whole_calls(self) -> tuple[ToolCall, ...]:
        """The calls of a reply that ended as it should; none of one that was cut."""
        return self.calls if self.finish and self.finish.reason == "stop" else ()

    @property
    def usage(self) -> Usage:
        """The last usage, or the count so far of a cut stream."""
        usages = [piece.event for piece in self.pieces if isinstance(piece.event, Usage)]
        return usages[-1] if usages else _usage(self.input_tokens, [piece.event for piece in self.pieces])

    @property
    def total(self) -> Usage:
        """The usage of all choices; the prompt is read once."""
        usages = [choice.usage for choice in self.choices]
        wrote = sum(usage.output_tokens or 0 for usage in usages)
        thought = sum(usage.reasoning_tokens or 0 for usage in usages)
        return Usage(self.input_tokens, wrote, reasoning_tokens=thought or None)

    @property
    def finish(self) -> Finish | None:
        return next((piece.event for piece in self.pieces if isinstance(piece.event, Finish)), None)

    @property
    def duration_s(self) -> float:
        """Until the last piece of the slowest choice."""
        return max(choice.head_delay_s + sum(piece.delay_s for piece in choice.pieces) for choice in self.choices)


def plan(
    model: str,
    messages: Sequence[Message],
    *,
    seed: int = 0,
    attempt: int = 1,
    max_tokens: int | None = None,
    request_seed: int | None = None,
    stop: Sequence[str] = (),
    faultless: bool = False,
    in_app: bool = False,
    wish: AnswerWish = NO_WISH,
) -> ReplyPlan:
    """Plan the reply to the `attempt`-th identical request. With `request_seed` the text is the same every time.

    The text ends in front of the first of the `stop` sequences. A `faultless` plan is never refused and never cut.
    `in_app` as in `answer.write`.
    """
    wished = () if wish == NO_WISH else (wish,)
    reply_id = _digest(seed, model, messages, request_seed, attempt, *wished)[:24]
    if model.rpartition("/")[2].startswith("bench"):
        return _even(model, reply_id, messages)
    match = models.find(model, int(_digest(seed, model, messages, attempt, "router")[:8], 16))
    if match is None:
        return ReplyPlan(
            model, reply_id, 0.02, fault=SimulatedFailure("unknown_model", f"The model `{model}` does not exist.")
        )
    if not any(message.role == "user" and (message.text.strip() or message.media) for message in messages):
        return ReplyPlan(
            model, reply_id, 0.02, fault=SimulatedFailure("bad_request", "There is no user message to answer.")
        )
    profile = match.profile
    chance = Random(_digest(seed, model, messages, attempt, "time"))  # noqa: S311 - delays, no secrets
    drawn = _fault(profile, chance)
    fault = "" if faultless else FAULTS.get(match.option, drawn)
    quota = _quota(chance, fault) if profile.limited_share or fault == "limited" else None
    ttft_s = profile.ttft_s * chance.lognormvariate(0, profile.ttft_spread)
    if fault in ("limited", "down"):
        return ReplyPlan(model, reply_id, ttft_s * 0.5, fault=_refuse(model, fault, quota), quota=quota)
    read = tokens.count_prompt(messages)
    try:
        if profile.name == one_word.NAME:
            written = answer.Written(one_word.reply(messages[-1].text, match.option, seed, attempt))
        else:
            variant = profile.variant + (attempt - 1 if request_seed is None else request_seed % 97)
            written = answer.write(messages, profile.style, variant, in_app=in_app, wish=wish)
    except Unreadable as error:
        return ReplyPlan(model, reply_id, ttft_s * 0.5, fault=SimulatedFailure("bad_request", str(error)))
    spoken, stopped_by = _until(list(_speak(written)), stop)
    if max_tokens is not None and len(spoken) > max_tokens:
        stopped_by = ""
    events = _cut(spoken, chance) if fault == "cut" else _end(spoken, read, max_tokens)
    head_s = ttft_s * profile.head_share
    pieces = tuple(_timed(events, ttft_s - head_s, profile, chance))
    made = ReplyPlan(model, reply_id, head_s, pieces, read, quota=quota, cut=fault == "cut", stopped_by=stopped_by)
    return replace(made, served=match.served, served_by=match.served_by)


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _fault(profile: models.Profile, chance: Random) -> str:
    drawn = chance.random()
    for share, name in ((profile.limited_share, "limited"), (profile.down_share, "down"), (profile.cut_share, "cut")):
        if drawn < share:
            return name
        drawn -= share
    return ""


def _quota(chance: Random, fault: str) -> Quota:
    reset_s = round(chance.uniform(1, 3.5), 2)
    requests_left = 0 if fault == "limited" else chance.randrange(1, REQUESTS_PER_MINUTE)
    return Quota(requests_left, chance.randrange(800, TOKENS_PER_MINUTE), reset_s, round(chance.uniform(1, 20), 2))


def _refuse(model: str, fault: str, quota: Quota | None) -> SimulatedFailure:
    if fault == "limited" and quota is not None:
        wait_s = quota.requests_reset_s
        return SimulatedFailure(
            "limited",
            f"Rate limit reached for model `{model}` on requests per minute (RPM): Limit {REQUESTS_PER_MINUTE}, "
            f"Used {REQUESTS_PER_MINUTE}, Requested 1. Please try again in {wait_s}s. (Simulated.)",
            wait_s,
        )
    return SimulatedFailure("down", "The model is overloaded. Please try again later. (Simulated.)")


def out_of_quota(made: ReplyPlan, wait_s: float) -> ReplyPlan:
    """The refusal of a question beyond the limit of a minute, which ends in `wait_s`."""
    quota = Quota(0, TOKENS_PER_MINUTE, wait_s, wait_s, models.RATION)
    message = (
        f"Rate limit reached for model `{made.model}` on requests per minute (RPM): Limit {models.RATION}, "
        f"Used {models.RATION}, Requested 1. Please try again in {wait_s:g}s. (Simulated.)"
    )
    return ReplyPlan(
        made.model, made.reply_id, made.head_delay_s, fault=SimulatedFailure("limited", message, wait_s), quota=quota
    )


def _speak(written: answer.Written) -> Iterator[WireEvent]:
    yield from (Reasoning(text) for text in tokens.split(written.reasoning))
    yield from (Delta(text) for text in tokens.split(written.text))
    for place, call in enumerate(written.calls):
        yield ToolCallDelta(place, call.id, call.name)
        yield from (ToolCallDelta(place, arguments=text) for text in tokens.split(call.arguments))


def _usage(input_tokens: int, events: Iterable[WireEvent]) -> Usage:
    all_events = list(events)
    thought = sum(isinstance(event, Reasoning) for event in all_events)
    spoken = sum(isinstance(event, Delta | ToolCallDelta) for event in all_events)
    return Usage(input_tokens, thought + spoken, reasoning_tokens=thought or None)


def _until(spoken: list[WireEvent], stop: Sequence[str]) -> tuple[list[WireEvent], str]:
    """The events before the first stop sequence of the answer (reasoning does not count), and that sequence."""
    text = "".join(event.text for event in spoken if isinstance(event, Delta))
    matches = [(place, sequence) for sequence in stop if (place := text.find(sequence)) >= 0]
    if not matches:
        return spoken, ""
    left, stopped_by = min(matches)
    events: list[WireEvent] = []
    for event in spoken:
        if isinstance(event, Delta):
            event = Delta(event.text[:left])
            left -= len(event.text)
            if not event.text:
                break
        elif isinstance(event, ToolCallDelta) and left < 0:
            break
        events.append(event)
    return events, stopped_by


def _end(spoken: list[WireEvent], input_tokens: int, max_tokens: int | None) -> list[WireEvent]:
    """The tokens within `max_tokens`, the finish reason, and the usage."""
    within = spoken[:max_tokens]
    return [*within, Finish("length" if len(within) < len(spoken) else "stop"), _usage(input_tokens, within)]


def _cut(spoken: list[WireEvent], chance: Random) -> list[WireEvent]:
    return spoken[: max(1, int(len(spoken) * chance.uniform(0.15, 0.7)))]


def _timed(
    events: Sequence[WireEvent], first_s: float, profile: models.Profile, chance: Random
) -> Iterator[ReplyPiece]:
    """Delays whose mean is the profile's speed, itself a little different for each request."""
    mean_s = chance.lognormvariate(0, profile.request_spread) / profile.tokens_per_s
    centre = math.log(mean_s) - profile.gap_spread**2 / 2
    for place, event in enumerate(events):
        token = isinstance(event, Delta | Reasoning | ToolCallDelta)
        drawn_s = chance.lognormvariate(centre, profile.gap_spread) if token else 0.0
        yield ReplyPiece(drawn_s if place else first_s, event)


def _even(model: str, reply_id: str, messages: Sequence[Message]) -> ReplyPlan:
    """`bench:chunks=N,rate=R`: N chunks, the first at once, R per second; a rate of 0 sends them all at once."""
    try:
        chunks, rate = pace(model)
    except ValueError:
        return ReplyPlan(model, reply_id, 0, fault=SimulatedFailure("bad_request", "Write bench:chunks=500,rate=50."))
    read = tokens.count_prompt(messages)
    beats = _beats(chunks, rate)
    pieces = (*beats, ReplyPiece(0, Finish("stop")), ReplyPiece(0, Usage(read, len(beats))))
    return ReplyPlan(model, reply_id, 0, pieces, read)


@lru_cache(maxsize=8)
def _beats(chunks: int, rate: float) -> tuple[ReplyPiece, ...]:
    gap_s = 1 / rate if rate else 0.0
    return tuple(ReplyPiece(gap_s if place else 0.0, Delta(f" word{place % 10}")) for place in range(chunks))


def pace(model: str) -> tuple[int, float]:
    """The chunks and the rate (chunks per second) a bench model's name asks for; ValueError when it is misspelt."""
    options = {"chunks": "500", "rate": "50"}
    for part in filter(None, model.partition(":")[2].split(",")):
        name, _, value = part.partition("=")
        if name not in options:
            raise ValueError(name)
        options[name] = value
    chunks, rate = int(options["chunks"]), float(options["rate"])
    if not 1 <= chunks <= 100_000 or not 0 <= rate <= 100_000:
        raise ValueError(model)
    return chunks, rate

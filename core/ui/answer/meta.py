"""The line under an answer: `provider · model · first token 0.42 s · 118 tok/s · 312→540 tok · 5.0 s · free`.

Speed is output tokens over the time after the first token. "~" marks an estimate. An answer that arrived in one
piece is "not streamed" and has no speed.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...records import Completion, Note, Usage
from ...safety.screening import read_list
from ..models.efforts import effort_name
from ..models.features import feature_name
from ..models.marks import Speaker
from ..routing import words
from ..text import count, plain, seconds, t, wait
from . import cost, screened, served
from .sent_instead import sent_instead

ONE_PIECE = 1
SCREENED = ("masked", "personal_sent")


def line(completion: Completion, speaker: Speaker) -> str:
    """The line as Markdown; unknown parts are left out, except that an unknown price is stated."""
    if not completion.model_id:  # an import that does not tell
        return t("imported, model unknown")
    model = served.called(speaker.model_name, completion.model_id, completion.served_model_id, completion.served_by)
    names = f"{speaker.mark} {speaker.provider_name}", model
    parts = [*names, *_effort(completion), *_times(completion), *_tokens(completion.usage)]
    if completion.timing.total_ms is not None and not completion.cached:
        parts.append(seconds(completion.timing.total_ms))
    if completion.text or completion.reasoning:
        parts.append(cost.price(completion, speaker))
    return " · ".join(parts)


def _times(completion: Completion) -> Iterator[str]:
    timing = completion.timing
    if completion.cached:
        yield t("cached")
        return
    if timing.ttft_ms is None:
        return
    if timing.chunks <= ONE_PIECE:
        yield t("not streamed")
        return
    yield t("first token {time}", time=seconds(timing.ttft_ms))
    reasoned = completion.reasoning and timing.first_answer_ms is not None
    if reasoned and timing.first_answer_ms:
        yield t("answer began after {time}", time=seconds(timing.first_answer_ms))
    speed = tokens_per_s(completion)
    if speed is not None:
        is_exact = completion.usage is not None and not completion.usage.estimated
        yield t("{speed} tok/s", speed=("" if is_exact else "~") + count(speed))


def tokens_per_s(completion: Completion) -> float | None:
    """Output tokens over the time between first and last token; None when either is unknown."""
    timing, usage = completion.timing, completion.usage
    if usage is None or usage.output_tokens is None or timing.ttft_ms is None or timing.last_ms is None:
        return None
    if completion.rounds:  # tools ran in between
        return None
    writing_ms = timing.last_ms - timing.ttft_ms
    return usage.output_tokens / (writing_ms / 1000) if writing_ms > 0 and timing.chunks > ONE_PIECE else None


def _tokens(usage: Usage | None) -> Iterator[str]:
    if usage is None or (usage.input_tokens is None and usage.output_tokens is None):
        return
    about = "~" if usage.estimated else ""
    read, wrote = ("?" if n is None else count(n) for n in (usage.input_tokens, usage.output_tokens))
    yield t("{about}{read}→{wrote} tok", about=about, read=read, wrote=wrote)
    if usage.reasoning_tokens:
        yield t("{about}{number} of them reasoning", about=about, number=count(usage.reasoning_tokens))


def _effort(completion: Completion) -> Iterator[str]:
    """What was sent; where a note tells that the model has no such effort, what it got instead."""
    if completion.effort is None:
        return
    instead = next((note.detail for note in completion.notes if note.kind == "effort_sent"), completion.effort)
    yield t("effort {effort}", effort=effort_name(instead))


def badges(completion: Completion, state: str = "done") -> str:
    """Markdown badges for an answer that did not end normally or came from a smaller model; otherwise ""."""
    downgraded = completion.routing and (completion.routing.wanted, completion.routing.tier) == ("big", "small")
    smaller = f":orange-badge[{t('smaller model')}]" if downgraded and not completion.error else ""
    other = f":orange-badge[{t('another model answered')}]" if served.is_another(completion) else ""
    end = f":orange-badge[{t('interrupted: the app was restarted')}]" if state == "interrupted" else _ending(completion)
    return " ".join(filter(None, (other, smaller, end)))


def _ending(completion: Completion) -> str:
    match completion.finish.reason if completion.finish else None:
        case "stopped":
            return f":gray-badge[{t('stopped')}]"
        case "truncated":
            return f":orange-badge[{t('cut off')}]"
        case "length":
            return f":orange-badge[{t('length limit reached')}]"
        case "filter":
            return f":orange-badge[{t('blocked by the filter')}]"
        case "refusal":
            return f":gray-badge[{t('refused')}]"
    return ""


def notes(completion: Completion, prompt: str = "") -> str:
    """What was changed or left out, as one line; "" if nothing was. `prompt` as in `words.notes`."""
    unsent = bool(completion.error and not completion.error.sent)
    other_notes = [
        sent_instead(note) or _note(note)
        for note in completion.notes
        if note.kind not in words.OF_THE_CHOICE and not (unsent and note.kind in SCREENED)
    ]
    return " · ".join([*words.notes(completion, prompt), *other_notes])


def _note(note: Note) -> str:
    if note.kind == "edited":
        return t("Edited by the administrator")
    return _note_with_detail(note)


def _note_with_detail(note: Note) -> str:
    match note.kind:
        case "parameter_dropped":
            return t("Not supported by this model, so not sent: {setting}", setting=feature_name(note.detail))
        case "turns_left_out":
            return t("Earlier messages left out to fit the context window: {number}", number=plain(note.detail))
        case "output_capped":
            return t("Answer limited to {number} tokens", number=plain(note.detail))
        case "cached":
            return t("Cached answer, {age} old; no quota used", age=wait(float(note.detail)))
        case "masked":
            kinds = screened.listed(read_list(note.detail))
            return t("Sent with placeholders for {what}; the answer shows the original words", what=kinds)
        case "personal_sent":
            return t("Sent as written, with {what}", what=screened.listed(read_list(note.detail)))
        case "another_model":
            return t(
                "The provider answered with {model} instead of the model you asked; times, votes and price are counted"
                " for it",
                model=plain(note.detail),
            )
        case "served_as":
            return served.quantised(note.detail)
        case "unshown":
            return _unshown(*note.detail.partition(" · ")[::2])
        case "ended":
            return t("Ended for an unknown reason: {word}", word=plain(note.detail or "—"))
        case "tool_rounds":
            return t("The calculator was used {number} times in a row, the most allowed", number=plain(note.detail))
    return plain(f"{note.kind} {note.detail}")


def _unshown(kind: str, name: str) -> str:
    """A part of the answer that is not text and cannot be shown, although it arrived and was paid for."""
    if kind == "tool_call":
        return t("The model called the tool {name}, which is not available here", name=plain(name or "?"))
    words = {"picture": t("an image"), "sound": t("audio"), "video": t("video")}
    return t("The answer includes {what}, which cannot be shown here", what=words.get(kind, t("a file")))

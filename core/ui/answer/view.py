"""One answer on the page: reasoning, text, error card, figures. The element tree is the same in every state.

view = View(place, who(model_id, providers), "name")
view.show(progress)        repeatedly, while it streams
view.finish(completion)    once; `buttons` draws the actions, `retry` is called by Retry on the error card
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ...errors import LLMError
from ...records import Attempt, Completion, Message
from ...views.progress import Progress
from .. import attached_files, session
from ..base.time_zone import zone
from ..failures import error_id, failure, kinds, own_messages
from ..models.key_texts import lost_key_text
from ..models.marks import Speaker
from ..quota.words import moment
from ..routing import words
from ..routing.attempts import attempts_popover
from ..scheduled import offer
from ..text import seconds, t, wait
from . import cost, meta, painter, steps, structured
from .countdown import countdown

Buttons = Callable[["DeltaGenerator", Completion], None]


class AnswerView:
    """`name` is unique on the page and prefixes widget keys; the phase is shown in `status`, else under the text.
    `source`: of pictures that are not the visitor's own.

    `fixed`: the answer is to be in a fixed form. `prompt`: the question, where the reasons of Auto are to name what
    the votes prefer.
    Without `figures` nothing is shown that could identify the model: no time, reasoning, figures or cause of failure.
    """

    def __init__(
        self,
        place: DeltaGenerator,
        speaker: Speaker,
        name: str,
        status: DeltaGenerator | None = None,
        *,
        figures: bool = True,
        prompt: str = "",
        fixed: bool = False,
        source: attached_files.FileSource | None = None,
    ) -> None:
        self._speaker = speaker
        self._prompt = prompt
        self._figures = figures
        self._fixed = fixed
        self._name = name
        self._source = source
        self._tools = place.empty()
        self._thought = place.empty()
        self._body = place.container(gap="small")
        self._media = place.empty()
        self._card = place.empty()
        self._line = place.empty()
        self._status = status or self._line
        self._text = painter.Painter(self._body, name)
        self._thinking: DeltaGenerator | None = None
        self._reasoning: painter.Painter | None = None
        self._words = ""
        self._steps: tuple[Message, ...] = ()

    def show(self, progress: Progress) -> None:
        """Paint the answer so far; unchanged parts are not sent again."""
        if progress.steps != self._steps:
            self._steps = progress.steps
            steps.draw(self._tools, progress.steps, running=True)
            self._begin_round()
        if progress.reasoning and self._figures:
            self._show_thinking(progress)
        if progress.text:
            self._text.paint(structured.growing(progress.text) if self._fixed else progress.text)
        words = phase(progress, figures=self._figures)
        if words != self._words:
            self._words = words
            self._status.caption(words)

    def finish(
        self,
        completion: Completion,
        buttons: Buttons | None = None,
        retry: Callable[[], None] | None = None,
        *,
        state: str = "done",
        go_on: Callable[[], None] | None = None,
        offers: Callable[[], None] | None = None,
        later: Callable[[datetime], None] | None = None,
        correct: Callable[[str], None] | None = None,
    ) -> None:
        """Draw the final state over what was painted while it streamed. `go_on` continues a cut answer; `offers`
        draws more ways to deal with a failure; `later` queues the question until its limit resets; `correct` sends the
        question that asks for another form."""
        if completion.steps:
            steps.draw(self._tools, completion.steps)
        if completion.reasoning and self._figures:
            self._finish_thinking(completion)
        if structured.is_structured(completion):
            self._text.paint("")
            structured.draw(self._body, completion, self._name, correct)
        elif completion.text:
            self._text.paint(completion.text, growing=False)
        media = attached_files.of_answer(completion)
        if media:
            with self._media.container(key=f"answer-files-{self._name}"):
                attached_files.draw(media, f"a-{self._name}", self._source)
        if completion.error is not None and not self._figures:
            sentence = t("This answer was cut off; the partial answer is kept.")
            self._card.caption(sentence if completion.text.strip() else t("This model could not answer."))
        elif completion.error is not None:
            self._failed(completion, completion.error, retry, go_on if completion.text.strip() else None, offers, later)
        elif not completion.text.strip() and not media:
            self._card.caption(_nothing(completion, state))
        elif _cut(completion):
            self._offer_rest(retry, go_on)
        with self._line.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"line-{self._name}"):
            if self._figures:
                underline(st.container(gap=None), completion, self._speaker, state, self._prompt)
                attempts_popover(completion, self._name)
            if buttons:
                buttons(st.container(horizontal=True, gap="xxsmall", width="content"), completion)

    def _offer_rest(self, retry: Callable[[], None] | None, go_on: Callable[[], None] | None) -> None:
        if go_on is None and retry is None:
            return
        with self._card.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"cut-{self._name}"):
            self._ways_on(retry, go_on)

    def _ways_on(self, retry: Callable[[], None] | None, go_on: Callable[[], None] | None) -> None:
        if go_on:
            st.button(t("Continue"), icon=":material/play_arrow:", key=f"go-on-{self._name}", on_click=go_on)
        if retry:
            st.button(t("Retry"), icon=":material/refresh:", key=f"retry-{self._name}", on_click=retry)

    def _begin_round(self) -> None:
        """What was written before a tool was called stands with the steps."""
        self._text.paint("")
        self._thought.empty()
        self._thinking = self._reasoning = None

    def _show_thinking(self, progress: Progress) -> None:
        if self._thinking is None or self._reasoning is None:
            label = f":shimmer[{t('Thinking')}]"
            self._thinking = self._thought.status(label, type="compact", expanded=not progress.text)
            self._reasoning = painter.Painter(self._thinking)
        self._reasoning.paint(progress.reasoning)

    def _finish_thinking(self, completion: Completion) -> None:
        label = t("Reasoning")
        timing = completion.timing
        if timing.first_answer_ms is not None and timing.ttft_ms is not None:
            thinking_ms = timing.first_answer_ms - timing.ttft_ms
            label = t("Thought for {time}", time=seconds(max(thinking_ms, 0)))
        box = self._thought.status(label, type="compact", state="complete", expanded=False)
        painter.draw(box, completion.reasoning)

    def _failed(
        self,
        completion: Completion,
        error: LLMError,
        retry: Callable[[], None] | None,
        go_on: Callable[[], None] | None,
        offers: Callable[[], None] | None,
        later: Callable[[datetime], None] | None,
    ) -> None:
        with self._card.container(border=True, key=f"card-{self._name}", gap="small"):
            has_part = bool(completion.text.strip())
            sentence = failure.sentence(error, self._speaker.provider_name, self._speaker.model_name, has_part=has_part)
            if (
                error.kind == "missing_key"
                and self._speaker.provider
                and self._speaker.provider.id in session.lost_keys()
            ):
                sentence = lost_key_text([self._speaker.provider])
            if error.kind == "not_found" and words.is_auto(self._speaker.model.id):
                sentence = t("No model is ready to answer.")
            st.markdown(f":material/error: **{sentence}**")
            advice = failure.advice(error, has_part=go_on is not None and retry is not None)
            countdown(completion, advice, zone(), live=retry is not None)
            if private_provider := next((note.detail for note in completion.notes if note.kind == "kept_private"), ""):
                st.caption(f":material/lock: {words.kept_private(private_provider)}")
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                self._ways_on(retry, go_on)
                if later and (at := offer.after_refusal(completion)):
                    st.button(
                        t("Send at {clock}", clock=moment(at, datetime.now(UTC), zone())),
                        icon=":material/schedule:",
                        key=f"later-{self._name}",
                        help=t("The question waits here and is sent by itself, also when this page is closed."),
                        on_click=later,
                        args=(at,),
                    )
                if error.needs_setup or private_provider:
                    st.page_link("pages/providers.py", label=t("Open Providers"), icon=":material/key:")
            if offers:
                offers()
            if error.message.strip():
                with st.expander(failure.source(error), type="compact"):
                    message = own_messages.translated(error.message, error.origin, zone(), completion.timing.started_at)
                    painter.draw(st.container(), message)
            if error.event_id:
                st.caption(error_id.label(error.event_id))


def underline(
    place: DeltaGenerator, completion: Completion, speaker: Speaker, state: str = "done", prompt: str = ""
) -> None:
    """The line under an answer: model, speed, tokens, price, and what was changed or left out."""
    line = f"{meta.line(completion, speaker)} {meta.badges(completion, state)}".strip()
    place.caption(line, help=cost.explained(completion, speaker) or None)
    notes = meta.notes(completion, prompt)
    if notes:
        place.caption(f":material/info: {notes}")


def phase(progress: Progress, *, figures: bool = True) -> str:
    """The current phase with whole seconds: "Waiting · 3 s"; without figures only "Answering"."""
    if not figures:
        return f":shimmer[{t('Answering')}]"
    elapsed = f"{int(progress.elapsed_ms / 1000)} s"
    match progress.phase:
        case "waiting":
            words = t("Sent") if progress.elapsed_ms < 1000 else t("Waiting for the first token · {time}", time=elapsed)
        case "queued":
            words = _queued(progress)
        case "retrying":
            words = _retrying(progress.attempt, progress.elapsed_ms)
        case "thinking":
            words = t("Thinking · {time}", time=elapsed)
        case _:
            words = t("Answering · {time}", time=elapsed)
    return f":shimmer[{words}]"


def _queued(progress: Progress) -> str:
    if progress.ahead:
        return t("Waiting for the rate limit · {number} ahead in the queue", number=progress.ahead)
    if not progress.wait_s or progress.wait_s < 1:
        return t("Waiting for the rate limit")
    return t("Waiting for the rate limit · sending in {time}", time=wait(progress.wait_s))


def _retrying(attempt: Attempt | None, elapsed_ms: float) -> str:
    if attempt is None:
        return t("Retrying")
    left_s = (attempt.wait_s or 0.0) - (elapsed_ms - attempt.ms) / 1000
    reason, number, most = kinds.outcome(attempt.outcome, sent=attempt.sent), attempt.n + 1, attempt.of or attempt.n + 1
    if attempt.wait_s is None:
        return t("It failed ({why}); trying another model", why=reason)
    if left_s < 1:
        return t("Retrying ({why}), attempt {number} of {most}", why=reason, number=number, most=most)
    time = wait(left_s)
    return t("Retrying in {time} ({why}), attempt {number} of {most}", time=time, why=reason, number=number, most=most)


def _cut(completion: Completion) -> bool:
    """Whether the answer can be continued."""
    return completion.finish is not None and completion.finish.reason in ("stopped", "truncated", "length")


def _nothing(completion: Completion, state: str) -> str:
    if state == "interrupted":
        return t("Interrupted before any output: the app was restarted.")
    if completion.finish and completion.finish.raw == "cancelled":
        return t("Cancelled before it was sent.")
    if completion.finish and completion.finish.reason == "stopped":
        return t("Stopped before any output.")
    return t("The model returned no text.")

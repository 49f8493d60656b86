"""A person's actions on a conversation. Each is committed before anything is sent to a provider."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ..job import Job
from ..question import Question
from ..records import ChatRequest, Message, Owner, Size, WireRecord
from ..routing.candidates import Route
from ..store import NotFound, Unavailable, conversations, queued_question, running, tree, turns
from ..store.votes import blind as blinding
from ..views.conversation import (
    CONTINUE,
    ConversationView,
    Decision,
    File,
    GenerationSettings,
    PendingQuestion,
    Turn,
    asked_with,
)
from ..views.progress import Progress
from . import question
from .answer_store import state_of, stored_progress
from .branches import turns_of
from .outgoing import Outgoing
from .scheduled import ScheduledQuestions
from .settings import PersonalSettings
from .shared import Shared

DEFAULTS = GenerationSettings()
MESSAGES = 40


class Chats:
    """A person's conversations. Raises `StoreError` (NotFound, Changed, and Unavailable if nothing is in memory), and
    `BlockedInput` for what cannot be sent, before anything is stored."""

    def __init__(self, shared: Shared, owner: Owner) -> None:
        self._shared = shared
        self._database = shared.database
        self._owner = owner
        self._owner_id = owner.id
        self._settings = PersonalSettings(shared, owner)
        self._outgoing = Outgoing(shared, owner)
        self._scheduled = ScheduledQuestions(shared, owner)

    def get(self, conversation_id: str, *, messages: int = MESSAGES, at: str | None = None) -> ConversationView:
        """The conversation's newest `messages`, or back to the message `at`. NotFound for another owner's."""
        try:
            row = conversations.get(self._database, self._owner_id, conversation_id)
            if row.kind == "lane":
                blinding.refuse(self._database, self._owner_id, conversation_id)
            branch = tree.path(self._database, self._owner_id, conversation_id, limit=messages, at=at)
        except (Unavailable, NotFound):
            last_seen = self._seen(conversation_id)
            if last_seen is None or self._database.health().state == "ok":
                raise
            return self.live(last_seen)
        partial = self._database.overlay.is_partial(conversation_id)
        if partial and (last_seen := self._seen(conversation_id)):
            return self.live(last_seen)
        view = ConversationView(
            id=row.id,
            title=row.title,
            model_id=row.model_id or "",
            generation=GenerationSettings.of(row.system, row.settings),
            turns=turns_of(branch),
            earlier=(branch.earlier + 1) // 2,
            pinned=row.pinned,
            version=branch.version,
            partial=partial,
        )
        return self.live(self.hold(view))

    def ask(
        self,
        request_id: str,
        prompt: str,
        model_id: str,
        *,
        view: ConversationView | None = None,
        parent_id: str | None = None,
        generation: GenerationSettings = DEFAULTS,
        files: Sequence[File] = (),
        prepared: Question | None = None,
        not_before: datetime | None = None,
        decision: Decision = "ask",
    ) -> turns.Begun:
        """Ask a question that follows the answer `parent_id`, once per request id.

        `view` is the conversation as shown, None for a new one; `parent_id` None: as the first question. `prepared` is
        the question of a lane, if it was prepared already. `not_before`: it waits until then and is sent by itself
        (`ScheduledQuestions.begin`); so does one that follows a question that waits. `decision`: what the person wants
        done with secrets and personal data in it; BlockedInput with the code `secrets` or `personal_data` asks for it.
        """
        prompt, generation = (
            self._shared.input_limits.prompt(prompt, files),
            self._shared.input_limits.generation(generation),
        )
        self._shared.input_limits.name(model_id, "model")
        lane = bool(view and view.lane)
        if decision != "decided" and not lane:  # a comparison asks once for all its lanes
            alarm = self._outgoing.of_chat(prompt, model_id, view=view, generation=generation, files=files)
            before, generation = generation, self._outgoing.decided(alarm, decision, generation)
            if view and generation != before:
                self.configure(view.id, settings=generation.sampling())
        new = turns.NewTurn(request_id, prompt, model_id, view.id if view else None, parent_id, generation, files)
        last = view.scheduled() if view else None
        if not_before or (last and last.answer_id == parent_id):
            return self._scheduled.begin(new, model_id, generation, not_before, lane=lane)
        if not lane:  # a comparison counts all its lanes at once
            self.admit(request_id)
        started = turns.begin(self._database, self._owner_id, new, owner_process=self._shared.process)
        if started.fresh:
            if prepared:
                self._shared.jobs.start(prepared.asked, self._owner.keys, self._owner_id, prepared)
            else:
                history = question.history_above(
                    self._database, self._owner_id, started.conversation_id, parent_id, view
                )
                messages = [*history, asked_with(prompt, files)]
                self._start(request_id, started, model_id, messages, generation, lane=lane)
            turn = Turn(
                started.user_message_id or "", prompt, started.answer_message_id, model_id, request_id, "running"
            )
            self._hold_with(view, started, dataclasses.replace(turn, parent_id=parent_id), generation)
        return started

    def has_wire_records(self, request_id: str) -> bool:
        return self._shared.recordings.has(self._owner_id, request_id)

    def wire_records(self, request_id: str) -> list[WireRecord]:
        """What was sent for an answer and what came back, one for each attempt; [] where it is not kept any more."""
        return self._shared.recordings.of(self._owner_id, request_id)

    def again(
        self,
        request_id: str,
        view: ConversationView,
        turn: Turn,
        model_id: str,
        *,
        reuse: bool = False,
        insist: bool = True,
        not_before: datetime | None = None,
    ) -> turns.Begun:
        """Another answer to a question of this conversation; earlier ones are kept as siblings.

        `reuse`: a cached answer is accepted, without a call. `insist`: a person asked for it, so that a paused model
        is asked once anyway. `not_before`: as in `ask`.
        """
        self._shared.input_limits.open()
        new = turns.NewTurn(request_id, None, model_id, view.id, turn.question_id)
        if not_before:
            return self._scheduled.begin(new, model_id, view.generation, not_before, lane=view.lane)
        self.admit(request_id)
        started = turns.begin(self._database, self._owner_id, new, owner_process=self._shared.process)
        if started.fresh:
            history = question.history_above(self._database, self._owner_id, view.id, turn.parent_id, view)
            messages = [*history, question.question_of(self._database, self._owner_id, turn)]
            generation = dataclasses.replace(view.generation, reuse=reuse)
            self._start(request_id, started, model_id, messages, generation, lane=view.lane, insist=insist)
            running_turn = dataclasses.replace(
                turn, answer_id=started.answer_message_id, model_id=model_id, request_id=request_id, state="running"
            )
            self._hold_with(view, started, dataclasses.replace(running_turn, completion=None), view.generation)
        return started

    def files(self, turn: Turn) -> list[File]:
        """The files of a question, to be asked again with it."""
        return tree.files(self._database, self._owner_id, turn.question_id) if turn.attached else []

    def admit(self, request_id: str, number: int = 1, *, without: int = 0) -> None:
        """BlockedInput where `number` more answers of this person would be too many at once. `without`: running ones
        that will have been stopped. A request that runs already is let through: it starts nothing."""
        if self.job(request_id) is None:
            self._shared.input_limits.answers(self._shared.jobs.running_of(self._owner_id) - without, number)

    def go_on(self, request_id: str, view: ConversationView, model_id: str) -> turns.Begun:
        """Let the model continue the last answer, which was cut or interrupted."""
        return self.ask(
            request_id,
            CONTINUE,
            model_id,
            view=view,
            parent_id=view.leaf_id,
            generation=view.generation,
            decision="decided",
        )

    def in_memory(self) -> list[ConversationView]:
        """The owner's conversations in this process's memory, for an export while the database is unavailable, without
        those of blind comparisons."""
        comparisons = self._shared.seen_comparisons.of(self._owner_id)
        blind = {lane.id for run in comparisons if run.blind for lane in (*run.lanes, *run.removed)}
        return [view for view in self._shared.seen_chats.of(self._owner_id) if view.id not in blind]

    def progress(self, request_id: str) -> Progress:
        """An answer, running or ended, in whichever process. NotFound for another owner's."""
        job = self.job(request_id)
        return job.progress() if job else stored_progress(running.read(self._database, self._owner_id, request_id))

    def job(self, request_id: str) -> Job | None:
        """The job, if this process runs it."""
        return self._shared.jobs.get(request_id, self._owner_id)

    def stop(self, request_id: str) -> bool:
        """Stop an answer and keep what has arrived; False if another process runs it."""
        job = self.job(request_id)
        if job:
            job.cancel()
        return job is not None

    def prospects(self, request: ChatRequest) -> dict[Size, Route]:
        """The models that "auto" would ask, by size, with the person's consents."""
        allowed = dataclasses.replace(request, may_leave=self._settings.consents("may_leave"))
        return self._shared.engine.router.prospects(allowed, self._owner.keys, self._owner_id)

    def configure(self, conversation_id: str, **changes: Any) -> None:
        """Change a conversation's `model_id`, `system` or `settings` from the next question on."""
        self._shared.input_limits.optional(changes.get("system"), "system")
        self._shared.input_limits.name(changes.get("model_id") or "", "model")
        conversations.configure(self._database, self._owner_id, conversation_id, **changes)

    def show_version(self, conversation_id: str, message_id: str) -> str:
        """Select the branch through this version of a question or an answer; returns the branch's last message."""
        return tree.select_branch(self._database, self._owner_id, conversation_id, message_id)

    def waiting(self, conversation_id: str) -> PendingQuestion | None:
        """The queued question, if there is one."""
        return queued_question.read(self._database, self._owner_id, conversation_id)

    def wait(self, conversation_id: str, waiting: PendingQuestion | None) -> None:
        """Queue a question, or (None) clear the queue."""
        if waiting:
            self._shared.input_limits.prompt(waiting.prompt, waiting.files)
        queued_question.write(self._database, self._owner_id, conversation_id, waiting)

    def _start(
        self,
        request_id: str,
        started: turns.Begun,
        model_id: str,
        history: Sequence[Message],
        generation: GenerationSettings,
        *,
        lane: bool,
        insist: bool = False,
    ) -> None:
        request = question.request_for(
            request_id, started.conversation_id, model_id, history, generation, lane=lane, insist=insist
        )
        if not lane:
            request = self._settings.applied(request)
        self._shared.jobs.start(request, self._owner.keys, self._owner_id)

    def _seen(self, conversation_id: str) -> ConversationView | None:
        return self._shared.seen_chats.get(self._owner_id, conversation_id)

    def hold(self, view: ConversationView) -> ConversationView:
        """Keep the conversation in memory, for use while the database is unavailable."""
        return self._shared.seen_chats.keep(self._owner_id, view.id, view)

    def _hold_with(
        self, view: ConversationView | None, started: turns.Begun, turn: Turn, generation: GenerationSettings
    ) -> None:
        """Keep the conversation in memory with its new turn; `view` None: it is the first."""
        before = view or ConversationView(
            started.conversation_id, conversations.title_of(turn.prompt), turn.model_id, generation
        )
        self.hold(before.followed_by(turn))

    def live(self, view: ConversationView) -> ConversationView:
        """The view with the end of an answer that finished after the database was read."""
        running_turn = view.running()
        job = self.job(running_turn.request_id) if running_turn else None
        completion = job.progress().completion if job else None
        if running_turn is None or completion is None:
            return view
        ended = dataclasses.replace(running_turn, completion=completion, state=state_of(completion))
        return dataclasses.replace(view, turns=(*view.turns[:-1], ended))

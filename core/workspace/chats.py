"""What a person does with one conversation. Every act is committed before anything is sent to a provider."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from ..jobs import Job
from ..question import Question
from ..records import ChatRequest, Message, Owner, Size
from ..routing.candidates import Route
from ..store import NotFound, Unavailable, conversations, running, settings, tree, turns
from ..store.votes import blind as blinding
from ..views.conversation import CONTINUE, ConversationView, File, GenerationSettings, PendingQuestion, Turn, asked_with
from ..views.progress import Progress
from . import question
from .answer_store import progress, state_of
from .branches import turns_of
from .settings import PersonalSettings
from .shared import Shared

DEFAULTS = GenerationSettings()
MESSAGES = 40
NEXT = "next:"


class Chats:
    """A person's conversations. Raises `StoreError`: NotFound, Changed, and Unavailable where nothing is held
    instead; and `BlockedInput` for what cannot be sent, of which nothing was kept."""

    def __init__(self, shared: Shared, owner: Owner) -> None:
        self._shared = shared
        self._database = shared.database
        self._owner = owner
        self._owner_id = owner.id
        self._settings = PersonalSettings(shared, owner)

    def get(self, conversation_id: str, *, messages: int = MESSAGES, at: str | None = None) -> ConversationView:
        """The conversation's newest `messages`, or as far up as the message `at`. NotFound for another owner's."""
        try:
            found = conversations.get(self._database, self._owner_id, conversation_id)
            if found.kind == "lane":
                blinding.refuse(self._database, conversation_id)
            branch = tree.path(self._database, self._owner_id, conversation_id, limit=messages, at=at)
        except (Unavailable, NotFound):
            held = self._seen(conversation_id)
            if held is None or self._database.health().state == "ok":
                raise
            return self.live(held)
        partial = self._database.overlay.is_partial(conversation_id)
        if partial and (held := self._seen(conversation_id)):
            return self.live(held)
        view = ConversationView(
            id=found.id,
            title=found.title,
            model_id=found.model_id or "",
            generation=GenerationSettings.of(found.system, found.settings),
            turns=turns_of(branch),
            earlier=(branch.earlier + 1) // 2,
            pinned=found.pinned,
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
    ) -> turns.Begun:
        """Put a question, once for a request id, whoever sends it twice. It follows the answer `parent_id`.

        `view` is the conversation as shown, None for a new one; `parent_id` None asks a first question (again).
        `prepared` is the question of a lane where it was made ready already.
        """
        prompt, generation = self._shared.entry.prompt(prompt, files), self._shared.entry.generation(generation)
        self._shared.entry.name(model_id, "model")
        begun = turns.begin(
            self._database,
            self._owner_id,
            request_id,
            prompt,
            owner_process=self._shared.process,
            conversation_id=view.id if view else None,
            parent_id=parent_id,
            model_id=model_id,
            system=generation.system,
            settings=generation.sampling(),
            files=files,
        )
        if begun.fresh:
            if prepared:
                self._shared.jobs.start(prepared.asked, self._owner.keys, self._owner_id, prepared)
            else:
                talk = question.above(self._database, self._owner_id, begun.conversation_id, parent_id, view)
                said = [*talk, asked_with(prompt, files)]
                self._start(request_id, begun, model_id, said, generation, lane=bool(view and view.lane))
            turn = Turn(begun.user_message_id or "", prompt, begun.answer_message_id, model_id, request_id, "running")
            self._append(view, begun, dataclasses.replace(turn, parent_id=parent_id), generation)
        return begun

    def again(
        self,
        request_id: str,
        view: ConversationView,
        turn: Turn,
        model_id: str,
        *,
        reuse: bool = False,
        insist: bool = True,
    ) -> turns.Begun:
        """Another answer to a question of this conversation; the ones before stay as its siblings.

        `reuse`: the one that was kept from an earlier time will do, and is given without a call. `insist`: a person
        asks for it, so that a model which rests is asked once all the same.
        """
        begun = turns.begin(
            self._database,
            self._owner_id,
            request_id,
            None,
            owner_process=self._shared.process,
            conversation_id=view.id,
            parent_id=turn.question_id,
            model_id=model_id,
        )
        if begun.fresh:
            talk = question.above(self._database, self._owner_id, view.id, turn.parent_id, view)
            said = [*talk, question.asked_again(self._database, self._owner_id, turn)]
            anew = dataclasses.replace(view.generation, reuse=reuse)
            self._start(request_id, begun, model_id, said, anew, lane=view.lane, insist=insist)
            fresh = dataclasses.replace(
                turn, answer_id=begun.answer_message_id, model_id=model_id, request_id=request_id, state="running"
            )
            self._append(view, begun, dataclasses.replace(fresh, completion=None), view.generation)
        return begun

    def go_on(self, request_id: str, view: ConversationView, model_id: str) -> turns.Begun:
        """Ask the model for the rest of the last answer, which was cut or interrupted."""
        return self.ask(
            request_id,
            CONTINUE,
            model_id,
            view=view,
            parent_id=view.leaf_id,
            generation=view.generation,
        )

    def held(self) -> list[ConversationView]:
        """What this process remembers of the owner's conversations, for a copy while the database is away; of blind
        comparisons nothing."""
        seen = self._shared.seen_comparisons.of(self._owner_id)
        blind = {lane.id for run in seen if run.blind for lane in (*run.lanes, *run.removed)}
        return [view for view in self._shared.seen_chats.of(self._owner_id) if view.id not in blind]

    def progress(self, request_id: str) -> Progress:
        """An answer in progress or ended, also one that another process carries. NotFound for another owner's."""
        job = self.job(request_id)
        return job.progress() if job else progress(running.read(self._database, self._owner_id, request_id))

    def job(self, request_id: str) -> Job | None:
        """The job if this process carries it."""
        job = self._shared.jobs.get(request_id)
        return job if job and job.owner_id == self._owner_id else None

    def stop(self, request_id: str) -> bool:
        """End an answer, its part kept; False when another process carries it."""
        job = self.job(request_id)
        if job:
            job.cancel()
        return job is not None

    def prospects(self, request: ChatRequest) -> dict[Size, Route]:
        """Whom "auto" would ask this of, by size, with what the person allowed."""
        allowed = dataclasses.replace(request, may_leave=self._settings.consents("may_leave"))
        return self._shared.engine.router.prospects(allowed, self._owner.keys, self._owner_id)

    def configure(self, conversation_id: str, **changes: Any) -> None:
        """Change a conversation's `model_id`, `system` or `settings` from the next question on."""
        self._shared.entry.optional(changes.get("system"), "system")
        self._shared.entry.name(changes.get("model_id") or "", "model")
        conversations.configure(self._database, self._owner_id, conversation_id, **changes)

    def show_version(self, conversation_id: str, message_id: str) -> str:
        """Show the branch through this version of a question or an answer; the branch's last message."""
        return tree.select_branch(self._database, self._owner_id, conversation_id, message_id)

    def waiting(self, conversation_id: str) -> PendingQuestion | None:
        """The question that waits for the running answer, if there is one."""
        try:
            value = settings.get(self._database, self._owner_id, NEXT + conversation_id)
        except Unavailable:
            return None
        return _waiting(value) if isinstance(value, dict) else None

    def wait(self, conversation_id: str, waiting: PendingQuestion | None) -> None:
        """Let a question wait, or (None) let none wait any more."""
        if waiting:
            self._shared.entry.prompt(waiting.prompt, [File(name, text) for name, text in waiting.files])
        value = dataclasses.asdict(waiting) if waiting else None
        settings.put(self._database, self._owner_id, NEXT + conversation_id, value)

    def _start(
        self,
        request_id: str,
        begun: turns.Begun,
        model_id: str,
        history: Sequence[Message],
        generation: GenerationSettings,
        *,
        lane: bool,
        insist: bool = False,
    ) -> None:
        request = question.request_for(
            request_id, begun.conversation_id, model_id, history, generation, lane=lane, insist=insist
        )
        if not lane:
            request = self._settings.applied(request)
        self._shared.jobs.start(request, self._owner.keys, self._owner_id)

    def _append(
        self,
        view: ConversationView | None,
        begun: turns.Begun,
        turn: Turn,
        generation: GenerationSettings,
    ) -> None:
        """Hold the conversation as it will look, in case the database cannot be asked for it."""
        known = view or ConversationView(
            begun.conversation_id, conversations.title_of(turn.prompt), turn.model_id, generation
        )
        above = known.turns
        if turn.parent_id is None:
            above = ()
        else:
            ids = [shown.answer_id for shown in above]
            above = above[: ids.index(turn.parent_id) + 1] if turn.parent_id in ids else above
        self.hold(dataclasses.replace(known, turns=(*above, turn)))

    def _seen(self, conversation_id: str) -> ConversationView | None:
        return self._shared.seen_chats.get(self._owner_id, conversation_id)

    def hold(self, view: ConversationView) -> ConversationView:
        """Remember the conversation as it was last seen, for as long as the database is away."""
        return self._shared.seen_chats.keep(self._owner_id, view.id, view)

    def live(self, view: ConversationView) -> ConversationView:
        """The sheet with the end of an answer that came after the database was read."""
        last = view.running()
        job = self.job(last.request_id) if last else None
        completion = job.progress().completion if job else None
        if last is None or completion is None:
            return view
        ended = dataclasses.replace(last, completion=completion, state=state_of(completion))
        return dataclasses.replace(view, turns=(*view.turns[:-1], ended))


def _waiting(value: Mapping[str, Any]) -> PendingQuestion:
    files = tuple((str(name), str(text)) for name, text in value.get("files", ()))
    return PendingQuestion(str(value["prompt"]), str(value["request_id"]), str(value["parent_id"]), files)

"""What people do with one conversation. Every act is committed before anything is sent to a provider."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from threading import RLock

from ..engine import Engine
from ..jobs import Job, Jobs
from ..question import Question
from ..records import NOTHING, Message, Window
from ..store import NotFound, Unavailable, conversations, reindex, running, tree, turns
from ..store.database import Database
from ..store.votes import blind as blinding
from ..views.comparison import Comparison
from ..views.conversation import CONTINUE, ConversationView, File, GenerationSettings, Turn
from ..views.progress import Progress
from . import question
from .admission_control import DatabaseAdmissionControl
from .answer_store import DatabaseAnswerStore, progress, state_of
from .branches import turns_of
from .budget import Budget, Price
from .consents import Consents
from .entry import Entry
from .freight import Freight
from .housekeeping import Housekeeping
from .reuse import Reuse

NO_WISHES = GenerationSettings()
HELD = 500
MESSAGES = 40


class RecentComparisons:
    """Comparisons as this process last saw them, for as long as the database is away."""

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[str, str], Comparison] = OrderedDict()

    def keep(self, owner_id: str, comparison: Comparison) -> None:
        self._seen[owner_id, comparison.id] = comparison
        self._seen.move_to_end((owner_id, comparison.id))
        while len(self._seen) > HELD:
            self._seen.popitem(last=False)

    def get(self, owner_id: str, run_id: str) -> Comparison | None:
        return self._seen.get((owner_id, run_id))

    def of(self, owner_id: str) -> list[Comparison]:
        return [run for (owner, _), run in self._seen.items() if owner == owner_id]


class Chats:
    """The conversations of a process. Raises `StoreError`: NotFound, Changed, and Unavailable where nothing is held
    instead; and `BlockedInput` for what cannot be sent, of which nothing was kept."""

    def __init__(self, engine: Engine, database: Database) -> None:
        self.engine = engine
        self.database = database
        self.process = running.process_name()
        self.entry = Entry(engine.settings.max_prompt_chars)
        self.budget = Budget(engine, database)
        self.reuse = Reuse(engine, database)
        self.consents = Consents(engine, database)
        self.admission_control = DatabaseAdmissionControl(
            database, self.process, engine.settings.answer_timeout_s, self.reuse
        )
        engine.guard(self.admission_control)
        engine.directory.marks = self.admission_control.standings
        settings = engine.settings
        files = settings.folder / settings.data_folder / "files"
        self.freight = Freight(database, self.process, files, settings.import_mb * 1_000_000)
        self.housekeeping = Housekeeping(database, self.process, settings.undo_minutes * 60, self.freight.tidy)
        answer_store = DatabaseAnswerStore(database, self.process, self._look_around)
        self.jobs = Jobs(engine, answer_store, tick_s=database.lease_s / 3)
        self._held: OrderedDict[tuple[str, str], ConversationView] = OrderedDict()
        self.runs = RecentComparisons()
        self._lock = RLock()
        self._stop_indexing: Callable[[], None] = lambda: None

    def _look_around(self) -> None:
        self.admission_control.look_around()
        self.housekeeping.tick()

    def begin_work(self) -> None:
        """Take over what a process that died left unfinished, and begin to renew our own leases."""
        with suppress(Unavailable):  # the watch claims them as soon as the database is back
            running.at_start(self.database, self.process)
        self.jobs.keep_watch()
        self._stop_indexing = reindex.begin(self.database)

    def close(self) -> None:
        """End the rounds and the answers of this process, then close the database; their parts stay in it."""
        self.jobs.close()
        self._stop_indexing()
        self.housekeeping.close()
        self.database.close()

    def conversation(
        self, owner_id: str, conversation_id: str, *, messages: int = MESSAGES, at: str | None = None
    ) -> ConversationView:
        """The conversation's newest `messages`, or as far up as the message `at`. NotFound for another owner's."""
        try:
            found = conversations.get(self.database, owner_id, conversation_id)
            if found.kind == "lane":
                blinding.refuse(self.database, conversation_id)
            branch = tree.path(self.database, owner_id, conversation_id, limit=messages, at=at)
        except (Unavailable, NotFound):
            held = self._seen(owner_id, conversation_id)
            if held is None or self.database.health().state == "ok":
                raise
            return self.live(owner_id, held)
        partial = self.database.overlay.is_partial(conversation_id)
        if partial and (held := self._seen(owner_id, conversation_id)):
            return self.live(owner_id, held)
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
        return self.live(owner_id, self.hold(owner_id, view))

    def ask(
        self,
        owner_id: str,
        request_id: str,
        prompt: str,
        model_id: str,
        *,
        view: ConversationView | None = None,
        parent_id: str | None = None,
        generation: GenerationSettings = NO_WISHES,
        files: Sequence[File] = (),
        keys: Mapping[str, str] = NOTHING,
        prepared: Question | None = None,
    ) -> turns.Begun:
        """Put a question, once for a request id, whoever sends it twice. It follows the answer `parent_id`.

        `view` is the conversation as shown, None for a new one; `parent_id` None asks a first question (again).
        `prepared` is the question of a lane where it was made ready already.
        """
        prompt, generation = self.entry.prompt(prompt, files), self.entry.generation(generation)
        self.entry.name(model_id, "model")
        begun = turns.begin(
            self.database,
            owner_id,
            request_id,
            prompt,
            owner_process=self.process,
            conversation_id=view.id if view else None,
            parent_id=parent_id,
            model_id=model_id,
            system=generation.system,
            settings=generation.sampling(),
            files=files,
        )
        if begun.fresh:
            if prepared:
                self.jobs.start(prepared.asked, keys, owner_id, prepared)
            else:
                talk = question.above(self.database, owner_id, begun.conversation_id, parent_id, view)
                said = [*talk, question.asked_with(prompt, files)]
                self._start(owner_id, request_id, begun, model_id, said, generation, keys, bool(view and view.lane))
            turn = Turn(begun.user_message_id or "", prompt, begun.answer_message_id, model_id, request_id, "running")
            self._append(owner_id, view, begun, dataclasses.replace(turn, parent_id=parent_id), generation)
        return begun

    def again(
        self,
        owner_id: str,
        request_id: str,
        view: ConversationView,
        turn: Turn,
        model_id: str,
        keys: Mapping[str, str] = NOTHING,
        *,
        reuse: bool = False,
        insist: bool = True,
    ) -> turns.Begun:
        """Another answer to a question of this conversation; the ones before stay as its siblings.

        `reuse`: the one that was kept from an earlier time will do, and is given without a call. `insist`: a person
        asks for it, so that a model which rests is asked once all the same.
        """
        begun = turns.begin(
            self.database,
            owner_id,
            request_id,
            None,
            owner_process=self.process,
            conversation_id=view.id,
            parent_id=turn.question_id,
            model_id=model_id,
        )
        if begun.fresh:
            talk = question.above(self.database, owner_id, view.id, turn.parent_id, view)
            said = [*talk, question.asked_again(self.database, owner_id, turn)]
            anew = dataclasses.replace(view.generation, reuse=reuse)
            self._start(owner_id, request_id, begun, model_id, said, anew, keys, view.lane, insist=insist)
            fresh = dataclasses.replace(
                turn, answer_id=begun.answer_message_id, model_id=model_id, request_id=request_id, state="running"
            )
            self._append(owner_id, view, begun, dataclasses.replace(fresh, completion=None), view.generation)
        return begun

    def go_on(
        self, owner_id: str, request_id: str, view: ConversationView, model_id: str, keys: Mapping[str, str] = NOTHING
    ) -> turns.Begun:
        """Ask the model for the rest of the last answer, which was cut or interrupted."""
        return self.ask(
            owner_id,
            request_id,
            CONTINUE,
            model_id,
            view=view,
            parent_id=view.leaf_id,
            generation=view.generation,
            keys=keys,
        )

    def held(self, owner_id: str) -> list[ConversationView]:
        """What this process remembers of the owner's conversations, for a copy while the database is away; of blind
        comparisons nothing."""
        veiled = {lane.id for run in self.runs.of(owner_id) if run.blind for lane in (*run.lanes, *run.removed)}
        with self._lock:
            return [view for (owner, _), view in self._held.items() if owner == owner_id and view.id not in veiled]

    def progress(self, owner_id: str, request_id: str) -> Progress:
        """An answer in progress or ended, also one that another process carries. NotFound for another owner's."""
        job = self.job(owner_id, request_id)
        return job.progress() if job else progress(running.read(self.database, owner_id, request_id))

    def job(self, owner_id: str, request_id: str) -> Job | None:
        """The job if this process carries it."""
        job = self.jobs.get(request_id)
        return job if job and job.owner_id == owner_id else None

    def stop(self, owner_id: str, request_id: str) -> bool:
        """End an answer, its part kept; False when another process carries it."""
        job = self.job(owner_id, request_id)
        if job:
            job.cancel()
        return job is not None

    def price(
        self,
        _owner_id: str,
        model_ids: Sequence[str],
        asked: str | Sequence[Message],
        keys: Mapping[str, str] = NOTHING,
    ) -> list[Price]:
        """What this question would take of what is left, a line a provider; see `Budget`."""
        return self.budget.price(model_ids, asked, keys)

    def windows(self, keys: Mapping[str, str] = NOTHING) -> list[Window]:
        return self.budget.windows(keys)

    def _start(
        self,
        owner_id: str,
        request_id: str,
        begun: turns.Begun,
        model_id: str,
        history: Sequence[Message],
        generation: GenerationSettings,
        keys: Mapping[str, str],
        lane: bool,
        *,
        insist: bool = False,
    ) -> None:
        request = question.request_for(
            request_id, begun.conversation_id, model_id, history, generation, lane=lane, insist=insist
        )
        if not lane:
            request = self.consents.applied(owner_id, request, keys)
        self.jobs.start(request, keys, owner_id)

    def _append(
        self,
        owner_id: str,
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
        self.hold(owner_id, dataclasses.replace(known, turns=(*above, turn)))

    def _seen(self, owner_id: str, conversation_id: str) -> ConversationView | None:
        with self._lock:
            return self._held.get((owner_id, conversation_id))

    def hold(self, owner_id: str, view: ConversationView) -> ConversationView:
        """Remember the conversation as it was last seen, for as long as the database is away."""
        with self._lock:
            self._held[owner_id, view.id] = view
            self._held.move_to_end((owner_id, view.id))
            while len(self._held) > HELD:
                self._held.popitem(last=False)
        return view

    def live(self, owner_id: str, view: ConversationView) -> ConversationView:
        """The sheet with the end of an answer that came after the database was read."""
        last = view.running()
        job = self.job(owner_id, last.request_id) if last else None
        completion = job.progress().completion if job else None
        if last is None or completion is None:
            return view
        ended = dataclasses.replace(last, completion=completion, state=state_of(completion))
        return dataclasses.replace(view, turns=(*view.turns[:-1], ended))

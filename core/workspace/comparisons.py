"""What people do with a comparison: ask all, go on, and with each lane of it what they like.

    start, go_on                 the first prompt, and the next ones
    add, take_part, again        one lane more, in the newest round; another answer in one lane
    swap, take_out, put_back     another model from now on; a lane less, its answers kept
    configure, set_apart         settings for all, and what one lane has otherwise
    fork                         a chat that goes on from one answer

What is shown while the database is away is held by `Chats`. Nobody but the owner finds anything.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from ..errors import LLMError
from ..question import Question
from ..records import NOTHING, Completion, Message, Owner
from ..store import NotFound, StoreError, Unavailable, conversations, running, runs, tree
from ..store.rounds import asked, branch, whole
from ..store.votes import blind as blinding
from ..views.comparison import Comparison, Round
from ..views.conversation import ConversationView, GenerationSettings, Turn
from . import question
from .branches import turns_of
from .chats import DEFAULTS, Chats
from .shared import Shared

SETTLES_S = 3.0
LOOK_S = 0.02


class Comparisons:
    """A person's comparisons; `chats` asks in each lane."""

    def __init__(self, shared: Shared, owner: Owner) -> None:
        self._shared = shared
        self._database = shared.database
        self._owner = owner
        self._owner_id = owner.id
        self._chats = Chats(shared, owner)

    def start(
        self,
        request_id: str,
        prompt: str,
        model_ids: Sequence[str],
        *,
        generation: GenerationSettings = DEFAULTS,
        apart: Mapping[int, Mapping[str, Any]] | None = None,
        blind: bool = False,
    ) -> str:
        """Put one prompt to several models at once; the id of the comparison, which is in the history from now on.

        `apart` is what lanes, by their place, are asked with otherwise than all. `blind` shuffles the lanes, asks all
        alike, and hides who they are until there is a vote.
        """
        if blind:
            model_ids, apart = blinding.shuffled(model_ids, request_id), None
        prompt, generation = self._shared.entry.prompt(prompt), self._shared.entry.generation(generation)
        for each in (apart or {}).values():
            self._shared.entry.apart(each)
        for model_id in model_ids:
            self._shared.entry.name(model_id, "model")
        run_id, made = runs.create(
            self._database,
            self._owner_id,
            request_id,
            model_ids,
            prompt=prompt,
            system=generation.system,
            settings=generation.sampling(),
            options={"prompt": prompt, **({"blind": True} if blind else {})},
            apart=apart,
        )
        by_place = apart or {}
        otherwise = {each.conversation_id: by_place[each.position] for each in made if by_place.get(each.position)}
        views = tuple(
            ConversationView(
                lane.conversation_id,
                model_id=lane.model_id,
                generation=generation.with_apart(otherwise.get(lane.conversation_id, NOTHING)),
                lane=True,
            )
            for lane in made
        )
        shown = Comparison(run_id, "", prompt, generation, views, apart=otherwise, blind=blind)
        self._ask_all(request_id, shown, prompt, {})
        return run_id

    def go_on(
        self,
        request_id: str,
        shown: Comparison,
        prompt: str,
        *,
        follows: str | None = None,
    ) -> None:
        """Put the next prompt to all lanes. Each goes on from its own last answer, or all from that of `follows`.

        What still runs is stopped first, its part kept.
        """
        prompt = self._shared.entry.prompt(prompt)
        self.stop_and_wait(shown.running())
        parents = {lane.id: lane.leaf_id for lane in shown.lanes}
        source = next((lane for lane in shown.lanes if lane.id == follows), None)
        if source and source.leaf_id:
            for lane in shown.lanes:
                if lane.id != source.id:
                    parents[lane.id] = branch.copy(
                        self._database, self._owner_id, request_id, source.leaf_id, source.id, lane.id
                    )
        self._ask_all(request_id, shown, prompt, parents, follows=source.id if source else None)

    def _ask_all(
        self,
        request_id: str,
        shown: Comparison,
        prompt: str,
        parents: Mapping[str, str | None],
        *,
        follows: str | None = None,
    ) -> None:
        """Keep the round, reserve for all lanes in one go, then ask each."""
        names = {lane.id: f"{request_id}-{place}" for place, lane in enumerate(shown.lanes)}
        questions = {lane_id: asked.question_id(self._owner_id, name) for lane_id, name in names.items()}
        asked.begin(self._database, self._owner_id, shown.id, request_id, prompt, questions, follows=follows)
        self._note(shown, Round(len(shown.rounds) + 1, prompt, questions, follows))
        fresh = {lane.id: names[lane.id] for lane in shown.lanes if self._shared.jobs.get(names[lane.id]) is None}
        lanes = [lane for lane in shown.lanes if lane.id in fresh]
        prepared = self._reserve(lanes, names, prompt, parents)
        for lane in shown.lanes:
            name, parent = names[lane.id], parents.get(lane.id)
            begun = self._chats.ask(
                name,
                prompt,
                lane.model_id,
                view=lane,
                parent_id=parent,
                generation=lane.generation,
                prepared=prepared.get(lane.id),
            )
            if not begun.fresh and lane.id in fresh:  # another process carries it
                self._shared.admission_control.forget(name)

    def _note(self, shown: Comparison, fresh: Round) -> None:
        is_new = all(fresh.questions != each.questions for each in shown.rounds)
        self._see(dataclasses.replace(shown, rounds=(*shown.rounds, fresh)) if is_new else shown)

    def _see(self, shown: Comparison) -> Comparison:
        return self._shared.seen_comparisons.keep(self._owner_id, shown.id, shown)

    def _reserve(
        self,
        lanes: Sequence[ConversationView],
        names: Mapping[str, str],
        prompt: str,
        parents: Mapping[str, str | None],
    ) -> dict[str, Question]:
        """Hold the first attempts of these lanes in one transaction; their questions, without what cannot be asked."""
        prepared = {}
        for lane in lanes:
            talk = question.above(self._database, self._owner_id, lane.id, parents.get(lane.id), lane)
            said = [*talk, Message("user", prompt)]
            request = question.request_for(names[lane.id], lane.id, lane.model_id, said, lane.generation, lane=True)
            with suppress(LLMError):
                prepared[lane.id] = self._shared.engine.prepare(request, self._owner.keys, self._owner_id)
        self._shared.admission_control.reserve(list(prepared.values()))
        return prepared

    def get(self, run_id: str) -> Comparison:
        """A comparison with what each lane has so far. NotFound for another owner's."""
        held = self._shared.seen_comparisons.get(self._owner_id, run_id)
        try:
            found = whole.read(self._database, self._owner_id, run_id)
        except (Unavailable, NotFound):
            if held is None or self._database.health().state == "ok":
                raise
            live = [_as_lane(self._chats.get(lane.id), lane) for lane in held.lanes]
            return dataclasses.replace(held, lanes=tuple(live))
        generation = GenerationSettings.of(found.system, found.settings or found.options)
        views = {
            lane.conversation_id: self._chats.live(self._chats.hold(_sheet(lane, generation))) for lane in found.lanes
        }
        shown = Comparison(
            id=found.id,
            title=found.title,
            prompt=str(found.options.get("prompt", "")) or (found.rounds[0].prompt if found.rounds else ""),
            generation=generation,
            lanes=tuple(views[lane.conversation_id] for lane in found.lanes if lane.removed_at is None),
            rounds=tuple(Round(r.number, r.prompt, r.questions, r.follows, r.created_at) for r in found.rounds),
            removed=tuple(views[lane.conversation_id] for lane in found.lanes if lane.removed_at is not None),
            apart={lane.conversation_id: lane.wishes for lane in found.lanes if lane.wishes},
            pinned=found.pinned,
            blind=blinding.hides(found.options),
        )
        return self._see(shown)

    def add(self, request_id: str, shown: Comparison, model_id: str) -> str:
        """One more lane at the right, once for a request id, not asked yet; its id. NotFound for another owner's."""
        return runs.add_lane(
            self._database, self._owner_id, shown.id, request_id, self._shared.entry.name(model_id, "model")
        )

    def take_part(self, request_id: str, shown: Comparison, lane: ConversationView) -> None:
        """Put the newest prompt to a lane that was not asked it; it goes on from its own last answer, if it has one."""
        newest = shown.rounds[-1]
        mine = {lane.id: asked.question_id(self._owner_id, request_id)}
        asked.join(self._database, self._owner_id, shown.id, newest.number, mine)
        self._chats.ask(
            request_id,
            newest.prompt,
            lane.model_id,
            view=lane,
            parent_id=lane.leaf_id,
            generation=lane.generation,
        )

    def again(
        self,
        request_id: str,
        lane: ConversationView,
        turn: Turn,
        *,
        kept: bool = False,
        insist: bool = True,
    ) -> None:
        """Another answer in one lane, by the model that it has now. `kept`: the one kept from an earlier time will do;
        `insist`: a person asks for it, not a timer."""
        self._chats.again(request_id, lane, turn, lane.model_id, reuse=kept, insist=insist)

    def swap(self, lane: ConversationView, model_id: str) -> None:
        """Another model answers in this lane from now on; what there is of it stays."""
        self._shared.entry.name(model_id, "model")
        conversations.configure(self._database, self._owner_id, lane.id, model_id=model_id)

    def take_out(self, lane: ConversationView) -> None:
        """Show a lane no longer; what runs in it is stopped, and all of it stays in the history."""
        if turn := lane.running():
            self._chats.stop(turn.request_id)
        runs.take_out(self._database, self._owner_id, lane.id)

    def put_back(self, lane: ConversationView) -> None:
        """Undo `take_out`."""
        runs.put_back(self._database, self._owner_id, lane.id)

    def configure(self, shown: Comparison, generation: GenerationSettings) -> None:
        """System prompt and sampling of all lanes, from the next prompt on."""
        generation = self._shared.entry.generation(generation)
        conversations.configure(
            self._database, self._owner_id, shown.id, system=generation.system, settings=generation.sampling()
        )

    def set_apart(self, lane: ConversationView, generation: Mapping[str, Any]) -> None:
        """What this lane has otherwise than all, from the next prompt on; nothing: the same as all."""
        self._shared.entry.apart(generation)
        runs.set_apart(self._database, self._owner_id, lane.id, generation)

    def fork(self, lane: ConversationView, turn: Turn) -> str:
        """A chat of its own that goes on from this answer; the same one when it is opened again."""
        return branch.fork(
            self._database,
            self._owner_id,
            turn.answer_id,
            lane.id,
            system=lane.generation.system,
            settings=lane.generation.sampling(),
        )

    def kept(self, lane: ConversationView, turn: Turn) -> Completion | None:
        """The answer that was kept from an earlier time to this very question; None without one."""
        talk = question.above(self._database, self._owner_id, lane.id, turn.parent_id, lane)
        said = [*talk, Message("user", turn.prompt)]
        generation = dataclasses.replace(lane.generation, reuse=True)
        request = question.request_for("", lane.id, lane.model_id, said, generation, lane=True)
        try:
            return self._shared.admission_control.recall(
                self._shared.engine.prepare(request, self._owner.keys, self._owner_id), given=False
            )
        except LLMError:
            return None

    def stop_and_wait(
        self,
        turns: Sequence[Turn],
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Stop these answers, and wait until their parts are kept, so that what is asked next follows them."""
        stopped = [turn for turn in turns if self._chats.stop(turn.request_id)]
        until = clock() + SETTLES_S
        for turn in stopped:
            while clock() < until:
                with suppress(StoreError):
                    if running.read(self._database, self._owner_id, turn.request_id).state != "running":
                        break
                sleep(LOOK_S)


def _sheet(lane: whole.StoredLane, generation: GenerationSettings) -> ConversationView:
    talk = tree.Branch(lane.conversation_id, lane.turns, 0, None, lane.version)
    return ConversationView(
        id=lane.conversation_id,
        title=lane.title,
        model_id=lane.model_id,
        generation=generation.with_apart(lane.wishes),
        turns=turns_of(talk),
        version=lane.version,
        lane=True,
    )


def _as_lane(held: ConversationView, lane: ConversationView) -> ConversationView:
    return dataclasses.replace(held, model_id=lane.model_id, generation=lane.generation, lane=True)

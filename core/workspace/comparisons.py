"""A person's actions on a comparison and its lanes.

start, go_on                 the first prompt, and the next ones
add, take_part, again        add a lane; ask it the newest prompt; another answer in one lane
swap, take_out, put_back     change the model from now on; remove a lane, keeping its answers; undo that
configure, set_apart         settings for all lanes, and for one
fork                         a chat that continues from one answer
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from ..errors import LLMError
from ..records import NOTHING, Completion, Owner
from ..store import NotFound, StoreError, Unavailable, conversations, running, runs, tree
from ..store.rounds import asked, branch, whole
from ..store.votes import blind as blinding
from ..views.comparison import Comparison, Round
from ..views.conversation import ConversationView, Decision, File, GenerationSettings, Turn
from . import question
from .chats import DEFAULTS, Chats
from .comparison_view import comparison_of
from .outgoing import Outgoing
from .rounds import Rounds
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
        self._rounds = Rounds(shared, owner, self._chats)
        self._outgoing = Outgoing(shared, owner)

    def start(
        self,
        request_id: str,
        prompt: str,
        model_ids: Sequence[str],
        *,
        generation: GenerationSettings = DEFAULTS,
        apart: Mapping[int, Mapping[str, Any]] | None = None,
        blind: bool = False,
        later: Mapping[int, datetime] | None = None,
        decision: Decision = "ask",
        files: Sequence[File] = (),
    ) -> str:
        """Send one prompt to several models; returns the id of the comparison, which is in the history from now on.

        `apart`: settings of single lanes, by position. `blind`: shuffles the lanes, keeps nothing of `apart` but
        efforts, and hides the models until there is a vote. `later`: when lanes that wait for a limit are asked, by
        position. `decision` as in `Chats.ask`; `files` go with the prompt to every model.
        """
        if blind:
            places = blinding.shuffled(len(model_ids), request_id)
            efforts = {place: item["effort"] for place, item in (apart or {}).items() if item.get("effort") is not None}
            model_ids = [model_ids[place] for place in places]
            apart = {new: {"effort": efforts[old]} for new, old in enumerate(places) if old in efforts}
        prompt = self._shared.input_limits.prompt(prompt, files)
        generation = self._shared.input_limits.generation(generation)
        for item in (apart or {}).values():
            self._shared.input_limits.apart(item)
        for model_id in model_ids:
            self._shared.input_limits.name(model_id, "model")
        self._chats.admit(f"{request_id}-0", len(model_ids) - len(later or ()))
        alarm = self._outgoing.of_comparison(prompt, model_ids, generation=generation, apart=apart, files=files)
        generation = self._outgoing.decided(alarm, decision, generation)
        run_id, lanes = runs.create(
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
        own_settings = {item.conversation_id: by_place[item.position] for item in lanes if by_place.get(item.position)}
        views = tuple(
            ConversationView(
                lane.conversation_id,
                model_id=lane.model_id,
                generation=generation.with_apart(own_settings.get(lane.conversation_id, NOTHING)),
                lane=True,
            )
            for lane in lanes
        )
        comparison = Comparison(run_id, "", prompt, generation, views, apart=own_settings, blind=blind)
        waits = {views[place].id: not_before for place, not_before in (later or {}).items()}
        self._rounds.ask(request_id, comparison, prompt, {}, later=waits, files=files)
        return run_id

    def go_on(
        self,
        request_id: str,
        comparison: Comparison,
        prompt: str,
        *,
        follows: str | None = None,
        later: Mapping[str, datetime] = NOTHING,
        decision: Decision = "ask",
        files: Sequence[File] = (),
    ) -> None:
        """Send the next prompt to all lanes. Each continues from its own last answer, or all from that of `follows`.

        Running answers are stopped first and kept. `later`: when lanes that wait for a limit are asked; one that waits
        already is asked after that.
        """
        prompt = self._shared.input_limits.prompt(prompt, files)
        model_ids = [lane.model_id for lane in comparison.lanes]
        running = len(comparison.running())
        self._chats.admit(f"{request_id}-0", len(model_ids) - len(later), without=running)
        alarm = self._outgoing.of_comparison(prompt, model_ids, comparison=comparison, files=files)
        generation = self._outgoing.decided(alarm, decision, comparison.generation)
        if generation != comparison.generation:
            comparison = self._with(comparison, generation)
        self.stop_and_wait(comparison.running())
        parents = {lane.id: lane.leaf_id for lane in comparison.lanes}
        source = next((lane for lane in comparison.lanes if lane.id == follows), None)
        if source and source.leaf_id:
            for lane in comparison.lanes:
                if lane.id != source.id:
                    parents[lane.id] = branch.copy(
                        self._database, self._owner_id, request_id, source.leaf_id, source.id, lane.id
                    )
        self._rounds.ask(
            request_id, comparison, prompt, parents, follows=source.id if source else None, later=later, files=files
        )

    def _with(self, comparison: Comparison, generation: GenerationSettings) -> Comparison:
        """The comparison with the person's decision, stored."""
        self.configure(comparison, generation)
        apart = {"personal_data": generation.personal_data}
        lanes = [dataclasses.replace(lane, generation=lane.generation.with_apart(apart)) for lane in comparison.lanes]
        return dataclasses.replace(comparison, generation=generation, lanes=tuple(lanes))

    def _see(self, comparison: Comparison) -> Comparison:
        return self._shared.seen_comparisons.keep(self._owner_id, comparison.id, comparison)

    def get(self, run_id: str) -> Comparison:
        """A comparison with its lanes and their answers so far. NotFound for another owner's."""
        last_seen = self._shared.seen_comparisons.get(self._owner_id, run_id)
        try:
            stored = whole.read(self._database, self._owner_id, run_id)
        except (Unavailable, NotFound):
            if last_seen is None or self._database.health().state == "ok":
                raise
            lanes = [_as_lane(self._chats.get(lane.id), lane) for lane in last_seen.lanes]
            return dataclasses.replace(last_seen, lanes=tuple(lanes))
        comparison = comparison_of(stored, lambda lane: self._chats.live(self._chats.hold(lane)))
        return self._see(comparison)

    def add(self, request_id: str, comparison: Comparison, model_id: str) -> str:
        """Add a lane at the right, once per request id, without asking it; returns its id. NotFound for another
        owner's."""
        return runs.add_lane(
            self._database, self._owner_id, comparison.id, request_id, self._shared.input_limits.name(model_id, "model")
        )

    def take_part(self, request_id: str, comparison: Comparison, lane: ConversationView) -> None:
        """Send the newest prompt to a lane that was not asked; it continues from its own last answer, if any."""
        newest = comparison.rounds[-1]
        self._chats.admit(request_id)
        question_ids = {lane.id: asked.question_id(self._owner_id, request_id)}
        asked.join(self._database, self._owner_id, comparison.id, newest.number, question_ids)
        self._chats.ask(
            request_id,
            newest.prompt,
            lane.model_id,
            view=lane,
            parent_id=lane.leaf_id,
            generation=lane.generation,
            files=self._files_of(newest),
        )

    def files(self, comparison: Comparison) -> Mapping[int, Sequence[File]]:
        """The files of the rounds that have some, with what was read of documents, by number."""
        return {each.number: files for each in comparison.rounds if (files := self._files_of(each))}

    def _files_of(self, asked_round: Round) -> Sequence[File]:
        """The files of a round: each lane's question has them."""
        question_id = next(iter(asked_round.questions.values()), None)
        return tree.files(self._database, self._owner_id, question_id) if question_id else ()

    def again(
        self,
        request_id: str,
        lane: ConversationView,
        turn: Turn,
        *,
        cached: bool = False,
        insist: bool = True,
        not_before: datetime | None = None,
    ) -> None:
        """Another answer in one lane, by its current model. `cached`: a cached answer is accepted; `insist`: a person
        asked for it, not a timer; `not_before`: it waits until then."""
        self._chats.again(request_id, lane, turn, lane.model_id, reuse=cached, insist=insist, not_before=not_before)

    def swap(self, lane: ConversationView, model_id: str) -> None:
        """Change the model of a lane from now on; its earlier answers stay."""
        self._shared.input_limits.name(model_id, "model")
        conversations.configure(self._database, self._owner_id, lane.id, model_id=model_id)

    def take_out(self, lane: ConversationView) -> None:
        """Remove a lane; its running answer is stopped, and everything stays in the history."""
        if turn := lane.running():
            self._chats.stop(turn.request_id)
        runs.take_out(self._database, self._owner_id, lane.id)

    def put_back(self, lane: ConversationView) -> None:
        """Undo `take_out`."""
        runs.put_back(self._database, self._owner_id, lane.id)

    def configure(self, comparison: Comparison, generation: GenerationSettings) -> None:
        """System prompt and sampling of all lanes, from the next prompt on."""
        generation = self._shared.input_limits.generation(generation)
        conversations.configure(
            self._database, self._owner_id, comparison.id, system=generation.system, settings=generation.sampling()
        )

    def set_apart(self, lane: ConversationView, generation: Mapping[str, Any]) -> None:
        """Settings of this lane alone, from the next prompt on; empty: the same as all."""
        self._shared.input_limits.apart(generation)
        runs.set_apart(self._database, self._owner_id, lane.id, generation)

    def fork(self, lane: ConversationView, turn: Turn) -> str:
        """A chat that continues from this answer; the same one each time."""
        return branch.fork(
            self._database,
            self._owner_id,
            turn.answer_id,
            lane.id,
            system=lane.generation.system,
            settings=lane.generation.sampling(),
        )

    def cached_answer(self, lane: ConversationView, turn: Turn) -> Completion | None:
        """The cached answer to this question; None without one."""
        history = question.history_above(self._database, self._owner_id, lane.id, turn.parent_id, lane)
        messages = [*history, question.question_of(self._database, self._owner_id, turn)]
        generation = dataclasses.replace(lane.generation, reuse=True)
        request = question.request_for("", lane.id, lane.model_id, messages, generation, lane=True)
        try:
            return self._shared.admission_control.recall(
                self._shared.engine.prepare(request, self._owner.keys, self._owner_id), count_hit=False
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
        """Stop these answers, and wait until their parts are stored, so that the next question follows them."""
        stopped = [turn for turn in turns if self._chats.stop(turn.request_id)]
        deadline = clock() + SETTLES_S
        for turn in stopped:
            while clock() < deadline:
                with suppress(StoreError):
                    if running.read(self._database, self._owner_id, turn.request_id).state != "running":
                        break
                sleep(LOOK_S)


def _as_lane(last_seen: ConversationView, lane: ConversationView) -> ConversationView:
    return dataclasses.replace(last_seen, model_id=lane.model_id, generation=lane.generation, lane=True)

"""What people do with a comparison: ask all, go on, and with each lane of it what they like.

    compare, go_on               the first prompt, and the next ones
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

from core.desk import question
from core.desk.branches import turns_of
from core.desk.chats import Chats
from core.errors import LLMError
from core.question import Question
from core.records import NOTHING, Completion, Message
from core.store import NotFound, StoreError, Unavailable, conversations, running, runs, tree
from core.store.rounds import asked, branch, whole
from core.store.votes import blind as veil
from core.views.comparison import Comparison, Round
from core.views.conversation import Sheet, Turn, Wishes

SETTLES_S = 3.0
LOOK_S = 0.02
Keys = Mapping[str, str]


class Lanes:
    """The comparisons of a process; `desk` asks in each lane."""

    def __init__(self, desk: Chats) -> None:
        self._desk = desk

    def compare(
        self,
        owner_id: str,
        request_id: str,
        prompt: str,
        model_ids: Sequence[str],
        *,
        wishes: Wishes,
        apart: Mapping[int, Mapping[str, Any]] | None = None,
        blind: bool = False,
        keys: Keys = NOTHING,
    ) -> str:
        """Start a comparison; see `Desk.compare`."""
        prompt, wishes = self._desk.entry.prompt(prompt), self._desk.entry.wishes(wishes)
        for each in (apart or {}).values():
            self._desk.entry.apart(each)
        for model_id in model_ids:
            self._desk.entry.name(model_id, "model")
        run_id, made = runs.create(
            self._desk.database,
            owner_id,
            request_id,
            model_ids,
            prompt=prompt,
            system=wishes.system,
            settings=wishes.sampling(),
            options={"prompt": prompt, **({"blind": True} if blind else {})},
            apart=apart,
        )
        by_place = apart or {}
        otherwise = {each.conversation_id: by_place[each.position] for each in made if by_place.get(each.position)}
        sheets = tuple(
            Sheet(
                lane.conversation_id,
                model_id=lane.model_id,
                wishes=wishes.with_apart(otherwise.get(lane.conversation_id, NOTHING)),
                lane=True,
            )
            for lane in made
        )
        shown = Comparison(run_id, "", prompt, wishes, sheets, apart=otherwise, blind=blind)
        self._ask_all(owner_id, request_id, shown, prompt, {}, keys)
        return run_id

    def go_on(
        self,
        owner_id: str,
        request_id: str,
        shown: Comparison,
        prompt: str,
        *,
        follows: str | None = None,
        keys: Keys = NOTHING,
    ) -> None:
        """Put the next prompt to all lanes. Each goes on from its own last answer, or all from that of `follows`.

        What still runs is stopped first, its part kept.
        """
        prompt = self._desk.entry.prompt(prompt)
        self.stop_and_wait(owner_id, shown.running())
        parents = {lane.id: lane.leaf_id for lane in shown.lanes}
        source = next((lane for lane in shown.lanes if lane.id == follows), None)
        if source and source.leaf_id:
            for lane in shown.lanes:
                if lane.id != source.id:
                    parents[lane.id] = branch.copy(
                        self._desk.database, owner_id, request_id, source.leaf_id, source.id, lane.id
                    )
        self._ask_all(owner_id, request_id, shown, prompt, parents, keys, follows=source.id if source else None)

    def _ask_all(
        self,
        owner_id: str,
        request_id: str,
        shown: Comparison,
        prompt: str,
        parents: Mapping[str, str | None],
        keys: Keys,
        *,
        follows: str | None = None,
    ) -> None:
        """Keep the round, reserve for all lanes in one go, then ask each."""
        names = {lane.id: f"{request_id}-{place}" for place, lane in enumerate(shown.lanes)}
        questions = {lane_id: asked.question_id(owner_id, name) for lane_id, name in names.items()}
        asked.begin(self._desk.database, owner_id, shown.id, request_id, prompt, questions, follows=follows)
        self._note(owner_id, shown, Round(len(shown.rounds) + 1, prompt, questions, follows))
        fresh = {lane.id: names[lane.id] for lane in shown.lanes if self._desk.jobs.get(names[lane.id]) is None}
        lanes = [lane for lane in shown.lanes if lane.id in fresh]
        prepared = self._reserve(owner_id, lanes, names, prompt, parents, keys)
        for lane in shown.lanes:
            name, parent = names[lane.id], parents.get(lane.id)
            begun = self._desk.ask(
                owner_id,
                name,
                prompt,
                lane.model_id,
                sheet=lane,
                parent_id=parent,
                wishes=lane.wishes,
                keys=keys,
                prepared=prepared.get(lane.id),
            )
            if not begun.fresh and lane.id in fresh:  # another process carries it
                self._desk.gate.forget(name)

    def _note(self, owner_id: str, shown: Comparison, fresh: Round) -> None:
        is_new = all(fresh.questions != each.questions for each in shown.rounds)
        self._desk.runs.keep(owner_id, dataclasses.replace(shown, rounds=(*shown.rounds, fresh)) if is_new else shown)

    def _reserve(
        self,
        owner_id: str,
        lanes: Sequence[Sheet],
        names: Mapping[str, str],
        prompt: str,
        parents: Mapping[str, str | None],
        keys: Keys,
    ) -> dict[str, Question]:
        """Hold the first attempts of these lanes in one transaction; their questions, without what cannot be asked."""
        prepared = {}
        for lane in lanes:
            talk = question.above(self._desk.database, owner_id, lane.id, parents.get(lane.id), lane)
            said = [*talk, Message("user", prompt)]
            request = question.request_for(names[lane.id], lane.id, lane.model_id, said, lane.wishes, lane=True)
            with suppress(LLMError):
                prepared[lane.id] = self._desk.engine.prepare(request, keys, owner_id)
        self._desk.gate.reserve(list(prepared.values()))
        return prepared

    def comparison(self, owner_id: str, run_id: str) -> Comparison:
        """A comparison with what each lane has so far. NotFound for another owner's."""
        held = self._desk.runs.get(owner_id, run_id)
        try:
            found = whole.read(self._desk.database, owner_id, run_id)
        except (Unavailable, NotFound):
            if held is None or self._desk.database.health().state == "ok":
                raise
            live = [_as_lane(self._desk.sheet(owner_id, lane.id), lane) for lane in held.lanes]
            return dataclasses.replace(held, lanes=tuple(live))
        wishes = Wishes.of(found.system, found.settings or found.options)
        sheets = {
            lane.conversation_id: self._desk.live(owner_id, self._desk.hold(owner_id, _sheet(lane, wishes)))
            for lane in found.lanes
        }
        shown = Comparison(
            id=found.id,
            title=found.title,
            prompt=str(found.options.get("prompt", "")) or (found.rounds[0].prompt if found.rounds else ""),
            wishes=wishes,
            lanes=tuple(sheets[lane.conversation_id] for lane in found.lanes if lane.removed_at is None),
            rounds=tuple(Round(r.number, r.prompt, r.questions, r.follows, r.created_at) for r in found.rounds),
            removed=tuple(sheets[lane.conversation_id] for lane in found.lanes if lane.removed_at is not None),
            apart={lane.conversation_id: lane.wishes for lane in found.lanes if lane.wishes},
            pinned=found.pinned,
            blind=veil.hides(found.options),
        )
        self._desk.runs.keep(owner_id, shown)
        return shown

    def add(self, owner_id: str, request_id: str, shown: Comparison, model_id: str) -> str:
        """One more lane at the right, once for a request id, not asked yet; its id. NotFound for another owner's."""
        return runs.add_lane(
            self._desk.database, owner_id, shown.id, request_id, self._desk.entry.name(model_id, "model")
        )

    def take_part(self, owner_id: str, request_id: str, shown: Comparison, lane: Sheet, keys: Keys = NOTHING) -> None:
        """Put the newest prompt to a lane that was not asked it; it goes on from its own last answer, if it has one."""
        newest = shown.rounds[-1]
        mine = {lane.id: asked.question_id(owner_id, request_id)}
        asked.join(self._desk.database, owner_id, shown.id, newest.number, mine)
        self._desk.ask(
            owner_id,
            request_id,
            newest.prompt,
            lane.model_id,
            sheet=lane,
            parent_id=lane.leaf_id,
            wishes=lane.wishes,
            keys=keys,
        )

    def again(
        self,
        owner_id: str,
        request_id: str,
        lane: Sheet,
        turn: Turn,
        keys: Keys = NOTHING,
        *,
        kept: bool = False,
        insist: bool = True,
    ) -> None:
        """Another answer in one lane, by the model that it has now. `kept`: the one kept from an earlier time will do;
        `insist`: a person asks for it, not a timer."""
        self._desk.again(owner_id, request_id, lane, turn, lane.model_id, keys, reuse=kept, insist=insist)

    def swap(self, owner_id: str, lane: Sheet, model_id: str) -> None:
        """Another model answers in this lane from now on; what there is of it stays."""
        self._desk.entry.name(model_id, "model")
        conversations.configure(self._desk.database, owner_id, lane.id, model_id=model_id)

    def take_out(self, owner_id: str, lane: Sheet) -> None:
        """Show a lane no longer; what runs in it is stopped, and all of it stays in the history."""
        if turn := lane.running():
            self._desk.stop(owner_id, turn.request_id)
        runs.take_out(self._desk.database, owner_id, lane.id)

    def put_back(self, owner_id: str, lane: Sheet) -> None:
        """Undo `take_out`."""
        runs.put_back(self._desk.database, owner_id, lane.id)

    def configure(self, owner_id: str, shown: Comparison, wishes: Wishes) -> None:
        """System prompt and sampling of all lanes, from the next prompt on."""
        wishes = self._desk.entry.wishes(wishes)
        conversations.configure(
            self._desk.database, owner_id, shown.id, system=wishes.system, settings=wishes.sampling()
        )

    def set_apart(self, owner_id: str, lane: Sheet, wishes: Mapping[str, Any]) -> None:
        """What this lane has otherwise than all, from the next prompt on; nothing: the same as all."""
        self._desk.entry.apart(wishes)
        runs.set_apart(self._desk.database, owner_id, lane.id, wishes)

    def fork(self, owner_id: str, lane: Sheet, turn: Turn) -> str:
        """A chat of its own that goes on from this answer; the same one when it is opened again."""
        return branch.fork(
            self._desk.database,
            owner_id,
            turn.answer_id,
            lane.id,
            system=lane.wishes.system,
            settings=lane.wishes.sampling(),
        )

    def kept(self, owner_id: str, lane: Sheet, turn: Turn, keys: Keys = NOTHING) -> Completion | None:
        """The answer that was kept from an earlier time to this very question; None without one."""
        talk = question.above(self._desk.database, owner_id, lane.id, turn.parent_id, lane)
        said = [*talk, Message("user", turn.prompt)]
        wishes = dataclasses.replace(lane.wishes, reuse=True)
        request = question.request_for("", lane.id, lane.model_id, said, wishes, lane=True)
        try:
            return self._desk.gate.recall(self._desk.engine.prepare(request, keys, owner_id), given=False)
        except LLMError:
            return None

    def stop_and_wait(
        self,
        owner_id: str,
        turns: Sequence[Turn],
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Stop these answers, and wait until their parts are kept, so that what is asked next follows them."""
        stopped = [turn for turn in turns if self._desk.stop(owner_id, turn.request_id)]
        until = clock() + SETTLES_S
        for turn in stopped:
            while clock() < until:
                with suppress(StoreError):
                    if running.read(self._desk.database, owner_id, turn.request_id).state != "running":
                        break
                sleep(LOOK_S)


def _sheet(lane: whole.Lane, wishes: Wishes) -> Sheet:
    talk = tree.Branch(lane.conversation_id, lane.turns, 0, None, lane.version)
    return Sheet(
        id=lane.conversation_id,
        title=lane.title,
        model_id=lane.model_id,
        wishes=wishes.with_apart(lane.wishes),
        turns=turns_of(talk),
        version=lane.version,
        lane=True,
    )


def _as_lane(held: Sheet, lane: Sheet) -> Sheet:
    return dataclasses.replace(held, model_id=lane.model_id, wishes=lane.wishes, lane=True)

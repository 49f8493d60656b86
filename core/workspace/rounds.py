"""A round of a comparison: one prompt stored, its quota reserved for all lanes at once, then asked in each."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from ..errors import LLMError
from ..question import Question
from ..records import NOTHING, Message, Owner
from ..store.rounds import asked
from ..views.comparison import Comparison, Round
from ..views.conversation import ConversationView, File, asked_with
from . import question
from .chats import Chats
from .shared import Shared


class Rounds:
    """Asks the rounds of a person's comparisons; `chats` asks in each lane."""

    def __init__(self, shared: Shared, owner: Owner, chats: Chats) -> None:
        self._shared = shared
        self._database = shared.database
        self._owner = owner
        self._owner_id = owner.id
        self._chats = chats

    def ask(
        self,
        request_id: str,
        comparison: Comparison,
        prompt: str,
        parents: Mapping[str, str | None],
        *,
        follows: str | None = None,
        later: Mapping[str, datetime] = NOTHING,
        files: Sequence[File] = (),
    ) -> None:
        """Store the round, reserve quota for the lanes that are asked now, then ask each."""
        names = {lane.id: f"{request_id}-{place}" for place, lane in enumerate(comparison.lanes)}
        questions = {lane_id: asked.question_id(self._owner_id, name) for lane_id, name in names.items()}
        asked.begin(self._database, self._owner_id, comparison.id, request_id, prompt, questions, follows=follows)
        self._keep(comparison, Round(len(comparison.rounds) + 1, prompt, questions, follows))
        fresh = {lane.id for lane in comparison.lanes if self._chats.job(names[lane.id]) is None}
        lanes = [
            lane for lane in comparison.lanes if lane.id in fresh and lane.id not in later and not lane.scheduled()
        ]
        prepared = self._reserve(lanes, names, asked_with(prompt, files), parents)
        for lane in comparison.lanes:
            name, parent = names[lane.id], parents.get(lane.id)
            started = self._chats.ask(
                name,
                prompt,
                lane.model_id,
                view=lane,
                parent_id=parent,
                generation=lane.generation,
                files=files,
                prepared=prepared.get(lane.id),
                not_before=later.get(lane.id),
            )
            if not started.fresh and lane.id in fresh:  # another process runs it
                self._shared.admission_control.forget(self._owner_id, name)

    def _keep(self, comparison: Comparison, new_round: Round) -> None:
        """In memory, for the pages of this process."""
        is_new = all(new_round.questions != round_.questions for round_ in comparison.rounds)
        seen = dataclasses.replace(comparison, rounds=(*comparison.rounds, new_round)) if is_new else comparison
        self._shared.seen_comparisons.keep(self._owner_id, comparison.id, seen)

    def _reserve(
        self,
        lanes: Sequence[ConversationView],
        names: Mapping[str, str],
        newest: Message,
        parents: Mapping[str, str | None],
    ) -> dict[str, Question]:
        """Reserve the first attempts of these lanes in one transaction; returns the questions that can be asked."""
        prepared = {}
        for lane in lanes:
            history = question.history_above(self._database, self._owner_id, lane.id, parents.get(lane.id), lane)
            messages = [*history, newest]
            request = question.request_for(names[lane.id], lane.id, lane.model_id, messages, lane.generation, lane=True)
            with suppress(LLMError):
                prepared[lane.id] = self._shared.engine.prepare(request, self._owner.keys, self._owner_id)
        self._shared.admission_control.reserve(list(prepared.values()))
        return prepared

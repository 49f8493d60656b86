"""A person's scheduled questions: schedule one, see what waits, cancel it, send it now."""

from __future__ import annotations

from datetime import datetime, timedelta

from ..budget import hash_of
from ..errors import BlockedInput, LLMError
from ..records import AUTO, Owner
from ..store import running, turns
from ..store.columns import to_us
from ..store.scheduled import making, reading
from ..views.conversation import GenerationSettings
from ..views.scheduled import WAITS_H, ScheduledQuestion
from .scheduled_carrier import LANE, LONGEST_S, cancelled
from .shared import Shared


class ScheduledQuestions:
    """Raises `StoreError`: what is to be sent while nobody looks must be saved first."""

    def __init__(self, shared: Shared, owner: Owner) -> None:
        self._shared = shared
        self._database = shared.database
        self._owner = owner

    @property
    def most(self) -> int:
        """How many may wait at once; 0: none can be scheduled."""
        return self._shared.engine.settings.scheduled_questions

    def begin(
        self,
        turn: turns.NewTurn,
        model_id: str,
        generation: GenerationSettings,
        not_before: datetime | None,
        *,
        lane: bool = False,
    ) -> turns.Begun:
        """As `turns.begin`, but asked of `model_id` at `not_before` (None: as soon as the answer above has ended), at
        most a day from now. BlockedInput where too many wait."""
        now = self._database.now()
        if not_before and (not_before - now).total_seconds() > LONGEST_S:
            raise ValueError("a question waits for at most a day")
        values = turns.question_values(
            self._database, self._owner.id, turn, owner_process=self._shared.process, state="scheduled"
        )
        pool, own_key = self._pool(model_id)
        schedule = making.Schedule(
            not_before_us=to_us(not_before or now),
            expires_us=to_us(now + timedelta(hours=WAITS_H)),
            model_id=model_id,
            pool=pool,
            own_key=own_key,
            generation={**generation.sampling(), "system": generation.system, LANE: lane},
        )
        begun = making.begin(self._database, values, schedule, most=self.most)
        if begun is None:
            raise BlockedInput(
                f"At most {self.most} questions can wait at once: cancel one first.", code="too_many", param="scheduled"
            )
        self._shared.scheduled_changed()
        return begun

    def waiting(self, conversation_id: str | None = None) -> list[ScheduledQuestion]:
        """What waits, in the order in which it will be sent: in one conversation or lane, or in all."""
        return reading.waiting(self._database, self._owner.id, conversation_id=conversation_id)

    def any_waiting(self) -> bool:
        return reading.any_waiting(self._database, self._owner.id)

    def lacks_key(self, scheduled: ScheduledQuestion) -> bool:
        """Whether it was to be sent with a pasted key that is gone, as far as this process knows."""
        return scheduled.own_key and scheduled.model_id.partition("/")[0] not in self._owner.keys

    def cancel(self, request_id: str) -> bool:
        """Its place in the conversation stays; False where it has been sent or is gone."""
        model_id = next((entry.model_id for entry in self.waiting() if entry.request_id == request_id), "")
        done = making.cancel(self._database, self._owner.id, request_id, cancelled(model_id))
        self._shared.scheduled_changed()
        return done

    def send_now(self, request_id: str) -> bool:
        """Send it now, whatever the limit says; False where it does not wait any more."""
        done = making.send_now(self._database, self._owner.id, request_id, to_us(self._database.now()))
        self._shared.scheduled_changed()
        return done

    def look_again(self) -> None:
        """A key was pasted: what waits for it may be sent."""
        self._shared.scheduled_changed()

    def state(self, request_id: str) -> str:
        """Of its answer: "scheduled" while it waits, then as of any other. NotFound where it is gone."""
        return running.read(self._database, self._owner.id, request_id).state

    def _pool(self, model_id: str) -> tuple[str, bool]:
        if model_id in AUTO:
            return f"{model_id}|{self._owner.id}", False
        try:
            provider, _ = self._shared.engine.catalog.find(model_id)
        except LLMError:  # said when it is sent
            return f"{model_id}|{self._owner.id}"[:200], False
        key = self._shared.engine.keyring.find(provider, self._owner.keys)
        return f"{provider.id}|{hash_of(provider, key)}", key is not None and key.source == "session"

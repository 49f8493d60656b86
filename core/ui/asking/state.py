"""What a person has asked: conversations for the chat, runs for the comparison. Plain values, no screen.

A `Turn` is one question and one model's answer to it: while the answer is under way its job (named `request_id`)
holds the text, afterwards `completion` does. Several script runs may look at the same object at once (two tabs, or
the old and the new run of one click), so every change is made under `lock` and may be repeated without harm.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from threading import RLock
from typing import Generic, TypeVar

from core.records import ChatRequest, Completion, Message


@dataclass
class Wishes:
    """System prompt and sampling as the person set them; None is "not set" and is never sent."""

    system: str = ""
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    max_output_tokens: int | None = None

    @property
    def any(self) -> bool:
        return bool(self.system.strip()) or any(value is not None for value in list(vars(self).values())[1:])

    def request(
        self, messages: Iterable[Message], turn: Turn, conversation_id: str | None = None, run_id: str | None = None
    ) -> ChatRequest:
        """A request for this turn's model; the system prompt goes first."""
        system = (Message("system", self.system),) if self.system.strip() else ()
        return ChatRequest(
            messages=(*system, *messages),
            model_id=turn.model_id,
            request_id=turn.request_id,
            temperature=self.temperature,
            top_p=self.top_p,
            seed=self.seed,
            max_output_tokens=self.max_output_tokens,
            conversation_id=conversation_id,
            run_id=run_id,
        )


@dataclass
class Turn:
    """One question to one model. `request_id` names the present try; a retry gets a new one.

    `together`: it was started with its neighbours, so their times may be compared.
    """

    prompt: str
    model_id: str
    request_id: str
    completion: Completion | None = None
    together: bool = True


@dataclass
class Conversation:
    """A chat. `queued` is the prompt sent while an answer was running; `editing` that the last question is reworked."""

    id: str
    model_id: str
    wishes: Wishes = field(default_factory=Wishes)
    turns: list[Turn] = field(default_factory=list)
    queued: str | None = None
    editing: bool = False
    lock: RLock = field(default_factory=RLock, repr=False)

    @property
    def title(self) -> str:
        """The first question, short, or "" while nothing was asked."""
        first = " ".join(self.turns[0].prompt.split()) if self.turns else ""
        return first if len(first) <= 42 else first[:40].rstrip() + "…"

    def running(self) -> Turn | None:
        """The turn whose answer is under way: only the last can be."""
        last = self.turns[-1] if self.turns else None
        return last if last and last.completion is None else None

    def request(self, turn: Turn) -> ChatRequest:
        """The whole conversation up to this question; earlier questions without an answer are left out."""
        return self.wishes.request(self._messages(turn), turn, conversation_id=self.id)

    def _messages(self, upto: Turn) -> Iterator[Message]:
        for turn in self.turns:
            if turn is upto:
                break
            if turn.completion and turn.completion.text:
                yield Message("user", turn.prompt)
                yield Message("assistant", turn.completion.text)
        yield Message("user", upto.prompt)


@dataclass
class Run:
    """One prompt put to several models at once. A lane is a `Turn`; lanes know nothing of each other."""

    id: str
    prompt: str
    lanes: list[Turn]
    wishes: Wishes = field(default_factory=Wishes)
    lock: RLock = field(default_factory=RLock, repr=False)

    def request(self, lane: Turn) -> ChatRequest:
        return self.wishes.request((Message("user", self.prompt),), lane, run_id=self.id)

    def running(self) -> list[Turn]:
        return [lane for lane in self.lanes if lane.completion is None]

    def fastest(self) -> Turn | None:
        """The lane that ended first of those that started together and ended well; None while none has."""
        times = {
            lane.request_id: (lane.completion.timing.total_ms or 0) + lane.completion.timing.waited_ms
            for lane in self.lanes
            if lane.together and lane.completion and lane.completion.text and not lane.completion.error and _ended(lane)
        }
        first = min(times, key=times.__getitem__, default=None)
        return next((lane for lane in self.lanes if lane.request_id == first), None) if len(self.lanes) > 1 else None


def _ended(lane: Turn) -> bool:
    finish = lane.completion.finish if lane.completion else None
    return finish is not None and finish.reason in ("stop", "length")


Thing = TypeVar("Thing", Conversation, Run)


class Shelf(Generic[Thing]):
    """Things by id, the least recently used dropped first. A store in a database offers the same `get` and `put`."""

    def __init__(self, most: int = 500) -> None:
        self._most = most
        self._things: OrderedDict[str, Thing] = OrderedDict()
        self._lock = RLock()

    def get(self, name: str | None) -> Thing | None:
        with self._lock:
            if name is None or name not in self._things:
                return None
            self._things.move_to_end(name)
            return self._things[name]

    def put(self, thing: Thing) -> None:
        with self._lock:
            self._things[thing.id] = thing
            self._things.move_to_end(thing.id)
            while len(self._things) > self._most:
                self._things.popitem(last=False)

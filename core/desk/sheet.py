"""What a page shows of a conversation or a comparison: plain values, read in one go."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.records import Completion, Finish, Message, Timing
from core.store import tree


@dataclass(frozen=True, slots=True)
class Wishes:
    """System prompt and sampling as a person set them; None is "not set" and is never sent.

    `never_substitute`: when the chosen model cannot answer, nobody else does. `reuse`: the answer kept to the same
    question may be given again; False: not even one that is kept for everybody.
    """

    system: str = ""
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    max_output_tokens: int | None = None
    never_substitute: bool | None = None
    reuse: bool | None = None

    @classmethod
    def of(cls, system: str | None, settings: Mapping[str, object]) -> Wishes:
        """Out of the database; what an older or newer version wrote beside is left."""
        known = {name: settings[name] for name in SAMPLING if settings.get(name) is not None}
        return cls(system=system or "", **known)  # type: ignore[arg-type]

    def with_apart(self, apart: Mapping[str, object]) -> Wishes:
        """These, but for what a lane has otherwise."""
        names = {entry.name for entry in dataclasses.fields(self)}
        return dataclasses.replace(self, **{name: value for name, value in apart.items() if name in names})  # type: ignore[arg-type]

    def sampling(self) -> dict[str, float | int]:
        """What is set, ready to be kept."""
        return {name: value for name in SAMPLING if (value := getattr(self, name)) is not None}


HELD = 500
SAMPLING = tuple(entry.name for entry in dataclasses.fields(Wishes) if entry.name != "system")


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and one model's answer to it. `siblings` are all versions in order, this one among them.

    `state` is the answer's: running, done, stopped, failed or interrupted. While it runs `completion` is None and
    `request_id` names its job.
    """

    question_id: str
    prompt: str
    answer_id: str
    model_id: str
    request_id: str
    state: str
    completion: Completion | None = None
    parent_id: str | None = None
    asked_at: datetime | None = None
    question_siblings: tuple[str, ...] = ()
    answer_siblings: tuple[str, ...] = ()
    attached: tuple[tree.Attached, ...] = ()

    @property
    def named(self) -> str | None:
        """The model that the person asked for this answer, None where "auto" chose it."""
        whole = self.completion
        return tree.named(self.model_id or None, whole.notes if whole else (), whole.routing if whole else None)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A conversation as shown: the newest turns of one branch. `earlier` counts the turns above them.

    `lane`: it is a column of a comparison, where nobody stands in for a model. `partial`: what was saved before cannot
    be read now, and only what waits to be saved is here.
    """

    id: str
    title: str = ""
    model_id: str = ""
    wishes: Wishes = Wishes()
    turns: tuple[Turn, ...] = ()
    earlier: int = 0
    pinned: bool = False
    version: int = 0
    lane: bool = False
    partial: bool = False

    @property
    def leaf_id(self) -> str | None:
        """The answer that a next question follows; the question, where an import brought no answer to it."""
        last = self.turns[-1] if self.turns else None
        return (last.answer_id or last.question_id) if last else None

    def running(self) -> Turn | None:
        """The turn whose answer is under way: only the last can be."""
        last = self.turns[-1] if self.turns else None
        return last if last and last.state == "running" else None

    def messages(self) -> list[Message]:
        """The texts shown, for a model that is asked while the database is away."""
        return pairs(
            [(turn.prompt, turn.completion.text if turn.completion else "", turn.named) for turn in self.turns]
        )


@dataclass(frozen=True, slots=True)
class Round:
    """One prompt to all lanes: `questions` tells, by lane, the question that it is there. `follows`: the lane whose
    talk all went on from, None where each went on from its own."""

    number: int
    prompt: str
    questions: Mapping[str, str]
    follows: str | None = None
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison as shown: each lane a sheet of its own, its turns those of the rounds that it took part in.

    `lanes` are from left to right; `removed` were taken out and can be put back. `prompt` is the first one; `wishes`
    hold for all lanes, `apart` (by lane) is what a lane has otherwise, which its sheet's wishes have in them. `blind`:
    its models must not be named now.
    """

    id: str
    title: str = ""
    prompt: str = ""
    wishes: Wishes = Wishes()
    lanes: tuple[Sheet, ...] = field(default_factory=tuple)
    rounds: tuple[Round, ...] = ()
    removed: tuple[Sheet, ...] = ()
    apart: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    pinned: bool = False
    blind: bool = False

    @staticmethod
    def turn(lane: Sheet, asked: Round) -> Turn | None:
        """A lane's question and answer in a round; None where it was not asked."""
        question = asked.questions.get(lane.id)
        return next((turn for turn in lane.turns if turn.question_id == question), None) if question else None

    def running(self) -> list[Turn]:
        """The answers under way, of removed lanes too."""
        return [turn for lane in (*self.lanes, *self.removed) if (turn := lane.running())]


class Known:
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


def pairs(talk: Sequence[tuple[str, str, str | None]]) -> list[Message]:
    """Question and answer in turn, from (question, answer, the model that was named for it).

    A question that was never answered is left out, so that roles alternate.
    """
    out: list[Message] = []
    for question, answer, model_id in talk:
        if answer.strip():
            out += [Message("user", question), Message("assistant", answer, model_id)]
    return out


def turns_of(branch: tree.Branch) -> tuple[Turn, ...]:
    """The branch's messages, two by two; a question whose answer is not there (an import) has an empty answer."""
    out: list[Turn] = []
    for message in branch.turns:
        if message.role == "user":
            out.append(_asked(message))
        elif message.role == "assistant" and out and out[-1].answer_id == "":
            out[-1] = _answered(out[-1], message)
        elif message.role == "assistant":
            out.append(_answered(Turn("", "", "", "", "", "done"), message))
    return tuple(out)


def _asked(message: tree.Turn) -> Turn:
    return Turn(
        question_id=message.id,
        prompt=message.text,
        answer_id="",
        model_id="",
        request_id="",
        state="done",
        parent_id=message.parent_id,
        asked_at=message.created_at,
        question_siblings=message.siblings,
        attached=message.attached,
    )


def _answered(turn: Turn, message: tree.Turn) -> Turn:
    return dataclasses.replace(
        turn,
        answer_id=message.id,
        model_id=message.model_id or "",
        request_id=message.request_id or "",
        state=message.state,
        completion=message.completion or _bare(message),
        answer_siblings=message.siblings,
    )


def _bare(message: tree.Turn) -> Completion | None:
    """An answer of which only the text is known: it came in by import."""
    if message.state == "running":
        return None
    finish = Finish("truncated" if message.state == "interrupted" else "stop")
    return Completion(message.model_id or "", message.text, "", None, finish, Timing(message.created_at))

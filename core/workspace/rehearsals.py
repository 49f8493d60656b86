"""Before a model ends: a person's own earlier questions to it, asked of its successors in a batch.

    number(model_id)                 how many questions there are
    questions(model_id, most)        the newest, as the model was asked them, with its answers
    proposals(model_id)              whom to try instead
    open_pairs(batch), vote(...)     blind votes: an old answer against a new one

The batch itself is started as any other, with the past questions in its plan (`Batches.start`).
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from ..batch.batches import Batches
from ..records import Completion, Finish, Model, Owner, Timing, Usage
from ..store import answered_runs, past_questions
from ..store.batches import reading
from ..store.rows import derived
from ..store.votes import ballots
from ..views.batches import Batch, BatchRow, PastQuestion
from ..views.conversation import asked_with
from ..views.rehearsals import AnswerPair, Tally
from ..views.votes import Choice, Vote
from .shared import Shared

OLD = -1  # the place of the answer that was given before


class Rehearsals:
    """The rehearsals of one person. Raises `StoreError`."""

    def __init__(self, shared: Shared, owner: Owner, batches: Batches) -> None:
        self._engine = shared.engine
        self._database = shared.database
        self._owner = owner
        self._batches = batches

    def models(self) -> list[str]:
        """Ids of the models that this person asked here, in chats, comparisons and the newest batches."""
        in_batches = (name for batch in self._batches.recent() for name in batch.model_ids)
        return sorted({*past_questions.models(self._database, self._owner.id), *in_batches})

    def number(self, model_id: str) -> int:
        """How many questions of chats and comparisons; one more than `past_questions.MOST_COUNTED` for more."""
        return past_questions.number(self._database, self._owner.id, model_id)

    def questions(self, model_id: str, most: int, source: str = "chat") -> list[PastQuestion]:
        """The newest ones; `source` "batch": rows of batches that have an expected answer."""
        read = past_questions.of_batches if source == "batch" else past_questions.newest
        return read(self._database, self._owner.id, model_id, most)

    def proposals(self, model_id: str) -> list[Model]:
        """See `ModelDirectory.proposals`."""
        return self._engine.directory.proposals(model_id, self._owner.keys, self._engine.router.speeds())

    def open_pairs(self, batch: Batch) -> list[tuple[int, int]]:
        """The (row, place) of new answers that were not voted on yet: every row once with some model, then with the
        next, so that an old answer is not recognised from the vote before."""
        voted = self._votes(batch)
        pairs = [pair for pair in self._pairs(batch) if self._run_id(batch, *pair) not in voted]
        return sorted(pairs, key=lambda pair: ((pair[1] - pair[0]) % len(batch.model_ids), pair[0]))

    def tallies(self, batch: Batch) -> list[Tally]:
        """The votes so far, for each model that has some."""
        voted, counts = self._votes(batch), dict[int, dict[str, int]]()
        for n, place in self._pairs(batch):
            vote = voted.get(self._run_id(batch, n, place))
            if vote:
                winner = "better" if vote.winner == batch.model_ids[place] else "worse"
                outcome = winner if vote.outcome == "winner" else vote.outcome
                of_place = counts.setdefault(place, {})
                of_place[outcome] = of_place.get(outcome, 0) + 1
        return [Tally(place, **outcomes) for place, outcomes in sorted(counts.items())]

    def pair(self, batch: Batch, n: int, place: int) -> AnswerPair:
        """Both answers in an order that tells nothing, the same each time. NotFound where there is no such row."""
        line = self._batches.line(batch.id, n)
        places = self._order(batch, n, place)
        texts = [_text(line, at) for at in places]
        above = len((line.setup or {}).get("above", ()))
        return AnswerPair(n, line.prompt, above, places, (texts[0], texts[1]), line.files)

    def vote(self, batch: Batch, n: int, place: int, choice: Choice, topic: str) -> Vote:
        """A vote as on the Compare page, in a comparison of both answers; `choice`: 0, 1, "tie" or "bad"."""
        line, places = self._batches.line(batch.id, n), self._order(batch, n, place)
        setup = line.setup or {}
        above = [(str(role), str(text)) for role, text in setup.get("above", ())]
        answers = [self._completion(batch, line, at) for at in places]
        run_id, lanes = answered_runs.create(
            self._database,
            self._owner.id,
            self._request_id(batch, n, place),
            asked_with(line.prompt, line.files).text,
            above,
            answers,
            system=str(setup.get("system") or ""),
            blind=bool(batch.rehearsal and batch.rehearsal.blind),
        )
        turn = 1 + sum(role == "user" for role, _ in above)
        return ballots.cast(self._database, self._owner.id, run_id, turn, choice, lanes, topic)

    def _votes(self, batch: Batch) -> dict[str, Vote]:
        run_ids = [self._run_id(batch, *pair) for pair in self._pairs(batch)]
        return ballots.of_runs(self._database, self._owner.id, run_ids)

    def _pairs(self, batch: Batch) -> Sequence[tuple[int, int]]:
        """Those with an old and a new answer, of models other than the old one itself."""
        assert batch.rehearsal
        places = [place for place, name in enumerate(batch.model_ids) if name != batch.rehearsal.model_id]
        return reading.answered_places(self._database, self._owner.id, batch.id, places)

    def _order(self, batch: Batch, n: int, place: int) -> tuple[int, int]:
        seed = derived(self._owner.id, self._request_id(batch, n, place), "order")
        first_is_new = Random(seed).random() < 0.5  # noqa: S311 - it hides names from a reader, not secrets
        return (place, OLD) if first_is_new else (OLD, place)

    def _completion(self, batch: Batch, line: BatchRow, place: int) -> Completion:
        assert batch.rehearsal
        timing = Timing(batch.created_at)
        if place == OLD:
            return Completion(batch.rehearsal.model_id, line.reference or "", "", None, Finish("stop"), timing)
        item = line.items[place]
        usage = Usage(item.input_tokens, item.output_tokens, estimated=item.estimated)
        served = {name: getattr(item, name) for name in ("served_model_id", "response_model", "served_by")}
        return Completion(
            batch.model_ids[place], item.text, "", usage, Finish("stop"), timing, cost_usd=item.cost_usd, **served
        )

    def _request_id(self, batch: Batch, n: int, place: int) -> str:
        return f"{batch.id}-vote-{n}-{place}"

    def _run_id(self, batch: Batch, n: int, place: int) -> str:
        return derived(self._owner.id, self._request_id(batch, n, place), "run")


def _text(line: BatchRow, place: int) -> str:
    return (line.reference or "") if place == OLD else line.items[place].text

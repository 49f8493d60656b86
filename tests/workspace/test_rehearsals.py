"""Own earlier questions, asked of other models in a batch: as they were asked, compared and voted on."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.batch.outcome import compared
from core.records import ChatRequest, Completion
from core.store import NotFound, search
from core.views.batches import Batch, BatchPlan, PastQuestion, Rehearsal
from core.views.conversation import GenerationSettings
from core.workspace import Workspace
from core.workspace.rehearsals import OLD as OLD_PLACE
from tests.workspace.acme import ME, answer, ended, until, workspace_of

OLD, NEW, OTHER = "sim/quick", "sim/steady", "sim/thinker"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspace_of(tmp_path, ROUNDTABLE_SIMULATOR_SPEED="1000", ROUNDTABLE_LOCAL_SERVERS="false")


def plan_of(past: list[PastQuestion], models: tuple[str, ...] = (NEW,), **more: Any) -> BatchPlan:
    rule = next((question.rule for question in past if question.rule), None)
    prompts = [(question.prompt, question.expected) for question in past]
    return BatchPlan("rehearsal", models, prompts, rule=rule, rehearsal=Rehearsal(OLD, **more), past=past)


def rehearsed(workspace: Workspace, past: list[PastQuestion], request: str = "b1", **plan: Any) -> Batch:
    batches = workspace.of(ME).batches
    batch_id = batches.start(request, plan_of(past, **plan))
    until(lambda: not batches.get(batch_id).carried)
    return batches.get(batch_id)


def recorder(workspace: Workspace) -> list[ChatRequest]:
    """What the next batches ask, which is answered all the same."""
    sent: list[ChatRequest] = []
    really: Callable[..., Any] = workspace.batch_carrier._ask

    async def ask(request: ChatRequest, keys: Any, owner_id: str) -> Completion:
        sent.append(request)
        return await really(request, keys, owner_id)

    workspace.batch_carrier._ask = ask
    return sent


def test_a_question_is_asked_as_it_was_asked(workspace: Workspace) -> None:
    person = workspace.of(ME)
    generation = GenerationSettings(system="Be brief", temperature=0.3)
    begun = person.chats.ask("r1", "Explain tides", OLD, generation=generation)
    first = ended(workspace, "r1")
    view = person.chats.get(begun.conversation_id)
    person.chats.ask("r2", "And in French?", OLD, view=view, parent_id=view.leaf_id, generation=generation)
    ended(workspace, "r2")
    sent = recorder(workspace)
    batch = rehearsed(workspace, person.rehearsals.questions(OLD, 10))
    assert (batch.done, batch.rehearsal) == (2, Rehearsal(OLD))
    by_prompt = {request.messages[-1].text: request for request in sent}
    follow_up = by_prompt["And in French?"]
    assert [(message.role, message.text) for message in follow_up.messages] == [
        ("system", "Be brief"), ("user", "Explain tides"), ("assistant", first.text), ("user", "And in French?"),
    ]  # fmt: skip
    assert follow_up.temperature == 0.3
    assert not follow_up.substitute


def test_answers_are_compared_with_the_old_ones(workspace: Workspace) -> None:
    old = answer(workspace, "r1", OLD, "Explain tides").text
    person = workspace.of(ME)
    batch = rehearsed(workspace, person.rehearsals.questions(OLD, 10), models=(OLD, NEW))
    line = person.batches.line(batch.id, 1)
    assert line.reference == old
    for item in line.items.values():
        assert (item.likeness, item.clashes) == compared(old, item.text)
    sums = person.batches.look(batch.id).sums
    assert [each.compared for each in sums] == [1, 1]
    assert sums[1].likeness == pytest.approx(line.items[1].likeness)
    csv = person.batches.download(batch.id, "csv").decode()
    assert f"{OLD} before" in csv.splitlines()[0]
    assert "likeness" not in person.batches.download(_plain(workspace), "jsonl").decode()


def _plain(workspace: Workspace) -> str:
    batches = workspace.of(ME).batches
    batch_id = batches.start("plain", BatchPlan("plain", (NEW,), [("Hi", None)]))
    until(lambda: not batches.get(batch_id).carried)
    return batch_id


@pytest.mark.parametrize(
    ("old", "new", "contradictions"),
    [
        ("The tower is 330 m high.", "The tower is 300 m high.", 1),
        ("The tower is 330 m high.", "The tower is 330 m high.", 0),
        ("", "Anything", None),
        ("The tower is 330 m high.", "", None),
    ],
)
def test_a_contradiction_with_the_old_answer_is_counted(old: str, new: str, contradictions: int | None) -> None:
    assert compared(old, new)[1] == contradictions


def test_expected_answers_come_along_with_their_rule(workspace: Workspace) -> None:
    batches = workspace.of(ME).batches
    rule = {"kind": "regex", "ignore_case": True, "tolerance": "0"}
    batches.start("a", BatchPlan("a", (OLD,), [("Say anything", ".")], rule=rule))
    second = batches.start("b", BatchPlan("b", (OLD,), [("Say more", "unheard of")], rule={"kind": "contains"}))
    until(lambda: not any(batch.carried for batch in batches.recent()))
    past = workspace.of(ME).rehearsals.questions(OLD, 10, "batch")
    assert {question.expected for question in past} == {".", "unheard of"}
    batch = rehearsed(workspace, past)
    rows = {row.expected: row.items[0].passed for row in batches.page(batch.id)}
    assert rows == {".": True, "unheard of": False}
    assert workspace.of(ME).rehearsals.questions(OLD, 10, "batch") == past, "a rehearsal is not rehearsed"
    assert batches.get(second).rehearsal is None


def test_votes_are_blind_and_count_on_the_leaderboard(workspace: Workspace) -> None:
    answer(workspace, "r1", OLD, "Explain tides")
    answer(workspace, "r2", OLD, "Explain dunes")
    person = workspace.of(ME)
    batch = rehearsed(workspace, person.rehearsals.questions(OLD, 10), models=(OLD, NEW), blind=True)
    rehearsals = person.rehearsals
    assert rehearsals.open_pairs(batch) == [(1, 1), (2, 1)], "the old model is not voted on against itself"
    pair = rehearsals.pair(batch, 1, 1)
    line = person.batches.line(batch.id, 1)
    texts = {OLD_PLACE: line.reference, 1: line.items[1].text}
    assert pair.texts == tuple(texts[place] for place in pair.places)
    vote = rehearsals.vote(batch, 1, 1, pair.places.index(1), "facts")
    assert (vote.blind, vote.winner, set(vote.model_ids)) == (True, NEW, {OLD, NEW})
    assert rehearsals.vote(batch, 1, 1, pair.places.index(1), "facts") == vote, "a second click is the same vote"
    assert rehearsals.open_pairs(batch) == [(2, 1)]
    rehearsals.vote(batch, 2, 1, "tie", "facts")
    (tally,) = rehearsals.tallies(batch)
    assert (tally.place, tally.better, tally.worse, tally.tie, tally.bad) == (1, 1, 0, 1, 0)
    assert {each.winner for each in person.votes.all()} == {NEW, None}
    comparison = person.comparisons.get(vote.run_id)
    assert comparison.prompt in ("Explain tides", "Explain dunes")
    assert [lane.turns[-1].completion.text for lane in comparison.lanes if lane.turns[-1].completion] == [*pair.texts]
    assert len(comparison.rounds) == 1
    hits = search.find(workspace.database, ME, "tides")
    assert len({hit.conversation_id for hit in hits}) == 1, "copies are not found"


def test_a_vote_on_a_follow_up_shows_the_conversation_above(workspace: Workspace) -> None:
    person = workspace.of(ME)
    view = person.chats.get(person.chats.ask("r1", "Explain tides", OTHER).conversation_id)
    ended(workspace, "r1")
    view = person.chats.get(view.id)
    person.chats.ask("r2", "And in French?", OLD, view=view, parent_id=view.leaf_id)
    ended(workspace, "r2")
    batch = rehearsed(workspace, person.rehearsals.questions(OLD, 10), blind=True)
    assert person.rehearsals.pair(batch, 1, 0).above == 2
    vote = person.rehearsals.vote(batch, 1, 0, "bad", "facts")
    comparison = person.comparisons.get(vote.run_id)
    assert [each.prompt for each in comparison.rounds] == ["Explain tides", "And in French?"]
    assert vote.turn == 2


def test_no_two_votes_in_a_row_are_on_the_same_question(workspace: Workspace) -> None:
    for n in range(3):
        answer(workspace, f"r{n}", OLD, f"Explain {n}")
    person = workspace.of(ME)
    batch = rehearsed(workspace, person.rehearsals.questions(OLD, 10), models=(NEW, OTHER), blind=True)
    pairs = person.rehearsals.open_pairs(batch)
    assert sorted(pairs) == [(n, place) for n in (1, 2, 3) for place in (0, 1)]
    assert all(before[0] != after[0] for before, after in itertools.pairwise(pairs))


def test_names_are_shown_once_and_for_good(workspace: Workspace) -> None:
    answer(workspace, "r1", OLD)
    person = workspace.of(ME)
    batch = rehearsed(workspace, person.rehearsals.questions(OLD, 10), blind=True)
    with pytest.raises(NotFound):
        workspace.of("eve").batches.reveal(batch.id)
    person.batches.reveal(batch.id)
    assert person.batches.get(batch.id).rehearsal == Rehearsal(OLD, blind=False)


def test_a_rehearsal_of_another_person_shows_nothing(workspace: Workspace) -> None:
    answer(workspace, "r1", OLD)
    eve = workspace.of("eve").rehearsals
    assert (eve.models(), eve.number(OLD), eve.questions(OLD, 10)) == ([], 0, [])


def test_a_default_moves_only_for_who_moved_it(workspace: Workspace) -> None:
    answer(workspace, "r1", OLD)
    person = workspace.of(ME)
    assert person.model_moves.preview(OLD, NEW) == (1, 0)
    move = person.model_moves.move("m", OLD, NEW)
    assert (move.chats, person.model_moves.standing()) == (1, {OLD: NEW})
    assert workspace.of("eve").model_moves.standing() == {}
    assert person.model_moves.undo(move.id) == 1
    assert person.model_moves.last(OLD) is None

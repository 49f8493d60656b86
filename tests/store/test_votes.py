"""Votes: one a turn and owner, blind as the database knows it, gone with the run; on both databases."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from core.store import NotFound, conversations, purge, runs, turns
from core.store.database import Database
from core.store.imports import load
from core.store.portable import export
from core.store.votes import ballots, blind
from core.views.history import Form
from core.views.votes import Choice, Vote
from tests.store.conftest import OWNER, answer

MODELS = ("sim/quick", "sim/steady", "sim/thinker")


def a_run(database: Database, request_id: str = "r1", *, hidden: bool = False) -> tuple[str, list[tuple[str, str]]]:
    options = {"prompt": "Who is right?", **({"blind": True} if hidden else {})}
    run_id, lanes = runs.create(database, OWNER, request_id, MODELS, prompt="Who is right?", options=options)
    return run_id, [(lane.conversation_id, lane.model_id) for lane in lanes]


def vote(database: Database, run: tuple[str, list[tuple[str, str]]], choice: Choice, turn: int = 0) -> Vote:
    return ballots.cast(database, OWNER, run[0], turn, choice, run[1], "facts")


def test_a_vote_is_kept_as_it_was_given(database: Database) -> None:
    run = a_run(database)
    ballot = vote(database, run, 1)
    assert ballots.of_run(database, OWNER, run[0]) == {0: ballot}
    assert (ballot.outcome, ballot.winner, ballot.model_ids, ballot.topic) == ("winner", "sim/steady", MODELS, "facts")
    assert ballot.lanes == tuple(run[1])
    assert not ballot.blind
    assert ballot.at.utcoffset() == timedelta(0)


def test_another_vote_takes_its_place_and_turns_stand_apart(database: Database) -> None:
    run = a_run(database)
    vote(database, run, 0)
    vote(database, run, "bad", turn=1)
    tie = vote(database, run, "tie")
    assert (tie.outcome, tie.place, tie.winner, tie.choice) == ("tie", None, None, "tie")
    assert [stored.choice for stored in ballots.of_owner(database, OWNER)] == ["bad", "tie"]


def test_a_blind_vote_shows_the_names_and_a_changed_one_was_not_blind(database: Database) -> None:
    run = a_run(database, hidden=True)
    assert blind.hides(runs.get(database, OWNER, run[0]).options)
    assert vote(database, run, 2).blind
    options = runs.get(database, OWNER, run[0]).options
    assert not blind.hides(options)
    assert options["prompt"] == "Who is right?"
    assert vote(database, run, 2).blind  # a double click is the same vote
    assert not vote(database, run, 1).blind
    assert not vote(database, run, 2, turn=1).blind


def test_who_looks_before_voting_votes_openly(database: Database) -> None:
    run = a_run(database, hidden=True)
    blind.reveal(database, OWNER, run[0])
    assert not blind.hides(runs.get(database, OWNER, run[0]).options)
    assert not vote(database, run, 0).blind


def test_an_open_run_stays_as_it_is(database: Database) -> None:
    run = a_run(database)
    vote(database, run, 0)
    blind.reveal(database, OWNER, run[0])
    assert runs.get(database, OWNER, run[0]).options == {"prompt": "Who is right?"}


def test_hidden_lanes_are_found_by_their_place(database: Database) -> None:
    hidden, _shown = a_run(database, "r1", hidden=True), a_run(database, "r2")
    with database.read() as connection:
        lanes = blind.hidden_lanes(connection, OWNER)
    assert lanes == {conversation_id: place for place, (conversation_id, _) in enumerate(hidden[1])}


def test_votes_go_with_their_run_and_come_back_with_it(database: Database) -> None:
    run = a_run(database)
    ballot = vote(database, run, 0)
    conversations.remove(database, OWNER, run[0])
    assert ballots.of_owner(database, OWNER) == []
    with pytest.raises(NotFound):
        vote(database, run, 1)
    conversations.restore(database, OWNER, run[0])
    assert ballots.of_owner(database, OWNER) == [ballot]
    conversations.remove(database, OWNER, run[0])
    purge.purge(database, database.now())
    assert ballots.of_run(database, OWNER, run[0]) == {}


def test_nobody_else_finds_or_gives_them(database: Database) -> None:
    run = a_run(database, hidden=True)
    vote(database, run, 0)
    assert ballots.of_owner(database, "bob") == []
    assert ballots.of_run(database, "bob", run[0]) == {}
    with pytest.raises(NotFound):
        ballots.cast(database, "bob", run[0], 0, 1, run[1], "facts")
    with pytest.raises(NotFound):
        blind.reveal(database, "bob", run[0])


def test_a_hidden_lane_is_not_found_alone(database: Database) -> None:
    run, shown = a_run(database, hidden=True), a_run(database, "r2")
    with pytest.raises(NotFound, match="blind"):
        blind.refuse(database, OWNER, run[1][0][0])
    blind.refuse(database, OWNER, shown[1][0][0])
    vote(database, run, 0)
    blind.refuse(database, OWNER, run[1][0][0])


def test_the_shuffle_is_kept_with_its_request(database: Database) -> None:
    assert blind.shuffled(8, "r1") == blind.shuffled(8, "r1") != blind.shuffled(8, "r2")
    assert sorted(blind.shuffled(8, "r1")) == list(range(8))


@pytest.mark.parametrize("form", ["markdown", "json", "csv"])
def test_an_export_names_nobody_before_the_vote_and_all_after_it(database: Database, form: Form) -> None:
    run = a_run(database, hidden=True)
    for number, (lane_id, model_id) in enumerate(run[1]):
        begun = turns.begin(
            database,
            OWNER,
            turns.NewTurn(f"q{number}", "Why?", model_id=model_id, conversation_id=lane_id),
            owner_process="host/1/a",
        )
        assert begun.saved
        turns.finish(database, OWNER, f"q{number}", replace(answer("Because."), model_id=model_id))
    hidden = "".join(export.export(database, OWNER, form))
    assert "Because." in hidden
    assert not [name for name in (*MODELS, "sim", "quick", "ttft") if name in hidden]
    vote(database, run, 0)
    shown = "".join(export.export(database, OWNER, form))
    assert [name for name in MODELS if name in shown] == list(MODELS)


def test_votes_travel_with_their_run(database: Database) -> None:
    run = a_run(database, hidden=True)
    vote(database, run, 2)
    vote(database, run, "tie", turn=2)
    before = ballots.of_owner(database, OWNER)
    file = "".join(export.export(database, OWNER, "json")).encode()
    load.load(database, OWNER, file)
    assert ballots.of_owner(database, OWNER) == before
    load.load(database, "bob", file)
    moved = ballots.of_owner(database, "bob")
    assert [(v.choice, v.model_ids, v.blind, v.topic, v.turn) for v in moved] == [
        (v.choice, v.model_ids, v.blind, v.topic, v.turn) for v in before
    ]
    assert {lane for v in moved for lane, _ in v.lanes}.isdisjoint(lane for v in before for lane, _ in v.lanes)
    lane_ids = {lane.conversation_id for lane in runs.get(database, "bob", moved[0].run_id).lanes}
    assert {lane for v in moved for lane, _ in v.lanes} == lane_ids


@pytest.mark.parametrize("fault", [{"outcome": "best"}, {"turn": "1"}, {"place": 3}, {"place": None}, {"lanes": 4}])
def test_a_faulty_vote_in_a_file_is_left_out(database: Database, fault: dict[str, object]) -> None:
    run = a_run(database)
    vote(database, run, 1)
    file = json.loads("".join(export.export(database, OWNER, "json")))
    next(talk for talk in file["conversations"] if talk["kind"] == "comparison")["votes"][0].update(fault)
    loaded = load.load(database, "bob", json.dumps(file).encode())
    assert loaded.left.counts == {"detail": 1}
    assert ballots.of_owner(database, "bob") == []


@pytest.mark.parametrize("choice", [-1, 3])
def test_a_lane_that_is_not_there_cannot_win(database: Database, choice: int) -> None:
    run = a_run(database)
    with pytest.raises(ValueError, match="no lane"):
        vote(database, run, choice)
    assert ballots.of_run(database, OWNER, run[0]) == {}

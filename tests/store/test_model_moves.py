"""From a model to another: which conversations are moved, that nobody else's are, and that it can be undone."""

from __future__ import annotations

import pytest

from core.store import NotFound, conversations, model_moves, runs
from core.store.database import Database
from tests.store.conftest import OWNER

OLD, NEW, OTHER = "acme/old", "acme/new", "acme/other"


def model_of(database: Database, conversation_id: str, owner: str = OWNER) -> str | None:
    return conversations.get(database, owner, conversation_id).model_id


def chat(database: Database, model_id: str = OLD, owner: str = OWNER) -> str:
    return conversations.create(database, owner, title="mine", model_id=model_id).id


def test_all_that_would_ask_the_old_model_is_moved_and_told(database: Database) -> None:
    own, others, hers = chat(database), chat(database, OTHER), chat(database, owner="eve")
    _, lanes = runs.create(database, OWNER, "r", [OLD, OTHER], prompt="Which?")
    assert model_moves.preview(database, OWNER, OLD, NEW) == (1, 1)
    move = model_moves.move(database, OWNER, "m", OLD, NEW)
    assert (move.chats, move.columns, move.to_model_id) == (1, 1, NEW)
    assert [model_of(database, name) for name in (own, others, lanes[0].conversation_id)] == [NEW, OTHER, NEW]
    assert model_of(database, hers, "eve") == OLD
    assert model_moves.standing(database, OWNER) == {OLD: NEW}
    assert model_moves.standing(database, "eve") == {}
    assert model_moves.preview(database, OWNER, OLD, NEW) == (0, 0)


def test_a_second_click_moves_nothing_more(database: Database) -> None:
    chat(database)
    first = model_moves.move(database, OWNER, "m", OLD, NEW)
    later = chat(database)
    assert model_moves.move(database, OWNER, "m", OLD, NEW) == first
    assert model_of(database, later) == OLD


def test_undone_it_is_as_before_but_for_what_was_chosen_since(database: Database) -> None:
    first, second, already = chat(database), chat(database), chat(database, NEW)
    move = model_moves.move(database, OWNER, "m", OLD, NEW)
    conversations.configure(database, OWNER, second, model_id=OTHER)
    assert model_moves.undo(database, OWNER, move.id) == 1
    assert [model_of(database, name) for name in (first, second, already)] == [OLD, OTHER, NEW]
    assert model_moves.standing(database, OWNER) == {}
    assert model_moves.last(database, OWNER, OLD) is None
    assert model_moves.undo(database, OWNER, move.id) == 0


def test_nobody_undoes_the_move_of_another(database: Database) -> None:
    own = chat(database)
    move = model_moves.move(database, OWNER, "m", OLD, NEW)
    with pytest.raises(NotFound):
        model_moves.undo(database, "eve", move.id)
    assert model_of(database, own) == NEW


def test_an_open_blind_comparison_is_left_alone(database: Database) -> None:
    _, lanes = runs.create(database, OWNER, "r", [OLD, OTHER], prompt="Which?", options={"blind": True})
    assert model_moves.preview(database, OWNER, OLD, NEW) == (0, 0)
    model_moves.move(database, OWNER, "m", OLD, NEW)
    assert model_of(database, lanes[0].conversation_id) == OLD


def test_of_two_moves_the_later_counts(database: Database) -> None:
    model_moves.move(database, OWNER, "m", OLD, NEW)
    later = model_moves.move(database, OWNER, "n", OLD, OTHER)
    assert model_moves.standing(database, OWNER) == {OLD: OTHER}
    assert model_moves.last(database, OWNER, OLD) == later


def test_what_was_moved_and_deleted_for_good_is_in_no_move(database: Database) -> None:
    from core.store import purge

    gone = chat(database)
    move = model_moves.move(database, OWNER, "m", OLD, NEW)
    conversations.remove(database, OWNER, gone)
    purge.purge(database, database.now(), sleep=lambda _s: None)
    assert model_moves.last(database, OWNER, OLD) is not None
    assert model_moves.undo(database, OWNER, move.id) == 0


def test_a_comparison_that_has_the_new_model_already_is_left_alone(database: Database) -> None:
    _, lanes = runs.create(database, OWNER, "r", [OLD, NEW], prompt="Which?")
    assert model_moves.preview(database, OWNER, OLD, NEW) == (0, 0)
    assert model_moves.preview(database, OWNER, OLD, OTHER) == (0, 1)
    model_moves.move(database, OWNER, "m", OLD, NEW)
    assert model_of(database, lanes[0].conversation_id) == OLD

"""How a model was chosen: a value, and the notes that stand for it in stored answers, those of old databases too."""

from __future__ import annotations

import pytest

from core.records import Note, Routing, routing_of


@pytest.mark.parametrize(
    ("notes", "routing"),
    [
        ({}, None),
        ({"routed": "huge · code"}, None),
        ({"routed": "big · code, is_proof", "difficulty": "0.913"}, Routing("big", "big", ("code", "is_proof"), 0.913)),
        ({"routed": "small"}, Routing("small", "small")),
        ({"routed": "small · x", "difficulty": "?"}, Routing("small", "small", ("x",))),
        ({"routed": "big · x", "tier_fell": "big · small"}, Routing("small", "big", ("x",))),
        (
            {"routed": "small", "passed_over": "a/b, c (limit), d/e (f) (rests)"},
            Routing("small", "small", passed_over=(("a/b, c", "limit"), ("d/e (f)", "rests"))),
        ),
    ],
)
def test_stored_notes_tell_how_it_was_chosen(notes: dict[str, str], routing: Routing | None) -> None:
    assert routing_of(Note(kind, detail) for kind, detail in notes.items()) == routing


@pytest.mark.parametrize(
    "routing",
    [
        Routing("big", "big", ("is_code",), 0.9),
        Routing("small", "big", (), 0.512, (("a/b (c)", "window"), ("a/b, c", "rests"), ("e/f", "limit"))),
        Routing("big", "small"),
    ],
)
def test_a_routing_comes_back_from_its_notes(routing: Routing) -> None:
    assert routing_of(Note(kind, detail) for kind, detail in routing.notes()) == routing


@pytest.mark.parametrize(
    ("routing", "speaks"),
    [
        (Routing("big", "big", ("is_code",), 0.9), True),
        (Routing("big", "big", (), None), False),
        (Routing("big", "big", ("conversation",), 0.2), False),
        (Routing("small", "small", ("chosen",), 0.9), False),
        (Routing("small", "big", ("is_code",), 0.9), False),
    ],
)
def test_only_a_choice_by_difficulty_speaks_of_the_threshold(routing: Routing, speaks: bool) -> None:
    assert routing.by_difficulty is speaks

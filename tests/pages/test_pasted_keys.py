"""Pasted keys in memory: each visitor's own, bounded, forgotten when nobody uses them."""

from __future__ import annotations

import threading

from core.ui import pasted_keys
from core.ui.pasted_keys import PastedKeys


class Clock:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def test_keys_are_their_owners_alone_and_a_copy_changes_nothing() -> None:
    held = PastedKeys(60, Clock())
    assert held.keep("ana", "groq", "k1")
    assert held.keep("bob", "groq", "k2")
    copied = dict(held.of("ana"))
    copied["groq"] = "other"
    assert (held.of("ana"), held.of("bob"), held.of("eve")) == ({"groq": "k1"}, {"groq": "k2"}, {})
    held.forget("ana", "groq")
    held.forget("eve")
    assert (held.of("ana"), held.of("bob")) == ({}, {"groq": "k2"})
    held.close()


def test_keys_that_nobody_uses_are_forgotten_and_those_in_use_are_not() -> None:
    clock = Clock()
    held = PastedKeys(60, clock)
    held.keep("ana", "groq", "k1")
    held.keep("bob", "groq", "k2")
    clock.at = 50
    assert held.of("ana")
    clock.at = 70
    assert (held.of("bob"), held.of("ana")) == ({}, {"groq": "k1"})
    clock.at = 130
    held._look()  # the timer does so where nobody comes
    assert not held._by_owner
    held.close()


def test_a_vault_has_bounds() -> None:
    held = PastedKeys(60, Clock())
    assert not held.keep("ana", "groq", "k" * (pasted_keys.LONGEST_KEY + 1))
    assert not held.keep("ana", "groq", "")
    for number in range(pasted_keys.MOST_KEYS):
        assert held.keep("ana", f"p{number}", "k")
    assert not held.keep("ana", "more", "k")
    assert held.keep("ana", "p0", "k2")
    for number in range(pasted_keys.MOST_VISITORS):
        held.keep(f"visitor {number}", "groq", "k")
    assert (len(held._by_owner), held.of("ana")) == (pasted_keys.MOST_VISITORS, {})
    held.close()


def test_a_closed_vault_waits_for_nothing_and_shows_no_key() -> None:
    before = set(threading.enumerate())
    held = PastedKeys(60)
    held.keep("ana", "groq", "a-secret-key")
    assert "a-secret-key" not in repr(held._by_owner)
    held.close()
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
    assert set(threading.enumerate()) - before == set()

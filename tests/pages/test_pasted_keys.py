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
    store = PastedKeys(60, Clock())
    assert store.keep("ana", "groq", "k1")
    assert store.keep("bob", "groq", "k2")
    copied = dict(store.of("ana"))
    copied["groq"] = "other"
    assert (store.of("ana"), store.of("bob"), store.of("eve")) == ({"groq": "k1"}, {"groq": "k2"}, {})
    store.forget("ana", "groq")
    store.forget("eve")
    assert (store.of("ana"), store.of("bob")) == ({}, {"groq": "k2"})
    store.close()


def test_keys_that_nobody_uses_are_forgotten_and_those_in_use_are_not() -> None:
    clock = Clock()
    store = PastedKeys(60, clock)
    store.keep("ana", "groq", "k1")
    store.keep("bob", "groq", "k2")
    clock.at = 50
    assert store.of("ana")
    clock.at = 70
    assert (store.of("bob"), store.of("ana")) == ({}, {"groq": "k1"})
    clock.at = 130
    store._look()  # the timer does so where nobody comes
    assert not store._by_owner
    store.close()


def test_a_vault_has_bounds() -> None:
    store = PastedKeys(60, Clock())
    assert not store.keep("ana", "groq", "k" * (pasted_keys.LONGEST_KEY + 1))
    assert not store.keep("ana", "groq", "")
    for number in range(pasted_keys.MOST_KEYS):
        assert store.keep("ana", f"p{number}", "k")
    assert not store.keep("ana", "more", "k")
    assert store.keep("ana", "p0", "k2")
    for number in range(pasted_keys.MOST_VISITORS):
        store.keep(f"visitor {number}", "groq", "k")
    assert (len(store._by_owner), store.of("ana")) == (pasted_keys.MOST_VISITORS, {})
    store.close()


def test_a_closed_vault_waits_for_nothing_and_shows_no_key() -> None:
    before = set(threading.enumerate())
    store = PastedKeys(60)
    store.keep("ana", "groq", "a-secret-key")
    assert "a-secret-key" not in repr(store._by_owner)
    store.close()
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
    assert set(threading.enumerate()) - before == set()

"""Text that is shown exactly: every mark is escaped, and nothing is left that a parser would join."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from core.safety.address import BREAK
from core.safety.characters import cleaned
from core.safety.exact import HARD, exact


def read_back(markdown: str) -> str:
    """What a person sees of it."""
    shown = markdown.replace("  \n", "\n").replace(BREAK, "").replace(HARD, " ")
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", shown)


@given(st.text(alphabet=st.characters(exclude_characters="\t\u00a0"), max_size=200))
def test_the_same_characters_come_back(text: str) -> None:
    assert read_back(exact(text)) == cleaned(text)[0]


@given(st.text(alphabet="![](){}<>:/|`*_~$#.+-=&\\a1 @w", max_size=80))
def test_no_mark_is_left_bare(text: str) -> None:
    bare = re.sub(r"\\[!-/:-@\[-`{-~]", "", exact(text))
    assert re.search(r"[!-/:-@\[-`{-~]", bare) is None


def test_what_a_browser_would_join_is_parted() -> None:
    for text in (
        ":smile:",
        ":red[x]",
        ":+1:",
        "http://x.test",
        "www.x.test",
        "me@x.test",
        "a -> b",
        "a -- b",
        "a >= b",
    ):
        assert BREAK in exact(text)

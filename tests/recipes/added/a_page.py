"""The page opens, in either language, and the sidebar leads there."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.testing.v1 import AppTest


def test_the_page_opens(open_page: Callable[..., AppTest]) -> None:
    at = open_page("notes")
    assert not at.exception
    assert [title.value for title in at.title] == ["My notes"]
    assert "My notes" in [link.proto.label for link in at.get("page_link")]


def test_it_is_translated(open_page: Callable[..., AppTest]) -> None:
    at = open_page("notes", lang="zh")
    assert not at.exception
    assert "[zh] My notes" in [title.value for title in at.title]

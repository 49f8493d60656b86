"""The line at the top of each page: one h1, which is the page's name."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.ui import layout


def test_every_page_has_its_name_as_its_only_h1(open_page: Callable[..., AppTest]) -> None:
    at = open_page()
    assert [title.value for title in at.title] == ["Chat"]
    for name, (file, _icon, word) in layout.PAGES.items():
        if file.startswith("pages/"):
            at.switch_page(file).run()
            assert not at.exception, name
            assert [title.value for title in at.title] == [word()], name


@pytest.mark.parametrize("page", ["history", "quota"])
def test_the_name_is_in_the_readers_language(open_page: Callable[..., AppTest], page: str) -> None:
    assert [title.value for title in open_page(page, lang="zh").title] == [{"history": "历史", "quota": "额度"}[page]]

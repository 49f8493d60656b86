"""The page speaks the language, by the address and by the option."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from core.options import load


def test_the_page_speaks_it(open_page: Callable[..., AppTest]) -> None:
    at = open_page(lang="fr")
    assert not at.exception
    assert at.chat_input(key="ask").placeholder == "[fr] Ask anything"


def test_the_option_takes_it(tmp_path: Path) -> None:
    assert load({"ROUNDTABLE_LANGUAGE": "fr"}, folder=tmp_path).language == "fr"

"""Documents in Chat: sent at once where nothing is to be decided, else shown above the box first."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from bench import document_files as made
from bench.document_damage import OLE
from core.ui.app_state import AppState
from core.ui.models import fit
from tests.pages.conftest import texts
from tests.pages.test_chat import stored

PDF = made.pdf(4)


def test_a_pdf_with_a_question_is_sent_at_once_as_its_text(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = open_page()
    at.chat_input(key="ask").set_value("What rises?").upload("tides.pdf", PDF).run()
    assert not at.exception
    [file] = stored(shared, at).turns[0].attached
    assert (file.name, file.media_type, file.page_count, file.pages) == ("tides.pdf", "application/pdf", 4, "1-4")


def test_without_a_question_it_waits_above_the_box_and_pages_are_chosen(
    open_page: Callable[..., AppTest], shared: AppState
) -> None:
    at = open_page()
    at.chat_input(key="ask").set_value("").upload("tides.pdf", PDF).run()
    assert not at.exception
    assert "c" not in at.query_params
    assert "4 pages" in texts(at)
    assert "[Page 4]" in texts(at)
    [pages] = [field for field in at.text_input if field.label == "Pages"]
    pages.set_value("9").run()
    assert "The document ends at 4" in at.warning[0].value
    [pages] = [field for field in at.text_input if field.label == "Pages"]
    pages.set_value("2-3").run()
    assert "[Page 2]" in texts(at)
    assert "[Page 4]" not in texts(at)
    at.chat_input(key="ask").set_value("What rises?").run()
    [file] = stored(shared, at).turns[0].attached
    assert file.pages == "2-3"
    assert not [field for field in at.text_input if field.label == "Pages"]


def test_a_scan_goes_as_the_file_to_a_model_that_reads_it_and_waits_for_others(
    open_page: Callable[..., AppTest], shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = open_page()
    at.chat_input(key="ask").set_value("Read it").upload("scan.pdf", made.scan()).run()
    [file] = stored(shared, at).turns[0].attached
    assert (file.pages, file.page_count) == ("", 2)
    monkeypatch.setattr(fit, "takes", lambda feature, *_: feature != "document")
    at.chat_input(key="ask").set_value("Read it").upload("scan.pdf", made.scan()).run()
    assert "its pages are pictures" in texts(at)
    assert "look at the files above the box" in at.warning[0].value
    at.button(key="tray-out-0").click().run()
    assert "its pages are pictures" not in texts(at)
    assert len(stored(shared, at).turns) == 1


def test_an_old_word_file_is_told_what_to_save_it_as(open_page: Callable[..., AppTest]) -> None:
    at = open_page()
    at.chat_input(key="ask").set_value("Read it").upload("old.doc", OLE + "WordDocument".encode("utf-16-le")).run()
    assert "old Word file" in at.warning[0].value
    assert "c" not in at.query_params

"""Documents in Chat: sent at once where nothing is to be decided, else shown above the box first."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from bench import document_files as made
from bench.document_damage import OLE
from core.ui import session
from core.ui.app_state import AppState
from core.ui.chat.tray import browser, reading
from core.ui.models import fit
from tests.pages.conftest import ME, in_address, texts
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


def test_a_column_with_too_little_room_says_so_and_another_model_takes_its_place(
    open_page: Callable[..., AppTest], shared: AppState
) -> None:
    only_the_simulator(shared, window_tokens={"sim/slow": 300})
    at = open_page("compare", m=["sim/slow", "sim/steady"])
    at.chat_input(key="ask-all").set_value("What rises?").upload("tides.pdf", PDF).run()
    assert not at.exception
    assert "run" not in at.query_params
    assert texts(at).count("tokens too small") == 1  # in its column
    assert ["Not sent yet. **A**: about" in warning.value for warning in at.warning] == [True]  # above the box
    at.button(key="sight-switch").click().run()
    assert "too small" not in texts(at)
    [pages] = [field for field in at.text_input if field.label == "Pages"]
    pages.set_value("2-3").run()
    at.chat_input(key="ask-all").set_value("What rises?").run()
    run = shared.workspace.of(ME).comparisons.get(in_address(at, "run"))
    assert "sim/slow" not in [lane.model_id for lane in run.lanes]
    assert [[file.pages for file in lane.turns[0].attached] for lane in run.lanes] == [["2-3"], ["2-3"]]
    assert "tides.pdf · pages 2–3" in texts(at)


def only_the_simulator(shared: AppState, window_tokens: dict[str, int]) -> None:
    catalog = shared.engine.catalog
    provider = catalog.providers["sim"]
    for provider_id in [name for name in catalog.providers if name != "sim"]:
        del catalog.providers[provider_id]
    models = (replace(model, window_tokens=window_tokens.get(model.id, 32_000)) for model in provider.models)
    catalog.providers["sim"] = replace(provider, models=tuple(models))


def test_a_locked_pdf_stays_until_its_password_is_right_and_goes_as_text(
    open_page: Callable[..., AppTest], shared: AppState
) -> None:
    at = open_page()
    at.chat_input(key="ask").set_value("What rises?").upload("tides.pdf", made.pdf(4, password="high water")).run()
    assert not at.exception
    assert "look at the files above the box" in at.warning[0].value
    assert "c" not in at.query_params
    at.text_input(key="document-password-0").set_value("low water").run()
    assert "This password does not open it" in texts(at)
    assert at.text_input(key="document-password-0").value == ""
    at.text_input(key="document-password-0").set_value("high water").run()
    assert "4 pages" in texts(at)
    assert "high water" not in repr(at.session_state)
    [pages] = [field for field in at.text_input if field.label == "Pages"]
    pages.set_value("2-3").run()  # from what was read: the password is not kept
    at.chat_input(key="ask").set_value("What rises?").run()
    [file] = shared.workspace.of(ME).chats.files(stored(shared, at).turns[0])
    assert (file.pages, "[Page 3]" in file.text, "[Page 4]" in file.text) == ("2-3", True, False)
    at.button(key="edit").click().run()
    assert "tray-out-0" in [button.key for button in at.button]


def test_after_a_reload_other_pages_of_a_locked_pdf_ask_for_its_password_and_nothing_is_lost(
    open_page: Callable[..., AppTest], shared: AppState
) -> None:
    at = open_page()
    at.chat_input(key="ask").set_value("").upload("tides.pdf", made.pdf(4, password="high water")).run()
    at.text_input(key="document-password-0").set_value("high water").run()
    [pages] = [field for field in at.text_input if field.label == "Pages"]
    pages.set_value("2-3").run()
    trays = at.session_state["tray-of-ask"]
    at.session_state["tray-of-ask"] = {name: (replace(held, opened=None),) for name, [held] in trays.items()}
    at.run()
    assert "type it again to choose other pages" in texts(at)
    assert not [field for field in at.text_input if field.label == "Pages"]
    at.text_input(key="document-password-0").set_value("low water").run()
    assert "This password does not open it" in texts(at)
    assert "[Page 3]" in texts(at)
    at.text_input(key="document-password-0").set_value("high water").run()
    [pages] = [field for field in at.text_input if field.label == "Pages"]
    assert pages.value == "2-3"
    pages.set_value("4").run()
    assert "[Page 4]" in texts(at)
    assert "[Page 3]" not in texts(at)


def test_what_does_not_fit_is_not_sent_and_the_models_that_it_fits_are_named(
    open_page: Callable[..., AppTest], shared: AppState
) -> None:
    at = open_page()
    at.session_state["model"] = "sim/quick"
    long = made.pdf(200, lines=40)
    at.run().chat_input(key="ask").set_value("What rises?").upload("long.pdf", long).run()
    assert "c" not in at.query_params
    assert "Choose some pages, or another model." in texts(at)
    at.button(key="tray-fits").click().run()
    assert "Does not fit" in texts(at)
    assert "tokens too small" in texts(at)
    at.session_state["pick-chat"] = True
    at.session_state["find-chat"] = "quick"
    at.run()
    assert "tokens too small" in at.button(key="row-chat-sim/quick").label
    [pages] = [field for field in at.text_input if field.label == "Pages"]
    pages.set_value("1-2").run()
    assert "Choose some pages, or another model." not in texts(at)


def test_a_list_of_the_browser_brings_back_the_persons_own_files_alone(
    open_page: Callable[..., AppTest], shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, other = shared.workspace.of(ME), shared.workspace.of("someone else")
    monkeypatch.setattr(session, "person", lambda: person)
    held, _ = reading.document("tides.pdf", PDF, pages="2-3", page_count=4)
    assert held
    text = person.files.put("tides.pdf", held.file.text.encode(), "text/plain")
    row = browser.listed(replace(held, text_sha256=text.sha256))
    again = browser.unlisted(json.loads(json.dumps(row)))
    assert again
    assert again.file == held.file
    monkeypatch.setattr(session, "person", lambda: other)
    assert browser.unlisted(row) is None
    assert browser.unlisted({"hash": ["no"], "text": 7, "page_count": "x", "unit": {}}) is None

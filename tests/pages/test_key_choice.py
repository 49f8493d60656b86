"""Which key answers: shown with its source and last four characters, chosen where there are several, kept apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.assemble import build
from core.options import load
from core.records import OWN_KEY, ChatRequest, Message, PersonalKeys
from core.ui import app_state, session
from core.ui.app_state import AppState
from core.ui.models.choices import all_options
from core.ui.providers import key_origin
from tests.pages.conftest import ME, texts

SHARED, WORK, OWN = "gsk_shared0123456789aaaa", "gsk_work0123456789bbbb", "gsk_pasted0123456789cccc"
DOTENV = "gsk_dotenv0123456789dddd"


@pytest.fixture
def keyed(shared: AppState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppState]:
    """The pages of a server with two keys for Groq, of which only some models may be used."""
    (tmp_path / ".env").write_text(f"GROQ_API_KEY={DOTENV}\n", encoding="utf-8")
    environ = {
        "GROQ_API_KEY": SHARED,
        "GROQ_API_KEY_WORK": WORK,
        "ROUNDTABLE_LOCAL_SERVERS": "false",
        "ROUNDTABLE_SHARED_KEY_MODELS": "groq/openai/* mistral/*",
    }
    state = AppState(build(load(environ, {}, tmp_path), folder=tmp_path))
    monkeypatch.setattr(app_state, "_app_state", state)
    yield state
    state.close()


def test_a_card_names_the_source_and_the_last_four_characters(
    keyed: AppState, open_page: Callable[..., AppTest]
) -> None:
    page = texts(open_page("providers", open="groq"))
    assert "GROQ_API_KEY · environment · …aaaa" in page.replace("\\", "")
    assert ".env · …dddd holds another key, which is not used." in page.replace("\\", "")
    assert not [key for key in (SHARED, WORK, DOTENV) if key[:-4] in page]


def test_a_person_chooses_which_key_answers(keyed: AppState, open_page: Callable[..., AppTest]) -> None:
    keyed.pasted_keys.keep(ME, "groq", OWN)
    at = open_page("providers", open="groq")
    radio = at.radio(key="key-of-groq")
    assert (radio.options, radio.value) == (
        ["your key …cccc", "the server's key …aaaa", "the server's key “work” …bbbb"],
        OWN_KEY,
    )
    radio.set_value("GROQ_API_KEY_WORK").run()
    groq = keyed.engine.catalog.providers["groq"]
    key = keyed.engine.keyring.find(groq, session.keys())
    assert key is not None
    assert key.value == WORK
    assert keyed.workspace.of(ME).settings.key_choices() == {"groq": "GROQ_API_KEY_WORK"}
    keyed.pasted_keys._choices.clear()  # as after a restart
    assert session.keys().chosen == {"groq": "GROQ_API_KEY_WORK"}
    session.forget_keys("groq")
    assert session.keys().chosen == {"groq": "GROQ_API_KEY_WORK"}
    session.paste("groq", OWN)
    assert (session.keys()["groq"], session.keys().chosen) == (OWN, {})


def test_a_private_key_that_is_gone_is_not_replaced_by_the_servers(keyed: AppState) -> None:
    keyed.pasted_keys.keep(ME, "groq", OWN)
    session.choose_key("groq", OWN_KEY)
    keyed.pasted_keys.forget(ME)  # as by a restart
    completion = keyed.engine.complete(asking("groq/openai/gpt-oss-20b"), session.keys())
    assert completion.error is not None
    assert completion.error.kind == "missing_key"
    assert "Your key for Groq is gone." in completion.error.message
    assert not keyed.engine.directory.is_ready(keyed.engine.catalog.providers["groq"], session.keys())
    session.forget_keys("groq")
    assert keyed.engine.directory.is_ready(keyed.engine.catalog.providers["groq"], session.keys())


def test_the_price_line_says_which_key_answers(keyed: AppState, open_page: Callable[..., AppTest]) -> None:
    at = open_page()
    at.session_state["model"] = "groq/openai/gpt-oss-20b"
    assert " · the server's key …aaaa" in texts(at.run())
    keyed.pasted_keys.keep(ME, "groq", OWN)
    assert " · your key …cccc" in texts(at.run())


def test_a_model_that_is_not_listed_is_not_sent_with_the_servers_key(keyed: AppState) -> None:
    engine = keyed.engine
    for model_id in ("groq/compound-beta-x", "groq/typed-by-hand"):
        for name in ("GROQ_API_KEY", "GROQ_API_KEY_WORK"):
            refused = engine.complete(asking(model_id), PersonalKeys({}, {"groq": name})).error
            assert refused is not None
            assert (refused.kind, refused.origin) == ("setup", "local")
            assert refused.message == (
                f"The server's key for Groq may not be used for {model_id.partition('/')[2]}. Choose another model, "
                "or paste a key of your own for Groq."
            )
        assert engine.prepare(asking(model_id), {"groq": OWN}).forbidden is None
    assert engine.prepare(asking("groq/openai/gpt-oss-20b")).forbidden is None


def test_what_may_not_be_used_is_neither_chosen_nor_offered(keyed: AppState) -> None:
    engine = keyed.engine
    chosen = {choice.model.name for choice in engine.directory.choices()}
    assert chosen
    assert all(name.startswith("openai/") for name in chosen)
    options = [option for option in all_options(engine, {}, {}, ()) if option.provider.id == "groq"]
    assert {option.ready for option in options if not option.model.name.startswith("openai/")} == {False}
    own = [option for option in all_options(engine, {"groq": OWN}, {}, ()) if option.provider.id == "groq"]
    assert all(option.ready for option in own)


def test_a_provider_that_is_not_listed_lends_no_key(
    shared: AppState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environ = {"GROQ_API_KEY": SHARED, "ROUNDTABLE_SHARED_KEY_MODELS": "mistral/*"}
    engine = build(load(environ, {}, tmp_path), folder=tmp_path)
    error = engine.complete(asking("groq/openai/gpt-oss-20b")).error
    assert error is not None
    assert error.message == "Groq can be used with a key of your own only; paste one."
    assert SHARED in engine.keyring.values()  # hidden all the same
    monkeypatch.setattr(shared, "engine", engine)
    (row,) = [row for row in key_origin._rows() if row["Provider"] == "Groq"]
    assert row["Use"] == "not used: no model of this provider is allowed"


def test_all_keys_are_listed_with_no_more_than_four_characters(
    keyed: AppState, open_page: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    keyed.pasted_keys.keep(ME, "groq", OWN)
    rows = [row for row in key_origin._rows() if row["Provider"] == "Groq"]
    assert [
        (row["Key"].replace("\\", ""), row["Source"].replace("\\", ""), row["Ends in"], row["Use"]) for row in rows
    ] == [
        ("", "pasted", "…cccc", "answers"),
        ("GROQ_API_KEY", "environment", "…aaaa", "can be chosen"),
        ("GROQ_API_KEY", ".env", "…dddd", "not used: another source comes first"),
        ("GROQ_API_KEY_WORK", "environment", "…bbbb", "can be chosen"),
    ]
    assert not [key for key in (SHARED, WORK, OWN, DOTENV) if key[:-4] in repr(rows)]


def asking(model_id: str) -> ChatRequest:
    return ChatRequest([Message("user", "Hello")], model_id)

"""The form of answers on the pages, without a browser: set, sent, checked, drawn, repaired on request."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.records import ResponseFormat
from core.schemas import reading
from core.schemas.faults import BadSchema
from core.ui import schema_words, text
from core.ui.app_state import AppState
from tests.pages.conftest import ME, in_address, texts

PERSON = "name: str\nage: int"
NO_TYPE = (
    "Line 2: There is no type “nubmer”. Types are str, int, float, bool and list[…]; a fixed word stands in quotes."
)


def chosen(open_page: Callable[..., AppTest], form: str) -> AppTest:
    at = open_page()
    [choice] = [choice for choice in at.button_group if choice.label == "Answer format"]
    return choice.set_value(form).run()


def written(at: AppTest, schema: str) -> AppTest:
    [box] = [box for box in at.text_area if box.label == "Schema"]
    return box.set_value(schema).run()


def test_an_answer_by_a_schema_is_sent_checked_and_kept(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = written(chosen(open_page, "schema"), PERSON)
    at.chat_input(key="ask").set_value("Describe Ada Lovelace").run()
    assert not at.exception
    view = shared.workspace.of(ME).chats.get(in_address(at, "c"))
    assert (view.generation.response_format, view.generation.schema_json) == ("schema", reading.read(PERSON))
    completion = view.turns[0].completion
    assert completion
    assert completion.response_format == ResponseFormat("schema", reading.read(PERSON))
    assert set(json.loads(completion.text)) == {"name", "age"}
    assert "matches the schema" in texts(at)


def test_json_without_a_schema_and_text_again(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = chosen(open_page, "json")
    at.chat_input(key="ask").set_value("Describe Ada Lovelace").run()
    assert "valid JSON" in texts(at)
    [choice] = [choice for choice in at.button_group if choice.label == "Answer format"]
    choice.set_value("text").run()
    assert shared.workspace.of(ME).chats.get(in_address(at, "c")).generation.response_format is None


def test_a_wrong_schema_is_told_with_its_line_and_the_one_before_it_is_used(open_page: Callable[..., AppTest]) -> None:
    at = written(chosen(open_page, "schema"), "name: str\nage: nubmer")
    assert [error.value for error in at.error] == [NO_TYPE]
    assert "Until this is corrected" not in texts(at)
    written(at, PERSON)
    assert not at.error
    written(at, "name str")
    assert "is not a field" in at.error[0].value
    assert "Until this is corrected, the schema before it is used." in texts(at)


def drawn(text: str, schema: str) -> AppTest:
    """A page with this answer; what the model would be asked is written below."""

    def page(text: str, schema_json: str) -> None:
        from datetime import UTC, datetime

        import streamlit as st

        from core.records import Completion, Finish, ResponseFormat, Timing
        from core.ui.answer import structured

        form = ResponseFormat("schema", schema_json)
        timing = Timing(datetime(2026, 11, 22, tzinfo=UTC))
        completion = Completion("sim/quick", text, "", None, Finish("stop"), timing, response_format=form)
        structured.draw(st.container(), completion, "a", lambda question: st.session_state.update(asked=question))

    return AppTest.from_function(page, kwargs={"text": text, "schema_json": reading.read(schema)}).run()


def test_an_answer_that_breaks_its_schema_says_where_and_can_be_sent_back() -> None:
    at = drawn('{"name": "Ada", "age": "36"}', PERSON)
    assert "breaks the schema" in texts(at)
    assert "`age` must be a whole number" in texts(at)
    at.button(key="correct-a").click().run()
    assert "age" in at.session_state["asked"]
    assert "asked" not in drawn('{"name": "Ada", "age": 36}', PERSON).session_state


def test_a_fence_is_removed_only_on_request_and_only_here() -> None:
    at = drawn('Here you are:\n```json\n{"name": "Ada", "age": 36}\n```', PERSON)
    assert "not JSON" in texts(at)
    assert "matches the schema" not in texts(at)
    at.button(key="clean-a").click().run()
    assert "matches the schema" in texts(at)
    assert "The answer itself is unchanged." in texts(at)
    at.button(key="unmend-a").click().run()
    assert "not JSON" in texts(at)


def test_a_list_of_objects_is_a_table() -> None:
    at = drawn('[{"name": "Ada", "age": 36}, {"name": "Alan", "age": 41}]', "list[{name: str, age: int}]")
    assert "matches the schema" in texts(at)
    assert "Table" in [tab.label for tab in at.tabs]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_fault_of_a_schema_has_its_sentence(language: str) -> None:
    sources = [path.read_text(encoding="utf-8") for path in Path(reading.__file__).parent.glob("*.py")]
    codes = {code for source in sources for code in re.findall(r'BadSchema\(\s*"(\w+)"', source)}
    text.use(language)
    try:
        sentences = {schema_words.wrong(BadSchema(code, 3, "x")) for code in codes}
    finally:
        text.use("en")
    assert len(codes) > 20
    assert len(sentences) == len(codes)

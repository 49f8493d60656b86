"""What a person sees of a line in the log is its id: on a broken page, a failed answer, a refusal, a wrong password."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.ui import layout, log_output
from core.ui.app_state import AppState
from core.ui.origin_guard import OriginGuard, rules_of
from tests.pages.conftest import ME, a_chat, texts
from tests.pages.test_faq import guarded, knock
from tests.pages.test_uploads import Server, server

__all__ = ["guarded", "server"]
SECRET = "what the person wrote"


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[str], list[dict[str, Any]]]:
    """The fields of the lines about an event."""
    caplog.set_level(logging.INFO, "roundtable")
    return lambda event: [
        record.__dict__["fields"] for record in caplog.records if record.__dict__.get("event") == event
    ]


def broken(*_: object) -> None:
    raise KeyError(SECRET)


@pytest.mark.parametrize("page", [None, "compare", "history", "providers", "quota"])
def test_a_broken_page_shows_a_sentence_with_the_id(
    open_page: Callable[..., AppTest],
    lines: Callable[[str], list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
    page: str | None,
) -> None:
    monkeypatch.setattr(layout, "finish_page", broken)
    at = open_page(page)
    fault = lines("page_failed")[-1]
    assert f"Tell your administrator **{fault['id']}**" in at.error[0].value
    assert (fault["page"], fault["error"]) == (page or "chat", "KeyError")
    assert not at.exception
    assert SECRET not in f"{at.error[0].value} {texts(at)} {fault}"


def test_it_is_said_in_the_language_of_the_reader(
    open_page: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "finish_page", broken)
    assert "请把错误编号" in open_page(lang="zh").error[0].value


def test_a_failed_answer_names_its_line(
    open_page: Callable[..., AppTest], shared: AppState, lines: Callable[[str], list[dict[str, Any]]]
) -> None:
    view = a_chat(shared.workspace, "Hi", model_id="sim/flaky:429")
    at = open_page(c=view.id)
    assert f"Error ID: {lines('provider_failed')[-1]['id']}" in texts(at)


def test_a_refused_request_names_its_line(lines: Callable[[str], list[dict[str, Any]]], tmp_path: Any) -> None:
    guard = OriginGuard(broken, rules_of("", "", {}, tmp_path, "here"))  # type: ignore[arg-type]
    scope = {"type": "http", "path": "/", "method": "GET", "headers": [(b"host", b"evil.test")]}
    assert guard._rules
    sentence = guard._refusal(scope, guard._rules.names)
    [line] = lines("request_refused")
    assert sentence
    assert sentence.endswith(f"Error ID: {line['id']}")
    assert (line["reason"], line["host"]) == ("host", "evil.test")


async def test_a_refused_upload_names_its_line(server: Server, lines: Callable[[str], list[dict[str, Any]]]) -> None:
    assert await server.put(10_000_000) == 413
    [line] = lines("upload_refused")
    assert line["id"] in server.body
    assert line["reason"] == "large"


def test_logins_are_logged_by_a_short_name(
    open_page: Callable[..., AppTest], guarded: AppState, lines: Callable[[str], list[dict[str, Any]]]
) -> None:
    at = knock(open_page("faq"), "open sesame 2")
    [wrong] = lines("login_failed")
    assert wrong["id"] in at.warning[0].value
    assert lines("login") == []
    knock(at, "open sesame 1")
    [right] = lines("login")
    assert right["role"] == "admin"
    assert right["person"] == wrong["person"] != ME
    assert "sesame" not in f"{wrong} {right}"


def test_a_browser_that_connects_is_no_line_and_a_fault_of_the_server_is() -> None:
    record = logging.LogRecord("uvicorn.error", logging.INFO, "", 1, "connection open", None, None)
    assert not log_output._is_news(record)
    record.levelno = logging.ERROR
    assert log_output._is_news(record)

"""The audit page: for the administrator alone, with filters, pages and a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.assemble import build
from core.events import person
from core.options import load
from core.ui.app_state import AppState
from core.views.audit import AuditFilter
from tests.pages.conftest import ME, a_chat, texts
from tests.pages.test_faq import PASSWORD, knock

QUESTION = "=1+1 is what the person asked"


@pytest.fixture
def audited(shared: AppState, tmp_path: Path, request: pytest.FixtureRequest) -> AppState:
    """The runtime with an administrator and one answer."""
    environ = {
        "ROUNDTABLE_SIMULATOR_SPEED": "1000",
        "ROUNDTABLE_ADMIN_PASSWORD": PASSWORD,
        "ROUNDTABLE_AUDIT_TEXT": getattr(request, "param", "hash"),
    }
    shared.engine = build(load(environ=environ, secrets={}, folder=tmp_path), folder=tmp_path)
    a_chat(shared.workspace, QUESTION)
    return shared


def test_nobody_but_the_administrator_sees_it(open_page: Callable[..., AppTest], audited: AppState) -> None:
    at = open_page("audit")
    assert not at.dataframe
    assert not at.selectbox
    at = knock(at, PASSWORD)
    assert not at.exception
    [table] = at.dataframe
    assert list(table.value["Person"]) == [person(ME)]
    assert list(table.value["Model"]) == ["sim/quick"]
    assert "Question" not in table.value
    assert QUESTION not in f"{texts(at)} {table.value.to_string()}"
    assert "Of a question only the SHA-256" in texts(at)


def test_filters_and_pages(open_page: Callable[..., AppTest], audited: AppState) -> None:
    a_chat(audited.workspace, "Hi", model_id="sim/flaky:429")
    at = knock(open_page("audit"), PASSWORD)
    assert len(at.dataframe[0].value) >= 2
    at.selectbox(key="audit-outcome").set_value("ok").run()
    assert list(at.dataframe[0].value["Outcome"]) == ["ok · simulated"]
    at.text_input(key="audit-person").set_value("zzz").run()
    assert "No calls match." in texts(at)
    assert at.button(key="audit-older").disabled
    assert at.button(key="audit-newer").disabled


@pytest.mark.parametrize("audited", ["text"], indirect=True)
def test_where_the_operator_says_so_questions_are_shown_and_everybody_is_told(
    open_page: Callable[..., AppTest], audited: AppState
) -> None:
    at = knock(open_page("audit"), PASSWORD)
    assert list(at.dataframe[0].value["Question"]) == [QUESTION]
    assert "can read your questions" in texts(open_page("history"))
    lines = list(audited.workspace.audit_log.csv(AuditFilter()))
    assert lines[0].startswith("\ufeffat,person,name,provider,model_asked")
    assert f"'{QUESTION}" in lines[1]


def test_where_only_the_hash_is_kept_nobody_is_alarmed(open_page: Callable[..., AppTest], audited: AppState) -> None:
    assert "can read your questions" not in texts(open_page("history"))
    [_, line] = audited.workspace.audit_log.csv(AuditFilter())
    assert QUESTION not in line

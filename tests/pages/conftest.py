"""The pages without a browser: a fresh runtime and database for each test, quick simulated models, no key of this
computer, one owner for all sessions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from core.ui import app_state, owner, session, text, visitor
from core.ui.app_state import AppState
from core.ui.providers.table import COLUMNS
from core.views.conversation import ConversationView
from core.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 600  # by the clock on the wall, which goes on while a computer sleeps: only what hangs is to end so
ME = "me"


@pytest.fixture(autouse=True, scope="session")
def components_are_looked_for_once() -> Iterator[None]:
    """Each `AppTest` reads the files of every installed package to find components, which takes longer than a page."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Outside a script run all tests share one session: what a test reads Chinese in, the next reads English in."""
    yield
    text.use("en")


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[AppState]:
    """The runtime that the pages of this test share; its database is not open yet."""
    from core.assemble import build
    from core.options import load

    quick = {"ROUNDTABLE_SIMULATOR_SPEED": "1000", "ROUNDTABLE_LOCAL_SERVERS": "false"}
    state = AppState(build(load(environ=quick, secrets={}, folder=tmp_path), folder=tmp_path))
    monkeypatch.setattr(app_state, "_app_state", state)
    monkeypatch.setattr(owner, "current", lambda: ME)
    monkeypatch.setattr(visitor, "is_new", lambda: True)
    monkeypatch.setattr(visitor, "settle", lambda: None)  # a page without a browser has no storage that could answer
    yield state
    state.close()
    app_state.reset()


@pytest.fixture
def open_page(shared: AppState) -> Callable[..., AppTest]:
    """Open a page of the app, by its file below pages/, with this query in the address."""

    def opened(name: str | None = None, **query: str | list[str]) -> AppTest:
        at = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=PATIENCE_S)
        if name is None:
            return with_query(at, query).run()
        at.run()
        at.switch_page(f"pages/{name}.py")
        return with_query(at, query).run()

    return opened


def with_query(at: AppTest, query: dict[str, str | list[str]]) -> AppTest:
    for key, value in query.items():
        at.query_params[key] = value
    return at


def with_keys(at: AppTest, keys: Mapping[str, str]) -> AppTest:
    """The page as it is once these keys were pasted."""
    for provider_id, key in keys.items():
        assert app_state.get().pasted_keys.keep(ME, provider_id, key)
    return at.run()


def in_address(at: AppTest, key: str) -> str:
    """The value of a parameter that stands in the address once."""
    value = at.query_params[key]
    return value if isinstance(value, str) else value[-1]


def provider_table(at: AppTest) -> dict[str, dict[str, Any]]:
    """The rows of the Providers page by id, in their order, as the browser is told to draw them."""
    rows: dict[str, dict[str, Any]] = {}
    for element in at.get("bidi_component"):
        if element.proto.component_name == "roundtable-providers":
            [part] = json.loads(element.proto.json)
            rows |= {row["id"]: dict(zip(COLUMNS, (row, *row["cells"]), strict=True)) for row in part["rows"]}
    return rows


def cell(at: AppTest, provider_id: str, column: str) -> str:
    """What one cell of the Providers page says, with what stands small below it."""
    shown = provider_table(at)[provider_id][column]
    return f"{shown['text']} {shown.get('small', '')}".strip()


def open_rows(at: AppTest, *provider_ids: str) -> AppTest:
    """The Providers page with these rows open, and no others."""
    at.session_state["providers-opened"] = [*provider_ids]
    return at.run()


def texts(at: AppTest) -> str:
    return "\n".join(element.value for element in [*at.markdown, *at.caption, *at.text])


def a_chat(workspace: Workspace, *questions: str, model_id: str = "sim/quick") -> ConversationView:
    """A conversation with these questions, answered."""
    view: ConversationView | None = None
    for question in questions:
        request_id = session.new_id()
        started = workspace.of(ME).chats.ask(
            request_id, question, model_id, view=view, parent_id=view.leaf_id if view else None
        )
        job = workspace.of(ME).chats.job(request_id)
        while job and not job.done:
            job.wait(0.05)
        view = workspace.of(ME).chats.get(started.conversation_id)
    assert view
    return view

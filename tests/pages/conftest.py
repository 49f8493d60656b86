"""The pages without a browser: a fresh runtime for each test, quick simulated models, no key of this computer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.ui import runtime
from core.ui.runtime import Runtime

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 30


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Runtime]:
    """The runtime that the pages of this test share."""
    from core.assemble import build
    from core.config import load
    from core.jobs import Jobs

    quick = {"ROUNDTABLE_SIMULATOR_SPEED": "1000", "ROUNDTABLE_LOCAL_SERVERS": "false"}
    engine = build(load(environ=quick, secrets={}, folder=tmp_path), folder=tmp_path)
    made = Runtime(engine, Jobs(engine))
    monkeypatch.setattr(runtime, "_runtime", made)
    yield made
    runtime.reset()


@pytest.fixture
def open_page(shared: Runtime) -> Callable[..., AppTest]:
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


def in_address(at: AppTest, key: str) -> str:
    """The value of a parameter that stands in the address once."""
    value = at.query_params[key]
    return value if isinstance(value, str) else value[-1]

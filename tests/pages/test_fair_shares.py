"""A person's fair share on the screen: before Send, on the Quota page, and on the card of what it does not cover."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.assemble import build
from core.errors import QuotaSpent
from core.options import load
from core.store.quota import ledger
from core.store.quota.grants import Hold
from core.ui import app_state
from core.ui.app_state import AppState
from core.ui.failures import failure
from tests.pages.conftest import ME, texts
from tests.pages.test_quota import with_card
from tests.workspace.acme import each_morning, table

MODEL = "acme/small"


@pytest.fixture
def keyed(shared: AppState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppState]:
    """The pages of a server whose key four people share: two requests a day for each."""
    (tmp_path / ".streamlit").mkdir()
    providers = table("acme", "http://127.0.0.1:9/v1", each_morning(8))
    (tmp_path / ".streamlit" / "providers.toml").write_text(providers, encoding="utf-8")
    environ = {"ACME_KEY": "acme-server-0123456789", "ROUNDTABLE_LOCAL_SERVERS": "false"}
    settings = load({**environ, "ROUNDTABLE_FAIR_SHARES": "4"}, {}, tmp_path)
    state = AppState(build(settings, folder=tmp_path))
    monkeypatch.setattr(app_state, "_app_state", state)
    yield state
    state.close()


def use(state: AppState, times: int) -> None:
    """Ask so often, as a tab elsewhere would."""
    workspace = state.workspace
    for _ in range(times):
        (ask,) = workspace.budget.asks([MODEL], "Hi", owner_id=ME)
        (grant,) = ledger.reserve(workspace.database, ME, [ask]).grants
        assert isinstance(grant, Hold)
        ledger.settle(workspace.database, grant.hold_id)


def test_the_share_stands_before_send_and_on_the_quota_page(keyed: AppState, open_page: Callable[..., AppTest]) -> None:
    at = open_page()
    at.session_state["model"] = MODEL
    use(keyed, 1)
    line = texts(at.run())
    assert "uses your last remaining request today · little of your share left until" in line
    quota = texts(with_card(open_page("quota"), "Acme"))
    assert "a part of every limit is kept for each person" in quota
    assert "your share: 2, 1 used, 1 available to you now" in quota


def test_a_used_share_is_told_with_what_to_do(keyed: AppState, open_page: Callable[..., AppTest]) -> None:
    at = open_page()
    use(keyed, 2)
    at.session_state["model"] = MODEL
    line = texts(at.run())
    assert ":red[" in line
    assert "your share is used up today" in line
    assert "the rest is kept for others; choose another model, use your own key, or wait until" in line
    error = QuotaSpent("Your share", code="share_used")
    error.sent = False
    assert failure.sentence(error, "Groq", MODEL) == ("Not sent: your share of the shared Groq key is used up for now.")
    assert "a key of your own" in failure.advice(error)

"""What people may use of the server's keys: set on the People page, shown before Send and on the Quota page; and
batches that ask an administrator. Without a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.assemble import build
from core.options import load
from core.providers.limits import PlannedCall, key_hash
from core.store.quota import ledger
from core.store.quota.grants import Hold
from core.ui import app_state, session
from core.ui.app_state import AppState
from core.ui.providers import trial
from core.views.batches import BatchPlan
from core.views.people import KeyRule, PersonRule
from tests.pages.conftest import ME, a_chat, in_address, texts
from tests.pages.test_faq import PASSWORD, knock
from tests.pages.test_quota import rows, with_card

MODEL, KEY = "groq/openai/gpt-oss-20b", "gsk_shared0123456789aaaa"


@pytest.fixture
def served(
    shared: AppState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[AppState]:
    """The pages of a server with a key for Groq, an administrator, and limits for everybody."""
    environ = {
        "GROQ_API_KEY": KEY,
        "ROUNDTABLE_LOCAL_SERVERS": "false",
        "ROUNDTABLE_SIMULATOR_SPEED": "1000",
        "ROUNDTABLE_ADMIN_PASSWORD": PASSWORD,
        "ROUNDTABLE_PERSON_REQUESTS_PER_DAY": "3",
        "ROUNDTABLE_BATCH_APPROVAL_CALLS": "2",
        **getattr(request, "param", {}),
    }
    environ = {name: value for name, value in environ.items() if value}
    state = AppState(build(load(environ, {}, tmp_path), folder=tmp_path))
    monkeypatch.setattr(app_state, "_app_state", state)
    state.open()
    yield state
    state.close()


def used(state: AppState, calls: int) -> None:
    """So many calls of this person with the server's key."""
    provider, model = state.engine.catalog.find(MODEL)
    of_person = state.workspace.key_rules.meters(ME)
    ask = PlannedCall(provider, model, key_hash("groq", KEY), input_tokens=50, output_tokens=50, of_person=of_person)
    for grant in ledger.reserve(state.workspace.database, ME, [ask] * calls).grants:
        assert isinstance(grant, Hold)
        ledger.settle(state.workspace.database, grant.hold_id)


def test_what_is_left_is_read_before_send_and_on_the_quota_page(
    served: AppState, open_page: Callable[..., AppTest]
) -> None:
    used(served, 1)
    at = open_page()
    at.session_state["model"] = MODEL
    assert "your daily limit for the server's keys: 2 of 3 requests left" in texts(at.run())
    used(served, 2)
    line = texts(at.run())
    assert "your daily limit for the server's keys is used up until " in line
    assert "a key of your own has no such limit" in line
    assert any("Send at " in toggle.label for toggle in at.toggle)  # the question can wait for it
    at = open_page("quota")
    assert rows(at)["Your daily limit · keys of the server · 3 requests per day"][:2] == ["0", "3"]
    at = with_card(at, "Your daily limit")
    assert "Your daily limit for the server’s keys" in texts(at)
    assert "**0 of 3 left**" in texts(at)
    served.pasted_keys.keep(ME, "groq", "gsk_pasted0123456789cccc")
    at = open_page()
    at.session_state["model"] = MODEL
    assert "daily limit" not in texts(at.run())


def test_an_administrator_decides_for_a_person_and_a_group(served: AppState, open_page: Callable[..., AppTest]) -> None:
    a_chat(served.workspace, "What nobody else reads")
    used(served, 1)
    at = knock(open_page("people"), PASSWORD)
    assert not at.exception
    assert "today: 2 of 3 requests left" in texts(at)
    assert "nobody else reads" not in texts(at)
    at.session_state["key-groups"] = True
    at.run()
    at.text_input(key="group-name").set_value("data")
    at.text_input(key="rule-models-new-group").set_value("groq/* mistral")
    at.button(key="add-group").click().run()
    assert "models are written as groq/*" in at.warning[0].value
    assert at.text_input(key="group-name").value == "data"  # nothing typed is lost
    at.text_input(key="rule-models-new-group").set_value("groq/openai/*")
    at.number_input(key="rule-requests-new-group").set_value(9)
    at.button(key="add-group").click().run()
    assert not at.exception
    rules = served.workspace.key_rules
    assert rules.groups() == {"data": KeyRule(models=("groq/openai/*",), requests=9)}
    at.session_state[f"limits-{ME}"] = True
    at.run()
    at.selectbox(key=f"group-of-{ME}").set_value("data")
    at.number_input(key=f"rule-tokens-{ME}").set_value(5000)
    at.button(key=f"save-{ME}").click().run()
    assert not at.exception
    assert rules.everybody() == {ME: PersonRule("data", KeyRule(tokens=5000))}
    assert rules.of(ME) == KeyRule(("groq/openai/*",), 9, 5000, None)
    assert "8 of 9 requests left, 5,000 of 5,000 tokens left" in texts(at).replace("、", ", ")
    assert session.keys().models == ("groq/openai/*",)


def test_only_an_administrator_decides(served: AppState, open_page: Callable[..., AppTest]) -> None:
    at = open_page("people")
    assert not at.number_input
    at = knock(at, PASSWORD)
    at.session_state["key-groups"] = True
    at.run()
    at.text_input(key="group-name").set_value("data")
    at.session_state["admin"] = False
    at.button(key="add-group").click().run()
    assert served.workspace.key_rules.groups() == {}


def pasted_batch(at: AppTest) -> AppTest:
    at.segmented_control(key="batch-source").set_value("paste").run()
    at.text_area(key="batch-pasted").set_value("One?\nTwo?\nThree?").run()
    return at.multiselect(key="batch-models").set_value([MODEL]).run()


def test_a_small_batch_is_told_what_the_day_has_room_for(served: AppState, open_page: Callable[..., AppTest]) -> None:
    used(served, 2)
    at = open_page("batch")
    at.segmented_control(key="batch-source").set_value("paste").run()
    at.text_area(key="batch-pasted").set_value("One?\nTwo?").run()
    at.multiselect(key="batch-models").set_value([MODEL]).run()
    room = "more than your daily limit for the server's keys has room for (1 of 3 requests left); the rest "
    assert f"{room}waits until " in texts(at)
    at.segmented_control(key="batch-when-spent").set_value("skip").run()
    assert f"{room}is skipped" in texts(at)


def test_a_large_batch_asks_an_administrator(served: AppState, open_page: Callable[..., AppTest]) -> None:
    at = pasted_batch(open_page("batch"))
    start = at.button(key="batch-start")
    assert start.label == "Ask for approval: 3 calls"
    assert "More than 2 calls with the server's keys: an administrator has to approve it." in texts(at)
    start.click().run()
    assert not at.exception
    batch_id = in_address(at, "batch")
    assert "Waiting for approval" in texts(at)
    assert "An administrator has been asked." in at.info[0].value

    admin = knock(open_page("people"), PASSWORD)
    assert not admin.exception
    assert "3 calls with the server's keys · ~" in texts(admin)
    assert "Two?" not in texts(admin)
    admin.text_input(key=f"reason-{batch_id}").set_value("Use a smaller file.")
    admin.button(key=f"decline-{batch_id}").click().run()
    assert not admin.exception
    assert "wait for approval" not in texts(admin)

    at.run()
    assert at.warning[0].value.endswith("Nothing was sent. Reason: Use a smaller file.")
    at.button(key="batch-resume").click().run()
    assert "Waiting for approval" in texts(at)
    at.button(key="batch-cancel").click().run()
    assert "Cancelled" in texts(at)
    assert served.workspace.batch_approvals.waiting() == []


def test_only_an_administrator_approves(served: AppState, open_page: Callable[..., AppTest]) -> None:
    batch_id = served.workspace.of(ME).batches.start("r1", BatchPlan("mine", [MODEL], [("Hi", None)] * 3))
    at = knock(open_page("people"), PASSWORD)
    at.session_state["admin"] = False
    at.button(key=f"approve-{batch_id}").click().run()
    assert served.workspace.of(ME).batches.get(batch_id).state == "approval"


def test_a_test_of_the_servers_key_is_its_persons(served: AppState, monkeypatch: pytest.MonkeyPatch) -> None:
    owners: list[str] = []
    monkeypatch.setattr(served.trials, "start", lambda request, keys, owner_id="": owners.append(owner_id))
    trial.start("groq", MODEL)
    assert owners == [ME]


@pytest.mark.parametrize("served", [{"ROUNDTABLE_ADMIN_PASSWORD": ""}], indirect=True)
def test_without_an_administrator_the_page_says_how_there_can_be_one(
    served: AppState, open_page: Callable[..., AppTest]
) -> None:
    at = pasted_batch(open_page("batch"))
    assert "whoever runs it sets ROUNDTABLE_ADMINS or ROUNDTABLE_ADMIN_PASSWORD" in texts(at).replace("\\", "")
    at.button(key="batch-start").click().run()
    assert "This server has no administrator yet" in at.info[0].value
    assert served.workspace.of(ME).batches.get(in_address(at, "batch")).state == "approval"

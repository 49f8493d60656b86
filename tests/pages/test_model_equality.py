"""The check of one model at several hosts on the Providers and the Compare page: price, progress, result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from core.store import equality_checks
from core.ui import text
from core.ui.app_state import AppState
from core.ui.model_equality import start, words
from core.views.model_equality import CheckedHost, EqualityCheck
from tests.pages.conftest import ME, texts, with_keys
from tests.pages.test_voting import start_blind
from tests.workspace.acme import until

Open = Callable[..., AppTest]
HOSTS = ["sim/oneword", "sim-north/oneword", "sim-south/oneword"]
FAMILY = "oneword"
RESULT = "no difference found between Demo, Demo North"


def dialog(at: AppTest, key: str = "equality-check-sim") -> AppTest:
    return at.button(key=key).click().run()


def check_all(shared: AppState) -> None:
    """What Start does, to the end. A click in a dialog reruns the dialog alone, which these tests cannot do."""
    run = shared.workspace.of(ME).equality_checks.start(FAMILY, HOSTS, 15)
    until(lambda: run.ended)


def stored_check(shared: AppState, *hosts: CheckedHost, days: int = 3, family: str = FAMILY) -> EqualityCheck:
    """A check that was made some days ago."""
    database = shared.workspace.database
    check = EqualityCheck(f"{family}-{days}", family, database.now() - timedelta(days=days), 15, hosts)
    equality_checks.add(database, ME, check)
    return check


SAME = (
    CheckedHost("sim/oneword", "reference", 15, 15),
    CheckedHost("sim-north/oneword", "no_difference", 15, 15, 15, 0, 1.0),
)


def test_the_price_comes_first_and_the_result_stands_on_the_card(open_page: Open, shared: AppState) -> None:
    at = open_page("providers", open="sim")
    assert "Not checked yet." in texts(at)
    dialog(at)
    assert "simulated · uses no quota" in texts(at)
    assert "45 to 87 calls" in texts(at)
    assert shared.workspace.of(ME).equality_checks.current() is None
    check_all(shared)
    at.run()
    assert not at.exception
    assert RESULT in texts(at)
    assert "Demo South gives different answers (p " in texts(at)
    again = open_page("providers", open="sim-north")
    assert f"checked 1 minute ago: :green[:material/check:] {RESULT}" in texts(again)


def test_without_a_second_provider_the_dialog_says_what_to_do(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "at_several", dict)
    at = dialog(open_page("providers", open="sim"))
    assert "No second provider with this model is ready." in at.info[0].value
    assert not any(button.key == "equality-start" for button in at.button)


def test_a_real_host_shows_calls_tokens_price_and_the_share_of_the_day(open_page: Open) -> None:
    at = open_page("providers", open="groq")
    with_keys(at, {"groq": "gsk-0123456789abcdef", "cerebras": "csk-0123456789abcdef"})
    dialog(at, "equality-check-groq")
    words_shown = texts(at)
    assert "15–29 calls" in words_shown
    assert "of the 1,000 requests left today" in words_shown
    assert "tokens" in words_shown


def test_compare_shows_the_newest_result_and_checks_again(open_page: Open, shared: AppState) -> None:
    shared.workspace.of(ME)
    at = open_page("compare", m=HOSTS)
    assert "has not been checked" in texts(at)
    stored_check(shared, *SAME)
    at.run()
    assert f"checked 3 days ago: :green[:material/check:] {RESULT}" in texts(at)
    dialog(at, "equality-check")
    check_all(shared)
    at.run()
    assert "Demo South gives different answers" in texts(at)
    at.chat_input(key="ask-all").set_value("Name a river.").run()
    assert not at.exception
    assert "**B** · Demo North · :small[check: no difference found]" in texts(at)


def test_a_blind_comparison_tells_nothing_of_its_hosts(open_page: Open, shared: AppState) -> None:
    stored_check(shared, *SAME)
    at = start_blind(open_page, HOSTS)
    assert not at.exception
    assert "no difference found" not in texts(at)


def test_a_check_without_a_result_does_not_hide_an_older_one(open_page: Open, shared: AppState) -> None:
    stored_check(shared, *SAME)
    failed = [CheckedHost(name, "too_few", 1, 0, why="auth") for name in HOSTS[:2]]
    stored_check(shared, *failed, days=1)
    assert RESULT in texts(open_page("providers", open="sim"))


def test_a_check_is_nobody_elses(open_page: Open, shared: AppState) -> None:
    check = replace(stored_check(shared, *SAME), id="other")
    equality_checks.add(shared.workspace.database, "somebody else", replace(check, at=check.at + timedelta(days=1)))
    assert "checked 3 days ago" in texts(open_page("providers", open="sim"))


@pytest.mark.parametrize(
    ("hosts", "sentence"),
    [
        (SAME, RESULT),
        (
            (SAME[0], CheckedHost("sim-north/oneword", "different", 25, 15, 15, 3, 0.003)),
            "Demo and Demo North give different answers (p = 0.003)",
        ),
        (
            (*SAME, CheckedHost("sim-south/oneword", "different", 25, 15, 15, 9, 1e-12)),
            "Demo South gives different answers (p < 0.0001)",
        ),
        ((CheckedHost("gone/<b>x</b>", "too_few", 3, 2, why="auth"),), "too few answers (key rejected)"),
        ((CheckedHost("sim/oneword", "too_few", 3, 2, why="quota_spent"),), "too few answers"),
        ((CheckedHost("sim/oneword", "too_few", 1, 0, why="no_temperature"),), "(ignores temperature)"),
        ((CheckedHost("sim/oneword", "no_answers", 15, 15),), "the same answer to everything"),
        ((CheckedHost("sim/oneword", "unsteady", 29, 15),), "contradicts itself at temperature 0"),
        ((), "no host could be compared"),
    ],
)
def test_the_result_in_words_never_says_that_they_are_the_same(
    shared: AppState, hosts: tuple[CheckedHost, ...], sentence: str
) -> None:
    check = EqualityCheck("c", FAMILY, datetime(2026, 11, 29, tzinfo=UTC), 15, hosts)
    text.use("en")
    assert sentence in words.result(check)
    assert "same model" not in words.result(check)
    assert "<b>" not in words.result(check)
    text.use("zh")
    assert not any(word in words.result(check) for word in (" difference", "answers", "different "))

"""Models with a star, the model of the last session, and line-ups on the Compare page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.model_life import ProviderLife
from core.records import Model
from core.ui import visitor
from core.ui.app_state import AppState
from core.ui.models import life
from tests.pages.conftest import ME, texts


def rows(at: AppTest) -> list[str]:
    return [str(button.key) for button in at.button if str(button.key).startswith("row-chat-sim/")]


def opened(at: AppTest) -> AppTest:
    at.session_state["pick-chat"] = True
    return at.run()


def test_favourites_come_first_and_can_be_shown_alone(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = opened(open_page())
    last = rows(at)[-1].removeprefix("row-chat-")
    at.button(key=f"star-chat-{last}").click().run()
    assert shared.workspace.of(ME).settings.favourites() == (last,)
    assert rows(opened(at))[0] == f"row-chat-{last}"
    at.button_group(key="chips-chat").set_value(["starred"])
    assert rows(opened(at)) == [f"row-chat-{last}"]
    at.button(key=f"starred-chat-{last}").click().run()
    assert shared.workspace.of(ME).settings.favourites() == ()
    assert not at.exception


def test_the_next_session_begins_with_the_last_model(
    open_page: Callable[..., AppTest], shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = opened(open_page())
    at.button(key="row-chat-sim/steady").click().run()
    assert "**steady** from" in texts(at)
    assert "**steady** from" in texts(open_page())
    settings = shared.workspace.of(ME).settings
    settings.note_last_model("groq/llama-3.1-8b-instant")  # nothing may leave this computer unasked
    assert "**quick** from" in texts(open_page())
    settings.note_last_model("auto")
    assert "Each question goes to a model of the right size." in texts(open_page())
    monkeypatch.setattr(visitor, "is_new", lambda: False)
    assert "Each question goes to a model of the right size." in texts(open_page())


def test_a_line_up_is_saved_opened_renamed_and_deleted(open_page: Callable[..., AppTest], shared: AppState) -> None:
    line_ups = shared.workspace.of(ME).line_ups
    at = open_page("compare", m=["sim/slow", "sim/steady"])
    at.session_state["line-ups"] = True
    at.run()
    at.text_input(key="line-up-name").set_value("  Two   slow ")
    at.button(key="FormSubmitter:line-up-form-Save").click().run()
    [saved] = line_ups.all()
    assert (saved.name, saved.model_ids) == ("Two slow", ("sim/slow", "sim/steady"))
    assert "saved as **Two slow**" in texts(at)
    other = open_page("compare", m=["sim/quick", "sim/steady"])
    other.session_state["line-ups"] = True
    other.run()
    other.button(key=f"line-up-open-{saved.id}").click().run()
    assert other.query_params["m"] == ["sim/slow", "sim/steady"]
    other.session_state["line-ups"] = True
    other.run()
    other.button(key=f"line-up-edit-{saved.id}").click().run()
    other.text_input(key=f"line-up-rename-{saved.id}").set_value("Fast").run()
    assert [line_up.name for line_up in line_ups.all()] == ["Fast"]
    other.button(key=f"line-up-delete-{saved.id}").click().run()
    assert line_ups.all() == []
    assert not other.exception


def test_a_line_up_tells_of_a_model_that_has_ended(
    open_page: Callable[..., AppTest], shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    def has_ended(_: ProviderLife, model: Model) -> bool:
        return model.name == "slow"

    line_ups = shared.workspace.of(ME).line_ups
    line_ups.save("Two", ["sim/slow", "sim/steady"])
    monkeypatch.setattr(ProviderLife, "has_ended", has_ended)
    monkeypatch.setattr(life, "ending", lambda *_: "ended on 2026-11-01")
    at = open_page("compare")
    at.session_state["line-ups"] = True
    at.run()
    assert "slow ended on 2026-11-01" in texts(at)
    [saved] = line_ups.all()
    at.button(key=f"line-up-swap-{saved.id}-sim/slow").click().run()
    assert line_ups.all()[0].model_ids == ("sim/quick", "sim/steady")
    assert "ended on" not in texts(at)

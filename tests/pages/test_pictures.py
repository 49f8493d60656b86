"""Pictures on the chat and compare pages, without a browser: held above the box, refused to models that cannot see."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.budget import read_tokens
from core.records import Completion, Finish, Picture, Timing
from core.store import blobs, turns
from core.ui.app_state import AppState
from core.ui.quota import price_line
from core.views.conversation import Attached, File, Turn
from tests.pages.conftest import ME, in_address, texts
from tests.pages.test_sharing import make_link, shared_page
from tests.store.conftest import START

BLIND, SEES = "sim/slow", "sim/quick"


def png(colour: str = "navy") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "PNG")
    return out.getvalue()


def know(shared: AppState) -> None:
    """`slow` is known not to see, `quick` to see, and there are no others that are known."""
    catalog = shared.engine.catalog
    provider = catalog.providers["sim"]
    sight = {BLIND: ("text",), SEES: ("text", "image")}
    for provider_id in [name for name in catalog.providers if name != "sim"]:
        del catalog.providers[provider_id]
    models = tuple(replace(model, input=sight.get(model.id, ())) for model in provider.models)  # type: ignore[arg-type]
    catalog.providers["sim"] = replace(provider, models=models)


def with_picture(at: AppTest, key: str, text: str, name: str = "cat.png") -> AppTest:
    return at.chat_input(key=key).set_value(text).upload(name, png(), "image/png").run()


def keys_of(at: AppTest) -> list[str]:
    return [button.key for button in at.button if button.key]


def test_a_picture_is_not_read_again_with_every_click(
    open_page: Callable[..., AppTest], shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = with_picture(open_page(), "ask", "What is it?")
    at.run()
    read: list[object] = []
    load = blobs.load
    monkeypatch.setattr(blobs, "load", lambda *args: read.append(args) or load(*args))
    for _ in range(3):
        at.run()
    assert not at.exception
    assert [button for button in at.button if button.key and button.key.startswith("enlarge-")]
    assert read == []


def test_a_picture_alone_is_asked_about_in_words(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = with_picture(open_page(), "ask", "")
    assert not at.exception
    [turn] = shared.workspace.of(ME).chats.get(in_address(at, "c")).turns
    assert turn.prompt == "Describe this picture."
    assert [(file.name, file.width, file.height) for file in turn.attached] == [("cat.png", 64, 48)]


def test_a_model_that_cannot_see_is_not_asked_and_one_click_takes_another(
    open_page: Callable[..., AppTest], shared: AppState
) -> None:
    know(shared)
    at = open_page()
    at.session_state["model"] = BLIND
    with_picture(at.run(), "ask", "What is this?")
    assert "Not sent yet." in at.warning[0].value
    assert "slow** cannot see pictures." in at.warning[0].value
    assert not at.chat_message
    assert "tray-out-0" in keys_of(at)
    at.button(key="sight-switch").click().run()
    assert "cannot see" not in texts(at)
    at.chat_input(key="ask").set_value("What is this?").run()
    [turn] = shared.workspace.of(ME).chats.get(in_address(at, "c")).turns
    assert (turn.model_id, len(turn.attached)) == (SEES, 1)
    assert "tray-out-0" not in keys_of(at)


def test_a_picture_can_be_taken_out_again(open_page: Callable[..., AppTest], shared: AppState) -> None:
    know(shared)
    at = open_page()
    at.session_state["model"] = BLIND
    with_picture(at.run(), "ask", "What is this?")
    at.button(key="tray-out-0").click().run()
    assert "cannot see" not in texts(at)
    at.chat_input(key="ask").set_value("Only words").run()
    [turn] = shared.workspace.of(ME).chats.get(in_address(at, "c")).turns
    assert (turn.model_id, turn.attached) == (BLIND, ())


def test_an_edited_question_keeps_its_pictures(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = with_picture(open_page(), "ask", "What is this?")
    at.button(key="edit").click().run()
    assert "tray-out-0" in keys_of(at)
    at.chat_input(key="ask").set_value("Which animal is this?").run()
    [turn] = shared.workspace.of(ME).chats.get(in_address(at, "c")).turns
    assert (turn.prompt, [file.name for file in turn.attached]) == ("Which animal is this?", ["cat.png"])


def test_what_can_be_read_stays_where_another_file_cannot(open_page: Callable[..., AppTest]) -> None:
    box = open_page().chat_input(key="ask").set_value("And these?")
    at = box.upload("cat.png", png(), "image/png").upload("broken.png", png()[:60], "image/png").run()
    assert "broken.png" in at.warning[0].value
    assert "tray-out-0" in keys_of(at)
    assert not at.chat_message


def test_columns_that_cannot_see_are_named_and_replaced(open_page: Callable[..., AppTest], shared: AppState) -> None:
    know(shared)
    at = open_page("compare", m=[BLIND, "sim/steady"])
    with_picture(at, "ask-all", "What is this?")
    assert "Not sent yet. **A**: cannot see pictures." in at.warning[0].value
    assert "run" not in at.query_params
    assert "sight-switch" in keys_of(at)
    at.button(key="lane-replace-0").click().run()
    assert not at.warning
    at.chat_input(key="ask-all").set_value("What is this?").run()
    run = shared.workspace.of(ME).comparisons.get(in_address(at, "run"))
    assert [lane.model_id for lane in run.lanes] == [SEES, "sim/steady"]
    assert [len(lane.turns[0].attached) for lane in run.lanes] == [1, 1]


@pytest.mark.parametrize("sees", [True, False])
def test_the_picker_dims_what_cannot_see(open_page: Callable[..., AppTest], shared: AppState, sees: bool) -> None:
    know(shared)
    at = open_page()
    at.session_state["model"] = BLIND
    with_picture(at.run(), "ask", "What is this?")
    at.session_state["pick-chat"] = True
    if not sees:
        at.button(key="tray-out-0").click()
    at.run()
    label = at.button(key=f"row-chat-{BLIND}").label
    assert ("cannot see pictures" in label, label.startswith(":gray[")) == (sees, sees)


def test_a_shared_link_shows_the_picture_of_an_answer(open_page: Callable[..., AppTest], shared: AppState) -> None:
    database, data = shared.workspace.database, png("olive")
    begun = turns.begin(
        database, ME, turns.NewTurn("r1", "Draw an olive", model_id="sim/quick"), owner_process=shared.workspace.process
    )
    name = blobs.put(database, ME, data, "image/png")
    part = Picture("image/png", sha256=name, name="olive.png", size_bytes=len(data), width=64, height=48)
    answer = Completion("sim/quick", "Here it is.", "", None, Finish("stop"), Timing(START), parts=(part,))
    turns.finish(database, ME, "r1", answer)
    token = make_link(open_page(c=begun.conversation_id))
    reader = shared_page(token)
    assert not reader.exception
    assert "Here it is." in texts(reader)
    assert len(reader.get("image")) == 1
    link_id = shared.workspace.shared_links.read(token).link_id
    assert shared.workspace.shared_links.file(link_id, name) == ("image/png", data)
    reader.button(key=next(key for key in keys_of(reader) if key.startswith("enlarge-"))).click().run()
    assert len(reader.get("image")) == 2
    assert "olive.png · 64 × 48 px" in texts(reader)


def test_the_price_counts_the_pictures_of_a_conversation_and_those_above_the_box() -> None:
    picture = Attached("cat.png", "image/png", 10, "0" * 64, 1000, 1000)
    turn = Turn("q", "Look", "a", "sim/quick", "r", "done", attached=(picture,))
    waiting = File("dog.png", media_type="image/png", sha256="1" * 64, size_bytes=10, width=300, height=300)
    messages = price_line.messages_of([turn], [waiting])
    assert [part.sha256[0] for message in messages for part in message.media] == ["0", "1"]
    plain = read_tokens(price_line.messages_of([replace(turn, attached=())]))
    assert read_tokens(messages) - plain == 36**2 + 11**2  # patches of 28 pixels
    assert read_tokens(messages, "gemini-2.5-flash") - plain == 258 * 4 + 258

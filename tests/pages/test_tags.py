"""Tags on the History page, in the sidebar and in an entry's menu; what is looked for stands in the address."""

from __future__ import annotations

import json
from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from core.ui.app_state import AppState
from tests.pages.conftest import ME, a_chat, texts


def links(at: AppTest) -> list[str]:
    return [link.proto.label.replace("\\", "").strip("*") for link in at.main.get("page_link")]


def address(at: AppTest) -> str:
    """What the browser is told to write into its address."""
    [place] = [each for each in at.get("bidi_component") if each.proto.component_name == "roundtable-place"]
    query: str = json.loads(place.proto.json)[0]
    return query


def three(shared: AppState) -> list[str]:
    ids = [a_chat(shared.workspace, name).id for name in ("Tree", "Tea", "Trip")]
    shared.workspace.of(ME).history.add_tags(ids[:2], ["work"])
    return ids


def test_the_list_keeps_to_the_tags_that_are_chosen(open_page: Callable[..., AppTest], shared: AppState) -> None:
    three(shared)
    at = open_page("history")
    assert "gray-badge[work]" in texts(at)
    assert address(at) == ""
    at.button_group(key="tag").set_value(["work"]).run()
    assert links(at)[-2:] == ["Tea", "Tree"]
    assert "Trip" not in links(at)
    assert address(at) == "tag=work"
    at.text_input(key="search").set_value("tag:none").run()
    assert "Nothing has the tag" in texts(at)


def test_an_address_is_opened_with_its_search(open_page: Callable[..., AppTest], shared: AppState) -> None:
    three(shared)
    at = open_page("history", search="t", tag=["work", "gone"], shown="100")
    assert at.text_input(key="search").value == "t"
    assert at.session_state["tag"] == ["work"]
    assert not at.exception
    at = open_page("history", search="Tree", shown="none")
    assert "found" in texts(at)
    assert address(at) == "search=Tree"


def test_many_are_tagged_at_once(open_page: Callable[..., AppTest], shared: AppState) -> None:
    ids, history = three(shared), shared.workspace.of(ME).history
    at = open_page("history")
    at.button(key="choose").click().run()
    assert at.button(key="add-tags").disabled
    at.button(key="choose-all").click().run()
    at.checkbox(key=f"chosen-{ids[0]}").uncheck().run()
    assert "2 selected" in texts(at)
    at.session_state["bulk-tags"] = ["Sea side"]
    at.run()
    at.button(key="add-tags").click().run()
    assert history.tags_of(ids) == {ids[0]: ("work",), ids[1]: ("Sea side", "work"), ids[2]: ("Sea side",)}
    assert "2 entries tagged." in [info.value for info in at.info]
    at.session_state["bulk-tags"] = ["work"]
    at.run()
    at.button(key="take-tags").click().run()
    assert history.tags_of(ids) == {ids[0]: ("work",), ids[1]: ("Sea side",), ids[2]: ("Sea side",)}
    at.button(key="choose").click().run()
    assert not at.checkbox


def test_the_sidebar_renames_pins_tags_and_deletes(open_page: Callable[..., AppTest], shared: AppState) -> None:
    ids, history = three(shared), shared.workspace.of(ME).history
    at = open_page(c=ids[2])
    key = f"side-{ids[2]}"
    at.session_state[f"menu-{key}"] = True
    at.run()
    at.multiselect(key=f"tags-{key}").set_value(["work"]).run()
    assert history.tags_of([ids[2]]) == {ids[2]: ("work",)}
    at.text_input(key=f"rename-{key}").set_value("Journey").run()
    at.session_state[f"menu-{key}"] = True
    at.run()
    at.button(key=f"pin-{key}").click().run()
    first = history.recent(1).entries[0]
    assert (first.title, first.pinned) == ("Journey", True)
    at.session_state[f"menu-{key}"] = True
    at.run()
    at.button(key=f"delete-{key}").click().run()
    assert "c" not in at.query_params
    assert "conversation" not in at.session_state
    assert history.count() == 2
    at.button(key="undo").click().run()
    assert history.count() == 3


def test_the_sidebar_keeps_to_a_tag_on_every_page(open_page: Callable[..., AppTest], shared: AppState) -> None:
    three(shared)
    at = open_page()
    at.selectbox(key="recent-tag").set_value("work").run()
    assert "Trip" not in [link.proto.label for link in at.sidebar.get("page_link")]
    at.switch_page("pages/compare.py").run()
    shown = [link.proto.label for link in at.sidebar.get("page_link")]
    assert "Tea" in shown
    assert "Trip" not in shown

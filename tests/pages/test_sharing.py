"""Sharing, without a browser: the control, the list, and the page that a link opens."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.store.people import sign_ins
from core.ui import owner
from core.ui.app_state import AppState
from core.ui.sharing import address
from core.ui.sign_in import access
from tests.pages.conftest import ME, PATIENCE_S, ROOT, a_chat, in_address, texts
from tests.workspace.test_sharing import PNG

Open = Callable[..., AppTest]
GONE = "This link does not work: it is incomplete, has expired or was revoked. Ask whoever sent it for a new one."


def shared_page(token: str) -> AppTest:
    """The page as another tab opens it."""
    at = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=PATIENCE_S)
    at.run()
    at.switch_page("pages/shared.py")
    at.query_params["s"] = token
    return at.run()


def make_link(at: AppTest) -> str:
    """Make a link with the open control; returns its token."""
    at.session_state["share"] = True
    at.run()
    at.button(key="share-make").click().run()
    assert not at.exception
    (shown,) = [code.value for code in at.code if "/shared" in code.value]
    return re.split("[#=]", shown)[-1]


def options(state: AppState, monkeypatch: pytest.MonkeyPatch, **changes: object) -> None:
    monkeypatch.setattr(state.engine, "settings", state.engine.settings.model_copy(update=changes))


def test_a_chat_is_shared_read_and_revoked(open_page: Open, shared: AppState) -> None:
    view = a_chat(shared.workspace, "What is a tide?", "And a wave?")
    at = open_page(c=view.id)
    token = make_link(at)
    (link,) = shared.workspace.of(ME).sharing.links(view.id)
    assert (link.follows, link.with_files, (link.expires_at or link.created_at) > link.created_at) == (
        False,
        False,
        True,
    )
    reader = shared_page(token)
    assert not reader.exception
    assert "What is a tide?" in texts(reader)
    assert "And a wave?" in texts(reader)
    assert "Shared chat, read-only" in texts(reader)
    assert not reader.chat_input
    assert {button.key for button in reader.button} == {"continue-0"}
    reader.run()
    assert shared.workspace.of(ME).sharing.links()[0].opened == 1
    at.button(key=f"revoke-{link.id}").click().run()
    assert "The link no longer opens." in at.info[0].value
    assert [info.value for info in reader.run().info] == [GONE]
    assert "tide" not in texts(reader)


def test_a_comparison_is_drawn_with_its_columns_and_vote(open_page: Open, shared: AppState) -> None:
    at = open_page("compare", m=["sim/quick", "sim/steady"])
    at.chat_input(key="ask-all").set_value("Explain recursion").run()
    at.button(key="vote-1").click().run()
    reader = shared_page(make_link(at))
    assert not reader.exception
    assert texts(reader).count("Done") == 2
    assert "best answer" in texts(reader)
    assert {button.key for button in reader.button} == {"continue-0", "continue-1"}


def test_files_of_a_comparison_are_shared_if_the_person_says_so(open_page: Open, shared: AppState) -> None:
    at = open_page("compare", m=["sim/quick", "sim/steady"])
    box = at.chat_input(key="ask-all").set_value("What is this?").upload("dot.png", PNG, "image/png")
    at = box.upload("notes.txt", b"Ebb and flow\nana@example.org", "text/plain").run()
    bare = shared_page(make_link(at))
    assert "2 files are not shared" in texts(bare)
    assert "notes" not in " ".join(box.label for box in bare.expander)
    at.checkbox(key="share-files").check().run()
    assert "There is personal data here: 1 email address" in texts(at)
    reader = shared_page(make_link(at))
    assert not reader.exception
    assert "not shared" not in texts(reader)
    assert len(reader.get("image")) == 1
    [label] = [box.label for box in reader.expander if "notes" in box.label]
    assert label == "notes.txt · about 9 tokens"
    assert not reader.code
    reader.session_state["shared-document-0-0"] = True
    assert [block.value for block in reader.run().code] == ["Ebb and flow\nana@example.org"]


def test_what_does_not_work_says_the_same_and_guesses_have_to_wait(
    shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_ins, "FIRST_WAIT_S", sign_ins.LONGEST_WAIT_S)  # so that no slow computer outlasts it
    a_chat(shared.workspace, "What is a tide?")
    sharing = shared.workspace.of(ME).sharing
    _, ended = sharing.share_chat(a_chat(shared.workspace, "What is a tide?"), lasts=None)
    sharing.revoke()
    reader = shared_page("-")
    for token in ("-", "a" * 32, ended, "b" * 32, ended, "c" * 31, "x" * 9000, ended, "d" * 32):
        reader.query_params["s"] = token
        assert [info.value for info in reader.run().info] == [GONE]
    assert "Too many wrong links" in reader.run().info[0].value
    assert "Too many wrong links" in shared_page(ended).info[0].value  # another tab of the same address


def test_the_reader_goes_on_in_a_chat_of_their_own(shared: AppState, monkeypatch: pytest.MonkeyPatch) -> None:
    view = a_chat(shared.workspace, "What is a tide?")
    _, token = shared.workspace.of(ME).sharing.share_chat(view, lasts=None)
    reader = shared_page(token)
    monkeypatch.setattr(owner, "current", lambda: "you")
    reader.button(key="continue-0").click().run()
    assert not reader.exception
    copy_id = in_address(reader, "c")
    assert copy_id != view.id
    assert shared.workspace.of("you").chats.get(copy_id).turns[0].prompt == "What is a tide?"


def test_all_links_are_listed_and_end_together(open_page: Open, shared: AppState) -> None:
    sharing = shared.workspace.of(ME).sharing
    at = open_page("history")
    assert not [box for box in at.get("popover") if box.proto.popover.label == "Shared links"]
    for question in ("What is a tide?", "And a wave?"):
        sharing.share_chat(a_chat(shared.workspace, question), lasts=None, follows=True)
    at.session_state["menu-shared"] = True
    at.run()
    assert texts(at).count("with later turns · not opened yet") == 2
    at.button(key="revoke-all").click().run()
    assert sharing.links() == []


def test_who_may_read_is_the_deployers_choice(shared: AppState, monkeypatch: pytest.MonkeyPatch) -> None:
    view = a_chat(shared.workspace, "What is a tide?")
    _, token = shared.workspace.of(ME).sharing.share_chat(view, lasts=None)

    def nobody() -> str:
        raise access.SignedOut("passcode")

    monkeypatch.setattr(owner, "current", nobody)
    options(shared, monkeypatch, passcode="a shared passcode")
    reader = shared_page(token)
    assert "tide" not in texts(reader)
    assert [field.label for field in reader.text_input] == ["Passcode of this server"]
    options(shared, monkeypatch, sharing="anyone")
    reader = shared_page(token)
    assert not reader.exception
    assert "What is a tide?" in texts(reader)
    assert not reader.button
    shared.oidc = {"": "Acme"}
    assert "What is a tide?" in texts(shared_page(token))
    options(shared, monkeypatch, sharing="people")
    assert "tide" not in texts(shared_page(token))
    options(shared, monkeypatch, sharing="off")
    assert shared_page(token).info[0].value == GONE


def test_the_choices_end_at_the_servers_maximum(
    open_page: Open, shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = a_chat(shared.workspace, "My mail is ana@example.org")
    for most, choices in ((0, ["1 day", "7 days", "30 days", "Never"]), (3, ["1 day", "3 days"])):
        options(shared, monkeypatch, sharing_days=most)
        at = open_page(c=view.id)
        at.session_state["share"] = True
        at.run()
        group = next(group for group in at.get("button_group") if group.key == "share-days")
        assert [option.content for option in group.proto.options] == choices
        assert "There is personal data here: 2 email addresses" in texts(at)
    options(shared, monkeypatch, sharing="off")
    assert "share" not in [box.key for box in open_page(c=view.id).get("popover")]


def test_the_token_is_where_no_server_logs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.ui.assets.serving", True)
    assert address.address_of("t0ken").endswith("/shared#t0ken")

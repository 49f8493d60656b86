"""Servers that lose their files: recognised, told to visitors before and after, and names that survive all the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit import config
from streamlit.config_option import ConfigOption
from streamlit.testing.v1 import AppTest

from core.options import load
from core.ui import app_state, hosting, signed_names
from core.ui.app_state import AppState
from tests.pages.conftest import a_chat, texts

ELSEWHERE = Path("/srv/app/core/ui/hosting.py")
NOTE = "Nothing is kept here when this server sleeps or restarts."
SECRET = "STREAMLIT_SERVER_COOKIE_SECRET"
OpenPage = Callable[..., AppTest]


@pytest.fixture
def losing(shared: AppState, monkeypatch: pytest.MonkeyPatch) -> AppState:
    """A server that was told that its files do not last."""
    settings = shared.engine.settings.model_copy(update={"files_last": "no"})
    monkeypatch.setattr(shared.engine, "settings", settings)
    return shared


def test_hosts_with_a_fresh_disk_are_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = Path("/mount/src/chat/core/ui/hosting.py")
    assert hosting.files_last({}, ELSEWHERE, tmp_path)
    assert hosting.files_last({"WEBSITE_HOSTNAME": "a.example"}, ELSEWHERE, tmp_path)
    for environ, place in (({}, cloud), ({"STREAMLIT_SHARING_MODE": "1"}, ELSEWHERE), ({"SPACE_HOST": "x"}, ELSEWHERE)):
        monkeypatch.setattr(Path, "is_mount", lambda place: place == Path("/"))
        assert not hosting.files_last(environ, place, tmp_path)
        monkeypatch.setattr(Path, "is_mount", lambda place: place in (Path("/"), tmp_path.parent))
        assert hosting.files_last(environ, place, tmp_path) is ("SPACE_HOST" in environ)


@pytest.mark.parametrize("page", [None, "compare", "batch", "history"])
def test_a_visitor_is_told_before_anything_is_lost(
    open_page: OpenPage, losing: AppState, monkeypatch: pytest.MonkeyPatch, page: str | None
) -> None:
    assert NOTE in texts(open_page(page))
    in_postgresql = losing.engine.settings.model_copy(update={"database_url": "postgresql://a/b"})
    monkeypatch.setattr(losing.engine, "settings", in_postgresql)
    assert NOTE not in texts(open_page(page))


def test_nobody_is_told_where_files_last(open_page: OpenPage, shared: AppState) -> None:
    assert NOTE not in texts(open_page())


@pytest.mark.parametrize(("page", "name"), [(None, "c"), ("compare", "run"), ("batch", "batch")])
def test_what_is_gone_may_be_gone_by_a_restart(
    open_page: OpenPage, losing: AppState, page: str | None, name: str
) -> None:
    a_chat(losing.workspace, "Of another visit")
    at = open_page(page, **{name: "0123456789abcdef"})
    assert not at.exception
    assert "It may also be gone because the server slept or was restarted." in "".join(
        element.value for element in [*at.success, *at.info, *at.warning, *at.caption]
    )


@pytest.mark.parametrize("source", [".env", ".streamlit/secrets.toml", "keys/streamlit_server_cookie_secret"])
def test_names_survive_a_lost_disk_with_a_cookie_secret_from_any_source(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / source
    file.parent.mkdir(exist_ok=True)
    file.write_text("of-all-replicas" if source.startswith("keys") else f'{SECRET} = "of-all-replicas"\n')
    names = []
    for process in ("first", "second"):
        config.set_option("server.cookieSecret", process, ConfigOption.DEFAULT_DEFINITION)
        signed_names._secret.cache_clear()
        environ = load({"ROUNDTABLE_KEYS_FOLDER": "keys"} if source.startswith("keys") else {}, folder=tmp_path).environ
        app_state.share_cookie_secret(environ)
        names.append(signed_names.new_name(tmp_path / process))
        assert all(signed_names.is_signed(name, tmp_path / process) for name in names)
        assert not (tmp_path / process).exists()
    app_state.share_cookie_secret({SECRET: "another"})
    assert config.get_option("server.cookieSecret") == "of-all-replicas"
    config.set_option("server.cookieSecret", "unset", ConfigOption.DEFAULT_DEFINITION)
    signed_names._secret.cache_clear()

"""Every id of one person in the hands of another: on every address of ours, and in the address of every page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from core.ui import layout, middleware, owner, transfers, visitor
from core.ui.app_state import AppState
from tests.crossing import Belongings, belongings, changed, rows_of
from tests.pages.conftest import ROOT, with_query

QUERY = re.compile(r"\bst\.query_params(?:\.(?:get|get_all|pop))?[(\[]\"(\w+)\"")
CONSTANT = re.compile(r"\bst\.query_params(?:\.(?:get|get_all|pop))?[(\[]([A-Z_]+)\b")
# Parameters of pages by name: the ids of a person that each may hold, none where it holds no id.
PARAMETERS: dict[str, Callable[[Belongings], list[str]]] = {
    "c": lambda own: [own.view.id, own.lane.id, own.link.conversation_id, own.comparison.id],
    "at": lambda own: [own.turn.answer_id],
    "run": lambda own: [own.comparison.id, own.view.id],
    "batch": lambda own: [own.batch.id, own.rehearsal.id],
    "m": lambda own: [],
    "lang": lambda own: [],
}
CONSTANTS = {"DRAFT", "PARAMETER", "REHEARSE"}  # a prompt, the token of a link, the name of a model
# By path: the requests that name something of a person.
Requests = Callable[[Belongings], list[tuple[str, str]]]
ADDRESSES: dict[str, Requests] = {
    "/favicon.png": lambda own: [("GET", "/favicon.png")],
    "/forget": lambda own: [("POST", "/forget")],
    "/healthz": lambda own: [("GET", "/healthz")],
    "/readyz": lambda own: [("GET", "/readyz")],
    "/export/{form}": lambda own: [
        ("GET", f"/export/{form}?{'&'.join(f'id={entry_id}' for entry_id in ids)}")
        for form, ids in product(
            transfers.FORMS,
            ([], [own.view.id], [own.comparison.id], [own.lane.id], [own.link.conversation_id], [own.batch.id]),
        )
    ],
    "/palette/models": lambda own: [("GET", "/palette/models")],
    "/palette/chats": lambda own: [("GET", f"/palette/chats?words={own.word}"), ("GET", "/palette/chats?words=")],
    "/files/{sha256}": lambda own: [("GET", f"/files/{own.blob}"), ("GET", f"/files/{own.blob}?w=320")],
    "/diagrams/frame": lambda own: [("GET", "/diagrams/frame")],
    "/diagrams/frame.js": lambda own: [("GET", "/diagrams/frame.js")],
    "/diagrams/mermaid.js": lambda own: [("GET", "/diagrams/mermaid.js")],
    "/import": lambda own: [
        ("PUT", f"/import?name={own.upload_name}&at={at}&size={size}") for at, size in ((12, 100), (0, 100), (12, 12))
    ],
}


@pytest.fixture
def ana(shared: AppState, monkeypatch: pytest.MonkeyPatch) -> Belongings:
    """Whose ids they are; whoever looks is Ben."""
    shared.workspace.begin_work()
    ana = belongings(shared.workspace, "ana")
    belongings(shared.workspace, "ben")
    cookies = {f"{visitor.COOKIE}={name}": name for name in ("ana", "ben")}
    monkeypatch.setattr(owner, "of_cookies", cookies.get)
    monkeypatch.setattr(owner, "current", lambda: "ben")
    return ana


@pytest.fixture
def unchanged(ana: Belongings, shared: AppState) -> Iterator[None]:
    """Every row is there afterwards as it was, and the file that Ana is sending."""
    before, [file] = rows_of(shared.workspace.database), list(_files(shared, "ana"))
    content = file.read_bytes()
    yield
    assert changed(before, rows_of(shared.workspace.database)) == []
    assert file.read_bytes() == content


def _files(shared: AppState, owner_id: str) -> Iterator[Path]:
    return (shared.data_folder / "files").glob(f"{owner_id}-*.in")


@pytest.mark.usefixtures("unchanged")
def test_no_address_gives_or_changes_what_is_anothers(ana: Belongings) -> None:
    assert {route.path for route in middleware.routes()} == set(ADDRESSES), "what does the new address take?"
    with TestClient(Starlette(routes=middleware.routes()), cookies={visitor.COOKIE: "ben"}) as client:
        for requests in ADDRESSES.values():
            for method, address in requests(ana):
                reply = client.request(method, address, headers={transfers.REQUIRED_HEADER: "import"}, content=b"more")
                assert ana.word.encode() not in reply.content, address
                if "id=" in address and "zip" not in address:
                    assert reply.status_code == 404, address
        client.cookies.set(visitor.COOKIE, "ana")
        own = client.get(f"/export/json?id={ana.view.id}")
    assert ana.word in own.text


def test_every_parameter_of_a_page_is_known() -> None:
    sources = [path.read_text("utf-8") for path in (*ROOT.glob("core/ui/**/*.py"), *ROOT.glob("pages/*.py"))]
    assert {name for source in sources for name in QUERY.findall(source)} <= set(PARAMETERS)
    assert {name for source in sources for name in CONSTANT.findall(source)} <= CONSTANTS


@pytest.mark.usefixtures("unchanged")
def test_no_page_shows_what_is_anothers(ana: Belongings) -> None:
    for page, (file, _, _) in layout.PAGES.items():
        names = {"chat": ("c",), "compare": ("run",), "batch": ("batch",)}.get(page, ())
        for query in [
            dict(zip(names, values, strict=True)) for values in product(*(PARAMETERS[n](ana) for n in names))
        ]:
            at = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=600)
            if page != "chat":
                at.run()
                at.switch_page(file)
            everything = {name: ids[0] for name, choose in PARAMETERS.items() if (ids := choose(ana))}
            with_query(at, {**everything, **query}).run()
            assert not at.exception, page
            shown = "\n".join(str(element.proto) for element in (*at.main, *at.sidebar))
            assert ana.word not in shown, (page, query)
            assert shown

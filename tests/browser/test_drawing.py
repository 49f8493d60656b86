"""Diagrams, data and long code in a real browser: drawn while they arrive, and harmless whatever they say."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Locator, Page, expect

from tests.browser.screen import LONG_MS, READY
from tests.browser.servers import Server, Servers

ROOT = Path(__file__).resolve().parents[2]
FLOW = "flowchart TD\n  A[Start] --> B{Ready?}\n  B -->|yes| C[Go<br/>on]\n  style C fill:#bbf7d0"
CODE = "\n".join(f"line_{number} = {number}" for number in range(60))
ROWS = "name,age\nAnn,31\nBo,29"
LATER = [f"flowchart TD\n  {'-->'.join(f'N{number}_{step}' for step in range(8))}" for number in range(20)]
WRONG = "flowchart TD\n  A --> B\n  B[never closed --> C{"
HOSTILE = (
    '%%{{init: {{"securityLevel": "loose", "themeCSS": "@import url({url}/theme); *{{background: url({url}/css)}}"}}}}'
    "%%\nflowchart TD\n  A-->B",
    '---\nconfig:\n  securityLevel: loose\n  themeCSS: "@import url({url}/header)"\n---\nflowchart TD\n  A-->B',
    "flowchart TD\n  A[\"<img src='{url}/label' onerror='top.stolen=1'>\"] --> B[\"<script>top.stolen=1</script>\"]",
    'flowchart TD\n  A-->B\n  click A href "{url}/click" _top\n  click B call alert()',
    'flowchart TD\n  A-->B\n  click A href "javascript:top.stolen=1"\n  click B "javascript:alert(1)"',
    'flowchart TD\n  A@{{ img: "{url}/picture", label: "x", w: 60, h: 60 }} --> B',
    "flowchart TD\n  A-->B\n  style A fill:url({url}/style),background-image:url({url}/image)",
    "flowchart TD\n  A-->B\n  classDef x fill:red;}}*{{background:url({url}/class)}}\n  class A x",
    "sequenceDiagram\n  participant A\n  link A: Board @ {url}/link\n  A->>B: <iframe src='{url}/frame'></iframe>",
    'classDiagram\n  class A\n  link A "{url}/class-link"\n  callback A "alert"',
    "flowchart TD\n  A[$$\\includegraphics{{{url}/maths}}$$] --> B[`![x]({url}/markdown)`]",
    "gantt\n  section <b>x</b>\n  A :a, 2024-01-01, 3d\n  click a href \"{url}/gantt\"",
)  # fmt: skip


ASKED: list[str] = []  # paths that the attacker's server was asked for
LEAKS = """() => [...document.querySelectorAll(".roundtable-diagram img")].flatMap((image) => {
    const svg = decodeURIComponent(image.src.split(",").slice(1).join(","));
    const drawn = new DOMParser().parseFromString(svg || "<svg/>", "image/svg+xml");
    return [...drawn.querySelectorAll("*")].flatMap((element) => [
        ...(/^(script|image|iframe|img|object|parsererror)$/.test(element.localName) ? [element.localName] : []),
        ...(element.localName === "style" && /@import|url[(](?!#)/.test(element.textContent) ? ["style"] : []),
        ...[...element.attributes].filter(({ name, value }) =>
            /^on/.test(name) || (/(^|:)(href|src)$/.test(name) && !/^#/.test(value)) || /url[(]["']?h/.test(value)
        ).map(({ name, value }) => name + "=" + value),
    ]);
})"""


class Attacker(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        ASKED.append(self.path)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def attacker() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Attacker) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def server(servers: Servers, attacker: str, tmp_path_factory: pytest.TempPathFactory) -> Server:
    documents = {
        "answer": f"Steps:\n\n```mermaid\n{FLOW}\n```\n\n```csv\n{ROWS}\n```\n\n```python\n{CODE}\n```\n\nThe end.",
        "later": "\n\n".join(f"```mermaid\n{source}\n```" for source in [*LATER, WRONG]),
        "notes": f"A claim.[^1]\n\n{CODE}\n\nAgain.[^1]\n\n[^1]: Its note.\n\n    More of it.",
        "hostile": "\n\n".join(f"```mermaid\n{source.format(url=attacker)}\n```" for source in HOSTILE),
    }
    folder = tmp_path_factory.mktemp("drawing")
    (folder / "documents.json").write_text(json.dumps(documents), encoding="utf-8")
    words = "-m streamlit run tests/browser/drawing_app.py --server.address 127.0.0.1 --server.headless true"
    environment = {
        "DRAWN_DOCUMENTS": str(folder / "documents.json"),
        "ROUNDTABLE_DATA_FOLDER": str(folder),
        "PYTHONPATH": str(ROOT),
    }
    return servers.start([sys.executable, *words.split(), "--server.port"], ROOT, environment, health="/_stcore/health")


def open_document(page: Page, server: Server, name: str, more: str = "") -> Locator:
    """The diagrams of the page, once all of it is there."""
    page.goto(f"{server.url}/?document={name}{more}")
    page.get_by_text("all drawn", exact=True).wait_for(state="attached", timeout=LONG_MS)
    return page.locator(".roundtable-diagram")


def test_what_arrives_is_drawn_once_and_stays(page: Page, server: Server) -> None:
    diagrams = open_document(page, server, "answer", "&stream=1")
    expect(diagrams).to_have_attribute("data-state", "drawn", timeout=LONG_MS)
    page.evaluate("document.querySelector('.roundtable-diagram img').mark = 'the same'")
    code = page.locator("[class*=st-key-open-code-] pre")
    tall = code.bounding_box()
    page.get_by_role("button", name="Run again").click()
    page.wait_for_selector(READY, timeout=LONG_MS)
    assert page.evaluate("document.querySelector('.roundtable-diagram img').mark") == "the same"
    assert code.bounding_box() == tall  # it was watched: nothing folds under the reader's eyes
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()

    image = diagrams.locator("img")
    box, sheet = image.bounding_box(), page.locator(".roundtable-diagram-sheet").bounding_box()
    assert box
    assert sheet
    assert box["height"] > 100
    assert box["height"] <= sheet["height"]
    diagrams.get_by_role("button", name="Show the source").click()
    expect(diagrams.locator("pre")).to_have_text(FLOW)
    expect(image).to_be_hidden()
    diagrams.get_by_role("button", name="Show the diagram").click()
    expect(image).to_be_visible()
    for kind, beginning in (("SVG", b"<svg"), ("PNG", b"\x89PNG")):
        with page.expect_download() as download:
            diagrams.get_by_role("button", name=f"Download as {kind}").click()
        assert download.value.suggested_filename == f"diagram.{kind.lower()}"
        assert download.value.path().read_bytes().startswith(beginning)

    diagrams = open_document(page, server, "answer")  # after a reload long code is folded
    expect(diagrams).to_have_attribute("data-state", "drawn", timeout=LONG_MS)
    long_code = page.locator("[class*=st-key-folded-code-] pre")
    folded = long_code.bounding_box()
    page.get_by_role("button", name="Show all 60 lines").click()
    expect(page.get_by_role("button", name="Show less")).to_be_visible()
    whole = long_code.bounding_box()
    assert folded
    assert whole
    assert whole["height"] > 2 * folded["height"]
    with page.expect_download() as download:
        page.get_by_role("button", name="Download", exact=True).click()
    assert download.value.suggested_filename == "code.py"
    assert download.value.path().read_text(encoding="utf-8").strip() == CODE


def test_a_footnote_leads_to_its_note_and_back_to_where_the_reader_was(page: Page, server: Server) -> None:
    open_document(page, server, "notes", "&stream=1")
    marks, back = page.locator("a[href='#note-answer-1']"), page.locator("a[href='#mark-answer-1']")
    expect(marks).to_have_count(2, timeout=LONG_MS)
    address = page.url
    for mark in (marks.last, marks.first):
        mark.focus()
        page.keyboard.press("Enter")
        expect(back).to_be_focused()
        expect(back).to_be_in_viewport(timeout=LONG_MS)
        page.keyboard.press("Enter")
        expect(mark).to_be_focused()
        expect(mark).to_be_in_viewport(timeout=LONG_MS)
    assert page.url == address


def test_a_diagram_is_drawn_when_it_comes_into_view_and_a_wrong_one_says_why(page: Page, server: Server) -> None:
    diagrams = open_document(page, server, "later")
    expect(diagrams).to_have_count(21, timeout=LONG_MS)
    expect(diagrams.first).to_have_attribute("data-state", "drawn", timeout=LONG_MS)
    assert diagrams.last.get_attribute("data-state") == "pending"
    diagrams.last.scroll_into_view_if_needed()
    expect(diagrams.last).to_have_attribute("data-state", "failed", timeout=LONG_MS)
    expect(diagrams.last.get_by_role("status")).to_contain_text("The source has an error in line 3")
    expect(diagrams.last.locator("pre")).to_contain_text("never closed")
    expect(diagrams.nth(19)).to_have_attribute("data-state", "drawn", timeout=LONG_MS)
    assert page.locator("iframe.roundtable-drawer").count() == 1


def test_a_file_gets_pictures_of_all_diagrams_that_can_be_drawn(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/?document=later&file=1")
    expect(page.get_by_text(f"{len(LATER)} pictures", exact=True)).to_be_visible(timeout=LONG_MS)


def test_hostile_diagrams_load_run_and_link_nothing(page: Page, server: Server, attacker: str) -> None:
    dialogs: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)
    ASKED.clear()
    page.set_viewport_size({"width": 1000, "height": 8000})
    diagrams = open_document(page, server, "hostile")
    expect(diagrams).to_have_count(len(HOSTILE), timeout=LONG_MS)
    expect(page.locator(".roundtable-diagram[data-state=pending]")).to_have_count(0, timeout=LONG_MS)
    assert page.locator(".roundtable-diagram[data-state=drawn]").count() >= 8  # most are drawn, without their sting
    for picture in page.locator(".roundtable-diagram[data-state=drawn] img").all():
        picture.click()
    assert page.evaluate(LEAKS) == []
    assert page.frames[-1].url.endswith("/diagrams/frame")
    assert page.locator("iframe.roundtable-drawer").get_attribute("sandbox") == "allow-scripts"
    assert (ASKED, dialogs, page.evaluate("window.stolen ?? null")) == ([], [], None)
    frame = page.frames[-1]
    assert frame.evaluate("try { parent.document.title } catch (error) { error.name }") == "SecurityError"
    assert frame.evaluate("url => fetch(url).then(() => 'read', () => 'refused')", f"{attacker}/fetch") == "refused"

    # The frame by itself, without the cleaning before it.
    for source in HOSTILE:
        page.evaluate("text => roundtableDrawer.draw(text, 'dark').then(() => null)", source.format(url=attacker))
    assert (ASKED, dialogs, page.evaluate("window.stolen ?? null")) == ([], [], None)
    page.request.get(f"{attacker}/control")
    assert ASKED == ["/control"]

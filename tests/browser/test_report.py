"""The comparison's HTML page in a real browser: whatever a model wrote, it runs nothing and asks nobody."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

from core.report.page import page as written
from tests.browser.hostile_documents import documents
from tests.workspace.test_report import HOSTILE, columns, comparison

BAIT = "http://127.0.0.1:9/bait"


def test_the_page_runs_nothing_and_asks_nobody(page: Page, tmp_path: Path) -> None:
    urls: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    run = comparison(*HOSTILE, *documents(60, BAIT, seed=5))
    file = tmp_path / "comparison.html"
    file.write_text(written(run, columns(run)), encoding="utf-8")
    page.goto(file.as_uri())
    assert page.locator("article").count() == len(run.lanes)
    assert urls == [file.as_uri()]
    assert page.evaluate("window.stolen") is None
    assert page.locator("script, img, iframe, link, object, form, svg, video, audio, embed, base").count() == 0
    links = page.locator("a:not(.mark, .back)").evaluate_all(
        "links => links.map(link => [link.protocol, link.rel, link.target])"
    )
    assert {(protocol in ("http:", "https:", "mailto:"), rel, target) for protocol, rel, target in links} == {
        (True, "noopener noreferrer", "_blank")
    }
    jumps = page.locator("a:is(.mark, .back)").evaluate_all("links => links.map(link => link.getAttribute('href')[0])")
    assert set(jumps) == {"#"}
    handlers = "all => all.flatMap(one => one.getAttributeNames()).filter(name => name.startsWith('on'))"
    assert page.locator("body *").evaluate_all(handlers) == []

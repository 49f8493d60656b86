"""The real server turns away foreign names and pages, over HTTP and websocket, and asks nobody on the internet."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page, expect

from tests.browser.screen import LONG_MS, answers, ask, calm, open_page
from tests.browser.servers import Server

KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
SHAKE = ["Upgrade: websocket", "Connection: Upgrade", KEY, "Sec-WebSocket-Version: 13"]


def status(server: Server, path: str, *headers: str) -> int:
    port = int(server.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall("\r\n".join([f"GET {path} HTTP/1.1", *headers, "", ""]).encode())
        return int(connection.makefile("rb").readline().split()[1])


def shake(server: Server, *headers: str) -> int:
    return status(server, "/_stcore/stream", *SHAKE, *headers)


def test_foreign_handshakes_are_refused_and_nobody_is_asked_for_addresses(app_server: Callable[..., Server]) -> None:
    """A look-up of this computer's own address would be reported, and fail this test."""
    server = app_server()
    host = server.url.removeprefix("http://")
    for origin in ["http://evil.test", "https://evil.test:8501", "null", "http://127.0.0.1:9"] * 5:
        assert shake(server, f"Host: {host}", f"Origin: {origin}") == 403
    assert shake(server, "Host: evil.test", "Origin: http://evil.test") == 403
    assert shake(server, "Host: evil.test") == 403
    assert status(server, "/", "Host: evil.test") == 403
    assert status(server, "/_stcore/host-config", f"Host: {host}", "Origin: http://evil.test") == 403
    assert status(server, "/_stcore/health", "Host: 10.1.2.3") == 200
    assert shake(server, f"Host: {host}", f"Origin: http://{host}") == 101
    assert shake(server, f"Host: {host}") == 101


@pytest.fixture
def neighbour(app_server: Callable[..., Server]) -> Iterator[str]:
    """A page on another port of this computer, which tries to talk to the app and to show it in a frame."""
    target = app_server().url
    page = f"""<!doctype html><title>neighbour</title><iframe src="{target}"></iframe><script>
        const socket = new WebSocket("{target.replace("http", "ws")}/_stcore/stream", ["streamlit"]);
        socket.onopen = () => document.title = "opened";
        socket.onclose = () => document.title = "closed";
    </script>""".encode()

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: object) -> None:
            """Nothing on the terminal."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as running:
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}/"
        running.shutdown()


def test_a_page_on_another_port_gets_neither_the_websocket_nor_a_frame(page: Page, neighbour: str) -> None:
    blocked: list[str] = []
    page.on("console", lambda message: blocked.append(message.text))
    page.goto(neighbour)
    page.wait_for_function("document.title !== 'neighbour'", timeout=LONG_MS)
    assert page.title() == "closed"
    page.wait_for_function("document.querySelector('iframe').contentDocument === null", timeout=LONG_MS)
    assert any("frame-ancestors" in message for message in blocked), blocked


def test_the_apps_own_page_works_by_localhost_too(page: Page, app_server: Callable[..., Server]) -> None:
    open_page(page, app_server().url.replace("127.0.0.1", "localhost"))
    calm(page)
    ask(page, "Explain tides in two sentences")
    expect(answers(page).last).to_contain_text("tok/s", timeout=LONG_MS)

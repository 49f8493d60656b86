"""The shipped nginx.conf with TLS before two real processes of the app on a real PostgreSQL: what a visitor sees of it,
and that nothing is lost when one of them dies, is replaced, or loses its database.
"""

from __future__ import annotations

import http.client
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from bench.deployment import Deployment, Replica, database_url, missing, postgresql, trusting
from bench.tabs import Tab, Tabs, opened
from tests.browser.link import Link
from tests.browser.screen import LONG_MS, above_box, answers, ask, calm, composer, open_page, questions
from tests.browser.servers import Servers

PEOPLE = 6  # bench/failover.py has twenty, and as many as are asked for
LONGEST_S = 60.0
STORY = "A long story, 900 words"
pytestmark = [
    pytest.mark.skipif(bool(missing()), reason=f"not installed: {missing()}"),
    pytest.mark.timeout(300),  # two servers are started again beside the other tests
]


class Rows:
    """What the database holds, read beside the app."""

    def __init__(self, url: str) -> None:
        self._url = url

    def all(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self._url) as connection:
            return connection.execute(query).fetchall()

    def answers(self) -> dict[str, tuple[str, str, str, str]]:
        """By id: the process, the state, the text that is saved, and the question."""
        query = """
            SELECT jobs.message_id, jobs.owner_process, messages.state,
                   CASE WHEN jobs.state = 'running' THEN jobs.text ELSE messages.text END, questions.text
            FROM jobs JOIN messages ON messages.id = jobs.message_id
            JOIN messages AS questions ON questions.id = messages.parent_id"""
        return {row[0]: row[1:] for row in self.all(query)}


@pytest.fixture(scope="module")
def database_port() -> Iterator[int]:
    with postgresql() as port:
        yield port


@pytest.fixture(scope="module")
def rows(database_port: int) -> Rows:
    return Rows(database_url(database_port))


@pytest.fixture(scope="module")
def links(database_port: int) -> Iterator[list[Link]]:
    """The replicas' ways to the database."""
    with Link(database_port) as first, Link(database_port) as second:
        yield [first, second]


@pytest.fixture(scope="module")
def deployment(servers: Servers, app_folder: Path, links: list[Link]) -> Iterator[Deployment]:
    def start(command: Sequence[str], environ: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
        with log.open("ab") as output:
            return servers.spawn(list(command), app_folder, environ, output)

    folder = servers.folder / "deployment"
    folder.mkdir()
    urls = [database_url(link.port) for link in links]
    options = {"ROUNDTABLE_LEASE_S": "4", "ROUNDTABLE_ADMIN_PASSWORD": "open sesame 1", "ROUNDTABLE_STOP_GRACE_S": "60"}
    running = Deployment(folder, start, urls, options)
    try:
        until_ready(running, *running.replicas)
        yield running
    finally:
        running.stop()


@pytest.fixture
def visitor(browser: Browser, deployment: Deployment, links: list[Link]) -> Iterator[Page]:
    """A browser before replicas that are up, also where an earlier try left them in pieces."""
    for link in links:
        link.mend()
    for replica in deployment.replicas:
        replica.revive()
    until_ready(deployment, *deployment.replicas)
    context = browser.new_context(locale="en-US", ignore_https_errors=True)
    yield context.new_page()
    context.close()


def until(true: Callable[[], bool], reason: str) -> None:
    give_up = time.monotonic() + LONGEST_S
    while not true():
        assert time.monotonic() < give_up, reason
        time.sleep(0.05)


def status(url: str, deployment: Deployment, **headers: str) -> int:
    request = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=20, context=trusting(deployment.certificate)) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except OSError:
        return 0


def until_ready(deployment: Deployment, *replicas: Replica) -> None:
    addresses = [f"{replica.url}/readyz" for replica in replicas]
    until(lambda: all(status(address, deployment) == 200 for address in addresses), "a replica is not ready")


@contextmanager
def door(url: str, deployment: Deployment) -> Iterator[Callable[..., http.client.HTTPResponse]]:
    """A connection on which requests can be made, one after another; replies are read."""
    address = urlsplit(url)
    client = http.client.HTTPConnection("localhost", address.port, timeout=20)
    if address.scheme == "https":
        trust = trusting(deployment.certificate)
        client = http.client.HTTPSConnection("localhost", address.port, timeout=20, context=trust)

    def ask_for(path: str, method: str = "GET", **headers: str) -> http.client.HTTPResponse:
        client.putrequest(method, path)
        for name, value in headers.items():
            client.putheader(name.replace("_", "-"), value)
        client.endheaders()
        reply = client.getresponse()
        reply.read()
        return reply

    with closing(client):
        yield ask_for


def test_the_front_door(deployment: Deployment) -> None:
    """TLS, the cookie, one replica for a visitor, what is not let in."""
    with door(deployment.plain_url, deployment) as request:
        moved = request("/history?q=tides")
        assert (moved.status, moved.headers["Location"]) == (308, f"{deployment.url}/history?q=tides")
        assert request("/healthz").status == 200  # for checks on the computer itself
    with door(deployment.url, deployment) as request:
        cookies = request("/", Accept="text/html").headers.get_all("Set-Cookie") or []
        [cookie] = [cookie for cookie in cookies if "roundtable=" in cookie]
        assert cookie.startswith("__Host-roundtable=")
        assert "Secure" in cookie
        assert "HttpOnly" in cookie
        for _ in range(6):
            request("/_stcore/host-config", Cookie=cookie.partition(";")[0])
        lines = re.findall(r'"GET /_stcore/host-config" 200 .* (\S+)\n', deployment.access_log)
        assert len(set(lines[-6:])) == 1
        assert "tides" not in deployment.access_log  # what is asked for is nobody's business
        for path, expected in (
            ("/healthz", 200), ("/readyz", 200), ("/metrics", 404), ("/_stcore/metrics", 404), ("/media/none.png", 404)
        ):  # fmt: skip
            assert request(path).status == expected, path
    assert status(deployment.url, deployment, Host="evil.example") == 403
    with door(deployment.url, deployment) as request:
        size = str(202 * 1024 * 1024)
        assert request("/_stcore/upload_file/a/b", "PUT", Content_Length=size).status == 413


def test_wrong_passwords_are_counted_by_the_address_that_nginx_saw(deployment: Deployment) -> None:
    tabs = [Tab(deployment.url, trusting(deployment.certificate), "audit") for _ in range(3)]
    tabs[0].headers = {"X-Forwarded-For": "203.0.113.1"}
    tabs[1].headers = {"X-Forwarded-For": "203.0.113.2, 198.51.100.7"}
    tabs[2].source = "127.0.0.2"
    with opened(tabs) as people:
        people.until(lambda tab: tab.idle and "Sign in" in tab.widgets, LONGEST_S, "at the password")
        for tab in tabs:
            people.do(tab.submit("Administrator password", "a guess", "Sign in"))
        people.until(lambda tab: "Wrong password" in tab.shown, LONGEST_S, "refused")
    log = "".join(replica.log.read_text() for replica in deployment.replicas)
    counted = re.findall(r"login_failed .*address=(\w+)", log)
    assert sorted(counted.count(address) for address in set(counted)) == [1, 2]


def ask_all(people: Tabs, prompt: str) -> None:
    for number, tab in enumerate(people.tabs):
        people.do(tab.ask(f"{prompt}, number {number}"))


def words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text))


def shows(tab: Tab, question: str) -> bool:
    return words(question) in words(tab.shown)


def test_people_lose_nothing_when_their_replica_is_killed_or_replaced(
    visitor: Page, deployment: Deployment, rows: Rows
) -> None:
    tabs = [Tab(deployment.url, trusting(deployment.certificate)) for _ in range(PEOPLE)]
    of_an_earlier_try = rows.answers().keys()
    with opened(tabs) as people:
        open_page(visitor, deployment.url)
        people.until(lambda tab: tab.idle and "" in tab.widgets, LONGEST_S, "open")
        killed(visitor, people, deployment, rows, of_an_earlier_try)
        replaced(visitor, people, deployment, rows)


def killed(visitor: Page, people: Tabs, deployment: Deployment, rows: Rows, of_an_earlier_try: Collection[str]) -> None:
    def of_this_try() -> dict[str, tuple[str, str, str, str]]:
        return {name: row for name, row in rows.answers().items() if name not in of_an_earlier_try}

    ask(visitor, STORY)
    ask_all(people, STORY)
    expect(answers(visitor).last).to_contain_text("imulated", timeout=LONG_MS)
    people.until(lambda tab: shows(tab, STORY), LONGEST_S, "acknowledged")
    until(lambda: all(len(row[2]) > 200 for row in of_this_try().values()), "not all answers grow")
    before = of_this_try()
    assert len(before) == PEOPLE + 1
    [visitors_process] = [row[0] for row in before.values() if row[3] == STORY]
    [dying] = [replica for replica in deployment.replicas if f"/{replica.process.pid}/" in visitors_process]
    dying.signal(signal.SIGSTOP)
    ask(visitor, "What about the wind?")  # into the void
    dying.signal(signal.SIGKILL)
    dying.process.wait()

    def rows_before() -> dict[str, tuple[str, str, str, str]]:
        return {name: row for name, row in rows.answers().items() if name in before}

    def has_ended(row: tuple[str, str, str, str], process: str = "") -> bool:
        return process not in row[0] or row[1] != "running"

    pid = f"/{dying.process.pid}/"
    until(lambda: all(has_ended(row, pid) for row in rows_before().values()), "some answers still seem to run")
    goes_on = visitor.get_by_role("button", name="Continue")
    expect(goes_on).to_be_visible(timeout=LONG_MS)
    expect(questions(visitor)).to_have_text([STORY])
    expect(composer(visitor)).to_have_value("What about the wind?", timeout=LONG_MS)
    goes_on.click()
    expect(answers(visitor)).to_have_count(2, timeout=LONG_MS)
    dying.restart()

    until(lambda: all(has_ended(row) for row in rows_before().values()), "some answers neither ended nor broke off")
    after = rows_before()
    assert after.keys() == before.keys()
    for name, (process, state, text, question) in after.items():
        assert question == before[name][3]
        assert state == ("interrupted" if pid in process else "done"), question
        assert text.startswith(before[name][2]), question
    people.until(lambda tab: tab.idle, LONGEST_S, "drawn")
    by_question = {question: (state, text) for _, state, text, question in after.values()}
    for number, tab in enumerate(people.tabs):
        state, text = by_question[f"{STORY}, number {number}"]
        assert shows(tab, f"{STORY}, number {number}")
        assert words(text) in words(tab.shown)
        assert ("[Continue]" in tab.shown) == (state == "interrupted")
    until_ready(deployment, dying)
    expect(answers(visitor).last).to_contain_text("tok/s", timeout=LONG_MS)


def attach(visitor: Page, name: str) -> None:
    box = visitor.get_by_test_id("stChatInput")
    file = FilePayload(name=name, mimeType="text/plain", buffer=b"The moon draws the sea.")
    with visitor.expect_response(re.compile("/_stcore/upload_file/"), timeout=LONG_MS) as upload:
        box.locator('input[type="file"]').first.set_input_files(file)
    assert upload.value.ok
    above_box(visitor, name)


def replaced(visitor: Page, people: Tabs, deployment: Deployment, rows: Rows) -> None:
    """The replica that is back is nginx's first choice again for the plain requests of tabs that live on the other."""
    calm(visitor)
    attach(visitor, "tides.txt")
    before = rows.answers()
    composer(visitor).fill("A short story, 150 words")
    visitor.get_by_test_id("stChatInputSubmitButton").click(timeout=LONG_MS)
    ask_all(people, "A short story, 150 words")
    until(lambda: len(rows.answers()) == len(before) + PEOPLE + 1, "not all questions arrived")
    [process] = {row[0] for name, row in rows.answers().items() if name not in before}
    [leaving] = [replica for replica in deployment.replicas if f"/{replica.process.pid}/" in process]
    [staying] = [replica for replica in deployment.replicas if replica is not leaving]
    attach(visitor, "moon.txt")
    leaving.signal(signal.SIGTERM)
    assert leaving.process.wait(LONGEST_S) == 0
    new = {name: row for name, row in rows.answers().items() if name not in before}
    assert {row[1] for row in new.values()} == {"done"}
    people.until(lambda tab: shows(tab, "A short story, 150 words"), LONGEST_S, "shown by the other replica")
    people.until(lambda tab: tab.idle, LONGEST_S, "idle")
    expect(visitor.get_by_text("tides.txt").first).to_be_visible(timeout=LONG_MS)
    expect(answers(visitor)).to_have_count(3, timeout=LONG_MS)
    above_box(visitor, "moon.txt")
    ask(visitor, "And the moon?")
    expect(answers(visitor)).to_have_count(4, timeout=LONG_MS)
    expect(answers(visitor).last).to_contain_text("tok/s", timeout=LONG_MS)
    newest = [row[0] for row in rows.answers().values() if row[3] == "And the moon?"]
    assert f"/{staying.process.pid}/" in newest[0]
    export = visitor.request.get(deployment.url + "/export/json").text()
    assert all(question in export for question in (STORY, "tides.txt", "And the moon?", "moon.txt"))
    leaving.restart()
    until_ready(deployment, leaving)


def test_a_replica_without_its_database_is_left_out(
    visitor: Page, deployment: Deployment, rows: Rows, links: list[Link]
) -> None:
    """Until it is back; and when no replica has one, the page comes all the same and says so. Who asked meanwhile stays
    where the question waits."""
    prompt, late = "Explain tides in two sentences", "Explain the moon in two sentences"
    with opened([Tab(deployment.url, trusting(deployment.certificate))]) as early:
        [person] = early.tabs
        early.until(lambda tab: tab.idle and "" in tab.widgets, LONGEST_S, "open")
        early.do(person.ask(prompt))
        early.until(lambda tab: tab.idle and "tok/s" in tab.shown, LONGEST_S, "answered")
        [process] = [row[0] for row in rows.answers().values() if row[3] == prompt]
        [left] = [n for n, replica in enumerate(deployment.replicas) if f"/{replica.process.pid}/" in process]
        lonely, well = deployment.replicas[left], deployment.replicas[1 - left]
        links[left].cut()
        until(lambda: status(f"{lonely.url}/readyz", deployment) == 503, "the replica does not notice")
        early.do(person.ask(late))
        early.until(lambda tab: shows(tab, late), LONGEST_S, "kept")

        with opened([Tab(deployment.url, trusting(deployment.certificate)) for _ in range(6)]) as people:
            people.until(lambda tab: tab.idle and "" in tab.widgets, LONGEST_S, "open")
            ask_all(people, "Explain the sun")
            people.until(lambda tab: tab.idle and "tok/s" in tab.shown, LONGEST_S, "answered")
        processes = [row[0] for row in rows.answers().values() if row[3].startswith("Explain the sun")]
        assert [f"/{well.process.pid}/" in process for process in processes] == [True] * 6
        assert status(f"{deployment.url}/readyz", deployment) == 200

        early.do(person.reconnect())
        early.until(lambda tab: len(tab.drawn) == 2 and shows(tab, late), LONGEST_S, "still shown")
        links[1 - left].cut()
        until(lambda: status(f"{deployment.url}/readyz", deployment) == 503, "nobody notices")
        open_page(visitor, deployment.url)
        expect(visitor.get_by_text("The database is unavailable").first).to_be_visible(timeout=LONG_MS)
        for link in links:
            link.mend()
        until_ready(deployment, *deployment.replicas)
        until(lambda: late in {row[3] for row in rows.answers().values()}, "what waited is not saved")
    calm(visitor)
    ask(visitor, "And the moon?")
    expect(answers(visitor).last).to_contain_text("tok/s", timeout=LONG_MS)

"""Forty keys, wherever keys come from, and a provider that says them wherever it can: none is kept, shown or logged."""

from __future__ import annotations

import io
import json
import logging
import threading
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping
from datetime import timedelta
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer
from sqlalchemy import text as sql
from streamlit.testing.v1 import AppTest

from core import build, log_format
from core.metrics import Metrics
from core.options import load
from core.providers.keys.aws import AwsSecrets
from core.records import Completion
from core.store import calls
from core.store.batches import reading
from core.store.opening import open_database
from core.ui import app_state, owner, visitor
from core.ui.admin import login
from core.ui.app_state import AppState
from core.ui.providers import key_origin
from core.views.audit import AuditFilter
from core.views.batches import BatchPlan
from core.workspace import Workspace
from core.workspace.gauges import readings
from scripts.database_backup import __main__ as database_backup
from tests.workspace.acme import ME, ended, opened, table, until
from tests.workspace.talkative import SHAPES, Talkative

ROOT = Path(__file__).resolve().parents[2]
# "former": keys that were replaced in their file while the server ran.
SOURCES = ("environment", "dotenv", "secrets", "folder", "aws", "former", "pasted")
OF: Mapping[str, list[str]] = {source: SHAPES[place :: len(SOURCES)] for place, source in enumerate(SOURCES)}


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Talkative)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What a handler of somebody else writes of everything."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s"))
    loggers = [logging.getLogger(name) for name in ("", "streamlit", "roundtable")]
    for logger in loggers:
        logger.addHandler(handler)
    yield written
    for logger in loggers:
        logger.removeHandler(handler)


@pytest.fixture(scope="module")
def aws() -> Iterator[Mapping[str, str]]:
    """A Secrets Manager on loopback with one secret, and how to reach it."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    environ = {
        "AWS_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing-secret",
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
    }
    content = {f"AWS_{n}_TOKEN": key for n, key in enumerate(OF["aws"])}
    client = AwsSecrets((), environ)._client(None)
    client.create_secret(Name="canaries", SecretString=json.dumps(content))
    yield {**environ, "ROUNDTABLE_KEYS_AWS_SECRETS": "canaries"}
    server.stop()


@pytest.fixture
def workspace(tmp_path: Path, provider: str, aws: Mapping[str, str]) -> Workspace:
    names = ["ACME_KEY", *(f"OTHER_{n}_API_KEY" for n in range(1, len(OF["environment"])))]
    environ = dict(zip(names, OF["environment"], strict=True))
    secrets = {f"SECRET_{n}_TOKEN": key for n, key in enumerate(OF["secrets"])}
    lines = [f"DOTENV_{n}_SECRET='{key}'" if "'" not in key else "" for n, key in enumerate(OF["dotenv"])]
    (tmp_path / ".env").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / ".streamlit").mkdir()
    tables = [table(name, f"{provider}/{name}/v1") for name in ("acme", "refuse", "broken")]
    (tmp_path / ".streamlit" / "providers.toml").write_text("\n".join(tables), encoding="utf-8")
    folder = tmp_path / "keys"
    folder.mkdir()
    for kind in ("folder", "former"):
        for n, key in enumerate(OF[kind]):
            (folder / f"{kind}-{n}-key").write_text(f"{key}\n", encoding="utf-8")
    options = {"ROUNDTABLE_ATTEMPTS": "1", "ROUNDTABLE_KEYS_FOLDER": "keys", "ROUNDTABLE_AUDIT_TEXT": "text", **aws}
    settings = load(environ={**options, **environ}, secrets=secrets, folder=tmp_path)
    engine = build(settings, folder=tmp_path)
    engine.preparation.wait_for_keys()
    for file in folder.glob("former-*"):
        file.write_text("this-one-came-later", encoding="utf-8")
    until(lambda: engine.keyring.sources.environ["FORMER_5_KEY"] == "this-one-came-later")
    return opened(Workspace(engine, open_database(None, tmp_path / "data")))


PASTED = {"refuse": OF["pasted"][0], "broken": OF["pasted"][1], **{f"p{n}": key for n, key in enumerate(OF["pasted"])}}
KNOWN = [key for source in SOURCES for key in OF[source] if source != "dotenv" or "'" not in key]


def leaked(where: str) -> list[str]:
    """The keys in a text, also as JSON or a part of a URL holds them."""
    return [key for key in KNOWN if key in where or json.dumps(key)[1:-1] in where]


def everything_said(workspace: Workspace) -> list[Completion]:
    texts = []
    for number, name in enumerate(("acme", "refuse", "broken")):
        workspace.of(ME, PASTED).chats.ask(f"r{number}", "Say it", f"{name}/small")
        texts.append(ended(workspace, f"r{number}"))
    until(lambda: workspace.database.health().waiting == 0)
    return texts


def test_a_provider_that_says_every_key_tells_nobody(workspace: Workspace, tmp_path: Path, log: io.StringIO) -> None:
    answered, refused, broken = everything_said(workspace)
    assert answered.error is None
    assert answered.text.count("[key hidden]") >= len(KNOWN) - 2
    assert refused.error is not None
    assert refused.error.kind == "bad_request"
    assert broken.error is not None
    for completion in (answered, refused, broken):
        assert leaked(repr(completion) + repr(completion.error and vars(completion.error))) == []
    names = workspace.engine.directory.list_models("acme", PASTED)
    assert "model-[key hidden]" in names
    assert leaked(repr(names)) == []
    for form in ("markdown", "json", "csv"):
        assert leaked(workspace.of(ME).history.export(form).decode()) == []
    assert leaked(repr(calls.recent(workspace.database, ME, limit=100))) == []
    assert leaked_files(tmp_path / "data") == []
    assert leaked(log.getvalue()) == []


def leaked_files(folder: Path) -> list[str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return [
        f"{path.name}: {key[:12]}" for path in files for key in leaked(path.read_bytes().decode("utf-8", "replace"))
    ]


def test_a_part_that_was_stopped_and_the_looks_at_it_hold_no_key(workspace: Workspace) -> None:
    workspace.of(ME, PASTED).chats.ask("r", "Say it", "acme/small")
    parts = set()
    while not (look := workspace.of(ME).chats.progress("r")).completion:
        parts.add(look.text + look.reasoning)
    assert leaked("".join(parts)) == []


def test_a_batch_keeps_no_key(workspace: Workspace, tmp_path: Path) -> None:
    batches = workspace.of(ME, PASTED).batches
    models = ["acme/small", "refuse/small", "broken/small"]
    batch_id = batches.start("b", BatchPlan("Name", models, [("Say it", "x")]))
    until(lambda: batches.get(batch_id).state != "running")
    assert leaked(repr(list(reading.everything(workspace.database, ME, batch_id)))) == []
    for form in ("csv", "jsonl"):
        assert leaked(batches.download(batch_id, form).decode()) == []
    assert leaked_files(tmp_path / "data") == []


async def test_a_script_that_streams_sees_no_key(workspace: Workspace) -> None:
    from core.records import ChatRequest, Message

    request = ChatRequest([Message("user", "Say it")], model_id="acme/small")
    events = [event async for event in workspace.engine.stream(request, PASTED)]
    whole = events[-1]
    assert isinstance(whole, Completion)
    assert leaked(repr(events)) == []
    assert "".join(getattr(event, "text", "") for event in events[:-1]) == whole.reasoning + whole.text
    assert leaked(repr(workspace.engine.complete(request, PASTED))) == []


def test_no_log_line_and_no_sql_error_holds_a_key(workspace: Workspace, log: io.StringIO) -> None:
    redactor = workspace.engine.redactor(PASTED)  # as a call holds it while it is under way
    for number, key in enumerate(KNOWN):
        logging.getLogger("somebody.else").warning("got %s and %r", key, {"key": key})
        logging.getLogger(f"streamlit.new{number}").error(f"got {key}")
        try:
            raise ValueError(f"https://host/?key={key}\nand {key}")
        except ValueError:
            logging.getLogger("roundtable.jobs").exception("it failed")
        with pytest.raises(Exception, match="nothing") as failed, workspace.database.read() as connection:
            connection.execute(sql("SELECT * FROM nothing WHERE a = :a"), {"a": f"value-{number}"})
        assert f"value-{number}" not in str(failed.value)
    assert log.getvalue().count("it failed") >= len(KNOWN)
    assert "Traceback" in log.getvalue()
    assert leaked(log.getvalue()) == []
    assert redactor


def test_nothing_that_an_operator_or_a_developer_gets_holds_a_key(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = io.StringIO()
    handler = log_format.write_to(lines, "json")
    completions = everything_said(workspace)
    logging.getLogger().removeHandler(handler)
    assert '"event": "provider_failed"' in lines.getvalue()
    metrics = Metrics(["acme", "refuse", "broken"], ["acme/small"], lambda: readings(workspace))
    metrics.serve("127.0.0.1", 0)
    for completion in completions:
        metrics.observe(completion)
    with urllib.request.urlopen(f"http://127.0.0.1:{metrics.port}/metrics") as reply:
        figures = reply.read().decode()
    metrics.close()
    inspected = [workspace.of(ME).chats.wire_records(f"r{number}") for number in range(3)]
    assert all(inspected)
    with zipfile.ZipFile(io.BytesIO(workspace.of(ME).history.export("zip"))) as archive:
        files = [archive.read(name).decode() for name in archive.namelist()]
    people = workspace.people.everybody(timedelta(days=1))
    audit = "".join(workspace.audit_log.csv(AuditFilter()))
    assert audit.count("\n") > len(completions)
    monkeypatch.setenv("ROUNDTABLE_DATA_FOLDER", str(tmp_path / "data"))
    (tmp_path / "copy").mkdir()
    database_backup.main(["save", str(tmp_path / "copy" / "day.backup")])
    for words in (lines.getvalue(), figures, repr(inspected), *filter(None, files), repr(people), audit):
        assert words
        assert leaked(words) == []
    assert leaked_files(tmp_path / "copy") == []


def test_no_page_shows_a_key(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, log: io.StringIO
) -> None:
    shared = AppState(workspace.engine)
    monkeypatch.setattr(app_state, "_app_state", shared)
    monkeypatch.setattr(owner, "current", lambda: ME)
    monkeypatch.setattr(visitor, "is_new", lambda: False)
    monkeypatch.setattr(visitor, "settle", lambda: None)
    monkeypatch.setattr(login, "is_logged_in", lambda: True)
    monkeypatch.setattr(login, "is_possible", lambda: True)
    shared._workspace = workspace
    for provider_id, key in PASTED.items():
        shared.pasted_keys.keep(ME, provider_id, key)
    everything_said(workspace)
    run = workspace.of(ME, PASTED).comparisons.start("run", "Say it", ["acme/small", "refuse/small"])
    for place in range(2):
        ended(workspace, f"run-{place}")
    for page, query in [
        *(
            (None, {"c": entry.id})
            for entry in shared.workspace.of(ME).history.recent(10).entries
            if entry.kind == "chat"
        ),
        ("compare", {"run": run}),
        ("history", {}),
        ("latency", {}),
        ("quota", {}),
        ("insights", {}),
        ("providers", {}),
        ("providers", {"open": "acme"}),
        ("audit", {}),
        ("people", {}),
    ]:
        at = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=600)
        at.run()
        if page:
            at.switch_page(f"pages/{page}.py")
        for name, value in query.items():
            at.query_params[name] = value
        at.run()
        assert not at.exception
        shown = "\n".join(str(element.proto) for element in at.main) + "\n".join(str(e.proto) for e in at.sidebar)
        assert leaked(shown) == [], page
    assert leaked(repr(list(key_origin._rows()))) == []
    assert leaked(log.getvalue()) == []
    app_state.reset()

"""A recording becomes text, is counted in requests and seconds, and is never lost before its text is there."""

from __future__ import annotations

import json
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread

import pytest

from core.errors import BadRequest
from core.store import calls
from core.workspace import Workspace
from core.workspace.dictations import Dictation, Dictations
from tests.workspace.acme import KEYS, ME, counted, per, table, until, workspace_of

BOX = "ask"
WHISPER = 'speech = [{ name = "whisper", usd_per_audio_minute = 0.06 }]'
LIMITS = (per("requests", "day", 5), per("audio_seconds", "day", 5))


def wav(seconds: float) -> bytes:
    with BytesIO() as file:
        with wave.open(file, "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(8000)
            sound.writeframes(b"\1\0" * int(8000 * seconds))
        return file.getvalue()


@contextmanager
def listening(*replies: tuple[int, object]) -> Iterator[tuple[str, list[bytes]]]:
    """A server that gives these replies in turn, the last one for ever; its address, and the forms that came."""
    forms: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            forms.append(self.rfile.read(int(self.headers["content-length"])))
            status, body = replies[min(len(forms), len(replies)) - 1]
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1", forms
    server.shutdown()
    server.server_close()


def spoken(workspace: Workspace, seconds: float = 2.0, model_id: str = "acme/whisper") -> Dictation:
    voice = workspace.of(ME, KEYS).voice
    dictation = voice.hold(BOX, wav(seconds))
    voice.write_down(BOX, model_id)
    until(lambda: dictation.state != "running")
    return dictation


def test_a_recording_becomes_text_and_is_counted(tmp_path: Path) -> None:
    with listening((503, {"error": "busy"}), (200, {"text": " Hello. "})) as (url, forms):
        workspace = workspace_of(tmp_path, table("acme", url, *LIMITS, more=WHISPER))
        dictation = spoken(workspace)
    assert len(forms) == 2
    transcript = workspace.of(ME).voice.fetch(BOX)
    assert transcript
    assert dictation.state == "done"
    assert (transcript.text, transcript.seconds, transcript.cost_usd) == ("Hello.", Decimal("2.0"), Decimal("0.002"))
    assert workspace.of(ME).voice.fetch(BOX) is None
    assert counted(workspace) == (2, 0)
    assert counted(workspace, "audio_seconds") == (2, 0)  # none for the refusal
    rows = calls.recent(workspace.database, ME)
    assert [(row.model_id, row.outcome, row.cost_usd) for row in rows] == [
        ("acme/whisper", "ok", Decimal("0.002")),
        ("acme/whisper", "overloaded", None),
    ]


def test_a_recording_that_failed_is_kept_and_can_be_tried_again(tmp_path: Path) -> None:
    refusal = {"error": {"message": "no such sound", "type": "invalid_request_error"}}
    with listening((400, refusal), (200, {"text": "Second try."})) as (url, _):
        workspace = workspace_of(tmp_path, table("acme", url, more=WHISPER))
        dictation = spoken(workspace)
        assert dictation.state == "failed"
        assert dictation.error
        assert dictation.error.kind == "bad_request"
        voice = workspace.of(ME, KEYS).voice
        assert voice.of(BOX) is dictation
        assert voice.fetch(BOX) is None
        voice.write_down(BOX, "acme/whisper")
        until(lambda: dictation.state == "done")
        transcript = voice.fetch(BOX)
    assert transcript
    assert transcript.text == "Second try."


def test_nothing_is_sent_beyond_a_limit_of_seconds(tmp_path: Path) -> None:
    with listening((200, {"text": "Hello."})) as (url, forms):
        workspace = workspace_of(tmp_path, table("acme", url, *LIMITS, more=WHISPER))
        dictation = spoken(workspace, seconds=6.0)
    assert dictation.state == "failed"
    assert dictation.error
    assert not dictation.error.sent
    assert forms == []
    assert counted(workspace) == (0, 0)


def test_models_that_can_be_asked_and_the_choice(tmp_path: Path) -> None:
    tables = (table("acme", "http://127.0.0.1:9/v1", more=WHISPER),
              table("bolt", "http://127.0.0.1:9/v1", more=WHISPER + "\nfree = true"))  # fmt: skip
    workspace = workspace_of(tmp_path, *tables)
    assert [model.id for _, model in workspace.of(ME).voice.models()] == ["sim/listener"]
    voice = workspace.of(ME, KEYS).voice
    assert [model.id for _, model in voice.models()] == ["bolt/whisper", "acme/whisper", "sim/listener"]
    assert voice.chosen() == "bolt/whisper"
    voice.choose("acme/whisper")
    assert workspace.of(ME, KEYS).voice.chosen() == "acme/whisper"
    assert workspace.of(ME).voice.chosen() == "sim/listener"
    assert not voice.has_agreed("acme")
    voice.agree("acme")
    assert workspace.of(ME).voice.has_agreed("acme")
    assert not workspace.of("another").voice.has_agreed("acme")


def test_the_simulator_writes_down_how_long_it_is(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, ROUNDTABLE_SIMULATOR_SPEED="1000")
    dictation = spoken(workspace, model_id="sim/listener")
    assert dictation.transcript
    assert dictation.transcript.simulated
    assert "2.0 seconds" in dictation.transcript.text
    assert workspace.of("another").voice.of(BOX) is None


def test_an_empty_and_a_huge_recording_are_refused(tmp_path: Path) -> None:
    voice = workspace_of(tmp_path).of(ME).voice
    for data in (b"", wav(0.0), b"x" * 25_000_001):
        with pytest.raises(BadRequest):
            voice.hold(BOX, data)
    assert voice.of(BOX) is None


def test_beyond_the_bound_the_oldest_recording_goes() -> None:
    from core.records import Sound

    held = Dictations(most_bytes=5)
    for box in ("one", "two", "three"):
        held.put(ME, box, Dictation(Sound("audio/wav", b"xx")))
    assert [held.get(ME, box) is not None for box in ("one", "two", "three")] == [False, True, True]

"""Speech to text on the wire: the form that is sent, and replies as vendors sent them.

Of the recorded replies `groq`, `openai_tokens` and `openai_duration` come from the tests of vercel/ai, `mistral` is
quoted from a real one in a test of a note-taking program.
"""

from __future__ import annotations

import json
from decimal import Decimal
from email.parser import BytesParser
from pathlib import Path

import pytest

from core.errors import BadReply, BadRequest
from core.providers.catalog import load
from core.records import Heard, Sound
from core.wire import transcription

FOLDER = Path(__file__).parent / "transcripts"
GROQ = load().providers["groq"]
HEARD = {
    "groq": ("Hello from", Heard("", "", None)),
    "openai_tokens": ("Honestly, it was", Heard("", "", None, 122, 47)),
    "openai_duration": ("Galileo was", Heard("", "english", Decimal(37))),
    "mistral": ("Ja. Men jeg", Heard("", "", Decimal(12))),
}


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.iterdir()))
def test_a_recorded_reply_is_read(name: str) -> None:
    begins, rest = HEARD[name]
    heard = transcription.decode(json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")))
    assert heard.text.startswith(begins)
    assert (heard.language, heard.seconds) == (rest.language, rest.seconds)
    assert (heard.input_tokens, heard.output_tokens) == (rest.input_tokens, rest.output_tokens)


def test_the_form_holds_the_file_the_model_and_the_language() -> None:
    data = bytes(range(256)) * 3 + b"\r\n--form-"
    request = transcription.encode(Sound("audio/wav", data), GROQ, GROQ.speech[0], "en")
    assert request.url == "https://api.groq.com/openai/v1/audio/transcriptions"
    head = f"content-type: {request.headers['content-type']}\r\n\r\n".encode()
    parts = [part for part in BytesParser().parsebytes(head + request.content).walk() if not part.is_multipart()]
    form = {str(part.get_param("name", header="content-disposition")): part for part in parts}
    assert set(form) == {"model", "language", "file"}
    assert form["model"].get_payload() == "whisper-large-v3-turbo"
    assert (form["file"].get_filename(), form["file"].get_content_type()) == ("speech.wav", "audio/wav")
    assert form["file"].get_payload(decode=True) == data


def test_without_a_language_none_is_sent() -> None:
    assert b'name="language"' not in transcription.encode(Sound("audio/ogg", b"x"), GROQ, GROQ.speech[0]).content


def test_an_error_in_a_good_reply_is_one() -> None:
    error = {"type": "invalid_request_error", "param": "messages", "code": "unsupported_format"}
    refused = {"error": {"message": "This model does not support the format you provided.", **error}}
    with pytest.raises(BadRequest):
        transcription.decode(refused)


@pytest.mark.parametrize("body", [{}, [], {"text": None}, "words", None])
def test_a_reply_without_text_is_none(body: object) -> None:
    with pytest.raises(BadReply):
        transcription.decode(body)

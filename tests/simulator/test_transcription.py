"""A recording's length is read from its container, and the vendors' own clients hear an honest transcript."""

from __future__ import annotations

import io
import json
import math
import struct
import wave

import groq
import openai
import pytest
from mistralai.client import Mistral

from core.records import HttpRequest
from core.simulator import sound, transcription
from core.simulator.transport import Simulator
from tests.simulator.conftest import Served

SAID = "A simulated transcript: nothing was listened to. The recording lasts 1.5 seconds."


def wav(length_s: float = 1.5) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(b"\0\0" * int(16_000 * length_s))
    return out.getvalue()


def flac(length_s: float) -> bytes:
    bits = 48_000 << 44 | 1 << 41 | 15 << 36 | int(48_000 * length_s)
    return b"fLaC" + bytes(14) + bits.to_bytes(8, "big") + bytes(16)


def ogg(length_s: float) -> bytes:
    pages = (b"OggS\0\2" + struct.pack("<q", at) + bytes(20) + b"OpusHead" for at in (0, int(48_000 * length_s)))
    return b"".join(pages)


def mp3(frames: int) -> bytes:
    frame = b"\xff\xfb\x90\x00" + bytes(413)  # 128 kbps at 44.1 kHz: 417 bytes
    return b"ID3\x04\0\0\0\0\0\x05" + bytes(5) + frame * frames


def mp4(length_s: float) -> bytes:
    moov = b"mvhd" + bytes(12) + struct.pack(">II", 1000, int(1000 * length_s))
    return b"\0\0\0\x18ftypM4A " + bytes(12) + moov + bytes(80)


def webm(length_s: float) -> bytes:
    return (
        b"\x1a\x45\xdf\xa3"
        + bytes(8)
        + b"\x2a\xd7\xb1\x83\x0f\x42\x40\x44\x89\x88"
        + struct.pack(">d", 1000 * length_s)
    )


@pytest.mark.parametrize(
    ("data", "kind", "length_s"),
    [
        (wav(1.5), "wav", 1.5),
        (wav(1.5)[:-16_000], "wav", 1.0),
        (flac(2.5), "flac", 2.5),
        (ogg(3.0), "ogg", 3.0),
        (mp3(100), "mp3", 100 * 1152 / 44_100),
        (mp4(4.25), "mp4", 4.25),
        (webm(5.5), "webm", 5.5),
        (b"\x1a\x45\xdf\xa3" + bytes(50), "webm", None),
        (b"RIFF\0\0\0\0WAVEfmt ", "wav", None),
        (b"%PDF-1.7", "", None),
        (b"", "", None),
    ],
)
def test_the_length_of_a_recording(data: bytes, kind: str, length_s: float | None) -> None:
    assert sound.kind(data) == kind
    assert sound.seconds(data) == (None if length_s is None else pytest.approx(length_s))


def test_openais_client_is_told_that_nothing_was_heard(served: Served) -> None:
    with openai.OpenAI(base_url=f"{served.url}/v1", api_key="any", max_retries=0) as client:
        ask = client.audio.transcriptions.create
        heard = ask(model="whisper-1", file=("voice.wav", wav()))
        assert heard.text == SAID
        assert heard.usage is not None
        assert heard.usage.type == "duration"
        assert heard.usage.seconds == 2
        assert ask(model="whisper-1", file=("voice.wav", wav()), response_format="text") == f"{SAID}\n"
        whole = ask(model="whisper-1", file=("voice.wav", wav()), response_format="verbose_json")
        assert whole.duration == 1.5
        assert whole.segments
        assert whole.segments[0].text == SAID
        assert "00:00:01,500" in str(ask(model="whisper-1", file=("voice.wav", wav()), response_format="srt"))
        chinese = ask(model="whisper-1", file=("voice.wav", wav()), language="zh")
        assert chinese.text == "模拟转写：没有听取任何内容。录音时长 1.5 秒。"
        with pytest.raises(openai.BadRequestError, match="no sound"):
            ask(model="whisper-1", file=("notes.txt", b"hello"))


def test_a_bad_key_is_refused(served: Served) -> None:
    with (
        openai.OpenAI(base_url=f"{served.url}/v1", api_key="bad-key-1", max_retries=0) as client,
        pytest.raises(openai.AuthenticationError),
    ):
        client.audio.transcriptions.create(model="whisper-1", file=("voice.wav", wav()))


def test_groqs_and_mistrals_clients_too(served: Served) -> None:
    with groq.Groq(base_url=f"{served.url}", api_key="any", max_retries=0) as client:
        assert client.audio.transcriptions.create(model="whisper", file=("voice.wav", wav())).text == SAID
    with Mistral(api_key="any", server_url=served.url) as mistral:
        reply = mistral.audio.transcriptions.complete(
            model="voxtral-mini-latest", file={"content": wav(), "file_name": "voice.wav"}
        )
    assert reply.text == SAID
    assert reply.usage.prompt_audio_seconds == 2


def test_a_visitor_without_a_key_has_it_in_this_process() -> None:
    body = {"file": wav(), "model": "quick"}
    head, reply = Simulator(speed=math.inf).send(
        HttpRequest("POST", "sim://local/audio/transcriptions", {}, body, "json")
    )
    assert head.status == 200
    assert head.headers["x-roundtable-simulated"] == "1"
    assert json.loads(reply)["text"] == SAID


def test_what_is_missing_is_said() -> None:
    assert transcription.reply(None, {}).status == 400
    assert b"Name the model" in transcription.reply(wav(), {}).body
    assert b"response_format" in transcription.reply(wav(), {"model": "whisper", "response_format": "pdf"}).body
    assert "bytes" in transcription.text_of(b"\x1a\x45\xdf\xa3" + bytes(50))

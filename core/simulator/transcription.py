"""A simulated transcription: nothing is listened to, and the text says so, with the length of the recording. Pure.

POST …/audio/transcriptions, as OpenAI, Groq and Mistral have it: `file`, `model`, `language`, `response_format`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from . import sound, tokens
from .lookups import LookupReply
from .shapes.ask import dumps

PATH = "/audio/transcriptions"
TEXTS = {
    False: "A simulated transcript: nothing was listened to. The recording {length}.",
    True: "模拟转写：没有听取任何内容。录音{length}。",
}
FORMATS = ("json", "text", "srt", "verbose_json", "vtt", "diarized_json")


def text_of(data: bytes, *, chinese: bool = False) -> str:
    """What is "transcribed" from a recording."""
    length_s = sound.seconds(data)
    if length_s is None:
        length = f"有 {len(data):,} 字节，时长未知" if chinese else f"has {len(data):,} bytes; its length is not known"
    else:
        length = f"时长 {length_s:.1f} 秒" if chinese else f"lasts {length_s:.1f} seconds"
    return TEXTS[chinese].format(length=length)


def reply(data: bytes | None, fields: Mapping[str, str]) -> LookupReply:
    """The reply to the form's file and fields."""
    if not data:
        return _refusal("There is no file to transcribe.", "file")
    if not sound.kind(data):
        return _refusal("The file is no sound: send wav, mp3, m4a, ogg, webm or flac.", "file")
    if not fields.get("model"):
        return _refusal("Name the model.", "model")
    wanted = fields.get("response_format") or "json"
    if wanted not in FORMATS:
        return _refusal(f"The response_format must be one of {', '.join(FORMATS)}.", "response_format")
    chinese = fields.get("language", "").lower().startswith("zh")
    text, length_s = text_of(data, chinese=chinese), sound.seconds(data)
    if wanted == "text":
        return LookupReply(200, f"{text}\n".encode(), "text/plain")
    if wanted in ("srt", "vtt"):
        return LookupReply(200, _subtitles(text, length_s or 0.0, wanted), "text/plain")
    usage = {
        "type": "duration",
        "seconds": math.ceil(length_s or 0),
        "prompt_audio_seconds": math.ceil(length_s or 0),  # this and what follows: Mistral's
        "prompt_tokens": 0,
        "completion_tokens": tokens.count(text),
        "total_tokens": tokens.count(text),
    }
    value: dict[str, object] = {"text": text, "usage": usage, "model": fields["model"], "language": None}
    if wanted != "json":
        segment = {"id": 0, "seek": 0, "start": 0.0, "end": length_s or 0.0, "text": text, "tokens": []}
        scores = {"temperature": 0.0, "avg_logprob": 0.0, "compression_ratio": 1.0, "no_speech_prob": 0.0}
        language = "chinese" if chinese else "english"
        value |= {"task": "transcribe", "language": language, "duration": length_s, "segments": [{**segment, **scores}]}
    return LookupReply(200, dumps(value))


def _subtitles(text: str, length_s: float, wanted: str) -> bytes:
    mark = "," if wanted == "srt" else "."
    minutes, rest_s = divmod(length_s, 60)
    end = f"{int(minutes) // 60:02}:{int(minutes) % 60:02}:{rest_s:06.3f}".replace(".", mark)
    head = "1\n" if wanted == "srt" else "WEBVTT\n\n"
    return f"{head}00:00:00{mark}000 --> {end}\n{text}\n\n".encode()


def _refusal(message: str, param: str) -> LookupReply:
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": None}
    return LookupReply(400, dumps({"error": error}))

"""Speech to text: `POST …/audio/transcriptions`, a form with a file; OpenAI's shape, which Groq, Mistral and local
servers have too.

Only `file`, `model` and `language` are sent: Mistral refuses fields that it does not know, and without a
`response_format` all of them answer with JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any

from ..errors import BadReply
from ..records import Heard, HttpRequest, Model, Provider, Sound
from . import failure, shape

ENDINGS: Mapping[str, str] = {
    "audio/wav": "wav", "audio/x-wav": "wav", "audio/wave": "wav", "audio/mpeg": "mp3", "audio/mp4": "m4a",
    "audio/ogg": "ogg", "audio/webm": "webm", "audio/flac": "flac",
}  # fmt: skip


def encode(recording: Sound, provider: Provider, model: Model, language: str = "") -> HttpRequest:
    """The form; `language` is a hint, such as "en"; "": the model finds out by itself."""
    boundary = f"form-{sha256(recording.data).hexdigest()[:40]}"
    fields = {"model": model.name, **({"language": language} if language else {})}
    name = f"speech.{ENDINGS.get(recording.media_type, 'wav')}"
    head = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
        for field, value in fields.items()
    ) + (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        f"Content-Type: {recording.media_type}\r\n\r\n"
    )
    content = b"".join((head.encode(), recording.data, f"\r\n--{boundary}--\r\n".encode()))
    headers = {"content-type": f"multipart/form-data; boundary={boundary}", **provider.headers}
    return HttpRequest("POST", shape.url(provider, "/audio/transcriptions"), headers, None, "json", content)


def decode(body: Any) -> Heard:
    """The text of a reply. Raises `LLMError` for an error in a 200 reply, and where there is no text."""
    if isinstance(body, dict) and failure.is_error(body):
        raise failure.error_in(body)
    text = shape.fields(body).get("text")
    if not isinstance(text, str):
        raise BadReply("The reply holds no text.")
    usage = shape.fields(body.get("usage"))
    counts = (usage.get("seconds"), usage.get("prompt_audio_seconds"), body.get("duration"))
    seconds = filter(None, map(_seconds, counts))
    language = body.get("language")
    return Heard(
        text.strip(),
        language if isinstance(language, str) else "",
        next(seconds, None),
        shape.count(usage.get("input_tokens")),
        shape.count(usage.get("output_tokens")),
    )


def _seconds(value: object) -> Decimal | None:
    """Seconds; also in a string, as Groq and older servers write them."""
    try:
        number = None if isinstance(value, bool) else Decimal(str(value))
    except ArithmeticError:
        return None
    return number if number is not None and number.is_finite() and 0 <= number <= 1_000_000 else None

"""Which answers may be given again, and to which questions. Pure."""

from __future__ import annotations

from .records import ChatRequest, Completion, Document, Picture, Sound

CREATIVE = 0.3
SETTINGS = ("model_id", "max_output_tokens", "temperature", "top_p", "seed")  # what changes an answer beside the text
FORMS = ("effort", "response_format", "tools", "tool_choice", "stop")


def allows(request: ChatRequest, *, creative: bool = False) -> bool:
    """Whether such a question is looked up and cached: not with a high temperature, unless requested."""
    return creative or request.temperature is None or request.temperature <= CREATIVE


def beyond_text(request: ChatRequest) -> list[str]:
    """What changes an answer beside the texts and `SETTINGS`: the hashes of media, and the settings of `FORMS`."""
    media = [f"{number} {part.sha256}" for number, each in enumerate(request.messages) for part in each.media]
    forms = [f"{name} {value!r}" for name in FORMS if (value := getattr(request, name)) not in (None, ())]
    return [*media, *forms]


def is_whole(completion: Completion) -> bool:
    """An answer that ended by itself, all of it text, and was neither cut, stopped, filtered nor cached."""
    finish = completion.finish
    ended = completion.error is None and finish is not None and finish.reason == "stop"
    more = any(isinstance(part, Picture | Document | Sound) for part in completion.parts)
    is_text = (
        bool(completion.text.strip()) and not more and not any(note.kind == "unshown" for note in completion.notes)
    )
    return ended and is_text and not completion.cached

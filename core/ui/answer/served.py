"""Who answered, in words: the model that was asked, or "asked openrouter/free, answered by X at Y"."""

from __future__ import annotations

from ...records import Completion
from ...routing.served import is_quantised
from ..text import plain, t


def is_another(completion: Completion) -> bool:
    """Whether a model answered that was not asked, and that no router or alias stands for."""
    return any(note.kind == "another_model" for note in completion.notes)


def answerer_of(completion: Completion) -> str:
    return answerer(completion.model_id, completion.served_model_id, completion.served_by)


def called(requested: str, model_id: str, served_model_id: str | None, served_by: str | None) -> str:
    """The model of an answer as Markdown. `requested` is what it is called, the rest as in `Completion`."""
    served = answerer(model_id, served_model_id, served_by)
    if served_model_id not in (None, model_id):
        return t("asked {asked}, answered by {model}", asked=requested, model=served)
    return t("{model} at {host}", model=requested, host=plain(served_by)) if served_by else requested


def id_of(model_id: str, served_model_id: str | None, response_model: str | None) -> str:
    """The id of who answered as plain text, or the name of a quantised build; "" where it is who was asked."""
    counted = served_model_id or model_id
    if response_model and is_quantised(counted, response_model):
        return response_model
    return "" if counted == model_id else counted


def quantised(response_model: str) -> str:
    """What is said of an answer by a quantised build of the model that it counts for."""
    return t("Served as {model}: the same model, quantised", model=plain(response_model))


def answerer(model_id: str, served_model_id: str | None, served_by: str | None) -> str:
    """Who answered instead of the model that was asked, with the host behind a gateway; "" where nobody did."""
    if served_model_id in (None, model_id):
        return ""
    name = plain((served_model_id or "").partition("/")[2])
    return t("{model} at {host}", model=name, host=plain(served_by)) if served_by else name

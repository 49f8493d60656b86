"""An import in words: what a file brings, what was here already, what is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ...views.imports import LeftOut, Loaded, Refusal, Thing
from ..answer import hints
from ..failures.own_messages import damaged
from ..text import plain, sentences, t, tn

BROUGHT: Mapping[Thing, Callable[[int], str]] = {
    "batch": lambda number: tn("{number} batch", "{number} batches", number),
    "batch_row": lambda number: tn("{number} batch row", "{number} batch rows", number),
    "vote": lambda number: tn("{number} vote", "{number} votes", number),
    "verdict": lambda number: tn("{number} verdict of a model", "{number} verdicts of models", number),
    "prompt": lambda number: tn("{number} saved prompt", "{number} saved prompts", number),
    "line_up": lambda number: tn("{number} line-up", "{number} line-ups", number),
    "setting": lambda number: tn("{number} setting", "{number} settings", number),
    "check": lambda number: tn("{number} check of hosts", "{number} checks of hosts", number),
    "file": lambda number: tn("{number} file", "{number} files", number),
}


def comes(loaded: Loaded) -> str:
    """What is in a file, before it is imported."""
    first = t(
        "{source}: {conversations}, {messages}.",
        source=_source(loaded),
        conversations=conversations(loaded.conversations),
        messages=tn("{number} message", "{number} messages", loaded.messages),
    )
    return sentences(first, besides(loaded.things))


def came(result: Any) -> str:
    """What an import brought."""
    first = tn(
        "Imported: {number} conversation; already here: {known}.",
        "Imported: {number} conversations; already here: {known}.",
        result.conversations,
        known=result.known,
    )
    known_things = _listed(result.known_things)
    already = t("Already here besides: {things}.", things=known_things) if known_things else ""
    return sentences(first, besides(result.things), already)


def besides(things: Mapping[Thing, int]) -> str:
    """A sentence on all but conversations; "" for nothing."""
    listed = _listed(things)
    return t("Besides: {things}.", things=listed) if listed else ""


def _listed(counts: Mapping[Thing, int]) -> str:
    return t(", ").join(word(counts[thing]) for thing, word in BROUGHT.items() if counts.get(thing, 0) > 0)


def _source(loaded: Loaded) -> str:
    return {
        "roundtable": "Roundtable",
        "chatgpt": "ChatGPT",
        "openwebui": "Open WebUI",
        "claude": "Claude",
        "deepseek": "DeepSeek",
        "librechat": "LibreChat",
        "plain": t("another program"),
    }[loaded.source]


def conversations(number: int) -> str:
    return tn("{number} conversation", "{number} conversations", number)


def flagged(result: Any) -> None:
    """A label that names the conversations which may try to instruct a model."""
    left = result.left
    if not left.flagged:
        return
    titles = t(", ").join(t("“{title}”", title=plain(title)) for title in left.flagged_titles)
    if (rest := left.flagged - len(left.flagged_titles)) > 0:
        titles = f"{titles} {tn('+ {number} more', '+ {number} more', rest)}"
    hints.label(
        tn(
            "{number} conversation has a text that may try to instruct a model: {titles}",
            "{number} conversations have texts that may try to instruct a model: {titles}",
            left.flagged,
            titles=titles,
        )
    )


def left_out(result: Any) -> str:
    """How much of the file was left out, and the first reason, and which files; "" if nothing was."""
    words: dict[str, Callable[[int], str]] = {
        "conversation": conversations,
        "message": lambda number: tn("{number} message", "{number} messages", number),
        "batch": lambda number: tn("{number} batch", "{number} batches", number),
        "batch_row": lambda number: tn("{number} batch row", "{number} batch rows", number),
        "answer": lambda number: tn("{number} answer", "{number} answers", number),
        "detail": lambda number: tn("{number} detail", "{number} details", number),
    }
    counts = [words[kind](number) for kind, number in sorted(result.left.counts.items()) if number]
    damages = t(
        "Left out: {counts}. First: {reason}.",
        counts=", ".join(counts),
        reason=plain(damaged(result.left.reasons[0])),
    ) if counts else ""  # fmt: skip
    edits = tn(
        "{number} edit of a canvas is left out: the export holds it as a search pattern only.",
        "{number} edits of canvases are left out: the export holds them as search patterns only.",
        result.left.canvas_edits,
    ) if result.left.canvas_edits else ""  # fmt: skip
    return sentences(damages, edits, *_files_left_out(result.left))


def _files_left_out(left: LeftOut) -> Iterator[str]:
    """A sentence for each reason, with the first names."""
    for code, number in sorted(left.files.items()):
        first = left.file_names.get(code, ())
        names = t(", ").join(map(plain, first))
        listed = t("By name: {names}.", names=names) if len(first) == number else t("Among them: {names}.", names=names)
        yield f"{_refusal(code, number)} {listed if names else ''}".strip()


def _refusal(code: Refusal, number: int) -> str:
    match code:
        case "missing":
            return tn(
                "The export does not hold {number} file that its chats name.",
                "The export does not hold {number} files that its chats name.",
                number,
            )
        case "room":
            return tn(
                "There was no room for {number} file: delete conversations with files, then import again.",
                "There was no room for {number} files: delete conversations with files, then import again.",
                number,
            )
        case "size":
            return tn("{number} file was too large.", "{number} files were too large.", number)
        case "kind":
            return tn(
                "{number} file is of a kind that cannot be read here.",
                "{number} files are of a kind that cannot be read here.",
                number,
            )
        case "locked":
            return tn("{number} file is locked.", "{number} files are locked.", number)
        case "sound":
            return tn(
                "{number} recording was left out; its words are in the text.",
                "{number} recordings were left out; their words are in the text.",
                number,
            )
    return tn("{number} file is damaged.", "{number} files are damaged.", number)

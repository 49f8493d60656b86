"""The files above a box that go with its next question, each with what is known of it.

A tray belongs to the draft of one chat, in this tab. The browser keeps a list of what stands in it (`browser`), so that
a reload brings it back; the bytes are among the person's files.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import streamlit as st

from ....documents.reading import DocumentText, Unit
from ....safety.incoming import MOST_FILES
from ....views.conversation import File

MOST_TRAYS = 50
Trays = dict[str, tuple["HeldFile", ...]]  # by the name of the draft


@dataclass(frozen=True, slots=True)
class HeldFile:
    """`unit`: what its pages are. `left_out`: why not all of it was read, as in `DocumentText`, or "pictures": it has
    no text at all, or "pages 2-3": these are pictures.

    `needs_password`: its bytes cannot be read, by us or by a provider, without one, which nobody keeps; `opened` are
    then all its pages, in this session. `text_sha256`: its text is kept among the person's files, for a reload.
    `is_seen`: it stood above the box when the person last looked. `is_wrong`: the last password did not open it.
    """

    file: File
    unit: Unit = "page"
    left_out: str = ""
    needs_password: bool = False
    opened: DocumentText | None = None
    text_sha256: str = ""
    is_seen: bool = False
    is_wrong: bool = False

    @property
    def is_locked(self) -> bool:
        """Whether nothing of it can be read until its password is given."""
        return self.needs_password and not self.file.page_count

    @property
    def is_document(self) -> bool:
        """Whether it has pages that can be looked at and chosen."""
        return self.is_locked or bool(self.file.page_count)

    @property
    def name(self) -> tuple[str, str]:
        """The same for the same file, whichever of its pages are chosen."""
        return self.file.name, self.file.sha256 or self.file.text


def held(box: str, name: str) -> tuple[HeldFile, ...]:
    return _trays(box).get(name, ())


def files(box: str, name: str) -> tuple[File, ...]:
    """The same as they go with a question."""
    return tuple(each.file for each in held(box, name))


def put(box: str, name: str, more: Iterable[HeldFile | File]) -> None:
    """What is above the box now, instead of what was."""
    trays = _trays(box)
    trays.pop(name, None)  # so that the newest is last
    trays[name] = _unique(more)
    for old in list(trays)[:-MOST_TRAYS]:
        del trays[old]


def add(box: str, name: str, more: Iterable[HeldFile | File]) -> None:
    put(box, name, [*held(box, name), *more])


def swap(box: str, name: str, old: HeldFile, new: HeldFile) -> None:
    put(box, name, [new if each.name == old.name else each for each in held(box, name)])


def remove(box: str, name: str, old: HeldFile) -> None:
    put(box, name, [each for each in held(box, name) if each.name != old.name])


def clear(box: str, name: str) -> None:
    put(box, name, ())


def seen(box: str, name: str) -> None:
    """They stand above the box now."""
    _trays(box)[name] = tuple(replace(each, is_seen=True) for each in held(box, name))


def is_known(box: str, name: str) -> bool:
    """Whether this session has had files of this draft, or dropped them: it knows better than the browser."""
    return name in _trays(box)


def names(box: str) -> list[str]:
    """The names of these drafts."""
    return list(_trays(box))


def room(box: str, name: str) -> int:
    """How many more files can go with the question."""
    return max(0, MOST_FILES - len(held(box, name)))


def _unique(more: Iterable[HeldFile | File]) -> tuple[HeldFile, ...]:
    by_name: dict[tuple[str, str], HeldFile] = {}
    for each in more:
        held_file = each if isinstance(each, HeldFile) else of_file(each)
        by_name.setdefault(held_file.name, held_file)
    return tuple(by_name.values())[:MOST_FILES]


def of_file(file: File) -> HeldFile:
    """A file of a question that is asked again: it was looked at when it was sent."""
    units: dict[str, Unit] = {"presentation": "slide", "sheet": "sheet", "epub+zip": "chapter"}
    units_named = [unit for ending, unit in units.items() if file.media_type.endswith(ending)]
    return HeldFile(file, units_named[0] if units_named else "page", is_seen=True)


def _trays(box: str) -> Trays:
    trays: Trays = st.session_state.setdefault(f"tray-of-{box}", {})
    return trays

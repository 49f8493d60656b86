"""Members of a zip, checked: no declarations of entities, which no document of these kinds has; what they link to."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Callable, Iterator
from typing import IO
from xml.parsers import expat

from ...errors import BlockedInput
from ..kinds import broken, fault


class _Begun(Exception):
    """The first element was reached."""


def opened(name: str, data: bytes) -> zipfile.ZipFile:
    """The zip; raises BlockedInput where one of its XML files declares a document type."""
    packed = zipfile.ZipFile(io.BytesIO(data))
    for member in packed.infolist():
        if member.filename.endswith((".xml", ".rels", ".opf", ".ncx")) and _declares(name, packed, member):
            raise unsafe(name)
    return packed


def unsafe(name: str) -> BlockedInput:
    return fault(f"{name} declares XML entities, as attacks do: save it again from its program.", "unsafe")


def _declares(name: str, packed: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    has_declaration = False
    is_book = member.filename.endswith((".ncx", ".opf"))  # old books name a public document type

    def doctype(_name: str, _system: str | None, _public: str | None, has_subset: int) -> None:
        nonlocal has_declaration
        has_declaration = bool(has_subset) or not is_book
        raise _Begun

    def begun(_name: str, _attributes: object) -> None:
        raise _Begun

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = begun
    try:
        with packed.open(member) as stream:
            while piece := stream.read(4096):
                parser.Parse(piece, False)
    except (_Begun, expat.ExpatError):
        return has_declaration
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, ValueError, RuntimeError):
        raise broken(name) from None
    return has_declaration


def links(members: zipfile.ZipFile, path: str) -> list[tuple[str, str]]:
    """The parts that a part names, as kind and path; of "" those of the file."""
    folder, _, name = path.rpartition("/")
    linked, names = [], set(members.namelist())
    for kind, target, _, is_outside in _relationships(members, posixpath.join(folder, "_rels", f"{name}.rels")):
        place = (
            target.removeprefix("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        )
        if not is_outside and (place in names or kind == "officeDocument"):
            linked.append((kind, place))
    return linked


def addresses(members: zipfile.ZipFile, path: str) -> Iterator[tuple[str, str]]:
    """The outside addresses that a part links to, by id."""
    folder, _, name = path.rpartition("/")
    for kind, target, link_id, is_outside in _relationships(members, f"{folder}/_rels/{name}.rels"):
        if is_outside and kind == "hyperlink":
            yield link_id, target


def _relationships(members: zipfile.ZipFile, path: str) -> list[tuple[str, str, str, bool]]:
    linked: list[tuple[str, str, str, bool]] = []

    def begun(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship":
            kind = attributes.get("Type", "").rpartition("/")[2]
            linked.append(
                (
                    kind,
                    attributes.get("Target", ""),
                    attributes.get("Id", ""),
                    attributes.get("TargetMode") == "External",
                )
            )

    if path in members.namelist():
        with members.open(path) as stream:
            each_element(stream, begun)
    return linked


def each_element(stream: IO[bytes], begun: Callable[[str, dict[str, str]], None]) -> None:
    """Call `begun(tag, attributes)` for each element, with names that have no namespaces. A damaged part ends there:
    without its styles a text is still its text."""
    parser = expat.ParserCreate(namespace_separator=" ")

    def start(name: str, attributes: dict[str, str]) -> None:
        begun(name.rpartition(" ")[2], {key.rpartition(" ")[2]: value for key, value in attributes.items()})

    parser.StartElementHandler = start
    try:
        parser.ParseFile(stream)
    except expat.ExpatError:
        return

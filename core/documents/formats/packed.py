"""Members of a zip, checked: no declarations of entities, which no document of these kinds has."""

from __future__ import annotations

import io
import zipfile
from xml.parsers import expat

from ..kinds import broken, fault


class _Begun(Exception):
    """The first element was reached."""


def opened(name: str, data: bytes) -> zipfile.ZipFile:
    """The zip; raises BlockedInput where one of its XML files declares a document type."""
    packed = zipfile.ZipFile(io.BytesIO(data))
    for member in packed.infolist():
        if member.filename.endswith((".xml", ".rels", ".opf", ".ncx")) and _declares(name, packed, member):
            raise fault(f"{name} declares XML entities, as attacks do: save it again from its program.", "unsafe")
    return packed


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

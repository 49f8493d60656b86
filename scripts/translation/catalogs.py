"""Update the catalogues in `core/locale/` from the sources, and list their faults."""

from __future__ import annotations

import string
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from scripts.translation.sentences import ROOT

FOLDER = ROOT / "core" / "locale"


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.stem, abort_invalid=True)


def update(path: Path, extracted: Catalog) -> None:
    """Add new messages, untranslated or with the translation of a similar text marked as fuzzy, and remove obsolete
    ones. Creates a file that does not exist."""
    catalog = read(path) if path.exists() else Catalog(locale=path.stem, project="Roundtable", charset="utf-8")
    catalog.update(extracted, update_creation_date=False)
    write(path, catalog)


def write(path: Path, catalog: Catalog) -> None:
    """One line per text, sorted and without line numbers, so that branches merge."""
    with path.open("wb") as file:
        write_po(file, catalog, width=0, no_location=True, sort_output=True, ignore_obsolete=True)


def faults(catalog: Catalog, extracted: Catalog) -> Iterator[str]:
    """Faults that fail a test: texts that are missing, fuzzy, obsolete, or have other fields."""
    for message in extracted:
        if message.id and (translated := catalog.get(_key(message), message.context)) is None:
            yield f"missing: {message.id}"
        elif message.id and translated and translated.id != message.id:
            yield f"other plural: {translated.id}"
    for message in catalog:
        if not message.id:
            continue
        if extracted.get(_key(message), message.context) is None:
            yield f"left over: {message.id}"
        elif message.fuzzy:
            yield f"fuzzy: {message.id}"
        elif not all(_listed(message.string)):
            yield f"not translated: {message.id}"
        elif not _same_fields(message):
            yield f"other fields: {message.id} = {message.string}"


def _key(message: Message) -> str:
    return _listed(message.id)[0]


def _listed(words: str | list[str] | tuple[str, ...] | None) -> list[str]:
    return [words or ""] if words is None or isinstance(words, str) else [*words]


def _same_fields(message: Message) -> bool:
    """Of a plural: those of the text for many; that for one may leave the number out, in any language."""
    wanted = fields(_listed(message.id)[-1])
    forms = [fields(form) for form in _listed(message.string)]
    return forms[-1] == wanted and all(wanted - {"number"} <= form <= wanted for form in forms)


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}

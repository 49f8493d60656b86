"""The words of the pages in other languages: one gettext file a language, `core/locale/LANGUAGE.po`.

English needs no file: its sentences are the keys. A file is read when the first reader of its language comes.
"""

from __future__ import annotations

import re
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

FOLDER = Path(__file__).parents[1] / "locale"
_FIELD = re.compile(r"\{\d\}")
_OWN_NAME = re.compile(r'^msgid "English"\nmsgstr "(.+)"$', re.MULTILINE)


@cache
def languages() -> dict[str, str]:
    """Every language by its code, with the name that it has for itself."""
    return {"en": "English", **{path.stem: _own_name(path) for path in sorted(FOLDER.glob("*.po"))}}


def _own_name(path: Path) -> str:
    """The translation of "English": all of the file that a page in English needs."""
    found = _OWN_NAME.search(path.read_text(encoding="utf-8"))
    return found[1] if found else path.stem


@cache
def translations(language: str) -> NullTranslations:
    """What the standard library looks sentences up in. A sentence that is missing or fuzzy stays English."""
    if language not in languages() or language == "en":
        return NullTranslations()
    from babel.messages.mofile import write_mo

    compiled = BytesIO()
    write_mo(compiled, _catalog(language))
    compiled.seek(0)
    return GNUTranslations(compiled)


@cache
def templates(language: str, context: str) -> dict[str, str]:
    """English -> translation of all that has this context, the templates with most words of their own first."""
    found = {
        str(message.id): str(message.string)
        for message in _catalog(language)
        if message.context == context and message.string and not message.fuzzy
    }
    return {english: found[english] for english in sorted(found, key=lambda words: -len(_FIELD.sub("", words)))}


@cache
def _catalog(language: str) -> Catalog:
    from babel.messages.pofile import read_po

    with (FOLDER / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)

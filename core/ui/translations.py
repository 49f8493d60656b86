"""The translations of the pages: one gettext file per language, `core/locale/LANGUAGE.po`.

English needs no file: its sentences are the keys. A file is read when a reader needs its language.
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
    """All languages by code, each with its own name."""
    return {"en": "English", **{path.stem: _own_name(path) for path in sorted(FOLDER.glob("*.po"))}}


def _own_name(path: Path) -> str:
    """The translation of "English" in this file, without parsing the rest."""
    match = _OWN_NAME.search(path.read_text(encoding="utf-8"))
    return match[1] if match else path.stem


@cache
def translations(language: str) -> NullTranslations:
    """The compiled translations; a missing or fuzzy sentence stays English."""
    if language not in languages() or language == "en":
        return NullTranslations()
    from babel.messages.mofile import write_mo

    compiled = BytesIO()
    write_mo(compiled, _catalog(language))
    compiled.seek(0)
    return GNUTranslations(compiled)


@cache
def templates(language: str, context: str) -> dict[str, str]:
    """English -> translation of all messages with this context, those with the most fixed text first."""
    by_english = {
        str(message.id): str(message.string)
        for message in _catalog(language)
        if message.context == context and message.string and not message.fuzzy
    }
    return {
        english: by_english[english] for english in sorted(by_english, key=lambda words: -len(_FIELD.sub("", words)))
    }


@cache
def _catalog(language: str) -> Catalog:
    from babel.messages.pofile import read_po

    with (FOLDER / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)

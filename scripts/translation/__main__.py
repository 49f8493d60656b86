"""Bring the translations in core/locale/ up to date with the sources, and list what a translator has to do.

scripts/translate            all languages: new texts are added, texts that are gone are removed
scripts/translate fr         the same; begins core/locale/fr.po when there is none
scripts/translate --check    writes nothing
"""

from __future__ import annotations

import argparse
import sys

from babel.core import Locale, UnknownLocaleError

from scripts.translation import catalogs, extraction


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="scripts/translate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("language", nargs="?", help="a code such as fr, pt_BR or zh_Hant")
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    paths = sorted(catalogs.FOLDER.glob("*.po"))
    if asked.language:
        try:
            Locale.parse(asked.language)
        except (ValueError, UnknownLocaleError):
            parser.error(f"{asked.language} is not the code of a language")
        paths = [catalogs.FOLDER / f"{asked.language}.po"]
    found = extraction.everything()
    left = 0
    for path in paths:
        if not asked.check:
            catalogs.update(path, found)
        todo = [*catalogs.faults(catalogs.read(path), found)]
        print(f"{path.name}: {len(found)} texts, {len(todo)} to do")
        print("".join(f"  {line}\n" for line in todo), end="")
        left += len(todo)
    return 1 if left else 0


sys.exit(main())

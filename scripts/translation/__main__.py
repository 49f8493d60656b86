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
    options = parser.parse_args()
    paths = sorted(catalogs.FOLDER.glob("*.po"))
    if options.language:
        try:
            Locale.parse(options.language)
        except (ValueError, UnknownLocaleError):
            parser.error(f"{options.language} is not the code of a language")
        paths = [catalogs.FOLDER / f"{options.language}.po"]
    catalog = extraction.everything()
    left = 0
    for path in paths:
        if not options.check:
            catalogs.update(path, catalog)
        todo = [*catalogs.faults(catalogs.read(path), catalog)]
        print(f"{path.name}: {len(catalog)} texts, {len(todo)} to do")
        print("".join(f"  {line}\n" for line in todo), end="")
        left += len(todo)
    return 1 if left else 0


sys.exit(main())

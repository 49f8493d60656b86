"""Every recipe of docs/architecture.md is followed to the letter in a copy of the tree, and works there.

All are followed one after the other in the same copy, as a house grows. Then the copy's own tests run once: those of
`added/`, one file a recipe, which look at what was added, the house rules, and what tells that something was forgotten.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from babel.messages.catalog import Message

from core.store import settings
from core.store.migrations import HEAD
from core.store.opening import open_database
from scripts.translation import catalogs
from tests.recipes import recipes

pytestmark = pytest.mark.timeout(600)  # the copy is grown and tested within the first test
RECIPES = recipes.read()
ADDED = Path(__file__).parent / "added"
# Tests of the project that a recipe has to satisfy as it stands.
HELD = (
    "tests/test_house.py",
    "tests/test_options.py::test_every_option_has_a_doc_and_stands_in_the_example",
    "tests/pages/test_text.py::test_every_text_is_translated_with_the_same_fields_and_none_is_left_over",
    "tests/providers/test_catalog.py",
    "tests/wire/test_captures.py::test_every_format_has_a_capture",
    "tests/wire/test_captures.py::test_a_capture_gives_its_text_in_every_cut[lines_stream-LF]",
    "tests/store/test_schema.py::test_the_migrations_make_the_tables[sqlite]",
    "tests/store/test_schema.py::test_the_newest_revision_is_the_one_we_ask_for",
)
ABOUT = "not test_catalog or acme or wanted"  # the other providers are as they were


def check_of(recipe: recipes.Recipe) -> str:
    return recipe.name.lower().replace(" ", "_")


def test_every_recipe_has_its_check_and_every_check_its_recipe() -> None:
    assert {check_of(recipe) for recipe in RECIPES} == {path.stem for path in ADDED.glob("*.py")}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """By file of tests in the copy: its failures, one text each."""
    tree = tmp_path_factory.mktemp("grown") / "tree"
    recipes.copy(tree)
    an_old_database(tree / "before")
    for recipe in RECIPES:
        for step in recipe.steps:
            recipes.numbered(step, HEAD, f"{int(HEAD) + 1:04}").follow(tree)
    translate(tree, {language for recipe in RECIPES for language in recipe.languages})
    return run(tree, [*(f"tests/recipes/added/{check_of(recipe)}.py" for recipe in RECIPES), *HELD])


def an_old_database(folder: Path) -> None:
    database = open_database(None, folder)
    settings.put(database, "me", "greeting", "from before")
    database.close()


def translate(tree: Path, languages: set[str]) -> None:
    """`scripts/translate` as the recipes say; what it lists is filled in. Once for all recipes, since it can be run at
    any time."""
    for language in sorted(languages):
        subprocess.run(
            [sys.executable, "-m", "scripts.translation", *([language] if language else [])],
            cwd=tree, env=environment(tree), capture_output=True, check=False,
        )  # fmt: skip
    for path in (tree / "core" / "locale").glob("*.po"):
        catalog = catalogs.read(path)
        for message in catalog:
            if message.id and (message.fuzzy or not all(words(message.string))):
                message.flags.discard("fuzzy")
                message.string = filled(path.stem, message, catalog.num_plurals)
        catalogs.write(path, catalog)


def words(translation: str | list[str] | tuple[str, ...] | None) -> list[str]:
    return [translation] if isinstance(translation, str) else list(translation or [""])


def filled(language: str, message: Message, plurals: int) -> str | tuple[str, ...]:
    filling = f"[{language}] {words(message.id)[-1]}"
    return filling if isinstance(message.id, str) else (filling,) * plurals


def environment(tree: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": ""}


def run(tree: Path, tests: list[str]) -> dict[str, list[str]]:
    report = tree / "report.xml"
    options = ["-q", "-p", "no:cacheprovider", "-k", ABOUT, "-p", "tests.pages.conftest", f"--junitxml={report}"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *tests],
        cwd=tree, env=environment(tree), capture_output=True, text=True,
    )  # fmt: skip
    assert report.exists(), done.stdout + done.stderr
    failed: dict[str, list[str]] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        failures = failed.setdefault(str(case.get("classname")), [])
        failures += [str(fault.text) for fault in case if fault.tag in ("failure", "error")]
    return failed


@pytest.mark.parametrize("recipe", RECIPES, ids=check_of)
def test_what_a_recipe_adds_works(recipe: recipes.Recipe, outcomes: dict[str, list[str]]) -> None:
    failures = outcomes[f"tests.recipes.added.{check_of(recipe)}"]
    assert failures == [], "\n".join(failures)


def test_the_house_stands_after_all_recipes(outcomes: dict[str, list[str]]) -> None:
    others = {name: failures for name, failures in outcomes.items() if ".added." not in name}
    assert {name.partition("tests.")[2] for name in others} >= {"test_house", "store.test_schema", "pages.test_text"}
    assert [text for failures in others.values() for text in failures] == []

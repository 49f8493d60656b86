"""The house rules: who may import whom, pure rooms, sizes, names, and imports that do nothing."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from core.errors import KINDS

ROOT = Path(__file__).resolve().parents[1]
MAX_LINES = 360
VAGUE = {
    "util",
    "utils",
    "helper",
    "helpers",
    "manager",
    "managers",
    "misc",
    "common",
    "here",
    "after",
    "doings",
    "said",
    "look",
    "apart",
    "arriving",
    "asking",
    "called",
    "door",
    "freight",
    "given",
    "kept",
    "ladder",
    "left",
    "nearby",
    "seal",
    "taken",
    "turnstile",
    "vault",
}
# Words that do not tell what a value is: no name of a variable, an argument or a function.
VAGUE_NAMES = {
    "asked", "ends", "found", "given", "here", "kept", "known", "mine", "one", "ours", "said", "spent", "taken",
    "theirs", "there", "told", "way", "what", "who",
}  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """What a room may import: other rooms (or single modules, with a dot) and packages. A pure one does no I/O."""

    rooms: str = ""
    packages: str = ""
    pure: bool = False


ENGINE_ROOMS = (
    "question answer_cache call completion admission transports attempts catalog_feed model_life directory router "
    "preparation fallback generation tool_loop call_log chat transcription engine job jobs"
)
ENGINE = ENGINE_ROOMS + (
    " records errors views options wire net providers store safety insight context "
    "picture_tokens request_media reusable routing simulator tools logs events intervals "
)
ENGINE_PACKAGES = "aiohttp requests tenacity"
# What a screen may know of the store: its errors and its state.
STORE_WORDS = (
    "store.StoreError store.NotFound store.Changed store.Unavailable store.BadImport store.Health store.Notice"
)
# What it shows of the quota: arithmetic of the limits, the windows as they stand, a person's "that is wrong".
QUOTA_WORDS = (
    "providers.capacity providers.keys.recognition providers.keys.shapes providers.limits providers.pace "
    "providers.pricing providers.standing store.latency"
)
# What it shows of the catalogue beside the rows: who says what, and what is known of models that no row holds.
CATALOG_WORDS = (
    "providers.evidence providers.lifecycle providers.listings providers.model_states providers.models_dev model_life"
)
SCREEN_PACKAGES = "streamlit plotly starlette babel"
RULES = {
    "errors": Rule(),
    "records": Rule("errors"),
    "views": Rule("records errors", pure=True),
    "report": Rule("records errors views safety", "markdown_it"),
    "encodings": Rule(pure=True),
    "wire": Rule("records errors", pure=True),
    "logs": Rule(),
    "log_format": Rule("logs"),
    "events": Rule(),
    "metrics": Rule("records errors", "prometheus_client"),
    "context": Rule("records errors picture_tokens", pure=True),
    "reusable": Rule("records", pure=True),
    "request_media": Rule("records", pure=True),
    "picture_tokens": Rule("records", pure=True),
    "pictures": Rule("", "PIL"),
    "documents": Rule("errors encodings", "pypdfium2 markdownify openpyxl pptx bs4 defusedxml"),
    "intervals": Rule(pure=True),
    "schemas": Rule("insight.patterns insight.expected", "jsonschema referencing", pure=True),
    "routing": Rule("records errors intervals", pure=True),
    "safety": Rule("records errors", pure=True),
    "net": Rule("records errors wire", "aiohttp requests tenacity google uvloop certifi"),
    "options": Rule("errors records providers.environ providers.keys providers.shares", "pydantic"),
    "providers": Rule("records errors", "dotenv boto3 botocore google pydantic pydantic_core typing_extensions"),
    "store": Rule(
        "records errors events views reusable encodings providers.feature_refusals providers.limits "
        "providers.model_states providers.shares providers.standing providers.sunset safety.injection "
        "safety.outgoing safety.spreadsheet",
        "sqlalchemy alembic pydantic pydantic_core boto3 botocore",
    ),
    "input_limits": Rule("records errors views safety"),
    "expected_output": Rule("records wire", pure=True),
    "budget": Rule(
        "records errors context picture_tokens expected_output engine store providers.keys providers.limits "
        "providers.shares"
    ),
    "batch": Rule(
        "records errors events views context picture_tokens encodings engine jobs input_limits expected_output budget "
        "store insight safety schemas intervals providers.limits providers.pricing"
    ),
    "workspace": Rule(
        "documents pictures "
        "records errors events metrics tools net.recordings views question admission transcription engine job jobs "
        "input_limits expected_output budget batch store insight routing safety providers.capacity "
        "providers.keys.allowance providers.limits providers.pricing "
        "providers.model_states providers.pace providers.rate_limit_headers providers.shares providers.standing "
        "providers.sunset providers.models_dev"
    ),
    "insight": Rule("records errors intervals", "pandas numpy rapidfuzz pydantic_core scipy sklearn vaderSentiment"),
    "log_data": Rule("errors store safety.spreadsheet", "pandas pyarrow duckdb sqlalchemy"),
    "simulator": Rule("records errors wire net.transport", "aiohttp PIL"),
    "tools": Rule("records errors", "jsonschema referencing"),
    **{room: Rule(ENGINE, ENGINE_PACKAGES) for room in ENGINE_ROOMS.split()},
    "assemble": Rule(f"{ENGINE} workspace batch metrics log_data", ENGINE_PACKAGES),
    "local_files": Rule("records errors documents pictures wire.base64_media"),
    "cli": Rule("core records errors engine local_files providers.catalog encodings safety.characters schemas"),
    "core": Rule("records errors tools assemble options engine chat local_files providers.keys log_data"),
    "ui": Rule(
        "documents "
        "records errors events log_format intervals views options assemble transcription engine job jobs workspace "
        "batch insight safety context encodings expected_output picture_tokens pictures schemas wire.effort "
        "wire.capabilities wire.fitting report routing.family routing.feedback routing.candidates routing.served "
        f"{STORE_WORDS} {QUOTA_WORDS} {CATALOG_WORDS}",
        SCREEN_PACKAGES,
    ),
    "page": Rule("ui store.StoreError", "streamlit"),
}
IMPURE_MODULES = """
    os io sys pathlib time random secrets socket ssl asyncio threading subprocess multiprocessing tempfile shutil glob
    http.client urllib.request logging uuid sqlite3 signal select selectors concurrent ctypes fileinput zoneinfo
"""
SHOWN_FIRST = """
    button caption chat_input checkbox download_button error expander form_submit_button header info link_button metric
    markdown multiselect number_input page_link pills popover radio segmented_control select_slider selectbox segments
    slider spinner status subheader success tabs text_area text_input title toast toggle warning write
"""
SHOWN_BY_NAME = {"label", "help", "placeholder", "body"}
IMPURE_CALLS = {"open", "print", "input", "now", "utcnow", "today", "getenv"}


def sources(root: Path) -> list[Path]:
    paths = [*root.glob("core/**/*.py"), *root.glob("pages/**/*.py"), *root.glob("streamlit_app.py")]
    return sorted(path for path in paths if "__pycache__" not in path.parts)


def room_of(path: Path) -> str:
    """The room of a file, given relative to the project."""
    if path.parts[0] != "core":
        return "page"
    if path.parts[1:] == ("__init__.py",):
        return "core"
    return path.parts[1].removesuffix(".py")


def imports(path: Path, tree: ast.AST) -> Iterator[str]:
    """Every module a file imports, at the top, late in a function or by name, as a dotted name."""
    package = ".".join(path.with_suffix("").parts[:-1])
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (name.name for name in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                base = ".".join(package.split(".")[: len(package.split(".")) - level + 1]) if level else ""
                start = ".".join(filter(None, (base, module)))
                yield from (f"{start}.{name.name}" for name in names)
            case ast.Call(func=func, args=[first, *_]) if name_of(func) in {"import_module", "__import__"}:
                yield str(first.value) if isinstance(first, ast.Constant) else "<a computed name>"


def absolute(tree: ast.AST) -> Iterator[str]:
    """Modules of ours imported as `core.…`: installed, the same files are called `roundtable`."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (name.name for name in names if name.name.partition(".")[0] == "core")
            case ast.ImportFrom(module=str(module), level=0) if module.partition(".")[0] == "core":
                yield module


def name_of(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def breaches(root: Path) -> list[str]:
    """Every departure from the import rules below `root`, one line each."""
    return [f"{path}: {why}" for path, tree in parsed(root) for why in breaches_of(path, tree, root)]


@cache
def parsed(root: Path) -> tuple[tuple[Path, ast.AST], ...]:
    return tuple((path.relative_to(root), ast.parse(path.read_text(encoding="utf-8"))) for path in sources(root))


def breaches_of(path: Path, tree: ast.AST, root: Path) -> Iterator[str]:
    room = room_of(path)
    if room not in RULES:
        yield f"the room {room} has no rule in this test"
        return
    rule = RULES[room]
    if room != "page":
        yield from (f"{name} is imported by its full name: inside the library, relatively" for name in absolute(tree))
    for target in imports(path, tree):
        if not allowed(target, room, rule, root):
            yield f"{room} may not import {target}"
    if rule.pure:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and name_of(node.func) in IMPURE_CALLS:
                yield f"{room} is pure and may not call {name_of(node.func)}() (line {node.lineno})"


def allowed(target: str, room: str, rule: Rule, root: Path) -> bool:
    top, _, rest = target.partition(".")
    if top == "core":
        return allowed_room(rest, room, rule, root)
    if top in sys.stdlib_module_names:
        return not (rule.pure and any(f"{target}.".startswith(f"{module}.") for module in IMPURE_MODULES.split()))
    return top in rule.packages.split()


def allowed_room(rest: str, room: str, rule: Rule, root: Path) -> bool:
    """`rest` is what follows "core.": a room, a module in it or a name of `core` itself."""
    other = rest.partition(".")[0]
    if not ((root / "core" / other).is_dir() or (root / "core" / f"{other}.py").is_file()):
        return "core" in rule.rooms.split()  # a name that core hands on, for those outside and for the command
    return other == room or any(f"{rest}.".startswith(f"{name}.") for name in rule.rooms.split())


def loops(root: Path) -> dict[str, str]:
    """By folder: a circle of imports between what lies in it, files and packages with all that they hold."""
    graphs: dict[str, dict[str, set[str]]] = {}
    for source, target in arrows_of(root):
        pairs = zip(source.parts, target.parts, strict=False)
        depth = next(depth for depth, (first, second) in enumerate(pairs) if first != second)
        graph = graphs.setdefault("/".join(source.parts[:depth]) or ".", {})
        graph.setdefault(source.parts[depth], set()).add(target.parts[depth])
    circles = {}
    for folder, graph in graphs.items():
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            circles[folder] = " <- ".join(error.args[1])
    return circles


def arrows_of(root: Path) -> Iterator[tuple[Path, Path]]:
    """(the file that imports, the file of ours that is imported), wherever in the file the import stands."""
    files = {".".join(path.with_suffix("").parts).removesuffix(".__init__"): path for path, _ in parsed(root)}
    for path, tree in parsed(root):
        for target in imports(path, tree):
            name = target
            while name and name not in files:
                name = name.rpartition(".")[0]
            if name and files[name] != path:
                yield path, files[name]


def test_nothing_is_imported_in_a_circle() -> None:
    circles = loops(ROOT)
    assert circles == {}


@pytest.mark.parametrize(
    "code",
    [
        "from core.store.years import turns",
        "def late():\n    from core.store.years.turns import begin",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .years import turns",
    ],
)
def test_a_circle_is_caught(tmp_path: Path, code: str) -> None:
    for path, text in {"database.py": code, "years/turns.py": "from core.store.database import Database"}.items():
        (tmp_path / "core/store" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "core/store" / path).write_text(text, encoding="utf-8")
    assert loops(tmp_path).keys() == {"core/store"}


def test_rooms_import_only_what_they_may() -> None:
    assert breaches(ROOT) == []


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("core/wire/bad.py", "import time"),
        ("core/wire/bad.py", "from os import environ"),
        ("core/wire/bad.py", "def late():\n    import random"),
        ("core/wire/bad.py", "import http.client"),
        ("core/wire/bad.py", "def late(path):\n    return open(path)"),
        ("core/wire/bad.py", "from datetime import datetime\nNOW = datetime.now()"),
        ("core/wire/bad.py", "from ..net import transport"),
        ("core/wire/bad.py", "from .. import net"),
        ("core/wire/bad.py", "from core.records import Message"),
        ("core/wire/bad.py", "from importlib import import_module\nimport_module('core.net')"),
        ("core/wire/bad.py", "from importlib import import_module\nimport_module('core.' + 'net')"),
        ("core/net/bad.py", "import streamlit"),
        ("core/net/bad.py", "import httpx"),
        ("core/simulator/bad.py", "from ..net import loop"),
        ("core/errors.py", "from .records import Message"),
        ("core/engine.py", "def late():\n    from .ui import layout"),
        ("core/ui/bad.py", "from ..providers import keys"),
        ("core/ui/bad.py", "from ..store import conversations"),
        ("core/ui/bad.py", "from ..store.database import Database"),
        ("core/ui/bad.py", "import sqlalchemy"),
        ("core/workspace/bad.py", "import sqlalchemy"),
        ("core/workspace/bad.py", "from ..ui import text"),
        ("core/workspace/bad.py", "from ..net import loop"),
        ("core/store/bad.py", "from ..jobs import Part"),
        ("core/jobs.py", "from .workspace import Workspace"),
        ("core/surprise/bad.py", ""),
        ("pages/bad.py", "import core.engine"),
        ("streamlit_app.py", "from core import build"),
        ("streamlit_app.py", "import plotly.graph_objects"),
    ],
)
def test_a_breach_is_caught(tmp_path: Path, path: str, code: str) -> None:
    for room in ("net", "wire", "ui", "providers", "store", "workspace"):
        (tmp_path / "core" / room).mkdir(parents=True)
    for module in ("records.py", "errors.py", "engine.py", "jobs.py", "__init__.py"):
        (tmp_path / "core" / module).touch()
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text(code, encoding="utf-8")
    assert len(breaches(tmp_path)) == 1


def test_what_is_allowed_is_no_breach(tmp_path: Path) -> None:
    for path, code in {
        "core/errors.py": "",
        "core/records.py": "from .errors import LLMError",
        "core/wire/good.py": "import json, urllib.parse\nfrom .. import records\nfrom . import other",
        "core/net/transport.py": "import aiohttp, time\nfrom ..wire.framing import Framer",
        "core/simulator/good.py": "from ..net.transport import Response",
        "core/ui/good.py": "import streamlit as st\nfrom ..jobs import Jobs",
        "core/jobs.py": "from .engine import Engine",
        "core/store/__init__.py": "class NotFound(Exception): ...",
        "core/store/turns.py": "from sqlalchemy import select\nfrom ..records import Completion",
        "core/workspace/__init__.py": "from ..engine import Engine\nfrom ..store import turns",
        "core/ui/history.py": "from ..workspace import Workspace\nfrom ..store import NotFound",
        "core/engine.py": "from .net import transport",
        "pages/good.py": "import streamlit as st\nfrom core.ui import layout",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(code, encoding="utf-8")
    assert breaches(tmp_path) == []


def test_kinds_of_errors_are_listed_on_the_errors_alone() -> None:
    """What a kind means stands on its class: nobody else keeps a set of kinds."""
    lists = [
        f"{path}:{node.lineno}: {', '.join(sorted(named))}"
        for path, tree in parsed(ROOT)
        for node in ast.walk(tree)
        if isinstance(node, ast.Tuple | ast.Set | ast.List) and path != Path("core/errors.py")
        for named in [{str(element.value) for element in node.elts if isinstance(element, ast.Constant)} & KINDS.keys()]
        if len(named) > 1
    ]
    assert lists == []


def test_files_are_short() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in sources(ROOT)
    }
    assert {path: lines for path, lines in lengths.items() if lines > MAX_LINES} == {}


def test_names_say_what_is_inside() -> None:
    inside = [path.relative_to(ROOT) for path in sources(ROOT)]  # a checkout may lie in a folder of any name
    words = {path: set(path.stem.split("_")) | set(path.parent.parts) for path in inside}
    assert [str(path) for path, seen in words.items() if seen & VAGUE] == []


def vague_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Variables, arguments and functions with a vague name, with their line. Fields of classes may be columns."""
    fields = {node.target for a_class in ast.walk(tree) if isinstance(a_class, ast.ClassDef) for node in a_class.body
              if isinstance(node, ast.AnnAssign)}  # fmt: skip
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) if node not in fields:
                pass
            case ast.arg(arg=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                pass
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                pass
            case _:
                continue
        if name.strip("_") in VAGUE_NAMES:
            yield node.lineno, name


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("found = 1", ["found"]),
        ("def _said(one, *, told=None, **given): ...", ["_said", "one", "told", "given"]),
        ("async def f(): return [mine for mine in rows]", ["mine"]),
        ("match node:\n    case [what, *who]: ...", ["what", "who"]),
        ("with a as here, b as (there, other): ...\nif way := here: ...", ["here", "there", "way"]),
        ("class A:\n    known: int\n\n    def f(self): self.asked = found(told=4)", []),
        ("found_at = one_of = foundling = 1", []),
    ],
)
def test_a_vague_name_is_found(code: str, names: list[str]) -> None:
    assert sorted(name for _, name in vague_names(ast.parse(code))) == sorted(names)


def test_names_tell_what_a_value_is() -> None:
    folders = [ROOT / name for name in ("bench", "scripts", "tests")]
    paths = [*sources(ROOT), *(path for folder in folders for path in folder.rglob("*.py"))]
    names = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in paths
        for line, name in vague_names(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert names == []


def test_no_two_classes_have_the_same_name() -> None:
    classes = Counter(
        node.name for _, tree in parsed(ROOT) for node in ast.walk(tree) if isinstance(node, ast.ClassDef)
    )
    assert [name for name, number in classes.items() if number > 1 and not name.startswith("_")] == []


def test_no_raw_html() -> None:
    """Model and user text never reach the browser as HTML."""
    lines = [
        f"{path}: {name}"
        for path, tree in parsed(ROOT)
        for node in ast.walk(tree)
        for name in [node.arg if isinstance(node, ast.keyword) else name_of(node)]
        if name in {"unsafe_allow_html", "unsafe_allow_javascript"}
    ]
    assert lines == []


def visible_words(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Words that a Streamlit call shows without passing through `t`, with their line."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in SHOWN_FIRST.split()
        ):
            shown = node.args[:1] + [word.value for word in node.keywords if word.arg in SHOWN_BY_NAME]
            for text in shown:
                pieces = text.values if isinstance(text, ast.JoinedStr) else [text]
                for piece in pieces:
                    if isinstance(piece, ast.Constant) and isinstance(piece.value, str) and is_prose(piece.value):
                        yield piece.lineno, piece.value


def is_prose(text: str) -> bool:
    """Whether a person would read words here, rather than an icon, a colour, an address or our name."""
    return bool(
        re.search(r"[^\W\d_]{2}", re.sub(r"Roundtable|:[\w/]+:|:\w+(-\w+)?\[|https?://\S+|\w+/\w+\.py", "", text))
    )


def test_every_visible_word_goes_through_t() -> None:
    screen = [(path, tree) for path, tree in parsed(ROOT) if room_of(path) in {"ui", "page"}]
    assert [f"{path}:{line}: {text}" for path, tree in screen for line, text in visible_words(tree)] == []


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("st.button('Save')", 1),
        ("box.caption(f'{n} tokens')", 1),
        ("st.toggle(t('Fast'), help='Very fast')", 1),
        ("st.button(t('Save'))", 0),
        ("st.markdown(':material/key:')", 0),
        ("st.caption(f':green[{word}] · {n}')", 0),
        ("st.page_link('pages/compare.py', label=t('Compare'))", 0),
    ],
)
def test_a_visible_word_is_caught(code: str, count: int) -> None:
    assert len(list(visible_words(ast.parse(code)))) == count


def run(code: str) -> str:
    """What `code` prints in a new Python that starts in the project's folder."""
    command = [sys.executable, "-B", "-c", textwrap.dedent(code)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_core_is_light() -> None:
    heavy = {"streamlit", "aiohttp", "requests", "pydantic", "plotly", "pandas", "sqlalchemy", "asyncio"}
    loaded = run("import sys, core; print(' '.join({name.partition('.')[0] for name in sys.modules}))")
    assert heavy & set(loaded.split()) == set()


WATCH = """
    import importlib, sys, threading
    project, names = sys.argv[1], sys.argv[2:]
    seen = []
    def watch(event, arguments):
        if event in {"socket.connect", "subprocess.Popen", "sqlite3.connect"}:
            seen.append((event, str(arguments)))
        if event == "open" and isinstance(arguments[0], str):
            path, mode = arguments[0], arguments[1] or "r"
            own = path.startswith(project) and "/.venv" not in path and not path.endswith((".py", ".pyc"))
            if own or set(mode) & set("wax+"):
                seen.append((event, path, mode))
    sys.addaudithook(watch)
    for name in names:
        importlib.import_module(name)
    print(seen + [thread.name for thread in threading.enumerate()][1:])
"""


def test_importing_a_room_does_nothing() -> None:
    """No file is read or written, no connection or thread made, by importing any module of core but the screen's."""
    modules = [path.relative_to(ROOT).with_suffix("") for path in sources(ROOT) if path.is_relative_to(ROOT / "core")]
    names = [".".join(path.parts).removesuffix(".__init__") for path in modules if path.parts[1] != "ui"]
    command = [sys.executable, "-B", "-c", textwrap.dedent(WATCH), str(ROOT), *names]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"

"""Where keys come from: which source wins, what cannot be read, and that a change is used without a restart."""

from __future__ import annotations

import gc
import os
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core import build
from core.engine import Engine
from core.options import load
from core.providers.environ import Environ
from core.providers.keys import Keyring
from core.providers.keys.files import DotenvFile, KeyFolder
from core.providers.keys.sources import REDACTED_FOR_S, FixedSource, KeySources, SourceReading
from core.records import OWN_KEY, PersonalKeys
from tests.providers.test_keys import CANARY, GROQ, PROVIDERS

OTHER = "gsk-other-0123456789abcdef"


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def look(sources: KeySources) -> None:
    """Two looks: a file counts when it stood still between them."""
    sources.refresh()
    sources.refresh()


def folder_of(path: Path, **files: str | bytes) -> Path:
    path.mkdir(exist_ok=True)
    for name, content in files.items():
        (path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def built(tmp_path: Path, **environ: str) -> Engine:
    return build(load(environ, {}, tmp_path), folder=tmp_path)


def test_a_folder_that_may_not_be_entered_leaves_what_was_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("A_KEY=dotenv\n", encoding="utf-8")
    sources = KeySources([DotenvFile(tmp_path / ".env")])
    look(sources)

    def denied(path: Path, **_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "stat", denied)
    monkeypatch.setattr(Path, "is_file", denied)
    look(sources)
    assert sources.environ["A_KEY"] == "dotenv"
    assert sources.faults == [("", ".env could not be read (PermissionError)")]


def test_the_order_of_the_sources(tmp_path: Path) -> None:
    secrets = folder_of(tmp_path / "keys", A_KEY="folder", B_KEY="folder", C_KEY="folder", D_KEY="folder\n")
    (tmp_path / ".env").write_text(f"A_KEY=dotenv\nB_KEY=dotenv\nROUNDTABLE_KEYS_FOLDER={secrets}\n", encoding="utf-8")
    environ = load({"A_KEY": "environment"}, {"A_KEY": "s", "B_KEY": "s", "C_KEY": "secrets"}, tmp_path).environ
    assert [(environ[name], environ.source(name)) for name in ("A_KEY", "B_KEY", "C_KEY", "D_KEY")] == [
        ("environment", "environment"),
        ("dotenv", ".env"),
        ("secrets", "secrets"),
        ("folder", "folder"),
    ]


def test_a_folder_names_its_keys_by_file(tmp_path: Path) -> None:
    folder = folder_of(
        tmp_path / "keys",
        GROQ_API_KEY=f"{CANARY}\n",
        gemini_api_key=b"\xef\xbb\xbf" + OTHER.encode(),
    )
    (folder / "mistral-api-key").write_bytes(f"{OTHER}\r\n".encode())
    (folder / "tls.crt").write_text("no key")
    (folder / "COHERE_API_KEY").mkdir()
    values = KeySources([KeyFolder(folder)]).environ
    assert dict(values) == {"GROQ_API_KEY": CANARY, "MISTRAL_API_KEY": OTHER, "GEMINI_API_KEY": OTHER}


def test_options_may_be_in_the_folder_too(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "keys", roundtable_admin_password="long enough\n", CLOUDFLARE_ACCOUNT_ID="acc")
    engine = built(tmp_path, ROUNDTABLE_KEYS_FOLDER=str(folder))
    assert engine.settings.admin_password == "long enough"
    assert engine.catalog.providers["cloudflare"].options == {"account": "acc"}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty; write the key into it"),
        (b" \n\n", "is empty; write the key into it"),
        (b"\xff\xfe\x00k\x00e\x00y", "is not text, so it cannot be a key"),
        (b"gsk\x00" * 8, "is not text, so it cannot be a key"),
        (b"k" * 1_000_000, "is too large for a key (more than 64 kB)"),
    ],
)
def test_a_file_that_cannot_be_a_key_is_told_in_one_sentence(content: bytes, says: str, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "keys", GROQ_API_KEY=content, SOMETHING_ELSE=content, MISTRAL_API_KEY=OTHER)
    engine = built(tmp_path, ROUNDTABLE_KEYS_FOLDER="keys")
    assert engine.keyring.problems() == (f"{folder / 'GROQ_API_KEY'} {says}",)
    assert engine.keyring.find(GROQ) is None
    assert engine.keyring.sources.environ["MISTRAL_API_KEY"] == OTHER


def test_a_file_that_cannot_be_opened_keeps_its_last_value(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "keys", GROQ_API_KEY=CANARY)
    keys = Keyring(KeySources([KeyFolder(folder)]), ["GROQ_API_KEY"])
    (folder / "GROQ_API_KEY").unlink()
    (folder / "GROQ_API_KEY").symlink_to(folder / "GROQ_API_KEY")  # even root cannot follow it
    look(keys.sources)
    assert keys.problems() == (f"{folder / 'GROQ_API_KEY'} could not be read (OSError)",)
    assert keys.sources.environ["GROQ_API_KEY"] == CANARY
    (folder / "GROQ_API_KEY").unlink()
    look(keys.sources)
    assert (keys.problems(), dict(keys.sources.environ)) == ((), {})


def test_a_folder_that_is_not_there_is_told_and_found_when_it_comes(tmp_path: Path) -> None:
    engine = built(tmp_path, ROUNDTABLE_KEYS_FOLDER=str(tmp_path / "later"))
    assert engine.keyring.problems() == (f"{tmp_path / 'later'} is the folder of keys, but does not exist",)
    assert engine.settings.problems == engine.keyring.problems()
    folder_of(tmp_path / "later", GROQ_API_KEY=CANARY)
    until(lambda: engine.keyring.find(GROQ) is not None)
    assert engine.keyring.problems() == ()


def test_a_kubernetes_volume_is_swapped_as_a_whole(tmp_path: Path) -> None:
    """As kubelet does it: the files link to ..data/, which links to a folder with a date and is replaced at once."""
    volume = tmp_path / "volume"
    folder_of(volume)
    folder_of(volume / "..2026_11_29", GROQ_API_KEY=CANARY)
    (volume / "..data").symlink_to("..2026_11_29")
    (volume / "GROQ_API_KEY").symlink_to("..data/GROQ_API_KEY")
    sources = KeySources([KeyFolder(volume)])
    assert dict(sources.environ) == {"GROQ_API_KEY": CANARY}
    folder_of(volume / "..2026_11_30", GROQ_API_KEY=OTHER)
    (volume / "..data_tmp").symlink_to("..2026_11_30")
    os.replace(volume / "..data_tmp", volume / "..data")
    look(sources)
    assert dict(sources.environ) == {"GROQ_API_KEY": OTHER}


def test_a_file_that_is_being_written_is_not_read_in_part(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"GROQ_API_KEY={CANARY}\n", encoding="utf-8")
    sources = KeySources([DotenvFile(tmp_path / ".env")])
    (tmp_path / ".env").write_text("GROQ_API_KEY=gsk", encoding="utf-8")
    sources.refresh()
    assert sources.environ["GROQ_API_KEY"] == CANARY
    (tmp_path / ".env").write_text(f"GROQ_API_KEY={OTHER}\n", encoding="utf-8")
    sources.refresh()
    assert sources.environ["GROQ_API_KEY"] == CANARY
    sources.refresh()
    assert sources.environ["GROQ_API_KEY"] == OTHER


def test_broken_secrets_keep_the_keys_that_were_read_before(tmp_path: Path) -> None:
    path = folder_of(tmp_path / ".streamlit") / "secrets.toml"
    path.write_text(f'GROQ_API_KEY = "{CANARY}"\n', encoding="utf-8")
    engine = build(load({}, dict, tmp_path), folder=tmp_path)
    path.write_text(f'GROQ_API_KEY = "{OTHER}\n', encoding="utf-8")
    until(lambda: bool(engine.keyring.problems()))
    assert engine.keyring.problems()[0].startswith(".streamlit/secrets.toml line 1")
    assert engine.keyring.sources.environ["GROQ_API_KEY"] == CANARY
    path.write_text(f'GROQ_API_KEY = "{OTHER}"\n', encoding="utf-8")
    until(lambda: engine.keyring.sources.environ["GROQ_API_KEY"] == OTHER)
    assert engine.keyring.problems() == ()


@pytest.mark.parametrize("source", [".env", "secrets", "folder"])
def test_a_changed_key_is_used_by_the_next_call_and_the_old_one_still_hidden(source: str, tmp_path: Path) -> None:
    secrets = {"GROQ_API_KEY": CANARY} if source == "secrets" else {}
    path = {".env": tmp_path / ".env", "folder": folder_of(tmp_path / "keys") / "GROQ_API_KEY"}.get(source)
    text = "{}\n" if source == "folder" else "GROQ_API_KEY={}\n"
    if path:
        path.write_text(text.format(CANARY), encoding="utf-8")
    environ = {"ROUNDTABLE_KEYS_FOLDER": "keys"} if source == "folder" else {}
    engine = build(load(environ, lambda: dict(secrets), tmp_path), folder=tmp_path)
    before = engine.keyring.find(GROQ)
    assert before is not None
    assert (before.value, before.source) == (CANARY, source)
    if path:
        path.write_text(text.format(OTHER), encoding="utf-8")
    else:
        secrets["GROQ_API_KEY"] = OTHER
    until(lambda: (key := engine.keyring.find(GROQ)) is not None and key.value == OTHER)
    assert before.value == CANARY  # a question that is under way holds this one
    logged = engine.redactor().for_log(f"old {CANARY} new {OTHER}")
    assert logged == "old [key hidden] new [key hidden]"


def test_a_former_key_is_hidden_for_a_day() -> None:
    now = [0.0]
    changing = Changing({"GROQ_API_KEY": CANARY, "ROUNDTABLE_DEFAULT_MODEL": "groq/openai/gpt-oss-20b"})
    keys = Keyring(KeySources([changing], clock=lambda: now[0]), ["GROQ_API_KEY"])
    changing.values = {"GROQ_API_KEY": OTHER}
    keys.sources.refresh()
    assert keys.values() == (OTHER, CANARY)
    now[0] = REDACTED_FOR_S + 1
    assert keys.values() == (OTHER,)


def test_a_new_key_is_hidden_before_anyone_finds_it() -> None:
    changing = Changing({"GROQ_API_KEY": CANARY})
    sources = KeySources([changing])
    order = []
    sources.listen(lambda environ: order.append((environ["GROQ_API_KEY"], sources.environ["GROQ_API_KEY"])))
    changing.values = {"GROQ_API_KEY": OTHER}
    sources.refresh()
    assert order == [(CANARY, CANARY), (OTHER, CANARY)]


def test_a_key_in_a_weaker_source_is_hidden_too() -> None:
    keys = Keyring(
        Environ(("environment", {"GROQ_API_KEY": CANARY}), (".env", {"GROQ_API_KEY": OTHER})), GROQ.key_names
    )
    assert set(keys.values()) == {CANARY, OTHER}
    key = keys.find(GROQ)
    assert key is not None
    assert [(other.name, other.source, other.ending) for other in keys.others(GROQ, key)] == [
        ("GROQ_API_KEY", ".env", "cdef")
    ]
    same = Keyring(Environ(("environment", {"GROQ_API_KEY": CANARY}), ("folder", {"GROQ_API_KEY": f" {CANARY}\n"})))
    key = same.find(GROQ)
    assert key is not None
    assert same.others(GROQ, key) == []


def test_the_watch_ends_with_its_engine(tmp_path: Path) -> None:
    sources = KeySources([KeyFolder(folder_of(tmp_path / "keys"))])
    before = set(threading.enumerate())
    sources.watch()
    sources.watch()
    (thread,) = set(threading.enumerate()) - before
    gone = weakref.ref(sources)
    del sources
    gc.collect()
    until(lambda: not thread.is_alive())
    assert gone() is None


def test_a_slow_source_keeps_nobody_but_a_call_waiting() -> None:
    gate = threading.Event()
    slow = Changing({"GROQ_API_KEY": CANARY}, gate)
    sources = KeySources([FixedSource("environment", {"A": "b"})])
    sources.add(slow)
    keys = Keyring(sources, ["GROQ_API_KEY"])
    sources.watch()
    assert (keys.find(GROQ), sources.is_waiting) == (None, True)
    gate.set()
    sources.wait(60)
    assert keys.find(GROQ) is not None
    assert not sources.is_waiting
    sources.close()


class Changing:
    """A source whose values a test sets; slow where it has a gate."""

    name = "changing"
    every_s: float | None = 600.0

    def __init__(self, values: dict[str, str], gate: threading.Event | None = None) -> None:
        self.values = values
        self._gate = gate
        self.slow = gate is not None

    def read(self) -> SourceReading:
        if self._gate:
            self._gate.wait(60)
        return SourceReading(dict(self.values))


def test_several_keys_of_a_provider_are_told_apart_and_chosen() -> None:
    environ = {
        "GROQ_API_KEY": CANARY,
        "GROQ_API_KEY_WORK": OTHER,
        "GROQ_API_KEY_FILE": "/run/secrets/groq",
        "GROQ_API_KEY_TWO_WORDS": "x" * 20,
        "GROQ_API_KEYS": "x" * 20,
    }
    keys = Keyring(environ, GROQ.key_names)
    own = {"groq": "gsk-pasted-0123456789"}
    assert [(key.name, key.label, key.ending) for key in keys.all_of(GROQ, own)] == [
        (None, "", "6789"),
        ("GROQ_API_KEY", "", "cdef"),
        ("GROQ_API_KEY_WORK", "WORK", "cdef"),
    ]

    def answering(chosen: str = "", pasted: dict[str, str] = own) -> str | None:
        key = keys.find(GROQ, PersonalKeys(pasted, {"groq": chosen} if chosen else {}))
        return (key.name or key.source) if key else None

    assert answering() == OWN_KEY
    assert answering("GROQ_API_KEY") == "GROQ_API_KEY"
    assert answering("GROQ_API_KEY_WORK") == "GROQ_API_KEY_WORK"
    assert answering("DATABASE_URL") == "GROQ_API_KEY"
    assert answering("GROQ_API_KEY_WORK", {}) == "GROQ_API_KEY_WORK"
    assert answering(OWN_KEY, {}) is None  # a private key that is gone is not replaced by that of the server
    assert answering("", {}) == "GROQ_API_KEY"
    assert set(keys.values()) >= {CANARY, OTHER}


def test_a_key_with_a_word_alone_is_used() -> None:
    key = Keyring({"GROQ_API_KEY_WORK": OTHER}, GROQ.key_names).find(GROQ)
    assert key is not None
    assert (key.value, key.label) == (OTHER, "WORK")


@pytest.mark.parametrize(
    ("value", "ending"),
    [(CANARY, "cdef"), ("short-key", ""), ('{"private_key_id": "0123456789abcdef", "private_key": "x"}', "cdef")],
)
def test_no_more_than_four_characters_are_shown(value: str, ending: str) -> None:
    provider = GROQ if not value.startswith("{") else PROVIDERS["dialogflow-es"]
    key = Keyring({provider.key_names[0]: value}).find(provider)
    assert key is not None
    assert key.ending == ending


def test_a_key_is_read_anew_when_a_source_or_its_provider_changes() -> None:
    changing = Changing({"GROQ_API_KEY": "tiny"})
    keys = Keyring(KeySources([changing]), GROQ.key_names)
    assert [key.fault is None for key in keys.shared(GROQ)] == [False]
    assert [key.fault is None for key in keys.shared(replace(GROQ, own=True))] == [True]
    changing.values = {"GROQ_API_KEY": CANARY, "GROQ_API_KEY_WORK": OTHER}
    keys.sources.refresh()
    assert [key.value for key in keys.shared(GROQ)] == [CANARY, OTHER]


def test_secrets_inside_a_table_are_hidden_too(tmp_path: Path) -> None:
    secrets = {
        "auth": {
            "cookie_secret": "cookie-0123456789",
            "google": {"client_secret": "client-0123456789", "url": "https://a"},
        },
        "my_password": "password-0123456789",
    }
    engine = build(load({}, secrets, tmp_path), folder=tmp_path)
    hidden = engine.redactor().hide("cookie-0123456789 client-0123456789 password-0123456789 https://a")
    assert hidden == "[key hidden] [key hidden] [key hidden] https://a"

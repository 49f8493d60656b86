"""Settings: sources and their order, bounds, and that no fault ever shows a value."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import Setup
from core.options import OPTIONS, PREFIX, Settings, load

ROOT = Path(__file__).resolve().parents[1]
CANARY = "sk-canary-0123456789abcdef"


def test_defaults_are_those_of_the_house(tmp_path: Path) -> None:
    settings = load({}, folder=tmp_path)
    assert (settings.connect_timeout_s, settings.headers_timeout_s, settings.first_token_timeout_s) == (10, 30, 60)
    assert (settings.reasoning_first_token_timeout_s, settings.gap_timeout_s, settings.answer_timeout_s) == (
        180,
        45,
        300,
    )
    assert (settings.max_line_bytes, settings.max_answer_bytes, settings.max_error_bytes) == (
        30_000_000,
        2_000_000,
        64_000,
    )
    assert settings.max_media_bytes == 32_000_000
    assert settings.problems == ()


def test_environment_wins_over_dotenv_and_dotenv_over_secrets(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A_KEY=from-dotenv\nB_KEY='from-dotenv'\nEMPTY_KEY=\n", encoding="utf-8")
    secrets = {"A_KEY": "s", "B_KEY": "s", "C_KEY": "from-secrets", "EMPTY_KEY": "from-secrets"}
    environ = load({"A_KEY": "from-environment"}, secrets, tmp_path).environ
    assert [(environ[name], environ.source(name)) for name in ("A_KEY", "B_KEY", "C_KEY", "EMPTY_KEY")] == [
        ("from-environment", "environment"),
        ("from-dotenv", ".env"),
        ("from-secrets", "secrets"),
        ("from-secrets", "secrets"),
    ]


GIVEN = {
    "default_model": "sim/steady",
    "language": "zh",
    "database_url": "postgresql://a/b",
    "admin_password": "long enough",
    "passcode": "long enough",
    "keys_folder": ".",
    "catalog_url": "https://facts.example/catalogue.toml",
    "nightly_probe_zone": "Europe/Berlin",
    "person_requests_per_day": 50,
    "person_tokens_per_day": 100_000,
    "person_usd_per_day": 0.5,
    "batch_approval_calls": 500,
}  # those that are unset by default


def test_every_option_is_an_environment_variable_of_one_form(tmp_path: Path) -> None:
    defaults = Settings()
    for name in OPTIONS:
        value = getattr(defaults, name)
        wanted = GIVEN.get(name, value)
        loaded = load({PREFIX + name.upper(): f" {wanted} "}, folder=tmp_path)
        assert getattr(loaded, name) == wanted
        assert loaded.problems == ()


def test_every_option_has_a_doc_and_stands_in_the_example() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    for name in OPTIONS:
        assert Settings.model_fields[name].description
        assert f"#{PREFIX}{name.upper()}=" in example


@pytest.mark.parametrize("value", ["nan", "inf", "-1", "0", "1e99", "", "ten", "0x10"])
def test_durations_are_bounded(value: str, tmp_path: Path) -> None:
    if not value:
        assert load({"ROUNDTABLE_GAP_TIMEOUT_S": value}, folder=tmp_path).gap_timeout_s == 45
        return
    with pytest.raises(Setup, match=r"ROUNDTABLE_GAP_TIMEOUT_S \(environment\)"):
        load({"ROUNDTABLE_GAP_TIMEOUT_S": value}, folder=tmp_path)


def test_all_faults_come_at_once_without_values(tmp_path: Path) -> None:
    names = ("GAP_TIMEOUT_S", "ATTEMPTS", "LANGUAGE", "DEFAULT_MODEL", "LOCAL_SERVERS", "SIMULATOR_SPEED")
    with pytest.raises(Setup) as caught:
        load({PREFIX + name: CANARY for name in names}, folder=tmp_path)
    lines = caught.value.message.splitlines()
    assert sorted(line.split()[0] for line in lines) == sorted(PREFIX + name for name in names)
    assert CANARY not in caught.value.message
    assert caught.value.__cause__ is None


def test_options_of_the_caller_are_held_to_the_same_bounds(tmp_path: Path) -> None:
    assert load({}, folder=tmp_path, options={"language": " zh ", "attempts": 5}).language == "zh"
    with pytest.raises(Setup) as caught:
        load({}, folder=tmp_path, options={"language": 5, "cache": 5, "attempts": 11})
    assert set(caught.value.message.splitlines()) == {
        "ROUNDTABLE_LANGUAGE (given): must be a text",
        "ROUNDTABLE_CACHE (given): must be one of off, on, faq",
        "ROUNDTABLE_ATTEMPTS (given): must be a whole number from 1 to 10",
    }


def test_a_broken_dotenv_names_its_line_and_the_rest_still_loads(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"GOOD=one\n\n# fine\n= {CANARY}\nLATER=two\nNOVALUE\n", encoding="utf-8")
    settings = load({"OTHER": "three"}, {"SECRET": "four"}, tmp_path)
    assert {settings.environ[name] for name in ("GOOD", "LATER", "OTHER", "SECRET")} == {"one", "two", "three", "four"}
    assert settings.problems == (
        ".env line 4: not of the form NAME=value",
        ".env line 6: not of the form NAME=value",
    )


def test_a_dotenv_that_is_no_text_is_one_problem(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"KEY=\xff\xfe\n")
    settings = load({"OTHER": "three"}, folder=tmp_path)
    assert settings.environ["OTHER"] == "three"
    assert settings.problems == (".env could not be read (UnicodeDecodeError)",)


def test_secrets_are_read_from_their_file_when_the_caller_has_none(tmp_path: Path) -> None:
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text(
        'GROQ_API_KEY = "gsk-one"\n[DIALOGFLOW_CREDENTIALS]\nclient_email = "a@b"\n', encoding="utf-8"
    )
    environ = load({}, folder=tmp_path).environ
    assert environ["GROQ_API_KEY"] == "gsk-one"
    assert environ["DIALOGFLOW_CREDENTIALS"] == '{"client_email": "a@b"}'
    assert environ.source("GROQ_API_KEY") == "secrets"


def test_broken_secrets_name_file_and_line_and_the_rest_still_loads(tmp_path: Path) -> None:
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text(f'A = "1"\nB = {CANARY}\n', encoding="utf-8")
    settings = load({"OTHER": "three"}, {}, tmp_path)
    assert settings.environ["OTHER"] == "three"
    assert settings.problems == (".streamlit/secrets.toml line 2: could not be read (TOMLDecodeError)",)


def test_unknown_options_are_reported_and_ignored(tmp_path: Path) -> None:
    settings = load({"ROUNDTABLE_GAP_TIMEOUT": CANARY}, folder=tmp_path)
    assert settings.problems == ("ROUNDTABLE_GAP_TIMEOUT (environment) is not an option; see .env.example",)


def test_what_kubernetes_says_of_a_service_of_this_name_is_no_option(tmp_path: Path) -> None:
    links = {
        "ROUNDTABLE_SERVICE_HOST": "10.0.0.7",
        "ROUNDTABLE_SERVICE_PORT_HTTP": "80",
        "ROUNDTABLE_PORT": "tcp://10.0.0.7:80",
        "ROUNDTABLE_PORT_80_TCP_ADDR": "10.0.0.7",
        "ROUNDTABLE_METRICS_PORT": "tcp://[fd00::7]:9464",  # of a service roundtable-metrics; also an option
    }
    settings = load({**links, "ROUNDTABLE_HOST": "typed"}, folder=tmp_path)
    assert settings.problems == ("ROUNDTABLE_HOST (environment) is not an option; see .env.example",)
    assert settings.metrics_port == 0


def test_values_are_in_no_repr(tmp_path: Path) -> None:
    settings = load({"OPENAI_API_KEY": CANARY}, {"OTHER_KEY": CANARY}, tmp_path)
    assert CANARY not in repr(settings) + str(settings) + repr(settings.environ) + settings.model_dump_json()


def test_importing_core_does_not_import_pydantic() -> None:
    code = "import core, core.providers.catalog, core.providers.keys, sys; print('pydantic' in sys.modules)"
    seen = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert seen.stdout.strip() == "False"


def test_the_database_address_has_two_names_and_is_never_shown(tmp_path: Path) -> None:
    address = f"postgresql://me:{CANARY}@host/name"
    plain = load({"DATABASE_URL": address}, folder=tmp_path)
    assert plain.database_url == address
    assert CANARY not in repr(plain)
    assert CANARY not in plain.model_dump_json()
    both = load({"DATABASE_URL": address, "ROUNDTABLE_DATABASE_URL": "postgresql://own/name"}, folder=tmp_path)
    assert both.database_url == "postgresql://own/name"


@pytest.mark.parametrize(
    ("option", "written", "read"),
    [
        ("hosts", "a.example,*.b.example  c.example:8443", "a.example *.b.example c.example:8443"),
        ("hosts", "https://chat.example.org/path", "chat.example.org"),
        ("hosts", "*", "*"),
        ("frame_ancestors", "https://a.example/, https://*.b.example:*", "https://a.example https://*.b.example:*"),
        ("frame_ancestors", "'none'", "'none'"),
    ],
)
def test_names_and_sites_are_read_as_people_write_them(option: str, written: str, read: str, tmp_path: Path) -> None:
    assert getattr(load({PREFIX + option.upper(): written}, folder=tmp_path), option) == read


@pytest.mark.parametrize(
    ("option", "written"),
    [
        ("hosts", "chat.example.org;evil"),
        ("hosts", "a/b"),
        ("hosts", "<script>"),
        ("frame_ancestors", "https://a.example; script-src *"),
        ("frame_ancestors", "'unsafe-inline'"),
        ("frame_ancestors", "* https://a.example"),
    ],
)
def test_what_is_no_name_or_site_is_refused_in_a_sentence(option: str, written: str, tmp_path: Path) -> None:
    with pytest.raises(Setup, match=rf"ROUNDTABLE_{option.upper()} \(environment\): must be (names|sites) such as"):
        load({PREFIX + option.upper(): written}, folder=tmp_path)

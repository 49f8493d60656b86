"""Keys: where they are found, which header they travel in, whom they never reach, and that nothing shows them."""

from __future__ import annotations

import copy
import traceback
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from core.errors import LLMError, MissingKey, Setup
from core.providers.catalog import load
from core.providers.environ import Environ
from core.providers.keys import Key, Keyring
from core.records import ChatRequest, HttpRequest, Message, Model, Provider
from core.wire import FORMATS

CANARY = "sk-canary-0123456789abcdef"
NEEDS = {
    "CLOUDFLARE_ACCOUNT_ID": "acc",
    "DIALOGFLOW_PROJECT_ID": "p",
    "DIALOGFLOW_CX_AGENT_ID": "a",
    "HF_ENDPOINT_URL": "https://e.example.com/x",
}
PROVIDERS = load(NEEDS).providers
GROQ = PROVIDERS["groq"]
each = pytest.mark.parametrize("provider", PROVIDERS.values(), ids=lambda provider: provider.id)


def asking(provider: Provider) -> HttpRequest:
    ask = ChatRequest([Message("user", "Hello")])
    return FORMATS[provider.wire].encode(ask, provider, Model(f"{provider.id}/m", "m", provider.id), stream=False)


def to(url: str, **headers: str) -> HttpRequest:
    return HttpRequest("POST", url, headers, {}, "json")


def test_a_pasted_key_wins_then_the_first_name_that_is_set() -> None:
    ring = Keyring(
        Environ(("environment", {"GOOGLE_API_KEY": " second-name "}), (".env", {"GEMINI_API_KEY": "first-name"}))
    )
    gemini = PROVIDERS["gemini"]
    key = ring.find(gemini)
    assert key == Key("first-name", ".env", "GEMINI_API_KEY")
    assert ring.find(gemini, {"gemini": " pasted-one\n"}) == Key("pasted-one", "session")
    assert ring.find(gemini, {"groq": "pasted-one"}) == key
    assert ring.find(gemini, {"gemini": "  "}) == key
    assert Keyring({"GOOGLE_API_KEY": " second-name "}).find(gemini) == Key(
        "second-name", "environment", "GOOGLE_API_KEY"
    )
    assert ring.find(GROQ) is None


@each
def test_a_key_is_signed_for_the_request_of_its_own_format(provider: Provider) -> None:
    ring = Keyring({}, google_token=lambda _account: "ya29.token")
    key = Key(CANARY, "session")
    headers = {name.lower(): value for name, value in ring.sign(asking(provider), provider, key).headers.items()}
    expected = {
        "bearer": ("authorization", f"Bearer {CANARY}"),
        "optional": ("authorization", f"Bearer {CANARY}"),
        "x-api-key": ("x-api-key", CANARY),
        "x-goog-api-key": ("x-goog-api-key", CANARY),
        "google": ("authorization", "Bearer ya29.token"),
    }
    auth = {name: value for name, value in headers.items() if name in ("authorization", "x-api-key", "x-goog-api-key")}
    assert auth == dict([expected[provider.auth]] if provider.auth in expected else [])


@each
def test_without_a_key_it_is_said_where_to_get_one(provider: Provider) -> None:
    ring = Keyring({})
    if provider.auth in ("none", "optional"):
        assert ring.sign(asking(provider), provider, None) == asking(provider)
        return
    with pytest.raises(MissingKey) as caught:
        ring.sign(asking(provider), provider, None)
    assert provider.key_names[0] in caught.value.message
    assert provider.key_url in caught.value.message
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/openai/v1/chat/completions",
        "http://api.groq.com/openai/v1/chat/completions",
        "https://api.groq.com:444/openai/v1/chat/completions",
        "https://api.groq.com.evil.example/openai/v1",
        "https://api.groq.com@evil.example/openai/v1",
        "https://evil.example@api.groq.com/openai/v1",
        "https://xapi.groq.com/",
        "https://api.groq.com:port/",
        "sim://embedded/v1",
        "api.groq.com",
        "",
    ],
)
def test_a_key_goes_to_its_own_host_only(url: str) -> None:
    with pytest.raises(Setup) as caught:
        Keyring().sign(to(url), GROQ, Key(CANARY, "session"))
    assert CANARY not in caught.value.message


def test_the_own_host_is_recognised_in_every_spelling() -> None:
    for url in ("https://API.groq.com:443/other/path", "https://api.groq.com./x"):
        assert Keyring().sign(to(url), GROQ, Key(CANARY, "session")).headers["Authorization"] == f"Bearer {CANARY}"


def test_an_older_auth_header_is_replaced() -> None:
    signed = Keyring().sign(
        to("https://api.groq.com/", authorization="Bearer other", accept="x"), GROQ, Key(CANARY, "s")
    )
    assert signed.headers == {"accept": "x", "Authorization": f"Bearer {CANARY}"}


@pytest.mark.parametrize("value", ["short", "x" * 513, "sk-with space-in-it", "sk-line\nbreak-here", "sk-umläut-key-1"])
def test_a_key_that_cannot_be_one_is_told_and_never_sent(value: str) -> None:
    ring = Keyring({"GROQ_API_KEY": value})
    key = ring.find(GROQ)
    assert key is not None
    assert key.fault is not None
    assert "GROQ_API_KEY" in key.fault
    assert value not in key.fault
    assert not ring.is_ready(GROQ)
    with pytest.raises(Setup) as caught:
        ring.sign(to("https://api.groq.com/"), GROQ, key)
    assert value not in caught.value.message
    assert not isinstance(caught.value, MissingKey)


FULL_WIDTH = "".join(chr(ord(letter) + 0xFEE0) for letter in CANARY)


@pytest.mark.parametrize(
    "pasted",
    [
        f'"{CANARY}"',
        f"“{CANARY}”",
        f"`{CANARY}`",
        f"<{CANARY}>",
        f"\ufeff{CANARY}\u200b",
        f"\u00a0{CANARY}\r\n",
        f"{CANARY},",
        f"{CANARY}。",
        FULL_WIDTH,
        f"Bearer {CANARY}",
        f"Authorization: bearer {CANARY}",
        f"x-api-key: {CANARY}",
        f"GROQ_API_KEY={CANARY}",
        f"export GROQ_API_KEY='{CANARY}'",
        f'$env:GROQ_API_KEY = "{CANARY}"',
        f'"api_key": "{CANARY}",',
        f"密钥：{CANARY}",
    ],
)
def test_a_key_is_taken_out_of_what_was_pasted_with_it(pasted: str) -> None:
    for key in (Keyring().find(GROQ, {"groq": pasted}), Keyring({"GROQ_API_KEY": pasted}).find(GROQ)):
        assert key is not None
        assert (key.value, key.fault) == (CANARY, None)
    assert CANARY in Keyring({"GROQ_API_KEY": pasted}, ["GROQ_API_KEY"]).values()


@pytest.mark.parametrize("value", ["c2VjcmV0LXRva2VuLXNlY3JldA==", "abcKEYdef=", "id-key:0123"])
def test_a_key_that_looks_like_a_name_is_kept(value: str) -> None:
    key = Keyring().find(GROQ, {"groq": value})
    assert key is not None
    assert key.value == value


@pytest.mark.parametrize("value", ["gsk_****1234", "sk-abcd...wxyz"])
def test_a_key_that_is_hidden_in_part_is_refused(value: str) -> None:
    key = Keyring().find(GROQ, {"groq": value})
    assert key is not None
    assert "hidden in part" in (key.fault or "")


def test_ready_means_nothing_is_missing() -> None:
    ring = Keyring({"GROQ_API_KEY": "gsk-12345678", "GITHUB_TOKEN": "ghp-12345678", "CLOUDFLARE_API_TOKEN": "12345678"})
    ready = {provider.id for provider in load().providers.values() if ring.is_ready(provider)}
    assert ready == {
        "sim",
        "sim-north",
        "sim-south",
        "groq",
        "kilo",
        "ovhcloud",
        "llm7",
        "ollama",
        "llamacpp",
        "lmstudio",
        "vllm",
    }
    assert ring.is_ready(PROVIDERS["openai"], {"openai": CANARY})


def test_values_are_all_that_may_be_secret() -> None:
    environ = {
        "GATEWAY": "known-by-name",
        "AWS_SECRET_ACCESS_KEY": "guessed-by-its-name",
        "SOME_KEY": "short",
        "ROUNDTABLE_FIRST_TOKEN_TIMEOUT_S": "60.000000000000",
        "GOOGLE_APPLICATION_CREDENTIALS": "/home/someone/keys/account.json",
        "PATH": "/usr/local/bin:/usr/bin",
    }
    assert Keyring(environ, ["GATEWAY"]).values() == ("guessed-by-its-name", "known-by-name")


def test_nothing_shows_a_key() -> None:
    ring = Keyring(Environ(("environment", {"GROQ_API_KEY": CANARY})))
    key = ring.find(GROQ)
    shown = [repr(key), str(key), f"{key}", repr(ring), repr(vars(ring)), repr(copy.copy(key))]
    try:
        ring.sign(to("https://evil.example/"), GROQ, key)
    except LLMError as error:
        shown += ["".join(traceback.format_exception(error)), repr(error), str(error.args)]
    assert CANARY not in "".join(shown)


def test_without_a_token_maker_google_is_a_setup_error() -> None:
    provider = PROVIDERS["dialogflow-es"]
    with pytest.raises(Setup):
        Keyring().sign(asking(provider), provider, Key("{}", "session"))


def test_an_overridden_address_is_the_own_host() -> None:
    moved = replace(GROQ, base_url="http://127.0.0.1:9/v1")
    assert Keyring().sign(to("http://127.0.0.1:9/v1/chat/completions"), moved, Key(CANARY, "s")).headers
    with pytest.raises(Setup):
        Keyring().sign(to("https://api.groq.com/openai/v1"), moved, Key(CANARY, "s"))
    assert urlsplit(asking(moved).url).hostname == "127.0.0.1"


@pytest.mark.parametrize("value", ["EMPTY", "ollama", "x", "none", "dummy"])
def test_a_server_of_ones_own_takes_any_key(value: str) -> None:
    local = Provider(
        "vllm", "vLLM", "openai", "http://localhost:8000/v1", auth="optional", key_names=("K",), local=True
    )
    own = Provider("office", "Office", "openai", "https://llm.example/v1", key_names=("K",), own=True)
    vendor = Provider("groq", "Groq", "openai", "https://api.groq.com/openai/v1", key_names=("K",))
    keys = Keyring({"K": value})
    assert keys.is_ready(local)
    assert keys.is_ready(own)
    assert not keys.is_ready(vendor)

"""The redactor: configured keys in every disguise, vendors' keys by shape, and no text that makes it slow."""

from __future__ import annotations

import json
import random
import string
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.safety.redact import Redactor
from core.safety.sieve import HIDDEN

KEY = "sk-proj-AbCdEf0123456789GhIjKlMnOpQrStUvWxYz"
UUID = "3f2b8c1e-1a2b-4c3d-8e4f-9a8b7c6d5e4f"
ODD = "a/b+c=d&e:0123456789"
REDACTOR = Redactor([KEY, UUID, ODD, "tiny"])


def made(alphabet: str, length: int) -> str:
    return "".join(random.Random(length).choices(alphabet, k=length))


WORD = string.ascii_letters + string.digits
VENDORS = {
    "openai": "sk-" + made(WORD, 48),
    "openai project": "sk-proj-" + made(WORD + "-_", 100),
    "anthropic": "sk-ant-api03-" + made(WORD + "-_", 90),
    "openrouter": "sk-or-v1-" + made("0123456789abcdef", 64),
    "groq": "gsk_" + made(WORD, 52),
    "cerebras": "csk-" + made(WORD, 48),
    "hugging face": "hf_" + made(WORD, 34),
    "nvidia": "nvapi-" + made(WORD + "-_", 64),
    "google old": "AIza" + made(WORD + "-_", 35),
    "google new": "AQ." + made(WORD + "-_", 40),
    "google oauth": "ya29." + made(WORD + "-_", 120),
    "xai": "xai-" + made(WORD, 80),
    "perplexity": "pplx-" + made(WORD, 48),
    "together": "tgp_v1_" + made(WORD, 43),
    "replicate": "r8_" + made(WORD, 37),
    "modelscope": f"ms-{UUID}",
    "qianfan": "bce-v3/ALTAK-" + made(WORD, 21) + "/" + made("0123456789abcdef", 40),
    "zhipu": made("0123456789abcdef", 32) + "." + made(WORD, 16),
    "github": "ghp_" + made(WORD, 36),
    "github fine": "github_pat_" + made(WORD, 82),
    "gitlab": "glpat-" + made(WORD, 20),
    "aws": "AKIA" + made(string.ascii_uppercase + string.digits, 16),
    "slack": "xoxb-" + made(string.digits, 24),
    "stripe": "sk_live_" + made(WORD, 24),
    "jwt": "eyJ" + made(WORD, 30) + ".eyJ" + made(WORD, 60) + "." + made(WORD, 43),
    "private key": "-----BEGIN PRIVATE KEY-----\n" + made(WORD, 400) + "\n-----END PRIVATE KEY-----",
    "private key in json": "-----BEGIN RSA PRIVATE KEY-----\\n" + made(WORD, 400) + "\\n-----END RSA PRIVATE KEY-----",
}


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("frame", ["{}", "bad key {}.", '{{"key":"{}"}}', "a={}&b=1", "({})"])
def test_vendors_keys_are_known_by_shape(vendor: str, frame: str) -> None:
    key = VENDORS[vendor]
    scrubbed = Redactor().scrub(frame.format(key))
    assert HIDDEN in scrubbed
    assert key[-12:] not in scrubbed
    assert key[len(key) // 2 :][:8] not in scrubbed


@pytest.mark.parametrize("key", [KEY, UUID, ODD])
@pytest.mark.parametrize(
    "frame", ["{}", "{}{}", "x{}x", "Incorrect API key provided: {}. You can", "https://h/?k={}#x", "'{}'"]
)
def test_configured_keys_are_known_by_value(key: str, frame: str) -> None:
    scrubbed = REDACTOR.scrub(frame.replace("{}", key))
    assert key not in scrubbed
    assert HIDDEN in scrubbed


def test_a_key_is_found_in_a_url_and_in_json() -> None:
    assert REDACTOR.scrub(f"/v1?x={quote(ODD, safe='')}") == f"/v1?x={HIDDEN}"
    assert KEY not in REDACTOR.scrub(json.dumps({"error": {"message": KEY}}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            f"Incorrect API key provided: {KEY[:8]}{'*' * 32}{KEY[-4:]}. You",
            f"Incorrect API key provided: {HIDDEN}. You",
        ),
        ("provided: sk-ab****wxyz.", f"provided: {HIDDEN}."),
        (f"Your api key: ****{KEY[-4:]} is invalid", f"Your api key: {HIDDEN} is invalid"),
        ("Your api key: ****-key is invalid", f"Your api key: {HIDDEN} is invalid"),
        ("API key provided: <not-a-r****key>", f"API key provided: <{HIDDEN}>"),
        (f"token {UUID[:6]}...{UUID[-4:]}", f"token {HIDDEN}"),
        (f"token {UUID[:6]}…{UUID[-4:]}", f"token {HIDDEN}"),
        (f"starts with {KEY[:14]}", f"starts with {HIDDEN}"),
        (f"ends in {KEY[-14:]}", f"ends in {HIDDEN}"),
        (f"cut {KEY[:30]}", f"cut {HIDDEN}"),
    ],
)
def test_pieces_that_servers_echo(text: str, expected: str) -> None:
    assert REDACTOR.scrub(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "**bold**, ***both***, and a list: * one * two",
        "wait... what... no",
        "Rate limit reached for model `openai/gpt-oss-20b`: Limit 8000, Used 7900. Please try again in 6.048s.",
        "max_tokens: 123456789, total tokens 12345678",
        "The API key is invalid; set OPENAI_API_KEY, see https://platform.openai.com/account/api-keys",
        "request id req_011CSHoEeqs5C35K2UUqR7Fy and 5e0d6bc5-1c3f-4a83-9f59-0c1f0c2e0a11",
        "tiny is too short to be a key",
        "sk-learn and hf_hub are libraries",
        "risk-assessment-of-the-large-project",
        "日本語の文章 **重要** です",
    ],
)
def test_plain_words_stay(text: str) -> None:
    assert REDACTOR.scrub(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Authorization: Bearer abc123def456", f"Authorization: Bearer {HIDDEN}"),
        ("api_key=abcdefgh12345678&x=1", f"api_key={HIDDEN}&x=1"),
        ('"x-api-key": "abcdefgh12345678"', f'"x-api-key": "{HIDDEN}"'),
        ("password: hunter2hunter2", f"password: {HIDDEN}"),
        ("GET /v1?key=abcdefgh1234", f"GET /v1?key={HIDDEN}"),
        ("http://me:secret99@proxy:3128", f"http://{HIDDEN}@proxy:3128"),
    ],
)
def test_what_is_called_a_key_is_taken_for_one(text: str, expected: str) -> None:
    assert Redactor().scrub(text) == expected


def test_a_service_account_is_hidden_line_by_line() -> None:
    lines = [made(WORD, 64)[::step] * abs(step) for step in (1, -1)]
    pem = "-----BEGIN PRIVATE KEY-----\n" + "\n".join(lines) + "\n-----END PRIVATE KEY-----\n"
    account = json.dumps(
        {"client_email": "a@b", "private_key_id": "0123456789abcdef" * 2 + "01234567", "private_key": pem}
    )
    redactor = Redactor([account])
    for line in (*lines, "0123456789abcdef" * 2 + "01234567"):
        assert line not in redactor.scrub(f"cannot parse {line} here")


def test_repr_shows_no_value() -> None:
    assert KEY not in repr(REDACTOR)


def test_a_log_line_is_one_printable_line() -> None:
    text = f"\x1b[31mred\x1b[0m\r\n\tkey {KEY}\x00\x1b]0;title\x07\u202eevil\u2066\u200b\x9b31m\U000e0041 end\u2028x"
    line = REDACTOR.for_log(text)
    assert line == f"red\\r\\n key {HIDDEN}evil31m end\\nx"
    assert line.isprintable()


@given(st.text(max_size=300))
def test_a_log_line_never_breaks(text: str) -> None:
    line = REDACTOR.for_log(text)
    assert not set(line) & {"\n", "\r", "\x1b", "\x00", "\u202e"}


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_surroundings_save_a_key(before: str, after: str) -> None:
    assert KEY not in REDACTOR.scrub(before + KEY + after)
    assert KEY not in REDACTOR.for_log(before + KEY + after)


def test_a_key_broken_by_control_characters_is_whole_again_before_it_is_hidden() -> None:
    assert REDACTOR.for_log(f"x {KEY[:9]}\x1b[0m{KEY[9:]} y") == f"x {HIDDEN} y"


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text",
    [
        "a",
        "eyJ",
        "eyJaaaaaaaaa.",
        "*a",
        "*",
        "**b",
        "sk-",
        "key=",
        "key     ",
        "0a1b",
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN ",
        "://a:",
        "bearer ",
        "...",
        "\x1b]",
        "\x1b[0;",
        "api_key= ",
        "AKIA",
        "bce-v3/ALTAK-a/",
        "\\n",
    ],
)
def test_hostile_characters_do_not_hang(text: str) -> None:
    many = Redactor(f"sk-test-{number:040d}" for number in range(60))
    many.for_log((text * (200_000 // len(text) + 1))[:200_000])

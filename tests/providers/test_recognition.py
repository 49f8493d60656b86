"""Whose key a pasted text is: by its variable, by its shape, or asked."""

from __future__ import annotations

import pytest

from core.providers import catalog
from core.providers.keys.recognition import COMMON, OWN, Recognised, recognise
from core.records import Provider

GROQ = "gsk_" + "a1B2" * 8
GEMINI = "AIza" + "b-2_" * 9
ENV = f"""
# my keys
export GROQ_API_KEY="{GROQ}"   # work
GEMINI_API_KEY={GEMINI}
MISTRAL_API_KEY='{"m4" * 16}'
GROQ_API_KEY_SPARE={"gsk_" + "z9" * 16}
CLOUDFLARE_API_TOKEN={"c-" * 20}
CLOUDFLARE_ACCOUNT_ID=0123456789abcdef
ROUNDTABLE_LANGUAGE=en
OPENAI_API_KEY=
DATABASE_URL=postgresql://me:secret@host/db
"""


@pytest.fixture(scope="module")
def providers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Provider]:
    return dict(catalog.load({}, tmp_path_factory.mktemp("catalogue")).providers)


def test_a_whole_env_file(providers: dict[str, Provider]) -> None:
    seen = recognise(ENV, providers)
    assert dict(seen.keys) == {
        "groq": GROQ, "gemini": GEMINI, "mistral": "m4" * 16, "cloudflare": ("c-" * 20),
    }  # fmt: skip
    assert (seen.unclear, seen.options) == ((), ("CLOUDFLARE_ACCOUNT_ID",))


@pytest.mark.parametrize(
    "text",
    [
        GROQ, f'"{GROQ}"', f"  {GROQ}\n", f"Bearer {GROQ}", f"Authorization: Bearer {GROQ}", f"KEY={GROQ}",
        f"$env:GROQ_API_KEY = '{GROQ}'", f"setx GROQ_API_KEY {GROQ}", f"set GROQ_API_KEY={GROQ}",
        f"groq_api_key: {GROQ}", f'{{"GROQ_API_KEY": "{GROQ}"}}', f"my key is {GROQ} thanks", f"密钥：{GROQ}",
        f"\ufeffGROQ_API_KEY={GROQ}",
    ],
)  # fmt: skip
def test_one_key_however_it_is_pasted(text: str, providers: dict[str, Provider]) -> None:
    seen = recognise(text, providers)
    assert (dict(seen.keys), seen.unclear) == ({"groq": GROQ}, ())


def test_a_key_of_several_providers_is_for_all_of_them(providers: dict[str, Provider]) -> None:
    key = "hf_" + "aB3" * 11
    both = {"huggingface": key, "huggingface-inference": key}
    assert dict(recognise(key, providers).keys) == both
    assert dict(recognise(f"HF_TOKEN={key}", providers).keys) == both


@pytest.mark.parametrize(
    ("key", "candidates"),
    [
        ("sk-" + "0a" * 16, ("deepseek", "dashscope")),
        ("0a" * 16 + "." + "aB" * 8, ("zhipu", "zai")),
        ("aB" * 16, ("mistral",)),
        ("unheard-of-shape-of-key", ()),
    ],
)
def test_a_shape_that_several_use_is_asked(
    key: str, candidates: tuple[str, ...], providers: dict[str, Provider]
) -> None:
    [unclear] = recognise(key, providers).unclear
    assert (unclear.value, unclear.candidates) == (key, candidates)


@pytest.mark.parametrize(
    "text", ["", "hello", "what is a key?", "# GROQ_API_KEY=x", "{", "https://console.groq.com/keys"]
)
def test_what_holds_no_key(text: str, providers: dict[str, Provider]) -> None:
    assert not recognise(text, providers)


def test_no_representation_shows_a_key(providers: dict[str, Provider]) -> None:
    seen = recognise(f"{ENV}\nsk-{'0a' * 16}", providers)
    assert isinstance(seen, Recognised)
    assert seen.unclear
    assert GROQ not in repr(seen)
    assert "0a0a" not in repr(seen)


def test_every_shape_names_providers_of_the_catalogue(providers: dict[str, Provider]) -> None:
    named = {id_ for ids in (*OWN.values(), *COMMON.values()) for id_ in ids.split()}
    assert named <= providers.keys()

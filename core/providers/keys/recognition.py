"""Whose keys a pasted text holds: one key, some lines of a shell, or a whole `.env`. Pure text; nothing is kept.

A variable of the catalogue names its provider. A key without one is known by its beginning where the vendor gives keys
one of its own; shapes that several vendors use name them all, and the person says which.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ...records import Provider
from .. import pasted

LONGEST = 200_000  # characters of a text that is read at all
_SHORTEST = 16  # of a key without a name
OWN = {  # beginnings that only one vendor uses
    r"gsk_\w{20,}": "groq",
    r"AIza[\w-]{30,}": "gemini",
    r"AQ\.[\w-]{30,}": "gemini",
    r"sk-or-[\w-]{20,}": "openrouter",
    r"nvapi-[\w-]{20,}": "nvidia",
    r"hf_\w{20,}": "huggingface",
    r"csk-\w{20,}": "cerebras",
    r"sk-ant-[\w-]{20,}": "anthropic",
    r"sk-(?:proj|svcacct|admin)-[\w-]{20,}": "openai",
    r"sk-\w{20}T3BlbkFJ\w{20}": "openai",
    r"xai-\w{20,}": "xai",
    r"ms-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}": "modelscope",
    r"fw_\w{16,}": "fireworks",
    r"vck_\w{20,}": "vercel",
    r"tgp_v1_[\w-]{20,}": "together",
    r"bce-v3/[\w-]+/\w{20,}": "qianfan",
}
COMMON = {  # shapes that say little: the likely vendors, likeliest first
    r"[0-9a-f]{32}\.[A-Za-z0-9]{16}": "zhipu zai",
    r"[0-9a-f]{32}\.[\w-]{20,}": "ollama-cloud",
    r"sk-[0-9a-f]{32}": "deepseek dashscope",
    r"sk-[a-z]{48}": "siliconflow",
    r"sk-[\w-]{20,}": "deepseek dashscope moonshot moonshot-cn siliconflow openai",
    r"sk_[\w-]{20,}": "novita inception pollinations",
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}": "sambanova scaleway ark",
    r"[0-9a-f]{64}": "together",
    r"[A-Za-z0-9]{32}": "mistral",
    r"[\w-]{40}": "cohere cloudflare",
    r"eyJ[\w-]{10,}\.eyJ[\w.-]{20,}": "minimax kilo nebius",
}
_PAIR = re.compile(
    r"""(?:(?:export|set|setx)\s+|\$env:|-\s+)?["']?(?P<name>[A-Za-z_][\w.-]*)["']?\s*(?:=|:(?!//))\s*(?P<value>\S.*)""",
    re.IGNORECASE,
)
_SETX = re.compile(r"setx\s+(?P<name>[A-Za-z_]\w*)\s+(?P<value>\S.*)", re.IGNORECASE)
_REMARK = re.compile(r"\s+#.*\Z")
_LABEL = re.compile(r"_[A-Z0-9]{1,20}")
_NO_LABELS = {"_FILE", "_URL", "_ID", "_NAME"}
_SECRET_NAME = re.compile(r"key|token|secret|authorization|密钥|令牌", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Unclear:
    """A key whose provider the person must name. `candidates`: ids of likely providers, likeliest first, maybe none."""

    value: str = field(repr=False)
    candidates: tuple[str, ...] = ()
    name: str = ""  # the variable it was pasted with, "" without one


@dataclass(frozen=True, slots=True)
class Recognised:
    """`keys`: key by provider id; the first one counts where a text holds several for a provider. `options`: variables
    that a provider needs besides its key, which only the environment can hold."""

    keys: Mapping[str, str] = field(repr=False)
    unclear: tuple[Unclear, ...] = ()
    options: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.keys or self.unclear)


def recognise(text: str, providers: Mapping[str, Provider]) -> Recognised:
    """What the text holds for these providers. Lines that are no keys, such as comments and other options, are passed
    over."""
    takers = {id_: provider for id_, provider in providers.items() if takes_key(provider)}
    needed = {name for provider in takers.values() for name in provider.needs.values()}
    keys: dict[str, str] = {}
    unclear: list[Unclear] = []
    options: list[str] = []
    for name, value in _pairs(text[:LONGEST]):
        ids = _named(name, takers)
        if name in needed:
            options.append(name)
        elif ids or (ids := _shaped(value, takers)):
            for id_ in ids:
                keys.setdefault(id_, value)
        elif (_SECRET_NAME.search(name) if name else len(value) >= _SHORTEST) and not re.search(r"\s|://", value):
            unclear.append(Unclear(value, _likely(value, takers), name))
    return Recognised(keys, tuple(dict.fromkeys(unclear)), tuple(dict.fromkeys(options)))


def takes_key(provider: Provider) -> bool:
    """Whether a key can be pasted for it at all."""
    return provider.state != "retired" and provider.auth != "none" and not provider.simulated


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """(variable or "", value)"""
    stripped = text.strip("\ufeff \t\r\n")
    if stripped.startswith("{"):
        yield from _of_json(stripped)
        return
    for line in stripped.splitlines():
        bare = line.strip()
        if not bare or bare.startswith(("#", "//", "rem ", "[")):
            continue
        pair = _SETX.fullmatch(bare) or _PAIR.fullmatch(bare)
        if pair:
            yield pair["name"].upper().replace("-", "_"), pasted.key(_REMARK.sub("", pair["value"]))
            continue
        words = [pasted.key(word) for word in bare.split()]
        if len(words) == 1:
            yield "", words[0]
        else:  # a sentence around a key: only what is surely one
            yield from (("", word) for word in words if any(re.fullmatch(shape, word) for shape in OWN))


def _of_json(text: str) -> Iterator[tuple[str, str]]:
    try:
        table = json.loads(text)
    except ValueError:
        return
    if "private_key" in table:  # a service account of Google
        yield "GOOGLE_APPLICATION_CREDENTIALS", text
        return
    yield from ((name.upper(), pasted.key(value)) for name, value in table.items() if isinstance(value, str) and value)


def _named(name: str, takers: Mapping[str, Provider]) -> list[str]:
    """The providers that read this variable, or one with a label behind it: GROQ_API_KEY_WORK."""
    exact = [id_ for id_, provider in takers.items() if name in provider.key_names]
    if exact or not name:
        return exact
    return [
        id_
        for id_, provider in takers.items()
        for key_name in provider.key_names
        if name.startswith(f"{key_name}_")
        and _LABEL.fullmatch(label := name[len(key_name) :])
        and label not in _NO_LABELS
    ]


def _shaped(value: str, takers: Mapping[str, Provider]) -> list[str]:
    """The provider whose keys alone begin so, with those that share its variable."""
    owner = next((takers[id_] for shape, id_ in OWN.items() if id_ in takers and re.fullmatch(shape, value)), None)
    if owner is None:
        return []
    return [id_ for id_, provider in takers.items() if id_ == owner.id or {*provider.key_names} & {*owner.key_names}]


def _likely(value: str, takers: Mapping[str, Provider]) -> tuple[str, ...]:
    ids = next((ids for shape, ids in COMMON.items() if re.fullmatch(shape, value)), "")
    return tuple(id_ for id_ in ids.split() if id_ in takers)

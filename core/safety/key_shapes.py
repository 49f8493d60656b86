"""Shapes of vendors' keys: `redact` hides them in replies, `secrets` finds them in questions.

    for key in keys_in(text): text[key.start : key.end], key.vendor
    without_keys(text, "[key hidden]")

A shape is tried only where its needle, a literal, occurs in the text. Every repetition is bounded and no two of them
compete for the same characters, so time grows with the length of the text and nothing else. "Before" and "after" are
ASCII letters and digits: a key may follow a Chinese character without a space.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

_WORD = "A-Za-z0-9_-"
_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_END = "(?![A-Za-z0-9])"
JWT = "JSON Web Token"
PRIVATE_KEY = "private key"
# Vendor, what its keys begin with, what follows.
_BEGINNINGS = (
    ("OpenAI", "sk-proj-", "[A-Za-z0-9_-]{20,512}"),
    ("OpenAI", "sk-svcacct-", "[A-Za-z0-9_-]{20,512}"),
    ("OpenAI", "sk-admin-", "[A-Za-z0-9_-]{20,512}"),
    ("Anthropic", "sk-ant-", "[A-Za-z0-9_-]{20,512}"),
    ("OpenRouter", "sk-or-v1-", "[A-Za-z0-9]{20,512}"),
    ("Langfuse", "sk-lf-", _UUID),
    # DeepSeek, Moonshot, Alibaba Model Studio, SiliconFlow and older OpenAI keys look alike.
    ("sk-", "sk-", "(?=[A-Za-z]{0,30}[0-9]|[A-Za-z]{31})[A-Za-z0-9]{16,512}"),
    ("ElevenLabs", "sk_", "[0-9a-f]{48}" + _END),
    ("Cerebras", "csk-", "[A-Za-z0-9]{20,512}"),
    ("Groq", "gsk_", "[A-Za-z0-9]{20,512}"),
    ("xAI", "xai-", "[A-Za-z0-9]{20,512}"),
    ("Perplexity", "pplx-", "[A-Za-z0-9]{20,512}"),
    ("NVIDIA", "nvapi-", "[A-Za-z0-9_-]{20,512}"),
    ("Hugging Face", "hf_", "[A-Za-z0-9]{20,512}"),
    ("Hugging Face", "api_org_", "[A-Za-z0-9]{20,512}"),
    ("Replicate", "r8_", "[A-Za-z0-9]{20,512}"),
    ("Together", "tgp_v1_", "[A-Za-z0-9_-]{20,512}"),
    ("Fireworks", "fw_", "[A-Za-z0-9]{20,512}"),
    ("Fireworks", "fpk_", "[A-Za-z0-9]{20,512}"),
    ("Tavily", "tvly-", "[A-Za-z0-9_-]{20,512}"),
    ("LangSmith", "lsv2_", "(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}" + _END),
    ("Pinecone", "pcsk_", "[A-Za-z0-9_]{40,128}"),
    ("Jina", "jina_", "[A-Za-z0-9_-]{40,128}"),
    ("ModelScope", "ms-", "[0-9a-f]{8}-[0-9a-f-]{20,64}"),
    ("Baidu", "bce-v3/ALTAK-", "[A-Za-z0-9]{8,128}/[0-9a-f]{16,128}"),
    ("Alibaba Cloud", "LTAI", "[A-Za-z0-9]{12,26}" + _END),
    ("Tencent Cloud", "AKID", "[A-Za-z0-9]{28,40}" + _END),
    ("Volcengine", "AKLT", "[A-Za-z0-9_-]{28,64}"),
    ("Google", "AIza", "[A-Za-z0-9_-]{30,512}"),
    ("Google", "AQ.", "[A-Za-z0-9_-]{20,512}"),
    ("Google", "ya29.", "[A-Za-z0-9_.-]{20,2048}"),
    ("Google", "1//0", "[A-Za-z0-9_-]{20,512}"),
    ("Google", "GOCSPX-", "[A-Za-z0-9_-]{20,64}"),
    ("AWS", "AKIA", "[A-Z0-9]{16}" + _END),
    ("AWS", "ASIA", "[A-Z0-9]{16}" + _END),
    ("AWS", "ABSK", "[A-Za-z0-9+/]{40,512}={0,2}"),
    ("GitHub", "ghp_", "[A-Za-z0-9]{30,512}"),
    ("GitHub", "gho_", "[A-Za-z0-9]{30,512}"),
    ("GitHub", "ghu_", "[A-Za-z0-9]{30,512}"),
    ("GitHub", "ghs_", "[A-Za-z0-9]{30,512}"),
    ("GitHub", "ghr_", "[A-Za-z0-9]{30,512}"),
    ("GitHub", "github_pat_", "[A-Za-z0-9_]{30,512}"),
    ("GitLab", "glpat-", "[A-Za-z0-9_-]{20,512}"),
    ("GitLab", "gldt-", "[A-Za-z0-9_-]{20,512}"),
    ("GitLab", "glrt-", "[A-Za-z0-9_-]{20,512}"),
    ("GitLab", "glptt-", "[A-Za-z0-9_-]{20,512}"),
    ("Slack", "xox", "[abeoprs]-[A-Za-z0-9-]{10,512}"),
    ("Slack", "xapp-", "[0-9]-[A-Z0-9]{8,16}-[0-9]{8,16}-[0-9a-f]{32,128}"),
    ("Slack", "hooks.slack.com/services/", "T[A-Za-z0-9]{6,16}/B[A-Za-z0-9]{6,16}/[A-Za-z0-9]{16,48}"),
    ("Discord", "discord.com/api/webhooks/", "[0-9]{15,24}/[A-Za-z0-9_-]{40,128}"),
    ("Discord", "discordapp.com/api/webhooks/", "[0-9]{15,24}/[A-Za-z0-9_-]{40,128}"),
    ("WeCom", "qyapi.weixin.qq.com/cgi-bin/webhook/send?key=", _UUID),
    ("Feishu", "open.feishu.cn/open-apis/bot/v2/hook/", _UUID),
    ("DingTalk", "oapi.dingtalk.com/robot/send?access_token=", "[0-9a-f]{64}"),
    ("Stripe", "sk_live_", "[A-Za-z0-9]{16,512}"),
    ("Stripe", "sk_test_", "[A-Za-z0-9]{16,512}"),
    ("Stripe", "rk_live_", "[A-Za-z0-9]{16,512}"),
    ("Stripe", "rk_test_", "[A-Za-z0-9]{16,512}"),
    ("Stripe", "whsec_", "[A-Za-z0-9+/=]{24,512}"),
    ("Square", "sq0", "(?:atp|csp)-[A-Za-z0-9_-]{22,64}"),
    ("Shopify", "shp", "(?:at|ca|pa|ss)_[0-9a-fA-F]{32}" + _END),
    ("SendGrid", "SG.", "[A-Za-z0-9_-]{16,32}\\.[A-Za-z0-9_-]{32,64}"),
    ("Twilio", "SK", "[0-9a-f]{32}" + _END),
    ("Mailgun", "key-", "[0-9a-f]{32}" + _END),
    ("npm", "npm_", "[A-Za-z0-9]{36}" + _END),
    ("PyPI", "pypi-AgE", "[A-Za-z0-9_-]{40,1024}"),
    ("RubyGems", "rubygems_", "[0-9a-f]{48}" + _END),
    ("Docker", "dckr_pat_", "[A-Za-z0-9_-]{20,64}"),
    ("DigitalOcean", "dop_v1_", "[0-9a-f]{64}" + _END),
    ("DigitalOcean", "doo_v1_", "[0-9a-f]{64}" + _END),
    ("DigitalOcean", "dor_v1_", "[0-9a-f]{64}" + _END),
    ("Heroku", "HRKU-", "[A-Za-z0-9_-]{30,128}"),
    ("Netlify", "nfp_", "[A-Za-z0-9]{36,64}"),
    ("Supabase", "sbp_", "[0-9a-f]{40}" + _END),
    ("Supabase", "sb_secret_", "[A-Za-z0-9_-]{20,64}"),
    ("PlanetScale", "pscale_", "(?:tkn|pw|oauth)_[A-Za-z0-9_.-]{32,64}"),
    ("Databricks", "dapi", "[0-9a-f]{32}(?:-[0-9])?" + _END),
    ("HashiCorp", "hvs.", "[A-Za-z0-9_-]{24,256}"),
    ("HashiCorp", "hvb.", "[A-Za-z0-9_-]{24,256}"),
    ("Grafana", "glsa_", "[A-Za-z0-9]{32}_[0-9a-fA-F]{8}" + _END),
    ("Grafana", "glc_", "[A-Za-z0-9+/]{32,400}={0,2}"),
    ("New Relic", "NRAK-", "[A-Z0-9]{27}" + _END),
    ("Sentry", "sntrys_", "[A-Za-z0-9+/=_-]{40,1024}"),
    ("Sentry", "sntryu_", "[0-9a-f]{64}" + _END),
    ("Postman", "PMAK-", "[0-9a-f]{24}-[0-9a-f]{34}" + _END),
    ("Doppler", "dp.", "(?:pt|st|ct|sa)\\.[A-Za-z0-9_.-]{40,80}"),
    ("Atlassian", "ATATT3", "[A-Za-z0-9_=-]{100,400}"),
    ("Notion", "ntn_", "[A-Za-z0-9]{40,64}"),
    ("Linear", "lin_api_", "[A-Za-z0-9]{32,64}"),
    ("Figma", "figd_", "[A-Za-z0-9_-]{32,64}"),
    ("Dropbox", "sl.", "[A-Za-z0-9_-]{100,1500}"),
    ("Apify", "apify_api_", "[A-Za-z0-9]{32,64}"),
    ("age", "AGE-SECRET-KEY-1", "[A-Z0-9]{58}" + _END),
)
# Vendor, what occurs in the key (any of them), the whole.
_WHOLE = (
    ("Zhipu AI", ".", f"(?<![A-Za-z0-9])[0-9a-f]{{32}}\\.[A-Za-z0-9]{{16}}{_END}"),
    ("Telegram", ":AA", f"(?<![A-Za-z0-9])[0-9]{{8,10}}:AA[A-Za-z0-9_-]{{33}}(?![{_WORD}])"),
    ("Discord", ".", f"(?<![{_WORD}])[MNO][{_WORD}]{{23,25}}\\.[{_WORD}]{{6}}\\.[{_WORD}]{{27,38}}(?![{_WORD}])"),
    ("Azure", "JQQJ99", f"(?<![A-Za-z0-9])[A-Za-z0-9]{{52}}JQQJ99[A-Za-z0-9]{{26}}{_END}"),
    ("Azure", "Q~", "(?<![A-Za-z0-9_~.-])[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}(?![A-Za-z0-9_~-])"),
    ("Mailchimp", "-us", f"(?<![A-Za-z0-9])[0-9a-f]{{32}}-us[0-9]{{1,2}}{_END}"),
    ("Airtable", "pat", f"(?<![A-Za-z0-9])pat[A-Za-z0-9]{{14}}\\.[0-9a-f]{{64}}{_END}"),
    ("Terraform", ".atlasv1.", "(?<![A-Za-z0-9])[A-Za-z0-9]{14}\\.atlasv1\\.[A-Za-z0-9_=-]{60,80}"),
    (
        JWT,
        "eyJ",
        f"(?<![{_WORD}])eyJ[{_WORD}]{{8,4096}}\\.[{_WORD}]{{8,8192}}\\.[{_WORD}]{{0,2048}}",
    ),
    (
        PRIVATE_KEY,
        "PRIVATE KEY",
        r"-----BEGIN [A-Z ]{0,32}PRIVATE KEY(?: BLOCK)?-----"
        r"(?:\s{1,4}[A-Za-z-]{1,20}: [^\n]{1,200}){0,4}[\s\\]{0,8}[A-Za-z0-9+/]{32}[A-Za-z0-9+/=\s\\]{0,16384}"
        r"(?:-----END [A-Z ]{0,32}PRIVATE KEY(?: BLOCK)?-----)?",
    ),
    (
        PRIVATE_KEY,
        "PuTTY-User-Key-File-",
        r"PuTTY-User-Key-File-[0-9]: [^\n]{1,100}\n(?:[^\n]{0,200}\n){4,60}",
    ),
)
_EMPTY = re.compile(r"[xX*.\u2022_-]*|(.)\1*")


class KeyShape(NamedTuple):
    """A vendor's name, a literal without which there is no such key, and the pattern."""

    vendor: str
    needle: str
    pattern: re.Pattern[str]


class KeySpan(NamedTuple):
    """Where a key is in a text."""

    start: int
    end: int
    vendor: str


PREFIXES = tuple(dict.fromkeys(prefix for _, prefix, _ in _BEGINNINGS if len(prefix) > 2))
VENDORS = tuple(dict.fromkeys(vendor for vendor, *_ in (*_BEGINNINGS, *_WHOLE)))


def keys_in(text: str) -> Iterator[KeySpan]:
    """The keys in a text, by shape and then by place; spans of two shapes may overlap. Placeholders are none."""
    for shape in _shapes():
        if shape.needle in text:
            for match in shape.pattern.finditer(text):
                if not _EMPTY.fullmatch(match[0].removeprefix(shape.needle)):
                    yield KeySpan(match.start(), match.end(), shape.vendor)


def without_keys(text: str, instead: str) -> str:
    """The text with `instead` for each key."""
    for shape in _shapes():
        if shape.needle in text:
            text = shape.pattern.sub(instead, text)
    return text


@cache
def _shapes() -> tuple[KeyShape, ...]:
    """A pattern begins with its literal, which `re` looks for quickly; the look behind comes after it."""
    beginnings = [
        KeyShape(vendor, prefix, re.compile(f"{re.escape(prefix)}(?<![A-Za-z0-9]{re.escape(prefix)}){rest}"))
        for vendor, prefix, rest in _BEGINNINGS
    ]
    return (*beginnings, *(KeyShape(vendor, needle, re.compile(whole)) for vendor, needle, whole in _WHOLE))

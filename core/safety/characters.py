"""Characters that are not for showing: control codes, terminal sequences, and those that hide or reorder text.

`cleaned` is stable under growth: the result for a prefix is a prefix of the result for the whole, and a text cut after
a newline may be cleaned in two parts. A character that depends on the next one (a joiner at the very end) waits for it.
"""

from __future__ import annotations

import re

_EMOJI = "\U0001f000-\U0001faff\u2190-\u2bff\u3030\u303d\u3297\u3299\u00a9\u00ae"
_JOINING = "\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u17ff\u1800-\u180d\u1820-\u18af"
_JOINING += (
    "\ufb50-\ufdff\ufe70-\ufefc"  # scripts that spell with the joiners: Arabic, Persian, the Indic family, Mongolian
)
_HIDDEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u180e\u200b-\u200d\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f\U000e0100-\U000e01ef"
)
_VARIANTS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_REGIONS = "|".join("".join(chr(0xE0000 + ord(letter)) for letter in region) for region in ("gbeng", "gbsct", "gbwls"))
_SUSPECT = re.compile(f"[{_HIDDEN}]")
_RULES = re.compile(
    rf"""
    (?P<newline>\r\n?)
  | (?P<pair>[\ud800-\udbff][\udc00-\udfff])
  | (?P<lone>[\ud800-\udbff](?!\Z)|[\udc00-\udfff])
  | (?P<kept>(?<=\U0001f3f4)(?:{_REGIONS})\U000e007f
      | (?:(?<=[{_EMOJI}])|(?<=[{_EMOJI}]\ufe0f))\u200d(?=[{_EMOJI}]) | (?<=[{_JOINING}])[\u200c\u200d]
      | (?<=[^\s{_HIDDEN}])[{_VARIANTS}])
  | (?:\x1b\[|\x9b)[0-?]*[ -/]*(?:[@-~]|\Z)[{_VARIANTS}]*
  | (?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n\r]*(?:\x07|\x9c|\x1b\\|(?=[\x1b\n\r])|\Z)[{_VARIANTS}]*
  | [{_HIDDEN}]
    """,
    re.VERBOSE,
)


def cleaned(text: str, checked: int = 0) -> tuple[str, int]:
    """The text that may be shown, and how many characters were left out or replaced (newline forms do not count).

    Surrogates that a stream tore apart are joined again; lone ones become U+FFFD, as they cannot be encoded. The first
    `known` characters, the last of them a space, were found clean before and are not read again.
    """
    if _SUSPECT.search(text, checked) is None:
        return text, 0
    removed = 0

    def judge(match: re.Match[str]) -> str:
        nonlocal removed
        matched = match[0]
        match match.lastgroup:
            case "newline":
                return "\n"
            case "pair":
                return matched.encode("utf-16", "surrogatepass").decode("utf-16")
            case "kept":
                return matched
        removed += len(matched)
        return "\ufffd" if match.lastgroup == "lone" else ""

    return _RULES.sub(judge, text), removed

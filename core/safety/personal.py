"""Personal data in a text that is about to be sent: mail and phone, identity and bank numbers, addresses of computers.

    personal_in("Write to jane@example.org")    [Finding(9, 25, "mail")]

Numbers count only with their checksum (Chinese identity number, card, IBAN) or with the form of a phone number, so
that order numbers, versions, ISBNs and hashes give no alarm. Pure; time grows with the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from ipaddress import AddressValueError, IPv6Address

from .findings import Finding, apart

_MAIL = re.compile(
    r"@(?<=[A-Za-z0-9_%+-]@)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.){1,6}(?:[A-Za-z]{2,24}|xn--[A-Za-z0-9-]{2,59})"
    r"(?![A-Za-z0-9@])"
)
_LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}\Z")
# Each pattern begins with a character or a set, which `re` looks for quickly; what must not be before it comes second.
_DIGITS = re.compile(r"[0-9](?<![A-Za-z0-9_.][0-9])(?:[0-9Xx]|[ -](?=[0-9])){11,25}(?![A-Za-z0-9_])")
_PHONE_END = r"(?![A-Za-z0-9_]|[.-][0-9])"
_PHONES = tuple(
    re.compile(pattern + _PHONE_END)
    for pattern in (
        r"\+(?<![A-Za-z0-9_.+*/=)-]\+)[1-9](?:[ .()/-]{0,2}[0-9]){7,14}",
        r"00(?<![A-Za-z0-9_.+*/=-]00)[1-9](?:[ .()/-]{0,2}[0-9]){8,13}",
        r"1(?<![A-Za-z0-9_.+#-]1)[3-9][0-9](?:[0-9]{8}|[ -][0-9]{4}[ -][0-9]{4})",
        r"0(?<![A-Za-z0-9_.+#-]0)[1-9][0-9]{1,2}-[2-9][0-9]{6,7}",
        r"[48](?<![A-Za-z0-9_.+#-][48])00-(?:[0-9]{3}-?[0-9]{4}|[0-9]{4}-[0-9]{3})",
        r"\((?<![A-Za-z0-9_.+#/-]\()[2-9][0-9]{2}\)[ ]?[2-9][0-9]{2}[-. ][0-9]{4}",
        r"[2-9](?<![A-Za-z0-9_.+#/-][2-9])[0-9]{2}(?P<sign>[-. ])[2-9][0-9]{2}(?P=sign)[0-9]{4}",
    )
)
_CALLED = re.compile(
    r"(?:(?i:(?<![a-z])(?:tel|phone|telephone|mobile|cell|fax|whatsapp)(?![a-z])|call (?:me|us)(?: (?:at|on))?)"
    r"|电话|手机号?码?|座机|传真|联系方式)(?:[ ]?(?i:number|no\.?|is)|是|为)?[\s:：.]{0,3}"
    r"(?P<number>\+?\(?[0-9](?:[ ()/-]{0,2}[0-9]){6,14})(?![A-Za-z0-9_]|[.-][0-9])"
)
_CALLED_WORDS = ("tel", "phone", "mobile", "cell", "fax", "whatsapp", "call", "电话", "手机", "座机", "传真", "联系")
_IBAN = re.compile(r"[A-Z](?<![A-Za-z0-9][A-Z])[A-Z][0-9]{2}(?:[ ]?[A-Z0-9]){11,30}")
_IPV4 = re.compile(
    r"[0-9](?<![A-Za-z0-9_.=^~+-][0-9])[0-9]{0,2}\.(?:[0-9]{1,3}\.){2}[0-9]{1,3}(?![A-Za-z0-9_-]|\.[0-9A-Za-z])"
)
_IPV6 = re.compile(r"[0-9A-Fa-f:](?<![A-Za-z0-9_:.][0-9A-Fa-f:])[0-9A-Fa-f:]{2,38}(?![A-Za-z0-9_:.])")
_NO_NUMBER_OF_A_PERSON = re.compile(r"(?i:order|invoice|track|ticket|serial|parcel|ref)|单号|流水|编号|订单|运单")
_VERSION = re.compile(r"(?i:version|release|build|upgrade|update|ver)|版本|升级")
_IBAN_COUNTRIES = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 "
    "FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 "
    "LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 "
    "SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 "
)
_IBAN_CHARS = {country[:2]: int(country[2:]) for country in _IBAN_COUNTRIES.split()}
_CARDS = re.compile(
    r"4[0-9]{15}(?:[0-9]{3})?|5[1-5][0-9]{14}|2(?:22[1-9]|2[3-9][0-9]|[3-6][0-9]{2}|7[01][0-9]|720)[0-9]{12}"
    r"|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|6(?:011|5[0-9]{2}|4[4-9][0-9])[0-9]{12}|35(?:2[89]|[3-8][0-9])[0-9]{12}"
    r"|62[0-9]{14,17}"
)
_GROUPS = re.compile(r"[0-9]+|[0-9]{4}(?:(?P<sign>[ -])[0-9]{4,6})(?:(?P=sign)[0-9]{1,7}){1,3}")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_NEAR = 24  # characters before a number in which it is named


def personal_in(text: str) -> list[Finding]:
    """The personal data by place, without overlaps."""
    return apart([*_mails(text), *_numbers(text), *_ibans(text), *_phones(text), *_addresses(text)])


def _mails(text: str) -> Iterator[Finding]:
    if "@" not in text:
        return
    for match in _MAIL.finditer(text):
        local = _LOCAL.search(text[max(0, match.start() - 64) : match.start()])
        name = local[0].lstrip("'/=*`{|}?&#.") if local else ""
        is_remote = name == "git" and text[match.end() : match.end() + 1] in (":", "/")  # of a repository
        if name and not is_remote:
            yield Finding(match.start() - len(name), match.end(), "mail")


def _numbers(text: str) -> Iterator[Finding]:
    for match in _DIGITS.finditer(text):
        number = match[0]
        if is_identity_number(number):
            yield Finding(match.start(), match.end(), "id")
        elif is_card(number):
            named = _NO_NUMBER_OF_A_PERSON.search(text, max(0, match.start() - _NEAR), match.start())
            if not (named and number.isdigit()):
                yield Finding(match.start(), match.end(), "card")


def is_identity_number(number: str) -> bool:
    """Whether it is a Chinese identity number: 17 digits with a date of birth, and its check character."""
    if not re.fullmatch(r"[1-8][0-9]{16}[0-9Xx]", number):
        return False
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    rest = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number, strict=False)) % 11
    return number[6:8] in ("18", "19", "20") and "10X98765432"[rest] == number[17].upper()


def is_card(number: str) -> bool:
    """Whether it is a card number: a known issuer, the usual groups, and Luhn's sum."""
    digits = re.sub(r"[ -]", "", number)
    if not _GROUPS.fullmatch(number) or not _CARDS.fullmatch(digits):
        return False
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


def _ibans(text: str) -> Iterator[Finding]:
    for match in _IBAN.finditer(text):
        country = match[0][:2]
        end, left = match.start(), _IBAN_CHARS.get(country, 0)
        while left and end < match.end():
            left -= text[end] != " "
            end += 1
        number = text[match.start() : end].replace(" ", "")
        if not left and number and not text[end : end + 1].isalnum() and is_iban(number):
            yield Finding(match.start(), end, "iban")


def is_iban(number: str) -> bool:
    """Whether it has the length of its country and the right check digits. Without spaces."""
    if len(number) != _IBAN_CHARS.get(number[:2], 0):
        return False
    return int("".join(str(int(sign, 36)) for sign in number[4:] + number[:4])) % 97 == 1


def _phones(text: str) -> Iterator[Finding]:
    for pattern in _PHONES:
        for match in pattern.finditer(text):
            yield Finding(match.start(), match.end(), "phone")
    lowered = text.lower()
    if any(word in lowered for word in _CALLED_WORDS):
        for match in _CALLED.finditer(text):
            yield Finding(match.start("number"), match.end("number"), "phone")


def _addresses(text: str) -> Iterator[Finding]:
    for match in _IPV4.finditer(text):
        parts, start = [int(part) for part in match[0].split(".")], match.start()
        of_no_person = parts[0] in (0, 127, 255) or max(parts) > 255
        follows_a_name = text.endswith("/", 0, start) and not text.endswith("//", 0, start)
        if not (of_no_person or follows_a_name or _VERSION.search(text, max(0, start - _NEAR), start)):
            yield Finding(start, match.end(), "ip")
    if text.count(":") < 3:
        return
    for match in _IPV6.finditer(text):
        groups = [group for group in match[0].split(":") if group]
        if len(groups) >= 3 and any(sign.isdigit() for sign in match[0]) and _is_ipv6(match[0]):
            yield Finding(match.start(), match.end(), "ip")


def _is_ipv6(text: str) -> bool:
    try:
        return not IPv6Address(text).is_loopback
    except AddressValueError:
        return False

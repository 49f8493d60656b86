"""Old encodings of Europe and East Asia, guessed by how ordinary the letters are."""

from __future__ import annotations

import pytest

from core.encodings import NAMES, decode

TEXTS = [
    ("Windows-1252", "¿Cuál es la capital de España?"),
    ("Windows-1252", "Où est Besançon ?"),
    ("Windows-1252", "Wie groß ist München?"),
    ("Windows-1252", "Ist das schön?"),
    ("Windows-1252", "Perché il cielo è blu? Più tardi, sì"),
    ("Windows-1252", "Qual é a capital de São Tomé? Não sei, limões"),
    ("Windows-1252", "Vad heter Sveriges huvudstad på engelska?"),
    ("Windows-1252", "It’s – well – “fine”"),
    ("Windows-1252", "Price 5 € or £4?"),
    ("Windows-1250", "Jaka jest stolica Węgier? Żółć"),
    ("Windows-1250", "Jaké je hlavní město Česka?"),
    ("Windows-1250", "Mi Magyarország fővárosa? Különböző"),
    ("Windows-1250", "Care este capitala României? Bucureşti"),
    ("Windows-1251", "Столица Франции?"),
    ("KOI8-R", "Столица Франции?"),
    ("Windows-1253", "Ποια είναι η πρωτεύουσα της Γαλλίας;"),
    ("Windows-1254", "Türkiye'nin başkenti neresidir?"),
    ("Windows-1255", "מה בירת צרפת?"),
    ("Windows-1256", "ما هي عاصمة فرنسا؟"),
    ("Mac Roman", "Où est Besançon ?"),
    ("GBK", "法国的首都是什么？"),
    ("GBK", "把下面的句子翻译成英文"),
    ("Big5", "法國的首都是什麼？"),
    ("Big5", "台灣最高的山是哪一座？"),
    ("Shift JIS", "フランスの首都は？"),
    ("EUC-JP", "日本の首都はどこですか？"),
    ("EUC-KR", "대한민국의 수도는 어디입니까?"),
    ("EUC-KR", "프랑스의 수도는?"),
]


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ["名称,价格\n苹果,3\n", "a\tb\r\n1\t2\r\n", "값,수\n사과,3\n"])
def test_utf16_without_a_mark_is_known_by_its_blanks_and_commas(codec: str, text: str) -> None:
    decoded = decode(text.encode(codec))
    assert (decoded.text, decoded.encoding, decoded.sure) == (text, "UTF-16", False)


def test_a_mark_of_utf32_is_not_taken_for_that_of_utf16() -> None:
    assert decode("名称,价格".encode("utf-32")) == decode("名称,价格".encode("utf-32"), "UTF-32")


@pytest.mark.parametrize(("encoding", "text"), TEXTS)
def test_a_guess_is_right_and_says_that_it_is_one(encoding: str, text: str) -> None:
    file = f"prompt,expected\n{text},x\n"
    decoded = decode(file.encode(NAMES[encoding]))
    assert (decoded.text, decoded.encoding, decoded.sure) == (file, encoding, False)


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_unicode_needs_no_guess(codec: str) -> None:
    assert decode("prompt,expected\nHällo 天空,x\n".encode(codec)).text == "prompt,expected\nHällo 天空,x\n"


def test_a_choice_is_obeyed_and_may_be_impossible() -> None:
    assert decode("Łódź".encode("cp1250"), "Windows-1252").text == "£ódŸ"
    with pytest.raises(UnicodeDecodeError):
        decode(b"\xff\xff", "UTF-8")


def test_a_character_cut_at_the_end_of_the_sample_does_no_harm() -> None:
    text = "天" * 40_001
    assert decode(b"x" + text.encode("gb18030")).text == f"x{text}"


@pytest.mark.parametrize("data", [b"\xff\x01\xff", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", bytes(range(128, 256)) * 20])
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(UnicodeDecodeError):
        decode(data)

"""What a file is, by its content: a name says what its owner believes."""

from __future__ import annotations

import io
import zipfile

from ..encodings import CONTROL
from ..errors import BlockedInput
from . import bounds

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "epub": "application/epub+zip",
    "rtf": "application/rtf",
    "mail": "message/rfc822",
    "html": "text/html",
    "ipynb": "application/x-ipynb+json",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "text": "text/plain",
}
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
SLIDES = "PowerPoint Document"  # the name of a stream
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"\0\0\1\0", b"8BPS")
SOUNDS = (b"ID3", b"OggS", b"fLaC", b"\xff\xfb", b"\x1aE\xdf\xa3", b"FLV\1")
ARCHIVES = (b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
PROGRAMS = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe")


def fault(message: str, code: str) -> BlockedInput:
    return BlockedInput(message, code=code, param="files")


def broken(name: str) -> BlockedInput:
    return fault(f"{name} is damaged or incomplete: open it, save it again, and attach the new file.", "broken")


def kind_of(name: str, data: bytes) -> str:
    """A name in `MEDIA_TYPES`; "text" for all that must be decoded. Raises BlockedInput for what cannot be read."""
    if not data:
        raise fault(f"{name} is empty: attach a file with content.", "empty")
    if data[:4] in (b"PK\3\4", b"PK\5\6", b"PK\7\x08"):
        return _packed(name, data)
    if is_pdf(data):
        return "pdf"
    if data.startswith(OLE):
        raise _older(name, data)
    if data.startswith(b"{\\rtf"):
        return "rtf"
    if CONTROL.search(data[:4096]) is None and data.isascii():
        return "text"  # that begins with the sign of another kind: it may be about it
    if data.startswith(PICTURES) or (data[:2] == b"BM" and b"\0" in data[:32]) or data[8:12] == b"WEBP":
        raise fault(f"{name} is a picture, not a document: attach it as a picture, with its right ending.", "kind")
    if data.startswith(SOUNDS) or data[4:8] == b"ftyp" or data[:4] == b"RIFF":
        raise fault(f"{name} is a sound or a film, which cannot be read as a document.", "kind")
    if data.startswith(ARCHIVES):
        raise fault(f"{name} is an archive: unpack it and attach the files in it.", "kind")
    if data.startswith(PROGRAMS) and b"\0" in data[:4096]:
        raise fault(f"{name} is a program, not a document: attach a text or a document.", "kind")
    return "text"


def is_pdf(data: bytes) -> bool:
    """Some have other bytes before their sign; a text that only mentions it is none."""
    return b"%PDF-" in data[:1024] and (data.lstrip().startswith(b"%PDF-") or b"startxref" in data or b"endobj" in data)


def _packed(name: str, data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            members = packed.infolist()
            names = {member.filename for member in members}
            mimetype = packed.read("mimetype")[:100].decode("latin-1").strip() if _small(packed, "mimetype") else ""
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError):
        raise broken(name) from None
    if len(members) > bounds.MEMBERS:
        raise fault(
            f"{name} holds more than {bounds.MEMBERS:,} files: attach a smaller one, or only the text.", "too_large"
        )
    if sum(member.file_size for member in members) > bounds.UNPACKED_BYTES:
        size = f"{bounds.UNPACKED_BYTES // 1_000_000} MB"
        raise fault(f"{name} unpacks to more than {size}: attach a smaller file, or only the text.", "too_large")
    if any(member.flag_bits & 1 for member in members):
        raise fault(f"{name} is protected with a password: remove the password and attach it again.", "password")
    for kind, needed in (("docx", "word/"), ("xlsx", "xl/"), ("pptx", "ppt/")):
        if any(member.startswith(needed) for member in names) and "[Content_Types].xml" in names:
            if "xl/workbook.bin" in names:
                raise fault(f"{name} is a binary Excel file (.xlsb): save it as .xlsx and attach that.", "legacy")
            return kind
    if mimetype == "application/epub+zip" or "META-INF/container.xml" in names:
        return "epub"
    if mimetype.startswith("application/vnd.oasis.opendocument"):
        raise fault(f"{name} is an OpenDocument file: save it as .docx, .xlsx, .pptx or PDF and attach that.", "legacy")
    if any(member.startswith(("Index/", "Index.zip")) for member in names):
        raise fault(f"{name} is a Pages, Numbers or Keynote file: export it as PDF and attach that.", "legacy")
    raise fault(f"{name} is an archive: unpack it and attach the files in it.", "kind")


def _small(packed: zipfile.ZipFile, member: str) -> bool:
    return member in packed.namelist() and packed.getinfo(member).file_size < 1000


def _older(name: str, data: bytes) -> BlockedInput:
    """The sentence for a file of Office before 2007, or one encrypted by a later Office."""

    def holds(stream: str) -> bool:
        return stream.encode("utf-16-le") in data

    if holds("EncryptedPackage") or holds("EncryptionInfo"):
        return fault(f"{name} is protected with a password: remove the password and attach it again.", "password")
    if holds("WordDocument"):
        return fault(f"{name} is an old Word file (.doc): save it as .docx or PDF and attach that.", "legacy")
    if holds("Workbook") or holds("Book"):
        return fault(f"{name} is an old Excel file (.xls): save it as .xlsx and attach that.", "legacy")
    if holds("__substg1.0_") or holds("__nameid_version1.0"):
        return fault(f"{name} is an Outlook message (.msg): save it as .eml or PDF and attach that.", "legacy")
    if holds(SLIDES):
        return fault(f"{name} is an old PowerPoint file (.ppt): save it as .pptx or PDF and attach that.", "legacy")
    return fault(f"{name} is in an old Office format: save it as .docx, .xlsx, .pptx or PDF and attach that.", "legacy")

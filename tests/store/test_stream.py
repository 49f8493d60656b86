"""A file of any length is read in pieces, item by item, in little memory."""

from __future__ import annotations

import io
import json

import pytest

from core.store import BadImport
from core.store.portable import stream
from core.store.portable.stream import JsonReader


class Endless(io.RawIOBase):
    """A list of so many items that nobody holds them."""

    def __init__(self, number: int) -> None:
        self._item = json.dumps({"text": "x" * 1000}).encode()
        self._number, self._sent = number, 0
        self.largest = 0

    def read(self, size: int = -1) -> bytes:
        assert size > 0
        self.largest = max(self.largest, size)
        if self._sent > self._number:
            return b""
        many = size // (len(self._item) + 1) or 1
        piece = b",".join([self._item] * many)
        first, self._sent = self._sent == 0, self._sent + many
        return (b"[" if first else b",") + piece + (b"]" if self._sent > self._number else b"")


def test_a_list_is_read_item_by_item() -> None:
    file = Endless(200_000)
    reader = JsonReader(file)
    most = items = 0
    for _ in reader.items():
        items += 1
        most = max(most, len(reader._text))
    assert items >= 200_000
    assert reader.read_bytes > 200_000_000
    assert most < 3 * stream.PIECE
    assert file.largest <= stream.PIECE


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_pieces_may_end_anywhere(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(stream, "PIECE", size)
    data = [{"a": '机器“ \\" ]}', "n": -12.5e3}, 123456, "text", [[], {}], None, True]
    for value in (data, {"format": "x", "conversations": data, "n": 12}, {}, []):
        text = ("\ufeff" + json.dumps(value, ensure_ascii=False, indent=1)).encode()
        items = [item for item in JsonReader(io.BytesIO(text)).items() if item[1] is not stream.BEGIN]
        if isinstance(value, list):
            assert [item for _, item in items] == value
        else:
            assert [item for name, item in items if name == "conversations"] == value.get("conversations", [])
            assert {name: item for name, item in items if name != "conversations"} == {
                name: value[name] for name in value if name != "conversations"
            }


def test_one_conversation_must_fit_into_memory() -> None:
    reader = JsonReader(io.BytesIO(b'["' + b"x" * 5_000_000 + b'"]'), most_chars=2_000_000)
    with pytest.raises(BadImport, match="more than 2 million characters"):
        list(reader.items())

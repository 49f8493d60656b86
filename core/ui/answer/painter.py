"""Draws untrusted text that grows: finished blocks stay, only the last one is painted again.

Every block comes from core.safety.outgoing; text goes to `st.markdown`, code to `st.code`, nothing else.
"""

from __future__ import annotations

from streamlit.delta_generator import DeltaGenerator

from ...safety.outgoing import Block, Blocks, blocks


def draw(place: DeltaGenerator, text: str) -> None:
    """The whole of a text that has come to its end, one element a block."""
    for block in blocks(text):
        _put(place, block)


class Painter:
    """A growing text in `place`. Call `paint` with all there is so far, as often as wanted."""

    def __init__(self, place: DeltaGenerator) -> None:
        self._place = place
        self._blocks = Blocks()
        self._slots: list[DeltaGenerator] = []
        self._painted = ""

    def paint(self, text: str) -> None:
        if text == self._painted:
            return
        self._painted = text
        first, found = self._blocks.update(text)
        for number in range(first, len(found)):
            if number == len(self._slots):
                self._slots.append(self._place.empty())
            _put(self._slots[number], found[number])
        for slot in self._slots[len(found) :]:
            slot.empty()
        del self._slots[len(found) :]


def _put(place: DeltaGenerator, block: Block) -> None:
    if block.kind == "code":
        place.code(block.text, language=block.language or None)
    else:
        place.markdown(block.text, anchors=False)

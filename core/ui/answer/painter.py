"""Draws untrusted text while it grows: finished blocks stay, only the last one is painted again.

Every block comes from core.safety.outgoing; text goes to `st.markdown`, code to `st.code`, nothing else.
"""

from __future__ import annotations

from streamlit.delta_generator import DeltaGenerator

from ...safety.outgoing import Block, Blocks, blocks


def draw(place: DeltaGenerator, text: str) -> None:
    """Draw a complete text, one element per block."""
    for block in blocks(text):
        _put(place, block)


class Painter:
    """A growing text in `place`. Call `paint` with the whole text so far, as often as you like."""

    def __init__(self, place: DeltaGenerator) -> None:
        self._place = place
        self._blocks = Blocks()
        self._slots: list[DeltaGenerator] = []
        self._painted = ""

    def paint(self, text: str) -> None:
        if text == self._painted:
            return
        self._painted = text
        first, parsed = self._blocks.update(text)
        for number in range(first, len(parsed)):
            if number == len(self._slots):
                self._slots.append(self._place.empty())
            _put(self._slots[number], parsed[number])
        for slot in self._slots[len(parsed) :]:
            slot.empty()
        del self._slots[len(parsed) :]


def _put(place: DeltaGenerator, block: Block) -> None:
    if block.kind == "code":
        place.code(block.text, language=block.language or None)
    else:
        place.markdown(block.text, anchors=False)

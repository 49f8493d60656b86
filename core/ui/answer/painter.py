"""Draws untrusted text while it grows: finished blocks stay, only the last one is painted again.

Every block comes from core.safety.outgoing. Text goes to `st.markdown` and code to `st.code`; a code block whose fence
has closed may be drawn as what it says: a diagram, a table, a tree.
"""

from __future__ import annotations

from streamlit.delta_generator import DeltaGenerator

from ...safety import data_shapes, footnotes
from ...safety.direction import runs_right_to_left
from ...safety.outgoing import Block, Blocks, blocks, first_difference
from ..text import t
from . import code_block, data_block, diagram


def draw(place: DeltaGenerator, text: str, name: str = "") -> None:
    """Draw a complete text, one element per block. `name` as for `Painter`."""
    for number, block in enumerate(_with_footnotes(text, blocks(text), name, growing=False)):
        key = f"{name}-{number}" if name else ""
        if key and _right_to_left(block):
            place.container(key=f"right-to-left-{key}").markdown(block.text, anchors=False)
        else:
            _put(place, block, key)


class Painter:
    """A growing text in `place`. Call `paint` with the whole text so far, as often as you like.

    `name` is unique on the page; without one there are no diagrams, folded code and links of footnotes.
    """

    def __init__(self, place: DeltaGenerator, name: str = "") -> None:
        self._place = place
        self._name = name
        self._blocks = Blocks()
        self._drawn: list[Block] = []
        self._slots: list[DeltaGenerator] = []
        self._boxes: dict[int, DeltaGenerator | None] = {}  # slots that hold a container, and where text goes in it
        self._painted = ""
        self._keys: set[str] = set()

    def paint(self, text: str, *, growing: bool = True) -> None:
        if text == self._painted and (growing or not footnotes.has_marks(text)):
            return
        self._painted = text
        before = self._drawn
        self._drawn = _with_footnotes(text, self._blocks.update(text)[1], self._name, growing=growing)
        for number in range(first_difference(before, self._drawn), len(self._drawn)):
            block = self._drawn[number]
            if number < len(self._slots) and before[number : number + 1] == [block]:
                continue
            if (box := self._boxes.get(number)) and _right_to_left(block):
                box.markdown(block.text, anchors=False)
                continue
            if number in self._boxes:
                self._drop(number)
            if number == len(self._slots):
                self._slots.append(self._place.empty())
            self._fill(number, block, growing)
        self._drop(len(self._drawn))

    def _fill(self, number: int, block: Block, growing: bool) -> None:
        slot = self._slots[number]
        key = self._key(number) if self._name and _takes_key(block) else ""
        if key and _right_to_left(block):
            box = self._boxes[number] = slot.container(key=f"right-to-left-{key}").empty()
            box.markdown(block.text, anchors=False)
        elif _put(slot, block, key, watched=growing):
            self._boxes[number] = None

    def _drop(self, number: int) -> None:
        """Empty the slots from `number` on. A container keeps what it held, so its slot is not used again."""
        for slot in self._slots[number:]:
            slot.empty()
        del self._slots[number:]
        self._boxes = {position: box for position, box in self._boxes.items() if position < number}

    def _key(self, number: int) -> str:
        """A run may use a key once, and an answer that begins anew paints a block again."""
        key = f"{self._name}-{number}"
        while key in self._keys:
            key += "-again"
        self._keys.add(key)
        return key


def _with_footnotes(text: str, parsed: list[Block], name: str, *, growing: bool) -> list[Block]:
    if not footnotes.has_marks(text):
        return parsed
    return footnotes.arranged(parsed, name=name, back=t("Back to the text"), titles=not growing)


def _takes_key(block: Block) -> bool:
    if block.kind == "markdown":
        return _right_to_left(block)
    return block.is_diagram or (block.closed and code_block.is_long(block.text))


def _right_to_left(block: Block) -> bool:
    return block.kind == "markdown" and runs_right_to_left(block.text)


def _put(place: DeltaGenerator, block: Block, key: str, *, watched: bool = False) -> bool:
    """Draw it; whether it stands in a container."""
    if block.kind == "markdown":
        place.markdown(block.text, anchors=False)
        return False
    if key and block.is_diagram and diagram.drawable(block.text):
        diagram.draw(place, block.text, f"diagram-{key}")
        return True
    if block.closed and (shape := data_shapes.of_text(block.text, block.language, data_block.unnamed())):
        data_block.draw(place, shape, block.text, block.language)
        return True
    if key and block.closed and code_block.is_long(block.text):
        code_block.draw(place, block.text, block.language, key, watched=watched)
        return True
    place.code(block.text, language=block.language or None)
    return False

"""Pictures of diagrams for a file: the visitor's browser draws them, since the server cannot.

pictures = drawn(sources, "report")      # None until the browser has answered, which reruns the page
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b

import streamlit as st

from . import diagram, diagram_frame

MOST_DIAGRAMS = 40
MOST_CHARS = 20_000_000  # of all pictures


def drawn(sources: Sequence[str], key: str) -> Mapping[str, str] | None:
    """SVG by source, of those that could be drawn; {} where nothing draws or nothing is to be drawn."""
    sources = [source for source in sources if len(source) <= diagram.MOST_CHARS][:MOST_DIAGRAMS]
    if not sources or not diagram_frame.address():
        return {}
    name = blake2b("\0".join(sources).encode("utf-8", "replace"), digest_size=12).hexdigest()
    component = st.components.v2.component("roundtable-diagram-pictures", js=diagram.script("diagram_pictures.js"))
    answered = component(
        key=key,
        data=[{"address": diagram_frame.address(), "name": name, "sources": [*map(diagram.harmless, sources)]}],
        on_pictures_change=lambda: None,
    )
    return _pictures(answered.pictures, name, sources)


def _pictures(answered: object, name: str, sources: Sequence[str]) -> Mapping[str, str] | None:
    """What the browser answered, as far as it is what was asked for."""
    if not isinstance(answered, Mapping) or answered.get("name") != name:
        return None
    pictures: dict[str, str] = {}
    left = MOST_CHARS
    for source, picture in zip(sources, answered.get("pictures") or (), strict=False):
        if isinstance(picture, str) and picture.startswith("<svg") and len(picture) <= left:
            pictures[source] = picture
            left -= len(picture)
    return pictures

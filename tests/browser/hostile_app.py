"""A Streamlit page that draws the documents in the file HOSTILE_DOCUMENTS, made safe or (`?raw=1`) as they are."""

from __future__ import annotations

import json
import os
from pathlib import Path

import streamlit as st

from core.safety.outgoing import blocks


def draw(document: str, raw: bool) -> None:
    if raw:
        st.markdown(document)
        return
    for block in blocks(document):
        if block.kind == "code":
            st.code(block.text, language=block.language or None)
        else:
            st.markdown(block.text)


if __name__ == "__main__":
    documents = json.loads(Path(os.environ["HOSTILE_DOCUMENTS"]).read_text(encoding="utf-8"))
    first, count = int(st.query_params["first"]), int(st.query_params["count"])
    for number, document in enumerate(documents[first : first + count], first):
        with st.container(key=f"document_{number}"):
            draw(document, raw="raw" in st.query_params)
    st.text("all drawn")

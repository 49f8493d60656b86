"""The app's server around a page that draws the documents in the file DRAWN_DOCUMENTS, a name and a text each.

/?document=flow            as an answer that has ended
/?document=flow&stream=1   as one that arrives, a few characters at a time
/?document=flow&file=1     as a file that holds its diagrams
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import streamlit as st

from core.ui import environment, middleware

if __name__ != "__main__":
    environment.remember()
    app = st.App(__file__, lifespan=middleware.lifespan, middleware=middleware.middleware(), routes=middleware.routes())
else:
    from core.report.answer_html import diagrams
    from core.ui.answer import diagram_pictures, painter, typed
    from core.ui.keyboard import component

    documents = json.loads(Path(os.environ["DRAWN_DOCUMENTS"]).read_text(encoding="utf-8"))
    text = documents[st.query_params["document"]]
    if "file" in st.query_params:
        pictures = diagram_pictures.drawn(list(diagrams([text])), "file")
        st.text("drawing" if pictures is None else f"{len(pictures)} pictures")
        st.stop()
    st.button("Run again")
    with st.chat_message("user"):
        typed.typed(st.container(), text[:80])
    with st.chat_message("assistant"):
        answer = painter.Painter(st.container(gap="small"), "answer")
        if "stream" in st.query_params and "streamed" not in st.session_state:
            for length in range(0, len(text), 40):
                answer.paint(text[:length])
                time.sleep(0.03)
            st.session_state["streamed"] = True
        answer.paint(text, growing="stream" in st.query_params)
    component.draw("drawing")
    st.text("all drawn")

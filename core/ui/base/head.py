"""The line at the top of every page: its name, which is the page's only h1, a caption, and controls at the right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st


@contextmanager
def head(name: str, caption: str = "", *, beside: Callable[[], object] | None = None) -> Iterator[None]:
    """The line; what is drawn inside the block stands at its right.

    `name` and `caption` are Markdown: text of a person goes through `plain` first. `beside` draws what follows the
    name. Controls have icons: a phone shows only these.
    """
    with st.container(key="head", horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.title(name, anchor=False, width="content")
        if beside:
            beside()
        if caption:
            st.caption(caption, width="stretch")
        else:
            st.space("stretch")
        with st.container(
            key="controls", horizontal=True, vertical_alignment="center", gap="small", width="content", wrap=False
        ):
            yield

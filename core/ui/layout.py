"""The first line of every page: page config, language, style, and the navigation with the conversation kept in it."""

from __future__ import annotations

import time
from collections.abc import Callable

import streamlit as st

from ..errors import LLMError
from . import app_state, assets, owner, text
from .failures.ours import configured
from .history.banner import banner
from .history.recent import recent
from .models import nearby
from .text import plain, t
from .translations import languages
from .turnstile import TURNSTILE

FIRST_DRAWING_S = 0.15

# Page -> (file, icon, its name in the reader's language).
PAGES: dict[str, tuple[str, str, Callable[[], str]]] = {
    "chat": ("streamlit_app.py", ":material/chat_bubble:", lambda: t("Chat")),
    "compare": ("pages/compare.py", ":material/view_column:", lambda: t("Compare")),
    "batch": ("pages/batch.py", ":material/table_rows:", lambda: t("Batch")),
    "history": ("pages/history.py", ":material/history:", lambda: t("History")),
    "latency": ("pages/latency.py", ":material/timer:", lambda: t("Latency")),
    "quota": ("pages/quota.py", ":material/speed:", lambda: t("Quota")),
    "insights": ("pages/insights.py", ":material/leaderboard:", lambda: t("Insights")),
    "providers": ("pages/providers.py", ":material/hub:", lambda: t("Providers")),
    "faq": ("pages/faq.py", ":material/lock:", lambda: t("Questions for everybody")),
}
WITH_MODELS = {"chat", "compare", "batch", "latency", "providers"}
UNLISTED = {"faq"}  # the Quota page leads there where there is an administrator


def open_page(page: str, *, wide: bool = False) -> bool:
    """Set up `page` (a key of PAGES); what follows is drawn inside the frame. True when it was just arrived at."""
    arrived = begin_page(page, wide=wide)
    finish_page(page)
    return arrived


def begin_page(page: str, *, wide: bool = False) -> bool:
    """The first half of `open_page`: page config, language, style, and the sidebar with our name alone.

    What a page draws between the halves is on the screen before the rest.
    """
    _engine_or_stop()
    TURNSTILE.enter()
    text.use(_language())
    _file, _icon, name = PAGES[page]
    st.set_page_config(page_title=f"{name()} · Roundtable", layout="wide" if wide else "centered")
    if not assets.serving:
        st.html(assets.STYLE)  # static text of ours; nothing a person or a model wrote ever goes through st.html
    owner.settle()
    with st.sidebar, st.container(key="brand"):
        st.markdown("**Roundtable**", width="content")  # its mark is in the stylesheet: st.image imports numpy
    before, st.session_state["page"] = st.session_state.get("page"), page
    if before == page:  # said while the browser turns to another page, it would be written over the page it leaves
        _say_address()
    if page == "history" or {"c", "run", "batch"} & set(st.query_params):
        app_state.get().open()  # it is needed below; opened here, the banner can tell what it found
    return bool(before != page)


def finish_page(page: str) -> None:
    """The second half: the rest of the sidebar, and what there is to say about the database and local servers."""
    if "first-page-finished" not in st.session_state:
        st.session_state["first-page-finished"] = True
        _let_draw()
    with st.sidebar:
        _navigation()
        recent()
        _switch()
    banner()
    if page in WITH_MODELS:
        nearby.watch()


def _let_draw() -> None:
    """Give a browser that has just come the time to draw what it got.

    Whatever reaches it before the parts of the first elements have started makes it draw those once more, with all the
    rest: without this pause everything, the box to type in too, is on the screen later than with it.
    """
    if assets.serving:
        TURNSTILE.leave()
        time.sleep(FIRST_DRAWING_S)
        TURNSTILE.enter()


def _engine_or_stop() -> None:
    """Where an option is wrong there is no engine: say which, and draw nothing else."""
    try:
        app_state.get()
    except LLMError as error:
        asked = st.query_params.get("lang")
        text.use(asked if asked in languages() else text.choose(st.context.locale))
        lines = "\n".join(f"- {plain(configured(line))}" for line in error.message.splitlines() if line.strip())
        st.error(lines, title=t("Roundtable cannot start: an option is wrong"), icon=":material/error:")
        st.stop()


def drawn() -> None:
    """The first page stands: what was put off for its sake may begin."""
    app_state.get().drawn.set()


def leave() -> None:
    """Go on with a new chat. For callbacks of the chat page."""
    st.session_state.pop("conversation", None)
    for name in ("c", "at"):
        st.query_params.pop(name, None)


def query(page: str) -> dict[str, str | list[str]]:
    """What the address of `page` should hold: the conversation, the line-up or the run, the chosen language."""
    kept: dict[str, str | list[str]] = {}
    if page == "chat" and st.session_state.get("conversation"):
        kept["c"] = st.session_state["conversation"]
    if page == "batch" and st.session_state.get("batch"):
        kept["batch"] = st.session_state["batch"]
    if page == "compare":
        kept.update(st.session_state.get("line-up-link", {}))
    if st.session_state.get("language"):
        kept["lang"] = st.session_state["language"]
    return kept


def go(page: str) -> None:
    """Change to `page` at once. Not for callbacks."""
    st.switch_page(PAGES[page][0], query_params=query(page))


def compare(prompt: str) -> None:
    """Take a question to the comparison. Not for callbacks."""
    st.session_state["compare-draft"] = prompt
    go("compare")


def _say_address() -> None:
    """Tell the browser the address of this run: a link within a page changes the run's, not the browser's."""
    st.query_params.from_dict({name: st.query_params.get_all(name) for name in st.query_params})


def _language() -> str:
    asked = st.query_params.get("lang")
    if asked in languages() and "language" not in st.session_state:
        st.session_state["language"] = asked
    chosen: str | None = st.session_state.get("language")
    return chosen or app_state.get().engine.settings.language or text.choose(st.context.locale)


def _navigation() -> None:
    with st.container(key="new-chat"):
        fresh = {name: value for name, value in query("chat").items() if name != "c"}
        st.page_link(PAGES["chat"][0], label=t("New chat"), icon=":material/edit_square:", query_params=fresh)
    with st.container(gap="xxsmall", key="pages"):
        for page, (file, icon, name) in PAGES.items():
            if page in UNLISTED:
                continue
            st.page_link(file, label=name(), icon=icon, width="stretch", query_params=query(page))


def _switch() -> None:
    with st.container(key="language-switch"):
        st.segmented_control(
            t("Language"),
            list(languages()),
            default=text.language(),
            required=True,
            format_func=lambda code: f" {languages()[code]}",  # what precedes a space is searched for 5,000 emoji
            key=f"language-{text.language()}",
            label_visibility="collapsed",
            on_change=_switched,
            args=(f"language-{text.language()}",),
        )


def _switched(key: str) -> None:
    st.session_state["language"] = st.session_state[key]
    st.query_params["lang"] = st.session_state[key]

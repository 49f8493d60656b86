"""The chat, at "/". `streamlit run streamlit_app.py` finds `app`, the server with its guards, which runs this file
again as the page; where only plain scripts are run, the page stands alone.
"""

from __future__ import annotations

import streamlit as st

from core.ui import given, serve

if __name__ != "__main__":
    given.remember()
    app = st.App(__file__, lifespan=serve.lifespan, middleware=serve.middleware(), routes=serve.routes())
else:
    from core.ui import frame
    from core.ui.asking import chat as doings
    from core.ui.asking.composer import composer
    from core.ui.asking.follow import Watch, follow
    from core.ui.asking.settings import keep_system, settings
    from core.ui.asking.state import DRAFT, Chat
    from core.ui.asking.thread import thread
    from core.ui.asking.welcome import welcome
    from core.ui.base.flash import show_flash
    from core.ui.past.menu import menu, undo_bar
    from core.ui.picker import picker
    from core.ui.quota.tag import tag, talk
    from core.ui.text import t


def page() -> None:
    frame.open_page("chat")
    chat = doings.current()
    head(chat)
    empty = st.empty()  # a place of its own: nothing of the welcome lingers behind the first answer
    answer = thread(chat, frame.compare) if chat.turns else None
    if not chat.turns:
        with empty.container():
            welcome(chat)
    foot(chat)
    frame.drawn()
    running = chat.running()
    if answer and running:
        follow([Watch(running, answer.show)])


def head(chat: Chat) -> None:
    """Who answers, the settings, what can be done with the conversation; then what there is to say."""

    def wish(name: str, value: object) -> None:
        doings.wish(chat, name, value)

    keep_system(DRAFT, chat.wishes, wish, shown=chat.sheet is None)
    with st.container(key="head", horizontal=True, vertical_alignment="center", gap="xsmall"):
        picker("chat", chat.model_id, lambda model_id: doings.choose(chat, model_id), auto=True)
        st.space("stretch")
        settings(chat.wishes, chat.name, wish, chat=True)
        if chat.sheet:
            menu(chat.sheet.id, chat.sheet.title, chat.sheet.pinned, "chat", gone=frame.leave)
    show_flash()
    undo_bar()
    if chat.behind:
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="behind"):
            st.caption(f":material/sync: {t('Changed in another tab')}", width="content")
            st.button(t("Show it"), type="tertiary", key="catch-up", on_click=doings.catch_up, args=(chat,))


def foot(chat: Chat) -> None:
    """The composer, with a word about what sending will do."""
    composer(
        t("Ask anything"),
        key=doings.ASK,
        name=doings.draft_name(chat),
        asked=chat.turns[-1].prompt if chat.turns else "",
        send=lambda prompt, files: doings.ask(chat, prompt, files),
        stop=(lambda: doings.stop(chat)) if chat.running() else None,
        above=editing if chat.editing else None,
        price=lambda: tag([chat.model_id], talk(chat.turns)),
        follow=chat.marked is None,
        attach=True,
    )


def editing() -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.caption(t("Editing your last question: the version before stays beside it."), width="content")
        st.button(t("Leave it"), type="tertiary", key="keep", on_click=doings.keep)


if __name__ == "__main__":
    page()

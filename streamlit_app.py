"""The chat, at "/". `streamlit run streamlit_app.py` finds `app`, the server with its guards, which runs this file
again as the page; where only plain scripts are run, the page stands alone.
"""

from __future__ import annotations

import streamlit as st

from core.ui import serve

if __name__ != "__main__":
    app = st.App(__file__, lifespan=serve.lifespan, middleware=serve.middleware(), routes=serve.routes())
else:
    from core.ui import frame
    from core.ui.answer.thread import thread
    from core.ui.asking import chat
    from core.ui.asking.composer import composer
    from core.ui.asking.settings import settings
    from core.ui.asking.state import Conversation
    from core.ui.asking.welcome import welcome
    from core.ui.models.picker import picker
    from core.ui.text import t


def page() -> None:
    frame.open_page("chat")
    conversation = chat.current()
    head(conversation)
    empty = st.empty()  # a place of its own: nothing of the welcome lingers behind the first answer
    answer = thread(conversation, frame.compare) if conversation.turns else None
    if not conversation.turns:
        with empty.container():
            welcome(conversation)
    foot(conversation)
    if answer:
        chat.follow(conversation, answer)


def head(conversation: Conversation) -> None:
    """Who answers, the settings, a clean slate."""
    with st.container(key="head", horizontal=True, vertical_alignment="center", gap="xsmall"):
        picker("chat", conversation.model_id, lambda model_id: chat.choose(conversation, model_id))
        st.space("stretch")
        settings(conversation.wishes, conversation.id)
        if conversation.turns:
            st.button(
                t("Clear"),
                icon=":material/delete_sweep:",
                type="tertiary",
                key="clear",
                on_click=chat.clear,
                args=(conversation,),
            )
    if st.session_state.pop("lost", False):
        st.info(t("That conversation is no longer held here; this is a new one."), icon=":material/info:")


def foot(conversation: Conversation) -> None:
    """The composer, with a word about what sending will do."""
    composer(
        t("Ask anything"),
        key=chat.ASK,
        send=lambda prompt: chat.ask(conversation, prompt),
        stop=(lambda: chat.stop(conversation)) if conversation.running() else None,
        above=(lambda: editing(conversation)) if conversation.editing else None,
        follow=True,
    )


def editing(conversation: Conversation) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.caption(t("Editing your last question: sending replaces its answer."), width="content")
        st.button(t("Leave it"), type="tertiary", key="keep", on_click=chat.keep, args=(conversation,))


if __name__ == "__main__":
    page()

"""The import of a history file: uploaded in chunks by the browser, then read while the page shows the progress."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from ...store import StoreError
from ...views.imports import ImportStatus
from .. import session, transfers
from ..base.flash import flash
from ..failures.own_messages import translated
from ..text import plain, sentences, t, tn
from .import_words import besides, came, comes, conversations, flagged, left_out

if TYPE_CHECKING:  # it imports SQL
    from ...workspace.import_preview import ImportPreview

LOOK_S = 1.0
SOON_S = 0.5  # a small file is read by then
PREVIEW = "import-preview"
_HTML = """
<label class="box"><input type="file" accept=".json,.zip,application/json,application/zip">
<span class="word"></span><span class="hint"></span></label>
<div class="run" hidden><progress max="1" value="0"></progress><span class="far"></span>
<button type="button"></button></div><div class="fault" role="alert" hidden></div>
"""
_CSS = """
* { font-family: var(--st-font); font-size: 0.9rem; box-sizing: border-box; color: var(--st-text-color); }
.box { display: flex; flex-direction: column; gap: 0.2rem; padding: 0.9rem; cursor: pointer; text-align: center;
  border: 1px dashed var(--st-border-color); border-radius: var(--st-base-radius);
  background: var(--st-secondary-background-color); }
.box:hover, .box:focus-within, .box.over { border-color: var(--st-primary-color); }
.box input { position: absolute; width: 1px; height: 1px; opacity: 0; }
.word { font-weight: 600; color: var(--st-primary-color); }
.hint, .far { font-size: 0.8rem; opacity: 0.8; }
.run { display: flex; flex-wrap: wrap; gap: 0.6rem; align-items: center; padding: 0.6rem 0; }
.run[hidden], .fault[hidden], .box[hidden] { display: none; }
progress { flex: 1 1 8rem; height: 0.5rem; accent-color: var(--st-primary-color); }
button { background: none; border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius);
  padding: 0.2rem 0.7rem; cursor: pointer; }
.fault { color: var(--st-red-text-color, #b3401a); padding: 0.4rem 0; }
"""
_JS = """
export default function (component) {
  const { parentElement: root, data, setTriggerValue } = component;
  const at = (name) => root.querySelector(name);
  const box = at(".box"), input = at("input"), run = at(".run"), fault = at(".fault"), stop = at("button");
  at(".word").textContent = data.choose; at(".hint").textContent = data.hint; stop.textContent = data.stop;
  input.setAttribute("aria-label", data.choose);
  const show = (running, words) => {
    run.hidden = !running; box.hidden = running;
    fault.hidden = !words; fault.textContent = words || "";
  };
  const put = async (address, body) => {
    for (let tries = 0; ; tries++) {
      try {
        return await fetch(address, { method: "PUT", body, headers: { "x-roundtable": "import" } });
      } catch (error) {
        if (tries === 4) throw error;
        await new Promise((done) => setTimeout(done, 500 * 2 ** tries));
      }
    }
  };
  const send = async (file) => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    const name = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    if (file.size > data.most) return show(false, data.large);
    if (!file.size) return show(false, data.empty);
    let stopped = false;
    stop.onclick = () => { stopped = true; };
    show(true);
    for (let start = 0; start < file.size; start += data.piece) {
      at("progress").value = start / file.size;
      at(".far").textContent = `${file.name} · ${Math.round(100 * start / file.size)} %`;
      const address = new URL("import", window.location.href);
      address.search = new URLSearchParams({ name, at: start, size: file.size, lang: data.lang, server: data.server });
      try {
        const reply = await put(address, file.slice(start, start + data.piece));
        if (!reply.ok) return show(false, reply.status < 500 || reply.status === 507 ? await reply.text() : data.lost);
      } catch {
        return show(false, data.lost);
      }
      if (stopped) return show(false);
    }
    at("progress").value = 1;
    setTriggerValue("file", { name, size: file.size, called: file.name });
  };
  input.onchange = () => { const file = input.files[0]; input.value = ""; if (file) send(file); };
  box.ondragover = (event) => { event.preventDefault(); box.classList.add("over"); };
  box.ondragleave = () => box.classList.remove("over");
  box.ondrop = (event) => {
    event.preventDefault(); box.classList.remove("over");
    if (event.dataTransfer.files.length) send(event.dataTransfer.files[0]);
  };
}
"""


def panel() -> None:
    """Choose a file; or what is in it, the progress of the running import, the result of the last one."""
    status = session.person().history.importing()
    if status and status.runs:
        _watch()
        return
    looked_at = st.session_state.get(PREVIEW)
    if looked_at and _preview(looked_at):
        return
    if status and st.session_state.get("import-seen") != status.id and st.session_state.get("import-sent"):
        _ended(status)
    most_bytes = session.person().transfers.most_bytes
    largest = transfers.size(most_bytes)
    chooser = st.components.v2.component("roundtable-import", html=_HTML, css=_CSS, js=_JS)
    chooser(
        key=f"import-file-{st.session_state.get('import-round', 0)}",
        data={
            "choose": t("Choose a file or drop it here"),
            "hint": t("JSON or ZIP, up to {size}", size=largest),
            "stop": t("Stop"),
            "large": t("The file is too large. The limit is {size}.", size=largest),
            "empty": t("The file is empty."),
            "lost": t("The connection was lost. Nothing was imported. Choose the file again."),
            "lang": st.session_state.get("reads", "en"),
            "most": most_bytes,
            "piece": transfers.CHUNK_BYTES,
            "server": transfers.server_name,
        },
        on_file_change=_uploaded,
    )


def _uploaded() -> None:
    """All chunks of a file have arrived: look at it."""
    state = st.session_state.get(f"import-file-{st.session_state.get('import-round', 0)}")
    file: Any = state.get("file") if state else None
    if not file:
        return
    st.session_state["import-round"] = st.session_state.get("import-round", 0) + 1
    try:
        looked_at = session.person().transfers.look(str(file["name"]), int(file["size"]), str(file["called"]))
        st.session_state[PREVIEW] = looked_at
    except (StoreError, OSError, KeyError, ValueError):
        flash(t("The upload was incomplete. Choose the file again."), warning=True)


def _preview(looked_at: ImportPreview) -> bool:
    """What is in the file, and whether to import it. False where it cannot be imported: another one may be chosen."""
    looked_at.done.wait(SOON_S)
    if not looked_at.done.is_set():
        _look(looked_at)
        return True
    if looked_at.loaded is None:
        reason = plain(translated(looked_at.why, "local", None))
        st.error(t("Nothing was imported. {reason}", reason=reason), icon=":material/error:")
        return False
    st.markdown(f"**{plain(looked_at.file_name)}**")
    st.markdown(comes(looked_at.loaded))
    if looked_at.loaded.left:
        st.warning(left_out(looked_at.loaded), icon=":material/rule:")
    flagged(looked_at.loaded)
    with st.container(horizontal=True):
        st.button(t("Import"), type="primary", icon=":material/upload:", key="import", on_click=_start)
        st.button(t("Cancel"), key="import-back", on_click=_forget)
    return True


@st.fragment(run_every=LOOK_S)
def _look(looked_at: ImportPreview) -> None:
    """How far the file is read."""
    if looked_at.done.is_set():
        st.rerun()
    share = looked_at.share
    st.progress(share, text=f"{plain(looked_at.file_name)} · {share:.0%}")
    st.button(t("Cancel"), key="import-back", on_click=_forget)


def _forget() -> None:
    if looked_at := st.session_state.pop(PREVIEW, None):
        looked_at.discard()


def _start() -> None:
    looked_at: ImportPreview | None = st.session_state.pop(PREVIEW, None)
    if looked_at is None:
        return
    st.session_state["import-sent"] = True
    st.session_state.pop("import-seen", None)
    try:
        session.person().transfers.start_import(looked_at.name, looked_at.size, looked_at.file_name)
    except (StoreError, OSError, ValueError):
        flash(t("The upload was incomplete. Choose the file again."), warning=True)


@st.fragment(run_every=LOOK_S)
def _watch() -> None:
    try:
        status = session.person().history.importing()
    except StoreError:
        return
    if status is None or not status.runs:
        st.session_state["import-sent"] = True
        st.rerun()
    is_showing = status.state == "showing"
    share = min(status.read_bytes / (status.total_bytes or 1), 1.0)
    st.progress(share, text=t("Almost done") if is_showing else f"{plain(status.name)} · {share:.0%}")
    with st.container(horizontal=True, vertical_alignment="center"):
        read = t(
            "{conversations} and {messages} read. You can leave this page.",
            conversations=conversations(status.conversations + status.known),
            messages=tn("{number} message", "{number} messages", status.messages),
        )
        st.caption(sentences(read, besides(status.things)))
        if not is_showing:
            st.button(t("Stop"), icon=":material/stop_circle:", key="import-stop", on_click=_stop)


def _stop() -> None:
    session.person().history.stop_import()


def _ended(status: ImportStatus) -> None:
    """The result of the last import."""
    if status.state == "done":
        (st.warning if status.left else st.success)(sentences(came(status), left_out(status)))
        flagged(status)
    elif status.state == "stopped":
        st.info(t("The import was stopped. Nothing was imported."))
    else:
        st.error(
            t("Nothing was imported. {reason}", reason=plain(translated(status.why, "local", None))),
            icon=":material/error:",
        )

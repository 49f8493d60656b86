/* Files on their way from the box to the server. A line above the box says how far they are and what became of those that
   did not arrive; Streamlit says it in English, and only while the mouse is over the file. Enter or Send before they are
   there sends the question once they are; a file that failed is never left out of a question without a word. What is
   dropped or pasted elsewhere on the page goes into the box. */

const CHIP = "[data-testid=stFileChip]";
const DELETE = "[data-testid=stFileChipDeleteBtn] button";
const SEND = "[data-testid=stChatInputSubmitButton]";
const LEFT = "roundtable-left-uploads";
const RECORDING = /^audio-.*\.wav$/;
const NAMED = 3;
const CHARS = 60;

export default function ({ data: [page] }) {
  window.roundtableUploading ??= new Uploading();
  window.roundtableUploading.turn(page);
  return () => window.roundtableUploading.leave();
}

class Uploading {
  constructor() {
    this.onWay = [];
    this.said = "";
    this.bytes = new Map(); // sent and in all, of each request
    this.measure();
    const changed = (records) => this.page && records.some(concerns) && this.look();
    new MutationObserver(changed).observe(document.body, {
      childList: true,
      subtree: true,
      attributes: true,
      attributeFilter: ["aria-invalid", "disabled"],
    });
    addEventListener("keydown", (event) => this.pressed(event), true);
    addEventListener("pointerdown", (event) => this.touched(event), true);
    addEventListener("click", (event) => this.clicked(event), true);
    addEventListener("input", (event) => event.target === this.field() && this.typed(), true);
    addEventListener("change", (event) => event.target.type === "file" && this.root()?.contains(event.target) && this.chosen(), true);
    addEventListener("drop", (event) => this.dropped(event), true);
    addEventListener("paste", (event) => this.pasted(event), true);
    addEventListener("beforeunload", (event) => (this.onWay.length || this.recording) && event.preventDefault());
    addEventListener("pagehide", () => this.note());
  }

  turn(page) {
    this.page = page;
    this.look();
    this.recall();
  }

  /* Another page is shown, and what was on its way to this one is not received. */
  leave() {
    this.note();
    this.said = "";
    this.page = null;
    this.line?.remove();
  }

  root() {
    return this.page && document.querySelector(`.st-key-${this.page.box} [data-testid=stChatInput]`);
  }

  field() {
    return this.root()?.querySelector("textarea");
  }

  look() {
    const root = this.root();
    if (!root) return;
    const chips = [...root.querySelectorAll(CHIP)];
    const failed = chips.filter((chip) => chip.getAttribute("aria-invalid") === "true");
    const onWay = chips.filter((chip) => chip.querySelector("[data-testid=stFileChipIconSpinner]")).map(nameOf);
    const lost = this.box && root !== this.box ? this.onWay.filter((name) => !onWay.includes(name)) : [];
    this.box = root;
    this.onWay = onWay;
    if (!onWay.length && !this.recording) this.bytes.clear();
    if (lost.length) this.say("left", lost);
    const refused = failed.filter((chip) => reason(chip) !== "failed");
    for (const kind of ["large", "kind"]) {
      const names = refused.filter((chip) => reason(chip) === kind).map(nameOf);
      if (names.length) this.say(kind, names);
    }
    this.failed = failed.filter((chip) => !refused.includes(chip)).map(nameOf);
    if (failed.length) this.wish = null;
    this.fulfil(root);
    this.draw(root);
    for (const chip of refused) chip.querySelector(DELETE)?.click();
  }

  /* The question goes when all is there. */
  fulfil(root) {
    if (!this.wish || this.onWay.length || this.awaited().length) return;
    const button = root.querySelector(SEND);
    if (this.wish.root !== root || this.field()?.value !== this.wish.text || !button) this.wish = null;
    else if (!button.disabled) {
      this.wish = null;
      button.click();
    }
  }

  pressed(event) {
    const { key, shiftKey, ctrlKey, metaKey, isComposing, target } = event;
    if (key === "Enter" && !shiftKey && !ctrlKey && !metaKey && !isComposing && target === this.field()) this.sends(event);
  }

  touched(event) {
    const button = event.target.closest?.(SEND);
    if (button?.disabled && this.root()?.contains(button)) this.sends(event); // a click on it is not told
  }

  clicked(event) {
    if (!this.root()?.contains(event.target)) return;
    if (event.target.closest(SEND)) this.sends(event);
    if (event.target.closest("[data-testid=stChatInputApproveButton]")) this.prepare();
    if (event.isTrusted && event.target.closest(DELETE)) this.typed(); // another question than the one that was to go
  }

  /* Others are chosen, and what was said of the last ones has been read. */
  chosen() {
    this.said = "";
    if (this.saved) URL.revokeObjectURL(this.saved.href);
    this.saved = null;
  }

  sends(event) {
    const text = this.field()?.value ?? "";
    if (this.failed?.length) {
      event.preventDefault();
      event.stopImmediatePropagation();
      this.held = true;
    } else if (this.awaited().length && text.trim()) {
      event.preventDefault(); // Streamlit would send it without the file
      event.stopImmediatePropagation();
      this.wish = { root: this.root(), text };
    } else if (this.onWay.length && text.trim()) this.wish = { root: this.root(), text };
    else this.chosen();
    this.draw(this.root());
  }

  /* Names of chosen files that the box does not show yet. */
  awaited() {
    return window.roundtableKeyboard?.chosenFiles.awaited(`st-key-${this.page.box}`) ?? [];
  }

  typed() {
    this.wish = null;
    this.held = false;
    this.draw(this.root());
  }

  say(kind, names) {
    const sentence = this.words(kind, names);
    if (!this.said.includes(sentence)) this.said = [this.said, sentence].filter(Boolean).join(" ");
  }

  words(kind, names) {
    const { labels } = this.page;
    const short = (name) => (name.length > CHARS ? `${name.slice(0, CHARS - 12)}…${name.slice(-10)}` : name);
    const shown = names.slice(0, NAMED).map((name) => `\u2068${short(name)}\u2069`);
    const more = names.length > NAMED ? [labels.more.replace("{number}", names.length - NAMED)] : [];
    const sentence = names.length > 1 ? labels[`${kind}_many`] : labels[kind];
    return sentence.replace("{names}", () => [...shown, ...more].join(labels.comma));
  }

  draw(root) {
    if (!root) return;
    const failed = this.failed?.length ? [this.held ? this.page.labels.held : "", this.words("failed", this.failed)] : [];
    if (root.querySelector("[data-testid=stTooltipErrorHoverTarget] [data-testid=stChatInputMicButton]")) this.preparing = false;
    const names = [...(this.recording || this.preparing ? [this.page.labels.recording] : []), ...this.onWay, ...this.awaited()];
    const uploading = names.length ? this.words("uploading", names) : "";
    const before = [...failed, this.said, uploading].filter(Boolean).join(" ");
    const after = uploading && this.wish ? ` · ${this.page.labels.then}` : "";
    if (!before) return this.line?.remove();
    this.line ??= Object.assign(document.createElement("p"), { className: "roundtable-uploading" });
    this.line.setAttribute("role", failed.length || this.said ? "alert" : "status");
    if (this.line.nextSibling !== root) root.before(this.line);
    if (this.line.dataset.text !== before + after) {
      this.line.dataset.text = before + after;
      this.share = Object.assign(document.createElement("span"), { ariaHidden: "true" });
      const { save } = this.page.labels;
      const link = this.saved ? [" ", Object.assign(document.createElement("a"), this.saved, { textContent: save })] : [];
      this.line.replaceChildren(before, ...link, this.share, after);
    }
    this.count();
  }

  count() {
    const [sent, all] = [...this.bytes.values()].reduce(([a, b], [c, d]) => [a + c, b + d], [0, 0]);
    if (this.share) this.share.textContent = (this.onWay.length || this.recording) && all ? ` · ${Math.floor((100 * sent) / all)}%` : "";
  }

  /* How much of each file has been sent, of the requests that carry one. */
  measure() {
    const { bytes } = this, count = () => this.count(), record = (...what) => this.recorded(...what);
    const { send } = XMLHttpRequest.prototype;
    XMLHttpRequest.prototype.send = function (body) {
      const file = body instanceof FormData && [...body.values()].find((value) => value instanceof File);
      if (file) this.upload.addEventListener("progress", (event) => (bytes.set(this, [event.loaded, event.total]), count()));
      if (file && RECORDING.test(file.name)) record(this, file);
      return send.call(this, body);
    };
  }

  /* A long recording takes the browser seconds before it is sent. */
  prepare() {
    this.chosen();
    this.preparing = true;
    this.draw(this.root());
  }

  /* A recording is no file in the box. One that did not arrive is gone from it: it can be saved here. */
  recorded(request, file) {
    this.chosen();
    this.preparing = false;
    this.recording = request;
    this.draw(this.root());
    request.addEventListener("loadend", () => {
      this.recording = null;
      this.bytes.delete(request);
      if (request.status < 200 || request.status > 299) {
        this.said = this.page?.labels.recording_failed ?? "";
        this.saved = { href: URL.createObjectURL(file), download: file.name };
      }
      this.draw(this.root());
    });
  }

  note() {
    if (!this.onWay.length) return;
    try {
      sessionStorage.setItem(LEFT, JSON.stringify(this.onWay));
    } catch {}
    this.onWay = [];
  }

  recall() {
    try {
      const left = JSON.parse(sessionStorage.getItem(LEFT) ?? "[]").filter((name) => !this.onWay.includes(name));
      sessionStorage.removeItem(LEFT);
      if (!left.length) return;
      this.say("left", left);
      this.draw(this.root());
    } catch {}
  }

  /* Streamlit takes what is dropped on its box alone, or on the button in it. */
  dropped(event) {
    const root = this.root();
    if (!root || !event.dataTransfer?.types.includes("Files")) return;
    this.chosen();
    if (root.contains(event.target) || event.target.closest?.("[data-testid=stFileUploaderDropzone]")) return;
    const init = { dataTransfer: event.dataTransfer, bubbles: true, cancelable: true };
    root.querySelector("[data-testid=stChatInputFileUploadButton]")?.dispatchEvent(new DragEvent("drop", init));
  }

  pasted(event) {
    const elsewhere = !event.target.closest?.("input, textarea, [contenteditable]");
    if (!event.clipboardData?.files.length) return;
    this.chosen();
    if (!elsewhere) return;
    const init = { clipboardData: event.clipboardData, bubbles: true, cancelable: true };
    this.field()?.dispatchEvent(new ClipboardEvent("paste", init));
  }
}

function concerns({ target, addedNodes, removedNodes }) {
  const is = (node) => node.nodeType === 1 && (node.closest(`${CHIP}, ${SEND}`) || node.querySelector(`${CHIP}, ${SEND}`));
  return is(target) || [...addedNodes, ...removedNodes].some(is);
}

/* Why Streamlit did not take the file: it is too large, of a kind that is not read, or its upload failed. */
function reason(chip) {
  const why = chip.querySelector("[role=alert]")?.textContent ?? "";
  if (/must be .* or smaller/.test(why)) return "large";
  return /not allowed/.test(why) ? "kind" : "failed";
}

function nameOf(chip) {
  return chip.querySelector("[data-testid=stFileChipName]")?.title ?? "";
}

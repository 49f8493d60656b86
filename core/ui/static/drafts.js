/* What is typed and not yet sent belongs to its chat. It is kept in this tab's storage, and for a chat that has a name
   also in the browser's, so that a closed tab can be opened again; nothing of it is sent before it is asked. */

const PREFIX = "roundtable-draft-";
const HANDLED = "roundtable-draft-sent";
const WAIT_MS = 150;
const DAYS = 30;
const MOST = 50;

export default function ({ data: [page] }) {
  window.roundtableDrafts ??= new Drafts();
  window.roundtableDrafts.turn(page);
  return () => window.roundtableDrafts.leave();
}

class Drafts {
  constructor() {
    this.composing = false;
    this.text = null;
    this.drop();
    const own = (act) => (event) => event.target === this.box && act(event);
    document.addEventListener("input", own(() => this.later()), true);
    document.addEventListener("compositionstart", own(() => (this.composing = true)), true);
    document.addEventListener("compositionend", own(() => ((this.composing = false), this.later())), true);
    addEventListener("pagehide", () => this.write());
    new MutationObserver(() => this.box?.isConnected || this.fill()).observe(document.body, {
      childList: true,
      subtree: true,
    });
  }

  /* What the page says after each of its runs: whose box it is, what was kept of it, what it put into the box itself. */
  turn(page) {
    this.write();
    if (this.page && this.page.tab !== page.tab) this.box = null; // what was sent to a server that died may be lost
    this.page = page;
    for (const key of page.forget) this.remove(key);
    if (page.put?.text) this.keep(page.key, page.put.text);
    if (page.sent && page.sent.id !== this.handled()) this.sent(page.sent);
    if (page.insert && page.insert.id !== this.inserted) this.insert(page.insert);
    this.fill();
  }

  /* A text for the box goes after what is typed there. */
  insert({ id, text }) {
    this.inserted = id;
    const box = this.box?.isConnected && this.key === this.page.key ? this.box : null;
    const typed = (box ? box.value : this.find(this.page.key) ?? "").trimEnd();
    const whole = typed ? `${typed}\n\n${text}` : text;
    this.keep(this.page.key, whole);
    if (box) type(box, whole);
  }

  /* A question was kept. What was typed meanwhile goes along to the chat that it began. */
  sent(sent) {
    try {
      sessionStorage.setItem(HANDLED, sent.id);
    } catch {}
    const typed = this.find(sent.key);
    this.remove(sent.key);
    if (this.key === sent.key && this.box && same(this.box.value, sent.mark)) type(this.box, ""); // sent by a button
    if (typed === null || same(typed, sent.mark)) return;
    this.keep(this.page.key, typed);
    if (this.key === sent.key) this.key = this.page.key;
  }

  /* Another page is shown: its box is not ours until it says whose it is. */
  leave() {
    this.write();
    this.page = null;
  }

  /* Put the draft into a box that is new, or that belongs to another chat now. */
  fill() {
    const box = this.page && document.querySelector(`.st-key-${this.page.box} textarea`);
    if (!box || this.composing || (box === this.box && this.page.key === this.key)) return;
    const fresh = box !== this.box;
    this.box = box;
    this.key = this.page.key;
    if (this.page.focus) arrive(box);
    if (this.page.put && this.page.put.id !== this.put) {
      this.put = this.page.put.id;
      return;
    }
    if (fresh && box.value) return same(box.value, this.page.asked) || this.later(); // typed before we were here
    const text = this.find(this.key) ?? "";
    if (text && same(text, this.page.asked)) return this.remove(this.key);
    if (box.value !== text) type(box, text);
  }

  later() {
    this.text = this.box.value; // now: a box that was sent is empty before this is written
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.write(), WAIT_MS);
  }

  write() {
    clearTimeout(this.timer);
    if (this.text === null || !this.key) return;
    if (this.text) this.keep(this.key, this.text);
    else this.remove(this.key);
    this.text = null;
  }

  keep(key, text) {
    const value = JSON.stringify({ text, at: Date.now() });
    try {
      sessionStorage.setItem(PREFIX + key, value);
      if (this.page?.named) localStorage.setItem(PREFIX + key, value);
    } catch {
      /* storage is full or switched off: the box still holds the text */
    }
  }

  find(key) {
    try {
      const value = sessionStorage.getItem(PREFIX + key) ?? localStorage.getItem(PREFIX + key);
      return value === null ? null : JSON.parse(value).text;
    } catch {
      return null;
    }
  }

  remove(key) {
    try {
      sessionStorage.removeItem(PREFIX + key);
      localStorage.removeItem(PREFIX + key);
    } catch {}
  }

  handled() {
    try {
      return sessionStorage.getItem(HANDLED);
    } catch {
      return null;
    }
  }

  /* Old drafts of chats that nobody came back to. */
  drop() {
    try {
      const kept = Object.keys(localStorage)
        .filter((key) => key.startsWith(PREFIX))
        .map((key) => [key, JSON.parse(localStorage.getItem(key)).at])
        .sort((one, other) => other[1] - one[1]);
      const oldest = Date.now() - DAYS * 24 * 3600 * 1000;
      for (const [at, [key, time]] of kept.entries()) if (at >= MOST || time < oldest) localStorage.removeItem(key);
    } catch {}
  }
}

/* Whoever comes to the page can type at once, unless they use something else already, or a keyboard would rise. */
function arrive(box) {
  const used = document.activeElement;
  const elsewhere = used && used !== document.body && !(used.matches("a, button") && used.closest("[data-testid=stSidebar]"));
  if (elsewhere || document.querySelector("dialog[open], [data-testid=stDialog]")) return;
  if (!matchMedia("(pointer: coarse)").matches) box.focus({ preventScroll: true });
}

/* As a person would, so that the page's own code hears of it. */
function type(box, text) {
  Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(box, text);
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

/* Whether this is the text that the mark was made of. */
function same(text, mark) {
  if (!mark) return false;
  const signs = [...text.trim()];
  return signs.length === mark[0] && signs.slice(0, 40).join("") === mark[1] && signs.slice(-40).join("") === mark[2];
}

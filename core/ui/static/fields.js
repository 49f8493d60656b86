/* What is typed into a box of something that is not kept anywhere yet (a batch, the system prompt of a new chat). This
   tab's storage holds it, and tells the server after a reload, when the session has lost it. */

const PREFIX = "roundtable-field-";
const USED = "roundtable-used-";
const WAIT_MS = 150;

export default function ({ data: [field], setTriggerValue }) {
  const fields = (window.roundtableFields ??= new Fields());
  fields.turn(field, (kept) => setTriggerValue("restored", kept));
  return () => fields.leave(field.box);
}

class Fields {
  constructor() {
    this.shown = new Map(); // by box
    this.unwritten = new Map(); // text by box
    this.told = new Map(); // what the server was told of a key, until it says that it has it
    document.addEventListener("input", (event) => this.typed(event.target), true);
    addEventListener("pagehide", () => this.write());
  }

  /* What the page says of a box after each of its runs. */
  turn(field, tell) {
    this.write();
    if (field.used && read(USED + field.key) !== field.used) {
      drop(PREFIX + field.key);
      keep(USED + field.key, field.used);
    }
    if (!field.shown) return this.shown.delete(field.box);
    this.shown.set(field.box, field);
    const kept = parsed(read(PREFIX + field.key));
    if (field.held) {
      this.told.delete(field.key);
      if (kept && JSON.stringify(kept.more) !== JSON.stringify(field.more)) this.keep(field, kept.text);
    } else if (kept?.text && this.told.get(field.key) !== kept.text && !area(field.box)?.value) {
      this.told.set(field.key, kept.text);
      tell(kept);
    }
  }

  leave(box) {
    this.write();
    this.shown.delete(box);
  }

  typed(target) {
    for (const box of this.shown.keys()) {
      if (target !== area(box)) continue;
      this.unwritten.set(box, target.value);
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.write(), WAIT_MS);
    }
  }

  write() {
    clearTimeout(this.timer);
    for (const [box, text] of this.unwritten) {
      const field = this.shown.get(box);
      if (field) this.keep(field, text);
    }
    this.unwritten.clear();
  }

  keep(field, text) {
    if (text) keep(PREFIX + field.key, JSON.stringify({ text, more: field.more }));
    else drop(PREFIX + field.key);
  }
}

const area = (box) => document.querySelector(`.st-key-${box} textarea`);

function read(name) {
  try {
    return sessionStorage.getItem(name);
  } catch {
    return null;
  }
}

function parsed(value) {
  try {
    return JSON.parse(value);
  } catch {
    return null;
  }
}

function keep(name, value) {
  try {
    sessionStorage.setItem(name, value);
  } catch {
    /* storage is full or switched off: the box still holds the text */
  }
}

function drop(name) {
  try {
    sessionStorage.removeItem(name);
  } catch {}
}

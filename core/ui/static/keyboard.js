/* The keyboard: its shortcuts, the palette, and what Streamlit leaves out for those who use no mouse or no screen. Drawn
   on every page; `core/ui/keyboard/component.py` puts the files beside this one before it. */

const MAC = /Mac|iPhone|iPad/.test(navigator.platform);

export default function ({ data: [page], parentElement, setTriggerValue }) {
  const keyboard = (window.roundtableKeyboard ??= new Keyboard());
  keyboard.turn(page, setTriggerValue);
  const button = parentElement.querySelector("button");
  if (!button) return;
  button.replaceChildren(symbol("search"), make("span", { textContent: page.labels.open }), keycaps("Mod+K"));
  button.onclick = () => keyboard.palette.open();
}

class Keyboard {
  constructor() {
    this.reading = new Reading();
    this.page = new PageAccess(() => this.reading.place());
    this.palette = new Palette(this);
    this.list = new ShortcutList();
    this.footnotes = new Footnotes();
    this.microphone = new Microphone();
    this.chosenFiles = new ChosenFiles();
    addEventListener("keydown", (event) => this.pressed(event), true);
  }

  /* What the server says after each of its runs. */
  turn(page, tell) {
    if (this.name !== page.name) this.reading.arrive();
    this.name = page.name;
    this.page.turn(page);
    this.reading.turn(page);
    this.microphone.turn(page);
    this.palette.turn(page, tell);
    this.list.turn(page);
  }

  pressed(event) {
    if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
    const act = chord(event) ?? (event.key === "ArrowUp" && bare(event) && editable(event.target) ? "edit" : null);
    if (!act || (act !== "edit" && occupied())) return;
    if (event.repeat) return act !== "edit" && event.preventDefault(); // held down: nor is it the browser's own
    if (act === "edit" && !edit()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (act === "palette") this.list.close() || this.palette.toggle();
    if (act === "shortcuts") this.palette.close(), this.list.toggle();
  }
}

/* Ctrl on most keyboards, ⌘ on a Mac, where Ctrl+K cuts a line; AltGr is Ctrl with Alt and types a letter. */
function chord(event) {
  const held = MAC ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
  if (!held || event.altKey) return null;
  const latin = /^[\x20-\x7e]$/.test(event.key);
  if (!event.shiftKey && (latin ? event.key.toLowerCase() === "k" : event.code === "KeyK")) return "palette";
  return event.key === "/" ? "shortcuts" : null; // with Shift on keyboards that have it above a number
}

const bare = (event) => !(event.ctrlKey || event.metaKey || event.altKey || event.shiftKey);
const editable = (target) => target.matches?.("[data-testid=stChatInputTextArea]") && target.value === "";

/* Another dialog has the keyboard, or a popover holds text that is lost when it closes. */
function occupied() {
  if (document.querySelector("[data-testid=stDialog]")) return true;
  const field = document.activeElement;
  return Boolean(field?.matches("textarea, input:not([type=search])") && field.closest("[data-testid=stPopoverBody]") && field.value);
}

function edit() {
  const button = control(".st-key-edit button");
  button?.click();
  return Boolean(button);
}

/* The last control of the page that this selector finds and that can be used. One with a tooltip is drawn twice. */
function control(selector) {
  return [...document.querySelectorAll(selector)].filter((found) => !found.disabled && !found.hidden && !found.closest("[data-stale=true]")).pop();
}

/* A list of all shortcuts, drawn over the page. */
class ShortcutList {
  turn(page) {
    this.page = page;
  }

  toggle() {
    if (this.close()) return;
    const { labels, shortcuts } = this.page;
    this.dialog = dialog("roundtable-shortcuts", labels.shortcuts);
    const rows = shortcuts.map(([keys, what]) => {
      const row = make("div");
      const cell = make("dt");
      cell.append(keycaps(keys));
      row.append(cell, make("dd", { textContent: what }));
      return row;
    });
    const list = make("dl");
    list.append(...rows);
    const shut = make("button", { type: "button", className: "roundtable-shut", ariaLabel: labels.close });
    shut.append(symbol("close"));
    shut.onclick = () => this.close();
    this.dialog.append(make("h2", { textContent: labels.shortcuts }), shut, list);
    this.dialog.showModal();
  }

  close() {
    const open = Boolean(this.dialog?.open);
    this.dialog?.close();
    return open;
  }
}

/* A modal dialog in the colours of the page; closed by Esc or a click beside it, and gone then. What is typed in it
   reaches no shortcut of the page. */
function dialog(name, label) {
  const element = make("dialog", { className: `roundtable-dialog ${name}`, ariaLabel: label });
  element.style.fontFamily = getComputedStyle(document.querySelector("[data-testid=stApp]")).fontFamily;
  element.addEventListener("keydown", (event) => event.stopPropagation());
  const used = document.activeElement;
  element.addEventListener("close", () => {
    element.remove();
    if (!used.matches("textarea, input") || document.activeElement !== used) return;
    used.blur(); // Chromium has given the focus back, but not the place where text goes
    used.focus({ preventScroll: true });
  });
  element.addEventListener("click", (event) => event.target === element && element.close());
  document.body.append(element);
  return element;
}

/* "Mod+K" as keys: Ctrl K, or ⌘ K on a Mac. */
function keycaps(keys) {
  const shown = make("span", { className: "roundtable-keys" });
  const names = { Mod: MAC ? "⌘" : "Ctrl", ArrowUp: "↑", Shift: MAC ? "⇧" : "Shift" };
  shown.append(...keys.split("+").map((key) => make("kbd", { textContent: names[key] ?? key })));
  return shown;
}

const symbol = (name) => make("span", { className: "roundtable-symbol", ariaHidden: "true", textContent: name, translate: false });

function make(name, properties = {}) {
  return Object.assign(document.createElement(name), properties);
}

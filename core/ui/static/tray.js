/* Files leave the box for the tray above it as soon as they are uploaded: the page is told their names, and what it has
   taken is removed from the box. What stands in the tray is kept as a list beside the draft, by the same rules, and is
   handed back once after a reload. Enter in an empty box asks about pictures and texts that stand above it. */

const PREFIX = "roundtable-draft-files-";
const CHIP = "[data-testid=stFileChip]";
const WAIT_MS = 120;

export default function ({ data: [page], setTriggerValue }) {
  window.roundtableTray ??= new Tray();
  window.roundtableTray.turn(page, setTriggerValue);
  return () => window.roundtableTray.leave();
}

class Tray {
  constructor() {
    this.asked = new Set(); // sessions and drafts whose list was looked for
    this.taken = "";
    this.told = "";
    const later = () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.look(), WAIT_MS);
    };
    new MutationObserver((changes) => this.page && changes.some(concerns) && later()).observe(document.body, {
      childList: true,
      subtree: true,
      attributes: true,
      attributeFilter: ["aria-invalid"],
    });
    document.addEventListener("keydown", (event) => this.pressed(event), true);
  }

  /* What the page says after each of its runs. */
  turn(page, tell) {
    this.page = page;
    this.tell = tell;
    for (const key of page.forget) remove(key);
    for (const tray of page.trays) this.keep(tray);
    this.restore();
    if (page.taken && page.taken.id !== this.taken) this.removeChips(page.taken);
    this.look();
  }

  /* Another page is shown. */
  leave() {
    clearTimeout(this.timer);
    this.page = null;
  }

  /* A session that is new to this draft is told once what stood above its box. */
  restore() {
    const { key, tab, known } = this.page;
    const name = `${tab} ${key}`;
    if (this.asked.has(name)) return;
    this.asked.add(name);
    const kept = known ? null : find(key);
    if (kept?.files?.length) this.tell("restored", { key, files: kept.files, at_ms: kept.at_ms });
  }

  keep({ key, named, files }) {
    if (!files.length) return remove(key);
    if (JSON.stringify(find(key)?.files) === JSON.stringify(files)) return;
    const value = JSON.stringify({ files, at: Date.now(), at_ms: this.page.now_ms });
    try {
      sessionStorage.setItem(PREFIX + key, value);
      if (named) localStorage.setItem(PREFIX + key, value);
    } catch {
      /* storage is full or switched off: the files still stand above the box */
    }
  }

  /* Uploaded files in the box, without a fault; in the order in which they were chosen, so none behind one that is on its
     way. */
  chips() {
    const all = [...document.querySelectorAll(`.st-key-${this.page.box} ${CHIP}`)];
    const onItsWay = all.findIndex((chip) => chip.querySelector("[data-testid=stFileChipIconSpinner]"));
    const uploaded = onItsWay < 0 ? all : all.slice(0, onItsWay);
    return uploaded.filter((chip) => chip.getAttribute("aria-invalid") !== "true");
  }

  look() {
    if (!this.page) return;
    const names = this.chips().map(nameOf);
    const together = JSON.stringify(names);
    if (together === this.told) return;
    this.told = together;
    if (names.length) this.tell("arrived", { id: crypto.randomUUID?.() ?? String(Math.random()), names });
  }

  removeChips({ id, names }) {
    this.taken = id;
    const chips = this.chips();
    for (const name of names) {
      const place = chips.findIndex((chip) => nameOf(chip) === name);
      if (place >= 0) chips.splice(place, 1)[0].querySelector("[data-testid=stFileChipDeleteBtn] button")?.click();
    }
  }

  pressed(event) {
    const box = event.target;
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || !this.page) return;
    const root = box.closest?.(`.st-key-${this.page.box} [data-testid=stChatInput]`);
    if (!root || box.tagName !== "TEXTAREA" || box.value.trim() || root.querySelector(CHIP)) return;
    document.querySelector(".st-key-tray-ask button")?.click();
  }
}

/* Whether a change may be one of the files in the box. */
function concerns({ target, addedNodes, removedNodes }) {
  const is = (node) => node.nodeType === 1 && (node.closest(CHIP) || node.querySelector(CHIP));
  return is(target) || [...addedNodes, ...removedNodes].some(is);
}

function nameOf(chip) {
  return chip.querySelector("[data-testid=stFileChipName]")?.title ?? "";
}

function find(key) {
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + key) ?? localStorage.getItem(PREFIX + key));
  } catch {
    return null;
  }
}

function remove(key) {
  try {
    sessionStorage.removeItem(PREFIX + key);
    localStorage.removeItem(PREFIX + key);
  } catch {}
}

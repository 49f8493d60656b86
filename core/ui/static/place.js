/* The History page: its address says what is looked for, and Back, forward and a reload lead to the same place of the
   list. This tab's storage holds how far each address was scrolled. */

const PREFIX = "roundtable-place-";
const PATIENCE_MS = 4000;

export default function ({ data: [query] }) {
  const places = (window.roundtablePlaces ??= new Places());
  places.turn(query);
}

class Places {
  constructor() {
    const [entry] = performance.getEntriesByType("navigation");
    this.returnedTo = entry?.type === "reload" || entry?.type === "back_forward" ? here() : null;
    this.wanted = null; // how far to scroll, and until when to try
    addEventListener("popstate", () => (this.returnedTo = here()));
    document.addEventListener("scroll", (event) => this.scrolled(event.target), { capture: true, passive: true });
    for (const kind of ["wheel", "touchstart", "keydown", "pointerdown"])
      addEventListener(kind, () => (this.wanted = null), { capture: true, passive: true });
  }

  turn(query) {
    if (!isHistory()) return;
    if (this.returnedTo === here()) {
      const top = Number(read(here()));
      this.wanted = top > 0 ? { top, until: Date.now() + PATIENCE_MS } : null;
      this.restore();
    }
    this.returnedTo = null;
    if (query !== location.search.slice(1)) history.replaceState(history.state, "", location.pathname + (query && `?${query}`));
  }

  /* The list grows while it is drawn. */
  restore() {
    if (!this.wanted || Date.now() > this.wanted.until) return (this.wanted = null);
    const list = scroller();
    if (list && list.scrollHeight - list.clientHeight >= this.wanted.top - 1) {
      list.scrollTop = this.wanted.top;
      if (Math.abs(list.scrollTop - this.wanted.top) < 2) this.settled = (this.settled ?? 0) + 1;
      if (this.settled > 5) return (this.settled = this.wanted = null);
    }
    setTimeout(() => this.restore(), 60);
  }

  scrolled(target) {
    if (!this.wanted && target === scroller() && isHistory() && document.querySelector(".st-key-place"))
      keep(here(), target.scrollTop);
  }
}

const scroller = () => document.querySelector("[data-testid=stMain]");
const here = () => location.pathname + location.search;
const isHistory = () => /\/history$/.test(location.pathname);

function read(address) {
  try {
    return sessionStorage.getItem(PREFIX + address);
  } catch {
    return null;
  }
}

function keep(address, top) {
  try {
    sessionStorage.setItem(PREFIX + address, String(Math.round(top)));
  } catch {
    /* storage is full or switched off: the page begins at its top */
  }
}

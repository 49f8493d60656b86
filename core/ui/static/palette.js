/* The palette: pages, acts, chats and models by a few letters. Pages and acts are known here; models and chats are asked
   of the server, and come into the open list. */

const WAIT_MS = 150;
const MODELS_MS = 60_000;
const MOST = { pages: 20, acts: 30, recent: 6, models: 8, chats: 12 };
const STEPS = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };

class Palette {
  constructor(keyboard) {
    this.keyboard = keyboard;
    this.models = [];
    this.modelsAt = -MODELS_MS;
  }

  turn(page, tell) {
    this.page = page;
    this.tell = tell;
  }

  toggle() {
    if (this.dialog?.open) this.close();
    else this.open();
  }

  close() {
    this.dialog?.close();
  }

  open() {
    const { labels } = this.page;
    this.dialog = dialog("roundtable-palette", labels.palette);
    this.field = make("input", { type: "text", placeholder: labels.placeholder, autocomplete: "off", spellcheck: false });
    const aria = { role: "combobox", "aria-expanded": "true", "aria-controls": "roundtable-options", "aria-autocomplete": "list", "aria-label": labels.placeholder };
    for (const [name, value] of Object.entries(aria)) this.field.setAttribute(name, value);
    this.options = make("div", { id: "roundtable-options", ariaLabel: labels.palette, tabIndex: -1 });
    this.options.setAttribute("role", "listbox");
    this.status = make("p");
    this.status.setAttribute("role", "status");
    this.dialog.append(this.field, this.options, this.status);
    this.field.addEventListener("input", () => this.typed());
    this.dialog.addEventListener("keydown", (event) => this.pressed(event));
    this.dialog.addEventListener("close", () => this.asking?.abort());
    this.acts = this.page.acts.filter((act) => act.run || control(act.on)).map((act) => ({ ...act, go: () => this.act(act) }));
    this.recent = [...document.querySelectorAll(".st-key-recent a")].slice(0, MOST.recent).map((link) => ({
      title: link.querySelector("p")?.textContent ?? link.textContent,
      icon: "history",
      go: () => link.click(),
    }));
    this.chats = [];
    this.state = "";
    this.dialog.showModal();
    this.field.focus();
    this.draw();
    this.askModels();
  }

  typed() {
    this.chats = [];
    this.draw();
    this.asking?.abort();
    clearTimeout(this.timer);
    const words = this.field.value.trim();
    this.state = words && this.page.server ? "searching" : "";
    this.say();
    if (this.state) this.timer = setTimeout(() => this.askChats(words), WAIT_MS);
  }

  pressed(event) {
    if (event.isComposing || event.keyCode === 229) return;
    const last = this.shown.length - 1;
    if (event.key in STEPS && last >= 0) {
      const next = this.at + STEPS[event.key];
      this.mark(Math.abs(STEPS[event.key]) === 1 ? (next + last + 1) % (last + 1) : Math.min(last, Math.max(0, next)));
    } else if (event.key === "Home" && !event.shiftKey) this.mark(0);
    else if (event.key === "End" && !event.shiftKey) this.mark(last);
    else if (event.key === "Enter") this.choose(this.at);
    else return;
    event.preventDefault();
  }

  choose(at) {
    const item = this.shown[at];
    if (!item) return;
    this.close(); // gives the keyboard back to where it was
    item.go();
  }

  mark(at) {
    this.at = at;
    for (const [place, option] of this.options.querySelectorAll("[role=option]").entries()) {
      option.setAttribute("aria-selected", String(place === at));
      if (place !== at) continue;
      this.field.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    }
  }

  draw() {
    const { labels, pages } = this.page;
    const words = folded(this.field.value).split(/\s+/).filter(Boolean);
    const groups = [
      ["acts", words.length ? this.acts : this.acts.filter((act) => !act.quiet)],
      ["pages", pages.map((page) => ({ ...page, go: () => visit(page.path, page.query) }))],
      ["recent", words.length ? [] : this.recent],
      ["models", words.length ? this.models.map((model) => this.model(model)) : []],
    ].map(([name, items]) => ({ name, items: matching(items, words).slice(0, MOST[name]) }));
    if (words.length) groups.sort((one, other) => best(one) - best(other));
    groups.push({ name: "chats", items: this.chats });
    const chosen = this.moved();
    this.shown = groups.flatMap((group) => group.items);
    let number = 0;
    const drawn = groups.filter((group) => group.items.length).map(({ name, items }) => {
      const group = make("div");
      group.setAttribute("role", "group");
      group.setAttribute("aria-label", labels[name]);
      const heading = make("div", { className: "roundtable-group", ariaHidden: "true", textContent: labels[name] });
      group.append(heading, ...items.map((item) => this.option(item, number++)));
      return group;
    });
    this.options.replaceChildren(...drawn);
    this.field.removeAttribute("aria-activedescendant");
    this.mark(Math.max(0, this.shown.findIndex((item) => item.title === chosen)));
    this.say();
  }

  /* The title of what is marked, if the person moved the mark: it stays when more results come. */
  moved() {
    return this.at > 0 ? this.shown?.[this.at]?.title : null;
  }

  option(item, number) {
    const option = make("div", { id: `roundtable-option-${number}` });
    option.setAttribute("role", "option");
    const name = make("span", { className: "roundtable-name" });
    name.append(make("span", { textContent: item.title }));
    if (item.note) name.append(make("small", { textContent: item.note }));
    if (item.found) {
      const line = make("small");
      line.append(item.found[0], make("mark", { textContent: item.found[1] }), item.found[2]);
      name.append(line);
    }
    option.append(symbol(item.icon), name);
    if (item.keys) option.append(keycaps(item.keys));
    option.addEventListener("mousemove", () => this.at !== number && this.mark(number));
    option.addEventListener("click", () => this.choose(number));
    return option;
  }

  say() {
    const { labels } = this.page;
    const text = labels[this.state] ?? (this.shown.length ? "" : labels.nothing);
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  model({ id, name, provider, note }) {
    return { title: name, note: [provider, note].filter(Boolean).join(" · "), icon: "smart_toy", also: id, go: () => this.tell("model", id) };
  }

  async askModels() {
    if (!this.page.server || performance.now() - this.modelsAt < MODELS_MS) return;
    this.modelsAt = performance.now();
    try {
      this.models = (await this.ask("models")).models;
      if (this.dialog.open && this.field.value) this.draw();
    } catch {
      this.modelsAt = -MODELS_MS;
    }
  }

  async askChats(words) {
    this.asking = new AbortController();
    const { signal } = this.asking;
    try {
      const { hits } = await this.ask("chats", { words }, signal);
      if (!this.dialog.open || signal.aborted) return;
      this.chats = hits.map((hit) => ({ ...hit, go: () => visit(hit.path, hit.query) }));
      this.state = "";
      this.draw();
    } catch {
      if (signal.aborted) return;
      this.state = "unavailable";
      this.say();
    }
  }

  async ask(what, query = {}, signal = undefined) {
    const reply = await fetch(`${this.page.server}/${what}?${new URLSearchParams({ ...query, lang: this.page.language })}`, {
      headers: { "x-roundtable": "palette" },
      signal,
    });
    if (!reply.ok) throw new Error(String(reply.status));
    return reply.json();
  }

  act(act) {
    if (act.run === "shortcuts") this.keyboard.list.toggle();
    else if (act.run === "latest") this.keyboard.reading.toLatest();
    else if (act.run === "theme") theme(act.theme);
    else control(act.on)?.click();
  }
}

/* As Back and Forward do: Streamlit reads the address, and the session goes on. */
function visit(path, query) {
  history.pushState(null, "", `${path}?${new URLSearchParams(Object.entries(query).flatMap(([name, values]) => [values].flat().map((value) => [name, value])))}`);
  dispatchEvent(new PopStateEvent("popstate"));
}

/* Only Streamlit's own menu switches its theme without loading the page again. */
function theme(name) {
  const menu = document.querySelector("[data-testid=stMainMenuButton]");
  const used = document.activeElement;
  const drawn = new MutationObserver(() => {
    const item = document.querySelector(`[data-testid=stMainMenuItem-theme-${name}]`);
    if (!item) return;
    drawn.disconnect();
    item.click();
    if (item.isConnected) menu.click();
    requestAnimationFrame(() => used.isConnected && used.focus({ preventScroll: true }));
  });
  drawn.observe(document.body, { childList: true, subtree: true });
  setTimeout(() => drawn.disconnect(), 2000);
  menu?.click();
}

const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

/* Items that contain every word, those that begin with the first one before others. */
function matching(items, words) {
  if (!words.length) return items;
  const rank = (title) => (title.startsWith(words[0]) ? 0 : title.split(/[\s/·:-]+/).some((part) => part.startsWith(words[0])) ? 1 : 2);
  return items
    .map((item) => ({ ...item, text: folded(`${item.title} ${item.note ?? ""} ${item.also ?? ""}`), rank: rank(folded(item.title)) }))
    .filter((item) => words.every((word) => item.text.includes(word)))
    .sort((one, other) => one.rank - other.rank);
}

const best = (group) => Math.min(9, ...group.items.map((item) => item.rank));

/* What draws diagrams: one hidden frame a page (diagram_frame.js), to which sources are sent and from which pictures
   come back. The files that use it follow this one. */

const LOADING_MS = 60_000;
const DRAWING_MS = 10_000;
const MOST_SVG_CHARS = 4_000_000;
const MOST_REMEMBERED = 60;

class Drawer {
  constructor(address) {
    this.address = address;
    this.pictures = new Map();
    this.waiting = new Map();
    this.number = 0;
    addEventListener("message", (event) => this.heard(event));
  }

  remembered(source, theme) {
    return this.pictures.get(`${theme} ${source}`);
  }

  async draw(source, theme) {
    const name = `${theme} ${source}`;
    if (this.pictures.has(name)) return this.pictures.get(name);
    const turn = (this.last ?? Promise.resolve()).then(() => this.pictures.get(name) ?? this.ask(source, theme));
    this.last = turn.catch(() => {});
    const picture = await turn;
    if (picture.failed !== "slow" && picture.failed !== "unloaded") {
      this.pictures.set(name, picture);
      if (this.pictures.size > MOST_REMEMBERED) this.pictures.delete(this.pictures.keys().next().value);
    }
    return picture;
  }

  async ask(source, theme) {
    if (!(await this.open())) return { failed: "unloaded" };
    const id = ++this.number;
    const picture = await this.within(DRAWING_MS, (resolve) => {
      this.waiting.set(id, resolve);
      this.frame.contentWindow.postMessage({ id, source, theme }, "*");
    });
    this.waiting.delete(id);
    if (picture) return picture;
    this.close();
    return { failed: "slow" };
  }

  /* The frame is as large as the window, so that the browser does not hold it back as it does with frames out of sight. */
  async open() {
    if (this.frame) return true;
    this.frame = Object.assign(document.createElement("iframe"), { className: "roundtable-drawer", tabIndex: -1, title: "" });
    this.frame.setAttribute("sandbox", "allow-scripts");
    this.frame.setAttribute("aria-hidden", "true");
    this.frame.referrerPolicy = "no-referrer";
    this.frame.src = this.address;
    const ready = await this.within(LOADING_MS, (resolve) => {
      this.ready = resolve;
      document.body.append(this.frame);
    });
    if (!ready) this.close();
    return ready;
  }

  close() {
    this.frame?.remove();
    this.frame = null;
  }

  within(ms, begin) {
    return new Promise((resolve) => {
      setTimeout(() => resolve(null), ms);
      begin(resolve);
    });
  }

  heard(event) {
    if (!this.frame || event.source !== this.frame.contentWindow) return;
    const { ready, id, svg, width, height, failed, line } = event.data ?? {};
    if (ready) return this.ready(true);
    const whole = typeof svg === "string" && width > 0 && height > 0;
    if (whole && svg.length <= MOST_SVG_CHARS) this.waiting.get(id)?.({ svg: harmless(svg), width, height });
    else this.waiting.get(id)?.({ failed: whole ? "large" : String(failed), line: Number(line) || null });
  }
}

/* An image runs nothing and loads nothing; a file that is opened by itself would. */
function harmless(svg) {
  const drawn = new DOMParser().parseFromString(svg, "image/svg+xml");
  drawn.querySelectorAll("script, iframe, object, embed, image, use:not([href^='#'], [*|href^='#'])").forEach((element) => element.remove());
  for (const element of drawn.querySelectorAll("*")) {
    for (const { name, value } of [...element.attributes]) {
      const outside = /(^|:)(href|src)$/i.test(name) && !value.startsWith("#");
      if (outside || /^on/i.test(name) || /url\(\s*["']?(?!["']?#)|@import/i.test(value)) element.removeAttribute(name);
    }
  }
  for (const style of drawn.querySelectorAll("style")) {
    style.textContent = style.textContent.replace(/@import[^;]*;?|url\(\s*["']?(?!["']?#)[^)]*\)?/gi, "");
  }
  return new XMLSerializer().serializeToString(drawn);
}

const drawerAt = (address) => (window.roundtableDrawer ??= new Drawer(address));

/* A diagram of an answer. All diagrams of a page are drawn by one hidden frame (drawer.js), each when it comes into view,
   and shown as images. Until then, and where drawing fails, the source is shown. */

const NEAR = "600px 0px";
const SMALLEST_SCALE = 0.5;
const PNG_SCALE = 2;
const MOST_PNG_PX = 8_000;

class Diagram {
  constructor(figure) {
    this.figure = figure;
    this.tools = add(figure, "div", "roundtable-diagram-tools");
    this.status = add(figure, "p", "roundtable-diagram-status");
    this.status.setAttribute("role", "status");
    this.sheet = add(figure, "div", "roundtable-diagram-sheet");
    this.image = add(this.sheet, "img");
    this.source = add(figure, "pre", "roundtable-diagram-source");
    this.source.tabIndex = 0;
    this.toggle = this.button("code", () => this.turn(!this.figure.classList.contains("as-source")));
    this.large = this.button("open_in_full", () => this.enlarge());
    this.svg = this.button("", () => this.save("svg"), "SVG");
    this.png = this.button("", () => this.save("png"), "PNG");
    new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && this.seen(), { rootMargin: NEAR }).observe(figure);
  }

  button(icon, act, words = "") {
    const button = add(this.tools, "button", "roundtable-diagram-tool");
    button.type = "button";
    button.onclick = act;
    add(button, "span", icon ? "roundtable-symbol" : "").textContent = icon || words;
    return button;
  }

  update(sent) {
    const before = this.diagram;
    const diagram = (this.diagram = { ...sent, theme: pageTheme() });
    this.drawer = drawerAt(diagram.address);
    const { labels } = diagram;
    for (const [button, label] of [[this.large, labels.large], [this.svg, labels.svg], [this.png, labels.png]]) button.title = button.ariaLabel = label;
    this.source.textContent = diagram.source;
    this.image.alt = labels.alt;
    if (before?.source === diagram.source && before.theme === diagram.theme) return this.turn(this.figure.classList.contains("as-source"));
    const picture = this.drawer.remembered(diagram.drawn, diagram.theme);
    if (picture) this.show(picture);
    else if (before?.source !== diagram.source) this.state("pending");
    if (!picture && this.inView) this.paint();
  }

  seen() {
    this.inView = true;
    if (this.figure.dataset.state === "pending") this.paint();
  }

  async paint() {
    const { source, drawn, theme } = this.diagram;
    const picture = await this.drawer.draw(drawn, theme);
    if (this.diagram.source === source && this.diagram.theme === theme) this.show(picture);
  }

  state(state, words = "") {
    this.figure.dataset.state = state;
    this.status.textContent = words;
    if (state !== "drawn") this.figure.classList.remove("as-source");
    this.turn(this.figure.classList.contains("as-source"));
  }

  show(picture) {
    if (picture.failed) return this.state("failed", this.sentence(picture));
    this.image.src = address(picture.svg);
    this.image.style.width = `${picture.width}px`;
    this.image.style.minWidth = `min(${picture.width}px, ${Math.ceil(picture.width * SMALLEST_SCALE)}px)`;
    this.image.style.aspectRatio = `${picture.width} / ${picture.height}`;
    this.state("drawn");
  }

  sentence({ failed, line }) {
    const { labels } = this.diagram;
    const moved = this.diagram.source.split("\n").length - this.diagram.drawn.split("\n").length;
    if (failed === "wrong" && line && !moved) return labels.line.replace("{line}", line);
    return { large: labels.much, slow: labels.slow, unloaded: labels.unloaded }[failed] ?? labels.wrong;
  }

  turn(asSource) {
    const { labels } = this.diagram;
    this.figure.classList.toggle("as-source", asSource);
    this.toggle.title = this.toggle.ariaLabel = asSource ? labels.diagram : labels.source;
    this.toggle.firstChild.textContent = asSource ? "schema" : "code";
  }

  enlarge() {
    const dialog = Object.assign(document.createElement("dialog"), { className: "roundtable-dialog roundtable-diagram-large", ariaLabel: this.image.alt });
    const close = add(dialog, "button");
    close.type = "button";
    close.textContent = this.diagram.labels.close;
    close.onclick = () => dialog.close();
    const sheet = add(dialog, "div");
    sheet.tabIndex = 0;
    const image = this.image.cloneNode();
    image.style.minWidth = image.style.width;
    sheet.append(image);
    dialog.addEventListener("keydown", (event) => event.stopPropagation());
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }

  /* Files are for paper and other programs, so they are light whatever the page is. */
  async save(kind) {
    const picture = await this.drawer.draw(this.diagram.drawn, "light");
    if (picture.failed) return this.status.textContent = this.sentence(picture);
    const blob = kind === "svg" ? new Blob([picture.svg], { type: "image/svg+xml" }) : await painted(picture).catch(() => null);
    if (!blob) return this.status.textContent = this.diagram.labels.unsaved;
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: `diagram.${kind}` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }
}

async function painted({ svg, width, height }) {
  const scale = Math.min(PNG_SCALE, MOST_PNG_PX / Math.max(width, height));
  const canvas = Object.assign(document.createElement("canvas"), { width: Math.ceil(width * scale), height: Math.ceil(height * scale) });
  const image = Object.assign(new Image(), { src: address(svg) });
  await image.decode();
  const context = canvas.getContext("2d");
  context.fillStyle = "#FFFFFF";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

function address(svg) {
  return `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
}

function add(parent, tag, className = "") {
  const element = Object.assign(document.createElement(tag), { className });
  parent.append(element);
  return element;
}

const pageTheme = () => (getComputedStyle(document.querySelector("[data-testid=stApp]")).colorScheme === "dark" ? "dark" : "light");

/* A page that follows the computer's theme changes without a word to the server. */
const THEME_MS = 500;
window.roundtableDiagramThemes ??= matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
  setTimeout(() => document.querySelectorAll(".roundtable-diagram").forEach(({ diagram }) => diagram?.update(diagram.diagram)), THEME_MS),
) ?? true;

export default function ({ data: [diagram], parentElement }) {
  const figure = parentElement.querySelector("figure");
  figure.diagram ??= new Diagram(figure);
  figure.diagram.update(diagram);
}

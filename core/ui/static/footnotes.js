/* Footnotes of answers (core/safety/footnotes.py): a mark leads to its note, the arrow behind the note back to where the
   reader came from. Neither has an id, which Streamlit would take out: they find each other by their addresses. */

const NOTE = "#note-", MARK = "#mark-";

class Footnotes {
  constructor() {
    this.left = new Map(); // the mark from which each note was reached
    addEventListener("click", (event) => this.clicked(event), true);
  }

  clicked(event) {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const link = event.target.closest?.("[data-testid=stMarkdownContainer] a[href^='#']");
    const address = link?.getAttribute("href") ?? "";
    const toNote = address.startsWith(NOTE);
    if (!toNote && !address.startsWith(MARK)) return;
    event.preventDefault();
    event.stopPropagation();
    const other = toNote ? MARK + address.slice(NOTE.length) : NOTE + address.slice(MARK.length);
    if (toNote) this.left.set(other, link);
    const before = this.left.get(address);
    const target = !toNote && before?.isConnected ? before : document.querySelector(`[data-testid=stMarkdownContainer] a[href="${other}"]`);
    if (!target) return;
    target.focus({ preventScroll: true });
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    (toNote ? target.closest("li") ?? target : target).scrollIntoView({ block: "center", behavior: still ? "auto" : "smooth" });
  }
}

/* Whoever scrolls up while an answer is written stays there. Streamlit follows the newest text by setting `scrollTop`
   sixty times a second and gives way only to a wheel that is quicker; while the reader is away from the end, what it
   sets is passed over. A button leads back. */

const FOLLOWING = "stAppScrollToBottomContainer"; // Streamlit follows the newest text only here
const MAIN = `[data-testid=${FOLLOWING}], [data-testid=stMain]`;
const TOP = Object.getOwnPropertyDescriptor(Element.prototype, "scrollTop");
const END_PX = 24;
const FAR_PX = 240;
const UP = new Set(["PageUp", "Home", "ArrowUp"]);

class Reading {
  constructor() {
    this.away = false;
    const passive = { capture: true, passive: true };
    addEventListener("wheel", (event) => event.deltaY < 0 && this.leave(event.target), passive);
    addEventListener("touchstart", (event) => (this.touchY = event.touches[0].clientY), passive);
    addEventListener("touchmove", (event) => event.touches[0].clientY > this.touchY && this.leave(event.target), passive);
    addEventListener("keydown", (event) => UP.has(event.key) && !event.target.matches?.("input, textarea, dialog *") && this.leave(event.target), passive);
    addEventListener("keydown", (event) => event.key === "Enter" && event.target.matches?.("[data-testid=stChatInputTextArea]") && this.follow(), passive);
    addEventListener("scroll", (event) => event.target === this.main && this.scrolled(), passive);
    addEventListener("resize", () => this.place(), passive);
  }

  turn(page) {
    this.label = page.labels.latest;
    this.place();
  }

  follow() {
    this.away = false;
  }

  arrive() {
    this.follow();
    this.pinned = false;
  }

  /* The reader turns away from the end. A wheel over something that scrolls by itself moves nothing here. */
  leave(target) {
    if (!this.main?.contains(target) || this.away || !this.main.scrollTop) return;
    const before = this.main.scrollTop;
    this.away = true;
    this.pinned = false;
    setTimeout(() => this.main.scrollTop >= before && this.left() < END_PX && this.follow(), 300);
  }

  left() {
    return this.main.scrollHeight - this.main.clientHeight - this.main.scrollTop;
  }

  scrolled() {
    const { scrollTop, scrollHeight } = this.main;
    if (scrollTop < this.top && scrollHeight < this.height && this.left() < 2) this.lost ??= { top: this.top, newest: this.newest };
    else this.lost = null;
    if (scrollTop < this.top && scrollHeight >= this.height && this.left() > 2 * END_PX) {
      this.away = true;
      this.pinned = false;
    } else if (scrollTop > this.top && this.left() < END_PX) this.follow();
    this.top = scrollTop;
    this.height = scrollHeight;
    this.place();
  }

  /* A page that is drawn again slowly loses its turns for a moment, and so the reader's place: back there once they are back. */
  resized() {
    if (!this.lost || this.lost.newest !== this.newest || this.main.scrollHeight - this.main.clientHeight < this.lost.top - FAR_PX) return;
    TOP.set.call(this.main, this.lost.top);
    this.lost = null;
  }

  /* Find the page's scrolling part, which another page replaces, and show the button where the end is far. */
  place() {
    const main = document.querySelector(MAIN);
    if (main && main !== this.main) this.adopt(main);
    if (!main) return;
    const newest = [...main.querySelectorAll("[class*=st-key-asked-]")].pop()?.className.match(/st-key-asked-\S+/)[0];
    if (newest !== this.newest) this.arrive(); // a question was asked, or another chat opened
    this.newest = newest;
    if (this.pinned && !this.away && this.left() > 1) TOP.set.call(main, main.scrollHeight);
    const foot = document.querySelector("[data-testid=stBottom]");
    const far = Boolean(main.dataset.testid === FOLLOWING && foot && main.querySelector("[data-testid=stChatMessage]")) && this.left() > FAR_PX;
    if (far && !this.button?.isConnected) {
      this.button = make("button", { type: "button", className: "roundtable-latest" });
      this.button.onclick = () => this.toLatest();
      main.append(this.button);
    }
    if (!this.button) return;
    this.button.hidden = !far;
    if (!far) return;
    if (this.button.dataset.label !== this.label) {
      this.button.dataset.label = this.label;
      this.button.replaceChildren(symbol("arrow_downward"), this.label);
    }
    const box = foot.getBoundingClientRect();
    this.button.style.bottom = `${innerHeight - box.top + 8}px`;
    this.button.style.left = `${box.left + box.width / 2}px`;
  }

  adopt(main) {
    this.main = main;
    this.sizes ??= new ResizeObserver(() => this.resized());
    this.sizes.disconnect();
    for (const child of main.children) this.sizes.observe(child);
    this.lost = null;
    this.away = false;
    this.top = main.scrollTop;
    this.height = main.scrollHeight;
    const reading = this;
    Object.defineProperty(main, "scrollTop", {
      configurable: true,
      get() {
        return TOP.get.call(this);
      },
      set(value) {
        const up = value < TOP.get.call(this);
        if (up ? reading.pinned : reading.away) return;
        TOP.set.call(this, value);
        reading.top = TOP.get.call(this); // so that its scroll event is not taken for the reader's
      },
    });
  }

  /* Streamlit does not always see that the end is reached while the text grows, so this stays there by itself. */
  toLatest() {
    this.follow();
    this.pinned = true;
    if (this.main) TOP.set.call(this.main, this.main.scrollHeight);
    document.querySelector("[data-testid=stChatInputTextArea]")?.focus({ preventScroll: true });
  }
}

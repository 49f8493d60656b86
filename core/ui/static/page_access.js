/* What Streamlit's pages lack for a keyboard and a screen reader: the language, landmarks, code that can be scrolled by
   keys, and the cursor in a search that has just been opened. */

const TIDY_MS = 200;
/* Headings of an answer are below the page's own: to whom they are read, too. */
const WRITTEN = ":is([data-testid=stChatMessage], [class*=st-key-lanes]) :is(h1, h2, h3):not([aria-level])";
const SECTION = "[data-testid=stMainBlockContainer] [data-testid=stHeading] h3:not([aria-level])";
const UPLOADER = "[data-testid=stFileUploaderDropzone]";
const SCROLLABLE = [
  "[data-testid=stCode] pre", "[data-testid=stCode] > div", "[data-testid=stMarkdownContainer] pre", "[data-testid=stMarkdownContainer] table",
  "[data-testid=stMarkdownContainer] .katex-display", ".st-key-prompt [data-testid=stChatMessage]", "[class*=st-key-scores-]",
  "[class*=st-key-lanes]", ".st-key-examples", "[data-testid=stVerticalBlock]", "[data-testid=stSidebarContent]",
].join();

class PageAccess {
  constructor(changed) {
    this.changed = changed;
    new MutationObserver((records) => this.mutated(records)).observe(document.body, { childList: true, subtree: true });
  }

  turn(page) {
    const app = document.querySelector("[data-testid=stApp]");
    if (app !== this.app) new MutationObserver(followTheme).observe((this.app = app), { attributeFilter: ["class"] });
    followTheme();
    this.labels = page.labels;
    document.documentElement.lang = page.language;
    this.later();
  }

  mutated(records) {
    for (const record of records)
      for (const node of record.addedNodes) {
        const search = node.querySelector?.("[class*=st-key-find-] input");
        if (search) requestAnimationFrame(() => inPopover(search) && search.focus({ preventScroll: true }));
      }
    this.later();
  }

  later() {
    this.timer ??= setTimeout(() => ((this.timer = null), this.tidy()), TIDY_MS);
  }

  tidy() {
    for (const [selector, label] of Object.entries({ ".st-key-pages": this.labels.pages, ".st-key-recent": this.labels.recent }))
      for (const element of document.querySelectorAll(selector)) {
        element.setAttribute("role", "navigation");
        element.setAttribute("aria-label", label);
      }
    for (const heading of document.querySelectorAll(WRITTEN)) heading.setAttribute("aria-level", Number(heading.tagName[1]) + 2);
    for (const section of document.querySelectorAll(SECTION)) section.setAttribute("aria-level", 2); // below the page's name, an h1
    for (const toast of document.querySelectorAll("[data-testid=stToast]:not([aria-label])"))
      toast.setAttribute("aria-label", toast.innerText); // the element that its aria-labelledby names is not there
    for (const element of document.querySelectorAll(SCROLLABLE)) this.reach(element);
    this.translate();
    this.changed();
  }

  /* Streamlit's own words on an uploader: "Upload", and "20MB per file • CSV, TXT". */
  translate() {
    const { upload } = this.labels;
    for (const word of document.querySelectorAll(`${UPLOADER} button p`)) // the same word again would be a change, and call us again
      if (word.textContent === "Upload" && upload !== "Upload") word.textContent = upload;
    for (const limit of document.querySelectorAll(`${UPLOADER} [data-testid=stFileUploaderDropzoneInstructions] span`)) {
      const [, number, unit, kinds] = limit.textContent.match(/^(\d+)([KMG]B) per file(.*)$/) ?? [];
      if (number && !limit.childElementCount) limit.textContent = this.labels.upload_limit.replace("{size}", `${number} ${unit}`) + kinds;
    }
  }

  /* Only what does scroll and holds nothing that takes the keyboard needs a stop of its own. */
  reach(element) {
    const { overflowX, overflowY } = getComputedStyle(element);
    const scrolls = (flow, inner, outer) => /auto|scroll/.test(flow) && inner > outer + 1;
    const needed =
      (scrolls(overflowX, element.scrollWidth, element.clientWidth) || scrolls(overflowY, element.scrollHeight, element.clientHeight)) &&
      !element.querySelector("a[href], button, input, textarea, [tabindex='0']");
    if (needed && !element.hasAttribute("tabindex")) {
      element.tabIndex = 0;
      element.dataset.reached = "";
    } else if (!needed && "reached" in element.dataset && element !== document.activeElement) {
      element.removeAttribute("tabindex");
      delete element.dataset.reached;
    }
  }
}

/* Streamlit's theme holds within its app, but popovers, toasts and our dialogs are outside it. */
function followTheme() {
  document.documentElement.style.colorScheme = getComputedStyle(document.querySelector("[data-testid=stApp]")).colorScheme;
}

const touch = () => matchMedia("(pointer: coarse)").matches;
const inPopover = (search) => search.isConnected && search.closest("[data-testid=stPopoverBody]") && !touch();

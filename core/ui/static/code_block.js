/* The line below a long code block: it unfolds the block above it, or saves the block's text as a file. */

export default function ({ data: [{ labels, name }], parentElement }) {
  const line = parentElement.querySelector(".roundtable-code");
  const block = line.closest("[class*=folded-code-], [class*=open-code-]");
  if (!block) return;
  const folded = () => (block.className.includes("folded-code-") ? !("shown" in block.dataset) : "hidden" in block.dataset);
  const fold = button(), save = button();
  const tell = () => {
    fold.textContent = folded() ? labels.all : labels.fold;
    fold.ariaExpanded = String(!folded());
  };
  fold.onclick = () => {
    const mark = block.className.includes("folded-code-") ? "shown" : "hidden";
    if (mark in block.dataset) delete block.dataset[mark];
    else block.dataset[mark] = "";
    tell();
    if (folded()) block.scrollIntoView({ block: "nearest" });
  };
  save.textContent = labels.save;
  save.onclick = () => {
    const text = block.querySelector("[data-testid=stCode] code").textContent;
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(new Blob([text], { type: "text/plain" })), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };
  tell();
  line.replaceChildren(fold, save);
}

function button() {
  return Object.assign(document.createElement("button"), { type: "button", className: "roundtable-code-tool" });
}

/* Copies an answer as it was written. Where the browser refuses, as many do on plain HTTP, it says so and shows the text
   selected. */

const TOLD_MS = 1500;

export default function ({ data: [copy], parentElement }) {
  const button = parentElement.querySelector("button");
  draw(button, copy.label, "content_copy");
  button.onclick = async () => {
    if (!(await copied(copy.text))) return show(copy);
    draw(button, copy.done, "check");
    clearTimeout(button.timer);
    button.timer = setTimeout(() => draw(button, copy.label, "content_copy"), TOLD_MS);
  };
}

function draw(button, label, icon) {
  button.title = button.ariaLabel = label;
  const name = Object.assign(document.createElement("span"), { className: "roundtable-unseen", textContent: label });
  name.setAttribute("role", "status");
  const symbol = Object.assign(document.createElement("span"), { className: "roundtable-symbol", ariaHidden: "true", textContent: icon });
  button.replaceChildren(symbol, name);
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return older(text);
  }
}

/* The way of older browsers, which works without HTTPS; it says whether it did. */
function older(text) {
  const focused = document.activeElement;
  const field = Object.assign(document.createElement("textarea"), { value: text, className: "roundtable-unseen" });
  document.body.append(field);
  field.select();
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  } finally {
    field.remove();
    focused?.focus?.({ preventScroll: true });
  }
}

function show(copy) {
  const dialog = Object.assign(document.createElement("dialog"), { className: "roundtable-dialog roundtable-refused", ariaLabel: copy.refused });
  dialog.style.fontFamily = getComputedStyle(document.querySelector("[data-testid=stApp]")).fontFamily;
  const field = Object.assign(document.createElement("textarea"), { value: copy.text, readOnly: true, ariaLabel: copy.label });
  const close = Object.assign(document.createElement("button"), { type: "button", textContent: copy.close });
  close.onclick = () => dialog.close();
  dialog.append(Object.assign(document.createElement("p"), { textContent: copy.refused }), field, close);
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  field.select();
}

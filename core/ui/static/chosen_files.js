/* Chosen files reach the box, whatever became of it meanwhile. Streamlit replaces its input when the last file leaves the
   box, also behind an open file dialog, and uploads nothing while the connection is lost. A choice that it did not hear, or
   could not upload for that reason, is handed to the box again. */

const FILE_BOX = "[data-testid=stChatInput]";
const FILE_INPUT = `${FILE_BOX} input[type=file]`;
const FILE_CHIP = "[data-testid=stFileChip]";
const UPLOADING = "[data-testid=stFileChipIconSpinner]";
const DELETE = "[data-testid=stFileChipDeleteBtn] button";
const STATES = ["data-test-connection-state", "data-test-script-state", "disabled", "aria-invalid"];

class ChosenFiles {
  constructor() {
    this.choices = []; // not uploaded yet: {files, box, requested, interrupted}
    this.opened = new WeakSet();
    this.observer = new MutationObserver(() => this.look());
    document.addEventListener("click", ({ target }) => this.open(target), true);
    document.addEventListener("change", ({ target }) => this.choose(target), true);
    document.addEventListener("drop", (event) => this.drop(event), true);
  }

  /* A dialog opens. The document does not hear of a change to an input that was replaced behind it. */
  open(input) {
    if (!input.matches?.(FILE_INPUT) || this.opened.has(input)) return;
    this.opened.add(input);
    const box = boxOf(input);
    input.addEventListener("change", () => input.isConnected || this.add([...input.files], box, false));
  }

  choose(input) {
    if (input.matches?.(FILE_INPUT)) this.add([...input.files], boxOf(input), !input.disabled);
  }

  drop({ target, dataTransfer }) {
    const input = target.closest?.(FILE_BOX)?.querySelector("input[type=file]");
    if (input?.disabled) this.add([...(dataTransfer?.files ?? [])], boxOf(input), false);
  }

  add(files, box, requested) {
    if (!files.length) return;
    this.choices.push({ files, box, requested, interrupted: !isConnected() });
    this.observer.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: STATES });
    this.look();
  }

  /* Names of the files that were chosen for this box, and which it does not show yet. */
  awaited(box) {
    const choices = this.choices.filter((choice) => choice.box === box && !chipsOf(choice).length);
    return choices.flatMap((choice) => choice.files.map((file) => file.name));
  }

  look() {
    const connected = isConnected();
    for (const choice of [...this.choices]) {
      const chips = chipsOf(choice);
      const failed = chips.filter((chip) => chip.getAttribute("aria-invalid") === "true");
      choice.interrupted ||= !connected;
      if (!document.querySelector(`.${choice.box}`)) this.remove(choice); // another page is shown
      else if (chips.length > failed.length) chips.some((chip) => chip.querySelector(UPLOADING)) || this.remove(choice);
      else if (failed.length && !choice.interrupted) this.remove(choice); // refused, and its chip says why
      else if (failed.length) isReady(choice) && failed.forEach((chip) => chip.querySelector(DELETE)?.click());
      else if (!choice.requested || choice.interrupted) this.handIn(choice);
    }
    if (!this.choices.length) this.observer.disconnect();
  }

  remove(choice) {
    this.choices = this.choices.filter((each) => each !== choice);
  }

  handIn(choice) {
    const input = document.querySelector(`.${choice.box} ${FILE_INPUT}`);
    if (!input || input.disabled || !isReady(choice)) return;
    this.remove(choice);
    const transfer = new DataTransfer();
    for (const file of choice.files) transfer.items.add(file);
    input.files = transfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function boxOf(input) {
  return [...(input.closest("[class*=st-key-]")?.classList ?? [])].find((name) => name.startsWith("st-key-"));
}

function chipsOf({ box, files }) {
  const names = new Set(files.map((file) => file.name));
  const chips = [...document.querySelectorAll(`.${box} ${FILE_CHIP}`)];
  return chips.filter((chip) => names.has(chip.querySelector("[data-testid=stFileChipName]")?.title));
}

/* After an interruption the page has the session that uploads belong to once its script has run. */
function isReady({ interrupted }) {
  return isConnected() && (!interrupted || appState("testScriptState") === "notRunning");
}

function isConnected() {
  return appState("testConnectionState") === "CONNECTED";
}

function appState(name) {
  return document.querySelector("[data-testid=stApp]")?.dataset[name];
}

/* Says to a screen reader, once, that the answers of this tab's last question have ended. */

export default function ({ data: [turn] }) {
  const running = (window.roundtableRunning ??= new Set());
  if (turn.running) for (const id of turn.ids) running.add(id);
  else if (turn.ids.some((id) => running.has(id))) {
    running.clear();
    say(turn.text);
  }
}

function say(text) {
  let region = document.querySelector(".roundtable-said");
  if (!region) {
    region = Object.assign(document.createElement("div"), { className: "roundtable-said roundtable-unseen" });
    region.setAttribute("role", "status");
    document.body.append(region);
  }
  region.textContent = "";
  setTimeout(() => (region.textContent = text), 100); // a region that is new or says the same again is not read out
}

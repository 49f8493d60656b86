/* A table of our pages: heads that sort, rows that open. It is drawn anew only when its content has changed; the
   button that was used keeps the keyboard, also when its row moves to another part of the table. */

const KEPT_MS = 5000;

export default function ({ data: [table], parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".table");
  root.tell = setTriggerValue;
  const content = JSON.stringify(table);
  if (root.content === content) return;
  root.content = content;
  const focused = root.getRootNode().activeElement?.dataset?.use;
  root.replaceChildren(drawn(table, root));
  const used = window.roundtableUsed;
  const wanted = focused ?? (used && Date.now() - used.at < KEPT_MS ? used.use : null);
  if (wanted) root.querySelector(`button[data-use="${CSS.escape(wanted)}"]`)?.focus({ preventScroll: true });
  if (table.reveal) root.querySelector(`[data-row="${CSS.escape(table.reveal)}"]`)?.scrollIntoView();
}

function drawn(table, root) {
  const element = make("table", { role: "table" });
  element.append(make("caption", { className: "unseen", textContent: table.caption }));
  const columns = make("colgroup");
  columns.append(...table.heads.map((head) => make("col", { className: head.id })));
  element.append(columns, heads(table, root), body(table, root));
  return element;
}

function heads(table, root) {
  const head = make("thead", { role: "rowgroup", className: table.first ? "" : "unseen" });
  const row = make("tr", { role: "row" });
  for (const column of table.heads) {
    const cell = make("th", { role: "columnheader", scope: "col", className: column.number ? "number" : "" });
    if (column.sorted) cell.setAttribute("aria-sort", column.sorted);
    if (table.first) cell.append(button(root, "sort", column.id, column.text + arrow(column.sorted)));
    else cell.textContent = column.text;
    row.append(cell);
  }
  head.append(row);
  return head;
}

const arrow = (sorted) => ({ ascending: " ↑", descending: " ↓" })[sorted] ?? "";

function body(table, root) {
  const rows = make("tbody", { role: "rowgroup" });
  for (const entry of table.rows) {
    const row = make("tr", { role: "row", className: [entry.open && "open", entry.faded && "faded", entry.open === null && "still"].filter(Boolean).join(" ") });
    row.dataset.row = entry.id;
    const name = make("th", { role: "rowheader", scope: "row" });
    const label = [
      make("span", { className: `mark ${entry.colour}`, ariaHidden: "true", textContent: entry.shape }),
      make("span", { className: "name", textContent: entry.name }),
    ];
    const box = make("div");
    if (entry.open === null) {
      box.append(...label);
    } else {
      const open = button(root, "toggle", entry.id, "");
      open.setAttribute("aria-expanded", String(entry.open));
      open.append(make("span", { className: "turn", ariaHidden: "true", textContent: "›" }), ...label);
      box.append(open);
      row.addEventListener("click", (event) => event.target.closest("button") || chosen() || open.click());
    }
    if (entry.kind) box.append(make("small", { textContent: entry.kind, title: entry.kind }));
    name.append(box);
    row.append(name, ...entry.cells.map((cell, place) => cellOf(cell, table.heads[place + 1], table.unknown)));
    rows.append(row);
  }
  return rows;
}

/* Whether text is being selected: then a click in a row is no wish to open it. */
const chosen = () => String(window.getSelection() ?? "") !== "";

function cellOf(cell, head, unknown) {
  const classes = [head.id, head.number && "number", cell.tone, !cell.text && "none"].filter(Boolean).join(" ");
  const element = make("td", { role: "cell", className: classes });
  element.dataset.head = head.text;
  if (cell.text) element.append(make("span", { textContent: cell.text }));
  else element.append(make("span", { ariaHidden: "true", textContent: "—" }), make("span", { className: "unseen", textContent: unknown }));
  if (cell.small) element.append(make("small", { textContent: cell.small, title: cell.small }));
  return element;
}

function button(root, what, id, text) {
  const element = make("button", { type: "button", textContent: text });
  element.dataset.use = `${what} ${id}`;
  element.addEventListener("click", () => {
    window.roundtableUsed = { use: element.dataset.use, at: Date.now() };
    root.tell(what, id);
  });
  return element;
}

function make(name, properties = {}) {
  const element = document.createElement(name);
  for (const [property, value] of Object.entries(properties)) {
    if (property === "role") element.setAttribute("role", value);
    else element[property] = value;
  }
  return element;
}

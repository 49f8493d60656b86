/* Runs in a frame without an origin and without a network (answer/diagram_frame.py): it is sent the source of a diagram
   and sends a picture of it back. Nothing that a source says changes how it is drawn: every option is ours. */

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Microsoft YaHei", sans-serif';
const MOST_EDGES = 400;
const COLOURS = {
  light: {
    background: "#FFFFFF", primaryColor: "#E8F0FA", primaryTextColor: "#1B2430", primaryBorderColor: "#5B87BF",
    secondaryColor: "#F3EAF5", tertiaryColor: "#F3F5F8", lineColor: "#66707E", textColor: "#1B2430",
    noteBkgColor: "#FFF6DC", noteTextColor: "#1B2430", noteBorderColor: "#D8BE73",
  },
  dark: {
    darkMode: true, background: "#12161C", primaryColor: "#22324A", primaryTextColor: "#E4E8EE",
    primaryBorderColor: "#7FB0EA", secondaryColor: "#3A2A44", tertiaryColor: "#1D232C", lineColor: "#98A2B0",
    textColor: "#E4E8EE", noteBkgColor: "#3A3420", noteTextColor: "#E4E8EE", noteBorderColor: "#8A7B45",
  },
};

const LINES = {
  light: ["#5B87BF", "#4C9C78", "#C9913E", "#9A6BA8", "#C9714F", "#A08F34"],
  dark: ["#7FB0EA", "#57CDA2", "#F0B050", "#CF94D8", "#F08A62", "#E5CF5A"],
};
const BRANCHES = {
  light: ["#CFE0F5", "#D6EBDD", "#F7E3C4", "#E7D9EC", "#F6D5CA", "#EFE6B8"],
  dark: ["#2B4468", "#22493B", "#55411F", "#48344F", "#573126", "#4A4422"],
};

let last = Promise.resolve();

addEventListener("message", (event) => {
  if (event.source !== parent) return;
  const { id, source, theme } = event.data;
  last = last.then(() => draw(id, source, theme)).then(
    (picture) => parent.postMessage({ id, ...picture }, "*"),
    (error) => parent.postMessage({ id, ...failure(error) }, "*"),
  );
});
parent.postMessage({ ready: true }, "*");

async function draw(id, source, theme) {
  mermaid.initialize({
    startOnLoad: false,
    securityLevel: "strict",
    secure: Object.keys(mermaid.mermaidAPI.defaultConfig),
    suppressErrorRendering: true,
    htmlLabels: false,
    flowchart: { htmlLabels: false },
    maxTextSize: 50_000,
    maxEdges: MOST_EDGES,
    fontFamily: FONT,
    theme: "base",
    look: "classic",
    themeVariables: { ...COLOURS[theme], ...branches(theme), fontFamily: FONT },
  });
  try {
    const { svg } = await mermaid.render(`diagram${id}`, source);
    return finished(svg);
  } finally {
    document.querySelectorAll(`#diagram${id}, #ddiagram${id}`).forEach((rest) => rest.remove());
  }
}

/* The colours of mindmaps, timelines, pies and the like, twelve of them, and of the text on each. */
function branches(theme) {
  const { textColor, lineColor, background } = COLOURS[theme];
  const colours = { pieSectionTextColor: textColor, pieOpacity: "1", pieStrokeColor: lineColor };
  for (let number = 0; number < 12; number++) {
    const colour = BRANCHES[theme][number % 6];
    Object.assign(colours, { [`cScale${number}`]: colour, [`cScaleLabel${number}`]: textColor, [`pie${number + 1}`]: colour });
    if (number < 8) Object.assign(colours, { [`git${number}`]: LINES[theme][number % 6], [`fillType${number}`]: colour });
  }
  return { ...colours, xyChart: { backgroundColor: background, plotColorPalette: LINES[theme].join(", ") } };
}

/* With a size of its own, so that it is an image anywhere, and text that can be read on colours of the source. */
function finished(svg) {
  const holder = document.createElement("div");
  holder.innerHTML = svg;
  const drawn = holder.querySelector("svg");
  document.body.append(holder);
  try {
    const box = drawn.viewBox.baseVal;
    const width = Math.ceil(box?.width || drawn.getBoundingClientRect().width);
    const height = Math.ceil(box?.height || drawn.getBoundingClientRect().height);
    drawn.setAttribute("width", width);
    drawn.setAttribute("height", height);
    drawn.style.maxWidth = "";
    drawn.querySelectorAll(".node, .cluster").forEach(legible);
    return { svg: new XMLSerializer().serializeToString(drawn), width, height };
  } finally {
    holder.remove();
  }
}

function legible(node) {
  const shape = node.querySelector("[style*=fill]:is(rect, polygon, circle, ellipse, path)");
  const fill = shape && getComputedStyle(shape).fill.match(/^rgb\((\d+), (\d+), (\d+)\)$/);
  if (!fill || /(^|[^-])color:/.test(node.getAttribute("style") ?? "")) return;
  const light = 0.299 * fill[1] + 0.587 * fill[2] + 0.114 * fill[3] > 140;
  for (const text of node.querySelectorAll("text, tspan")) {
    if (!/color|fill/.test(text.getAttribute("style") ?? "")) text.style.setProperty("fill", light ? "#1B2430" : "#FFFFFF", "important");
  }
}

function failure(error) {
  const words = String(error?.message ?? error);
  if (/maximum|too many edges|text size/i.test(words)) return { failed: "large" };
  const line = error?.hash?.loc?.first_line ?? error?.hash?.line ?? Number(words.match(/ on line (\d+)/)?.[1]);
  return { failed: "wrong", line: Number.isInteger(line) ? line : null };
}

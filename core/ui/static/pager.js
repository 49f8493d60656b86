/* Which columns of a comparison are in sight, and buttons to the others; hidden where all are. */

export default function ({ data: [{ words }], parentElement }) {
  const root = parentElement.querySelector(".pager");
  const strip = document.querySelector(".st-key-lanes");
  root.left?.abort();
  root.left = new AbortController();
  const { signal } = root.left;
  if (!strip) return;
  const range = document.createElement("span");
  const back = turn("‹", words.back, () => step(-1));
  const on = turn("›", words.on, () => step(1));
  root.replaceChildren(back, range, on);

  function inSight() {
    const box = strip.getBoundingClientRect();
    const columns = [...strip.children];
    const shown = columns.flatMap((column, place) => {
      const { left, right } = column.getBoundingClientRect();
      const middle = (left + right) / 2;
      return middle > box.left && middle < box.right ? [place] : [];
    });
    return { columns, first: shown[0] ?? 0, last: shown.at(-1) ?? 0 };
  }

  function tell() {
    const { columns, first, last } = inSight();
    root.hidden = strip.scrollWidth <= strip.clientWidth + 1;
    const text = first === last ? words.one : words.range;
    range.textContent = text.replace("{first}", first + 1).replace("{last}", last + 1).replace("{number}", columns.length);
    back.setAttribute("aria-disabled", String(first === 0));
    on.setAttribute("aria-disabled", String(last === columns.length - 1));
  }

  function step(direction) {
    const { columns, first, last } = inSight();
    const target = columns[direction > 0 ? last + 1 : Math.max(first - (last - first + 1), 0)];
    target?.scrollIntoView({ inline: direction > 0 && last > first ? "end" : "start", block: "nearest", behavior: "smooth" });
  }

  const sizes = new ResizeObserver(tell);
  sizes.observe(strip);
  const changes = new MutationObserver(tell);
  changes.observe(strip, { childList: true });
  signal.addEventListener("abort", () => { sizes.disconnect(); changes.disconnect(); });
  strip.addEventListener("scroll", tell, { signal, passive: true });
  tell();
  return () => root.left.abort();
}

function turn(text, label, act) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = text;
  button.ariaLabel = button.title = label;
  button.addEventListener("click", act);
  return button;
}

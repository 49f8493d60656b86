/* Draws the diagrams of a file that is to be downloaded, one after the other, and hands their pictures to the server. They
   are light, as all files. */

const MOST_MS = 30_000; // of all of them: what is not drawn by then stays code

export default function ({ data: [{ address, name, sources }], parentElement, setStateValue }) {
  if (parentElement.drawnFor === name) return; // a state that is set reruns the page, which comes here again
  parentElement.drawnFor = name;
  drawAll(drawerAt(address), sources).then((pictures) => setStateValue("pictures", { name, pictures }));
}

async function drawAll(drawer, sources) {
  const pictures = sources.map(() => "");
  let late = false;
  const drawing = (async () => {
    for (const [place, source] of sources.entries()) {
      if (late) return;
      pictures[place] = (await drawer.draw(source, "light")).svg ?? "";
    }
  })();
  await Promise.race([drawing, new Promise((resolve) => setTimeout(resolve, MOST_MS))]);
  late = true;
  return pictures;
}

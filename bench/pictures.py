"""A photograph of a phone made ready to be sent: `python -m bench.pictures`, a Markdown table.

A JPEG of 24 megapixels and about 5 MB, smooth with fine grain: time, and peak memory of this process."""

from __future__ import annotations

import io
import multiprocessing
import resource
import statistics
import time

from core.pictures import prepared, thumbnail

SIZE_PX = (6000, 4000)
ROUNDS = 7


def photograph() -> bytes:
    from PIL import Image

    smooth = Image.merge("RGB", [Image.linear_gradient("L").rotate(turn).resize(SIZE_PX) for turn in (0, 90, 180)])
    grain = Image.effect_noise(SIZE_PX, 22).convert("RGB")
    out = io.BytesIO()
    Image.blend(smooth, grain, 0.35).save(out, "JPEG", quality=85)
    return out.getvalue()


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(data: bytes) -> tuple[float, float, float, float, int]:
    """The first and the median time in ms, peak MB before and after, bytes of the result."""
    prepared(tiny())  # Pillow is loaded
    before, times = peak_mb(), []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        made = prepared(data)
        times.append((time.perf_counter() - started) * 1000)
    return times[0], statistics.median(times), before, peak_mb(), len(made.data)


def small_ms(data: bytes) -> float:
    """The time of a thumbnail of what was made ready."""
    made, times = prepared(data).data, []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        thumbnail(made, 640)
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def tiny() -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG")
    return out.getvalue()


def main() -> None:
    with multiprocessing.get_context("spawn").Pool(1) as pool:  # a child's peak begins at its parent's
        data = pool.apply(photograph)
    first, median, before, after, made = measure(data)
    print("| what | measured |\n|---|---|")
    print(f"| the file | {SIZE_PX[0]} × {SIZE_PX[1]} px, {len(data) / 1e6:.1f} MB |")
    print(f"| made ready, median of {ROUNDS} | {median:.0f} ms (first {first:.0f} ms) |")
    print(f"| peak memory of the process | {after:.0f} MB, {after - before:.0f} MB more than before |")
    print(f"| what is kept and sent | {made / 1e6:.2f} MB |")
    print(f"| its thumbnail | {small_ms(data):.0f} ms |")


if __name__ == "__main__":
    main()

"""Bring core/ui/static/vendor/ to a release of Mermaid: python -m scripts.mermaid 12.3.0

npm downloads the package and checks it against the registry's checksum. The script is kept packed, as it is served;
packing it again gives the same bytes. Look at docs/drawing.md for what to try after an update.
"""

from __future__ import annotations

import argparse
import gzip
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VENDOR = Path(__file__).parents[1] / "core" / "ui" / "static" / "vendor"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("version", help="a release on npm, such as 12.3.0")
    version = parser.parse_args().version
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", f"mermaid@{version}"], cwd=folder, check=True)
        with tarfile.open(Path(folder) / f"mermaid-{version}.tgz") as package:
            script, licence = (_read(package, name) for name in ("dist/mermaid.min.js", "LICENSE"))
    VENDOR.mkdir(exist_ok=True)
    for old in VENDOR.glob("mermaid-*"):
        old.unlink()
    packed = gzip.compress(script, 9, mtime=0)
    (VENDOR / f"mermaid-{version}.min.js.gz").write_bytes(packed)
    (VENDOR / f"mermaid-{version}.LICENSE").write_bytes(licence)
    print(f"Mermaid {version}: {len(script):,} bytes, {len(packed):,} packed")
    return 0


def _read(package: tarfile.TarFile, name: str) -> bytes:
    member = package.extractfile(f"package/{name}")
    if member is None:
        raise SystemExit(f"{name} is no file in this package.")
    return member.read()


if __name__ == "__main__":
    sys.exit(main())

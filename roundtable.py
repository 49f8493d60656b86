"""One library, two names: `core` in a checkout, `roundtable` where it is installed; with this file, both in each.

In a checkout this file is `roundtable`; a wheel holds it beside the pages as `core`. Whichever name is imported, a
module is loaded once, under the name that its folder has.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType

LOADED_AS = {"roundtable": "core", "core": "roundtable"}[__name__]


class OtherName:
    """Finds `roundtable.errors` as `core.errors`, or the other way round.

    A finder and a loader without their base classes, which take as long to import as the library.
    """

    prefix = f"{__name__}."

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        return ModuleSpec(name, self) if name.startswith(self.prefix) else None  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> None:
        """An empty module, as usual; `exec_module` puts the real one in its place."""

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__
        sys.modules[name] = import_module(f"{LOADED_AS}.{name.removeprefix(self.prefix)}")


sys.meta_path.insert(0, OtherName())
sys.modules[__name__] = import_module(LOADED_AS)

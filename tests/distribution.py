"""Which worker runs which file: the browser's on two of them, one Chromium each, and what takes longest first."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

BROWSER = "tests/browser/"
BROWSERS = 2
# Ten seconds or more on an idle computer, longest first. What is begun last leaves the other workers without work.
LONG = (
    "tests/browser/test_replicas.py",
    "tests/browser/test_accessibility.py",
    "tests/browser/test_history.py",
    "tests/browser/test_sign_in.py",
    "tests/browser/test_unsaved.py",
    "tests/browser/test_scheduled.py",
    "tests/browser/test_drafts.py",
    "tests/browser/test_chat.py",
    "tests/browser/test_compare.py",
    "tests/browser/test_files.py",
    "tests/browser/test_drawing.py",
    "tests/browser/test_graceful_stop.py",
    "tests/recipes/test_recipes.py",
    "tests/quota/test_accounting.py",
    "tests/store/test_crossing.py",
    "tests/store/test_torture.py",
    "tests/quota/test_torture.py",
    "tests/store/test_overlay.py",
    "tests/test_scripts.py",
    "tests/insight/test_prompt_tone.py",
)


def place(nodeid: str) -> tuple[bool, int]:
    """The browser's files before all others, and of both the long ones first; to sort by."""
    file = nodeid.partition("::")[0]
    return not file.startswith(BROWSER), LONG.index(file) if file in LONG else len(LONG)


class Files(LoadScopeScheduling):
    """A file is a piece of work. The first two workers begin with the browser's files, the others end with them."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.partition("::")[0]

    def _assign_work_unit(self, node: WorkerController) -> None:
        browsing = self.nodes.index(node) < BROWSERS
        fitting = (file for file in self.workqueue if file.startswith(BROWSER) == browsing)
        self.workqueue.move_to_end(next(fitting, next(iter(self.workqueue))), last=False)
        super()._assign_work_unit(node)

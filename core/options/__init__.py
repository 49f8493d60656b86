"""The options of this program: each once, with its doc and bounds, in a file by subject.

    load(...)     read the environment, `.env`, secrets and folders of keys; `sources` knows their order
    Settings      every option as a field; `settings` joins the subjects
    OPTIONS       the names of all

    calls         deadlines, retries and sizes of one call    storage    database, files, how long they are kept
    models        who is asked, where models are looked for   access     who may use the server, and from where
    answer_cache  answers given again                         visitors   how much one visitor may take
    keys          where keys are read, who may use them       privacy    what leaves the server, what others see
    quota         how much one person may use                 server     language, log, figures, how it stops

An option `gap_timeout_s` is the variable `ROUNDTABLE_GAP_TIMEOUT_S`. Durations are seconds, sizes bytes unless named.
Importing this package imports pydantic; nothing imports it before an engine is built.
"""

from .loading import load
from .settings import OPTIONS, Settings
from .sources import PREFIX

__all__ = ["OPTIONS", "PREFIX", "Settings", "load"]

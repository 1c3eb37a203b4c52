"""Found first on the path of every process that a test starts: shuts its sockets as those of the test itself, and lets the
test move its clock (`LINLI_TEST_CLOCK`: a file with seconds; every wall clock of the process follows it, monotonic ones do not)."""

import importlib.util
import os
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

_spec = importlib.util.spec_from_file_location("_linli_network", Path(__file__).parent.parent / "network.py")
assert _spec
assert _spec.loader
_network = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_network)
_network.shut()


def _follow(file: Path) -> None:
    import time_machine

    known, traveller = "", None
    while True:
        wanted = file.read_text() if file.exists() else ""
        if wanted != known:
            if traveller is not None:
                traveller.stop()
            traveller = time_machine.travel(datetime.now(UTC) + timedelta(seconds=float(wanted)), tick=True)
            traveller.start()
            known = wanted
        time.sleep(0.1)


def _watch_clock() -> None:
    threading.Thread(target=_follow, args=(Path(os.environ["LINLI_TEST_CLOCK"]),), name="clock", daemon=True).start()


if os.environ.get("LINLI_TEST_CLOCK"):
    _watch_clock()
    os.register_at_fork(after_in_child=_watch_clock)

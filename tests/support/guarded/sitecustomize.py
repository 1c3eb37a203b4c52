"""Found first on the path of every process that a test starts: shuts its sockets as those of the test itself."""

import importlib.util
from pathlib import Path

_spec = importlib.util.spec_from_file_location("_linli_network", Path(__file__).parent.parent / "network.py")
assert _spec
assert _spec.loader
_network = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_network)
_network.shut()

"""A telephone company without a telephone: speaks Twilio's protocol to the application and to nobody else."""

import threading

from app.adapters.carrier.base import Capability
from app.adapters.carrier.simulator.company import SimulatorCarrier
from app.adapters.carrier.simulator.faults import read
from app.adapters.carrier.simulator.store import Store
from app.adapters.carrier.simulator.web import SignedPost
from config import Settings

__all__ = ["SimulatorCarrier", "simulator_of"]

_made: dict[tuple[str, str], SimulatorCarrier] = {}
_making = threading.Lock()


def simulator_of(settings: Settings) -> SimulatorCarrier:
    """The company of these settings: one a process, its records in DATA_DIR/simulator.db."""
    key = (str(settings.data_dir), settings.public_base_url)
    with _making:
        if key not in _made:
            post = SignedPost(settings.simulator_token, settings.public_base_url)
            store = Store(settings.data_dir / "simulator.db")
            _made[key] = SimulatorCarrier(
                store,
                post,
                settings.public_base_url,
                frozenset(Capability(word) for word in settings.carrier_without),
                read(settings.simulator_faults),
            )
        return _made[key]

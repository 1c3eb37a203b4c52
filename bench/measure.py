"""What every benchmark shares: a ratio with its limit, and a load of signed requests from other processes."""

import multiprocessing
import statistics
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection

Request = tuple[str, bytes, dict[str, str]]
"""Path, body and headers of one POST, made before the clock starts."""


@dataclass(frozen=True)
class Ratio:
    """Ours ÷ bare in one unit, and the limit it is held to."""

    name: str
    ours: float
    bare: float
    unit: str
    limit: float
    at_least: bool
    notes: list[str] = field(default_factory=list)

    @property
    def value(self) -> float:
        """The ratio itself."""
        return self.ours / self.bare

    @property
    def good(self) -> bool:
        """Whether the limit is kept."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def as_dict(self) -> dict[str, object]:
        """For results.json."""
        return {
            "name": self.name,
            "ours": round(self.ours, 2),
            "bare": round(self.bare, 2),
            "unit": self.unit,
            "ratio": round(self.value, 3),
            "limit": self.limit,
            "kept": self.good,
            "notes": self.notes,
        }


def requests_per_second(port: int, batches: list[list[Request]]) -> float:
    """Send each batch from a process of its own, all at once; requests answered per second.

    Raises RuntimeError when a request is not answered with 200: a fast refusal would be no measurement.
    """
    context = multiprocessing.get_context("fork")
    with context.Pool(len(batches)) as pool:
        started = time.perf_counter()
        failures = pool.starmap(_send, [(port, batch) for batch in batches])
        seconds = time.perf_counter() - started
    if any(failures):
        raise RuntimeError(f"{sum(failures)} requests were not answered with 200")
    return sum(map(len, batches)) / seconds


def _send(port: int, batch: list[Request]) -> int:
    failed = 0
    for path, body, headers in batch:
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        answer.read()
        failed += answer.status != 200
        connection.close()
    return failed


def median(values: list[float]) -> float:
    """The middle one: a noisy neighbour spoils single rounds, not this."""
    return statistics.median(values)

"""Asks the worker (`app/reports/signature_worker.py`) what a PDF's signature says: strangers' files are not opened in this process."""

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import BoundedSemaphore

from app.errors import N_, LinliError

ROOT = Path(__file__).resolve().parents[2]
WORKER = ROOT / "app" / "reports" / "signature_worker.py"
LONGEST_SECONDS = 30
LONGEST_WAIT = 10

_at_once = BoundedSemaphore(2)


class CheckBusy(LinliError):
    """Too many are being checked."""

    status = 503


@dataclass(frozen=True)
class Signature:
    """A signature in a file: whether it holds, whether it covers the whole file, whose certificate it names, when by its own word."""

    intact: bool
    whole: bool
    fingerprint: str
    name: str
    signed_at: datetime | None


def read_signature(content: bytes) -> Signature | None:
    """The signature of a PDF; None where there is none that can be read. Raises CheckBusy when too many wait for theirs."""
    if not _at_once.acquire(timeout=LONGEST_WAIT):
        raise CheckBusy(N_("Too many files are being checked just now. Please try again in a minute."))
    try:
        done = subprocess.run(
            [sys.executable, str(WORKER)], input=content, capture_output=True, timeout=LONGEST_SECONDS, cwd=ROOT, check=False
        )  # fmt: skip
        answer = json.loads(done.stdout or "{}")
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    finally:
        _at_once.release()
    if not answer.get("signed"):
        return None
    at = answer["signed_at"]
    return Signature(
        answer["intact"], answer["whole"], answer["certificate"], answer["name"], datetime.fromisoformat(at) if at else None
    )  # fmt: skip

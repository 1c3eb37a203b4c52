"""The product as a process of its own, for tests that kill it, load it from many sides, or look at it with a browser."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from tests.support.postgres import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
GUARD = Path(__file__).parent / "guarded"


def _die_with_parent() -> None:
    """Linux: no process is left behind by a run that was killed."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Server:
    """`python run.py [part]` on a free port. `url`; `stop()` asks, `kill()` does not; `start()` again after either."""

    def __init__(self, part: str, environ: Mapping[str, str], log: Path) -> None:
        self.part = part
        self.port = int(environ.get("PORT") or free_port())
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = log
        self.environ = {
            **{k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH")},
            "PYTHONPATH": str(GUARD),
            "PYTHONUTF8": "1",
            "PYTHONUNBUFFERED": "1",
            "PUBLIC_BASE_URL": self.url,
            **environ,
            "PORT": str(self.port),
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *, wait_seconds: float = 180) -> "Server":
        arguments = [sys.executable, "run.py", *([self.part] if self.part else [])]
        with open(self.log, "ab") as out:
            # The parent, to Linux, is the thread: one that a passing thread starts must outlive it.
            in_main = threading.current_thread() is threading.main_thread()
            self.process = subprocess.Popen(
                arguments,
                cwd=ROOT,
                env=self.environ,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent if in_main else None,
            )
        if self.part in ("", "web"):
            self._wait(wait_seconds)
        return self

    def _wait(self, seconds: float) -> None:
        assert self.process
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError(f"run.py {self.part} ended with {self.process.returncode}:\n{self.output()}")
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        self.kill()
        raise RuntimeError(f"run.py {self.part} did not answer /healthz in {seconds:.0f} s:\n{self.output()}")

    def runs(self) -> bool:
        """Started, and not ended since."""
        return self.process is not None and self.process.poll() is None

    def output(self) -> str:
        return self.log.read_text(errors="replace")[-4000:] if self.log.exists() else ""

    def signal(self, number: int) -> None:
        """To the process and its children (gunicorn's workers) alike."""
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, number)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        if self.process:
            self.process.wait(10)

    def stop(self, *, wait_seconds: float = 60) -> int | None:
        """Ask to end (SIGTERM to the main process), insist after a while; the exit code."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(wait_seconds)
            except subprocess.TimeoutExpired:
                self.kill()
        return self.process.returncode

"""The report's renderer as a process of its own: a page of PDF is pure Python work that would hold up a web worker's threads.

Protocol over pipes: one JSON line in (`{"edition": …, "locale": "zh"}` or
`{"sheet": …}`), one JSON line out (`{"ok": true, "bytes": n,
"template_version": …, "font_hash": …}` followed by n bytes, or `{"ok": false, "msgid": …, "params": …}`).
One process may render many reports, one after the other.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore, Timer
from types import TracebackType
from typing import Any

from app.errors import N_, LinliError

ROOT = Path(__file__).resolve().parents[2]
WORKER = ROOT / "app" / "reports" / "worker.py"
LONGEST_SECONDS = 120
LONGEST_WAIT = 20

_at_once = BoundedSemaphore(2)
"""Papers made for somebody who waits: each is a process of some 80 MB, and a page of bills has many buttons."""


class RenderingFailed(LinliError):
    """No PDF was made; nothing was stored."""

    status = 500


@dataclass(frozen=True)
class Rendered:
    """A finished PDF and what it was made with."""

    content: bytes
    template_version: str
    font_hash: str


class ReportRenderer:
    """`with ReportRenderer() as renderer: renderer.render(edition, "zh")`. The process ends with the block."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "ReportRenderer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def render(self, edition: dict[str, Any], locale: str) -> Rendered:
        """The report of an edition. Raises RenderingFailed when the process dies, takes too long or refuses."""
        return self._made({"edition": edition, "locale": locale})

    def sheet(self, sheet: dict[str, Any]) -> bytes:
        """One paper of one page, such as a bill. Raises RenderingFailed as `render` does, also when too many wait for theirs."""
        if not _at_once.acquire(timeout=LONGEST_WAIT):
            raise RenderingFailed(N_("Too many files are being made just now. Please try again in a minute."))
        try:
            return self._made({"sheet": sheet}).content
        finally:
            _at_once.release()

    def _made(self, order: dict[str, Any]) -> Rendered:
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        # A worker that hangs must not hang its caller: it is ended, and the pipe closes.
        watchdog = Timer(LONGEST_SECONDS, process.kill)
        watchdog.start()
        try:
            process.stdin.write(json.dumps(order).encode() + b"\n")
            process.stdin.flush()
            head = process.stdout.readline()
            answer = json.loads(head) if head else {}
            content = process.stdout.read(answer["bytes"]) if answer.get("ok") else b""
        except (OSError, ValueError) as error:
            self.close()
            raise RenderingFailed(N_("The report could not be rendered: its process failed.")) from error
        finally:
            watchdog.cancel()
        if answer.get("msgid"):
            raise RenderingFailed(answer["msgid"], **answer.get("params", {}))
        if not answer.get("ok") or len(content) != answer["bytes"]:
            self.close()
            raise RenderingFailed(N_("The report could not be rendered: its process failed."))
        return Rendered(content, answer["template_version"], answer["font_hash"])

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    pass
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, str(WORKER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
            )
        return self._process

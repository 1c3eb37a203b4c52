"""The renderer's process: editions in, PDFs out (the protocol stands in `app.adapters.report_renderer`).

Run as a file: `python app/reports/worker.py`.
"""

import json
import logging
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any, BinaryIO


def _only_the_renderer() -> None:
    """Make `app` importable without its factory: the portal takes a second and a half to import, and is not needed here."""
    root = Path(__file__).resolve().parents[2]
    package = ModuleType("app")
    package.__path__ = [str(root / "app")]
    sys.modules["app"] = package
    # The script's own folder would hide modules of the standard library behind ours (html).
    sys.path[0] = str(root)


def _answer(line: bytes) -> tuple[dict[str, Any], bytes]:
    from app.errors import LinliError
    from app.reports.fonts import font_hash
    from app.reports.pdf import render, render_sheet
    from app.reports.versions import template_version

    try:
        order = json.loads(line)
        content = render_sheet(order["sheet"]) if "sheet" in order else render(order["edition"], order["locale"])
    except LinliError as error:
        return {"ok": False, "msgid": error.msgid, "params": error.params}, b""
    except Exception:
        # What failed belongs in the log of the caller's process, whose standard error this is.
        traceback.print_exc()
        return {"ok": False}, b""
    head = {"ok": True, "bytes": len(content), "template_version": template_version(), "font_hash": font_hash()}
    return head, content


def serve(source: BinaryIO, target: BinaryIO) -> None:
    """Answer each line of `source` until it ends."""
    for line in source:
        head, content = _answer(line)
        target.write(json.dumps(head).encode() + b"\n" + content)
        target.flush()


if __name__ == "__main__":
    _only_the_renderer()
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    serve(sys.stdin.buffer, sys.stdout.buffer)

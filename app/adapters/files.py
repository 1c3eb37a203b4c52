"""Files below DATA_DIR: named by relative paths in the database, written whole or not at all."""

import os
from pathlib import Path

from app.errors import N_, Invalid


def inside(data_dir: Path, relative: str) -> Path:
    """The absolute path of a file below `data_dir`. Raises Invalid for one that would lie outside."""
    root = data_dir.resolve()
    path = (root / relative).resolve()
    if not path.is_relative_to(root) or "\x00" in relative:
        raise Invalid(N_("This file lies outside the data folder."))
    return path


def write_whole(path: Path, content: bytes) -> None:
    """Write through a draft beside it, synced: a reader sees the old file or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)

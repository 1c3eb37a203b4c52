"""The demo logins' password when DEMO_PASSWORD is unset: made once, kept where only we can read it."""

import os
import secrets
from pathlib import Path

FILE_NAME = "demo.password"


def kept_demo_password(data_dir: Path) -> str:
    """The password in `data_dir`, made at the first call."""
    path = data_dir / FILE_NAME
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(9))
    return path.read_text(encoding="ascii").strip()

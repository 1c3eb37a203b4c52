"""What people upload, checked before anything is done with it: how many, how big, and what it really is by its content."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from app.errors import N_, Invalid, Word

MB = 1024 * 1024
MOST_BYTES = 10 * MB
"""A single file, where the caller says nothing else; the whole request ends at MAX_CONTENT_LENGTH."""


@dataclass(frozen=True)
class Upload:
    """A file that passed: its real kind, the media type that belongs to it, and its bytes."""

    name: str
    kind: str
    mimetype: str
    content: bytes

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.content)


def _office(part: str) -> Callable[[bytes], bool]:
    def matches(content: bytes) -> bool:
        if content[:4] != b"PK\x03\x04":
            return False
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as package:
                return any(name.startswith(part) for name in package.namelist()[:2000])
        except (zipfile.BadZipFile, ValueError, OSError):
            return False

    return matches


def _text(content: bytes) -> bool:
    try:
        return b"\x00" not in content and bool(content[: 64 * 1024].decode("utf-8-sig", "strict") or not content)
    except UnicodeDecodeError as error:
        return error.start > 64 * 1024 - 4


KINDS: dict[str, tuple[str, Callable[[bytes], bool]]] = {
    "jpeg": ("image/jpeg", lambda content: content[:3] == b"\xff\xd8\xff"),
    "png": ("image/png", lambda content: content[:8] == b"\x89PNG\r\n\x1a\n"),
    "webp": ("image/webp", lambda content: content[:4] == b"RIFF" and content[8:12] == b"WEBP"),
    "gif": ("image/gif", lambda content: content[:6] in (b"GIF87a", b"GIF89a")),
    "heic": ("image/heic", lambda content: content[4:8] == b"ftyp" and content[8:12] in (b"heic", b"heix", b"mif1")),
    "pdf": ("application/pdf", lambda content: content[:5] == b"%PDF-"),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _office("xl/")),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", _office("word/")),
    "wav": ("audio/wav", lambda content: content[:4] == b"RIFF" and content[8:12] == b"WAVE"),
    "mp3": ("audio/mpeg", lambda content: content[:3] == b"ID3" or content[:2] in (b"\xff\xfb", b"\xff\xf3")),
    "csv": ("text/csv", _text),
}
"""Kind → media type and how its content is known. What a file is called, and what the browser says of it, counts nothing."""

PHOTOS = ("jpeg", "png", "webp", "heic")
SHEETS = ("xlsx",)

_NAMES = {
    "jpeg": "JPEG", "png": "PNG", "webp": "WebP", "gif": "GIF", "heic": "HEIC", "pdf": "PDF", "xlsx": "Excel (.xlsx)",
    "docx": "Word (.docx)", "wav": "WAV", "mp3": "MP3", "csv": "CSV",
}  # fmt: skip


def check_size_and_kind(
    stream: BinaryIO | bytes, name: str, *, kinds: Collection[str] = PHOTOS, most_bytes: int = MOST_BYTES
) -> Upload:
    """The file, read and known for what it is.

    Raises Invalid with a sentence when it is empty, bigger than `most_bytes`, or of none of the `kinds`; never reads more
    than one byte past the limit.
    """
    content, short = check_size(stream, name, most_bytes), _shown(name)
    for kind in kinds:
        mimetype, matches = KINDS[kind]
        if matches(content):
            return Upload(short, kind, mimetype, content)
    allowed = ", ".join(_NAMES[kind] for kind in kinds)
    raise Invalid(N_("“%(file)s” is of another kind than its name says, or of one we do not take. We take: %(kinds)s."),
                  file=short, kinds=allowed)  # fmt: skip


def check_size(stream: BinaryIO | bytes, name: str, most_bytes: int = MOST_BYTES) -> bytes:
    """The file's bytes. Raises Invalid when it is empty or too big; reads at most one byte past the limit."""
    content = stream if isinstance(stream, bytes) else stream.read(most_bytes + 1)
    if not content:
        raise Invalid(N_("“%(file)s” is empty: choose another file."), file=_shown(name))
    if len(content) > most_bytes:
        raise Invalid(
            N_("“%(file)s” is too big: at most %(limit)s MB."), file=_shown(name), limit=_megabytes(most_bytes)
        )
    return content


def check_count(names: Sequence[str], most: int, thing: str = N_("files")) -> None:
    """Raises Invalid when more than `most` came at once."""
    if len(names) > most:
        raise Invalid(
            N_("At most %(most)s %(thing)s at once: %(count)s were chosen."),
            most=most,
            count=len(names),
            thing=Word(thing),
        )


def _megabytes(size: int) -> str:
    return f"{size / MB:g}" if size % MB == 0 else f"{size / MB:.1f}"


def _shown(name: str) -> str:
    """The last part of the name, short and without what cannot be shown."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable())[:80] or "?"

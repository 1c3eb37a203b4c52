"""What may be attached to a ticket, told by its content alone: pictures are painted anew, so that nothing hidden stays.

A name, a suffix and the sender's content type say nothing. Photos come out as JPEG without any metadata (place, camera,
owner), turned upright, at most 2000 pixels long; a PDF is kept as it is and only ever served as a download.
"""

from __future__ import annotations

import io
import logging
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath

from PIL import Image, ImageFile

from app.errors import N_, Invalid

log = logging.getLogger(__name__)

MB = 1024 * 1024

MOST_PIXELS = 60_000_000
"""Of a picture before anything of it is decoded: a few kilobytes can unfold to gigabytes †."""

LONGEST_SIDE, THUMB_SIDE = 2000, 400
JPEG, PDF = "image/jpeg", "application/pdf"
_PICTURES = ("JPEG", "PNG", "WEBP")
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")
_NAME_LIMIT = 120
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

Image.MAX_IMAGE_PIXELS = MOST_PIXELS


@dataclass(frozen=True)
class Content:
    """One checked file: what is kept. `thumb` and the size in pixels are a photo's."""

    name: str
    content_type: str
    data: bytes
    thumb: bytes | None = None
    width: int | None = None
    height: int | None = None

    @property
    def suffix(self) -> str:
        """The suffix of the file we write."""
        return "jpg" if self.content_type == JPEG else "pdf"


def read_content(name: str, data: bytes, most_megabytes: int) -> Content:
    """Check one file and make of it what is kept. Raises Invalid with a sentence that names the file."""
    shown = clean_name(name)
    if not data:
        raise Invalid(N_("%(name)s is empty."), name=shown)
    if len(data) > most_megabytes * MB:
        raise Invalid(N_("%(name)s is too big: at most %(limit)s MB each."), name=shown, limit=most_megabytes)
    if data.startswith(b"%PDF-"):
        if b"%%EOF" not in data[-2048:]:
            raise Invalid(N_("%(name)s is damaged and cannot be read."), name=shown)
        return Content(shown, PDF, data)
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS:
        raise Invalid(
            N_("%(name)s is a HEIC picture. Please send it as JPEG: on an iPhone, Camera → Formats → Most Compatible."),
            name=shown,
        )
    return _picture(shown, data)


def clean_name(name: str) -> str:
    """The last part of a file's name without anything that could mislead a system or a reader."""
    last = PurePosixPath(PureWindowsPath(name or "").name).name
    kept = "".join(c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c)[0] != "C")
    return kept.strip(" .")[-_NAME_LIMIT:] or "photo"


def _picture(name: str, data: bytes) -> Content:
    # The report's PDF engine makes Pillow take half a picture for whole, for every user of it in the same process.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with Image.open(io.BytesIO(data), formats=_PICTURES) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise Image.DecompressionBombError
            upright = _upright(opened)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Invalid(N_("%(name)s has too many pixels. Please send a smaller picture."), name=name) from None
    except Image.UnidentifiedImageError:
        raise Invalid(
            N_("%(name)s is no photo: JPEG, PNG and WebP are understood, and PDF for letters."), name=name
        ) from None
    except Exception as error:
        # Decoders meet hostile bytes here: whatever they raise, the file is not taken.
        log.info("a picture could not be read: %s: %s", type(error).__name__, error)
        raise Invalid(N_("%(name)s is damaged and cannot be read."), name=name) from None
    full = _shrunk(upright, LONGEST_SIDE)
    thumb = _shrunk(full, THUMB_SIDE)
    return Content(name, JPEG, _jpeg(full, 84), _jpeg(thumb, 76), full.width, full.height)


def _upright(opened: Image.Image) -> Image.Image:
    """The first frame, upright, in plain colours on white, on a fresh canvas that carries no metadata at all."""
    # A big photo of a telephone is decoded at a half or a quarter straight away.
    opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    turn = _TURNS.get(_orientation(opened))
    turned = opened.transpose(turn) if turn is not None else opened
    canvas = Image.new("RGB", turned.size, "white")
    if turned.has_transparency_data:
        with_alpha = turned.convert("RGBA")
        canvas.paste(with_alpha, mask=with_alpha.getchannel("A"))
    else:
        canvas.paste(turned.convert("RGB"))
    return canvas


def _orientation(opened: Image.Image) -> int:
    try:
        return int(opened.getexif().get(_ORIENTATION, 1))
    except Exception:
        # A camera that writes nonsense here still took a picture.
        return 1


def _shrunk(picture: Image.Image, side: int) -> Image.Image:
    made = picture.copy()
    made.thumbnail((side, side), Image.Resampling.LANCZOS)
    return made


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    return out.getvalue()

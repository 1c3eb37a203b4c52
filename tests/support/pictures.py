"""Pictures for tests: made here, so that nothing binary lies in the repository."""

import io
from typing import Any

from PIL import Image


def photo(kind: str = "JPEG", size: tuple[int, int] = (640, 480), colour: Any = None) -> bytes:
    """A picture with some structure; the same arguments give the same bytes."""
    picture = Image.linear_gradient("L").resize(size).convert("RGB")
    if colour is not None:
        picture.paste(colour, (0, 0, size[0] // 2, size[1] // 2))
    out = io.BytesIO()
    picture.save(out, kind)
    return out.getvalue()


def gps_photo() -> bytes:
    """A photo that tells the place it was taken at, the camera and a comment."""
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (31.0, 13.0, 47.0)
    out = io.BytesIO()
    Image.new("RGB", (120, 90), "green").save(out, "JPEG", exif=exif, comment=b"secret comment")
    return out.getvalue()

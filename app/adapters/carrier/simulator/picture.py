"""A photo as somebody's telephone would send it with a text message: a picture with the place it was taken at inside."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw

SIZE = (1600, 1200)
_GPS = 0x8825


def photo() -> bytes:
    """A puddle on a floor, as JPEG, with camera and position in its metadata."""
    picture = Image.new("RGB", SIZE, (190, 186, 178))
    draw = ImageDraw.Draw(picture)
    for x in range(0, SIZE[0], 200):
        draw.line(((x, 0), (x, SIZE[1])), fill=(160, 156, 148), width=4)
    for y in range(0, SIZE[1], 200):
        draw.line(((0, y), (SIZE[0], y)), fill=(160, 156, 148), width=4)
    draw.ellipse((420, 520, 1220, 980), fill=(120, 160, 196))
    draw.ellipse((560, 600, 900, 760), fill=(150, 188, 220))
    exif = Image.Exif()
    exif[0x010F] = "Linli simulator"
    exif.get_ifd(_GPS)[1] = "N"
    exif.get_ifd(_GPS)[2] = (31.0, 13.0, 47.0)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=88, exif=exif)
    return out.getvalue()

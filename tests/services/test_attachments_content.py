"""What a file is, its content tells: pictures are painted anew without anything hidden, everything else is turned away."""

import io
import struct
import zlib

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from app.errors import Invalid
from app.services import attachments_content
from app.services.attachments_content import MB, Content, clean_name
from tests.support.pictures import gps_photo, photo


def read_content(name: str, data: bytes) -> Content:
    """With the limit of the reference data."""
    return attachments_content.read_content(name, data, 10)


def opened(data: bytes) -> Image.Image:
    made = Image.open(io.BytesIO(data))
    made.load()
    return made


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_photos_become_jpeg_of_at_most_2000_pixels_with_a_small_one(kind: str) -> None:
    content = read_content("厨房.jpg", photo(kind, (2600, 1300)))
    full, thumb = opened(content.data), opened(content.thumb or b"")
    assert (content.content_type, full.format, full.size) == ("image/jpeg", "JPEG", (2000, 1000))
    assert (content.width, content.height) == (2000, 1000)
    assert thumb.size == (400, 200)


def test_a_small_photo_is_not_blown_up() -> None:
    assert opened(read_content("a.png", photo("PNG", (300, 200))).data).size == (300, 200)


def test_place_camera_and_comments_are_gone() -> None:
    data = gps_photo()
    assert b"SecretCamera" in data and b"secret comment" in data
    content = read_content("a.jpg", data)
    for kept in (content.data, content.thumb or b""):
        picture = opened(kept)
        assert not picture.getexif()
        assert not {"exif", "comment", "icc_profile", "xmp"} & set(picture.info)
        assert b"Secret" not in kept and b"secret" not in kept


def test_texts_hidden_in_a_png_are_gone() -> None:
    out, info = io.BytesIO(), PngInfo()
    info.add_text("Comment", "secret words")
    Image.new("RGB", (50, 50), "red").save(out, "PNG", pnginfo=info)
    assert b"secret words" in out.getvalue()
    assert b"secret words" not in read_content("a.png", out.getvalue()).data


def test_a_photo_taken_sideways_stands_upright() -> None:
    # Red at the left as stored; orientation 6 means: turn it right, so red comes to the top.
    picture = Image.new("RGB", (400, 200), "blue")
    picture.paste((255, 0, 0), (0, 0, 200, 200))
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif, quality=95)
    made = opened(read_content("a.jpg", out.getvalue()).data)
    assert made.size == (200, 400)
    top, bottom = made.getpixel((100, 50)), made.getpixel((100, 350))
    assert top[0] > 200 > bottom[0] and bottom[2] > 200 > top[2]


def test_transparent_parts_become_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(out, "PNG")
    assert min(opened(read_content("a.png", out.getvalue()).data).getpixel((10, 10))) > 250


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "I;16", "1", "LA"])
def test_every_way_to_keep_colours_is_read(mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (40, 40)).save(out, "JPEG" if mode == "CMYK" else "PNG")
    assert read_content("a", out.getvalue()).content_type == "image/jpeg"


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<html><script>alert(1)</script></html>",
        b"GIF89a<script>alert(1)</script>",
        b"MZ\x90\x00 an executable",
        b"#!/bin/sh\nrm -rf /",
        b"\xff\xd8\xff not really a photo",
        b"RIFF\x00\x00\x00\x00WEBPVP8 ",
        b"\x89PNG\r\n\x1a\n",
        b"\x00" * 100,
        b"%!PS-Adobe-3.0 EPSF-3.0",
        b" %PDF-1.7 not at the beginning %%EOF",
        b"%PDF-1.7 without an end",
    ],
)
def test_what_is_no_photo_is_turned_away_whatever_its_name(data: bytes) -> None:
    with pytest.raises(Invalid, match=r"photo\.jpg"):
        read_content("photo.jpg", data)


def test_gif_and_tiff_are_not_decoded() -> None:
    for kind in ("GIF", "TIFF", "BMP"):
        with pytest.raises(Invalid):
            read_content("a.jpg", photo(kind, (20, 20)))


def test_a_page_hidden_behind_a_photo_does_not_survive() -> None:
    content = read_content("a.jpg", photo("JPEG", (60, 60)) + b"<script>alert(1)</script>")
    assert b"<script" not in content.data


def test_a_bomb_is_refused_before_it_unfolds() -> None:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    for side in (40000, 8000):
        header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
        bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        with pytest.raises(Invalid, match="pixels"):
            read_content("a.png", bomb + chunk(b"IEND", b""))


def test_a_photo_cut_off_is_damaged() -> None:
    data = photo("JPEG", (800, 600))
    with pytest.raises(Invalid, match="damaged"):
        read_content("a.jpg", data[: len(data) // 2])


def test_too_big_and_empty_are_said() -> None:
    with pytest.raises(Invalid, match="10 MB"):
        read_content("a.jpg", b"\xff\xd8" + b"0" * 10 * MB)
    with pytest.raises(Invalid, match="empty"):
        read_content("a.jpg", b"")


def test_heic_is_refused_with_what_to_do() -> None:
    with pytest.raises(Invalid, match="JPEG"):
        read_content("IMG_1.HEIC", b"\x00\x00\x00\x18ftypheic" + b"\0" * 50)


def test_a_letter_is_kept_as_it_is() -> None:
    data = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
    content = read_content("信.pdf", data)
    assert (content.content_type, content.data, content.thumb) == ("application/pdf", data, None)


@pytest.mark.parametrize(
    "name, shown",
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\photos\\厨房.jpg", "厨房.jpg"),
        ("a\x00b\r\n.jpg", "ab.jpg"),
        ("a‮gpj.exe", "agpj.exe"),
        ("", "photo"),
        ("..", "photo"),
        ("/", "photo"),
    ],
)
def test_names_lose_their_tricks(name: str, shown: str) -> None:
    assert clean_name(name) == shown

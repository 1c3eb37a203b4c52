"""Make the report's fonts: static TrueType subsets of Debian's Noto CJK (design G7a).

WeasyPrint embeds a small TrueType font in about half the time and memory that the 20 MB CFF collections take.
The subsets hold the 8,105 standard characters (通用规范汉字表), Latin and punctuation; rarer characters fall back to
the full Noto through the private fontconfig file written beside them. The result depends only on the source fonts, the
list and this script; `stamp.json` records their hashes, so a second call returns at once.

    python scripts/make_fonts.py [--out build/fonts] [--force]

Exit code 0: fonts are there; 1: one clear line says what is missing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parent.parent
CHARACTER_LIST = ROOT / "scripts" / "standard_characters.txt"
SOURCE_DIRS = (
    Path("/usr/share/fonts/opentype/noto"),
    Path("/usr/share/fonts/noto-cjk"),
    Path("/usr/local/share/fonts"),
)
# Latin with pinyin, punctuation, arrows, mathematics, enclosed numbers, shapes, CJK punctuation, full width forms.
RANGES = (
    (0x20, 0x7E),
    (0xA0, 0x17F),
    (0x1CD, 0x1DC),
    (0x2000, 0x206F),
    (0x20A0, 0x20BF),
    (0x2100, 0x214F),
    (0x2190, 0x21FF),
    (0x2200, 0x22FF),
    (0x2460, 0x24FF),
    (0x25A0, 0x25FF),
    (0x2600, 0x26FF),
    (0x3000, 0x303F),
    (0x3220, 0x3249),
    (0x338E, 0x33A6),
    (0xFF00, 0xFFEF),
)
FEATURES = ["kern", "mark", "mkmk", "palt", "halt", "chws"]  # not locl: it drags in the glyphs of four other countries
MAX_ERROR = 1.0  # units of 1,000 per em between the cubic outline and its quadratic copy: invisible in print
SUBFAMILY = {400: "Regular", 700: "Bold"}


@dataclass(frozen=True)
class Face:
    """One font to make: where its outlines come from and what it is called."""

    source: str
    source_family: str
    family: str
    weight: int

    @property
    def filename(self) -> str:
        return f"{self.family.replace(' ', '')}-{SUBFAMILY[self.weight]}.ttf"


FACES = (
    Face("NotoSansCJK-Regular.ttc", "Noto Sans CJK SC", "Linli Sans", 400),
    Face("NotoSansCJK-Bold.ttc", "Noto Sans CJK SC", "Linli Sans", 700),
    Face("NotoSerifCJK-Bold.ttc", "Noto Serif CJK SC", "Linli Serif", 700),
)


class MissingFont(Exception):
    """A source font or a required character is not there."""


def standard_characters(path: Path = CHARACTER_LIST) -> list[int]:
    """Code points of the 8,105 standard characters, in the order of the table."""
    lines = path.read_text(encoding="utf-8").splitlines()
    points = [ord(char) for line in lines if not line.startswith("#") for char in line.strip()]
    if len(points) != 8105 or len(set(points)) != 8105:
        raise MissingFont(f"{path.name} holds {len(points)} characters, not the 8,105 of the standard table")
    return points


def find_source_dir() -> Path:
    """Folder of Debian's Noto CJK collections."""
    for folder in SOURCE_DIRS:
        if all((folder / face.source).is_file() for face in FACES):
            return folder
    raise MissingFont("no Noto CJK fonts found: install the package fonts-noto-cjk and run this again")


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def wanted_stamp(folder: Path) -> dict[str, object]:
    """What the present fonts must have been made from to count as up to date."""
    return {
        "script": digest(Path(__file__)),
        "characters": digest(CHARACTER_LIST),
        "sources": {
            face.source: [(folder / face.source).stat().st_size, digest(folder / face.source)] for face in FACES
        },
        "faces": [asdict(face) for face in FACES],
    }


def up_to_date(out: Path, folder: Path) -> bool:
    """Whether `out` holds the fonts that this script would make now."""
    stamp_file = out / "stamp.json"
    if not stamp_file.is_file() or not (out / "fonts.conf").is_file():
        return False
    try:
        stamp = json.loads(stamp_file.read_text(encoding="utf-8"))
    except ValueError:
        return False
    made = stamp.pop("files", {})
    stamp.pop("font_hash", None)
    wanted = json.loads(json.dumps(wanted_stamp(folder)))
    return stamp == wanted and all(
        (out / face.filename).is_file() and made.get(face.filename) == digest(out / face.filename) for face in FACES
    )


def face_number(path: Path, family: str) -> int:
    """Index of the family inside a TrueType collection."""
    from fontTools.ttLib import TTCollection

    for number, font in enumerate(TTCollection(path, lazy=True).fonts):
        if font["name"].getBestFamilyName() == family:
            return number
    raise MissingFont(f"{path.name} holds no family {family}")


def make_face(face: Face, folder: str, out: str) -> str:
    """Subset one face, turn its outlines into TrueType, rename and save it. Returns its SHA-256."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    source = Path(folder) / face.source
    options = subset.Options(layout_features=FEATURES, name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14], notdef_outline=True)
    options.drop_tables += ["VORG", "BASE", "vhea", "vmtx"]
    options.no_subset_tables += ["CFF "]  # the glyphs that stay are redrawn below: cleaning the cubic ones is wasted
    font = TTFont(source, fontNumber=face_number(source, face.source_family), recalcTimestamp=False, lazy=True)
    required = standard_characters()
    missing = [chr(point) for point in required if point not in font.getBestCmap()]
    if missing:
        raise MissingFont(f"{source.name} has no glyph for {''.join(missing[:20])}")
    wanted = set(required) | {point for first, last in RANGES for point in range(first, last + 1)}
    outlines = font.getGlyphSet()
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=wanted)
    subsetter.subset(font)
    to_truetype(font, outlines)
    rename(font, face)
    target = Path(out) / face.filename
    font.save(target)
    return digest(target)


def to_truetype(font: TTFont, outlines: Any) -> None:
    """Replace the CFF table of `font` by quadratic copies of `outlines` (glyph name → drawable), in place."""
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen
    from fontTools.ttLib import newTable

    order = font.getGlyphOrder()
    glyphs = {}
    for name in order:
        pen = TTGlyphPen(None)
        outlines[name].draw(Cu2QuPen(pen, MAX_ERROR, reverse_direction=True))
        glyphs[name] = pen.glyph()
    font["loca"] = newTable("loca")
    font["glyf"] = table = newTable("glyf")
    table.glyphOrder, table.glyphs = order, glyphs
    maxp = font["maxp"]
    maxp.tableVersion = 0x00010000
    for field in ("maxZones", "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs"):
        setattr(maxp, field, 1 if field == "maxZones" else 0)
    for field in ("maxStackElements", "maxSizeOfInstructions", "maxComponentElements"):
        setattr(maxp, field, 0)
    font["post"].formatType = 3.0
    del font["CFF "]
    font.sfntVersion = "\000\001\000\000"


def rename(font: TTFont, face: Face) -> None:
    """Give the subset its own name, as its licence (SIL OFL 1.1) asks of changed versions."""
    style = SUBFAMILY[face.weight]
    names = {
        1: face.family,
        2: style,
        3: f"{face.family} {style} (subset of {face.source_family})",
        4: f"{face.family} {style}".replace(" Regular", ""),
        6: f"{face.family.replace(' ', '')}-{style}",
    }
    table = font["name"]
    table.names = [record for record in table.names if record.nameID not in names]
    for number, text in names.items():
        table.setName(text, number, 3, 1, 0x409)


def fontconfig(out: Path, folder: Path) -> str:
    """A private fontconfig file: our subsets first, the full Noto as fallback, nothing else of the machine."""
    return f"""<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{out}</dir>
  <dir>{folder}</dir>
  <cachedir>{out / "cache"}</cachedir>
</fontconfig>
"""


def make(out: Path, force: bool = False) -> bool:
    """Make what is missing or stale in `out`. Returns whether anything was made."""
    folder = find_source_dir()
    out = out.resolve()
    if not force and up_to_date(out, folder):
        return False
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent) as scratch:
        with ProcessPoolExecutor(max_workers=min(len(FACES), os.cpu_count() or 1)) as pool:
            tasks = {face.filename: pool.submit(make_face, face, str(folder), scratch) for face in FACES}
            files = {name: task.result() for name, task in tasks.items()}
        (out / "stamp.json").unlink(missing_ok=True)
        for name in files:
            os.replace(Path(scratch) / name, out / name)
    (out / "fonts.conf").write_text(fontconfig(out, folder), encoding="utf-8")
    stamp = wanted_stamp(folder)
    stamp["files"] = files
    stamp["font_hash"] = hashlib.sha256("".join(files[name] for name in sorted(files)).encode()).hexdigest()
    (out / "stamp.json").write_text(json.dumps(stamp, indent=1), encoding="utf-8")
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description="Make the report's fonts.")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "fonts")
    parser.add_argument("--force", action="store_true", help="make them again even if they are up to date")
    arguments = parser.parse_args()
    try:
        made = make(arguments.out, arguments.force)
    except MissingFont as error:
        print(f"fonts: {error}", file=sys.stderr)
        return 1
    print("fonts: made" if made else "fonts: up to date")
    return 0


if __name__ == "__main__":
    sys.exit(main())

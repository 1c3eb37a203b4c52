"""The catalogues of texts: translations/<language>/LC_MESSAGES/messages.po.

    python -m scripts.translations update         collect the texts of the code into every catalogue, compile
    python -m scripts.translations missing        print the English texts that have no Chinese yet
    python -m scripts.translations set < pairs    read lines "English<TAB>中文" (\\n for a line break) into the Chinese one
    python -m scripts.translations compile        only make the .mo files that the application reads

Texts in code are English, so the English catalogue is filled by itself. Besides our own texts the Chinese one holds those
of Flask-AppBuilder that its own catalogue leaves without Chinese. Entries are sorted and carry no line numbers, so that
two people's changes meet as seldom as possible. An area may keep its Chinese in a file of its own,
translations/zh/areas/<area>.po: what stands there wins and is taken over by `update`.
"""

import contextlib
import fcntl
import functools
import io
import os
import re
import sys
from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("zh", "en")
PLURALS = {"zh": "nplurals=1; plural=0;", "en": "nplurals=2; plural=(n != 1);"}
KEYWORDS = DEFAULT_KEYWORDS | {
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "lazy_pgettext": ((1, "c"), 2),
    "_l": None,
}
HEADER = """\
msgid ""
msgstr ""
"Project-Id-Version: Linli\\n"
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals}\\n"

"""
# Babel takes any string inside the brackets: `_(LABELS[row["code"]])` is no text.
NO_TEXTS = {"code", "unit", "name", "key"}
PLACEHOLDER = re.compile(r"%\(\w+\)|%(?=[sd])|\{\w*\}")

Key = tuple[str, str | None]  # (English text, context)
Texts = dict[Key, str | tuple[str, ...]]  # → message id: one text, or (singular, plural)


def key(message: Message) -> Key:
    first = message.id if isinstance(message.id, str) else message.id[0]
    return first, message.context


def path_of(language: str) -> Path:
    return ROOT / "translations" / language / "LC_MESSAGES" / "messages.po"


@functools.cache
def texts_of_the_code() -> Texts:
    with open(ROOT / "babel.cfg", encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file, filename="babel.cfg")
    texts: Texts = {}
    for _file, _line, message, _comments, context in extract_from_dir(
        ROOT, methods, options, keywords=KEYWORDS, directory_filter=directory_filter
    ):
        if message:
            first = message if isinstance(message, str) else message[0]
            if first and first not in NO_TEXTS:
                texts[(first, context)] = message
    return texts


def directory_filter(directory: str | os.PathLike[str]) -> bool:
    """Only app/ holds texts; without this the virtual environment would be walked too."""
    relative = Path(directory).relative_to(ROOT).parts
    return not relative or (relative[0] == "app" and "__pycache__" not in relative and "vendor" not in relative)


def texts_of_the_framework() -> Texts:
    """Flask-AppBuilder's texts that its own Chinese catalogue leaves untranslated; kept per version, as it takes seconds."""
    spec = find_spec("flask_appbuilder")
    assert spec
    assert spec.origin
    package = Path(spec.origin).parent
    kept = ROOT / ".cache" / f"framework-texts-{version('flask-appbuilder')}.po"
    if not kept.exists():
        with open(package / "translations/zh/LC_MESSAGES/messages.mo", "rb") as file:
            translated = {key(m) for m in read_mo(file) if m.id and m.string}
        missing = Catalog()
        for _file, _line, message, _comments, context in extract_from_dir(
            package, [("**.py", "python"), ("templates/**.html", "jinja2")], keywords=KEYWORDS
        ):
            first = message if isinstance(message, str) else message[0]
            if first and first.strip() and (first, context) not in translated:
                missing.add(message, context=context)
        kept.parent.mkdir(exist_ok=True)
        with open(kept, "wb") as out:
            write_po(out, missing, sort_output=True, omit_header=True)
    with open(kept, "rb") as file:
        return {key(m): m.id if isinstance(m.id, str) else tuple(m.id) for m in read_po(file) if m.id}


def expected(language: str) -> Texts:
    own = texts_of_the_code()
    return {**texts_of_the_framework(), **own} if language == "zh" else own


def read(language: str) -> Catalog:
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language)
    with open(path, "rb") as file:
        return read_po(file, locale=language)


def strings_of(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def translated(message: Message) -> bool:
    strings = strings_of(message)
    return bool(strings) and all(s.strip() for s in strings) and not message.fuzzy


def read_areas(language: str) -> Iterator[tuple[Path, Catalog]]:
    for area in sorted((ROOT / "translations" / language / "areas").glob("*.po")):
        with open(area, "rb") as file:
            yield area, read_po(file, locale=language)


def texts_of_areas(language: str) -> dict[str, str]:
    return {key(m)[0]: area.name for area, catalog in read_areas(language) for m in catalog if m.id}


def known(language: str) -> dict[Key, Message]:
    """Every translation at hand: of the catalogue, also of texts the code no longer has; then of the areas, which win."""
    catalog = read(language)
    messages = [*catalog.obsolete.values(), *catalog]
    for _area, catalog in read_areas(language):
        messages += catalog
    return {key(m): m for m in messages if m.id and translated(m)}


def own_words(language: str, message_id: str | tuple[str, ...]) -> str | tuple[str, ...]:
    if language == "en":
        return message_id
    return "" if isinstance(message_id, str) else ("",)


def update(language: str) -> Catalog:
    wanted, have = expected(language), known(language)
    catalog = Catalog(locale=language)
    for (text, context), message_id in wanted.items():
        old = have.pop((text, context), None)
        string = old.string if old is not None and isinstance(old.string, str) == isinstance(message_id, str) else None
        catalog.add(message_id, string or own_words(language, message_id), context=context)
    if language != "en":  # a translation outlives its text by one change or a few: texts move between people's files
        for (text, context), message in have.items():
            catalog.obsolete[text] = Message(message.id, message.string, context=context)
    return catalog


def write(language: str, catalog: Catalog) -> None:
    body = io.BytesIO()
    write_po(body, catalog, width=0, no_location=True, omit_header=True, sort_output=True)
    # The kind of placeholder is found again at each update; the flag lines would only make the file longer.
    text = "\n".join(line for line in body.getvalue().decode().splitlines() if not line.startswith("#, "))
    path = path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    content = HEADER.format(language=language, plurals=PLURALS[language]) + text.strip() + "\n"
    if not path.exists() or path.read_text(encoding="utf-8") != content:
        new = path.with_suffix(".po.new")
        new.write_text(content, encoding="utf-8")
        new.replace(path)
    compile_catalog(language, catalog)


def compile_catalog(language: str, catalog: Catalog) -> None:
    path = path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".mo.new")
    with open(new, "wb") as out:
        write_mo(out, catalog)
    new.replace(path.with_suffix(".mo"))


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Two people may collect at once: the second waits, so that neither's texts are lost."""
    lock = ROOT / ".cache" / "translations.lock"
    lock.parent.mkdir(exist_ok=True)
    with open(lock, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def complaints(language: str) -> Iterator[str]:
    """What is wrong with a catalogue as it stands: one sentence each. An area's own file counts as the catalogue."""
    catalog = {key(m): m for m in read(language) if m.id}
    catalog |= {key(m): m for _area, area in read_areas(language) for m in area if m.id}
    for (text, context), message_id in sorted(
        expected(language).items(), key=lambda item: (item[0][0], item[0][1] or "")
    ):
        message = catalog.get((text, context))
        if message is None:
            yield f"{language}: not in the catalogue: {text!r}"
        elif message.fuzzy:
            yield f"{language}: fuzzy: {text!r}"
        elif not translated(message):
            yield f"{language}: no translation: {text!r}"
        else:
            strings = strings_of(message)
            ids = [message_id] if isinstance(message_id, str) else list(message_id)
            allowed = {p for one in ids for p in PLACEHOLDER.findall(one)}
            needed = set(PLACEHOLDER.findall(ids[-1]))
            for string in strings:
                found = set(PLACEHOLDER.findall(string))
                if found - allowed or (len(strings) == 1 and needed - found):
                    yield f"{language}: placeholders differ: {text!r} → {string!r}"


def set_pairs(lines: Iterator[str]) -> int:
    catalog, count = update("zh"), 0
    areas = texts_of_areas("zh")
    for line in lines:
        if not line.strip():
            continue
        text, tab, string = line.rstrip("\n").partition("\t")
        text, string = text.replace("\\n", "\n"), string.replace("\\n", "\n").strip(" ")
        if not tab or not string:
            print(f"not a pair: {line.rstrip()!r}", file=sys.stderr)
            continue
        message = catalog.get(text)
        if text in areas:
            print(f"stands in {areas[text]}, change it there: {text!r}", file=sys.stderr)
            continue
        if message is None:
            catalog.obsolete[text] = Message(text, string)  # kept until the code has the text
            print(f"the code has no such text (kept aside): {text!r}", file=sys.stderr)
        else:
            message.string = string if isinstance(message.id, str) else (string,)
        count += 1
    write("zh", catalog)
    return count


def main(arguments: list[str]) -> int:
    verb = arguments[0] if arguments else "update"
    with alone():
        if verb == "update":
            for language in LANGUAGES:
                write(language, update(language))
            missing = list(complaints("zh"))
            print(f"translations: {len(expected('zh'))} texts, {len(missing)} without Chinese (`missing` lists them)")
        elif verb == "compile":
            for language in LANGUAGES:
                compile_catalog(language, update(language))
        elif verb == "missing":
            for message in update("zh"):
                if message.id and not translated(message):
                    print((message.id if isinstance(message.id, str) else message.id[0]).replace("\n", "\\n"))
        elif verb == "set":
            print(f"translations: {set_pairs(iter(sys.stdin))} set")
            write("en", update("en"))
        else:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The tools of the catalogues: nothing translated is lost, nothing missing is passed over."""

import ast
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from scripts import translations


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small checkout with two texts of its own and one of the framework."""
    code: translations.Texts = {
        ("Ticket", None): "Ticket",
        ("%(count)s open", None): "%(count)s open",
        ("one call", None): ("one call", "%(num)s calls"),
    }
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    monkeypatch.setattr(translations, "texts_of_the_code", lambda: code)
    monkeypatch.setattr(translations, "texts_of_the_framework", lambda: {("Show", None): "Show"})
    return tmp_path


def collect() -> str:
    for language in translations.LANGUAGES:
        translations.write(language, translations.update(language))
    return translations.path_of("zh").read_text(encoding="utf-8")


def test_a_missing_text_is_reported_and_a_filled_one_is_not(house: Path) -> None:
    collect()
    assert "zh: no translation: 'Ticket'" in list(translations.complaints("zh"))
    assert (
        translations.set_pairs(
            iter(["Ticket\t工单\n", "%(count)s open\t%(count)s 件未结\n", "one call\t%(num)s 通电话\n"])
        )
        == 3
    )
    assert list(translations.complaints("zh")) == ["zh: no translation: 'Show'"]
    assert list(translations.complaints("en")) == []


def test_collecting_twice_changes_nothing(house: Path) -> None:
    first = collect()
    assert collect() == first
    assert "POT-Creation-Date" not in first


def test_a_translation_outlives_its_text_and_returns_with_it(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    collect()
    translations.set_pairs(iter(["Ticket\t工单\n"]))
    full = translations.texts_of_the_code()
    monkeypatch.setattr(translations, "texts_of_the_code", lambda: {})
    assert '#~ msgstr "工单"' in collect()
    monkeypatch.setattr(translations, "texts_of_the_code", lambda: full)
    assert 'msgid "Ticket"\nmsgstr "工单"' in collect()


def test_an_areas_own_file_wins(house: Path) -> None:
    collect()
    translations.set_pairs(iter(["Ticket\t单\n"]))
    area = house / "translations/zh/areas/desk.po"
    area.parent.mkdir(parents=True)
    area.write_text('msgid "Ticket"\nmsgstr "工单"\n', encoding="utf-8")
    assert 'msgid "Ticket"\nmsgstr "工单"' in collect()


@pytest.mark.parametrize("chinese", ["件未结", "%(counts)s 件未结", "%(count)s 件 %(x)s"])
def test_a_translation_with_other_placeholders_is_reported(house: Path, chinese: str) -> None:
    collect()
    translations.set_pairs(iter([f"%(count)s open\t{chinese}\n"]))
    assert any("placeholders differ: '%(count)s open'" in line for line in translations.complaints("zh"))


def test_a_fuzzy_translation_counts_as_none(house: Path) -> None:
    collect()
    path = translations.path_of("zh")
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace('msgid "Ticket"\nmsgstr ""', '#, fuzzy\nmsgid "Ticket"\nmsgstr "票"'), encoding="utf-8"
    )
    assert "zh: fuzzy: 'Ticket'" in list(translations.complaints("zh"))


def test_the_frameworks_gaps_are_found() -> None:
    """Seen: "Add", "Show" and others have no Chinese in AppBuilder's own catalogue."""
    texts = {text for text, _context in translations.texts_of_the_framework()}
    assert {"Add", "Show", "Delete"} <= texts
    assert "Search" not in texts


def test_the_catalogue_compiles_for_both_languages(house: Path) -> None:
    collect()
    for language in translations.LANGUAGES:
        translations.compile_catalog(language, Catalog(locale=language))
        assert translations.path_of(language).with_suffix(".mo").exists()


def test_every_text_of_the_code_is_collected() -> None:
    """A text inside the braces of an f-string is none that the collector sees."""
    marks = {"gettext", "ngettext", "lazy_gettext", "_", "N_"}
    known = {first for first, _context in translations.texts_of_the_code()} | translations.NO_TEXTS
    lost = []
    for file in (translations.ROOT / "app").rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call) or not call.args or not isinstance(call.args[0], ast.Constant):
                continue
            name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
            text = call.args[0].value
            if name in marks and isinstance(text, str) and text not in known:
                lost.append(f"{file.relative_to(translations.ROOT)}:{call.lineno}: {text}")
    assert not lost, "\n".join(lost)

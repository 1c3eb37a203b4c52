"""The schema comes from the migrations alone: they reach what the models say, and can be taken back and made again."""

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from app.extensions import db


def tables(app: Flask) -> set[str]:
    with app.app_context():
        return set(inspect(db.engine).get_table_names())


def run(runner: FlaskCliRunner, *arguments: str) -> str:
    result = runner.invoke(args=list(arguments))
    assert result.exit_code == 0, f"flask {' '.join(arguments)}\n{result.output}\n{result.exception!r}"
    return str(result.output)


def test_building_the_application_makes_no_table(empty_database: None, app: Flask) -> None:
    assert tables(app) == set()


def test_migrations_go_up_down_and_up_again(empty_database: None, app: Flask, runner: FlaskCliRunner) -> None:
    run(runner, "db", "upgrade")
    after_first = tables(app)
    run(runner, "db", "downgrade", "base")
    assert tables(app) <= {"alembic_version"}
    run(runner, "db", "upgrade")
    assert tables(app) == after_first


def test_the_migrations_make_what_the_models_say(empty_database: None, app: Flask, runner: FlaskCliRunner) -> None:
    run(runner, "db", "upgrade")
    run(runner, "db", "check")


def test_every_table_of_the_models_is_made_and_no_other(app: Flask) -> None:
    from app.models import Model

    assert tables(app) - {"alembic_version"} == set(Model.metadata.tables)


def test_a_second_upgrade_and_a_second_seed_change_nothing(app: Flask, runner: FlaskCliRunner) -> None:
    def rows() -> dict[str, int]:
        from sqlalchemy import func, select

        from app.models import Model

        with app.app_context(), db.engine.connect() as connection:
            return {n: connection.scalar(select(func.count()).select_from(t)) for n, t in Model.metadata.tables.items()}

    before = rows()
    run(runner, "db", "upgrade")
    run(runner, "seed")
    assert rows() == before


def test_codes_are_changed_without_making_a_table_anew(app: Flask) -> None:
    """Rows that others point at stay where they are, and what was never allowed is still refused (0028)."""
    row = {"ticket_id": 0, "content_type": "application/pdf", "sha256": "x", "size_bytes": 1, "uploader_name": "x"}

    def add(stage: str) -> None:
        columns = {**row, "stage": stage, "name": "", "caption": "", "file_path": stage, "at": "2026-03-10 02:30:00"}
        names = ", ".join(columns)
        with db.engine.begin() as connection:
            connection.execute(
                text(f"INSERT INTO attachment ({names}) VALUES ({', '.join(f':{n}' for n in columns)})"), columns
            )

    with app.app_context():
        for stage, reason in (("nonsense", "stage_known"), ("reply", "(?i)foreign key")):
            with pytest.raises(IntegrityError, match=reason):
                add(stage)


def test_a_database_with_records_goes_up_down_and_up_with_every_row(
    empty_database: None, app: Flask, runner: FlaskCliRunner
) -> None:
    """SQLite changes a rule by making the table anew: what points at its rows must not stand in the way."""
    at = "'2026-03-10 02:30:00'"
    rows = (
        "INSERT INTO community (id, code, name, name_en, address, desk_phone, desk_opens_at, desk_closes_at)"
        " VALUES (1, 'a', 'a', '', '', '', '08:30:00', '17:30:00')",
        "INSERT INTO campaign (id, key, community_id, purpose, title, title_en, text_zh, text_en, by_voice, by_sms, by_web,"
        f" state, created_at, creator_name) VALUES (1, 'k', 1, 'notice', '', '', '', '', true, false, false, 'draft', {at}, '')",
        "INSERT INTO campaign_target (id, key, campaign_id, community_id, purpose, way, rank, locale, state, not_before, refusals,"
        f" flow) VALUES (1, 't', 1, 1, 'notice', 'voice', 1, 'zh', 'planned', {at}, 0, '{{}}')",
    )
    run(runner, "db", "upgrade", "0023_campaign_place")
    with app.app_context(), db.engine.begin() as connection:
        for statement in rows:
            connection.execute(text(statement))
    for way, to in (("upgrade", "head"), ("downgrade", "0023_campaign_place"), ("upgrade", "head")):
        run(runner, "db", way, to)
        with app.app_context(), db.engine.begin() as connection:
            assert connection.scalar(text("SELECT campaign_id FROM campaign_target")) == 1
            if db.engine.dialect.name == "sqlite":
                assert connection.scalar(text("PRAGMA foreign_keys")) == 1

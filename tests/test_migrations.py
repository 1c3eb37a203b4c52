"""The schema comes from the migrations alone: they reach what the models say, and can be taken back and made again."""

from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import inspect

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

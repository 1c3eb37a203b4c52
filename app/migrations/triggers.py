"""What the database itself refuses: changes to the timeline, to the audit trail and to a published report."""

from alembic import op

APPEND_ONLY = ("ticket_entry", "access_entry")
_REPORT_CONTENT = (
    "community_id",
    "month",
    "version",
    "dataset",
    "texts",
    "sha256",
    "sha256_en",
    "previous_sha256",
    "file_path",
    "file_path_en",
    "signed_at",
    "signed_by",
    "reviewed_at",
    "reviewed_by",
    "published_at",
    "published_by",
    "erratum_reason",
    "size_bytes",
    "template_version",
    "font_hash",
)


def create_triggers() -> None:
    """Create them in the dialect of the database at hand."""
    if op.get_bind().dialect.name == "postgresql":
        _create_postgresql()
    else:
        _create_sqlite()


def drop_triggers() -> None:
    """Drop them again."""
    if op.get_bind().dialect.name == "postgresql":
        for table in APPEND_ONLY:
            op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        op.execute("DROP TRIGGER report_published ON report")
        op.execute("DROP FUNCTION refuse_change()")
        op.execute("DROP FUNCTION refuse_published_change()")
        return
    for table in APPEND_ONLY:
        op.execute(f"DROP TRIGGER {table}_no_update")
        op.execute(f"DROP TRIGGER {table}_no_delete")
    op.execute("DROP TRIGGER report_published_no_update")
    op.execute("DROP TRIGGER report_published_no_delete")


def _create_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';"
        " END $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    changed = " OR ".join(f"NEW.{name}::text IS DISTINCT FROM OLD.{name}::text" for name in _REPORT_CONTENT)
    op.execute(
        "CREATE FUNCTION refuse_published_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF OLD.state IN ('published', 'superseded') THEN"
        f" IF TG_OP = 'DELETE' OR NEW.state NOT IN ('published', 'superseded') OR {changed} THEN"
        " RAISE EXCEPTION 'a published report cannot change' USING ERRCODE = 'integrity_constraint_violation';"
        " END IF; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER report_published BEFORE UPDATE OR DELETE ON report"
        " FOR EACH ROW EXECUTE FUNCTION refuse_published_change()"
    )


def _create_sqlite() -> None:
    for table in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in _REPORT_CONTENT)
    refuse = "BEGIN SELECT RAISE(ABORT, 'a published report cannot change'); END"
    published = "OLD.state IN ('published', 'superseded')"
    op.execute(
        "CREATE TRIGGER report_published_no_update BEFORE UPDATE ON report"
        f" WHEN {published} AND (NEW.state NOT IN ('published', 'superseded') OR {changed}) {refuse}"
    )
    op.execute(f"CREATE TRIGGER report_published_no_delete BEFORE DELETE ON report WHEN {published} {refuse}")


def create_append_only(table: str) -> None:
    """Guard one more table: rows are only ever added, whoever asks."""
    if op.get_bind().dialect.name == "postgresql":
        for name, when, each in (("append_only", "UPDATE OR DELETE", "ROW"), ("no_truncate", "TRUNCATE", "STATEMENT")):
            op.execute(
                f"CREATE TRIGGER {table}_{name} BEFORE {when} ON {table} FOR EACH {each} EXECUTE FUNCTION refuse_change()"
            )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
            f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def drop_append_only(table: str) -> None:
    """Take the guard away again."""
    if op.get_bind().dialect.name == "postgresql":
        for name in ("append_only", "no_truncate"):
            op.execute(f"DROP TRIGGER {table}_{name} ON {table}")
        return
    for verb in ("update", "delete"):
        op.execute(f"DROP TRIGGER {table}_no_{verb}")

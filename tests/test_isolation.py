"""One test leaves nothing to the next: neither a journal nor calls that only the telephone company knows."""

from pathlib import Path

from flask import Flask

from app.adapters.carrier.simulator.store import Leg, Store
from tests.support.databases import Databases


def test_files_and_the_simulated_companys_calls_go_with_the_test_that_made_them(
    app: Flask, databases: Databases, data_dir: Path
) -> None:
    (data_dir / "journal").mkdir(exist_ok=True)
    (data_dir / "journal" / "pending.jsonl").write_text("{}\n", encoding="utf-8")
    company = Store(data_dir / "simulator.db")
    company.add_leg(Leg("CA1", "inbound", "+8613800138001", "+862160000000", "completed", 1.0))
    databases.clear_files()
    assert not (data_dir / "journal").exists()
    assert company.leg("CA1") is None

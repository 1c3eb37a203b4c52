"""Every test: `make test`. The suite on SQLite, then on a PostgreSQL started for the run, with browser and faults.

Both runs are made even when the first fails; the last lines say what ran, what was skipped and why.
Tests of pages go by turns, half on either database (the rules and services beneath them on both); EVERYWHERE=1 does all on both.
Arguments go to pytest: `make test ARGS="tests/views -k owner"`.
"""

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNS = (
    # (database, what is left out there, said at the end)
    ("sqlite", "not browser and not postgres_only", "browser, faults and concurrency: they run on PostgreSQL, below"),
    (
        "postgres",
        "not sqlite_only and not any_database and (postgres_only or not no_database)",
        "tests about SQLite itself, about no database at all or any: they ran above",
    ),
)
NO_TESTS_COLLECTED = 5


def run(database: str, selection: str, arguments: list[str]) -> tuple[int, str, Counter[str], float]:
    """(exit code, pytest's closing line, skip reasons, seconds)."""
    results = ROOT / ".cache" / f"results-{database}.xml"
    results.unlink(missing_ok=True)
    workers = os.environ.get("WORKERS") or str(min(4, max(2, os.cpu_count() or 2)))
    command = [sys.executable, "-m", "pytest", "--database", database, "-q", "-n", workers, "--dist", "worksteal"]
    command += ["-m", selection, "--durations=15", "--durations-min=2", f"--junitxml={results}", *arguments]
    if not os.environ.get("EVERYWHERE"):
        command.append("--pages-by-turns")
    start, closing = time.monotonic(), ""
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, errors="replace") as process:
        assert process.stdout
        for line in process.stdout:
            print(line, end="", flush=True)
            closing = line.strip() or closing
    if process.returncode < 0:
        closing = f"ended by signal {-process.returncode} before its closing line"
    return process.returncode, closing, skips(results), time.monotonic() - start


def skips(results: Path) -> Counter[str]:
    if not results.exists():
        return Counter()
    found = (skip for skip in ElementTree.parse(results).iter("skipped") if skip.get("type") != "pytest.xfail")
    return Counter((skip.get("message") or "no reason given").removeprefix("Skipped: ") for skip in found)


def main(arguments: list[str]) -> int:
    failed: list[str] = []
    lines: list[str] = []
    codes, seconds = set(), 0.0
    for database, selection, left_out in RUNS:
        print(f"── tests on {database}", flush=True)
        code, closing, reasons, took = run(database, selection, arguments)
        seconds += took
        codes.add(code)
        if code not in (0, NO_TESTS_COLLECTED):
            failed.append(database)
        lines.append(f"{database + ':':10} {closing.strip('= ')}")
        lines.append(f"{'':10} left out: {left_out}")
        lines += [f"{'':10} skipped {count}: {reason}" for reason, count in sorted(reasons.items())]
    if codes == {NO_TESTS_COLLECTED}:
        failed.append("both: not one test was found")
    print("── what ran")
    print("\n".join(lines))
    outcome = f"FAILED on {' and '.join(failed)}" if failed else "all passed"
    print(f"tests: {outcome} in {seconds / 60:.1f} min")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

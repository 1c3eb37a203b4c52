"""Rules of this house that no linter knows. Exit 1 with one line per finding.

- FAB's bare ModelView, ModelRestApi and their kin are used only by app/views/base/: our own base classes close their traps.
- The time is read in app/adapters/clock.py and nowhere else in app/: everything below an entry point is handed `now`.
- Services do not commit: the entry point owns the transaction (app/services/transaction.py).
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BARE_VIEWS = {"ModelView", "ModelRestApi", "CompactCRUDMixin", "MasterDetailView", "MultipleView", "RestCRUDView"}
CLOCK_CALLS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")}


def allowed(path: str, *prefixes: str) -> bool:
    return any(path.startswith(prefix) for prefix in prefixes)


def findings(path: str, tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("flask_appbuilder"):
            bare = sorted(alias.name for alias in node.names if alias.name in BARE_VIEWS)
            if bare and not allowed(path, "app/views/base"):
                yield node.lineno, f"{', '.join(bare)}: take the project's own base class (app/views/base)"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name = node.func
            owner = name.value.id if isinstance(name.value, ast.Name) else getattr(name.value, "attr", "")
            if (owner, name.attr) in CLOCK_CALLS and path != "app/adapters/clock.py":
                yield (
                    node.lineno,
                    f"{owner}.{name.attr}(): `now` is handed in; only app/adapters/clock.py reads the time",
                )
            if (
                name.attr == "commit"
                and allowed(path, "app/services/", "app/rules/", "app/models/")
                and path != "app/services/transaction.py"
            ):
                yield node.lineno, "commit(): the entry point owns the transaction (`with transaction():`)"


def main() -> int:
    count = 0
    for file in sorted((ROOT / "app").rglob("*.py")):
        path = file.relative_to(ROOT).as_posix()
        for line, message in findings(path, ast.parse(file.read_text(encoding="utf-8"), path)):
            print(f"{path}:{line}: {message}")
            count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())

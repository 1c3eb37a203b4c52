"""`python -m bench [name …]`: runs the benchmarks, prints a table of ratios, writes bench/results.json."""

import json
import platform
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bench import clocks, figures, hotline, portal, report, webhook
from bench.measure import Ratio

BENCHES = {
    "webhook": webhook.run,
    "hotline": hotline.run,
    "report": report.run,
    "portal": portal.run,
    "clocks": clocks.run,
    "figures": figures.run,
}
RESULTS = Path(__file__).with_name("results.json")


def main(names: list[str]) -> int:
    """Run the named benchmarks (default: all). Returns 1 when a limit is missed, 2 for an unknown name."""
    if unknown := [name for name in names if name not in BENCHES]:
        print(f"no benchmark called {', '.join(unknown)}; there are {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    ratios: list[Ratio] = []
    for name in names or BENCHES:
        print(f"{name} …", flush=True)
        with tempfile.TemporaryDirectory(prefix="linli-bench-") as folder:
            for ratio in BENCHES[name](Path(folder)):
                ratios.append(ratio)
                print(f"  {ratio.name}: {ratio.value:.2f}", flush=True)
    _print(ratios)
    _write(ratios)
    return 0 if all(ratio.good for ratio in ratios) else 1


def _print(ratios: list[Ratio]) -> None:
    width = max(len(ratio.name) for ratio in ratios)
    print(f"\n{'measured':<{width}}  {'ours':>10}  {'bare':>10}  {'ratio':>6}  limit")
    for ratio in ratios:
        sign = "≥" if ratio.at_least else "≤"
        verdict = "" if ratio.good else "  MISSED"
        print(
            f"{ratio.name:<{width}}  {ratio.ours:>10.1f}  {ratio.bare:>10.1f}  {ratio.value:>6.2f}"
            f"  {sign} {ratio.limit:.2f} ({ratio.unit}){verdict}"
        )
        for line in ratio.notes:
            print(f"  {line}")


def _write(ratios: list[Ratio]) -> None:
    results = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "ratios": [ratio.as_dict() for ratio in ratios],
    }
    RESULTS.write_text(json.dumps(results, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

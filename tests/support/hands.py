"""`python -m tests.support.hands ladder campaigns`: a process that does these jobs over and over, beginning when it is told to.

It says "ready" once the product is loaded, begins at the first line it reads and ends with its input: several of them began
together are several workers on one job.
"""

import sys
import threading

from app import create_app
from app.adapters.clock import now
from app.jobs.runs import run_job

ROUNDS = 400


def main(names: list[str]) -> None:
    app = create_app()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    with app.app_context():
        for _ in range(ROUNDS):
            if ended.is_set():
                break
            for name in names:
                run_job(name, now())


if __name__ == "__main__":
    main(sys.argv[1:])

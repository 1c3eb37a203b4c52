"""An emergency's ladder has threads of its own: what waits for a slow carrier never holds it up."""

import threading

from app.jobs import scheduler as schedule


def test_the_ladder_runs_while_every_other_thread_is_held():
    held, free, rang = threading.Semaphore(0), threading.Event(), threading.Event()

    def wait() -> None:
        held.release()
        free.wait(60)

    scheduler = schedule._new_scheduler()
    scheduler.start()
    try:
        for number in range(schedule.THREADS):
            schedule._add(scheduler, f"slow {number}", 3600, wait)
        for _ in range(schedule.THREADS):
            assert held.acquire(timeout=20)
        schedule._add(scheduler, "ladder", 3600, rang.set)
        assert rang.wait(5)
    finally:
        free.set()
        scheduler.shutdown(wait=True)


def test_the_schedule_gives_the_ladder_its_own_threads(app):
    scheduler = schedule.build_scheduler(app)
    scheduler.start(paused=True)
    try:
        own = {job.id for job in scheduler.get_jobs() if job.executor != "default"}
        assert own == {"ladder"}
    finally:
        scheduler.shutdown(wait=True)

"""Finding collective matters (D5, I8): what the look around costs with each new complaint, at 1,000,000 tickets and at 10,000.

Complaints of changing households and categories are registered by the service every way in goes through, each rolled back;
timed is the part that looks for the matter: its turn, its figures, its statement. By turns on both databases.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from multiprocessing.connection import Connection

from bench.house import answering
from bench.measure import Ratio, median

ROUNDS, WARM_UP = 300, 30
LIMIT = 1.3


def detection(large: dict[str, str], small: dict[str, str], names: tuple[str, str]) -> Iterator[Ratio]:
    """The ratio of the two databases; `large` and `small` are what the application of each is configured by."""
    with answering(_serve, large) as here, answering(_serve, small) as there:
        rounds = [(_ask(here, n), _ask(there, n)) for n in range(ROUNDS + WARM_UP)][WARM_UP:]
    ours, bare = ([1000 * seconds for seconds, _rows in side] for side in zip(*rounds, strict=True))
    seen = [median([float(rows) for _seconds, rows in side]) for side in zip(*rounds, strict=True)]
    yield Ratio(
        f"looking for a collective matter with each complaint, at {names[0]} tickets ÷ at {names[1]}",
        median(ours),
        median(bare),
        "ms",
        LIMIT,
        at_least=False,
        notes=[f"tickets looked at: {seen[0]:.0f} and {seen[1]:.0f}"],
    )


def _ask(served: Connection, number: int) -> tuple[float, int]:
    served.send(number)
    seconds, rows = served.recv()
    return float(seconds), int(rows)


def _serve(questions: Connection) -> None:
    """Register a complaint for each number that comes, answer with the seconds of the look and the tickets it saw."""
    from sqlalchemy import select

    from app import create_app
    from app.extensions import db
    from app.models import Category, House
    from app.services import special_detection
    from app.services.actors import Actor
    from app.services.tickets import open_ticket
    from config import load_settings

    spent: list[float] = []
    seen: list[int] = []
    registered, around = special_detection.registered, special_detection._around

    def timed(*arguments: object) -> None:
        started = time.perf_counter()
        registered(*arguments)  # type: ignore[arg-type]
        spent.append(time.perf_counter() - started)

    def counted(*arguments: object) -> object:
        found = around(*arguments)  # type: ignore[arg-type]
        seen.append(len(found))
        return found

    special_detection.registered, special_detection._around = timed, counted  # type: ignore[assignment]
    app = create_app(load_settings())
    with app.app_context():
        houses = db.session.scalars(select(House.id).where(House.id > 100_000).order_by(House.id)).all()
        categories = db.session.scalars(select(Category.code).order_by(Category.id)).all()
        while True:
            number = questions.recv()
            session = db.session()
            house = session.get_one(House, houses[number * 7919 % len(houses)])
            open_ticket(
                session, community=house.community, kind="complaint", channel="desk", title="电梯又停了",
                category_code=categories[number % len(categories)], house=house, actor=Actor.system("bench"),
                now=datetime.now(UTC),
            )  # fmt: skip
            session.rollback()
            questions.send((spent.pop(), seen.pop()))

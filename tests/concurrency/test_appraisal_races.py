"""Two administrators who set one role's weights at the same instant: one is in, the other is told, nothing is lost (D16)."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select

from app.models import AppraisalPlan
from app.services import appraisal_plans
from tests.support.client import Client
from tests.support.estate import build_estate, login

FORM = {
    "role": "technician",
    "month": "2027-04",
    "scope0": "own",
    "weight0": "100",
    "floor0": "70",
    "figure0": "in_time",
}


@pytest.fixture
def administrators(app: Any, session: Any, new_client: Any, now: Any) -> list[Client]:
    """Two, each with the form open."""
    build_estate(session, now)
    login(session, "admin_too", "admin")
    session.commit()
    clients = []
    for name in ("admin", "admin_too"):
        client = new_client()
        client.login(name)
        client.get("/lang/en")
        clients.append(client)
    return clients


@pytest.mark.parametrize("_", range(3))
def test_of_two_who_set_weights_at_once_the_second_is_told(
    session: Any, monkeypatch: pytest.MonkeyPatch, administrators: list[Client], _: int
) -> None:
    pages = [client.get("/appraisals/weights?role=technician").text for client in administrators]
    seen = [re.search(r'name="seen" value="([^"]*)"', page)[1] for page in pages]  # type: ignore[index]
    barrier, last_set = Barrier(2, timeout=30), appraisal_plans.last_set

    def met(writing: Any, role: str, **given: Any) -> Any:
        if given.get("held"):
            barrier.wait()
        return last_set(writing, role, **given)

    monkeypatch.setattr(appraisal_plans, "last_set", met)

    def put(place: int) -> Any:
        sent = FORM | {"target0": ("90", "95")[place], "seen": seen[place]}
        return administrators[place].submit("/appraisals/weights", sent)

    with ThreadPoolExecutor(2) as pool:
        answers = [future.result(60) for future in [pool.submit(put, place) for place in (0, 1)]]
    assert sorted(answer.status_code for answer in answers) == [302, 409]
    late = next(place for place, answer in enumerate(answers) if answer.status_code == 409)
    words = answers[late].text
    assert "has set weights from 2027-04 on" in words
    assert f'value="{("90", "95")[late]}"' in words, "what was typed is still there"
    ((target, by),) = [(plan.lines[0]["target"], plan.made_by) for plan in session.scalars(select(AppraisalPlan))]
    assert target == ("0.95", "0.9")[late] and by, "the first one's weights are in force"

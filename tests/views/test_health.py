"""The addresses for machines that watch the house."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.adapters.clock import now as clock_now
from app.models import Heartbeat
from app.services.transaction import transaction
from tests.support.client import Client


def beat(app: Flask, ago: timedelta) -> None:
    with app.app_context(), transaction() as session:
        session.merge(Heartbeat(name="scheduler", beat_at=clock_now() - ago, holder="test"))


def test_process_answers_without_a_database(client: Client) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok"}


@pytest.mark.parametrize("ago, status", [(timedelta(seconds=5), 200), (timedelta(minutes=10), 503)])
def test_ready_when_the_scheduler_beats(app: Flask, client: Client, ago: timedelta, status: int) -> None:
    beat(app, ago)
    answer = client.get("/readyz")
    assert answer.status_code == status
    assert (answer.get_json()["checks"]["scheduler"] == "ok") == (status == 200)


def test_not_ready_before_the_scheduler_ever_ran(client: Client) -> None:
    assert client.get("/readyz").status_code == 503


@pytest.mark.usefixtures("empty_database")
def test_not_ready_without_the_tables(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["checks"]["migrations"] != "ok"


def test_metrics_from_loopback(app: Flask, client: Client) -> None:
    beat(app, timedelta(seconds=3))
    answer = client.get("/metrics")
    text = answer.get_data(as_text=True)
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert "# TYPE linli_tickets gauge" in text
    assert "linli_up 1.0" in text.splitlines()


@pytest.mark.parametrize("where", [{"REMOTE_ADDR": "10.0.0.9"}, {"HTTP_X_FORWARDED_FOR": "10.0.0.9"}])
def test_metrics_are_shut_from_outside(client: Client, where: dict[str, str]) -> None:
    assert client.get("/metrics", environ_overrides=where).status_code == 403


def test_metrics_open_to_the_token(app: Flask, client: Client, monkeypatch: Any) -> None:
    from dataclasses import replace

    monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], metrics_token="s3cret"))
    outside: dict[str, Any] = {"environ_overrides": {"REMOTE_ADDR": "10.0.0.9"}}
    assert client.get("/metrics", headers={"Authorization": "Bearer s3cret"}, **outside).status_code == 200
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}, **outside).status_code == 403

"""A number in an address that no column can hold is no address: 404, whoever asks, on every route there is."""

import re

import pytest
from flask import Flask

from app.models.base import BIGGEST_ID
from tests.support.client import Client
from tests.support.estate import Estate

NUMBER = re.compile(r"<int(?:\([^)]*\))?:\w+>")
OTHER = re.compile(r"<[^>]+>")


@pytest.mark.parametrize("number", [BIGGEST_ID + 1, 10**25])
def test_a_number_too_big_for_a_column_is_no_address(app: Flask, client: Client, estate: Estate, number: int) -> None:
    client.login("admin")
    rules = [rule for rule in app.url_map.iter_rules() if NUMBER.search(rule.rule)]
    assert len(rules) > 50
    for rule in rules:
        path = OTHER.sub("1", NUMBER.sub(str(number), rule.rule))
        for method in sorted(rule.methods & {"GET", "POST"}):
            answer = client.get(path) if method == "GET" else client.submit(path)
            # The other methods of such an address may still be known by a route of words.
            assert answer.status_code in (404, 405), (method, path, answer.status_code)


@pytest.mark.parametrize("number", [BIGGEST_ID, BIGGEST_ID + 1, 10**25])
def test_a_number_nobody_has_opens_no_page_and_breaks_none(
    app: Flask, client: Client, estate: Estate, number: int
) -> None:
    client.login("admin")
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods and re.search(r"<(int:\w+|pk)>", rule.rule):
            path = OTHER.sub(str(number), rule.rule)
            assert client.get(path).status_code < 500, path

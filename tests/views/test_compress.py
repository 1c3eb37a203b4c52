"""Compressed answers: only for who takes them, only texts, never two of one length for one page."""

import gzip

from tests.support.client import Client
from tests.support.estate import Estate

LIST = "/ticketview/list/"
GZIP = {"Accept-Encoding": "gzip, br"}


def test_a_page_is_compressed_for_who_takes_it(client: Client, estate: Estate) -> None:
    client.login("manager")
    plain = client.get(LIST)
    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in plain.headers["Vary"]
    answer = client.get(LIST, headers=GZIP)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert int(answer.headers["Content-Length"]) == len(answer.get_data()) < len(plain.get_data()) / 2
    assert gzip.decompress(answer.get_data()).rstrip().endswith(b"</html>")


def test_the_length_tells_nothing(client: Client, estate: Estate) -> None:
    """BREACH compares lengths: the same page has another one each time."""
    assert len({len(client.get("/login/", headers=GZIP).get_data()) for _ in range(12)}) > 3


def test_our_files_are_compressed_and_kept(client: Client) -> None:
    first = client.get("/static/css/linli.css", headers=GZIP, buffered=True)
    assert first.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(first.get_data()) == client.get("/static/css/linli.css", buffered=True).get_data()
    again = client.get("/static/css/linli.css", buffered=True, headers=GZIP | {"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_pictures_and_exports_stay_as_they_are(client: Client, estate: Estate) -> None:
    assert "Content-Encoding" not in client.get("/healthz", headers=GZIP).headers
    client.login("manager")
    answer = client.submit("/ticketview/export/csv", headers=GZIP, buffered=True)
    assert "Content-Encoding" not in answer.headers

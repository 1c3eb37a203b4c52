"""The simulated company's requests to the application: signed as Twilio signs, over real HTTP, to PUBLIC_BASE_URL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urldefrag, urljoin

import requests
from twilio.request_validator import RequestValidator

TIMEOUT_SECONDS = 15.0
"""What Twilio gives a webhook in all."""


@dataclass(frozen=True)
class Answer:
    """What the application said. `status` 0: it could not be reached."""

    status: int
    text: str
    content_type: str = "text/xml"

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_xml(self) -> bool:
        """Whether it was sent as a document of Twilio's: text/xml, application/xml or text/html (plain text would be spoken)."""
        return self.content_type.partition(";")[0].strip().lower() in ("text/xml", "application/xml", "text/html")


class Post(Protocol):
    """Sends one signed webhook."""

    def __call__(self, url: str, params: Mapping[str, str]) -> Answer: ...


class SignedPost:
    """POST, form-encoded, with X-Twilio-Signature; what follows a # in an address is for the company, not for the wire."""

    def __init__(self, token: str, base_url: str) -> None:
        self.validator, self.base_url = RequestValidator(token), base_url

    def __call__(self, url: str, params: Mapping[str, str]) -> Answer:
        address = urldefrag(urljoin(self.base_url + "/", url)).url
        fields = dict(params)
        headers = {
            "X-Twilio-Signature": self.validator.compute_signature(address, fields),
            "User-Agent": "TwilioProxy/1.1 (Linli simulator)",
        }
        try:
            with requests.Session() as session:
                # A proxy of the environment has no business between a machine and itself.
                session.trust_env = False
                answer = session.post(address, data=fields, headers=headers, timeout=TIMEOUT_SECONDS)
                answer.encoding = "utf-8"
                return Answer(answer.status_code, answer.text, answer.headers.get("Content-Type", ""))
        except requests.RequestException as error:
            return Answer(0, f"{type(error).__name__}: {error}")

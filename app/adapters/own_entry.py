"""Calls this house's own public address as its carrier does, for the test call."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import requests
from twilio.request_validator import RequestValidator

from config import Settings

TIMEOUT_SECONDS = 15.0


def own_entry(settings: Settings) -> Callable[[str, Mapping[str, str]], tuple[int, str]]:
    """What posts one webhook, signed with the token of the carrier that brings calls; (0, reason) when nothing answers."""
    token = settings.account("inbound").token if settings.carrier == "twilio" else settings.simulator_token
    validator = RequestValidator(token)

    def post(url: str, fields: Mapping[str, str]) -> tuple[int, str]:
        headers = {
            "X-Twilio-Signature": validator.compute_signature(url, dict(fields)),
            "User-Agent": "Linli test call",
        }
        try:
            with requests.Session() as session:
                session.trust_env = False
                answer = session.post(url, data=dict(fields), headers=headers, timeout=TIMEOUT_SECONDS)
                answer.encoding = "utf-8"
                return answer.status_code, answer.text
        except requests.RequestException as error:
            return 0, f"{type(error).__name__}: {error}"

    return post

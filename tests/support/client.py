"""Flask's test client with what nearly every test of a page or of REST needs."""

import contextvars
import hashlib
import os
from typing import Any

from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

DEMO_PASSWORD = "Demo-Password-2016"  # satisfies the password rules; only ever used by tests


class Client(FlaskClient):
    """Sends each request in a context of its own: a test that holds an application context open (the `session` fixture)
    would otherwise lend its `g`, and with it the user and the session, to every request."""

    token: str | None = None

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if self.token:
            kwargs["headers"] = {"Authorization": f"Bearer {self.token}", **dict(kwargs.get("headers") or {})}
        return contextvars.Context().run(super().open, *args, **kwargs)

    def csrf_token(self) -> str:
        """A token that this client's session accepts (Flask-WTF)."""
        with self.session_transaction() as session:
            raw = session.setdefault("csrf_token", hashlib.sha1(os.urandom(64)).hexdigest())
        key: Any = self.application.config.get("WTF_CSRF_SECRET_KEY") or self.application.secret_key
        return str(URLSafeTimedSerializer(key, salt="wtf-csrf-token").dumps(raw))

    def submit(self, path: str, data: dict[str, Any] | None = None, **kwargs: Any) -> TestResponse:
        """POST a form as a browser would: with the token."""
        return self.post(path, data={**(data or {}), "csrf_token": self.csrf_token()}, **kwargs)

    def login(self, username: str, password: str = DEMO_PASSWORD) -> TestResponse:
        """Through the login page; fails when it did not let the user in."""
        answer = self.submit("/login/", {"username": username, "password": password})
        assert answer.status_code == 302, f"login of {username}: {answer.status_code}"
        assert "/login" not in answer.location, f"login of {username} was refused"
        return answer

    def authorize(self, username: str, password: str = DEMO_PASSWORD) -> "Client":
        """Through REST; later requests carry the token."""
        answer = self.post(
            "/api/v1/security/login", json={"username": username, "password": password, "provider": "db"}
        )
        assert answer.status_code == 200, (
            f"REST login of {username}: {answer.status_code} {answer.get_data(as_text=True)}"
        )
        self.token = answer.get_json()["access_token"]
        return self

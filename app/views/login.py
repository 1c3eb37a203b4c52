"""The two doors: the log-in form and `/api/v1/security/login`, one check and one limit behind both."""

from typing import Any

from flask import Response, request
from flask_appbuilder.api import expose, safe
from flask_appbuilder.security.api import SecurityApi
from flask_appbuilder.security.views import AuthDBView
from flask_babel import gettext
from flask_jwt_extended import create_access_token, create_refresh_token
from werkzeug.exceptions import BadRequest

from app.views.credentials import login_limits


class LoginPage(AuthDBView):
    """The form. FAB limits it only when two settings agree; here the limit is part of the view."""

    limits = login_limits()


class LoginApi(SecurityApi):
    """The token door (I5): `provider` may be left out, and a body that makes no sense is 400 with a sentence."""

    resource_name = "security"
    limits = login_limits()

    @expose("/login", methods=["POST"])
    @safe
    def login(self) -> Response:
        """Exchange a user name and a password for a token
        ---
        post:
          description: Authenticate and get a JWT access token, and a refresh token when asked
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [username, password]
                  properties:
                    username: {type: string}
                    password: {type: string}
                    provider: {type: string, enum: [db]}
                    refresh: {type: boolean}
          responses:
            200:
              description: The tokens
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      access_token: {type: string}
                      refresh_token: {type: string}
            400:
              $ref: '#/components/responses/400'
            401:
              $ref: '#/components/responses/401'
        """
        body = _body()
        if body is None:
            return self.response_400(message=gettext("The body must be a JSON object with a user name and a password"))
        username, password = body.get("username"), body.get("password")
        if not isinstance(username, str) or not isinstance(password, str) or not username or not password:
            return self.response_400(message=gettext("User name and password are required"))
        if body.get("provider", "db") != "db":
            return self.response_400(message=gettext("Only the provider db is known"))
        user = self.appbuilder.sm.auth_user_db(username, password)
        if user is None:
            return self.response(401, message=gettext("Invalid login. Please try again."))
        tokens = {"access_token": create_access_token(identity=str(user.id), fresh=True)}
        if body.get("refresh"):
            tokens["refresh_token"] = create_refresh_token(identity=str(user.id))
        return self.response(200, **tokens)


def _body() -> dict[str, Any] | None:
    try:
        body = request.get_json(force=True)
    except BadRequest:
        return None
    return body if isinstance(body, dict) else None

"""The application factory: wiring, nothing else."""

import logging
from datetime import timedelta
from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app import models  # noqa: F401  (the mapping must be complete before anything asks for it)
from app.extensions import appbuilder, csrf, db, migrate
from config import Settings, load_settings


def create_app(settings: Settings | None = None) -> Flask:
    """Build the Flask application from checked settings (default: from the environment). Touches no table."""
    settings = settings or load_settings()
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # What the frameworks say at every start is no news to an administrator.
    for chatty in ("flask_appbuilder.base", "alembic.runtime.migration"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    app = Flask(__name__)
    app.config.from_mapping(_flask_config(settings))
    app.extensions["settings"] = settings
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, hops, hops, hops, hops)  # type: ignore[method-assign]
    _init_database(app)
    # CSRF before AppBuilder: its views are registered under the check (G2, 2).
    csrf.init_app(app)
    _init_portal(app)
    return app


def _init_database(app: Flask) -> None:
    from app.services.transaction import prepare_engine

    db.init_app(app)
    migrate.init_app(app, db, directory="app/migrations", render_as_batch=True, compare_type=True)
    with app.app_context():
        prepare_engine(db.engine)


def _init_portal(app: Flask) -> None:
    from app.cli import register_commands
    from app.hotline.register import register_hotline
    from app.views.base.addresses import install_addresses
    from app.views.credentials import IdleSessions
    from app.views.login_steps import install_login_steps
    from app.views.register import register_views

    app.session_interface = IdleSessions()
    install_addresses(app)
    with app.app_context():
        appbuilder.init_app(app, db.session)
        install_login_steps(app)
        register_views(app, appbuilder)
        register_hotline(app, csrf)
    register_commands(app)


def _flask_config(settings: Settings) -> dict[str, object]:
    return {
        "SECRET_KEY": settings.secret_key,
        "TESTING": settings.testing,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(settings),
        "MAX_CONTENT_LENGTH": 20 * 1024 * 1024,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.is_secure,
        # The prefix makes browsers refuse a cookie of this name from a neighbouring host or from plain http.
        "SESSION_COOKIE_NAME": "__Host-session" if settings.is_secure else "session",
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=settings.session_idle_hours),
        "WTF_CSRF_TIME_LIMIT": None,
        "APP_NAME": "邻里 Linli",
        "FAB_CREATE_DB": False,
        "FAB_UPDATE_PERMS": False,
        "FAB_BASE_TEMPLATE": "layout/base.html",
        "FAB_INDEX_VIEW": "app.views.workbench.Workbench",
        "FAB_API_SWAGGER_UI": True,
        "FAB_ADD_MENU_API": False,
        # A shift: a desk's own programs need not log in again while somebody is at work.
        "JWT_ACCESS_TOKEN_EXPIRES": timedelta(hours=8),
        "JWT_TOKEN_LOCATION": ["headers"],
        "JWT_ERROR_MESSAGE_KEY": "message",
        "FAB_API_MAX_PAGE_SIZE": 100,
        "FAB_SECURITY_MANAGER_CLASS": "app.views.security.LinliSecurityManager",
        "AUTH_TYPE": 1,
        "AUTH_ROLE_ADMIN": "admin",
        "AUTH_ROLE_PUBLIC": "public",
        "AUTH_USER_REGISTRATION": False,
        # Guessing is counted in the database, for all processes together (services.login_limits).
        "RATELIMIT_ENABLED": False,
        "BABEL_DEFAULT_LOCALE": settings.default_locale,
        # Absolute: AppBuilder would look beside the package, and these override its own texts (G2).
        "BABEL_TRANSLATION_DIRECTORIES": str(Path(__file__).resolve().parent.parent / "translations"),
        "BABEL_DEFAULT_TIMEZONE": str(settings.timezone),
        "LANGUAGES": {"zh": {"flag": "cn", "name": "中文"}, "en": {"flag": "gb", "name": "English"}},
    }


def _engine_options(settings: Settings) -> dict[str, object]:
    """A database that has gone is noticed within seconds: the carrier hangs up on a webhook after fifteen (G3)."""
    options: dict[str, object] = {"pool_pre_ping": True}
    if settings.database_url.startswith("postgresql"):
        keepalive = {"keepalives": 1, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 2}
        # A plan is made for the values asked for: one prepared for any value reads a million titles where a rare word has ten.
        planned = {"prepare_threshold": None}
        options["connect_args"] = {"connect_timeout": 5, "tcp_user_timeout": 8000, **keepalive, **planned}
    return options

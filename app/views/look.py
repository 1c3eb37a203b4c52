"""What every page shows around its content: product name, language, who is logged in, navigation, times in words."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Flask, current_app, url_for
from flask_babel import format_date, get_locale, gettext, ngettext

from app.adapters.clock import now as clock_now
from app.models import Report
from app.services.actors import Actor
from app.views.base.actor import current_actor
from app.views.base.local import local
from app.views.labels import code_label
from app.views.navigation import Section, navigation
from app.views.permitted import may

SOON = timedelta(hours=1)


class Look:
    """`look` in every template. Holds nothing: each property is of the present request."""

    @property
    def locale(self) -> str:
        """`zh` or `en`."""
        found = get_locale()
        return "en" if found is not None and found.language == "en" else "zh"

    @property
    def lang(self) -> str:
        """The `lang` attribute: Chinese pages say which script, so that the right glyphs are chosen."""
        return "en" if self.locale == "en" else "zh-CN"

    @property
    def product(self) -> str:
        """The product's name as the reader's language writes it."""
        return "Linli" if self.locale == "en" else "邻里"

    @property
    def icons(self) -> str:
        """Address of the drawing that holds every icon."""
        return url_for("static", filename="img/icons.svg")

    @property
    def languages(self) -> list[tuple[str, str]]:
        """(code, name in its own language)."""
        return [(code, str(entry["name"])) for code, entry in current_app.config["LANGUAGES"].items()]

    @property
    def actor(self) -> Actor | None:
        """Who is logged in."""
        return current_actor()

    @property
    def role_names(self) -> str:
        """The actor's roles in words."""
        actor = self.actor
        if actor is None:
            return ""
        comma = ", " if self.locale == "en" else "、"
        return comma.join(code_label("role", role) for role in sorted(actor.roles))

    @property
    def navigation(self) -> list[Section]:
        """The side navigation of this actor."""
        return navigation(self.actor)

    @property
    def password_url(self) -> str:
        """Where one's own password is changed."""
        return url_for("MyPasswordPage.this_form_get")

    @property
    def login_url(self) -> str:
        """The log-in form."""
        return url_for("LoginPage.login")

    @property
    def logout_url(self) -> str:
        """Where the session ends."""
        return url_for("LoginPage.logout")

    def may(self, permission: str, view: str) -> bool:
        """Whether the actor holds the permission."""
        return may(permission, view)

    def now(self) -> datetime:
        """The instant of this rendering."""
        return clock_now()

    def when(self, instant: datetime | None) -> str:
        """An instant as people say it: today 14:05, yesterday 09:10, 11-20 14:05, 2025-12-31."""
        if instant is None:
            return ""
        there, here = local(instant), local(clock_now())
        days = (here.date() - there.date()).days
        clock = f"{there:%H:%M}"
        if days in (-1, 0, 1):
            words = {0: gettext("today"), 1: gettext("yesterday"), -1: gettext("tomorrow")}[days]
            return f"{words} {clock}"
        return f"{there:%m-%d} {clock}" if there.year == here.year else f"{there:%Y-%m-%d}"

    def day_words(self, instant: datetime) -> str:
        """The local day with its weekday, as the reader's language writes it."""
        return str(format_date(local(instant).date(), "full"))

    def report_url(self, report: Report) -> str:
        """Where a report is read and moved on."""
        return f"/report/page/{report.id}"

    def span(self, length: timedelta) -> str:
        """A length of time in its two biggest units that matter: 2 h 5 min, 3 days."""
        minutes = max(1, round(abs(length.total_seconds()) / 60))
        if minutes < 60:
            return ngettext("%(num)d minute", "%(num)d minutes", minutes)
        hours, rest = divmod(minutes, 60)
        if hours < 10 and rest:
            return gettext("%(hours)d h %(minutes)d min", hours=hours, minutes=rest)
        if hours < 48:
            return ngettext("%(num)d hour", "%(num)d hours", hours)
        return ngettext("%(num)d day", "%(num)d days", hours // 24)

    def due_tone(self, due: datetime, now: datetime) -> str:
        """`bad` when it has passed, `warn` within the hour, else `calm`."""
        return "bad" if due <= now else "warn" if due - now <= SOON else "calm"

    def due_words(self, due: datetime, now: datetime) -> str:
        """How long is left, or since when it is late."""
        if due <= now:
            return gettext("%(span)s overdue", span=self.span(now - due))
        return gettext("%(span)s left", span=self.span(due - now))


def install_look(app: Flask) -> None:
    """Put `look` into every template, macros included."""
    app.jinja_env.globals["look"] = Look()

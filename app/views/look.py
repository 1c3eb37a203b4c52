"""What every page shows around its content: product name, language, who is logged in, navigation, times in words."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime, timedelta

from flask import Flask, current_app, g, request, url_for
from flask_babel import format_date, get_locale, gettext, ngettext

from app.adapters.clock import now as clock_now
from app.extensions import db
from app.models import Community, Report
from app.services.actors import Actor
from app.services.calendars import desk_words
from app.views.base.actor import current_actor
from app.views.base.local import local
from app.views.frame import is_rail
from app.views.guides import Step
from app.views.help_pages import tour_steps
from app.views.labels import code_label
from app.views.navigation import Link, Section, folded_groups, navigation, tabs
from app.views.permitted import may
from app.views.preferences import current_theme

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
    def static(self) -> str:
        """Where our own files begin, with the slash."""
        return f"{request.script_root}{current_app.static_url_path}/"

    @property
    def plain_key(self) -> tuple[str, ...]:
        """Under which parts of the frame are kept that are the same for everybody."""
        return ("frame", request.script_root)

    @property
    def menu_key(self) -> tuple[Hashable, ...] | None:
        """Under which the lines of the navigation are kept: whoever may do the same and stands at the same place sees the
        same. The permissions are read anew for every request, so that a change shows at once."""
        actor = self.actor
        if actor is None or not (request.path == "/" or request.path.endswith("/list/")):
            return None
        grants = current_app.extensions["appbuilder"].sm.request_grants()
        carrier = current_app.extensions["settings"].carrier
        return ("menu", request.script_root, request.path, carrier, actor.roles, grants, folded_groups())

    @property
    def icons(self) -> str:
        """Address of the drawing that holds every icon."""
        # Written out, not built: a page asks some fifty times.
        return f"{request.script_root}{current_app.static_url_path}/img/icons.svg"

    @property
    def languages(self) -> list[tuple[str, str]]:
        """(code, name in its own language)."""
        return [(code, str(entry["name"])) for code, entry in current_app.config["LANGUAGES"].items()]

    @property
    def theme(self) -> str:
        """`light`, `dark` or `auto` (as the device): the `data-theme` of the page, so that no wrong one flashes up."""
        return current_theme()

    @property
    def actor(self) -> Actor | None:
        """Who is logged in."""
        return current_actor()

    @property
    def is_staff(self) -> bool:
        """Whether somebody with a workbench is logged in: the live part of the page is for them."""
        return self.actor is not None and may("can_view", "Workbench")

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
        """The side navigation of this actor, made once a request."""
        if "linli_navigation" not in g:
            g.linli_navigation = navigation(self.actor)
        found: list[Section] = g.linli_navigation
        return found

    @property
    def tabs(self) -> list[Link]:
        """The bar at the bottom of a phone."""
        return tabs(self.navigation)

    @property
    def shortcuts(self) -> list[Link]:
        """The lines that `g` and a letter lead to."""
        return [link for section in self.navigation for link in section.links if link.key]

    @property
    def rail(self) -> bool:
        """Whether the side navigation is folded to its icons on this device."""
        return is_rail()

    @property
    def tour(self) -> tuple[Step, ...]:
        """The steps of the tour that are to be shown now."""
        return tour_steps()

    @property
    def guide_url(self) -> str:
        """The guide of this actor's role."""
        return url_for("HelpPage.guide")

    @property
    def account_url(self) -> str:
        """Where everybody keeps their own login: name, password, second factor."""
        return url_for("AccountPage.index")

    @property
    def login_url(self) -> str:
        """The log-in form."""
        return url_for("LoginPage.login")

    @property
    def logout_url(self) -> str:
        """Where the session ends."""
        return url_for("LoginPage.logout")

    @property
    def public_url(self) -> str:
        """The product's address as people outside reach it."""
        return str(current_app.extensions["settings"].public_base_url)

    def may(self, permission: str, view: str) -> bool:
        """Whether the actor holds the permission."""
        return may(permission, view)

    day = timedelta(days=1)
    """Younger than this, a thing is also said to be so and so long ago."""

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

    def desk_hours(self, community: Community) -> str:
        """When the desk of a community is staffed."""
        return desk_words(db.session(), community.id, self.locale)

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

    def span_seconds(self, seconds: int) -> str:
        """The same for a number of seconds."""
        return self.span(timedelta(seconds=seconds))

    def due_tone(self, due: datetime, now: datetime, warned: bool = False) -> str:
        """`bad` when it has passed, `warn` when its clock has warned or within the hour, else `calm`."""
        return "bad" if due <= now else "warn" if warned or due - now <= SOON else "calm"

    def due_words(self, due: datetime, now: datetime) -> str:
        """How long is left, or since when it is late."""
        if due <= now:
            return gettext("%(span)s overdue", span=self.span(now - due))
        return gettext("%(span)s left", span=self.span(due - now))


def install_look(app: Flask) -> None:
    """Put `look` into every template, macros included."""
    app.jinja_env.globals["look"] = Look()

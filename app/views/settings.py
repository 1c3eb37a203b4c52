"""The figures of the trade: every number is data (domain, first lines). Clock rules and calendars have pages of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.rules.policy_figures import AREAS, FIGURES, Figure
from app.services.policies import change_figure, figure, figures
from app.services.transaction import transaction
from app.views.base import BasePage, expose, has_access, sentence
from app.views.base.versions import MeanwhileError, hold_against, seen_of
from app.views.permitted import may

_UNITS = {
    "s": _("seconds"),
    "min": _("minutes"),
    "h": _("hours"),
    "d": _("days"),
    "%": "%",
    "MB": "MB",
    "yuan": _("yuan"),
    "": "",
}


@dataclass(frozen=True)
class ShownFigure:
    """A figure as a page shows it."""

    key: str
    label: str
    value: int
    default: int
    unit: str
    low: int
    high: int
    choices: tuple[str, ...]

    @property
    def is_changed(self) -> bool:
        """Whether somebody put another value in force than the product's."""
        return self.value != self.default

    def told(self, value: int) -> str:
        """A value in words: the choice it stands for, or the number with its unit."""
        if self.choices:
            return self.choices[value - self.low]
        return f"{value}{'' if self.unit in ('', '%') else ' '}{self.unit}"


def shown_figure(known: Figure, value: int) -> ShownFigure:
    """A figure with a value as a page shows it."""
    words = tuple(gettext(one) for one in known.words)
    unit = str(_UNITS[known.unit])
    return ShownFigure(known.key, gettext(known.label), value, known.default, unit, known.low, known.high, words)


def _in_force(known: Figure, value: int) -> str:
    return gettext("In force now: %(value)s", value=shown_figure(known, value).told(value))


class SettingView(BasePage):
    """Every figure of the trade with its meaning, value, default and limits; one is changed at a time."""

    route_base = "/settingview"
    default_view = "list"
    title = _("Settings")

    @expose("/list/")
    @has_access
    def list(self) -> Any:
        """All of them, by area."""
        self.actor()
        values = figures(db.session(), *FIGURES)
        rows = [(known.area, shown_figure(known, values[key])) for key, known in FIGURES.items()]
        parts = [(gettext(label), [row for area, row in rows if area == key]) for key, (label, _keys) in AREAS.items()]
        return self.render_template(
            "settings/list.html", title=self.title, areas=parts, may_edit=may("can_edit", "SettingView")
        )

    @expose("/edit/<key>", methods=["GET", "POST"])
    @has_access
    def edit(self, key: str) -> Any:
        """One figure: a number within its limits, or one of its choices."""
        actor = self.actor()
        known = FIGURES.get(key)
        if known is None:
            abort(404)
        typed, error, status = None, "", 200
        if request.method == "POST":
            typed = request.form.get("value", "").strip()
            try:
                with transaction() as session:
                    present = {"value": figure(session, key)}
                    text = str(known.default) if "reset" in request.form else typed
                    hold_against(present, {"value": text}, lambda _name: _in_force(known, present["value"]))
                    change_figure(session, key, text, actor, now())
            except LinliError as refusal:
                error, status = sentence(refusal), 409 if isinstance(refusal, MeanwhileError) else 422
            else:
                flash(gettext("Saved. It holds from now on."), "success")
                return redirect(url_for("SettingView.list"))
        shown = shown_figure(known, figure(db.session(), key))
        page = self.render_template(
            "settings/form.html",
            title=self.title,
            figure=shown,
            typed=str(shown.value) if typed is None else typed[:40],
            error=error,
            seen=seen_of({"value": shown.value}, now()),
        )
        return page, status

"""Inviting households: one person, or a whole building after a look at who would get what; letters for who has no mobile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort, flash, make_response, redirect, render_template, request
from flask_babel import force_locale, gettext, ngettext
from markupsafe import Markup
from sqlalchemy import select

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models import Building, House, Person, Tenure
from app.services import invitations
from app.services.access import rows
from app.services.transaction import transaction
from app.views.base import BasePage, day_text, expose, has_access, local, permission_name, sentence
from app.views.base.replay import claimed

MOST_AT_ONCE = 1000


@dataclass(frozen=True)
class Letter:
    """What is printed for one person."""

    name: str
    house: str
    code: str
    until: str
    locale: str


class InvitePage(BasePage):
    """`/invite/…`, for the desk and administrators; whom, is the row scope's answer."""

    route_base = "/invite"
    default_view = "person"

    @expose("/person/<int:person_id>", methods=["GET"])
    @has_access
    @permission_name("add")
    def person(self, person_id: int) -> Any:
        """How it stands with one person's login, and what can be done."""
        return self._person(person_id)

    @expose("/person/<int:person_id>", methods=["POST"])
    @has_access
    @permission_name("add")
    def invite_person(self, person_id: int) -> Any:
        """Invite (again), print a letter, or take an invitation back."""
        actor, do = self.actor(), request.form.get("do", "")
        person = self._own(person_id)
        name = person.name
        if do == "revoke":
            with transaction() as writing:
                invitations.revoke_open(writing, now(), person_id=person_id)
            flash(gettext("The invitation is taken back."), "success")
            return redirect(f"/invite/person/{person_id}")
        try:
            with transaction() as writing:
                form = claimed(writing, actor, now())
                made = invitations.invite(writing, actor, person_id, now(), letter=do == "letter")
                letter = self._letter(made, name, _house_of(writing, person_id))
                address = form.led_to(f"/invite/person/{person_id}")
        except LinliError as error:
            return self._person(person_id, sentence(error), error.status)
        if do == "letter":
            return _letters([letter])
        flash(gettext("The invitation is on its way to %(name)s.", name=name), "success")
        return redirect(address)

    @expose("/building/<int:building_id>", methods=["GET"])
    @has_access
    @permission_name("add")
    def building(self, building_id: int) -> Any:
        """Who of a building would be invited, and how."""
        actor = self.actor()
        building = self._own_building(building_id)
        found = invitations.people_to_invite(db.session(), actor, building_id, now())[:MOST_AT_ONCE]
        counts = {way: sum(1 for _, _, how in found if how == way) for way in ("sms", "email", "letter")}
        return self.render_template("login/invite_building.html", building=building, found=found, counts=counts)

    @expose("/building/<int:building_id>", methods=["POST"])
    @has_access
    @permission_name("add")
    def invite_building(self, building_id: int) -> Any:
        """Invite all who can be reached by SMS or e-mail, or print letters for the others."""
        actor, by_letter = self.actor(), request.form.get("do") == "letters"
        self._own_building(building_id)
        sent, letters = 0, []
        with transaction() as writing:
            form = claimed(writing, actor, now())
            for person, house, way in invitations.people_to_invite(writing, actor, building_id, now())[:MOST_AT_ONCE]:
                if (way == "letter") != by_letter:
                    continue
                made = invitations.invite(writing, actor, person.id, now(), letter=by_letter)
                letters.append(self._letter(made, person.name, house))
                sent += 1
            address = form.led_to(f"/invite/building/{building_id}")
        if by_letter and letters:
            return _letters(letters)
        flash(ngettext("%(num)d invitation is on its way.", "%(num)d invitations are on their way.", sent), "success")
        return redirect(address)

    def _person(self, person_id: int, error: str = "", status: int = 200) -> Any:
        reading = db.session()
        person = self._own(person_id)
        latest = invitations.latest_of(reading, person_id)
        page = self.render_template(
            "login/invite_person.html",
            person=person,
            house=_house_of(reading, person_id),
            latest=latest,
            state=invitations.state_of_invitation(latest, now()) if latest else "",
            mobile=invitations.mobile_of(reading, person_id),
            error=error,
        )
        return make_response(page, status)

    def _own(self, person_id: int) -> Person:
        found = db.session.scalars(select(Person).where(Person.id == person_id, rows(self.actor(), Person))).first()
        if found is None:
            abort(404)
        return found

    def _own_building(self, building_id: int) -> Building:
        mine = (Building.id == building_id, rows(self.actor(), Building))
        found = db.session.scalars(select(Building).where(*mine)).first()
        if found is None:
            abort(404)
        return found

    def _letter(self, made: Any, name: str, house: str) -> Letter:
        until = day_text(local(made.expires_at).date())
        return Letter(name, house, invitations.code_for(made), until, made.person.locale)


def _letters(letters: list[Letter]) -> str:
    """The sheets to print, each in its household's language, around them the page of whoever prints."""
    sheets = []
    for letter in letters:
        with force_locale("en" if letter.locale == "en" else "zh"):
            sheets.append(Markup(render_template("login/letter.html", letter=letter)))
    return render_template("login/letters.html", letters=sheets)


def _house_of(session: Any, person_id: int) -> str:
    latest = select(House.name).join(Tenure).where(Tenure.person_id == person_id).order_by(Tenure.starts_on.desc())
    return str(session.scalar(latest.limit(1)) or "")

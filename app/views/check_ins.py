"""`/checkin/…`: the register of check-in calls to people living alone (D13). Confidential: every opening is kept (D15)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, abort, flash, jsonify, redirect, request
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.exc import StaleDataError

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models import CheckInPlan, Person
from app.rules import check_ins as rules
from app.rules.codes import AccessAction
from app.services import audit, check_in_input, check_in_lists, check_in_register, check_in_steps, check_in_tell
from app.services.access import files, rows
from app.services.policies import figures
from app.services.transaction import transaction
from app.views.base import BasePage, expose, has_access, permission_name, sentence
from app.views.base.arguments import number_in
from app.views.base.choosing import offered
from app.views.base.local import local
from app.views.base.replay import claimed
from app.views.base.rows import as_id
from app.views.check_in_words import step_line, weekday_names, weekdays_words
from app.views.duty_forms import staff_of_community
from app.views.people import PersonFileView

PAGE = 50
FEW = 8
"""So many of the latest calls stand open on an entry's page, the earlier ones are folded."""
_FIGURES = ("check_in.tries", "check_in.retry_minutes", "check_in.contact_minutes")
_SHOWS = ("active", "away", "ended")


class CheckInPage(BasePage):
    """Who is called when, who agreed, who is sent and who is told; kept by steward, supervisor and manager."""

    route_base = "/checkin"
    default_view = "register"

    @expose("/")
    @has_access
    @permission_name("view")
    def register(self) -> Any:
        """The entries of one's rows with their latest call; `?show=away|ended`. That they were read is kept."""
        actor, at = self.actor(), now()
        show = request.args.get("show", "active")
        show = show if show in _SHOWS else "active"
        condition = {
            "active": CheckInPlan.active,
            "away": CheckInPlan.active & check_in_lists.is_away(at),
            "ended": ~CheckInPlan.active,
        }[show]
        page = number_in(request.args.get("page"), 0, 0, 10_000)
        with transaction() as session:
            total, lines = check_in_lists.register(session, actor, condition, skip=page * PAGE, most=PAGE)
            people = [line.entry.person for line in lines]
            check_in_lists.note_opened(session, actor, people, at, request.remote_addr)
            return self.render_template(
                "checkin/register.html",
                lines=lines,
                total=total,
                page=page,
                last=max(0, (total - 1) // PAGE),
                show=show,
                today=local(at).date(),
                now=at,
                weekdays_words=weekdays_words,
                unheard=check_in_lists.count_tasks(session, actor),
            )

    @expose("/people")
    @has_access
    @permission_name("keep")
    def people(self) -> Response:
        """Households for what was typed, as a picker wants them: of those whose file is the actor's to read."""
        return jsonify(**offered(PersonFileView.datamodel))

    @expose("/person/<int:pk>")
    @has_access
    @permission_name("view")
    def person(self, pk: int) -> Any:
        """From somebody's page to their entry, or to the form for one."""
        session, actor = db.session(), self.actor()
        person = session.scalars(select(Person).where(Person.id == pk, files(actor))).first() or abort(404)
        found = session.scalar(
            select(CheckInPlan.id).where(CheckInPlan.person_id == person.id, rows(actor, CheckInPlan))
        )
        return redirect(f"/checkin/{found}" if found is not None else f"/checkin/new?person={pk}")

    @expose("/new")
    @has_access
    @permission_name("keep")
    def new(self) -> Any:
        """The form; `?person=` fills in what is known of somebody."""
        known = {"weekdays": list(rules.WEEKDAYS), "times": "08:30", "consented_on": f"{local(now()):%Y-%m-%d}"}
        return self._form(None, {**known, "person_id": request.args.get("person", "")}, [], "", 200)

    @expose("/new", methods=["POST"])
    @has_access
    @permission_name("keep")
    def add(self) -> Any:
        """Take somebody into the register."""
        return self._save(None)

    @expose("/<int:pk>")
    @has_access
    @permission_name("view")
    def show(self, pk: int) -> Any:
        """One entry with its latest calls. That it was opened is kept before it is shown."""
        return self._show(pk, {}, "", "", 200)

    @expose("/<int:pk>/edit")
    @has_access
    @permission_name("keep")
    def edit(self, pk: int) -> Any:
        """The form of an entry: it shows everything, so opening it is kept, too."""
        with transaction() as session:
            self._opened(session, self._own(session, pk))
        entry = self._own(db.session(), pk)
        return self._form(entry, _values(entry), _contacts(entry), "", 200)

    @expose("/<int:pk>/edit", methods=["POST"])
    @has_access
    @permission_name("keep")
    def change(self, pk: int) -> Any:
        """Keep the changes; an entry that had ended is taken up again."""
        return self._save(pk)

    @expose("/<int:pk>/away", methods=["POST"])
    @has_access
    @permission_name("keep")
    def away(self, pk: int) -> Any:
        """Not called from a day until a day, or until further notice."""
        words = gettext("Marked as away: not called on these days.")
        return self._step(pk, "away", words, lambda s, entry: check_in_register.pause(
            s, self.actor(), entry, request.form.to_dict(), now()))  # fmt: skip

    @expose("/<int:pk>/back", methods=["POST"])
    @has_access
    @permission_name("keep")
    def back(self, pk: int) -> Any:
        """Called again."""
        words = gettext("Back: called again from the next time on.")
        return self._step(pk, "back", words, lambda s, entry: check_in_register.resume(s, self.actor(), entry, now()))

    @expose("/<int:pk>/end", methods=["POST"])
    @has_access
    @permission_name("keep")
    def end(self, pk: int) -> Any:
        """No calls any more."""
        words = gettext("The calls have ended. The record stays.")
        return self._step(pk, "end", words, lambda s, entry: check_in_register.end(
            s, self.actor(), entry, request.form.get("words"), now()))  # fmt: skip

    # ---- what is shown
    def _step(self, pk: int, where: str, words: str, do: Callable[[Session, CheckInPlan], Any]) -> Any:
        try:
            with transaction() as session:
                form = claimed(session, self.actor(), now())
                do(session, self._own(session, pk))
                address = form.led_to(f"/checkin/{pk}")
        except LinliError as error:
            return self._show(pk, request.form.to_dict(), where, sentence(error), error.status)
        flash(words, "success")
        return redirect(address)

    def _save(self, pk: int | None) -> Any:
        actor, at, sent = self.actor(), now(), request.form.to_dict()
        values = {**sent, "weekdays": request.form.getlist("weekdays")}
        contacts = _sent_contacts()
        entry = None if pk is None else self._own(db.session(), pk)
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                known = None if pk is None else self._own(session, pk)
                draft = check_in_input.read(session, actor, sent, values["weekdays"], contacts, at)
                made = check_in_register.save(session, actor, draft, at, known, sent.get("revision", ""))
                address = form.led_to(f"/checkin/{made.id}")
        except StaleDataError:
            words = gettext("Somebody else has just changed this entry. Look at it again, then change it.")
            return self._form(entry, values, contacts, words, 409)
        except LinliError as error:
            db.session().rollback()
            entry = None if pk is None else self._own(db.session(), pk)
            if error.status == 409:
                # Told that somebody was faster, the reader may keep to the own words: sending again is a decision then.
                values.pop("revision", None)
            return self._form(entry, values, contacts, sentence(error), error.status)
        flash(gettext("Kept."), "success")
        return redirect(address)

    def _form(
        self, entry: CheckInPlan | None, values: dict[str, Any], contacts: list[dict[str, str]], error: str, status: int
    ) -> Any:
        session, actor, at = db.session(), self.actor(), now()
        pk = entry.person_id if entry else as_id(str(values.get("person_id", "")))
        person = session.scalars(select(Person).where(Person.id == pk, files(actor))).first() if pk else None
        houses = check_in_input.houses_of(session, actor, person, local(at).date()) if person else []
        community_id = (
            entry.community_id if entry else houses[0].community_id if houses else min(actor.community_ids, default=0)
        )
        spare = check_in_input.MOST_CONTACTS - len(contacts)
        page = self.render_template(
            "checkin/form.html",
            entry=entry,
            person=person,
            values=values,
            contacts=[*contacts, *({} for _ in range(spare))],
            error=error,
            houses=houses,
            numbers=[link.phone.number for link in person.phone_links] if person else [],
            staff=staff_of_community(session, actor, community_id),
            weekdays=weekday_names(),
            most_times=rules.MOST_TIMES,
        )
        return page, status

    def _show(self, pk: int, sent: dict[str, str], where: str, error: str, status: int) -> Any:
        at = now()
        with transaction() as session:
            entry = self._own(session, pk)
            self._opened(session, entry)
            page = self.render_template(
                "checkin/show.html",
                entry=entry,
                calls=check_in_lists.calls_of(session, entry),
                few=FEW,
                steps=[step_line(step) for step in check_in_steps.register_steps(session, entry)],
                sent_there=check_in_tell.responsible(session, entry, at),
                figures=figures(session, *_FIGURES),
                weekdays_words=weekdays_words,
                away=entry.active and rules.is_away(check_in_steps.booked(entry), local(at).date()),
                values=sent,
                failed=where,
                error=error,
                today=local(at).date(),
                now=at,
            )
        return page, status

    def _opened(self, session: Session, entry: CheckInPlan) -> None:
        audit.record(
            session,
            self.actor(),
            AccessAction.FILE_READ,
            entry.person.name,
            now(),
            kind="person",
            row_id=entry.person_id,
            address=request.remote_addr,
        )

    def _own(self, session: Session, pk: int) -> CheckInPlan:
        statement = select(CheckInPlan).where(CheckInPlan.id == pk, rows(self.actor(), CheckInPlan))
        options = (joinedload(CheckInPlan.person), joinedload(CheckInPlan.house), selectinload(CheckInPlan.contacts))
        return session.scalars(statement.options(*options)).first() or abort(404)


def _values(entry: CheckInPlan) -> dict[str, Any]:
    return {
        "person_id": str(entry.person_id),
        "house_id": str(entry.house_id),
        "number": entry.number,
        "weekdays": list(entry.weekdays),
        "times": entry.times.replace(",", ", "),
        "consent_by": entry.consent_by,
        "consented_on": f"{entry.consented_on}",
        "steward_id": str(entry.steward_id or ""),
        "note": entry.note,
        "revision": str(entry.revision),
    }


def _contacts(entry: CheckInPlan) -> list[dict[str, str]]:
    return [
        {"name": one.name, "relation": one.relation, "number": one.number, "locale": one.locale}
        for one in entry.contacts
    ]


def _sent_contacts() -> list[dict[str, str]]:
    """The rows of the form that say anything."""
    names = ("name", "relation", "number", "locale")
    columns = [request.form.getlist(f"contact_{name}")[: check_in_input.MOST_CONTACTS] for name in names]
    found = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=False)]
    return [one for one in found if one["name"].strip() or one["number"].strip()]

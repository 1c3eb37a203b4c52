"""`/duty/rotations…`: the rotations of a community, each with what it makes of the coming weeks (D7)."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.exc import StaleDataError

from app.adapters.clock import now
from app.errors import N_, LinliError, Refused
from app.extensions import db
from app.models import DutyRotation, RotationMember, Staff
from app.rules.codes import Tier
from app.services import rotation_input, rotations
from app.services.access import rows
from app.services.actors import Actor
from app.services.transaction import transaction
from app.views.base import BasePage, expose, has_access, permission_name, sentence
from app.views.base.local import local
from app.views.base.replay import claimed
from app.views.base.rows import as_id
from app.views.duty_forms import communities, hours, staff_of_community
from app.views.labels import choices

_SPARE_PLACES = 3
_SHOWN_TURNS = 42
_MEMBERS = selectinload(DutyRotation.members).joinedload(RotationMember.staff)


class DutyRotationPage(BasePage):
    """Rotations are looked at by the staff and kept by who answers for the roster."""

    route_base = "/duty/rotations"
    default_view = "overview"

    @expose("/")
    @has_access
    @permission_name("view")
    def overview(self) -> Any:
        """Every rotation of the actor's communities, the running ones first."""
        statement = (
            select(DutyRotation)
            .where(rows(self.actor(), DutyRotation))
            .options(_MEMBERS, joinedload(DutyRotation.community))
            .order_by(DutyRotation.active.desc(), DutyRotation.community_id, DutyRotation.tier, DutyRotation.id)
        )
        found = db.session().scalars(statement).all()
        ordered = sorted(found, key=lambda one: (not one.active, one.community_id, list(Tier).index(Tier(one.tier))))
        return self.render_template("duty/rotations.html", rotations=ordered, today=local(now()).date())

    @expose("/new")
    @has_access
    @permission_name("change")
    def new(self) -> Any:
        """The empty form."""
        known = {"starts_on": f"{local(now()):%Y-%m-%d}", "handoffs": "08:00, 20:00", "community": ""}
        return self._form(None, known | {"tier": request.args.get("tier", "")[:20]}, [], "", 200)

    @expose("/new", methods=["POST"])
    @has_access
    @permission_name("change")
    def add(self) -> Any:
        """Keep a new rotation, or only show what it would make (`look`)."""
        return self._save(None)

    @expose("/<int:pk>")
    @has_access
    @permission_name("change")
    def edit(self, pk: int) -> Any:
        """The form of a kept rotation."""
        rotation = self._own(db.session(), pk)
        return self._form(rotation, _values(rotation), [member.staff_id for member in rotation.members], "", 200)

    @expose("/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("change")
    def change(self, pk: int) -> Any:
        """Keep the changes: shifts to come follow, what has begun stays."""
        return self._save(pk)

    @expose("/<int:pk>/end", methods=["POST"])
    @has_access
    @permission_name("change")
    def end(self, pk: int) -> Any:
        """No more shifts from this rotation."""
        actor, at = self.actor(), now()
        with transaction() as session:
            gone = rotations.end(session, actor, self._own(session, pk), at)
        flash(gettext("The rotation has ended; %(count)s coming shifts are off the roster.", count=gone), "success")
        return redirect("/duty/rotations/")

    def _save(self, pk: int | None) -> Any:
        actor, at, sent, people = self.actor(), now(), request.form.to_dict(), request.form.getlist("people")
        try:
            with transaction() as session:
                form = claimed(session, actor, at) if "look" not in sent else None
                rotation = None if pk is None else self._own(session, pk)
                draft = rotation_input.read(session, actor, sent, people)
                if form is None:
                    return self._form(rotation, sent, people, "", 200, rotations.preview(session, draft.rule, at))
                if rotation is not None and sent.get("revision") != str(rotation.revision):
                    raise Refused(
                        N_("Somebody else has changed this rotation meanwhile. Look at it again, then change it.")
                    )
                made = rotations.save(session, actor, draft, at, rotation)
                address = form.led_to(f"/duty/?community={made.community_id}")
        except StaleDataError:
            return self._form(None, sent, people, gettext("Somebody else has just changed this rotation."), 409)
        except LinliError as error:
            rotation = None if pk is None else self._own(db.session(), pk)
            return self._form(rotation, sent, people, sentence(error), error.status)
        flash(gettext("The rotation is kept, and its shifts are on the roster."), "success")
        return redirect(address)

    def _form(
        self,
        rotation: DutyRotation | None,
        values: dict[str, Any],
        people: list[Any],
        error: str,
        status: int,
        turns: list[Any] | None = None,
    ) -> Any:
        session, actor = db.session(), self.actor()
        found = communities(session, actor)
        wanted = as_id(values.get("community", ""))
        community = next((one for one in found if one.id == wanted), None) or (found[0] if found else None)
        staff = staff_of_community(session, actor, community.id) if community else []
        chosen = [str(one) for one in people if one not in (None, "")]
        page = self.render_template(
            "duty/rotation.html",
            rotation=rotation,
            values=values,
            places=[*chosen, *[""] * max(_SPARE_PLACES, 6 - len(chosen))][: rotation_input.MOST_PLACES],
            error=error,
            communities=found,
            community=community,
            staff=staff,
            tiers=choices("tier"),
            patterns=choices("rotation_pattern"),
            days=choices("duty_days"),
            turns=_named_turns(session, actor, turns) if turns is not None else None,
            hours=hours,
        )
        return page, status

    def _own(self, session: Session, pk: int) -> DutyRotation:
        statement = select(DutyRotation).where(DutyRotation.id == pk, rows(self.actor(), DutyRotation))
        rotation = session.scalars(statement.options(_MEMBERS)).one_or_none()
        return rotation or abort(404)


def _values(rotation: DutyRotation) -> dict[str, Any]:
    return {
        "community": str(rotation.community_id),
        "tier": rotation.tier,
        "name": rotation.name,
        "pattern": rotation.pattern,
        "days": rotation.days,
        "days_on": str(rotation.days_on),
        "days_off": str(rotation.days_off),
        "handoffs": rotation.handoffs.replace(",", ", "),
        "until": rotation.until or "",
        "starts_on": f"{rotation.starts_on}",
        "ends_on": f"{rotation.ends_on or ''}",
        "number": rotation.number or "",
    }


def _named_turns(session: Session, actor: Actor, turns: list[Any]) -> list[tuple[Any, str]]:
    ids = {turn.person for turn in turns}
    names = dict(
        session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(ids), rows(actor, Staff))).tuples().all()
    )
    return [(turn, names.get(turn.person, "")) for turn in turns[:_SHOWN_TURNS]]

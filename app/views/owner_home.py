"""`/owner/house` and `/owner/file`: my house, my family and their telephones, my own file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.services import my_home, own_file
from app.services.names import is_english
from app.services.transaction import transaction
from app.views.base import expose, has_access, local, permission_name, sentence
from app.views.base.cells import phone_text
from app.views.base.replay import claimed
from app.views.base.rows import as_id
from app.views.column_labels import COLUMN_LABELS
from app.views.owner_base import OwnerBase
from app.views.owner_calls import WISHES

WISH_NAMES = {code: name for code, (name, _why) in WISHES.items()}


class OwnerHome(OwnerBase):
    """A household's house and people; every change is written down and shown."""

    default_view = "house"
    tab = "more"

    @expose("/house")
    @has_access
    @permission_name("view")
    def house(self) -> Any:
        """The houses, who lives there, the telephones, what was changed."""
        return self._house({}, "", "", 200)

    @expose("/house/phone", methods=["POST"])
    @has_access
    @permission_name("edit")
    def add_phone(self) -> Any:
        """A further number for oneself or for a member of the family."""
        sent, at = request.form.to_dict(), now()
        person_id = as_id(sent.get("person_id", "")) or -1

        def do(session: Session) -> str:
            shared = my_home.add_phone(session, self.actor(), person_id, sent.get("number", ""), at, local(at).date())
            return _added(sent.get("number", ""), shared)

        return self._done(do, sent, f"phone-{person_id}")

    @expose("/house/phone/remove", methods=["POST"])
    @has_access
    @permission_name("edit")
    def remove_phone(self) -> Any:
        """A number is not used any more."""
        sent, at = request.form.to_dict(), now()
        person_id, link_id = as_id(sent.get("person_id", "")) or -1, as_id(sent.get("link_id", "")) or -1

        def do(session: Session) -> str:
            number = my_home.remove_phone(session, self.actor(), person_id, link_id, at, local(at).date())
            return gettext("%(number)s is taken off.", number=phone_text(number))

        return self._done(do, sent, f"phone-{person_id}")

    @expose("/house/member", methods=["POST"])
    @has_access
    @permission_name("edit")
    def add_member(self) -> Any:
        """Somebody of the family lives here too."""
        sent, at = request.form.to_dict(), now()
        house_id = as_id(sent.get("house_id", "")) or -1

        def do(session: Session) -> str:
            person, shared = my_home.add_member(
                session, self.actor(), house_id, sent.get("name", ""), sent.get("number", ""), at, local(at).date()
            )
            words = gettext("%(name)s is in your household now.", name=person.name)
            return f"{words} {_shared_words()}" if shared else words

        return self._done(do, sent, f"member-{house_id}")

    @expose("/house/member/end", methods=["POST"])
    @has_access
    @permission_name("edit")
    def end_member(self) -> Any:
        """Somebody of the family has moved out."""
        sent, at = request.form.to_dict(), now()

        def do(session: Session) -> str:
            key = as_id(sent.get("tenure_id", "")) or -1
            name = my_home.end_member(session, self.actor(), key, at, local(at).date())
            return gettext("%(name)s belongs to your household until today.", name=name)

        return self._done(do, sent, "member")

    @expose("/file")
    @has_access
    @permission_name("view")
    def file(self) -> Any:
        """One's own file."""
        return self._file(None, "", 200)

    @expose("/file", methods=["POST"])
    @has_access
    @permission_name("edit")
    def edit_file(self) -> Any:
        """Change it."""
        sent, at = request.form.to_dict(), now()
        try:
            with transaction() as session:
                changed = own_file.edit(session, self.actor(), sent, at, local(at).date())
        except LinliError as error:
            return self._file(sent, sentence(error), error.status)
        flash(gettext("Saved.") if changed else gettext("Nothing was changed."), "success")
        return redirect("/owner/house")

    def _done(self, do: Callable[[Session], str], sent: dict[str, str], where: str) -> Any:
        """Write, say what happened, go back; or show the page with what was typed and why not."""
        try:
            with transaction() as session:
                form = claimed(session, self.actor(), now())
                words = do(session)
                form.led_to("/owner/house")
        except LinliError as error:
            return self._house(sent, where, sentence(error), error.status)
        flash(words, "success")
        return redirect("/owner/house")

    def _house(self, values: dict[str, str], failed: str, error: str, status: int) -> Any:
        session, actor, frame, at = db.session(), self.actor(), self.frame(), now()
        today = local(at).date()
        houses = [house for house, _community in frame.homes if house.id in frame.house_ids]
        return self.page(
            "owner/house.html",
            status,
            frame=frame,
            homes=my_home.homes(session, actor, houses, today),
            changes=my_home.changes(session, actor, today),
            change_words=change_words,
            values=values,
            failed=failed,
            error=error,
            today=today,
        )

    def _file(self, sent: dict[str, str] | None, error: str, status: int) -> Any:
        person = own_file.own_person(db.session(), self.actor())
        values = own_file.values_of(person)
        if sent is not None:
            values = {name: sent.get(name, "") for name in values}
        return self.page(
            "owner/file.html", status, values=values, stamp=own_file.stamp(person), person=person, error=error
        )


def change_words(change: Any) -> str:
    """A line of what the household changed."""
    if change.what == "file_changed":
        names = ", " if is_english() else "、"
        return gettext("File changed: %(fields)s", fields=names.join(_field(name) for name in change.detail.split(",")))
    if change.what in ("wish_on", "wish_off"):
        number, _space, wish = change.detail.partition(" ")
        params = {"number": phone_text(number), "what": WISH_NAMES.get(wish, wish)}
        on = change.what == "wish_on"
        return gettext("%(number)s: %(what)s on", **params) if on else gettext("%(number)s: %(what)s off", **params)
    detail = phone_text(change.detail) if change.what.startswith("phone") else change.detail
    words = {
        "phone_added": gettext("Number added: %(detail)s", detail=detail),
        "phone_removed": gettext("Number taken off: %(detail)s", detail=detail),
        "member_added": gettext("Added to the household: %(detail)s", detail=detail),
        "pin_set": gettext("Telephone PIN set"),
        "pin_removed": gettext("Telephone PIN taken off"),
        "pin_unlocked": gettext("Telephone PIN opened again by the desk"),
        "member_ended": gettext("Moved out: %(detail)s", detail=detail),
    }
    return words.get(change.what, detail)


def _field(name: str) -> str:
    return str(COLUMN_LABELS.get(name, name))


def _added(number: str, shared: bool) -> str:
    words = gettext("%(number)s is added.", number=phone_text(number.strip()))
    return f"{words} {_shared_words()}" if shared else words


def _shared_words() -> str:
    return gettext(
        "Another household uses this number too. That is allowed: when it calls, the hotline asks for the house."
    )

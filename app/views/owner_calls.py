"""`/owner/calls`: which automatic calls and texts a household wants, in which language, and its own check-in calls (D13)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models import House
from app.services import call_wishes, check_in_register, check_in_tell, own_file
from app.services.transaction import transaction
from app.views.base import expose, has_access, local, permission_name, sentence
from app.views.base.replay import claimed
from app.views.base.rows import as_id
from app.views.check_in_words import weekdays_words
from app.views.owner_base import OwnerBase

WISHES: dict[str, tuple[Any, Any]] = {
    "return_visit": (_("How satisfied you are"), _("A call when work for you was finished.")),
    "notice": (_("Notices"), _("Water and power cuts, works, festivals: by call and text. They stand on your page as well.")),
    "reminder": (_("Reminders of what is owed"), _("When a bill is past its day.")),
    "survey": (_("Opinion surveys"), _("A text with a link to a few questions about the service.")),
    call_wishes.TEXTS: (_("All text messages"), _("As if you had answered STOP: tickets, notices, reminders. Danger comes through.")),
}  # fmt: skip
"""What may be switched off → its name, and what it is about."""

ALWAYS: tuple[tuple[Any, Any], ...] = (
    (_("Danger in your building"), _("Leave at once, keep away: at any hour, to every telephone. It cannot be switched off.")),
    (_("Wake-up calls"), _("Only what you have booked; cancel the booking and nobody calls.")),
    (_("Check-in calls"), _("Only for who lives alone and has agreed; they end when you say so.")),
)  # fmt: skip


class OwnerCalls(OwnerBase):
    """One's own numbers and those of the family one keeps; nobody else's."""

    default_view = "calls"
    tab = "more"

    @expose("/calls")
    @has_access
    @permission_name("view")
    def calls(self) -> Any:
        """What each number wants, what always comes, the language, one's check-in calls."""
        return self._page("", "", 200)

    @expose("/calls/number", methods=["POST"])
    @has_access
    @permission_name("edit")
    def number(self) -> Any:
        """Keep what one number wants."""
        phone_id, at = as_id(request.form.get("phone_id", "")) or -1, now()
        wanted = request.form.getlist("wanted")

        def do(session: Session) -> str:
            changed = call_wishes.save(
                session, self.actor(), self._houses(session), phone_id, wanted, at, local(at).date()
            )
            return (
                gettext("Kept: it holds from the next call and text on.")
                if changed
                else gettext("Nothing was changed.")
            )

        return self._done(do, f"phone-{phone_id}")

    @expose("/calls/language", methods=["POST"])
    @has_access
    @permission_name("edit")
    def language(self) -> Any:
        """The language calls, texts and mails come in."""

        def do(session: Session) -> str:
            changed = call_wishes.set_language(session, self.actor(), request.form.get("locale", ""), now())
            return gettext("Saved.") if changed else gettext("Nothing was changed.")

        return self._done(do, "language")

    @expose("/calls/away", methods=["POST"])
    @has_access
    @permission_name("edit")
    def away(self) -> Any:
        """No check-in calls while one is away."""

        def do(session: Session) -> str:
            entry = check_in_register.my_entry(session, self.actor())
            check_in_register.pause(session, self.actor(), entry, request.form.to_dict(), now())
            return gettext("You are not called on these days.")

        return self._done(do, "away")

    @expose("/calls/back", methods=["POST"])
    @has_access
    @permission_name("edit")
    def back(self) -> Any:
        """Called again."""

        def do(session: Session) -> str:
            entry = check_in_register.my_entry(session, self.actor())
            check_in_register.resume(session, self.actor(), entry, now())
            return gettext("Welcome back: you are called again from the next time on.")

        return self._done(do, "away")

    @expose("/calls/end", methods=["POST"])
    @has_access
    @permission_name("edit")
    def end(self) -> Any:
        """Take one's consent to the check-in calls back."""

        def do(session: Session) -> str:
            entry = check_in_register.my_entry(session, self.actor())
            check_in_register.end(session, self.actor(), entry, "", now())
            return gettext("You get no more check-in calls. Your steward hears of it.")

        return self._done(do, "away")

    def _houses(self, session: Session) -> list[House]:
        ids = sorted(self.actor().house_ids)
        return [house for house in (session.get(House, pk) for pk in ids) if house is not None]

    def _done(self, do: Callable[[Session], str], where: str) -> Any:
        try:
            with transaction() as session:
                form = claimed(session, self.actor(), now())
                words = do(session)
                form.led_to("/owner/calls")
        except LinliError as error:
            return self._page(where, sentence(error), error.status)
        flash(words, "success")
        return redirect("/owner/calls")

    def _page(self, failed: str, error: str, status: int) -> Any:
        session, actor, at = db.session(), self.actor(), now()
        today = local(at).date()
        entry = check_in_register.own_entry(session, actor)
        return self.page(
            "owner/calls.html",
            status,
            numbers=call_wishes.of_household(session, actor, self._houses(session), today),
            person=own_file.own_person(session, actor) if actor.person_id is not None else None,
            wishes=WISHES,
            always=ALWAYS,
            refusable=call_wishes.REFUSABLE,
            entry=entry,
            sent_there=check_in_tell.responsible(session, entry, at) if entry else [],
            weekdays_words=weekdays_words,
            failed=failed,
            error=error,
            values=request.form.to_dict(),
            today=today,
        )

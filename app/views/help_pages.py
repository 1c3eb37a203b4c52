"""`/help/`: a role's guide on one page, made to be printed; the tour on the first page is made from the same source."""

from __future__ import annotations

from typing import Any

from flask import abort, session

from app.extensions import db
from app.rules.codes import Role
from app.services import household, workbench
from app.services.actors import Actor
from app.services.workbench_queues import QUEUES
from app.views.base import BasePage, current_actor, expose, has_access, permission_name
from app.views.guides import GUIDES, Step

HOUSEHOLD = (Role.OWNER, Role.RESIDENT)


class HelpPage(BasePage):
    """The guides. They hold no records: any role may read any, to teach a colleague."""

    route_base = "/help"
    default_view = "guide"

    @expose("/")
    @expose("/<string:role>")
    @has_access
    @permission_name("view")
    def guide(self, role: str = "") -> Any:
        """One's own guide, or that of another role."""
        actor = self.actor()
        role = role or guided_role(actor) or Role.ASSISTANT
        if role not in GUIDES:
            abort(404)
        return self.render_template(
            "help/guide.html",
            role=role,
            guide=GUIDES[role],
            queues=[QUEUES[code] for code in workbench.BY_ROLE.get(role, ())],
            numbers=sorted(set(household.hotlines(db.session(), actor).values())),
            roles=[] if actor.has(*HOUSEHOLD) else list(GUIDES),
            is_household=role in HOUSEHOLD,
        )


def guided_role(actor: Actor | None) -> str:
    """The role whose guide and tour somebody gets, or nothing."""
    if actor is None:
        return ""
    role = workbench.main_role(actor)
    return role if role in GUIDES else next((each for each in HOUSEHOLD if actor.has(each)), "")


def tour_steps() -> tuple[Step, ...]:
    """The steps to show on this page: of the actor's role, until they were seen or put away."""
    if not session.get("tour"):
        return ()
    role = guided_role(current_actor())
    return GUIDES[role].steps if role else ()

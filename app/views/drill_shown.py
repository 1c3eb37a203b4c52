"""The page of one drill, as it stands or with why a step was refused (D7)."""

from __future__ import annotations

from typing import Any

from flask import abort, request

from app.adapters.clock import now
from app.extensions import db
from app.rules import drills as rules
from app.rules.codes import DrillState
from app.services import drill_lists, drills
from app.views.base import BasePage
from app.views.base.local import local
from app.views.drill_words import WORDS
from app.views.duty_forms import staff_of_community
from app.views.permitted import may


def drill_page(page: BasePage, pk: int, error: str = "", status: int = 200) -> Any:
    """Who takes part, how it went, what was found; the steps that are the reader's. 404 where it is not theirs to see."""
    db.session.rollback()
    session, actor = db.session(), page.actor()
    drill = drills.find(session, actor, pk, whole=True) or abort(404)
    records = may("can_record", "DrillRecordPage")
    leads = records and rules.may_record(actor.roles, actor.staff_id, drill.leader_id)
    planned, held = drill.state == DrillState.PLANNED, drill.state == DrillState.HELD
    shown = page.render_template(
        "drills/show.html",
        drill=drill,
        findings=drill_lists.findings_of(session, drill),
        plans=planned and may("can_plan", "DrillPage") and rules.may_plan(actor.roles),
        writes=may("can_write", "PlanPage"),
        leads=leads and (planned or held),
        ends=lambda one: records and rules.may_end(actor.roles, actor.staff_id, drill.leader_id, one.staff_id),
        people=staff_of_community(session, actor, drill.community_id) if leads and held else [],
        error=error,
        sent=request.form,
        today=local(now()).date(),
        **WORDS,
    )
    return shown, status

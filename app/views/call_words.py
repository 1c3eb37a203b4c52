"""What a caller has chosen and said so far, in words: for the card that the desk sees while the telephone rings."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from app.models import Call
from app.rules.call_flow import Step
from app.rules.codes import Kind
from app.services import knowledge_search
from app.services.actors import Actor
from app.services.calls import flow_of
from app.services.knowledge_search import Found
from app.views.labels import code_label

STEPS = {
    Step.MENU: _("hears the menu"),
    Step.HOUSE: _("is asked which house"),
    Step.WHICH_HOUSE: _("is naming the house"),
    Step.HOUSE_CHECK: _("confirms the house"),
    Step.SERVICE: _("is choosing a service"),
    Step.SERVICE_KIND: _("is choosing a service"),
    Step.SERVICE_PRICE: _("hears the price of a service"),
    Step.SERVICE_NOTE: _("is saying what the service is for"),
    Step.WAKE_TIME: _("is booking a wake-up call"),
    Step.WAKE_NUMBER: _("is booking a wake-up call"),
    Step.WAKE_CHECK: _("is booking a wake-up call"),
    Step.DESCRIBE: _("is describing the matter"),
    Step.RECORD: _("is leaving a message"),
    Step.SAME: _("is asked whether it is the matter known already"),
    Step.PLACE: _("is asked where it is"),
    Step.WHERE: _("is describing the place"),
    Step.CONFIRM: _("hears it read back"),
    Step.PROGRESS: _("asks about the progress of a ticket"),
    Step.PROGRESS_NEXT: _("asks about the progress of a ticket"),
    Step.FEES_HOUSE: _("asks about fees"),
    Step.FEES_PIN: _("is keying in the telephone PIN"),
    Step.FEES: _("asks about fees"),
    Step.PERSON: _("is being connected with a person"),
    Step.MESSAGE: _("is leaving a message"),
    Step.EMERGENCY: _("reports an emergency"),
    Step.QUEUE: _("waits for somebody to take the emergency"),
    Step.END: _("has finished"),
}
"""Step of the call flow → what the caller is doing now. A test holds every step to have words."""


def said(call: Call) -> list[tuple[str, str]]:
    """(label, words) of what is known so far, in the order it is asked."""
    flow = flow_of(call)
    facts = flow.facts
    lines = []
    if call.ended_at is None:
        lines.append((gettext("Now"), str(STEPS[flow.step])))
    if facts.kind:
        lines.append((gettext("Wants"), code_label("kind", facts.kind)))
    if facts.house is not None:
        lines.append((gettext("House named"), facts.house.name))
    elif facts.house_said:
        lines.append((gettext("House named"), facts.house_said))
    if facts.description:
        lines.append((gettext("Words"), facts.description))
    elif facts.recorded:
        lines.append((gettext("Words"), gettext("left as a recording")))
    if facts.place:
        lines.append((gettext("Place"), facts.place))
    if facts.further_number:
        lines.append((gettext("Perhaps the same as"), facts.further_number))
    if facts.callback:
        lines.append((gettext("Asked for"), gettext("a call back")))
    return lines


def heard_answers(session: Session, actor: Actor, call: Call, today: date) -> list[Found]:
    """The standard answers that fit what was understood so far: by the words and their category. None for a call in danger."""
    facts = flow_of(call).facts
    if not facts.description or facts.kind == Kind.EMERGENCY:
        return []
    category_id = knowledge_search.category_of(session, facts.category)
    return knowledge_search.find(
        session, actor, facts.description, today, category_id=category_id, community_id=call.community_id, most=3
    )

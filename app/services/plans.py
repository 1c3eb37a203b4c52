"""The library of emergency plans (D7): written, reviewed by the supervisor, put in force by the manager. Never commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, literal, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from app.errors import N_, Forbidden, Invalid, NotFound, Refused
from app.models import Category, Community, EmergencyPlan, PlanVersion, SpecialEvent
from app.models.base import BIGGEST_ID
from app.rules import plans as rules
from app.rules.codes import PlanKind, PlanState
from app.services import edit_changes
from app.services.access import rows
from app.services.actors import Actor
from app.services.plan_input import Raw, fingerprint, read_content
from app.services.ticket_input import SHORT_LIMIT, choice, clean_text, row_id

ON_ITS_WAY = (PlanState.DRAFT, PlanState.REVIEWED)


def listed(session: Session, actor: Actor) -> list[PlanVersion]:
    """The library: of each plan the version in force, else the one on its way; a community's own before those for all."""
    wanted = (
        select(PlanVersion)
        .join(PlanVersion.plan)
        .outerjoin(EmergencyPlan.community)
        .where(
            rows(actor, EmergencyPlan),
            EmergencyPlan.retired_at.is_(None),
            PlanVersion.state.in_((PlanState.IN_FORCE, *ON_ITS_WAY)),
        )
        .options(contains_eager(PlanVersion.plan).contains_eager(EmergencyPlan.community))
        .order_by(PlanVersion.id)
    )
    found: dict[int, PlanVersion] = {}
    for version in session.scalars(wanted).unique():
        known = found.get(version.plan_id)
        if known is None or version.state == PlanState.IN_FORCE:
            found[version.plan_id] = version
    kinds = list(PlanKind)
    return sorted(found.values(), key=lambda one: (kinds.index(PlanKind(one.plan.kind)), one.plan.community_id or 0))


def turns(actor: Actor) -> ColumnElement[bool]:
    """The versions whose next step is the actor's: to review, or to put in force (`rules.STEPS`), by whose plan it is."""
    found = []
    for step in (rules.STEPS["review"], rules.STEPS["force"]):
        state = PlanVersion.state.in_(step.sources)
        if actor.roles & step.roles:
            found.append(and_(state, EmergencyPlan.community_id.is_not(None)))
        if actor.roles & step.company:
            found.append(and_(state, EmergencyPlan.community_id.is_(None)))
    return or_(false(), *found)


def waiting_count(actor: Actor) -> ColumnElement[int]:
    """How many, as a column of somebody else's statement."""
    if not any(actor.roles & (rules.STEPS[name].roles | rules.STEPS[name].company) for name in ("review", "force")):
        return literal(0)
    found = select(func.count(PlanVersion.id)).join(PlanVersion.plan)
    return found.where(turns(actor), rows(actor, EmergencyPlan)).scalar_subquery()


def waiting(session: Session, actor: Actor, *, turn: bool = False) -> list[PlanVersion]:
    """The versions on their way that the actor may see; `turn` only those whose next step is the actor's."""
    wanted = (
        select(PlanVersion)
        .join(PlanVersion.plan)
        .where(rows(actor, EmergencyPlan), turns(actor) if turn else PlanVersion.state.in_(ON_ITS_WAY))
        .options(joinedload(PlanVersion.plan))
        .order_by(PlanVersion.drafted_at, PlanVersion.id)
    )
    return list(session.scalars(wanted))


def find(session: Session, actor: Actor, plan_id: int) -> EmergencyPlan | None:
    """The plan of this id, if it is the actor's to see."""
    if not 0 < plan_id <= BIGGEST_ID:
        return None
    return session.scalars(select(EmergencyPlan).where(EmergencyPlan.id == plan_id, rows(actor, EmergencyPlan))).first()


def find_version(session: Session, actor: Actor, plan_id: int, number: int | None = None) -> PlanVersion | None:
    """A version by its number; without one that in force, else the newest that was not dropped, else the newest."""
    plan = find(session, actor, plan_id)
    if plan is None:
        return None
    if number is not None:
        return next((one for one in plan.versions if one.number == number), None)
    return in_force(plan) or on_its_way(plan) or next(iter(plan.versions), None)


def in_force(plan: EmergencyPlan) -> PlanVersion | None:
    """The version that counts."""
    return next((one for one in plan.versions if one.state == PlanState.IN_FORCE), None)


def on_its_way(plan: EmergencyPlan) -> PlanVersion | None:
    """The version that is written or reviewed and not in force yet."""
    return next((one for one in plan.versions if one.state in ON_ITS_WAY), None)


def may_write(actor: Actor, community_id: int | None) -> bool:
    """Whether the actor writes plans of this community (None: of all)."""
    if not actor.roles & rules.writers(community_id is None):
        return False
    return community_id is None or actor.sees_everything or community_id in actor.community_ids


def save(session: Session, actor: Actor, now: datetime, sent: Raw, plan: EmergencyPlan | None = None) -> PlanVersion:
    """Keep the draft of a plan, new or known. A version that was reviewed is a draft again; one in force stays, and the
    draft is its successor, which says why. `seen`: the hash of the version that the form showed. Raises Forbidden, Invalid, and
    Refused when somebody has changed the plan since."""
    community_id = plan.community_id if plan else _community(session, actor, sent)
    if not may_write(actor, community_id):
        raise Forbidden(_WRITERS if community_id is not None else _COMPANY)
    if plan is not None and plan.retired_at is not None:
        raise Refused(N_("This plan has been taken out of the library."))
    content = read_content(session, sent)
    reason = clean_text((sent.get("reason") or [""])[0], SHORT_LIMIT, lines=False)
    plan = plan or _new_plan(session, community_id, sent, now)
    _hold(session, plan)
    version = on_its_way(plan)
    shown, seen = version or in_force(plan), (sent.get("seen") or [""])[0]
    before = dict(shown.content) if shown is not None else None
    if shown is not None and seen and seen != shown.sha256:
        raise Refused(
            N_(
                "Somebody else has changed this plan meanwhile: what you wrote is still here."
                " Open the plan beside it, compare, and save again."
            )
        )
    number = version.number if version else _next_number(session, plan)
    if number > 1 and not reason:
        raise Invalid(N_("Say why the plan is changed."))
    version = version or PlanVersion(plan_id=plan.id, number=number)
    version.content, version.reason = content, reason
    made = _kept(session, version, plan, actor, now)
    if before is not None:
        _tell(session, actor, plan, before, content, now)
    return made


def draft_from(
    session: Session, actor: Actor, plan: EmergencyPlan, now: datetime, event: SpecialEvent | None, reason: str
) -> PlanVersion:
    """A new version that says as yet what the one in force says: the change is written into it. A special event is its cause.

    Raises Refused while another version is on its way."""
    if not may_write(actor, plan.community_id):
        raise Forbidden(_WRITERS if plan.community_id is not None else _COMPANY)
    _hold(session, plan)
    known = in_force(plan)
    if known is None or on_its_way(plan) is not None:
        raise Refused(N_("A version of this plan is on its way already: change that one."))
    version = PlanVersion(
        plan_id=plan.id,
        number=_next_number(session, plan),
        content=dict(known.content),
        sha256="",
        reason=clean_text(reason, SHORT_LIMIT * 40, lines=False)[:SHORT_LIMIT],
        event_id=event.id if event else None,
    )
    return _kept(session, version, plan, actor, now)


def copy(session: Session, actor: Actor, plan: EmergencyPlan, now: datetime) -> PlanVersion:
    """The community's own draft out of a plan that is for all: numbers and places are a community's own."""
    known = in_force(plan)
    if known is None or plan.community_id is not None:
        raise Refused(N_("Only a plan in force that is for all communities is taken over."))
    community_id = next(iter(sorted(actor.community_ids)), None)
    if community_id is None or not may_write(actor, community_id):
        raise Forbidden(_WRITERS)
    made = EmergencyPlan(community_id=community_id, kind=plan.kind, created_at=now)
    session.add(made)
    session.flush()
    version = PlanVersion(plan_id=made.id, number=1, content=dict(known.content), sha256="", reason="")
    return _kept(session, version, made, actor, now)


def take(
    session: Session, actor: Actor, version: PlanVersion, name: str, now: datetime, sha256: str | None = None
) -> None:
    """Review a version, give it back, put it in force, drop it. `sha256`: what the reader had before them.

    Raises NotFound for an unknown step, Forbidden, Refused.
    """
    if name not in rules.STEPS:
        raise NotFound(N_("There is no such step."))
    plan = version.plan
    _hold(session, plan)
    session.refresh(version, with_for_update={"of": PlanVersion})
    company = plan.community_id is None
    step = rules.decide(name, version.state, company, actor.roles)
    if not company and not actor.sees_everything and plan.community_id not in actor.community_ids:
        raise Forbidden(N_("Your role does not allow this step."))
    if sha256 is not None and sha256 != version.sha256:
        raise Refused(N_("The plan has changed since you opened it: please read it again."))
    if name == "review":
        version.reviewed_at, version.reviewed_by = now, actor.display_name[:80]
        version.reviewer_id = actor.user_id
    elif name == "return":
        _take_back(version)
    elif name == "force":
        _put_in_force(session, actor, version, now)
    version.state = step.target
    session.flush()


def retire(session: Session, actor: Actor, plan: EmergencyPlan, now: datetime) -> None:
    """Take a plan out of the library; what was opened with emergencies stays. The general plan for all is always there."""
    company = plan.community_id is None
    if not actor.roles & rules.STEPS["force"].company if company else not actor.roles & rules.STEPS["force"].roles:
        raise Forbidden(N_("Your role does not allow this step."))
    if company and plan.kind == PlanKind.GENERAL:
        raise Refused(N_("The general plan for all communities stays: it is shown where no other fits."))
    _hold(session, plan)
    plan.retired_at, plan.retired_by = now, actor.display_name[:80]
    current, coming = in_force(plan), on_its_way(plan)
    if coming is not None:
        coming.state = PlanState.DROPPED
    if current is not None:
        current.state, current.ended_at = PlanState.REPLACED, now
    session.flush()


def candidates(session: Session, community_id: int) -> list[rules.Candidate]:
    """The plans in force that may be opened with a matter of this community. One statement."""
    found = session.execute(
        select(PlanVersion.id, EmergencyPlan.kind, EmergencyPlan.community_id, PlanVersion.content)
        .join(EmergencyPlan, EmergencyPlan.id == PlanVersion.plan_id)
        .where(
            PlanVersion.state == PlanState.IN_FORCE,
            EmergencyPlan.retired_at.is_(None),
            or_(EmergencyPlan.community_id.is_(None), EmergencyPlan.community_id == community_id),
        )
    )
    return [rules.Candidate(row[0], row[1], row[2] is not None, row[3]) for row in found]


def categories(session: Session) -> Sequence[Category]:
    """The categories a plan may be for, in their order."""
    return session.scalars(select(Category).order_by(Category.position, Category.id)).all()


def writable_communities(session: Session, actor: Actor) -> Sequence[Community]:
    """The communities whose plans the actor writes."""
    return session.scalars(select(Community).where(rows(actor, Community)).order_by(Community.id)).all()


# ---- inside ----------------------------------------------------------------------------------------------------------
_WRITERS = N_("Emergency plans are written by the supervisor and the manager.")
_COMPANY = N_(
    "This plan is for all communities: the administrator or the quality department changes it. Take it over as your own."
)


def _hold(session: Session, plan: EmergencyPlan) -> None:
    """One at a time: two drafts, or a review and a change, are told apart by the plan's row."""
    session.flush()
    session.scalars(select(EmergencyPlan.id).where(EmergencyPlan.id == plan.id).with_for_update()).one()
    session.expire(plan, ["versions"])


def _new_plan(session: Session, community_id: int | None, sent: Raw, now: datetime) -> EmergencyPlan:
    kind = choice((sent.get("kind") or [""])[0], PlanKind)
    if kind is None:
        raise Invalid(N_("Say what kind of emergency the plan is for."))
    plan = EmergencyPlan(community_id=community_id, kind=kind, created_at=now)
    session.add(plan)
    session.flush()
    return plan


def _community(session: Session, actor: Actor, sent: Raw) -> int | None:
    """For which community; those who write for all may leave it open."""
    wanted = row_id((sent.get("community_id") or [""])[0])
    mine = select(Community.id).where(rows(actor, Community)).order_by(Community.id)
    if wanted is None:
        return None if actor.roles & rules.COMPANY_WRITERS else session.scalar(mine.limit(1))
    found = session.scalar(mine.where(Community.id == wanted))
    if found is None:
        raise Invalid(N_("There is no such community."))
    return found


def _next_number(session: Session, plan: EmergencyPlan) -> int:
    return (session.scalar(select(func.max(PlanVersion.number)).where(PlanVersion.plan_id == plan.id)) or 0) + 1


def _tell(
    session: Session,
    actor: Actor,
    plan: EmergencyPlan,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    now: datetime,
) -> None:
    """What a plan's draft says otherwise than what stood there, on the audit trail; telephone numbers without their digits."""
    names = ("name", "name_en", "words", "categories", "steps", "numbers", "things")
    was, says = ({name: _parts(side.get(name)) for name in names} for side in (before, after))
    what = (edit_changes.PLAN, plan.id, str(after["name"]))
    edit_changes.record(session, actor, *what, was, says, now, masked=("numbers",))


def _parts(value: Any) -> Any:
    """A list of a plan in its Chinese words, one after another."""
    if not isinstance(value, list):
        return value
    return [str(one) if not isinstance(one, dict) else f"{one['zh']} {one.get('number', '')}".strip() for one in value]


def _kept(session: Session, version: PlanVersion, plan: EmergencyPlan, actor: Actor, now: datetime) -> PlanVersion:
    """A draft as it was just written, among the plan's versions."""
    version.sha256 = fingerprint(plan.id, version.number, version.content)
    version.drafted_at, version.drafted_by = now, actor.display_name[:80]
    _take_back(version)
    session.add(version)
    session.flush()
    session.expire(plan, ["versions"])
    return version


def _take_back(version: PlanVersion) -> None:
    version.state = PlanState.DRAFT
    version.reviewed_at, version.reviewed_by, version.reviewer_id = None, "", None


def _put_in_force(session: Session, actor: Actor, version: PlanVersion, now: datetime) -> None:
    if actor.user_id is not None and actor.user_id == version.reviewer_id:
        raise Refused(N_("Whoever reviewed a plan does not put it in force, too."))
    if version.sha256 != fingerprint(version.plan_id, version.number, version.content):
        raise Refused(N_("What is kept is not what was reviewed: its hash does not match. Tell the administrator."))
    before = in_force(version.plan)
    if before is not None:
        before.state, before.ended_at = PlanState.REPLACED, now
        session.flush()
    version.forced_at, version.forced_by = now, actor.display_name[:80]

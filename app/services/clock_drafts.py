"""A change of the clock rules as a draft (D4): put together row by row, tried on past months, put in force with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import N_, Invalid, NotFound, Refused
from app.models import ClockDraft, ClockPolicy
from app.rules.clock_replay import Rule, RuleSet
from app.rules.codes import DraftState
from app.services import clock_rules, rule_changes
from app.services.actors import Actor
from app.services.clock_defaults import default_policies
from app.services.ticket_input import SHORT_LIMIT, clean_text

TITLE_LIMIT = 80
MOST_ROWS = 60

Values = Mapping[str, Any]


def make(session: Session, title: Any, actor: Actor, now: datetime) -> ClockDraft:
    """An empty draft. Raises Invalid without a title."""
    text = clean_text(title, TITLE_LIMIT, lines=False)
    if not text:
        raise Invalid(N_("Say in a few words what is to be changed."))
    draft = ClockDraft(title=text, rows=[], made_at=now, made_by=actor.display_name[:80], state=DraftState.OPEN)
    session.add(draft)
    session.flush()
    return draft


def put(session: Session, draft: ClockDraft, values: Values, policy_id: int | None, place: int | None) -> None:
    """Let the draft say this of a rule: of a kept one (`policy_id`), of the row at `place`, or as a new one.

    Raises Invalid for what no rule may say, Refused when the draft is decided or has a row for the rule already.
    """
    _still_open(draft)
    rows = list(draft.rows)
    if place is not None:
        old = _row(draft, place)
        rows[place] = {**old, "says": dict(values)}
    else:
        if any(row["id"] == policy_id for row in rows if policy_id is not None):
            raise Refused(N_("The draft changes this rule already: change that row."))
        rows.append({"id": policy_id, "was": _kept(session, policy_id), "says": dict(values)})
    if len(rows) > MOST_ROWS:
        raise Invalid(N_("A draft changes at most %(most)s rules."), most=MOST_ROWS)
    _check(session, rows)
    draft.rows = rows


def take_out(draft: ClockDraft, place: int) -> None:
    """Leave a rule as it is after all."""
    _still_open(draft)
    _row(draft, place)
    draft.rows = [row for at, row in enumerate(draft.rows) if at != place]


def drop(draft: ClockDraft, actor: Actor, now: datetime) -> None:
    """The draft is not pursued; it stays to be read."""
    _still_open(draft)
    draft.state, draft.decided_at, draft.decided_by = DraftState.DROPPED, now, actor.display_name[:80]


def put_in_force(session: Session, draft: ClockDraft, reason: Any, actor: Actor, now: datetime) -> None:
    """Make the rules say what the draft says, each on the audit trail with the reason. Clocks that run keep their time.

    Raises Invalid without a reason, Refused for an empty draft and when a rule has been changed since it was taken into it.
    """
    _still_open(draft)
    why = clean_text(reason, SHORT_LIMIT, lines=False)
    if not why:
        raise Invalid(N_("Say why the rules are changed: it stands on the audit trail."))
    if not draft.rows:
        raise Refused(N_("The draft changes nothing yet."))
    kept = _locked(session, [row["id"] for row in draft.rows if row["id"] is not None])
    for row in draft.rows:
        policy = kept.get(row["id"])
        if row["id"] is not None and (policy is None or clock_rules.values_of(policy) != row["was"]):
            raise Refused(
                N_("A rule was changed since it was taken into the draft: take its row out, and change the rule anew.")
            )
    # What goes out of use first: a new rule may take its place.
    for row in sorted(draft.rows, key=lambda one: one["says"]["active"]):
        _apply(session, kept.get(row["id"]), row["says"], actor, now, why)
    draft.state, draft.reason = DraftState.IN_FORCE, why
    draft.decided_at, draft.decided_by = now, actor.display_name[:80]


def rule_sets(session: Session, draft: ClockDraft) -> tuple[RuleSet, RuleSet]:
    """The rules in force, and as the draft would have them. Two statements."""
    rows = session.scalars(select(ClockPolicy).order_by(ClockPolicy.id)).all()
    defaults = default_policies(session)
    present = {row.id: Rule(**_plain(clock_rules.values_of(row)), id=row.id) for row in rows if row.active}
    changed: dict[int, Rule | None] = {}
    new: list[Rule] = []
    for row in draft.rows:
        rule = Rule(**_plain(row["says"]), id=row["id"]) if row["says"]["active"] else None
        if row["id"] is not None:
            changed[row["id"]] = rule
        elif rule is not None:
            new.append(rule)
    ids = [row.id for row in rows]
    then = [rule for key in ids if (rule := changed[key] if key in changed else present.get(key)) is not None]
    return RuleSet(list(present.values()), defaults), RuleSet([*then, *new], defaults)


def _plain(values: Values) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "active"}


def _still_open(draft: ClockDraft) -> None:
    if draft.state != DraftState.OPEN:
        raise Refused(N_("This draft has been decided: begin a new one."))


def _row(draft: ClockDraft, place: int) -> dict[str, Any]:
    if not 0 <= place < len(draft.rows):
        raise NotFound(N_("There is no such row in the draft."))
    return draft.rows[place]


def _kept(session: Session, policy_id: int | None) -> dict[str, Any] | None:
    if policy_id is None:
        return None
    policy = session.get(ClockPolicy, policy_id)
    if policy is None:
        raise NotFound(N_("There is no such rule."))
    return clock_rules.values_of(policy)


def _check(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Each row may be said, and no two rules of the result speak of the same."""
    kept = {policy.id: clock_rules.values_of(policy) for policy in session.scalars(select(ClockPolicy))}
    result = [values for key, values in kept.items() if key not in {row["id"] for row in rows}]
    for row in rows:
        clock_rules.check_words(session, row["says"])
        result.append(row["says"])
    clock_rules.check_twins(result)


def _locked(session: Session, ids: Sequence[int]) -> dict[int, ClockPolicy]:
    statement = select(ClockPolicy).where(ClockPolicy.id.in_(ids)).with_for_update()
    return {policy.id: policy for policy in session.scalars(statement.execution_options(populate_existing=True))}


def _apply(
    session: Session, policy: ClockPolicy | None, says: Values, actor: Actor, now: datetime, reason: str
) -> None:
    before = None if policy is None else rule_changes.values_of(policy)
    clock_rules.check(session, says, None if policy is None else policy.id)
    if policy is None:
        policy = ClockPolicy(source="")
        session.add(policy)
    for name, value in says.items():
        setattr(policy, name, value)
    session.flush()
    rule_changes.record(session, actor, policy, before, now, reason)

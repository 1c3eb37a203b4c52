"""A change of the clock rules, tried on a past month: told anew exactly, writing nothing; then put in force with a reason (D4)."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select, update
from sqlalchemy.orm import Session

from app.errors import Invalid, Refused
from app.models import AccessEntry, ClockDraft, ClockPolicy, Model, Ticket, WorkCalendar
from app.rules.classify import Finding
from app.rules.clock_replay import replay
from app.rules.figures import in_time
from app.services import clock_drafts
from app.services.actors import Actor
from app.services.calendars import read_book
from app.services.clock_drafts import rule_sets
from app.services.clock_histories import lives
from app.services.clock_rules import values_of
from app.services.clock_trial import Trial, try_draft
from app.services.clocks import sweep
from app.services.ticket_clocks import facts_of
from app.services.ticket_verbs import perform
from app.services.tickets import add_contact
from tests.support.databases import Databases
from tests.support.tickets import SmallEstate, unsaved_estate

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ADMIN = Actor(user_id=None, username="admin", display_name="管理员", roles=frozenset({"admin"}))


@pytest.fixture
def estate(session: Session, databases: Databases) -> Iterator[SmallEstate]:
    yield from unsaved_estate(session, databases)


def lived(session: Session, estate: SmallEstate, now: Any) -> list[Ticket]:
    """Tickets of every sort, some days on, each step as a person takes it; swept as the job does."""
    assistant, technician = estate.actor("assistant"), estate.actor("tech_a")
    at = now

    def step(ticket: Ticket, verb: str, minutes: int, actor: Actor = assistant, **data: Any) -> None:
        sweep(session, ticket.created_at + timedelta(minutes=minutes))
        session.expire_all()
        perform(session, ticket, verb, actor, ticket.created_at + timedelta(minutes=minutes), data)

    def opened(**given: Any) -> Ticket:
        nonlocal at
        at += DAY
        return estate.open(session, at, **given)

    plain = opened()
    for verb, minutes in (("contact", 12), ("dispatch", 15), ("start", 90), ("finish", 300)):
        step(plain, verb, minutes)
    waited = opened(priority="urgent")
    for verb, minutes in (("dispatch", 40), ("start", 100)):
        step(waited, verb, minutes)
    step(waited, "wait", 150, technician, reason="等配件", until="2026-05-01")
    step(waited, "resume", 900, technician)
    step(waited, "finish", 1000, technician)
    step(waited, "reopen", 1500)
    complaint = opened(kind="complaint", category_code="attitude_test")
    step(complaint, "find", 30, validity="assistance")
    step(complaint, "find", 60, validity="valid", grade="major", plan="更换班组")
    step(complaint, "contact", 130, promise_at=(complaint.created_at + 40 * HOUR).isoformat())
    step(complaint, "dispatch", 140)
    step(complaint, "start", 200)
    step(complaint, "finish", 3000)
    step(complaint, "reply", 3100, way="phone")
    step(complaint, "visit", 3200, estate.actor("supervisor"), score=2)
    transfer = opened(kind="consultation", channel="transfer", reporter_phone=None)
    for verb, minutes in (("dispatch", 5), ("start", 6), ("finish", 7)):
        step(transfer, verb, minutes)
    step(transfer, "close", 9, owed_reason="对方已结案")
    raised = opened(priority="low")
    step(raised, "dispatch", 30)
    words = Finding("water_test", "urgent")
    add_contact(session, raised, assistant, raised.created_at + HOUR, note="水漏得很大", found=words)
    step(raised, "start", 100)
    step(raised, "finish", 200)
    patrol = opened(channel="patrol")
    step(patrol, "cancel", 20, reason="误报")
    session.flush()
    return [plain, waited, complaint, transfer, raised, patrol]


def draft_of(
    session: Session, now: Any, *says: tuple[Callable[[ClockPolicy], bool] | None, dict[str, Any]]
) -> ClockDraft:
    """A draft that changes the one rule each test picks, or adds one."""
    draft = clock_drafts.make(session, "试算", ADMIN, now)
    for pick, changes in says:
        policy = None
        if pick is not None:
            (policy,) = [one for one in session.scalars(select(ClockPolicy)) if pick(one)]
        base = values_of(policy) if policy else {**dict.fromkeys(values_of(ClockPolicy())), "calendar": "always"}
        base = {**base, "warn_percent": base["warn_percent"] or 75, "active": base["active"] is not False}
        base["ends_same_day"] = bool(base["ends_same_day"])
        clock_drafts.put(session, draft, {**base, **changes}, policy.id if policy else None, None)
    return draft


def normal_work(policy: ClockPolicy) -> bool:
    return (policy.name, policy.priority, policy.starts_when) == ("done", "normal", "registered")


def test_told_anew_under_the_rules_in_force_every_clock_is_as_it_was_kept(session, estate, now):
    tickets = lived(session, estate, now)
    end = now + 30 * DAY
    swept = sweep(session, end)
    while swept.seen:
        swept = sweep(session, end, swept)
    session.expire_all()
    present, _draft = rule_sets(session, ClockDraft(rows=[]))
    book, told = read_book(session), list(lives(session, Ticket.community_id == estate.community.id))
    assert [one.id for one in told] == [ticket.id for ticket in tickets]
    for one, ticket in zip(told, tickets, strict=True):
        anew = [clock.facts for clock in replay(one.history, present, book, end)]
        assert anew == [facts_of(clock) for clock in ticket.clocks], ticket


def trial_of(session: Session, draft: ClockDraft, now: Any, actor: Actor = ADMIN) -> Trial:
    return try_draft(session, actor, draft, now, now + 30 * DAY, now + 30 * DAY)


def test_a_shorter_rule_says_which_would_have_been_missed(session, estate, now):
    lived(session, estate, now)
    draft = draft_of(session, now, (normal_work, {"minutes": 240}))
    trial = trial_of(session, draft, now)
    done = trial.line("done")
    # The plain repair took five hours; the others of normal urgency are promised, over within minutes or cancelled.
    assert (done.now.met, done.then.met) == (3, 2)
    assert done.then.breached == done.now.breached + 1
    assert (trial.tickets, trial.changed) == (6, 1)
    (change,) = trial.changes
    assert (change.name, change.now.state, change.then.state) == ("done", "met", "breached")
    assert change.then.due_at == change.ticket.created_at + 4 * HOUR
    assert trial.now.figures.requests_in_time == trial.then.figures.requests_in_time + 1
    assert trial.now.figures.requests_judged == trial.then.figures.requests_judged
    assert trial.ordered[0].name == "done", "what moves stands first"


def test_a_rule_that_starts_another_clock_judges_what_was_done_by_the_timeline(session, estate, now):
    lived(session, estate, now)
    new = {"name": "investigate", "starts_when": "registered", "kind": "repair", "priority": "normal", "minutes": 60}
    trial = trial_of(session, draft_of(session, now, (None, new)), now)
    line = trial.line("investigate")
    # Begun after 90 minutes: missed. The patrol's was cancelled after twenty.
    assert (line.now.breached, line.then.breached, line.then.cancelled) == (line.now.breached, line.now.breached + 1, 1)
    assert [(change.now, change.then.state) for change in trial.changes] == [(None, "breached")]


def test_a_rule_out_of_use_falls_to_the_default(session, estate, now):
    lived(session, estate, now)
    trial = trial_of(session, draft_of(session, now, (normal_work, {"active": False})), now)
    assert trial.changed == 0, "the default gives a day, as the rule did"


def test_a_calendar_moves_deadlines_too(session, estate, now):
    """The plain repair of Wednesday 10:30 has five desk hours: until 15:30, when it is done; of four it has none left."""
    days = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "08:30-12:00, 13:00-17:30")
    session.add(WorkCalendar(code="own-1", name="午休", **days))
    lived(session, estate, now)
    for minutes, changed in ((240, 0), (239, 1)):
        draft = draft_of(session, now, (normal_work, {"minutes": minutes, "calendar": "own-1"}))
        assert trial_of(session, draft, now).changed == changed


def test_the_rates_are_those_of_the_figures(session, estate, now):
    lived(session, estate, now)
    trial = trial_of(session, draft_of(session, now, (normal_work, {"minutes": 240})), now)
    present, changed = rule_sets(session, session.scalars(select(ClockDraft)).one())
    book, told = read_book(session), list(lives(session, Ticket.community_id == estate.community.id))
    for rules, judged in ((present, trial.now), (changed, trial.then)):
        states = [[clock.facts.state for clock in replay(one.history, rules, book, now + 30 * DAY)] for one in told]
        assert judged.figures == in_time(states)


def test_only_the_months_own_tickets_of_ones_own_communities_count(session, estate, now):
    lived(session, estate, now)
    draft = draft_of(session, now, (normal_work, {"minutes": 240}))
    stranger = Actor(None, "x", "x", roles=frozenset({"manager"}), staff_id=0, community_ids=frozenset({0}))
    assert trial_of(session, draft, now, stranger).tickets == 0
    assert trial_of(session, draft, now, estate.actor("manager")).tickets == 6
    assert try_draft(session, ADMIN, draft, now + 2 * DAY, now + 4 * DAY, now + 30 * DAY).tickets == 2
    assert try_draft(session, ADMIN, draft, now, now + 30 * DAY, now + 30 * DAY, estate.community.id + 1).tickets == 0


def test_it_writes_nothing_and_asks_as_much_of_many_as_of_few(session, estate, now):
    def books() -> dict[str, int]:
        return {name: session.scalar(select(func.count()).select_from(t)) for name, t in Model.metadata.tables.items()}

    lived(session, estate, now)
    draft = draft_of(session, now, (normal_work, {"minutes": 240}))
    session.flush()
    asked: list[str] = []
    connection = session.connection()
    event.listen(connection, "before_cursor_execute", lambda _c, _k, statement, *_rest: asked.append(statement))
    before, counted = books(), []
    for _ in range(2):
        asked.clear()
        trial_of(session, draft, now)
        counted.append(len(asked))
        assert all(statement.lstrip().upper().startswith("SELECT") for statement in asked)
        for _more in range(3):
            estate.open(session, now + 10 * DAY)
        session.flush()
    assert counted[0] == counted[1] <= 10
    after = books()
    assert {name for name in before if before[name] != after[name]} == {
        "ticket", "ticket_entry", "ticket_number", "clock", "clock_event",
    }  # fmt: skip


# ---- putting it in force ---------------------------------------------------------------------------------------------
def trail(session: Session) -> list[AccessEntry]:
    return list(session.scalars(select(AccessEntry).where(AccessEntry.subject_kind == "clock_policy")))


def test_in_force_the_rules_say_what_the_draft_said_and_the_trail_says_why(session, estate, now):
    new = {"name": "done", "starts_when": "registered", "category_code": "water_test", "minutes": 90}
    draft = draft_of(session, now, (normal_work, {"minutes": 300}), (None, new))
    running = estate.open(session, now)
    clock_drafts.put_in_force(session, draft, "电梯和给水要更快", ADMIN, now)
    assert draft.state == "in_force"
    changed, added = trail(session)
    assert (changed.action, changed.changes) == (
        "rule_changed", [["reason", None, "电梯和给水要更快"], ["minutes", 1440, 300]]
    )  # fmt: skip
    assert added.action == "rule_added"
    assert ["minutes", None, 90] in added.changes
    assert added.changes[0] == ["reason", None, "电梯和给水要更快"]
    due = {clock.name: clock.due_at - now for clock in estate.open(session, now).clocks}
    assert due["done"] == 90 * MINUTE
    assert {clock.name: clock.due_at - now for clock in running.clocks}["done"] == DAY, "what runs keeps its time"
    with pytest.raises(Refused, match="has been decided"):
        clock_drafts.put_in_force(session, draft, "再来一次", ADMIN, now)


def test_a_rule_may_take_the_place_of_one_that_goes_out_of_use(session, estate, now):
    twin = {"name": "done", "starts_when": "registered", "priority": "normal", "minutes": 60}
    draft = draft_of(session, now, (normal_work, {"active": False}), (None, twin))
    clock_drafts.put_in_force(session, draft, "换一条", ADMIN, now)
    rules = [one for one in session.scalars(select(ClockPolicy)) if normal_work(one)]
    assert sorted((one.active, one.minutes) for one in rules) == [(False, 1440), (True, 60)]


def test_what_cannot_be_put_in_force_changes_nothing(session, estate, now):
    draft = draft_of(session, now, (normal_work, {"minutes": 300}))
    with pytest.raises(Invalid, match="Say why"):
        clock_drafts.put_in_force(session, draft, "  ", ADMIN, now)
    with pytest.raises(Refused, match="changes nothing"):
        clock_drafts.put_in_force(session, clock_drafts.make(session, "空", ADMIN, now), "为什么", ADMIN, now)
    session.execute(update(ClockPolicy).where(ClockPolicy.name == "done").values(warn_percent=60))
    session.expire_all()
    with pytest.raises(Refused, match="changed since it was taken"):
        clock_drafts.put_in_force(session, draft, "为什么", ADMIN, now)
    assert trail(session) == []
    assert draft.state == "open"


def test_a_draft_says_only_what_rules_may_say(session, estate, now):
    draft = draft_of(session, now, (normal_work, {"minutes": 300}))
    good = dict(draft.rows[0]["says"])
    with pytest.raises(Invalid, match="end with the day"):
        clock_drafts.put(session, draft, {**good, "minutes": None}, None, 0)
    with pytest.raises(Refused, match="changes this rule already"):
        clock_drafts.put(session, draft, good, draft.rows[0]["id"], None)
    with pytest.raises(Refused, match="exactly this already"):
        clock_drafts.put(session, draft, {**good, "priority": "urgent"}, None, 0)
    assert draft.rows[0]["says"] == good
    clock_drafts.take_out(draft, 0)
    assert draft.rows == []
    clock_drafts.drop(draft, ADMIN, now)
    assert (draft.state, draft.decided_by) == ("dropped", "管理员")
    with pytest.raises(Refused, match="has been decided"):
        clock_drafts.put(session, draft, good, None, None)

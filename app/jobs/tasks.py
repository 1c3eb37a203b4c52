"""What the jobs do: each is handed `now`, owns its transactions, may run again at any time, and returns what it counted."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

from flask import current_app
from sqlalchemy import select

from app.adapters.carrier import carrier_for, carrier_of_account
from app.adapters.carrier.base import Capability
from app.adapters.outgoing import channels
from app.adapters.own_entry import own_entry
from app.models import Community, Survey
from app.services import (
    acceptance_clock,
    bank_taking,
    collection_week,
    outage_watch,
    outbound_dial,
    papers_due,
    survey_texts,
    text_pictures,
    visit_asks,
    visit_calls,
    watch,
)
from app.services import attachments as attachment_service
from app.services import billing as billing_service
from app.services import books as book_service
from app.services import clocks as clock_service
from app.services import filing as filing_service
from app.services import handovers as handover_service
from app.services import offers as offer_service
from app.services import outside as outside_service
from app.services import reminders as reminder_service
from app.services import return_visits as visit_service
from app.services import rotations as rotation_service
from app.services import surveys as survey_service
from app.services.actors import Actor
from app.services.call_recording import start_due, tell_unrecorded
from app.services.escalation_dial import tick
from app.services.journal import forget_done, replay_journal
from app.services.once import forget_old
from app.services.outbox_delivery import deliver_due
from app.services.policies import figure
from app.services.reconciler import reconcile_with
from app.services.recording_pause import pause_due
from app.services.recordings import delete_at_carrier, fetch_due
from app.services.report_jobs import build_due_drafts, remind
from app.services.retention import blank_recordings, forget_webhooks
from app.services.roster_watch import tell_of_troubles
from app.services.settled import close_one, settled_ids
from app.services.staff_notices import tell_visits_due
from app.services.synthetic_calls import call_if_due
from app.services.transaction import in_transaction, transaction
from app.services.waits import end_waits
from config import Settings

log = logging.getLogger(__name__)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


def outbox(now: datetime) -> Mapping[str, int]:
    """Send what is due, outside any transaction (G4)."""
    return deliver_due(transaction, channels(_settings()), now)


def ladder(now: datetime) -> Mapping[str, int]:
    """Move every emergency's ladder (D7)."""
    settings = _settings()
    return tick(transaction, carrier_for(settings, "outbound"), settings.public_base_url, now)


def clocks(now: datetime) -> Mapping[str, int]:
    """Warn, breach, tell of waits whose date has come and of the deadlines of outside bodies: a batch a transaction, until
    nothing is due (D3, D4, D5)."""
    swept = clock_service.Swept()
    while True:
        with transaction() as session:
            clock_service.sweep(session, now, swept)
        if not swept.seen:
            break
    waits = 0
    while True:
        with transaction() as session:
            ended = end_waits(session, now)
        if not ended:
            break
        waits += ended
    outside = outside_service.Swept()
    while True:
        with transaction() as session:
            outside_service.sweep(session, now, outside)
        if not outside.seen:
            break
    return {
        "warned": swept.warned + outside.warned,
        "breached": swept.breached + outside.late,
        "failed": len(swept.failed) + len(outside.failed),
        "waits": waits,
    }


def journal(now: datetime) -> Mapping[str, int]:
    """Replay the calls that were taken while the database was away, with their original times (G4)."""
    with transaction() as session:
        return replay_journal(session, now)


def reconcile(now: datetime) -> Mapping[str, int]:
    """Compare the carrier's list of calls with ours and make what is missing (G4)."""
    counts = reconcile_with(transaction, carrier_for(_settings()), now)
    with transaction() as session:
        watch.note_reconciled(session, counts, now)
    return counts


def watched(now: datetime) -> Mapping[str, int]:
    """Make the test call when it is due, and tell of what has fallen silent."""
    settings = _settings()
    counts = call_if_due(transaction, own_entry(settings), settings.public_base_url, now)
    with transaction() as session:
        told = len(watch.tell(session, now))
    return {**counts, "told": told}


def recordings(now: datetime) -> Mapping[str, int]:
    """Fetch the voice recordings that are ready (D6), delete at the carrier what is kept here whole, tell of calls that were
    not recorded."""
    settings = _settings()
    carrier, where = carrier_for(settings), settings.data_dir
    with transaction() as session:
        unrecorded = tell_unrecorded(session, now, can_record=Capability.RECORD_CALLS in carrier.capabilities)
    fetched = fetch_due(transaction, carrier, where, now)
    return {**fetched, **delete_at_carrier(transaction, carrier, where, now), "unrecorded": unrecorded}


def pictures(now: datetime) -> Mapping[str, int]:
    """Fetch the pictures of text messages (D3), and delete at the carrier what is on its ticket."""
    settings = _settings()
    carrier_of = partial(carrier_of_account, settings)
    fetched = text_pictures.fetch_due(transaction, carrier_of, settings.data_dir, now)
    return {**fetched, **text_pictures.delete_at_carrier(transaction, carrier_of, now)}


def retention(now: datetime) -> Mapping[str, int]:
    """Blank what has been kept as long as the rule says (I8), remove raw webhooks and the journal's files of that age."""
    blanked = blank_recordings(transaction, _settings().data_dir, now)
    webhooks = forget_webhooks(transaction, now)
    with transaction() as session:
        kept = timedelta(days=figure(session, "hotline.recording_days"))
    return {"blanked": blanked, "webhooks": webhooks, "journals": forget_done(now - kept)}


def call_recordings(now: datetime) -> Mapping[str, int]:
    """Begin to record the calls that have just come in, where the carrier can (D6)."""
    settings = _settings()
    return start_due(transaction, carrier_for(settings), settings.public_base_url, now)


def recording_pauses(now: datetime) -> Mapping[str, int]:
    """Pause the recordings of calls that key a PIN, let the others go on (D15)."""
    return pause_due(transaction, carrier_for(_settings()), now)


def close_settled(now: datetime) -> Mapping[str, int]:
    """Done → closed (I8), each ticket in a transaction of its own."""
    with transaction() as session:
        ids = settled_ids(session, now)
    closed = 0
    for ticket_id in ids:
        with transaction() as session:
            closed += close_one(session, ticket_id, now)
    return {"closed": closed}


def filing(now: datetime) -> Mapping[str, int]:
    """File what has been closed for long enough, a batch a transaction (D3)."""
    filed = 0
    while True:
        with transaction() as session:
            found = filing_service.file_due(session, now)
        if not found:
            return {"filed": filed}
        filed += found


def acceptances(now: datetime) -> Mapping[str, int]:
    """Remind whoever is to accept work, and pass on what nobody accepted in time, a batch a transaction (D3)."""
    warned = passed = 0
    while True:
        with transaction() as session:
            found = acceptance_clock.sweep(session, now)
        if not any(found):
            return {"warned": warned, "passed": passed}
        warned, passed = warned + found[0], passed + found[1]


def offers(now: datetime) -> Mapping[str, int]:
    """Tell the heads of departments of offers of work that nobody answers, a batch a transaction (D3)."""
    told = 0
    while True:
        with transaction() as session:
            found = offer_service.tell_unanswered(session, now)
        if not found:
            return {"told": told}
        told += found


def roster_gaps(now: datetime) -> Mapping[str, int]:
    """Fill in the coming shifts of the rotations, then tell the managers once of every gap and double booking (D7)."""
    with transaction() as session:
        filled = rotation_service.fill_all(session, now)
    with transaction() as session:
        return {**filled, **tell_of_troubles(session, now)}


def handover(now: datetime) -> Mapping[str, int]:
    """Write the handovers of the changes of shift, a community a transaction; tell of those nobody signed (D7)."""
    with transaction() as session:
        ids = list(session.scalars(select(Community.id).order_by(Community.id)))
    made = void = 0
    for community_id in ids:
        with transaction() as session:
            counts = handover_service.write_due(session, session.get_one(Community, community_id), now)
            made, void = made + counts["made"], void + counts["void"]
    with transaction() as session:
        return {"made": made, "void": void, "late": handover_service.tell_late(session, now)}


def records(now: datetime) -> Mapping[str, int]:
    """Lay ended shifts, signed handovers and closed complaints before the supervisor, a community a transaction (D5, D7)."""
    with transaction() as session:
        ids = list(session.scalars(select(Community.id).order_by(Community.id)))
    made = 0
    for community_id in ids:
        with transaction() as session:
            made += papers_due.prepare(session, session.get_one(Community, community_id), now)
    return {"made": made}


def outages(now: datetime) -> Mapping[str, int]:
    """Ask the desk and the managers after announced outages that should be over."""
    with transaction() as session:
        return outage_watch.ask_desk(session, now)


def return_visits(now: datetime) -> Mapping[str, int]:
    """Count unanswered questions as tries, plan the day's return visits by call, tell how many visits are due (D8)."""
    with transaction() as session:
        lapsed = visit_asks.lapse(session, now)
    with transaction() as session:
        visits = visit_service.due_list(session, now)
        told = tell_visits_due(session, visits, now)
        calls = visit_calls.plan_calls(session, now)
        return {"due": len(visits), "told": told, "calls": calls, "lapsed": lapsed}


def arrears(now: datetime) -> Mapping[str, int]:
    """Plan this month's fee reminders as far as their day has come, a community a transaction; the weekly figures (D10)."""
    with transaction() as session:
        ids = list(session.scalars(select(Community.id).order_by(Community.id)))
    counts: Counter[str] = Counter()
    for community_id in ids:
        with transaction() as session:
            counts += reminder_service.run(session, session.get_one(Community, community_id), now)
    with transaction() as session:
        return {**counts, "told": collection_week.tell_managers(session, now)}


def billing(now: datetime) -> Mapping[str, int]:
    """Go on with billing runs that are under way: a batch of houses a transaction (D10)."""
    with transaction() as session:
        ids = billing_service.running(session)
    batches = 0
    for run_id in ids:
        more = True
        while more:
            with transaction() as session:
                more = billing_service.step(session, run_id, Actor.system("billing"), now)
                batches += more
    return {"batches": batches}


def bank_files(now: datetime) -> Mapping[str, int]:
    """Go on with bank files that are being taken over: a batch of payments a transaction (D10). One that cannot go on holds up
    none behind it; what stopped it is raised after the last, so that the job counts as failed."""
    with transaction() as session:
        ids = bank_taking.under_way(session)
    batches, stopped = 0, None
    for file_id in ids:
        more = True
        while more:
            try:
                more = in_transaction(partial(bank_taking.step, file_id=file_id, now=now))
            except Exception as error:
                log.exception("bank file %s cannot go on", file_id)
                stopped, more = error, False
            batches += more
    if stopped is not None:
        raise stopped
    return {"batches": batches}


def books(now: datetime) -> Mapping[str, int]:
    """Reckon every balance of the books anew; what differs is told to the house's own channels (D10)."""
    with transaction() as session:
        return {"faults": book_service.tell(session, now)}


def surveys(now: datetime) -> Mapping[str, int]:
    """Close the surveys whose last day is over, each in a transaction of its own; remind who has not answered (D8)."""
    with transaction() as session:
        over = survey_service.due_ids(session, now)
    closed = 0
    for survey_id in over:
        with transaction() as session:
            closed += survey_service.close_due(session, survey_id, now)
    with transaction() as session:
        asking = survey_service.open_ids(session)
    reminded = 0
    for survey_id in asking:
        with transaction() as session:
            reminded += survey_texts.plan_reminders(session, session.get_one(Survey, survey_id), now)
    return {"closed": closed, "reminded": reminded}


def campaigns(now: datetime) -> Mapping[str, int]:
    """Call and text whom the campaigns have planned, within the carrier's rate (D7 … D13)."""
    settings = _settings()
    return outbound_dial.tick(transaction, carrier_for(settings, "outbound"), settings.public_base_url, now)


def report_draft(now: datetime) -> Mapping[str, int]:
    """The draft of the month before `now`, where there is none yet (D14)."""
    with transaction() as session:
        return {"drafts": len(build_due_drafts(session, now))}


def reminders(now: datetime) -> Mapping[str, int]:
    """Remind of reports that are not published yet (D14)."""
    with transaction() as session:
        return {"reminders": remind(session, now)}


def form_keys(now: datetime) -> Mapping[str, int]:
    """Drop the keys of forms that nobody can send again any more."""
    with transaction() as session:
        return {"forgotten": forget_old(session, now)}


def orphans(now: datetime) -> Mapping[str, int]:
    """Remove what a crash left of uploads: files that no row knows, older than a day."""
    with transaction() as session:
        return {"removed": attachment_service.sweep(session, _settings().data_dir, now)}

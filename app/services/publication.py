"""The way of a monthly report: draft → reviewed by the supervisor → signed by the manager → published, never changed (D14, D15).

Each step is its role's and is refused in any other state. A correction is a new version that says why (erratum); it
supersedes the published one, which stays readable. Rendering takes seconds, so an entry point renders first, outside any
transaction (`app.reports.publishing`), and hands the files to `publish`; without them `publish` renders by itself.
"""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.adapters.files import inside, write_whole
from app.adapters.report_renderer import ReportRenderer
from app.errors import N_, Forbidden, Invalid, Refused
from app.models import Community, Report
from app.rules.codes import ReportState, Role
from app.services.actors import Actor
from app.services.local_time import local_zone
from app.services.report_letters import send_to_owners
from app.services.reporting.dataset import build_dataset
from app.services.reporting.edition import PUBLISHED_STATES, Files, edition_of, fingerprint, render_files
from app.services.reporting.period import month_of
from app.services.reporting.privacy import Households, find_personal, known_households
from app.services.reporting.signing import sign_files
from app.services.reporting.texts import BLOCKS, LONGEST_TEXT, prewritten
from app.services.reporting.words import LOCALES

_DRAFTERS = (Role.MANAGER, Role.DEPUTY, Role.SUPERVISOR, Role.ASSISTANT)
_OPEN = (ReportState.DRAFT, ReportState.REVIEWED, ReportState.SIGNED)
Rows = dict[str, Any]


def build_draft(
    session: Session,
    community: Community,
    month: str,
    actor: Actor,
    now: datetime,
    erratum: bool = False,
    reason: str | None = None,
) -> Report:
    """The month's draft from the records as they are now; an unpublished one is made anew and loses review and signature.

    `erratum` starts a new version of a published month, `reason` says why. Raises Invalid for a month that is none or is
    not over, Refused for a month without records or a published one without `erratum`.
    """
    _allow(actor, community.id, *_DRAFTERS)
    zone = local_zone()
    _expect_over(month, zone, now)
    newest = _newest(session, community, month)
    published = newest is not None and newest.state in PUBLISHED_STATES
    if published and not erratum:
        raise Refused(
            N_("The report of %(month)s is published and cannot change; an erratum makes a new version."), month=month
        )
    dataset = build_dataset(session, community, month, now, zone)
    if not any(code in dataset["sections"] for code in ("requests", "hotline", "fees")):
        raise Refused(N_("There are no records of %(month)s to report on."), month=month)
    if newest is None or published:
        report = Report(community_id=community.id, community=community, month=month)
        report.version = newest.version + 1 if newest else 1
        session.add(report)
    else:
        report = newest
    report.state, report.drafted_at = ReportState.DRAFT, now
    report.dataset, report.texts = dataset, prewritten(dataset)
    report.reviewed_at = report.reviewed_by = report.signed_at = report.signed_by = None
    if report.version > 1:
        known = known_households(session, community.id)
        given = _checked_text(known, reason or "", confirmed=False)[:255]
        report.erratum_reason = given or report.erratum_reason or N_("Figures corrected after publication.")
    session.flush()
    return report


def _expect_over(month: str, zone: ZoneInfo, now: datetime) -> None:
    ends_at = month_of(month, zone).ends_at
    if now < ends_at:
        raise Invalid(
            N_("%(month)s is not over yet: its report can be made from %(day)s on."),
            month=month,
            day=ends_at.astimezone(zone).date().isoformat(),
        )


def _newest(session: Session, community: Community, month: str) -> Report | None:
    """The month's newest version, held until the transaction ends."""
    versions = select(Report).where(Report.community_id == community.id, Report.month == month)
    return session.scalars(versions.order_by(Report.version.desc()).limit(1).with_for_update()).first()


def edit_texts(
    session: Session, report: Report, actor: Actor, now: datetime, texts: dict[str, dict[str, str]],
    confirmed: bool = False,
) -> None:  # fmt: skip
    """Replace text blocks (`{block: {"zh": …, "en": …}}`) of a draft. A reviewed report becomes a draft again.

    Raises Refused when a text names a household (Invalid words never enter; words that only may be a name enter when
    `confirmed`), Invalid for an unknown block or an over-long text.
    """
    known = known_households(session, report.community_id)
    _lock(session, report)
    _allow(actor, report.community_id, Role.SUPERVISOR, Role.MANAGER)
    if report.state not in (ReportState.DRAFT, ReportState.REVIEWED):
        raise Refused(N_("A signed or published report cannot be edited."))
    merged = {block: dict(report.texts.get(block, {})) for block in BLOCKS}
    for block, words in texts.items():
        for locale, text in words.items():
            if block not in BLOCKS or locale not in LOCALES:
                raise Invalid(N_("There is no text block called %(block)s."), block=block[:40])
            merged[block][locale] = _checked_text(known, text, confirmed)
    report.texts = merged
    report.state = ReportState.DRAFT
    report.reviewed_at = report.reviewed_by = None
    session.flush()


def _checked_text(known: Households, text: str, confirmed: bool) -> str:
    kept = "\n".join(line.strip() for line in text.replace("\r\n", "\n").split("\n")).strip()
    if len(kept) > LONGEST_TEXT:
        raise Invalid(N_("A text may have at most %(limit)s characters."), limit=LONGEST_TEXT)
    if any(not char.isprintable() and char != "\n" for char in kept):
        raise Invalid(N_("A text holds characters that cannot be printed."))
    found = find_personal(known, kept)
    if found.certain:
        raise Refused(
            N_("A report never names a household. Please take out: %(words)s"), words="、".join(found.certain)
        )
    if found.maybe and not confirmed:
        raise Refused(
            N_("These words contain the name of somebody living here: %(words)s. Confirm that nobody is meant."),
            words="、".join(found.maybe),
        )
    return kept


def review(session: Session, report: Report, actor: Actor, now: datetime) -> None:
    """The supervisor has read it (D14, D15)."""
    _lock(session, report)
    _allow(actor, report.community_id, Role.SUPERVISOR)
    _expect(report, ReportState.DRAFT, N_("Only a draft can be reviewed."))
    report.state, report.reviewed_at, report.reviewed_by = ReportState.REVIEWED, now, actor.display_name
    session.flush()


def sign(session: Session, report: Report, actor: Actor, now: datetime) -> None:
    """The manager puts their name under it (D14, D15)."""
    _lock(session, report)
    _allow(actor, report.community_id, Role.MANAGER)
    _expect(report, ReportState.REVIEWED, N_("A report is signed after the supervisor has reviewed it."))
    report.state, report.signed_at, report.signed_by = ReportState.SIGNED, now, actor.display_name
    session.flush()


def publish(
    session: Session,
    report: Report,
    actor: Actor,
    now: datetime,
    files: Files | None = None,
    renderer: ReportRenderer | None = None,
    notify: bool = True,
) -> None:
    """Make it final: sign and store both files, their hashes and the link to the community's previous file, tell every owner
    once.

    `files` are those rendered from `publication_edition(…, now)` beforehand, signed or not. Raises Refused without a signature, or when
    something that the files were made from has changed since; RenderingFailed and KeyUnfit leave everything as it was.
    """
    _lock(session, report)
    check_publish(session, report, actor)
    edition = publication_edition(session, report, now)
    if files is None:
        files = render_files(edition, renderer)
    if files.fingerprint != fingerprint(edition):
        raise Refused(N_("The report changed while it was being made. Please publish again."))
    if not files.is_signed:
        files = sign_files(files, now)
    _supersede(session, report)
    _store(report, files)
    report.previous_sha256 = edition["previous"]["sha256"] if edition["previous"] else None
    report.state, report.published_at, report.published_by = ReportState.PUBLISHED, now, actor.display_name
    session.flush()
    if notify:
        send_to_owners(session, report, now)


def check_publish(session: Session, report: Report, actor: Actor) -> None:
    """Raises Forbidden or Refused where publishing would: asked before seconds are spent on rendering."""
    _allow(actor, report.community_id, Role.MANAGER)
    _expect(report, ReportState.SIGNED, N_("A report is published after the manager has signed it."))


def publication_edition(session: Session, report: Report, now: datetime) -> Rows:
    """The edition that publishing at `now` would print."""
    return edition_of(session, report, current_app.extensions["settings"].public_base_url, local_zone(), now)


def preview_edition(session: Session, report: Report) -> Rows:
    """The edition of a draft, marked as one; of a published report the published one."""
    base_url = current_app.extensions["settings"].public_base_url
    return edition_of(session, report, base_url, local_zone(), report.published_at)


def _supersede(session: Session, report: Report) -> None:
    """The month's version that was the latest until now stays readable as an earlier one."""
    same_month = (Report.community_id == report.community_id, Report.month == report.month)
    session.execute(
        update(Report).where(*same_month, Report.state == ReportState.PUBLISHED).values(state=ReportState.SUPERSEDED)
    )


def _store(report: Report, files: Files) -> None:
    chinese, english = files.by_locale["zh"], files.by_locale["en"]
    folder = f"reports/{report.community.code}/{report.month}"
    report.file_path = f"{folder}/{report.community.code}-{report.month}-v{report.version}.pdf"
    report.file_path_en = f"{folder}/{report.community.code}-{report.month}-v{report.version}-en.pdf"
    write_whole(inside(_data_dir(), report.file_path), chinese.content)
    write_whole(inside(_data_dir(), report.file_path_en), english.content)
    report.sha256 = hashlib.sha256(chinese.content).hexdigest()
    report.sha256_en = hashlib.sha256(english.content).hexdigest()
    report.size_bytes = len(chinese.content)
    report.template_version, report.font_hash = chinese.template_version, chinese.font_hash


def _data_dir() -> Path:
    folder: Path = current_app.extensions["settings"].data_dir
    return folder


def _allow(actor: Actor, community_id: int, *roles: Role) -> None:
    if actor.is_system:
        return
    if not actor.has(*roles) or community_id not in actor.community_ids:
        raise Forbidden(N_("Your role does not allow this step."))


def _expect(report: Report, state: ReportState, message: str) -> None:
    if report.state != state:
        raise Refused(message)


def _lock(session: Session, report: Report) -> None:
    """Read the report anew and hold it, so that two clicks are one step."""
    session.refresh(report, with_for_update={"of": Report})


def open_reports(session: Session) -> list[Report]:
    """Reports that are on their way but not published, oldest month first."""
    return list(session.scalars(select(Report).where(Report.state.in_(_OPEN)).order_by(Report.month, Report.id)))

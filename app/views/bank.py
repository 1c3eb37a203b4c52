"""`/bank/…`: a bank's file of incoming money, looked at line by line before it is booked (D10). Finance books, the manager reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from flask import abort, flash, make_response, redirect, request
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models import BankFile, BankLine, House
from app.models.base import BIGGEST_ID
from app.rules.bank_sheet import REQUIRED, TITLES
from app.rules.codes import BankFileState, BankLineState
from app.rules.digits import is_number
from app.services import bank_files, bank_lines, bank_taking, payments
from app.services.bank_template import template
from app.services.transaction import transaction
from app.views.arrears import chosen, communities
from app.views.bank_words import field_words, twin_words
from app.views.base import BasePage, expose, has_access, permission_name, sentence
from app.views.base.arguments import number_in
from app.views.base.replay import claimed
from app.views.import_page import XLSX
from app.views.payments import FOUND as MOST_HOUSES
from app.views.payments import houses_named
from app.views.permitted import may
from app.views.sheet_answer import note_taken

MOST_PROBLEMS = 200
_BYTES = "application/octet-stream"


class BankPage(BasePage):
    """Upload, name the columns, look, decide on what is unclear, book. Rows: the files of one's communities."""

    route_base = "/bank"
    default_view = "overview"

    @expose("/")
    @has_access
    @permission_name("view")
    def overview(self) -> Any:
        """The files so far, and the form to upload one."""
        return self._overview()

    @expose("/template.xlsx")
    @has_access
    @permission_name("book")
    def template(self) -> Response:
        """The sheet to fill in."""
        answer = make_response(template())
        answer.mimetype = XLSX
        answer.headers["Content-Disposition"] = 'attachment; filename="linli-payments.xlsx"'
        return answer

    @expose("/", methods=["POST"])
    @has_access
    @permission_name("book")
    def upload(self) -> Any:
        """Keep the file; where its columns are known it is read at once."""
        actor, at = self.actor(), now()
        community = chosen(communities(actor))
        if community is None:
            abort(404)
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            return self._overview(gettext("Choose a file first."), 400)
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                file = bank_files.upload(
                    session, session.merge(community, load=False), sent.stream, sent.filename, actor, at
                )
                address = form.led_to(f"/bank/{file.id}")
        except bank_files.BankSheetRefused as error:
            return self._overview(sentence(error), 422, error.problems)
        except LinliError as error:
            return self._overview(sentence(error), error.status)
        return redirect(address)

    @expose("/<int:pk>")
    @has_access
    @permission_name("view")
    def file(self, pk: int) -> Any:
        """A file: its columns to be named, or its lines with what each will do."""
        return self._file(pk)

    @expose("/<int:pk>/columns", methods=["POST"])
    @has_access
    @permission_name("book")
    def name_columns(self, pk: int) -> Any:
        """Name the columns, for this file and every later one with the same titles; then read it."""
        actor, at, sent = self.actor(), now(), request.form.to_dict()
        try:
            with transaction() as session:
                bank_files.remember(session, self._own(session, pk, locked=True), sent, actor, at)
            with transaction() as session:
                bank_files.read_again(session, self._own(session, pk, locked=True), at)
        except bank_files.BankSheetRefused as error:
            return self._file(pk, sent, sentence(error), 422, error.problems)
        except LinliError as error:
            return self._file(pk, sent, sentence(error), error.status)
        return redirect(f"/bank/{pk}")

    @expose("/<int:pk>/match", methods=["POST"])
    @has_access
    @permission_name("book")
    def match(self, pk: int) -> Any:
        """Look anew whose money each line is."""
        return self._step(pk, bank_files.match_again, gettext("The lines are matched again."))

    @expose("/<int:pk>/drop", methods=["POST"])
    @has_access
    @permission_name("book")
    def drop(self, pk: int) -> Any:
        """Put a file away that was not booked."""
        return self._step(pk, bank_files.drop, gettext("The file is dropped. Nothing of it was booked."), "/bank/")

    @expose("/<int:pk>/take", methods=["POST"])
    @has_access
    @permission_name("book")
    def take(self, pk: int) -> Any:
        """Book it: the first lines at once, the rest by the job."""
        actor, at = self.actor(), now()
        try:
            with transaction() as session:
                bank_taking.start(session, self._own(session, pk, locked=True), request.form.get("seen", ""), actor, at)
            with transaction() as session:
                more = bank_taking.step(session, pk, at)
        except LinliError as error:
            return self._file(pk, {}, sentence(error), error.status)
        said = (
            gettext("The file is being booked: look at its progress below.") if more else gettext("The file is booked.")
        )
        flash(said, "success")
        return redirect(f"/bank/{pk}")

    @expose("/<int:pk>/original")
    @has_access
    @permission_name("book")
    def original(self, pk: int) -> Response:
        """The file as it was uploaded; that it left the system is kept."""
        session = db.session()
        file = self._own(session, pk)
        content, name = bank_files.content_of(session, file), file.name
        note_taken(self.actor(), name, "bank_file", file.id)
        answer = make_response(content)
        answer.mimetype = _BYTES
        answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
        answer.headers["Cache-Control"] = "private, no-store"
        return answer

    @expose("/<int:pk>/line/<int:number>")
    @has_access
    @permission_name("book")
    def line(self, pk: int, number: int) -> Any:
        """A line: find the house it is for, choose who paid, or set it aside."""
        return self._line(pk, number)

    @expose("/<int:pk>/line/<int:number>", methods=["POST"])
    @has_access
    @permission_name("book")
    def decide(self, pk: int, number: int) -> Any:
        """Say whose money it is (`house`, `payer_id`), or leave it out (`do` is `aside`, `note` says why)."""
        actor, at, sent = self.actor(), now(), request.form.to_dict()
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                file = self._own(session, pk, locked=True)
                line = self._own_line(session, file, number)
                if sent.get("do") == "aside":
                    bank_lines.set_aside(session, file, line, sent, actor)
                else:
                    bank_lines.assign(session, file, line, sent, self._house(session, sent.get("house")), actor)
                address = form.led_to(f"/bank/{pk}?state=unclear#lines")
        except LinliError as error:
            return self._line(pk, number, sent, sentence(error), error.status)
        flash(gettext("Row %(number)s is decided.", number=number), "success")
        return redirect(address)

    # ---- what is shown
    def _overview(self, error: str = "", status: int = 200, problems: Any = ()) -> Any:
        actor, session = self.actor(), db.session()
        known = communities(actor)
        community = chosen(known)
        page = self.render_template(
            "bank/overview.html",
            communities=known,
            community=community,
            files=bank_files.newest(session, actor, community.id) if community else [],
            formats=bank_files.formats(session, actor, community.id) if community else [],
            may_book=may("can_book", "BankPage"),
            error=error,
            **self._problems(problems),
        )
        return page, status

    def _file(
        self, pk: int, values: dict[str, str] | None = None, error: str = "", status: int = 200, problems: Any = ()
    ) -> Any:
        session = db.session()
        file = self._own(session, pk)
        common = {"file": file, "error": error, "values": values or {}, "may_book": may("can_book", "BankPage")}
        if file.state == BankFileState.COLUMNS:
            shown = {"columns": bank_files.columns_of(session, file), "needed": REQUIRED, "fields": tuple(TITLES)}
            return self.render_template("bank/columns.html", **common, **shown, **self._problems(problems)), status
        found = bank_lines.overview(session, file)
        state = request.args.get("state", "")
        state = state if state in tuple(BankLineState) else ""
        count = found.count(state) if state else sum(one for one, _yuan in found.states.values())
        last = max(0, (count - 1) // bank_lines.PAGE)
        page = number_in(request.args.get("page"), 0, 0, last)
        shown_lines = bank_lines.lines(session, file, state, page)
        answer = self.render_template(
            "bank/file.html",
            **common,
            found=found,
            lines=shown_lines,
            twins={one.line.id: twin_words(one.line.twin) for one in shown_lines if one.line.twin},
            states=tuple(BankLineState),
            state=state,
            page=page,
            last=last,
        )
        return answer, status

    def _line(
        self, pk: int, number: int, values: dict[str, str] | None = None, error: str = "", status: int = 200
    ) -> Any:
        session, actor = db.session(), self.actor()
        file = self._own(session, pk)
        line = self._own_line(session, file, number)
        words = request.args.get("q", "").strip()[:40]
        asked = (values or {}).get("house") or request.args.get("house", "")
        house = self._house(session, asked) if asked else session.get(House, line.house_id) if line.house_id else None
        page = self.render_template(
            "bank/line.html",
            file=file,
            line=line,
            words=words,
            houses=houses_named(session, actor, file.community_id, words) if words else [],
            most=MOST_HOUSES,
            house=house,
            candidates=bank_lines.candidates(session, line, house.id if house else None),
            values=values or {},
            error=error,
        )
        return page, status

    def _problems(self, problems: Any) -> dict[str, Any]:
        return {
            "problems": [(one, sentence(LinliError(one.msgid, **one.params))) for one in problems[:MOST_PROBLEMS]],
            "hidden": max(len(problems) - MOST_PROBLEMS, 0),
            "words": field_words(),
        }

    # ---- writing
    def _step(self, pk: int, step: Callable[[Session, BankFile], None], done: str, to: str = "") -> Any:
        actor, at = self.actor(), now()
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                step(session, self._own(session, pk, locked=True))
                address = form.led_to(to or f"/bank/{pk}")
        except LinliError as error:
            return self._file(pk, {}, sentence(error), error.status)
        flash(done, "success")
        return redirect(address)

    def _own(self, session: Session, pk: int, *, locked: bool = False) -> BankFile:
        found = bank_files.own(session, self.actor(), min(pk, BIGGEST_ID), locked=locked)
        if found is None or found.state == BankFileState.DROPPED:
            abort(404)
        return found

    def _own_line(self, session: Session, file: BankFile, number: int) -> BankLine:
        found = bank_lines.own(session, file, self.actor(), min(number, BIGGEST_ID))
        if found is None:
            abort(404)
        return found

    def _house(self, session: Session, given: Any) -> House:
        key = int(given) if is_number(str(given)) else 0
        found = payments.own_house(session, self.actor(), key)
        if found is None:
            abort(404)
        return found
